"""Checkout and the hosted invoice page in a real browser over the real engine: by the handles of real suites, and how they look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Reader
from tests.support.live import LiveServer
from tests.support.merchant import Merchant, opened

SUBMIT = "hosted-payment-submit-button"
SHOP = "https://shop.example"


class Seller(Merchant):
    """A business that sells a plan."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(url, key)
        self.plan = self.post("/v1/prices", currency="usd", unit_amount=2000,
                              **{"recurring[interval]": "month", "product_data[name]": "Team"})["id"]  # fmt: skip

    def session(self, mode: str = "subscription", **more: Any) -> Any:
        """Offer the plan."""
        items = {"line_items[0][price]": self.plan, "line_items[0][quantity]": 1} if mode == "subscription" else {}
        return self.post(
            "/v1/checkout/sessions", mode=mode, cancel_url=f"{SHOP}/cart",
            success_url=SHOP + "/done?session={CHECKOUT_SESSION_ID}", **items, **more,
        )  # fmt: skip

    def billed(self, **more: Any) -> Any:
        """Return an open invoice of 30.00 for a customer who has saved a card."""
        customer = self.post("/v1/customers", name="Ada Rivera", email="ada@example.com", payment_method="pm_card_visa")
        draft = self.post("/v1/invoices", customer=customer["id"], auto_advance="false", **more)["id"]
        self.post(
            "/v1/invoiceitems",
            customer=customer["id"],
            invoice=draft,
            amount=3000,
            currency="usd",
            description="Workshop",
        )
        return self.post(f"/v1/invoices/{draft}/finalize")


@pytest.fixture
def seller(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Seller]:
    """A seller whose world belongs to this test."""
    with opened(Seller, live_server.url, request) as made:
        yield made


@pytest.fixture
def buyer(page: Page) -> Page:
    """A browser for which the merchant's own site exists."""

    def answer(route: Route) -> None:
        route.fulfill(body="<h1>Thank you</h1>", content_type="text/html")

    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    page.route(f"{SHOP}/**", answer)
    return page


def fill(page: Page, number: str) -> None:
    """Fill the form in as suites do on the real page."""
    page.locator("#email").fill("ada@example.com")
    page.get_by_test_id("card-accordion-item-button").click()
    page.locator("#cardNumber").fill(number)
    page.locator("#cardExpiry").fill("12 / 34")
    page.locator("#cardCvc").fill("123")
    page.locator("#billingName").fill("Ada Rivera")
    page.locator("#billingCountry").select_option("US")
    page.locator("#billingPostalCode").fill("94105")


def test_as_suites_on_the_real_checkout_do(seller: Seller, buyer: Page) -> None:
    made = seller.session()
    buyer.goto(seller.at(made["url"]))
    expect(buyer.get_by_test_id("product-summary-name")).to_have_text("Subscribe to Team")
    expect(buyer.get_by_test_id("product-summary-total-amount")).to_contain_text("$20.00")
    fill(buyer, "4000000000000002")
    buyer.get_by_test_id(SUBMIT).click()
    expect(buyer.get_by_role("alert")).to_have_text(
        "Your credit card was declined. Try paying with a debit card instead."
    )
    expect(buyer.locator("#billingName")).to_have_value("Ada Rivera")
    buyer.locator("#cardNumber").fill("4000002760003184")
    buyer.get_by_test_id(SUBMIT).click()
    buyer.frame_locator("#challengeFrame").locator("#test-source-fail-3ds").click()
    expect(buyer.get_by_role("alert")).to_contain_text("We are unable to authenticate your payment method.")
    fill(buyer, "4000002760003184")
    buyer.get_by_test_id(SUBMIT).click()
    buyer.frame_locator("#challengeFrame").locator("#test-source-authorize-3ds").click()
    expect(buyer).to_have_url(f"{SHOP}/done?session={made['id']}")
    after = seller.get(f"/v1/checkout/sessions/{made['id']}")
    assert (after["status"], after["payment_status"]) == ("complete", "paid")
    assert seller.get(f"/v1/subscriptions/{after['subscription']}")["status"] == "active"


