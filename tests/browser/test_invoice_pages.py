"""Invoice, receipt and 3D Secure in Chromium over the sample worlds: looked at, tabbed through, printed."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Reader
from tests.pages.fake_objects import ACCOUNT

PAYMENT, SETUP = "3d_secure/pi_3Fake_secret_fake", "3d_secure/seti_1Fake_secret_fake"


def at(name: str) -> str:
    return f"i/{ACCOUNT}/test_{name}"


LOOKS = {
    "invoice-paid": at("paid"), "invoice-open": at("open"), "invoice-overdue": at("overdue"), "invoice-nomethod": at("nomethod"),
    "invoice-processing": at("processing"), "invoice-void": at("void"), "invoice-busy": at("busy"), "invoice-yen": at("yen"),
    "invoice-german": at("german"), "invoice-nameless": at("nameless"), "invoice-hostile": at("xss"), "invoice-expired": at("expired"),
    "invoice-unknown": at("nobody"), "invoice-broken": at("crash"), "receipt": f"receipts/invoices/{ACCOUNT}/test_busy",
    "receipt-plain": "receipts/payment/ch_3Fake", "3ds-payment": PAYMENT, "3ds-setup": SETUP,
}  # fmt: skip


def test_every_page_looks_right(reader: Reader) -> None:
    reader.allowed = ("the server responded with a status of",)
    for name, path in LOOKS.items():
        reader.page.goto(f"{reader.url}/{path}")
        fold = reader.page.get_by_text(re.compile("View invoice and payment details|Rechnungs- und|詳細を表示"))
        if fold.count():
            reader.looks(name)
            fold.click()
            reader.looks(f"{name}-unfolded")
        else:
            reader.looks(name)


def test_a_decline_and_then_a_payment(reader: Reader) -> None:
    reader.allowed = ("the server responded with a status of 402",)
    page = reader.page
    page.goto(f"{reader.url}/{at('open')}")
    page.get_by_label("Mastercard •••• 4444").check()
    page.get_by_role("button", name="Pay $20.00").click()
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    expect(page.get_by_label("Mastercard •••• 4444")).to_be_checked()
    reader.looks("invoice-declined")
    page.get_by_label("Visa •••• 4242").check()
    page.get_by_role("button", name="Pay $20.00").click()
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    expect(page.get_by_test_id("invoice-status-badge-positive")).to_have_text("Paid")
    reader.looks("invoice-just-paid")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_text("View receipt").click()
    expect(page.get_by_role("heading", name="Receipt from Northwind")).to_be_visible()
    page.get_by_text("View invoice").click()
    expect(page.get_by_role("heading", name="Invoice from Northwind")).to_be_visible()


def test_keyboard_alone(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.url}/{at('open')}")
    seen = []
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("(document.activeElement.value || document.activeElement.textContent).trim()"))
        if seen[-1] == "View invoice and payment details":
            break
    assert seen == ["Skip to content", "pm_visa4242", "Pay $20.00", "View invoice and payment details"]
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bill to")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Mastercard •••• 4444")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    page.goto(f"{reader.url}/{SETUP}")
    page.locator("#test-source-authorize-3ds").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Authentication complete")).to_be_visible()


def test_a_button_is_pressed_once(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.url}/{at('open')}")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Pay $20.00").dblclick()
    expect(page.get_by_role("status")).to_be_visible()
    assert len(sent) == 1


def test_it_prints_as_one_clean_sheet(reader: Reader) -> None:
    page = reader.page
    for name in ("open", "paid", "busy", "german"):
        page.goto(f"{reader.url}/{at(name)}")
        for size in ("Letter", "A4"):
            sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format=size))
            assert len(sheets) == 1, (name, size)
        page.emulate_media(media="print")
        expect(page.locator(".lines")).to_be_visible()
        expect(page.locator(".foot")).to_be_hidden()
        expect(page.locator("summary")).to_be_hidden()
        assert page.locator("form.pay:visible, .acts:visible").count() == 0
        reader.photograph(f"invoice-{name}-print")
        page.emulate_media(media="null")
        assert page.locator("details[open]").count() == 0, "folded again afterwards"


def test_the_answer_reaches_other_hosts(reader: Reader) -> None:
    page = reader.page

    def shop(route: Route) -> None:
        route.fulfill(status=302, headers={"Location": "https://app.example/done"})

    page.route("https://shop.example/**", shop)
    page.goto(f"{reader.url}/{PAYMENT}")
    # The merchant's redirect has left the page when the second host is asked: the policy held neither back.
    with page.expect_request("https://app.example/done"):
        page.locator("#test-source-authorize-3ds").click()
    left = [text for text in reader.problems if text.startswith("asked another host: ")]
    assert "redirect_status=succeeded" in left[0]
    assert set(reader.problems) == set(left)
    reader.problems.clear()


def test_without_scripts(browser: Browser, sample_server: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{sample_server}/{at('open')}")
    page.get_by_text("View invoice and payment details").click()
    expect(page.get_by_text("Bill to")).to_be_visible()
    page.get_by_role("button", name="Pay $20.00").click()
    expect(page.get_by_role("status")).to_have_text("Payment received. Thank you.")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.goto(f"{sample_server}/{SETUP}")
    page.locator("#test-source-fail-3ds").click()
    expect(page.get_by_role("heading", name="Authentication failed")).to_be_visible()
    context.close()
