"""Every handle that public suites use on the real pages, page by page from the first to the last: it is there and seen.

The walk is that of the table of handles (found in some twenty suites, 2022 to 2026). What a suite does with them is in
``test_suites.py``; here none may get lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_checkout import Seller
from tests.browser.test_flows import looks, settings
from tests.browser.test_update import Shop
from tests.support.merchant import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Reader
    from tests.support.live import LiveServer

CONFIRM = '[data-testid="confirm"][data-test="confirm"]'


@pytest.fixture
def shop(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop whose world belongs to this test."""
    with opened(Shop, live_server.url, request) as made:
        yield made


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    return page


def both(name: str) -> str:
    """Return a selector of what has a name in both attributes, as suites look for either."""
    return f'[data-test="{name}"][data-testid="{name}"]'


def seen(page: Page, *selectors: str) -> None:
    """Each of these is there, and seen."""
    for selector in selectors:
        expect(page.locator(selector).first, selector).to_be_visible()


def headed(page: Page, *headings: str) -> None:
    for heading in headings:
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def product(shop: Shop, name: str, **recurring: str) -> str:
    fields = {"currency": "usd", "unit_amount": 500, "product_data[name]": name, "recurring[interval]": "month"}
    return str(shop.post("/v1/prices", **{**fields, **recurring})["id"])


def test_the_overview(shop: Shop, page: Page) -> None:
    customer, subscription = shop.subscriber()
    page.goto(shop.portal(customer))
    expect(page).to_have_title(re.compile("Billing"))
    expect(page).to_have_url(re.compile(r"/p/session/test_[\w-]+$"))
    headed(page, "Current subscription", "Payment method", "Billing information", "Invoice history")
    seen(page, '[data-testid="page-container-main"]', both("cancel-subscription"), f"a{both('cancel-subscription')}",
         both("return-to-business-link"), '[data-test="small-footer"]', both("add-payment-method"))  # fmt: skip
    expect(page.get_by_test_id("return-to-business-link")).to_have_attribute("href", "https://app.example/")
    foot = page.locator('[data-test="small-footer"]')
    expect(foot.get_by_text("Powered by Stripe")).to_be_visible()
    for name, href in (("Learn more about Stripe Billing", "https://stripe.com/billing"),
                       ("Privacy", "https://stripe.com/privacy")):  # fmt: skip
        expect(foot.get_by_role("link", name=name, exact=True)).to_have_attribute("href", href)
    expect(foot.get_by_role("link", name="Learn more about Stripe Billing")).to_have_attribute("target", "_blank")
    expect(page.get_by_role("link", name="Return to Acme")).to_be_visible()
    main = page.get_by_test_id("page-container-main")
    expect(main).to_contain_text("Team (×5)")  # noqa: RUF001 - the sign of the page
    expect(main).to_contain_text("$100.00 per month")
    expect(page.get_by_role("link", name="Cancel subscription")).to_have_attribute(
        "href", re.compile(rf"/p/session/test_[\w-]+/subscriptions/{subscription}/cancel$")
    )


def test_subscriptions_of_other_kinds(shop: Shop, page: Page) -> None:
    customer = shop.post("/v1/customers", name="Ada", payment_method="pm_card_visa",
                         **{"invoice_settings[default_payment_method]": "pm_card_visa"})["id"]  # fmt: skip
    meter = shop.post("/v1/billing/meters", display_name="Calls", event_name="calls",
                      **{"default_aggregation[formula]": "sum"})["id"]  # fmt: skip
    metered = product(shop, "Calls", **{"recurring[usage_type]": "metered", "recurring[meter]": meter})
    shop.post("/v1/subscriptions", customer=customer, **{"items[0][price]": metered})
    several = {f"items[{place}][price]": product(shop, name) for place, name in enumerate(("Desk", "Chair", "Lamp"))}
    shop.post("/v1/subscriptions", customer=customer, trial_period_days=5, **several)
    page.goto(shop.portal(customer))
    main = page.get_by_test_id("page-container-main")
    expect(main).to_contain_text("Price varies with usage")
    expect(main).to_contain_text("Desk, Chair, and Lamp")
    expect(page.get_by_test_id("trial-ending-badge").locator("span span span")).to_have_text(
        re.compile(r"^[A-Z][a-z]{2} \d{1,2}$")
    )


