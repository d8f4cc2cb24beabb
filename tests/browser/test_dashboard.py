"""The owner in a real browser over the real engine: settings, brand, customers, preview and demo."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HEIGHT, NARROW, WIDE, Reader, looking
from tests.support.live import LiveServer
from tests.support.merchant import Merchant

LONG = "The Very Long Established Company of Makers of Extraordinarily Comfortable Chairs and Tables, Limited"


def png(red: int, green: int, blue: int, size: int = 128) -> bytes:
    """Return a square picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes((red, green, blue)) * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def owner(page: Page, live_server: LiveServer, shots: Path | None) -> Iterator[Reader]:
    """Somebody who looks at the Dashboard; a refused form is answered with its status."""
    with looking(page, live_server.url, shots, "400 (Bad Request)") as made:
        yield made


def dashboard(owner: Reader, merchant: Merchant, path: str) -> None:
    key = str(merchant.http.headers["Authorization"]).removeprefix("Bearer ")
    owner.page.goto(f"{owner.url}/dashboard/{path}?key={key}")


def not_hidden_by_the_bar(page: Page) -> None:
    """Tab through a form whose button stays at the bottom of the window: what has the focus is never below it."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    page.locator("#content").focus()
    passed = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        below = page.evaluate("""() => {
            const bar = document.querySelector(".save"), here = document.activeElement;
            if (!bar.parentElement.contains(here) || bar.contains(here)) return null;
            return Math.round(here.getBoundingClientRect().bottom - bar.getBoundingClientRect().top);
        }""")
        passed += below is not None
        assert below is None or below <= 0, page.evaluate("document.activeElement.outerHTML")
    assert passed > 20
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def test_the_owner_sets_the_portal_up(owner: Reader, merchant: Merchant) -> None:
    merchant.subscriber()
    page = owner.page
    dashboard(owner, merchant, "settings/billing/portal")
    updates = page.get_by_role("switch", name="Subscription updates")
    expect(page.get_by_text("Plans to choose from")).to_be_hidden()
    updates.focus()
    page.keyboard.press("Space")
    page.get_by_label("Switch to another plan").check()
    page.get_by_label("Headline").fill("Chairs for all")
    page.get_by_test_id("save").click()
    expect(page.locator("#plans-problem")).to_contain_text("features[subscription_update][products]")
    expect(page.get_by_label("Headline")).to_have_value("Chairs for all")
    owner.looks("dashboard-settings-refused")
    not_hidden_by_the_bar(page)
    page.get_by_label("$20.00 per month").check()
    page.get_by_label("Retention coupon").select_option("")
    page.get_by_test_id("save").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your settings have been saved.")
    page.get_by_test_id("activate-link").click()
    expect(page.get_by_test_id("login-page-url")).to_have_text(re.compile(r"/p/login/test_"))
    found = merchant.get("/v1/billing_portal/configurations?is_default=true")["data"][0]
    assert found["features"]["subscription_update"]["enabled"] is True
    assert found["login_page"]["enabled"] is True
    with page.expect_popup() as opening:
        page.get_by_test_id("preview").click()
    preview = opening.value
    expect(preview.locator('[data-test="preview-banner"]')).to_be_visible()
    expect(preview.get_by_text("Chairs for all")).to_be_visible()
    preview.locator('[data-test="cancel-subscription"]').click()
    assert preview.evaluate("document.querySelector('form[method=post] [data-testid=confirm]').closest('form').inert")


def test_the_brand(owner: Reader, merchant: Merchant) -> None:
    customer, _ = merchant.subscriber()
    page = owner.page
    dashboard(owner, merchant, "settings/branding")
    page.get_by_label("Icon", exact=True).set_input_files(
        {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )
    page.get_by_test_id("save").click()
    expect(page.locator("#icon-problem")).to_contain_text("PNG, JPEG or GIF")
    page.get_by_label("Icon", exact=True).set_input_files(
        {"name": "i.png", "mimeType": "image/png", "buffer": png(9, 99, 99)}
    )
    page.get_by_label("Business name").fill(LONG)
    page.get_by_label("Brand color").fill("#0a0a0a")
    page.get_by_label("Accent color").fill("#ffe600")
    page.get_by_label("Serif", exact=True).check()
    page.get_by_label("Pill").check()
    page.get_by_test_id("save").click()
    expect(page.get_by_role("status")).to_have_text("Your brand has been saved.")
    owner.looks("dashboard-brand")
    page.goto(merchant.portal(customer))
    icon = page.locator(".panel img.icon")
    expect(icon).to_be_visible()
    assert icon.evaluate("image => image.naturalWidth") == 128
    assert "Georgia" in page.evaluate("getComputedStyle(document.body).fontFamily")
    owner.looks("portal-long-name-dark")
    page.set_viewport_size({"width": 320, "height": 900})
    panel = page.locator(".panel").bounding_box()
    assert panel
    assert panel["height"] < 80, "a long name stays in its bar"
    dashboard(owner, merchant, "settings/branding")
    page.get_by_label("Brand color").fill("#ffffff")
    page.get_by_label("Accent color").fill("#ffffff")
    page.get_by_test_id("save").click()
    page.goto(merchant.portal(customer))
    page.set_viewport_size({"width": 1280, "height": 900})
    owner.accessible("a white brand")


def test_customers_and_demo(owner: Reader, merchant: Merchant) -> None:
    merchant.subscriber()
    page = owner.page
    dashboard(owner, merchant, "customers")
    owner.looks("dashboard-customers")
    page.get_by_label("Search by name, email or ID").fill("rivera")
    page.keyboard.press("Enter")
    row = page.get_by_test_id("customer-row")
    expect(row).to_have_count(1)
    expect(row.get_by_test_id("customer-status")).to_have_text("Active")
    row.get_by_test_id("open-customer-portal").click()
    expect(page).to_have_url(re.compile("/p/session/test_"))
    expect(page.get_by_text("$100.00 per month")).to_be_visible()
    dashboard(owner, merchant, "customers")
    page.get_by_role("link", name="View demo").click()
    expect(page.get_by_text("Jenny Rosen")).to_be_visible()
