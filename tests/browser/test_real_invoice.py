"""Paying an invoice in a real browser over the real engine: decline, 3D Secure, receipt, and what the API says then."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.merchant import Merchant

OPEN = "View invoice and payment details"


def billed(merchant: Merchant, *methods: str) -> tuple[dict[str, Any], str]:
    """Return an open invoice of $30 for a customer who has saved these methods, and the customer's id."""
    customer = merchant.post("/v1/customers", name="Ada Rivera", email="ada@example.com")["id"]
    for method in methods:
        merchant.post(f"/v1/payment_methods/{method}/attach", customer=customer)
    draft = merchant.post("/v1/invoices", customer=customer, auto_advance="false")["id"]
    merchant.post(
        "/v1/invoiceitems", customer=customer, invoice=draft, amount=3000, currency="usd", description="Workshop"
    )
    return merchant.post(f"/v1/invoices/{draft}/finalize"), customer


def test_decline_then_pay_then_receipt(merchant: Merchant, page: Page) -> None:
    invoice, _ = billed(merchant, "pm_card_visa", "pm_card_chargeCustomerFail")
    page.goto(merchant.at(invoice["hosted_invoice_url"]))
    expect(page.get_by_text("$30.00").first).to_be_visible()
    assert page.get_by_role("radio").count() == 3, "two are saved, and there is another one"
    page.get_by_label(re.compile("Visa •••• 0341")).check()
    page.get_by_role("button", name="Pay $30.00").click()
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    after = merchant.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["attempt_count"]) == ("open", 1)
    page.get_by_label(re.compile("Visa •••• 4242")).check()
    page.get_by_role("button", name="Pay $30.00").click()
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    assert merchant.get(f"/v1/invoices/{invoice['id']}")["status"] == "paid"
    page.get_by_text(OPEN).click()
    expect(page.get_by_text("Workshop")).to_be_visible()
    page.get_by_text("View receipt").click()
    expect(page.get_by_role("heading", name=re.compile("Receipt from"))).to_be_visible()
    told = {event["type"] for event in merchant.get("/v1/events?limit=100")["data"]}
    assert {
        "invoice.payment_failed",
        "invoice.paid",
        "invoice.payment_succeeded",
        "charge.failed",
        "charge.succeeded",
    } <= told
    charge = next(one for one in merchant.get("/v1/charges")["data"] if one["paid"])
    page.goto(merchant.at(charge["receipt_url"]))
    expect(page.get_by_text("Workshop")).to_be_visible()
    bill, buttons = page.locator("section.inside").bounding_box(), page.locator(".inside + .acts").bounding_box()
    assert bill is not None
    assert buttons is not None
    assert buttons["y"] >= bill["y"] + bill["height"] + 16, "the buttons keep their distance from the invoice"


@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_3d_secure_in_between(merchant: Merchant, page: Page, outcome: str) -> None:
    invoice, _ = billed(merchant, "pm_card_authenticationRequired")
    page.goto(merchant.at(invoice["hosted_invoice_url"]))
    page.get_by_role("button", name="Pay $30.00").click()
    expect(page).to_have_url(re.compile("/3d_secure/"))
    expect(page.get_by_text("$30.00")).to_be_visible()
    asked = page.frame_locator("#challengeFrame")
    asked.locator("#test-source-authorize-3ds" if outcome == "complete" else "#test-source-fail-3ds").click()
    expect(page).to_have_url(re.compile(r"/i/acct_"))
    after = merchant.get(f"/v1/invoices/{invoice['id']}")
    if outcome == "complete":
        expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
        assert after["status"] == "paid"
    else:
        expect(page.get_by_role("alert")).to_contain_text("We are unable to authenticate your payment method.")
        assert after["status"] == "open"
        page.get_by_role("button", name="Pay $30.00").click()
        asked.locator("#test-source-authorize-3ds").click()
        expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")


def test_from_the_portal_to_an_old_invoice(merchant: Merchant, page: Page) -> None:
    customer, _ = merchant.subscriber()
    old = merchant.get("/v1/invoices")["data"][0]["hosted_invoice_url"]
    merchant.advance("200d")
    page.goto(merchant.portal(customer))
    row = page.get_by_test_id("hip-link").last
    expect(row).to_have_attribute("href", re.compile(r"/i/acct_\w+/test_[\w-]+\?s=il&locale=en-US&t="))
    with page.expect_popup() as opened:
        row.click()
    expect(opened.value.get_by_role("heading", name=re.compile("^Invoice from"))).to_be_visible()
    opened.value.close()
    page.goto(merchant.at(old))
    expect(page.get_by_role("heading", name="This invoice link has expired")).to_be_visible()


def test_a_saved_card_is_confirmed(merchant: Merchant, page: Page) -> None:
    setup = merchant.post(
        "/v1/setup_intents", payment_method="pm_card_authenticationRequired", confirm="true",
        return_url=f"{merchant.url}/p/session/test_x", **{"automatic_payment_methods[enabled]": "true"},
    )  # fmt: skip
    assert setup["status"] == "requires_action"
    page.goto(merchant.at(setup["next_action"]["redirect_to_url"]["url"]))
    page.locator("#test-source-authorize-3ds").click()
    expect(page).to_have_url(re.compile(rf"/p/session/test_x\?setup_intent={setup['id']}.*redirect_status=succeeded"))
    assert merchant.get(f"/v1/setup_intents/{setup['id']}")["status"] == "succeeded"