def test_payment_methods(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    shop.post("/v1/payment_methods/pm_card_mastercard/attach", customer=customer)
    page.goto(shop.portal(customer))
    headed(page, "Payment methods")
    expect(page.get_by_text("Visa •••• 4242")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Expires \d{2}/\d{4}$")).first).to_be_visible()
    page.get_by_role("button", name="More options").click()
    seen(page, both("overflow-menu-button"), both("menu-contents"), both("nonDefaultPaymentInstrumentDeleteButton"))
    expect(page.get_by_role("menuitem", name="Make default")).to_be_visible()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_text("Delete payment method").first).to_be_visible()
    seen(page, both("PaymentInstrumentActionsDetatchModalConfirmButton"))
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Add payment method").click()
    card = page.locator(".__PrivateStripeElement iframe").first.content_frame
    for name, shown in (("number", "1234 1234 1234 1234"), ("expiry", "MM / YY"), ("cvc", "CVC")):
        expect(card.locator(f'input[name="{name}"]')).to_have_attribute("placeholder", shown)
    expect(card.locator('input[name="postalCode"]')).to_be_visible()
    seen(page, CONFIRM)


def test_cancel_and_after(shop: Shop, page: Page) -> None:
    customer, subscription = shop.subscriber()
    page.goto(shop.portal(customer))
    page.locator('a[data-test="cancel-subscription"]').click()
    expect(page).to_have_url(re.compile(f"/subscriptions/{subscription}/cancel$"))
    expect(page).to_have_title(re.compile("Cancel subscription"))
    for text in ("Confirm cancellation", "Cancel your subscription"):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.get_by_test_id("page-container-main")).to_contain_text(
        re.compile(r"subscription\s+will\s+be\s+canceled")
    )
    expect(page.locator(CONFIRM)).to_have_text("Cancel subscription")
    page.locator(CONFIRM).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("span").nth(1)).to_have_text("Subscription has been canceled")
    labels = {"too_expensive": "It\u2019s too expensive", "missing_features": "I need more features",
              "switched_service": "I found an alternative", "unused": "I no longer need it",
              "other": "Other reason"}  # fmt: skip
    for reason, label in labels.items():
        expect(dialog.get_by_label(label, exact=True)).to_be_visible()
        dialog.locator(f'[data-test="cancel-reason-opt-{reason}"]').check()
    expect(dialog.get_by_role("textbox", name="Any additional feedback?")).to_be_visible()
    seen(page, both("cancellation_reason_submit"), both("cancellation_reason_cancel"))
    page.get_by_role("button", name="No thanks").click()
    seen(page, f"a{both('renew-subscription')}", '[data-test="subscription-cancel-at-period-end-badge"]')
    expect(page.get_by_test_id("page-container-main")).to_contain_text("Cancels")
    expect(page.locator('[data-test="cancel-subscription"]')).to_have_count(0)


