"""The hosted invoice page, receipts and 3D Secure over sample worlds: what is drawn, refused, escaped and translated."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal_ui import csrf, links, routes
from portal_ui.pages.challenge import with_query
from tests.pages.conftest import Portal, Reply
from tests.pages.fake_engine import XSS, FakeEngine
from tests.pages.fake_objects import ACCOUNT, NOW
from tests.pages.test_locales import ENGLISH

PAYMENT, SETUP = "/3d_secure/pi_3Fake_secret_fake", "/3d_secure/seti_1Fake_secret_fake"


def at(name: str) -> str:
    return f"/i/{ACCOUNT}/test_{name}"


async def send(portal: Portal, url: str, **fields: str) -> Reply:
    """Send the form of the page at ``url`` with what it holds and ``fields``."""
    page = await portal.raw(url)
    held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.html))
    action = re.search(r'<form[^>]*action="([^"]+)"', page.html)
    assert action is not None
    async with portal.client.post(
        action[1].replace("&amp;", "&"), data={**held, **fields}, allow_redirects=False
    ) as answer:
        return Reply(answer.status, answer.headers, await answer.text())


async def test_a_paid_invoice(portal: Portal) -> None:
    page = await portal.raw(at("busy"))
    assert page.status == 200
    for words in (
        "Invoice from Northwind", "$9,975.00", "Paid on July 26, 2024", "Invoice number NWIND-0007", "Payment date July 26, 2024",
        "Payment method Visa •••• 4242", "Purchase order PO-2024-118", "View invoice and payment details", "Bill to Ada Rivera",
        "Qty 5 · $20.00 each", "Unused time on Starter after 25 Jul 2024 -$15.00", "Setup and training $50.00",
        "Subtotal $12,480.67", "Summer (20% off) -$2,496.13", "Discount -$746.66", "Total excluding tax $9,237.88",
        "Sales tax (8.25% on $9,237.88) $762.12", "VAT (19%, included) $1.00", "Total $10,000.00", "Applied balance -$25.00",
        "Amount due $9,975.00", "Amount paid $9,975.00", "Amount remaining $0.00", "billing@northwind.example", "DE123456789",
    ):  # fmt: skip
        assert words in page.text, words
    assert 'method="post"' not in page.html
    assert page.has("invoice-status-badge-positive")
    assert f'href="/receipts/invoices/{ACCOUNT}/test_busy"' in page.html


@pytest.mark.parametrize(
    "name, words, payable",
    [
        ("open", "Due on August 15, 2024", True),
        ("overdue", "Was due on July 31, 2024", True),
        ("failed", "Due now", True),
        ("writtenoff", "Uncollectible", True),
        ("nomethod", "No payment method has been saved to pay this invoice with.", False),
        ("processing", "Your payment is being processed.", False),
        ("void", "This invoice was canceled. There is nothing to pay.", False),
        ("paid", "Paid on July 26, 2024", False),
        ("nameless", "Invoice $20.00", False),
    ],
)
async def test_the_state_says_whether_it_can_be_paid(portal: Portal, name: str, words: str, payable: bool) -> None:
    page = await portal.raw(at(name))
    assert words in page.text
    assert ("Pay $20.00" in page.text) is payable
    assert page.has("hosted-invoice-submit-button") is payable


async def test_paying_ends_in_a_redirect_and_happens_once(portal: Portal) -> None:
    url = f"{at('open')}?s=il&locale=en"
    done = await send(portal, url, payment_method="pm_visa4242")
    assert done.status == 303
    assert done.headers["Location"] == f"{at('open')}?s=il&locale=en&done=paid"
    page = await portal.raw(done.headers["Location"])
    assert "Payment received. Thank you." in page.text
    assert "Amount paid $20.00" in page.text
    again = await portal.client.post(
        at("open"),
        data={csrf.FIELD: csrf.code(Portal.secret, "invoice test_open"), "payment_method": "pm_visa4242"},
        allow_redirects=False,
    )
    assert (again.status, again.headers["Location"]) == (303, f"{at('open')}?done=paid")
    assert portal.engine.hall.acts == ["pay"], "sent twice, paid once"


async def test_a_decline_is_told_in_place(portal: Portal) -> None:
    page = await send(portal, at("open"), payment_method="pm_mastercard4444")
    assert page.status == 402
    assert 'role="alert">Your card was declined.<' in page.html
    assert re.search(r'value="pm_mastercard4444" required checked', page.html), "the choice is kept"
    german = await send(portal, f"{at('open')}?locale=de", payment_method="pm_mastercard4444")
    assert "Ihre Karte wurde abgelehnt." in german.text


@pytest.mark.parametrize("chosen", ["pm_of_someone_else", ""])
async def test_only_own_methods_pay(portal: Portal, chosen: str) -> None:
    page = await send(portal, at("open"), payment_method=chosen)
    assert page.status == 400
    assert "Choose a payment method." in page.text
    assert portal.engine.hall.acts == []


@pytest.mark.parametrize("url", [at("open"), PAYMENT])
@pytest.mark.parametrize("code", [None, "", csrf.code(Portal.secret, "test_open")])
async def test_forged_forms_do_nothing(portal: Portal, url: str, code: str | None) -> None:
    fields = {"payment_method": "pm_visa4242", "outcome": "succeed", "target": ""}
    data = fields if code is None else {**fields, csrf.FIELD: code}
    async with portal.client.post(url, data=data) as answer:
        assert answer.status == 403
        assert "This form is out of date" in await answer.text()
    assert portal.engine.hall.acts == []


@pytest.mark.parametrize(
    "url, status",
    [
        (at("nobody"), 404), ("/i/acct_other/test_paid", 404), (at("paid").replace("test_", "live_"), 404), (at("expired"), 410),
        (at("crash"), 500), ("/i/x", 404), (f"/receipts/invoices/{ACCOUNT}/test_nobody", 404), ("/receipts/payment/ch_no", 404),
        ("/receipts/else", 404), ("/3d_secure/pi_no", 404), ("/3d_secure/pi_3Fake_secret_fakf", 404), (at("paid"), 200), (PAYMENT, 200),
        (f"/receipts/invoices/{ACCOUNT}/test_paid", 200), ("/receipts/payment/ch_3Fake", 200),
    ],
)  # fmt: skip
async def test_headers_and_refusals(portal: Portal, url: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    page = await portal.raw(url)
    assert page.status == status
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "secret detail" not in page.html
    assert "test_crash" not in caplog.text


async def test_an_expired_link_names_the_merchant(portal: Portal) -> None:
    page = await portal.raw(at("expired"))
    assert "This invoice link has expired" in page.text
    assert 'href="mailto:billing@northwind.example"' in page.html
    assert "Northwind" in page.text


async def test_names_are_text(portal: Portal) -> None:
    for url in (at("xss"), f"/receipts/invoices/{ACCOUNT}/test_xss", f"{at('xss')}?locale=<script>&done=<script>"):
        page = await portal.raw(url)
        assert page.status == 200
        assert len(re.findall(r"<script\b", page.html)) == 1
        assert "<img" not in page.html
        assert "javascript:" not in page.html
        assert XSS in page.text


async def test_receipts(portal: Portal) -> None:
    page = await portal.raw("/receipts/payment/ch_3Fake")
    for words in ("Receipt from Northwind", "$42.00", "Receipt number 2024-1187", "A workshop", "Refunded $12.00"):
        assert words in page.text, words
    page = await portal.raw(f"/receipts/invoices/{ACCOUNT}/test_busy")
    assert "Sales tax (8.25% on $9,237.88) $762.12" in page.text
    back = re.search(r'class="back" href="([^"]+)"', page.html)
    assert back is not None
    assert (await portal.raw(back[1].replace("&amp;", "&"))).status == 200


async def test_documents_are_offered_when_there_are_any() -> None:
    app = web.Application()
    routes.setup(app, engine=FakeEngine(), secret=Portal.secret, documents=True)
    async with TestClient(TestServer(app)) as client:
        portal = Portal(client, FakeEngine())
        page = await portal.raw(at("paid"))
        assert "Download invoice" in page.text
        assert page.has("download-invoice-receipt-pdf-button")
        assert not (await portal.raw(at("open"))).has("download-invoice-receipt-pdf-button")


async def test_no_dead_links_without_documents(portal: Portal) -> None:
    assert "Download" not in (await portal.raw(at("paid"))).text


@pytest.mark.parametrize("language", ["de", "ja"])
async def test_no_english_is_left(portal: Portal, language: str) -> None:
    foreign = {
        "Thank you for staying with us.",
        "Please quote the invoice number.",
        "The invoice number",
        "Setup and training",
    }
    paths = [
        at(name) for name in ("paid", "busy", "open", "overdue", "nomethod", "processing", "void", "nobody", "expired")
    ]
    paths += [
        PAYMENT,
        SETUP,
        f"/receipts/invoices/{ACCOUNT}/test_paid",
        "/receipts/payment/ch_3Fake",
        f"{at('failed')}?failed=1",
    ]
    for path in paths:
        async with portal.client.get(path, headers={"Accept-Language": language}) as answer:
            page = Reply(answer.status, answer.headers, await answer.text())
        assert f'<html lang="{language}">' in page.html
        text = page.text
        for words in (*foreign, "billing@northwind.example", "Subscription update", "Stripe Billing"):
            text = text.replace(words, "")
        assert ENGLISH.findall(text) == [], (path, text)


async def test_amounts_and_days_of_other_countries(portal: Portal) -> None:
    german = (await portal.raw(at("german"))).text.replace("\xa0", " ")
    assert "Bezahlt am 26. Juli 2024" in german
    assert "1.234,56 €" in german
    japanese = (await portal.raw(at("yen"))).text
    assert "￥6,000 を支払う" in japanese


# -- 3D Secure --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome, status", [("succeed", "succeeded"), ("fail", "failed"), ("", "failed")])
async def test_the_answer_leads_back_to_the_merchant(portal: Portal, outcome: str, status: str) -> None:
    page = await portal.raw(PAYMENT)
    for words in ("Confirm your payment", "$20.00", "Merchant Northwind", "Visa •••• 4242", "Complete", "Fail"):
        assert words in page.text, words
    assert 'id="test-source-authorize-3ds"' in page.html
    assert 'id="test-source-fail-3ds"' in page.html
    assert "form-action 'self' https: http:;" in page.headers["Content-Security-Policy"]
    led = await send(portal, PAYMENT, outcome=outcome)
    assert led.status == 303
    assert led.headers["Location"] == (
        "https://shop.example/back?order=7&payment_intent=pi_3Fake&payment_intent_client_secret=pi_3Fake_secret_fake"
        f"&redirect_status={status}"
    )


async def test_an_answer_counts_once(portal: Portal) -> None:
    page = await portal.raw(PAYMENT)
    held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.html))
    for outcome in ("succeed", "fail"):
        async with portal.client.post(PAYMENT, data={**held, "outcome": outcome}, allow_redirects=False) as answer:
            assert answer.headers["Location"].endswith("redirect_status=succeeded")
    assert portal.engine.hall.acts == ["succeed"]
    assert "Authentication complete" in (await portal.raw(PAYMENT)).text


async def test_a_setup_without_an_address_ends_here(portal: Portal) -> None:
    page = await portal.raw(SETUP)
    assert "$" not in page.text
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    done = await send(portal, SETUP, outcome="succeed")
    assert done.status == 200
    assert "Authentication complete" in done.text


async def test_the_address_cannot_be_chosen_by_others(portal: Portal) -> None:
    page = await portal.raw(f"{SETUP}?back=https://evil.example/")
    assert "evil" not in page.html
    assert "evil" not in (await portal.raw(f"{SETUP}?back=//evil.example/i/a/b")).html
    own = await portal.raw(f"{SETUP}/challenge?back=/i/acct_1/test_x%3Fs=il")
    assert 'value="/i/acct_1/test_x?s=il"' in own.html
    assert (await send(portal, SETUP, outcome="succeed", target="https://evil.example/")).status == 403
    assert portal.engine.hall.acts == []


@pytest.mark.parametrize(
    "url, made",
    [
        ("https://a.example", "https://a.example?x=1"), ("https://a.example/?q=a%20b#top", "https://a.example/?q=a+b&x=1#top"),
        ("https://a.example/?x=9&y=", "https://a.example/?y=&x=1"), ("myapp://back", "myapp://back?x=1"), ("/i/a/b?s=il", "/i/a/b?s=il&x=1"),
    ],
)  # fmt: skip
def test_query(url: str, made: str) -> None:
    assert with_query(url, x="1") == made


# -- links ------------------------------------------------------------------------------------------------------------


def test_links_of_the_list_say_when_they_were_shown() -> None:
    url = links.invoice(b"secret", "https://x.example/i/acct_1/test_abc?s=ap", NOW, "en-US")
    assert url is not None
    assert url.startswith("https://x.example/i/acct_1/test_abc?s=il&locale=en-US&t=")
    query = {"t": url.rpartition("=")[2]}
    assert links.shown_at(b"secret", "test_abc", query) == NOW
    assert links.shown_at(b"secret", "test_other", query) is None
    assert links.shown_at(b"another", "test_abc", query) is None
    for forged in (
        "",
        "x",
        f"{NOW}",
        f"{NOW}.",
        "²." + query["t"].partition(".")[2],
        f"{NOW + 1}.{query['t'].partition('.')[2]}",
        "é.é",
    ):
        assert links.shown_at(b"secret", "test_abc", {"t": forged}) is None
    assert links.invoice(b"secret", None, NOW, "en") is None
