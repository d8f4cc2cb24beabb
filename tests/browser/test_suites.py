"""What suites that were written for the real pages do, step by step, by the very handles that they use.

Sources: public end-to-end suites against the real portal (facts portal, source codes QUAD, PEN1, E2E; handles of the
portal). Their locators are strict: one that finds two elements fails there, and so it does here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Timeout

from tests.browser.test_flows import settings
from tests.browser.test_update import Shop
from tests.support.live import LiveServer

CONFIGURATIONS = "/v1/billing_portal/configurations"
MAIL = "ada@example.com"


@pytest.fixture
def shop(live_server: LiveServer, request: pytest.FixtureRequest, page: Page) -> Iterator[Shop]:
    """A shop whose world belongs to this test; every console error fails it."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    made = Shop(live_server.url, f"sk_test_{request.node.name.partition('[')[0]}")
    yield made
    made.http.close()
    assert problems == []


def test_quadratic_adds_a_card_and_takes_it_away(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    page.goto(shop.portal(customer))
    expect(page).to_have_title(re.compile("Billing"))
    expect(page.get_by_text("Current subscription")).to_be_visible()
    expect(page.get_by_text("Payment method", exact=True)).to_be_visible()
    expect(page.get_by_text(MAIL)).to_be_visible()
    first = page.locator(':below(:text("Payment Method")) >>nth=0').inner_text()
    number, _, expires = first.split("\n")
    page.get_by_role("link", name="Add payment method").click()
    expect(page).to_have_url(re.compile("pay"))
    expect(page).to_have_title(re.compile("Add payment method"))
    expect(page.get_by_text("Add payment method")).to_be_visible()
    card = page.locator(".__PrivateStripeElement iframe").first.content_frame
    card.locator('input[name="number"]').fill("5555 5555 5555 4444")
    card.locator('input[name="expiry"]').fill("03/40")
    card.locator('input[name="cvc"]').fill("424")
    card.locator('select[name="country"]').select_option("US")
    card.locator('input[name="postalCode"]').fill("90210")
    confirm = page.locator('[data-testid="confirm"]')
    expect(confirm).to_be_enabled()
    confirm.click()
    expect(page).to_have_title(re.compile("Billing"))
    expect(page.get_by_text("Payment methods", exact=True)).to_be_visible()
    cards = page.locator('[data-testid="page-container-main"] .Card--radius--all')
    assert cards.count() == 2
    for text in (number, expires, "Expires 03/2040", "Mastercard •••• 4444"):
        expect(page.get_by_text(text)).to_be_visible()
    menu = page.locator('[data-testid="overflow-menu-button"]')
    menu.click()
    page.locator('[data-test="menu-contents"]').wait_for(state="visible")
    page.get_by_role("menuitem", name="Make default").click()
    expect(page.get_by_role("status")).to_be_visible()
    menu.click()
    page.locator('[data-test="nonDefaultPaymentInstrumentDeleteButton"]').click()
    page.locator(".Dialog-header").get_by_text("Delete payment method").wait_for()
    expect(page.get_by_role("dialog").get_by_text("Mastercard ••••")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Expires 03/2040")).to_be_visible()
    page.locator('[data-test="PaymentInstrumentActionsDetatchModalConfirmButton"]').click()
    expect(cards).to_have_count(1)
    expect(page.get_by_text("Mastercard •••• 4444")).not_to_be_visible()


def test_quadratic_reads_what_a_new_member_costs(shop: Shop, page: Page) -> None:
    shop.stocked()
    customer, subscription = shop.subscribed("Pro month")
    shop.advance("3d")
    item = shop.get(f"/v1/subscriptions/{subscription}")["items"]["data"][0]["id"]
    shop.post(f"/v1/subscriptions/{subscription}", **{"items[0][id]": item, "items[0][quantity]": 2})
    page.goto(shop.portal(customer))
    expect(page.get_by_text("$40.00 per month")).to_be_visible()
    page.locator('[data-test="show-cost-details"]').first.click()
    value = page.locator('[data-testid="expanded-invoice-details"] span[data-test="value"]').first.inner_text()
    assert value.startswith("$40")
    page.locator('[data-test="hide-cost-details"]').click()
    page.locator('[data-test="show-cost-details"]').last.click()
    text = page.locator('[data-testid="expanded-invoice-details"]').last.inner_text()
    assert "Prorated charge for Pro\nQty 1 → 2" in text
    page.locator('[data-test="hide-cost-details"]').click()
    expect(page.locator('[data-test="hide-cost-details"]')).to_have_count(0)


def test_quadratic_cancels_and_says_no_thanks(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    page.goto(shop.portal(customer))
    expect(page.get_by_text(re.compile("Payment method[s]?"))).to_be_visible()
    for text in ("Current subscription", "Billing information", "Invoice history"):
        expect(page.get_by_text(text)).to_be_visible()
    page.locator('[data-testid="cancel-subscription"]').click()
    expect(page).to_have_title(re.compile("Cancel subscription"))
    expect(page.get_by_text("Cancel your subscription")).to_be_visible()
    told = page.locator('[data-testid="page-container-main"]').text_content() or ""
    assert "subscription will be canceled" in " ".join(told.split())
    page.locator('[data-testid="confirm"]').click()
    page.get_by_role("dialog").wait_for()
    expect(page.locator('[role="dialog"] span').nth(1)).to_have_text("Subscription has been canceled")
    page.locator('[data-testid="cancellation_reason_cancel"]').click()
    expect(page.locator('[data-test="renew-subscription"]')).to_be_visible()
    expect(page.locator('[data-test="subscription-cancel-at-period-end-badge"]')).to_be_visible()
    expect(page.locator('[data-testid="return-to-business-link"]')).to_have_attribute("href", "https://app.example/")


def test_quadratic_updates_the_billing_information(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    shop.post(f"/v1/customers/{customer}", **{"address[country]": "US", "address[state]": "CA"})
    page.goto(shop.portal(customer))
    page.get_by_role("button", name="Update information").click()
    expect(page.locator("form").get_by_text("Billing information")).to_be_visible()
    parts = page.locator("div")
    for name in ("Name", "Email"):
        expect(parts.filter(has_text=re.compile(f"^{name}$")).first).to_be_visible()
    for name in ("Address", "Phone number"):
        expect(parts.filter(has_text=re.compile(f"^{name}$"))).to_be_visible()
    expect(page.locator('[data-test="cancel"]')).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("My Updated Billing Name")
    page.get_by_role("textbox", name="Address line 1").fill("1234 Elm Street")
    page.get_by_role("textbox", name="Address line 2").fill("Apt 567")
    page.get_by_role("textbox", name="City").fill("Springfield")
    state = page.get_by_label("State")
    state.click()
    state.type("Illinois")
    state.press("Enter")
    page.get_by_role("textbox", name="ZIP").fill("62701")
    page.locator('[data-testid="confirm"]').click()
    for text in ("NameMy Updated Billing Name", "1234 Elm Street", "Apt 567", "Springfield, IL 62701 US"):
        expect(page.get_by_text(text)).to_be_visible()


def test_penpot_subscribes_to_more_and_cancels(shop: Shop, page: Page) -> None:
    configuration = shop.stocked()
    customer = shop.post("/v1/customers", email=MAIL)["id"]
    made = shop.post("/v1/subscriptions", customer=customer, trial_period_days=1,
                     **{"items[0][price]": shop.prices["Basic month"]})  # fmt: skip
    page.goto(shop.portal(customer, configuration=configuration))
    ends = page.get_by_test_id("trial-ending-badge").locator("span span span")
    tomorrow = datetime.fromtimestamp(made["trial_end"], UTC)
    expect(ends).to_have_text(f"{tomorrow:%b} {tomorrow.day}")
    assert tomorrow - datetime.now(UTC) < timedelta(days=1, minutes=1)
    page.get_by_text("Add payment method").click()
    card = page.locator('[class="StripeElement"]').frame_locator('iframe[role="presentation"]')
    card.locator('input[name="number"]').fill("4242424242424242")
    card.locator('input[name="expiry"]').fill("12 34")
    card.locator('input[name="cvc"]').fill("123")
    card.locator('select[name="country"]').select_option("US")
    card.locator('input[name="postalCode"]').fill("12345")
    assert not card.locator('[id="Field-linkOptInCheckbox"]').is_visible()
    page.get_by_test_id("confirm").click()
    expect(card.locator('input[name="number"]')).not_to_be_visible()
    expect(page.get_by_text("Visa •••• 4242")).to_be_visible()
    page.get_by_text("Update subscription").click()
    page.get_by_text("Select").click()
    page.get_by_text("Continue").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("confirm")).not_to_be_visible()
    expect(page.get_by_text("Pro", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("trial-ending-badge")).not_to_be_visible()
    expect(page.get_by_test_id("hip-link").first.get_by_text("$20.00")).to_be_visible()
    expect(page.get_by_test_id("hip-link").first.get_by_text("Paid")).to_be_visible()
    _penpot_cancels(shop, page)


def _penpot_cancels(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    page.goto(shop.portal(customer))
    page.get_by_text("Cancel subscription").click()
    expect(page.get_by_text("Confirm cancellation")).to_be_visible()
    expect(page.get_by_text("Cancel your subscription")).to_be_visible()
    page.get_by_text("Cancel subscription").click()
    page.get_by_text("I no longer need it", exact=True).click()
    page.get_by_test_id("cancellation_reason_submit").click()
    expect(page.locator('[data-test="subscription-cancel-at-period-end-badge"]')).to_be_visible()
    expect(page.get_by_text("Return to Acme")).to_be_visible()


def _card(page: Page, plan: str) -> Locator:
    return page.locator(f'[data-testid="pricing-table-card"]:has-text("{plan}")')


def test_plans_and_quantities_by_page_objects(shop: Shop, page: Page) -> None:
    configuration = shop.stocked()
    customer, subscription = shop.subscribed("Basic month")
    page.goto(shop.portal(customer, configuration=configuration))
    page.locator('[data-test="update-subscription"]').click()
    pick = _card(page, "Pro").locator("text=Select")
    assert pick.is_visible()
    pick.click()
    assert not pick.is_visible(), "what is chosen is not offered to be selected"
    editor = page.locator('[data-testid="portal-quantity-editor"]')
    editor.clear()
    editor.fill("3")
    page.locator('[data-testid="portal-quantity-editor-increment-button"]').click()
    page.locator('[data-testid="continue-button"]').click()
    pay = page.locator('[data-testid="confirm"]:has-text("Subscribe and pay")')
    pay.scroll_into_view_if_needed()
    pay.click()
    expect(page.get_by_text("(×4)")).to_be_visible()  # noqa: RUF001 - the sign of the page
    assert shop.has(subscription) == ("Pro month", 4)
    page.locator('[data-test="update-subscription"]').click()
    page.get_by_test_id("portal-quantity-editor").fill("2")
    page.get_by_role("button", name="Continue").click()
    page.get_by_test_id("confirm").click()
    page.locator('[data-test="update-subscription"]').click()
    page.locator('[data-testid="confirm"]:has-text("Cancel change")').click()
    page.locator('[data-test="update-subscription"]').click()
    expect(page.locator('[data-testid="pricing-table-card"]').first).to_be_visible()


def test_stripe_pay_in_one_go(shop: Shop, page: Page) -> None:
    configuration = shop.stocked()
    customer, subscription = shop.subscribed("Basic month")
    page.goto(shop.portal(customer, configuration=configuration))
    page.locator('[data-test="update-subscription"]').click()
    page.locator("div").filter(has_text=re.compile("^Pro.*Select$")).get_by_role("button").click()
    page.get_by_test_id("continue-button").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("return-to-business-link")).to_be_visible()
    assert shop.has(subscription) == ("Pro month", 1)
    page.get_by_role("link", name="Add payment method").click()
    frame = page.frame_locator('iframe[name*="__privateStripeFrame"]').first
    frame.get_by_placeholder("1234 1234 1234").click()
    frame.get_by_placeholder("1234 1234 1234").fill("5555555555554444")
    frame.get_by_placeholder("MM / YY").fill("12 / 35")
    frame.get_by_placeholder("CVC").fill("123")
    inner = page.frame_locator('iframe[src*="elements-inner-payment"]')
    expect(inner.get_by_role("textbox", name="Card number")).to_have_value(re.compile("5555 ?5555 ?5555 ?4444"))
    page.get_by_test_id("confirm").click()
    page.get_by_role("button", name="More options").click()
    page.locator('[data-test="nonDefaultPaymentInstrumentDeleteButton"]').click()
    page.locator('[data-test="PaymentInstrumentActionsDetatchModalConfirmButton"]').click()
    expect(page.get_by_text("Mastercard •••• 4444")).to_be_visible()
    expect(page.get_by_text("Visa •••• 4242")).not_to_be_visible()


@pytest.mark.parametrize("skin", ["b", "b-survey"])
def test_a_suite_that_leaves_the_survey_wherever_it_opens(shop: Shop, page: Page, skin: str) -> None:
    settings(shop, portal_skin=skin)
    customer, subscription = shop.subscriber()
    page.goto(shop.portal(customer))
    page.locator('[data-test="cancel-subscription"]').click()
    page.wait_for_url(re.compile(r"/cancel(?:$|[/?#])"))
    survey = page.get_by_role("button", name=re.compile("^Continue to cancellation$", re.IGNORECASE))
    assert survey.is_visible() == (skin == "b-survey")
    if survey.is_visible():
        with pytest.raises(Timeout):  # it takes every click until it is left
            page.locator('[data-testid="confirm"]').click(timeout=300)
        survey.click()
        survey.wait_for(state="hidden")
    assert page.url.endswith("/cancel")
    page.locator('[data-testid="confirm"]').click()
    page.wait_for_url(lambda url: not url.endswith("/cancel"))
    skip = page.get_by_role("button", name=re.compile("^(?:Skip|No thanks|Not now)$", re.IGNORECASE))
    assert skip.count() == (skin == "b"), "who was asked before is not asked after"
    if skip.count():
        skip.click()
    page.get_by_text(re.compile(r"Cancels? on|Your (?:subscription|plan) will be canceled", re.IGNORECASE)).click()
    details = shop.get(f"/v1/subscriptions/{subscription}")["cancellation_details"]
    assert (details["reason"], details["feedback"]) == ("cancellation_requested", None)
    before = page.url
    page.locator('[data-test="renew-subscription"]').click()
    page.wait_for_url(lambda url: url != before)
    page.locator('[data-testid="confirm"]').click()
    expect(page.locator('[data-test="cancel-subscription"]')).to_be_visible()
    assert page.locator('[data-test="return-to-business-link"]').get_attribute("href") == "https://app.example/"


def test_those_who_may_only_look(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    only: dict[str, Any] = {"features[invoice_history][enabled]": "true"}
    page.goto(shop.portal(customer, configuration=shop.post(CONFIGURATIONS, **only)["id"]))
    expect(page.get_by_test_id("return-to-business-link")).to_be_visible()
    expect(page.get_by_text("Invoice history")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel subscription")).to_have_count(0)
    expect(page.locator('[data-test="update-subscription"]')).to_have_count(0)