def test_cancel_where_the_reasons_come_first(shop: Shop, eye: Reader) -> None:
    page = eye.page
    customer, subscription = shop.subscriber()
    settings(shop, portal_skin="b-survey")
    page.goto(shop.portal(customer))
    page.locator('a[data-test="cancel-subscription"]').click()
    survey, proceed = (
        page.get_by_role("dialog"),
        page.get_by_role("button", name="Continue to cancellation", exact=True),
    )
    expect(proceed).to_be_visible()
    expect(page).to_have_url(re.compile(f"/subscriptions/{subscription}/cancel$"))
    survey.locator('[data-test="cancel-reason-opt-other"]').check()
    survey.get_by_role("textbox", name="Any additional feedback?").fill("Moving on")
    looks(eye, "cancel-survey")
    survey.get_by_label("I no longer need it", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(proceed).to_be_hidden()
    expect(page.get_by_role("heading", name="Confirm cancellation")).to_be_visible()
    page.locator(CONFIRM).click()
    seen(page, f"a{both('renew-subscription')}", '[data-test="subscription-cancel-at-period-end-badge"]')
    expect(survey).to_have_count(0)
    details = shop.get(f"/v1/subscriptions/{subscription}")["cancellation_details"]
    assert (details["feedback"], details["comment"]) == ("unused", None), "the text belongs to another reason"


def test_update_and_what_waits(shop: Shop, page: Page) -> None:
    configuration = shop.stocked()
    customer, subscription = shop.subscribed("Pro month")
    page.goto(shop.portal(customer, configuration=configuration))
    page.locator(both("update-subscription")).click()
    seen(page, both("pricing-table"), both("pricing-table-card"), '[data-testid="portal-quantity-editor"]',
         '[data-testid="portal-quantity-editor-increment-button"]', '[data-testid="continue-button"]')  # fmt: skip
    card = page.get_by_test_id("pricing-table-card").filter(has_text="Basic")
    expect(card).to_contain_text("$10.00 per month")
    card.get_by_role("button", name="Select").click()
    page.get_by_test_id("continue-button").click()
    expect(page.locator(CONFIRM)).to_have_text(re.compile("Confirm|Subscribe and pay"))
    page.locator(CONFIRM).click()
    page.locator(both("update-subscription")).click()
    expect(page.locator(CONFIRM)).to_have_text("Cancel change")
    page.locator(CONFIRM).click()
    item = shop.get(f"/v1/subscriptions/{subscription}")["items"]["data"][0]["id"]
    shop.post(f"/v1/subscriptions/{subscription}", **{"items[0][id]": item, "items[0][quantity]": 2})
    page.goto(shop.portal(customer))
    page.locator('[data-test="show-cost-details"]').last.click()
    details = page.get_by_test_id("expanded-invoice-details").last
    expect(details.locator('span[data-test="value"]').first).to_be_visible()
    expect(details).to_contain_text("Prorated charge for Pro")
    expect(details).to_contain_text("Qty 1 → 2")
    seen(page, '[data-test="hide-cost-details"]')


def test_handles_of_invoices(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    failed = shop.post("/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer)["id"]
    bill = {"customer": customer, "auto_advance": "false", "default_payment_method": failed}
    draft = shop.post("/v1/invoices", **bill)["id"]
    shop.post("/v1/invoiceitems", customer=customer, invoice=draft, amount=700, currency="usd")
    shop.post(f"/v1/invoices/{draft}/finalize")
    assert shop.http.post(f"{shop.url}/v1/invoices/{draft}/pay", timeout=20).status_code == 402
    page.goto(shop.portal(customer))
    rows = page.get_by_test_id("hip-link")
    expect(rows).to_have_count(2)
    expect(rows.last).to_have_attribute("target", "_blank")
    expect(rows.last).to_have_attribute("href", re.compile(r"/i/acct_\w+/test_[\w-]+\?s=il"))
    expect(rows.last).to_contain_text("$100.00")
    expect(page.get_by_test_id("invoice-status-badge-positive")).to_have_text("Paid")
    expect(page.get_by_test_id("invoice-status-badge-negative")).to_have_text("Failed")
    with page.expect_popup() as opening:
        rows.last.click()
    paid = opening.value
    seen(paid, '[data-testid="download-invoice-receipt-pdf-button"]')
    for text in ("Download invoice", "Download receipt", "View invoice and payment details"):
        expect(paid.get_by_text(text)).to_be_visible()
    for text in ("Invoice number", "Payment date"):
        expect(paid.get_by_text(text).first).to_be_visible()


def test_billing_information(shop: Shop, page: Page) -> None:
    customer, _ = shop.subscriber()
    shop.post(f"/v1/customers/{customer}", **{"address[country]": "US"})
    page.goto(shop.portal(customer))
    page.get_by_role("button", name="Update information").click()
    headed(page, "Billing information")
    typed = {"Name": "Ada", "Email": "ada@example.com", "Address line 1": "1 Main St", "Address line 2": "Apt 2",
             "City": "San Francisco", "ZIP": "94105", "Phone number": "+14155550100"}  # fmt: skip
    for label, text in typed.items():
        page.get_by_role("textbox", name=label, exact=True).fill(text)
    page.get_by_label("State").select_option("CA")
    expect(page.locator(both("cancel"))).to_be_visible()
    page.locator(CONFIRM).click()
    expect(page.get_by_text("San Francisco, CA 94105 US")).to_be_visible()


def test_nothing_to_cancel_where_one_only_looks(shop: Shop, eye: Reader) -> None:
    page = eye.page
    customer, _ = shop.subscriber()
    only: dict[str, Any] = {"features[invoice_history][enabled]": "true"}
    configuration = shop.post("/v1/billing_portal/configurations", **only)["id"]
    page.goto(shop.portal(customer, configuration=configuration))
    expect(page.get_by_role("link", name="Cancel subscription")).to_have_count(0)
    looks(eye, "home-invoices-only")


def test_checkout(live_server: LiveServer, request: pytest.FixtureRequest, page: Page) -> None:
    with opened(Seller, live_server.url, request) as seller:
        page.goto(seller.at(seller.session(billing_address_collection="required")["url"]))
        expect(page.get_by_test_id("product-summary-name")).to_have_text("Subscribe to Team")
        seen(page, '[data-testid="product-summary-total-amount"]', '[data-testid="line-item-product-name"]',
             '[data-testid="card-accordion-item-button"]', '[data-testid="hosted-payment-submit-button"]',
             '[data-qa="FormFieldGroup-cardForm"]')  # fmt: skip
        expect(page.get_by_text("Total due today")).to_be_visible()
        page.locator("#billingCountry").select_option("US")
        seen(page, "#email", "#cardNumber", "#cardExpiry", "#cardCvc", "#billingName", "#billingCountry",
             "#billingPostalCode", "#billingAddressLine1", "#billingLocality", "#billingAdministrativeArea")  # fmt: skip
        for name, text in {"email": "ada@example.com", "cardNumber": "4242424242424241", "cardExpiry": "12 / 34",
                           "cardCvc": "123", "billingName": "Ada", "billingAddressLine1": "1 Main St",
                           "billingLocality": "San Francisco", "billingPostalCode": "94105"}.items():  # fmt: skip
            page.locator(f"#{name}").fill(text)
        page.locator("#billingAdministrativeArea").fill("CA")
        submit, alert = page.get_by_test_id("hosted-payment-submit-button"), page.get_by_role("alert")
        submit.click()
        expect(alert).to_contain_text("Your card number is incorrect.")
        page.locator("#cardNumber").fill("4000000000000002")
        page.locator("#cardCvc").fill("123")
        submit.click()
        expect(alert).to_have_text("Your credit card was declined. Try paying with a debit card instead.")