def test_the_keyboard_alone_buys(seller: Seller, buyer: Page) -> None:
    made = seller.session()
    buyer.goto(seller.at(made["url"]))
    buyer.locator("#email").focus()
    keys = buyer.keyboard
    for text in ("ada@example.com", None, "4242424242424242", "1234", "123", "Ada Rivera"):
        if text:
            keys.type(text)
        keys.press("Tab")
    expect(buyer.locator("#cardNumber")).to_have_value("4242 4242 4242 4242")
    expect(buyer.locator("#cardExpiry")).to_have_value("12 / 34")
    expect(buyer.locator("[data-brand=visa]")).to_be_visible()
    buyer.locator("#cardCvc").focus()
    keys.press("Enter")
    expect(buyer).to_have_url(f"{SHOP}/done?session={made['id']}")


def test_without_scripts(seller: Seller, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(5000)
    page.route(f"{SHOP}/**", lambda route: route.fulfill(body="done"))
    made = seller.session()
    page.goto(seller.at(made["url"]))
    page.get_by_text("Test numbers").click()
    page.get_by_role("link", name="4242 4242 4242 4242").click()
    page.get_by_test_id(SUBMIT).click()
    expect(page).to_have_url(f"{SHOP}/done?session={made['id']}")
    page.goto(seller.at(seller.billed()["hosted_invoice_url"]))
    expect(page.get_by_label("Card number")).not_to_be_visible()
    page.get_by_label("Another payment method").check()
    page.get_by_label("Card number").fill("5555555555554444")
    page.get_by_label("Expiration date").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_test_id("hosted-invoice-submit-button").click()
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    context.close()


def test_an_invoice_is_paid_with_another_card(seller: Seller, eye: Reader) -> None:
    page, invoice = eye.page, seller.billed()
    page.goto(seller.at(invoice["hosted_invoice_url"]))
    card = page.frame_locator("iframe")
    expect(page.locator("iframe")).not_to_be_visible()
    page.get_by_label("Another payment method").check()
    card.locator("input[name=number]").fill("5555555555554444")
    card.locator("input[name=expiry]").fill("12 / 34")
    card.locator("input[name=cvc]").fill("123")
    expect(card.locator("[data-brand=mastercard]")).to_be_visible()
    eye.looks("invoice-another-card")
    page.get_by_test_id("hosted-invoice-submit-button").click()
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    assert seller.get(f"/v1/invoices/{invoice['id']}")["status"] == "paid"
    saved = seller.get(f"/v1/customers/{invoice['customer']}/payment_methods")["data"]
    assert [one["card"]["last4"] for one in saved] == ["4444", "4242"]


def test_how_the_pages_look(seller: Seller, eye: Reader) -> None:
    page = eye.page
    coupon = seller.post("/v1/coupons", percent_off=25, duration="once")["id"]
    seller.post("/v1/promotion_codes", code="HELLO", **{"promotion[type]": "coupon", "promotion[coupon]": coupon})
    bounds: dict[str, Any] = {
        "line_items[0][adjustable_quantity][enabled]": "true",
        "line_items[0][adjustable_quantity][maximum]": 9,
    }
    made = seller.session(allow_promotion_codes="true", **bounds)
    page.goto(seller.at(made["url"]))
    page.locator("#promotionCode").fill("HELLO")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_test_id("applied-promotion-code")).to_have_text("HELLO")
    page.get_by_test_id("line-item-quantity").fill("3")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_test_id("product-summary-total-amount")).to_contain_text("$60.00 per month")
    eye.looks("checkout")
    eye.allowed = ("status of 400",)
    page.get_by_test_id(SUBMIT).click()
    expect(page.locator("#email")).to_be_focused()
    eye.looks("checkout-mistakes")


def test_how_papers_and_expired_links_look(seller: Seller, eye: Reader) -> None:
    page = eye.page
    transfer = seller.post(
        "/v1/payment_intents", amount=2000, currency="eur", confirm="true", customer=seller.billed()["customer"],
        **{"payment_method_data[type]": "customer_balance", "allowed_payment_method_types[0]": "customer_balance",
           "payment_method_options[customer_balance][funding_type]": "bank_transfer",
           "payment_method_options[customer_balance][bank_transfer][type]": "eu_bank_transfer",
           "payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]": "DE"},
    )  # fmt: skip
    page.goto(seller.at(transfer["next_action"]["display_bank_transfer_instructions"]["hosted_instructions_url"]))
    eye.looks("bank-transfer")
    invoice = seller.billed(collection_method="send_invoice", days_until_due=5)
    seller.advance("60d")
    eye.allowed = ("status of 410",)
    page.goto(seller.at(invoice["hosted_invoice_url"]))
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_test_id("send-link").click()
    expect(page.get_by_role("status")).to_contain_text("a new link is on its way")
    eye.looks("invoice-expired")
