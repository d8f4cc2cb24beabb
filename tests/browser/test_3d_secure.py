"""The bank's question on the way of our own pages: in frames, where suites for the real pages look for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_real_invoice import billed

if TYPE_CHECKING:
    from tests.browser.conftest import Reader
    from tests.support.merchant import Merchant

COMPLETE, FAIL = "#test-source-authorize-3ds", "#test-source-fail-3ds"
THANKS = "Payment received. Thank you."
PRIVATE = 'iframe[name^="__privateStripeFrame"]'


def asked(merchant: Merchant, page: Page) -> Any:
    """Pay an invoice with a card whose bank asks; returns the invoice."""
    invoice, _ = billed(merchant, "pm_card_authenticationRequired")
    page.goto(merchant.at(invoice["hosted_invoice_url"]))
    page.get_by_role("button", name="Pay $30.00").click()
    expect(page).to_have_url(re.compile("/3d_secure/"))
    return invoice


def in_frame(page: Page, button: str) -> None:
    page.frame_locator("iframe#challengeFrame").locator(button).click()


def nested(page: Page, button: str) -> None:
    page.frame_locator(PRIVATE).frame_locator("iframe#challengeFrame").locator(button).click()


def named(page: Page, button: str) -> None:
    page.frame_locator(PRIVATE).first.frame_locator('[name="stripe-challenge-frame"]').locator(button).click()


def searched(page: Page, button: str) -> None:
    page.wait_for_load_state("networkidle")
    frame = page.frame(name="stripe-challenge-frame")
    assert frame is not None
    frame.get_by_role("button", name="Complete" if button == COMPLETE else "Fail").click()


def test_suites_find_the_buttons(merchant: Merchant, page: Page) -> None:
    invoice = asked(merchant, page)
    for way in (in_frame, nested, named, searched):
        way(page, FAIL)
        expect(page.get_by_role("alert")).to_contain_text("We are unable to authenticate your payment method.")
        page.get_by_role("button", name="Pay $30.00").click()
    assert merchant.get(f"/v1/invoices/{invoice['id']}")["status"] == "open"
    in_frame(page, COMPLETE)
    expect(page.get_by_role("status")).to_have_text(THANKS)
    assert merchant.get(f"/v1/invoices/{invoice['id']}")["status"] == "paid"


def test_it_is_looked_at_and_answered_by_keyboard(merchant: Merchant, eye: Reader) -> None:
    page = eye.page
    asked(merchant, page)
    inner = page.frame_locator(PRIVATE).frame_locator("#challengeFrame")
    expect(inner.get_by_role("button")).to_have_text(["Complete", "Fail"])
    eye.looks("3ds-in-frames")
    # What bears the buttons' names in the outer frame lies exactly where they are.
    for button in (COMPLETE, FAIL):
        outside = page.frame_locator("#challengeFrame").locator(button).bounding_box()
        inside = inner.locator(button).bounding_box()
        assert outside == inside, button
    page.locator("#content").focus()
    for _ in range(4):
        if inner.locator(COMPLETE).evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(inner.locator(COMPLETE)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(THANKS)


def test_it_works_without_scripts(merchant: Merchant, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked(merchant, page)
    nested(page, COMPLETE)
    expect(page.get_by_role("status")).to_have_text(THANKS)
    context.close()


def test_a_redirect_of_the_api_is_a_whole_page(merchant: Merchant, page: Page) -> None:
    setup = merchant.post(
        "/v1/setup_intents", payment_method="pm_card_authenticationRequired", confirm="true",
        return_url=f"{merchant.url}/p/session/test_x", **{"automatic_payment_methods[enabled]": "true"},
    )  # fmt: skip
    page.goto(merchant.at(setup["next_action"]["redirect_to_url"]["url"]))
    expect(page.locator(COMPLETE)).to_be_visible()
    assert page.locator("iframe").count() == 0
