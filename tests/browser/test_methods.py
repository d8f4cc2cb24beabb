"""Payment methods in a real browser over the real engine: by the handles of real suites, by keyboard, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Reader
from tests.support.live import LiveServer
from tests.support.merchant import Merchant, opened

MASTERCARD = "5555 5555 5555 4444"


class Shop(Merchant):
    """A business with one customer, who has a Visa card and pays for a plan."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(url, key)
        card = {"payment_method": "pm_card_visa", "invoice_settings[default_payment_method]": "pm_card_visa"}
        self.customer = self.post("/v1/customers", name="Ada Rivera", email="ada@example.com", **card)["id"]
        price = self.post("/v1/prices", currency="usd", unit_amount=2000,
                          **{"recurring[interval]": "month", "product_data[name]": "Team"})  # fmt: skip
        self.post("/v1/subscriptions", customer=self.customer, **{"items[0][price]": price["id"]})

    def take(self, *types: str) -> None:
        """Switch types of payment methods on."""
        offer = self.get("/v1/payment_method_configurations")["data"][0]["id"]
        on = {f"{type}[display_preference][preference]": "on" for type in types}
        self.post(f"/v1/payment_method_configurations/{offer}", **on)

    def link(self, **more: Any) -> str:
        """Return the address of a new portal session of the customer."""
        return self.portal(self.customer, **more)

    def saved(self) -> list[str]:
        """Return the last digits of what is saved, the default one marked."""
        shown = self.get(f"/v1/customers/{self.customer}")["invoice_settings"]["default_payment_method"]
        methods = self.get(f"/v1/customers/{self.customer}/payment_methods")["data"]
        return [one[one["type"]]["last4"] + ("*" if one["id"] == shown else "") for one in methods]


@pytest.fixture
def shop(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop whose world belongs to this test."""
    with opened(Shop, live_server.url, request) as made:
        yield made


def test_as_suites_on_the_real_pages_do(shop: Shop, eye: Reader) -> None:
    page = eye.page
    page.goto(shop.link())
    expect(page.get_by_text("Payment method", exact=True)).to_be_visible()
    page.get_by_role("link", name="Add payment method").click()
    card = page.frame_locator("iframe")
    card.locator("input[name=number]").fill(MASTERCARD)
    card.locator("input[name=expiry]").fill("12 / 34")
    card.locator("input[name=cvc]").fill("123")
    card.locator("input[name=postalCode]").fill("94105")
    expect(card.locator("[data-brand=mastercard]")).to_be_visible()
    expect(
        page.frame_locator('iframe[name*="__privateStripeFrame"]').get_by_placeholder("1234 1234 1234")
    ).to_be_visible()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("Payment methods", exact=True)).to_be_visible()
    assert shop.saved() == ["4444*", "4242"]
    page.locator('[data-testid="overflow-menu-button"]').click()
    page.locator('[data-test="menu-contents"]').wait_for(state="visible")
    page.get_by_role("menuitem", name="Make default").click()
    expect(page.get_by_role("status")).to_have_text("Your default payment method has been changed.")
    assert shop.saved() == ["4444", "4242*"]
    page.get_by_role("button", name="More options").click()
    page.locator('button[data-test="nonDefaultPaymentInstrumentDeleteButton"]').click()
    page.locator(".Dialog-header").get_by_text("Delete payment method").wait_for()
    expect(page.get_by_role("dialog").get_by_text("Mastercard ••••")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Expires 12/2034")).to_be_visible()
    eye.looks("method-delete")
    page.locator('[data-test="PaymentInstrumentActionsDetatchModalConfirmButton"]').click()
    expect(page.locator('[data-testid="page-container-main"] .Card--radius--all')).to_have_count(1)
    expect(page.get_by_text("Expires 12/2034")).not_to_be_visible()
    assert shop.saved() == ["4242*"]


def test_by_keyboard_alone_and_a_bank_that_asks(shop: Shop, eye: Reader) -> None:
    eye.allowed = ("400", "402")
    page, keys = eye.page, eye.page.keyboard
    page.goto(shop.link() + "/payment-methods/add")
    number = page.frame_locator("iframe").get_by_label("Card number")
    number.wait_for()
    page.locator(".types a").last.focus()
    keys.press("Tab")
    expect(number).to_be_focused()
    keys.type("4000002500003155")
    expect(number).to_have_value("4000 0025 0000 3155")
    keys.press("Tab")
    keys.type("120")
    keys.press("Enter")
    expiry = page.frame_locator("iframe").get_by_label("Expiration date")
    expect(expiry).to_be_focused()
    expect(expiry).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_value("4000 0025 0000 3155")
    keys.press("Control+a")
    keys.type("134")
    expect(expiry).to_have_value("01 / 34")
    keys.press("Tab")
    keys.type("123")
    keys.press("Enter")
    page.frame_locator("#challengeFrame").locator("#test-source-authorize-3ds").click()
    expect(page.get_by_role("status")).to_have_text("Your payment method has been added.")
    assert shop.saved() == ["3155*", "4242"]
    menu = page.get_by_role("button", name="More options")
    menu.focus()
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name="Make default")).to_be_focused()
    keys.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    keys.press("Escape")
    expect(menu).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name="Make default")).to_be_focused()
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()


def test_without_scripts(shop: Shop, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(5000)
    page.goto(shop.link())
    page.get_by_role("link", name="Add payment method").click()
    assert page.locator("iframe").count() == 0
    page.get_by_text("Test numbers").click()
    page.get_by_role("link", name="5555 5555 5555 4444").click()
    expect(page.get_by_label("Card number")).to_have_value(MASTERCARD)
    page.get_by_test_id("confirm").click()
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("status")).to_have_text("Your payment method has been deleted.")
    assert shop.saved() == ["4444*"]
    context.close()


def test_how_the_pages_look(shop: Shop, eye: Reader) -> None:
    shop.take("us_bank_account", "cashapp", "amazon_pay", "acss_debit")
    page = eye.page
    url = shop.link()
    page.goto(url + "/payment-methods/add?test=1")
    expect(page.frame_locator("iframe").get_by_label("Card number")).to_have_value(MASTERCARD)
    page.get_by_text("Test numbers").click()
    eye.looks("method-add-card")
    page.goto(url + "/payment-methods/add?type=us_bank_account&test=0")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("heading", name="Verify bank account")).to_be_visible()
    eye.looks("method-verify")
    shop.post("/v1/payment_methods/pm_card_amex/attach", customer=shop.customer)
    page.goto(url + "/payment-methods")
    page.get_by_test_id("overflow-menu-button").click()
    expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()
    eye.looks("methods")


def test_a_deep_link_leads_back_to_the_merchant(shop: Shop, eye: Reader) -> None:
    flow = {
        "flow_data[type]": "payment_method_update",
        "flow_data[after_completion][type]": "hosted_confirmation",
        "flow_data[after_completion][hosted_confirmation][custom_message]": "Thank you, Ada",
    }
    page = eye.page
    page.goto(shop.link(**flow))
    expect(page.get_by_role("heading", name="Add payment method")).to_be_visible()
    expect(page.locator(".back")).to_have_count(0)
    expect(page.get_by_test_id("return-to-business-link")).to_be_visible()
    card = page.frame_locator("iframe")
    card.locator("input[name=number]").fill("4242 4242 4242 4242")
    card.locator("input[name=expiry]").fill("12 / 34")
    card.locator("input[name=cvc]").fill("123")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("Thank you, Ada")).to_be_visible()
    assert shop.saved() == ["4242*", "4242"]
