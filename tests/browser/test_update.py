"""A customer changes the plan in a real browser: by label and test id, by keyboard alone, and with the bank in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader
from tests.support.live import LiveServer
from tests.support.merchant import Merchant, opened

PLANS = {"Basic": (1000, 9600), "Pro": (2000, 24000)}
UPDATE = "features[subscription_update]"


class Shop(Merchant):
    """A merchant of two plans, each by the month and by the year."""

    prices: dict[str, str]

    def stocked(self) -> str:
        """Make the plans and a configuration that offers them; returns its id. What costs less waits."""
        self.prices = {}
        fields: dict[str, Any] = {
            "features[payment_method_update][enabled]": "true",
            "features[invoice_history][enabled]": "true",
            f"{UPDATE}[enabled]": "true",
            f"{UPDATE}[proration_behavior]": "always_invoice",
            f"{UPDATE}[schedule_at_period_end][conditions][0][type]": "decreasing_item_amount",
            "business_profile[terms_of_service_url]": "https://app.example/terms",
        }
        for place, what in enumerate(("price", "quantity", "promotion_code")):
            fields[f"{UPDATE}[default_allowed_updates][{place}]"] = what
        for place, (name, amounts) in enumerate(PLANS.items()):
            product = self.post("/v1/products", name=name, description=f"What a {name} team needs.")["id"]
            fields[f"{UPDATE}[products][{place}][product]"] = product
            for other, (interval, amount) in enumerate(zip(("month", "year"), amounts, strict=True)):
                price = self.post("/v1/prices", product=product, currency="usd", unit_amount=amount,
                                  tax_behavior="exclusive", **{"recurring[interval]": interval})["id"]  # fmt: skip
                fields[f"{UPDATE}[products][{place}][prices][{other}]"] = price
                self.prices[f"{name} {interval}"] = price
        return str(self.post("/v1/billing_portal/configurations", **fields)["id"])

    def subscribed(self, plan: str, card: str = "pm_card_visa") -> tuple[str, str]:
        """Make a customer on a plan, whose default card is then ``card``; returns the ids of both."""
        customer = self.post("/v1/customers", name="Ada Rivera", email="ada@example.com", payment_method="pm_card_visa",
                             **{"invoice_settings[default_payment_method]": "pm_card_visa"})["id"]  # fmt: skip
        made = self.post("/v1/subscriptions", customer=customer, **{"items[0][price]": self.prices[plan]})
        if card != "pm_card_visa":
            method = self.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
            self.post(f"/v1/customers/{customer}", **{"invoice_settings[default_payment_method]": method})
        return customer, made["id"]

    def has(self, subscription: str) -> tuple[str, int]:
        """Return the plan and the quantity that a subscription has."""
        item = self.get(f"/v1/subscriptions/{subscription}")["items"]["data"][0]
        return next(name for name, id_ in self.prices.items() if id_ == item["price"]["id"]), item["quantity"]


@pytest.fixture
def shop(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop whose world belongs to this test."""
    with opened(Shop, live_server.url, request) as made:
        yield made


@pytest.fixture
def reader(eye: Reader) -> Reader:
    """A reader of the real portal."""
    return eye


