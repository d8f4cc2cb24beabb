"""Deep links, offers, pauses and the redesigned pages in a real browser over the real engine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HEIGHT, WIDE, Reader
from tests.support.live import LiveServer
from tests.support.merchant import TIMEOUT, Merchant

CONFIGURATIONS = "/v1/billing_portal/configurations"
FLOW = "flow_data[type]"
PAUSE = "features[subscription_pause]"


@pytest.fixture
def customer(eye: Reader) -> Reader:
    """A customer at a browser."""
    return eye


def settings(merchant: Merchant, **wanted: Any) -> None:
    answer = merchant.http.post(f"{merchant.url}/_emulator/settings", json=wanted, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text


def looks(customer: Reader, name: str) -> None:
    customer.looks(name)
    customer.page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def test_a_deep_link_with_an_offer_ends_at_the_merchant(merchant: Merchant, customer: Reader) -> None:
    page = customer.page
    merchant.post(
        "/v1/coupons", id="STAY", percent_off=30, duration="repeating", duration_in_months=3, name="Stay a while"
    )
    who, subscription = merchant.subscriber()
    branch = "flow_data[subscription_cancel]"
    flow = {
        FLOW: "subscription_cancel", f"{branch}[subscription]": subscription, f"{branch}[retention][type]": "coupon_offer",
        f"{branch}[retention][coupon_offer][coupon]": "STAY", "flow_data[after_completion][type]": "redirect",
        "flow_data[after_completion][redirect][return_url]": f"{merchant.url}/back",
    }  # fmt: skip
    page.route(f"{merchant.url}/back", lambda route: route.fulfill(body="The merchant's own page"))
    page.goto(merchant.portal(who, **flow))
    expect(page.get_by_role("heading", name="Stay and get 30% off")).to_be_visible()
    expect(page.get_by_test_id("retention-offer")).to_contain_text("$70.00 per month")
    expect(page.get_by_role("link", name="Billing", exact=True)).to_have_count(0)
    looks(customer, "offer")
    page.get_by_role("link", name="Continue to cancel").click()
    page.get_by_test_id("confirm").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.locator('[data-test="cancel-reason-opt-unused"]').check()
    page.get_by_test_id("cancellation_reason_submit").click()
    page.wait_for_url(re.compile(r"/back$"))
    after = merchant.get(f"/v1/subscriptions/{subscription}")
    assert after["cancellation_details"]["feedback"] == "unused"


def test_an_offer_is_accepted_by_keyboard_and_confirmed(merchant: Merchant, customer: Reader) -> None:
    page = customer.page
    merchant.post("/v1/coupons", id="HALF", percent_off=50, duration="once")
    settings(merchant, portal_retention_coupon="HALF")
    who, subscription = merchant.subscriber()
    flow = {
        FLOW: "subscription_cancel", "flow_data[subscription_cancel][subscription]": subscription,
        "flow_data[after_completion][type]": "hosted_confirmation",
        "flow_data[after_completion][hosted_confirmation][custom_message]": "Good to have you.\n<b>The team</b>",
    }  # fmt: skip
    page.goto(merchant.portal(who, **flow))
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.testid") == "accept-offer":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("hosted-confirmation")).to_contain_text("<b>The team</b>")
    expect(page.get_by_test_id("return-to-business-link")).to_have_attribute("href", "https://app.example/")
    looks(customer, "confirmation")
    assert len(merchant.get(f"/v1/subscriptions/{subscription}")["discounts"]) == 1


def test_pausing_for_a_month_and_resuming(merchant: Merchant, customer: Reader) -> None:
    page = customer.page
    who, subscription = merchant.subscriber()
    options = f"{PAUSE}[duration][interval_options]"
    configuration = merchant.post(
        CONFIGURATIONS,
        **{f"{PAUSE}[enabled]": "true", f"{PAUSE}[duration][type]": "interval_options", f"{options}[0][interval]": "week",
           f"{options}[0][interval_count]": 2, f"{options}[1][interval]": "month",
           "features[invoice_history][enabled]": "true"},
    )  # fmt: skip
    page.goto(merchant.portal(who, configuration=configuration["id"]))
    page.get_by_role("link", name="Pause subscription").click()
    page.get_by_role("radio", name=re.compile("^1 month, until")).check()
    looks(customer, "pause")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("status")).to_have_text("Subscription has been paused")
    expect(page.get_by_test_id("subscription-paused-badge")).to_be_visible()
    expect(page.get_by_text("It continues on")).to_be_visible()
    looks(customer, "home-paused")
    page.get_by_role("link", name="Resume subscription").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("link", name="Pause subscription")).to_be_visible()
    assert merchant.get(f"/v1/subscriptions/{subscription}")["status"] == "active"


def test_the_redesigned_pages(merchant: Merchant, customer: Reader) -> None:
    page = customer.page
    settings(merchant, portal_skin="c")
    who, subscription = merchant.subscriber()
    page.goto(merchant.portal(who))
    plan = page.get_by_role("link", name=re.compile(r"^Plan.*Team"))
    looks(customer, "c-home")
    plan.click()
    expect(page.get_by_role("link", name="Update plan")).to_have_count(0)
    looks(customer, "c-plan")
    page.get_by_role("button", name="Cancel plan").click()
    expect(page.get_by_role("heading", name="Review your changes")).to_be_visible()
    page.get_by_role("button", name="Reason for cancellation (optional)").click()
    looks(customer, "c-cancel")
    page.get_by_role("option", name="Other reason").click()
    page.get_by_role("textbox", name="Any additional feedback?").fill("Moving on")
    page.get_by_role("button", name="Cancel plan").click()
    expect(page.get_by_role("heading", name="Plan canceled")).to_be_visible()
    looks(customer, "c-canceled")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Canceled", exact=True)).to_be_visible()
    details = merchant.get(f"/v1/subscriptions/{subscription}")["cancellation_details"]
    assert (details["feedback"], details["comment"]) == ("other", "Moving on")
    plan.click()
    for _ in range(2):
        page.get_by_role("button", name="Reactivate plan").click()
    expect(page.get_by_text("Canceled", exact=True)).to_have_count(0)
    assert merchant.get(f"/v1/subscriptions/{subscription}")["cancel_at"] is None


def test_reasons_by_keyboard_and_without_scripts(merchant: Merchant, live_server: LiveServer, page: Page) -> None:
    settings(merchant, portal_skin="c")
    who, subscription = merchant.subscriber()
    url = merchant.portal(who)
    page.goto(f"{url}/subscriptions/{subscription}/cancel")
    page.get_by_role("button", name="Reason for cancellation (optional)").focus()
    for key in ("Enter", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name=re.compile("I found an alternative"))).to_be_focused()
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{url}/subscriptions/{subscription}/cancel")
    plain.get_by_label("Reason for cancellation (optional)").select_option("unused")
    plain.get_by_test_id("confirm").click()
    expect(plain.get_by_role("heading", name="Plan canceled")).to_be_visible()
    context.close()
    assert merchant.get(f"/v1/subscriptions/{subscription}")["cancellation_details"]["feedback"] == "unused"
