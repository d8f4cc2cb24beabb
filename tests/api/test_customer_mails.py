"""Mails to customers about what happens to their money: only what the account's settings switch on, in their language and its brand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from portal_ui import mails
from tests.api.test_brands import uploaded
from tests.api.test_pictures import png

if TYPE_CHECKING:
    from tests.support.client import Api

MAIL, SETTINGS = "/_emulator/mail", "/_emulator/settings"
ALL = {"failed_payments": True, "refunds": True, "trial_ending": True, "upcoming_renewals": True}
START = 1_790_000_000  # 2026-09-21
MONTH = "31d"


async def box(api: Api) -> list[Any]:
    """Return the world's mails, oldest first."""
    found: list[Any] = (await api.ok("GET", MAIL))["data"]
    return found[::-1]


async def subscribed(api: Api, card: str = "pm_card_visa", *, locale: str = "de", **more: Any) -> Any:
    """Return a subscription of a customer who reads ``locale``."""
    await api.freeze(START)
    price = await api.ok("POST", "/v1/prices", {
        "currency": "eur", "unit_amount": 1234, "recurring": {"interval": "month"}, "product_data": {"name": "Team"},
    })  # fmt: skip
    buyer = {
        "name": "Ada", "email": "ada@example.com", "preferred_locales": [locale], "payment_method": card,
        "invoice_settings": {"default_payment_method": card},
    }  # fmt: skip
    customer = await api.ok("POST", "/v1/customers", buyer)
    wish = {"customer": customer["id"], "items": [{"price": price["id"]}], **more}
    return await api.ok("POST", "/v1/subscriptions", wish)


async def reached(api: Api, url: str) -> int:
    parts = urlsplit(url)
    async with api.client.get(f"{parts.path}?{parts.query}") as answer:
        return answer.status


async def test_nothing_is_mailed_before_it_is_switched_on(api: Api) -> None:
    made = await subscribed(api)
    charge = (await api.ok("GET", "/v1/charges"))["data"][0]
    await api.ok("POST", "/v1/refunds", {"charge": charge["id"]})
    await api.advance(MONTH)
    assert made["status"] == "active"
    assert await box(api) == []


async def test_a_receipt(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"email_receipts": True})
    await subscribed(api)
    (mail,) = await box(api)
    assert (mail["about"], mail["to"], mail["at"]) == ("receipt", "ada@example.com", START)
    assert mail["subject"] == "Beleg von Acme"
    invoice = (await api.ok("GET", "/v1/invoices"))["data"][0]
    for told in ("12,34\xa0€", "21. September 2026", invoice["number"], invoice["receipt_number"], "Visa •••• 4242"):
        assert told in mail["text"], told
        assert told in mail["html"], told
    assert [await reached(api, url) for url in mail["links"]] == [200, 200]
    assert mail["links"][1].endswith("?s=em")
    await api.advance(MONTH)
    assert [one["about"] for one in await box(api)] == ["receipt", "receipt"]


async def test_a_payment_without_an_invoice_goes_to_the_address_it_names(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"email_receipts": True})
    back = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    intent = {"amount": 500, "currency": "jpy", "payment_method": "pm_card_visa", "confirm": True, **back}
    await api.ok("POST", "/v1/payment_intents", intent)
    assert await box(api) == [], "nobody to mail to"
    await api.ok("POST", "/v1/payment_intents", {**intent, "receipt_email": "bob@example.com"})
    (mail,) = await box(api)
    assert (mail["to"], mail["subject"]) == ("bob@example.com", "Receipt from Acme")
    assert "¥500 paid on" in mail["text"]
    held = await api.ok("POST", "/v1/payment_intents", {
        **intent, "receipt_email": "eve@example.com", "capture_method": "manual",
    })  # fmt: skip
    assert len(await box(api)) == 1, "money that is only held back is not paid"
    await api.ok("POST", f"/v1/payment_intents/{held['id']}/capture", {"amount_to_capture": 300})
    assert "¥300 paid on" in (await box(api))[-1]["text"]


async def test_a_refund_says_what_was_given_back_this_time(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"emails": {"refunds": True}})
    await subscribed(api, locale="en")
    charge = (await api.ok("GET", "/v1/charges"))["data"][0]
    for amount in (234, 1000):
        await api.ok("POST", "/v1/refunds", {"charge": charge["id"], "amount": amount})
    assert [mail["subject"] for mail in await box(api)] == [
        "Acme: €2.34 refunded on September 21, 2026",
        "Acme: €10.00 refunded on September 21, 2026",
    ]