def test_a_customer_takes_more_of_a_better_plan(shop: Shop, reader: Reader) -> None:
    configuration, page = shop.stocked(), reader.page
    customer, subscription = shop.subscribed("Basic month")
    shop.advance("10d")
    page.goto(shop.portal(customer, configuration=configuration))
    page.locator('[data-test="update-subscription"]').click()
    carry_on = page.get_by_test_id("continue-button")
    expect(carry_on).to_be_disabled()
    cards = page.get_by_test_id("pricing-table").get_by_test_id("pricing-table-card")
    expect(cards).to_have_count(2)
    reader.looks("update-plans")
    page.get_by_role("link", name="Yearly").click()
    expect(cards.filter(has_text="Pro").get_by_text("$240.00 per year")).to_be_visible()
    assert "interval" not in page.url, "switched without loading a page"
    page.get_by_role("link", name="Monthly").click()
    cards.filter(has_text="Pro").get_by_role("button", name="Select").click()
    expect(cards.filter(has_text="Pro").get_by_role("button", name="Selected", pressed=True)).to_be_visible()
    page.get_by_test_id("portal-quantity-editor-increment-button").click()
    expect(page.get_by_label("Quantity")).to_have_value("2")
    carry_on.click()
    expect(page.get_by_role("heading", name="Confirm your updates")).to_be_visible()
    page.locator('[data-test="show-cost-details"]').click()
    details = page.get_by_test_id("expanded-invoice-details")
    expect(details.get_by_text("Remaining time on Pro")).to_be_visible()
    due = page.locator(".due-now strong").inner_text()
    expect(details.locator('span[data-test="value"]').last).to_have_text(due)
    reader.looks("update-confirm")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("status")).to_have_text("Your subscription has been updated.")
    expect(page.get_by_text("$40.00 per month")).to_be_visible()
    expect(page.get_by_test_id("hip-link").first).to_contain_text(due)
    assert shop.has(subscription) == ("Pro month", 2)


def test_by_keyboard_a_smaller_plan_waits_and_is_taken_back(shop: Shop, reader: Reader) -> None:
    configuration, page = shop.stocked(), reader.page
    customer, subscription = shop.subscribed("Pro month")
    page.goto(shop.portal(customer, configuration=configuration))

    def press(test_id: str) -> None:
        """Reach a control with the tab key and press it."""
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.locator(":focus").get_attribute("data-testid") == test_id:
                page.keyboard.press("Enter")
                return
        pytest.fail(f"{test_id} cannot be reached")

    press("update-subscription")
    page.wait_for_url(re.compile("/update$"))
    page.get_by_test_id("pricing-table-card").filter(has_text="Basic").get_by_role("button", name="Select").focus()
    page.keyboard.press("Space")
    press("continue-button")
    page.wait_for_url(re.compile("/preview/"))
    told = re.compile("Your subscription will be updated at the end of your current billing period on ")
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.locator(".due-now strong")).to_have_text("$0.00")
    press("confirm")
    expect(page.get_by_test_id("subscription-scheduled-update-badge")).to_be_visible()
    reader.looks("home-waiting")
    assert shop.get(f"/v1/subscriptions/{subscription}")["schedule"]
    press("update-subscription")
    expect(page.get_by_test_id("confirm")).to_have_text("Cancel change")
    reader.looks("update-waiting")
    press("confirm")
    expect(page.get_by_role("status")).to_contain_text("The change has been canceled.")
    assert shop.get(f"/v1/subscriptions/{subscription}")["schedule"] is None
    assert shop.has(subscription) == ("Pro month", 1)


def test_a_declined_card_then_the_bank_then_done(shop: Shop, reader: Reader) -> None:
    reader.allowed = ("402",)
    configuration, page = shop.stocked(), reader.page
    customer, subscription = shop.subscribed("Basic month", "pm_card_chargeCustomerFail")
    asking = shop.post("/v1/payment_methods/pm_card_threeDSecureRequired/attach", customer=customer)["card"]["last4"]
    item = shop.get(f"/v1/subscriptions/{subscription}")["items"]["data"][0]["id"]
    branch = "flow_data[subscription_update_confirm]"
    flow = {"flow_data[type]": "subscription_update_confirm", f"{branch}[subscription]": subscription,
            f"{branch}[items][0][id]": item, f"{branch}[items][0][price]": shop.prices["Pro year"]}  # fmt: skip
    page.goto(shop.portal(customer, configuration=configuration, **flow))
    expect(page.get_by_role("heading", name="Confirm your updates")).to_be_visible()
    expect(page.locator(".back")).to_have_count(0)
    page.get_by_role("button", name="Subscribe and pay").click()
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    reader.looks("update-declined")
    page.get_by_label(f"•••• {asking}").check()
    page.get_by_test_id("confirm").click()
    page.frame_locator("#challengeFrame").frame_locator("#challengeFrame").get_by_role(
        "button", name="Complete"
    ).click()
    expect(page.get_by_text("$240.00 per year")).to_be_visible()
    assert shop.has(subscription) == ("Pro year", 1)
