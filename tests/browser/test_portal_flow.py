"""The first flow in Chromium, acted by labels and handles as the suites on the real pages do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Reader


def test_cancel_reason_renew(reader: Reader) -> None:
    reader.open("one")
    page = reader.page
    expect(page).to_have_title(re.compile("Billing"))
    expect(page.get_by_text("Current subscription")).to_be_visible()
    expect(page.get_by_text("Team", exact=True)).to_be_visible()
    page.get_by_text("Cancel subscription").click()
    expect(page).to_have_url(re.compile(r"/cancel$"))
    expect(page.get_by_text("Confirm cancellation")).to_be_visible()
    expect(page.get_by_text("Cancel your subscription")).to_be_visible()
    page.get_by_text("Cancel subscription").click()
    expect(page.locator("[role=dialog] span").nth(1)).to_have_text("Subscription has been canceled")
    box = page.get_by_role("textbox", name="Any additional feedback?")
    expect(box).to_be_hidden()
    page.locator('[data-test="cancel-reason-opt-other"]').check()
    box.fill("Too <b>good</b>")
    page.get_by_text("I no longer need it", exact=True).click()
    expect(box).to_be_hidden()
    page.get_by_test_id("cancellation_reason_submit").click()
    expect(page.get_by_role("status")).to_have_text("Thank you for your feedback.")
    expect(page.locator('[data-test="subscription-cancel-at-period-end-badge"]')).to_have_text("Cancels Aug 25")
    expect(page.get_by_test_id("page-container-main")).to_contain_text("Expires")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    page.locator('a[data-test="renew-subscription"]').click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_role("status")).to_have_text("Your subscription will continue.")
    expect(page.locator('a[data-test="cancel-subscription"]')).to_be_visible()


def test_no_thanks_closes(reader: Reader) -> None:
    reader.open("one/subscriptions/sub_1FakeTeam/cancel")
    page = reader.page
    page.locator('[data-test="confirm"]').click()
    page.get_by_test_id("cancellation_reason_cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator('a[data-test="renew-subscription"]')).to_be_visible()


def test_keyboard_alone(reader: Reader) -> None:
    reader.open("one")
    page = reader.page
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
        if seen[-1] == "Cancel subscription":
            break
    assert seen[0] == "Skip to content"
    assert seen[1] == "Return to Northwind"
    assert seen[-1] == "Cancel subscription"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("confirm")).to_be_visible()
    page.get_by_test_id("confirm").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "reason"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('[role=dialog]')"
        ), "focus stays inside"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_trial_badge_holds_its_day(reader: Reader) -> None:
    reader.open("trial")
    badge = reader.page.get_by_test_id("trial-ending-badge")
    expect(badge).to_have_text("Trial ends Aug 25")
    expect(badge.locator("span span span")).to_have_text("Aug 25")


def test_invoices(reader: Reader) -> None:
    reader.open("saas")
    page = reader.page
    rows = page.get_by_test_id("hip-link")
    expect(rows).to_have_count(10)
    expect(rows.first).to_have_attribute("target", "_blank")
    expect(rows.first.get_by_text("$100.00")).to_be_visible()
    expect(rows.first.get_by_text("Team")).to_be_visible()
    expect(rows.first.get_by_test_id("invoice-status-badge-positive")).to_have_text("Paid")
    expect(page.get_by_test_id("invoice-status-badge-negative")).to_have_text("Failed")
    page.locator('button[data-testid="view-more-button"]').click()
    expect(rows).to_have_count(28)
    with page.expect_popup() as opened:
        rows.first.click()
    assert "/i/acct_" in opened.value.url
    opened.value.close()


def test_a_button_is_pressed_once(reader: Reader) -> None:
    reader.open("one/subscriptions/sub_1FakeTeam/cancel")
    page = reader.page
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_test_id("confirm").dblclick()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert len(sent) == 1


def test_without_scripts(browser: Browser, sample_server: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{sample_server}/p/session/test_one")
    page.locator('a[data-test="cancel-subscription"]').click()
    page.get_by_test_id("confirm").click()
    section = page.get_by_role("dialog")
    expect(section).to_be_visible()
    page.locator('[data-test="cancel-reason-opt-other"]').check()
    page.get_by_role("textbox", name="Any additional feedback?").fill("No scripts here")
    page.get_by_test_id("cancellation_reason_submit").click()
    expect(page.get_by_role("status")).to_have_text("Thank you for your feedback.")
    page.locator('a[data-test="renew-subscription"]').click()
    page.get_by_test_id("confirm").click()
    expect(page.locator('a[data-test="cancel-subscription"]')).to_be_visible()
    page.goto(f"{sample_server}/p/session/test_leaving?canceled=sub_1FakeTeam")
    page.get_by_test_id("cancellation_reason_cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    context.close()


LOOKS = {
    "home": "saas",
    "home-many": "many",
    "home-nothing": "nothing",
    "home-leaving": "leaving",
    "home-trial": "trial",
    "home-plain": "plain",
    "home-german": "german",
    "home-japanese": "yen",
    "home-hostile": "xss",
    "home-done": "one?done=renewed",
    "cancel": "saas/subscriptions/sub_1FakeTeam/cancel",
    "cancel-now": "immediate/subscriptions/sub_1FakeTeam/cancel",
    "reasons": "leaving?canceled=sub_1FakeTeam",
    "renew": "german/subscriptions/sub_1FakeTeam/renew",
    "dead-idle": "idle",
    "dead-unknown": "gone",
    "refused": "viewonly/subscriptions/sub_1FakeTeam/cancel",
    "broken": "crash",
}


def test_every_page_looks_right(reader: Reader) -> None:
    reader.allowed = ("the server responded with a status of",)
    for name, path in LOOKS.items():
        reader.open(path)
        reader.looks(name)


@pytest.mark.parametrize("scheme", ["forced", "reduced"])
def test_other_ways_of_seeing(reader: Reader, scheme: str) -> None:
    page: Page = reader.page
    if scheme == "forced":
        page.emulate_media(forced_colors="active")
    else:
        page.emulate_media(reduced_motion="reduce")
    reader.open("leaving?canceled=sub_1FakeTeam")
    expect(page.get_by_role("dialog")).to_be_visible()
    reader.accessible(scheme)


def test_it_cannot_be_framed(reader: Reader) -> None:
    reader.allowed = ("Refused to frame", "frame-ancestors", "X-Frame-Options")
    reader.open("one")
    policy = reader.page.evaluate("fetch(location.href).then((answer) => answer.headers.get('X-Frame-Options'))")
    assert policy == "DENY"