async def test_a_renewal_that_cannot_be_paid(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"emails": {"failed_payments": True}})
    made = await subscribed(api, locale="en")
    worse = await api.ok(
        "POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": made["customer"]}
    )
    await api.ok("POST", f"/v1/customers/{made['customer']}", {
        "invoice_settings": {"default_payment_method": worse["id"]},
    })  # fmt: skip
    await api.advance(MONTH)
    (mail,) = await box(api)
    assert (mail["about"], mail["subject"]) == ("payment_failed", "Acme: Your payment of €12.34 failed")
    invoice = (await api.ok("GET", "/v1/invoices"))["data"][0]
    assert invoice["next_payment_attempt"] is not None
    for told in ("Your card was declined.", "We will try again on October", invoice["number"]):
        assert told in mail["text"], told
    assert await reached(api, mail["links"][0]) == 200
    await api.advance("4d")
    assert len(await box(api)) == 2, "each attempt is told"


async def test_trials_and_renewals_are_announced(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"emails": ALL, "upcoming_invoice_days": 7})
    await subscribed(api, locale="fr", trial_period_days=14)
    await api.advance("12d")
    found = await box(api)
    assert [mail["about"] for mail in found] == ["upcoming_renewal", "trial_ending"]
    for mail in found:
        assert "5 octobre 2026" in mail["subject"]
        assert mail["links"] == [], "customers cannot log in anywhere"
    assert "12,34\xa0€" in found[0]["text"]


async def test_the_way_in_is_told_where_there_is_one(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"emails": ALL})
    shown = (await api.ok("GET", "/v1/billing_portal/configurations", {"is_default": True}))["data"]
    login = await api.ok(
        "POST", f"/v1/billing_portal/configurations/{shown[0]['id']}", {"login_page": {"enabled": True}}
    )
    await subscribed(api, trial_period_days=14)
    await api.advance("12d")
    (mail,) = await box(api)
    assert mail["links"] == [login["login_page"]["url"]]
    assert await reached(api, mail["links"][0]) == 200


async def test_a_mail_wears_the_brand_of_its_day(api: Api) -> None:
    await api.ok("POST", SETTINGS, {"email_receipts": True})
    logo = await uploaded(api, "business_logo", png(4, 4))
    account = (await api.ok("GET", "/v1/account"))["id"]
    look = {"logo": logo["id"], "primary_color": "#112233", "secondary_color": "#ffee00"}
    named = {"business_profile": {"name": "A <b>& Co"}, "settings": {"branding": look}}
    await api.ok("POST", f"/v1/accounts/{account}", named)
    await subscribed(api, locale="en")
    await api.ok("POST", f"/v1/accounts/{account}", {"settings": {"branding": {"primary_color": "#445566"}}})
    (mail,) = await box(api)
    assert "background:#112233;color:#ffffff" in mail["html"]
    assert "background:#ffee00;color:#1a1f36" in mail["html"], "dark words on a light button"
    assert f'/portal-files/{logo["id"]}" alt="A &lt;b&gt;&amp; Co"' in mail["html"]
    async with api.client.get(f"/portal-files/{logo['id']}") as answer:
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin", "readers of mail are other hosts"
    assert "<b>" not in mail["html"]
    assert mail["subject"] == "Receipt from A <b>& Co"


async def test_switches_are_true_or_false(api: Api) -> None:
    for wrong in ({"refunds": "yes"}, {"newsletter": True}):
        assert (await api.post(SETTINGS, {"emails": wrong}, key=None)).status in {400, 401}
    assert (await api.ok("GET", SETTINGS))["emails"] == {}


def test_mails_of_older_worlds_are_still_read() -> None:
    facts = {"business": None, "code": "123456", "minutes": 1}
    told = mails.written({"about": "login_code", "locales": [], "facts": facts})
    assert told["code"] == "123456"
    assert told["html"].count("123456") == 2  # in the title, too


@pytest.mark.parametrize("about", sorted(mails.LETTERS))
def test_every_mail_of_the_box_has_words(about: str) -> None:
    card = {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2030}}
    facts = {
        "amount": 100, "business": "Acme", "code": "1", "currency": "usd", "day": START, "error": {}, "invoice": "A-1",
        "invoice_url": None, "method": card, "minutes": 2, "next": None, "number": "A-1", "receipt": None, "url": None,
    }  # fmt: skip
    if about == "invoice_link":
        facts["url"] = "https://a.example"
    told = mails.written({"about": about, "locales": ["ja"], "facts": facts})
    assert told["subject"]
    assert told["text"].endswith("\n")
    assert 'lang="ja"' in told["html"]
