"""The hosted invoice page over the real engine: paying, links after their time; and what the portal tells of discounts."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any

import pytest

from tests.support.client import Api
from tests.support.invoices import billed, now, switch_on
from tests.support.reader import Visitor, asking

DAY = 86_400
VISA = {"payment_method": "new", "number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "country": "US"}
SUBMIT = "hosted-invoice-submit-button"
PAID = "Payment received. Thank you."


@pytest.fixture
def visitor(api: Api) -> Visitor:
    return Visitor(api)


async def saved(api: Api, invoice: Any) -> list[str]:
    found = (await api.ok("GET", f"/v1/customers/{invoice['customer']}/payment_methods"))["data"]
    return [one["type"] for one in found]


async def test_an_invoice_is_paid_with_a_new_card(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api)
    words = await visitor.see(invoice["hosted_invoice_url"])
    assert ("Card number" in words, "Pay $30.00" in words) == (True, True)
    assert "frame-src 'self'" in visitor.headers["Content-Security-Policy"]
    before = await api.events()
    action, held = visitor.form(SUBMIT)
    after = await visitor.ask("POST", action, **{**held, **VISA})
    assert "done=paid" in after
    assert await visitor.ask("POST", action, **{**held, **VISA}) == after, "sent twice"
    assert PAID in await visitor.see(after)
    assert sorted((await api.events())[len(before) :]) == sorted(
        ["charge.succeeded", "payment_method.attached", "payment_intent.succeeded", "invoice.paid",
         "invoice.payment_succeeded", "invoice_payment.paid"]
    )  # fmt: skip
    assert (await now(api, invoice))["status"] == "paid"
    assert await saved(api, invoice) == ["card"], "details entered here are saved to the customer"
    customer = await api.ok("GET", f"/v1/customers/{invoice['customer']}")
    assert customer["invoice_settings"]["default_payment_method"] is None, "saved, and no more than that"


async def test_a_form_sent_twice_at_once_pays_once(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api)
    await visitor.see(invoice["hosted_invoice_url"])
    action, held = visitor.form(SUBMIT)
    other = Visitor(api)
    ends = await asyncio.gather(*(one.ask("POST", action, **{**held, **VISA}) for one in (visitor, other)))
    assert ["done=paid" in end for end in ends] == [True, True]
    assert len((await api.ok("GET", "/v1/charges"))["data"]) == 1


async def test_saved_methods_stand_beside_another_one(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api, "pm_card_visa", "pm_card_mastercard")
    await visitor.see(invoice["hosted_invoice_url"])
    choices = re.findall(r'<input type="radio" name="payment_method" value="(\w+)"', visitor.html)
    assert (len(choices), choices[-1]) == (3, "new")
    assert visitor.form(SUBMIT)[1]["payment_method"] == choices[0], "the first one is chosen"
    assert await visitor.send(SUBMIT, payment_method="pm_of_someone_else") == ""
    assert (visitor.status, visitor.alerts()) == (400, ["Choose a payment method."])
    assert "done=paid" in await visitor.send(SUBMIT, payment_method=choices[1])
    assert (await now(api, invoice))["status"] == "paid"


@pytest.mark.parametrize(
    ("number", "said", "status"),
    [
        ("4000000000000002", "Your card was declined.", 402),
        ("4000000000000341", "Your card was declined.", 402),
        ("4000000000009995", "Your card has insufficient funds.", 402),
        ("4000000000000127", "Your card's security code is incorrect.", 402),
        ("4242424242424241", "Your card number is incorrect.", 402),
        ("4242", "Your card number is incomplete.", 400),
        ("<script>alert(1)</script>", "Your card number is invalid.", 400),
    ],
)
async def test_a_decline_is_told_in_place(api: Api, visitor: Visitor, number: str, said: str, status: int) -> None:
    invoice = await billed(api, "pm_card_visa")
    await visitor.see(invoice["hosted_invoice_url"])
    assert await visitor.send(SUBMIT, **{**VISA, "number": number}) == ""
    assert (visitor.status, visitor.alerts()) == (status, [said])
    held = visitor.form(SUBMIT)[1]
    assert (held["payment_method"], held["number"]) == ("new", number), "the choice and what was typed stay"
    assert "<script>alert" not in visitor.html
    assert (await now(api, invoice))["status"] == "open"
    assert "done=paid" in await visitor.send(SUBMIT, **VISA)
    assert len(await saved(api, invoice)) == 2


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
async def test_3d_secure_on_the_way(api: Api, visitor: Visitor, outcome: str) -> None:
    invoice = await billed(api)
    await visitor.see(invoice["hosted_invoice_url"])
    away = await visitor.send(SUBMIT, **{**VISA, "number": "4000 0025 0000 3155"})
    assert away.startswith("/3d_secure/pi_")
    await visitor.see(asking(away))
    back = await visitor.send("test-source-authorize-3ds", outcome=outcome)
    words = await visitor.see(back)
    if outcome == "succeed":
        assert PAID in words
        assert await saved(api, invoice) == ["card"]
    else:
        assert "We are unable to authenticate your payment method." in visitor.alerts()[0]
        assert await saved(api, invoice) == []
        assert "done=paid" in await visitor.send(SUBMIT, **VISA)
    assert (await now(api, invoice))["status"] == "paid"


async def test_what_an_invoice_takes(api: Api, visitor: Visitor) -> None:
    await switch_on(api, "sepa_debit", "us_bank_account", country="DE", currency="eur")
    invoice = await billed(api, currency="eur")
    await visitor.see(invoice["hosted_invoice_url"])
    shown = [unescape(url) for url in re.findall(r'<a href="(/i/[^"]+type=\w+)"', visitor.html)]
    assert [url.rpartition("=")[2] for url in shown][:2] == ["card", "sepa_debit"]
    only = await billed(api, currency="eur", payment_settings={"payment_method_types": ["card"]})
    words = await visitor.see(only["hosted_invoice_url"])
    assert "SEPA" not in words
    assert await visitor.send(SUBMIT, payment_method="new", type="sepa_debit") == ""
    assert visitor.status == 409
    assert (await now(api, only))["status"] == "open"
    words = await visitor.see(shown[1] + "&test=0")
    assert "authorize Acme to instruct your bank" in words
    assert "done=paid" in await visitor.send(SUBMIT)
    await visitor.see(invoice["hosted_invoice_url"])
    if (await now(api, invoice))["status"] == "open":
        assert "Your payment is being processed." in visitor.words()
        assert SUBMIT not in visitor.html, "it is not paid twice"
        await api.advance("1h")
    assert (await now(api, invoice))["status"] == "paid"


async def test_a_bank_account_is_proven_first(api: Api, visitor: Visitor) -> None:
    await switch_on(api, "us_bank_account")
    invoice = await billed(api)
    here = invoice["hosted_invoice_url"].partition("?")[0]
    await visitor.see(f"{here}?type=us_bank_account&test=0")
    away = await visitor.send(SUBMIT)
    assert away.startswith("/microdeposit/pi_")
    assert "Your bank account has to be verified first." in await visitor.see(here)
    assert "Verify bank account" in await visitor.see(away)
    await visitor.send("descriptor_code", descriptor_code="SM00XX")
    assert (visitor.status, visitor.alerts()) == (400, ["This is not the code that was sent to your account."])
    back = await visitor.send("descriptor_code", descriptor_code="SM11AA")
    assert back.startswith("/i/acct_")
    assert "Your payment is being processed." in await visitor.see(back)
    await api.advance("10d")
    assert (await now(api, invoice))["status"] == "paid"


@pytest.mark.parametrize("status", ["past_due", "paused"])
async def test_paying_brings_a_subscription_back(api: Api, visitor: Visitor, status: str) -> None:
    customer = await api.ok("POST", "/v1/customers", {"payment_method": "pm_card_visa", "email": "ada@example.com"})
    recurring = {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
    plan = await api.ok("POST", "/v1/prices", {**recurring, "product_data": {"name": "Team"}})
    [card] = (await api.ok("GET", f"/v1/customers/{customer['id']}/payment_methods"))["data"]
    more: dict[str, Any] = {"default_payment_method": card["id"]}
    if status == "paused":
        more = {"trial_period_days": 3, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
        await api.ok("POST", f"/v1/payment_methods/{card['id']}/detach")
    made = await api.ok(
        "POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": plan["id"]}], **more}
    )
    if status == "past_due":
        broken = await api.ok(
            "POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer["id"]}
        )
        await api.ok("POST", f"/v1/subscriptions/{made['id']}", {"default_payment_method": broken["id"]})
        await api.advance("32d")
    else:
        await api.advance("4d")
        await api.ok(
            "POST", f"/v1/subscriptions/{made['id']}/resume", {"payment_behavior": "resume_on_payment_attempt"}
        )
    found = await api.ok("GET", f"/v1/subscriptions/{made['id']}")
    assert found["status"] == status
    invoice = await api.ok("GET", f"/v1/invoices/{found['latest_invoice']}")
    assert invoice["status"] == "open"
    await visitor.see(invoice["hosted_invoice_url"])
    assert "done=paid" in await visitor.send(SUBMIT, **{**VISA, "expiry": "12 / 60"})
    assert (await api.ok("GET", f"/v1/subscriptions/{made['id']}"))["status"] == "active"


@pytest.mark.parametrize("code", ["", "wrong"])
async def test_forms_without_the_pages_code_do_nothing(api: Api, visitor: Visitor, code: str) -> None:
    invoice = await billed(api, collection_method="send_invoice", days_until_due=1)
    here = invoice["hosted_invoice_url"].partition("?")[0]
    before = await api.events()
    for url in (here, f"{here}/link", "/microdeposit/pi_x_secret_y"):
        await visitor.ask("POST", url, csrf_token=code, target="", email="ada@example.com", type="card", **VISA)
        assert visitor.status == 403
    assert await api.events() == before


async def test_only_the_empty_page_may_be_framed(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api)
    await visitor.ask("GET", invoice["hosted_invoice_url"].partition("?")[0] + "/card")
    assert (visitor.headers["X-Frame-Options"], '<body class="card-page">' in visitor.html) == ("SAMEORIGIN", True)


# ---- a link after its time


async def test_a_mailed_invoice_gets_a_new_link(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api, collection_method="send_invoice", days_until_due=5)
    here = invoice["hosted_invoice_url"].partition("?")[0]
    await api.advance(f"{40 * DAY}s")
    words = await visitor.see(here)
    assert (visitor.status, "This invoice link has expired" in words) == (410, True)
    assert "$30.00" not in words
    assert await visitor.send("email", email="ada <script>") == ""
    assert (visitor.status, visitor.alerts()) == (400, ["Enter an email address, for example name@example.com."])
    for address in ("somebody@example.com", "ADA@example.com", "ada@example.com"):
        sent = await visitor.send("email", email=address)
        assert "a new link is on its way" in await visitor.see(sent), "nobody learns whose invoice this is"
    [mail] = (await api.ok("GET", "/_emulator/mail"))["data"]
    assert (mail["to"], mail["about"], len(mail["links"])) == ("ada@example.com", "invoice_link", 1)
    assert "$30.00" in mail["text"]
    assert "Pay $30.00" in await visitor.see(mail["links"][0])
    assert "s=em" in mail["links"][0]
    assert "done=paid" in await visitor.send(SUBMIT, **VISA)
    await api.advance(f"{11 * DAY}s")
    await visitor.ask("GET", mail["links"][0])
    assert visitor.status == 410, "a new link works for ten days"


async def test_an_invoice_that_was_not_mailed_has_no_new_link(api: Api, visitor: Visitor) -> None:
    invoice = await billed(api)
    here = invoice["hosted_invoice_url"].partition("?")[0]
    await visitor.see(here)
    await api.advance(f"{40 * DAY}s")
    await visitor.see(here)
    assert (visitor.status, "This invoice link has expired" in visitor.words()) == (410, True)
    assert '<form class="narrow"' not in visitor.html
    token = here.rpartition("/")[2]
    from portal_ui import csrf
    from portal_ui.server import PAGES

    secret = api.client.server.app[PAGES].secret  # type: ignore[attr-defined]
    code = csrf.code(secret, f"invoice link {token}")
    await visitor.ask("POST", f"{here}/link", csrf_token=code, email="ada@example.com")
    assert visitor.status == 410
    assert (await api.ok("GET", "/_emulator/mail"))["data"] == []


# ---- the portal tells of a running discount


@pytest.mark.parametrize(
    ("coupon", "owner", "said"),
    [
        ({"percent_off": 25, "duration": "repeating", "duration_in_months": 3, "name": "Summer"}, "subscription",
         r"Summer: 25% off until \w+ \d+, \d{4}"),
        ({"amount_off": 500, "currency": "usd", "duration": "forever"}, "subscription", r"\$5\.00 off(?! until)"),
        ({"percent_off": 10, "duration": "forever", "name": "<b>Old friend</b>"}, "customer", r"<b>Old friend</b>: 10% off"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("skin", ["b", "c"])
async def test_a_running_discount_stands_beside_the_price(
    api: Api, visitor: Visitor, skin: str, coupon: dict[str, Any], owner: str, said: str
) -> None:
    await api.ok("POST", "/_emulator/settings", {"portal_skin": skin})
    made = await api.ok("POST", "/v1/coupons", coupon)
    customer = await api.ok(
        "POST", "/v1/customers", {"payment_method": "pm_card_visa", "email": "ada@example.com",
                                  "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )  # fmt: skip
    if owner == "customer":
        await api.ok(
            "POST", f"/v1/customers/{customer['id']}", {"coupon": made["id"]}, headers={"Stripe-Version": "2024-06-20"}
        )
    recurring = {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
    plan = await api.ok("POST", "/v1/prices", {**recurring, "product_data": {"name": "Team"}})
    more = {"discounts": [{"coupon": made["id"]}]} if owner == "subscription" else {}
    sub = await api.ok(
        "POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": plan["id"]}], **more}
    )
    link = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": customer["id"]})
    words = await visitor.see(link["url"])
    assert re.search(r"\$20\.00 per month " + said, words), words[:300]
    assert "<b>Old" not in visitor.html
    if skin == "c":
        assert re.search(said, await visitor.see(f"{link['url']}/subscriptions/{sub['id']}"))
    if "until" in said:
        await api.advance("100d")
        link = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": customer["id"]})
        assert "25% off" not in await visitor.see(link["url"]), "it is over"
