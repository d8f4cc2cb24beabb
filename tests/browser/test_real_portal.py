"""The whole way in a real browser over the real engine: the API makes, the customer cancels, the API and events tell."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.merchant import Merchant


def test_a_customer_cancels_and_comes_back(merchant: Merchant, page: Page) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    customer, subscription = merchant.subscriber()
    page.goto(merchant.portal(customer))
    expect(page).to_have_title(re.compile("Billing"))
    expect(page.get_by_text("$100.00 per month")).to_be_visible()
    expect(page.get_by_text("Visa •••• 4242")).to_be_visible()
    expect(page.get_by_test_id("invoice-status-badge-positive")).to_have_text("Paid")
    page.locator('a[data-test="cancel-subscription"]').click()
    page.get_by_test_id("confirm").click()
    page.locator('[data-test="cancel-reason-opt-other"]').check()
    page.get_by_role("textbox", name="Any additional feedback?").fill("Moving to the sea")
    page.get_by_test_id("cancellation_reason_submit").click()
    expect(page.locator('[data-test="subscription-cancel-at-period-end-badge"]')).to_be_visible()
    after = merchant.get(f"/v1/subscriptions/{subscription}")
    assert after["cancel_at"]
    assert after["cancellation_details"]["reason"] == "cancellation_requested"
    assert after["cancellation_details"]["feedback"] == "other"
    assert after["cancellation_details"]["comment"] == "Moving to the sea"
    page.locator('a[data-test="renew-subscription"]').click()
    page.get_by_test_id("confirm").click()
    expect(page.locator('a[data-test="cancel-subscription"]')).to_be_visible()
    assert merchant.get(f"/v1/subscriptions/{subscription}")["cancel_at"] is None
    told = merchant.get("/v1/events?type=customer.subscription.updated&limit=10")["data"]
    assert len(told) == 3, "canceled, reason given, taken back"
    assert problems == []


def test_canceling_at_once(merchant: Merchant, page: Page) -> None:
    customer, subscription = merchant.subscriber()
    configuration = merchant.post(
        "/v1/billing_portal/configurations",
        **{"features[subscription_cancel][enabled]": "true", "features[subscription_cancel][mode]": "immediately",
           "features[invoice_history][enabled]": "true"},
    )  # fmt: skip
    page.goto(merchant.portal(customer, configuration=configuration["id"]))
    page.locator('a[data-test="cancel-subscription"]').click()
    expect(page.get_by_text("it ends right away")).to_be_visible()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_text("You have no active subscriptions.")).to_be_visible()
    assert merchant.get(f"/v1/subscriptions/{subscription}")["status"] == "canceled"
    assert len(merchant.get("/v1/events?type=customer.subscription.deleted")["data"]) == 1


def test_links_die_on_the_clock(merchant: Merchant, page: Page) -> None:
    customer, _ = merchant.subscriber()
    unused, used = merchant.portal(customer), merchant.portal(customer)
    page.goto(used)
    merchant.advance("6m")
    page.goto(unused)
    expect(page.get_by_role("heading", name="This link has expired")).to_be_visible()
    page.goto(used)
    expect(page.get_by_text("Current subscription")).to_be_visible()
    merchant.advance("61m")
    reply = page.goto(used)
    assert reply is not None
    assert reply.status == 410
    expect(page.get_by_role("heading", name="Your session has expired")).to_be_visible()
    expect(page.get_by_test_id("return-to-business-link")).to_have_attribute("href", "https://app.example/")
