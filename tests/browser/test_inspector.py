"""The inspector in a real browser over the real engine: what happens appears, the clock moves, deliveries are replayed, nothing runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HEIGHT, NARROW, NARROWEST, WIDE, Reader
from tests.support.merchant import Merchant

EVIL = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"
TIMEOUT = 20


@pytest.fixture
def developer(eye: Reader, merchant: Merchant) -> Iterator[Reader]:
    """Somebody who looks into the merchant's world."""
    page = eye.page
    key = str(merchant.http.headers["Authorization"]).removeprefix("Bearer ")
    page.goto(f"{eye.url}/_emulator/?key={key}")
    expect(page.get_by_test_id("live")).to_have_text("Live")
    yield eye
    assert page.title() != "broken in"


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{name}")).click()


def fits(developer: Reader, name: str) -> None:
    """The narrowest phones need no sideways scroll, and axe finds nothing serious: quicker than three photographs."""
    developer.page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    assert developer.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST, name
    developer.accessible(name)
    developer.page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def not_hidden_by_the_header(page: Page) -> None:
    """Go through the page backwards in a low window: what has the focus is never below the header."""
    page.set_viewport_size({"width": 700, "height": 600})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    passed = 0
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        free = page.evaluate("""() => {
            const header = document.querySelector("header"), here = document.activeElement;
            if (!document.querySelector("main").contains(here)) return null;
            return Math.round(here.getBoundingClientRect().top - header.getBoundingClientRect().bottom);
        }""")
        passed += free is not None
        assert free is None or free >= 0, page.evaluate("document.activeElement.outerHTML")
    assert passed > 5
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def test_what_happens_appears_and_markup_stays_text(developer: Reader, merchant: Merchant) -> None:
    page = developer.page
    tab(page, "Events")
    expect(page.get_by_text("No event yet.")).to_be_visible()
    customer = merchant.post("/v1/customers", name="Ada Rivera")["id"]
    merchant.post(f"/v1/customers/{customer}", name=EVIL, **{"metadata[<b>]": EVIL})
    rows = page.get_by_test_id("events")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("customer.updated")
    expect(rows.first).to_contain_text(EVIL)
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    detail = page.locator(".tab.events").get_by_test_id("detail")
    expect(detail).to_be_focused()
    change = detail.get_by_test_id("change").filter(has_text=re.compile("^name"))
    expect(change.locator("del")).to_have_text("Ada Rivera")
    expect(change.locator("ins")).to_have_text(EVIL)
    assert page.locator("img, main script").count() == 0
    developer.looks("inspector-event")
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    expect(rows.first).to_be_hidden()
    page.keyboard.press("Escape")
    expect(rows.first).to_be_focused()
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    rows.first.click()
    detail.get_by_role("link", name=re.compile("^req_")).click()
    answer = page.locator(".tab.requests").get_by_test_id("detail")
    expect(answer.get_by_role("heading", name=f"POST /v1/customers/{customer}")).to_be_visible()
    expect(answer.get_by_role("link", name="customer.updated")).to_be_visible()
    fits(developer, "request")
    merchant.http.get(f"{developer.url}/v1/customers/cus_nobody", timeout=TIMEOUT)
    expect(page.get_by_test_id("requests").first).to_contain_text("resource_missing")
    page.get_by_label("Filter by method, path, status, id").first.fill("404")
    expect(page.locator(".tab.requests").get_by_test_id("requests")).to_have_count(1)


def test_time_is_moved(developer: Reader, merchant: Merchant) -> None:
    page = developer.page
    _, subscription = merchant.subscriber()
    tab(page, "Clock")
    due = page.get_by_test_id("due").filter(has_text=subscription).first
    expect(due).to_be_visible()
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#mode")).to_have_text("Frozen")
    before = merchant.get("/_emulator/clock")["now"]
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.get_by_role("status").filter(has_text="The clock went on by 1 d")).to_be_visible()
    assert merchant.get("/_emulator/clock")["now"] == before + 86_400
    slider = page.get_by_test_id("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("target")).to_contain_text("in 2 h")
    page.get_by_role("button", name="Run to there").click()
    expect(page.get_by_test_id("target")).to_have_text("Choose how far")
    assert merchant.get("/_emulator/clock")["now"] == before + 86_400 + 7200
    developer.looks("inspector-clock")
    due.get_by_role("button", name="Run to here").click()
    expect(page.get_by_role("status").filter(has_text=re.compile("The clock went on by 2[789] d"))).to_be_visible()
    tab(page, "Events")
    expect(page.get_by_test_id("events").filter(has_text="invoice.created")).to_have_count(2)
    page.emulate_media(color_scheme="dark")
    developer.accessible("dark")


def test_a_delivery_is_replayed(developer: Reader, merchant: Merchant) -> None:
    page = developer.page
    merchant.post("/v1/webhook_endpoints", url=f"{merchant.url}/_emulator/nowhere", **{"enabled_events[]": "*"})
    merchant.post("/v1/products", name="Chair")
    tab(page, "Deliveries")
    rows = page.get_by_test_id("deliveries")
    failed = rows.filter(has_text="404").first
    expect(failed).to_contain_text("product.created")
    failed.click()
    detail = page.locator(".tab.deliveries").get_by_test_id("detail")
    expect(detail.get_by_role("heading", name="Signature")).to_be_visible()
    expect(detail.get_by_text('"name": "Chair"')).to_be_visible()
    expect(detail.get_by_text("no such control call").first).to_be_visible()
    fits(developer, "delivery")
    detail.get_by_role("button", name="Replay").press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile("Attempt [23]: 404"))).to_be_visible()
    expect(rows.filter(has_text="404")).to_have_count(2)
    expect(detail.get_by_role("heading", name="Attempts")).to_be_visible()


def test_faults_worlds_and_overview(developer: Reader, merchant: Merchant) -> None:
    page = developer.page
    developer.allowed = ("400 (Bad Request)", "404 (Not Found)")  # refusals are told by their status
    tab(page, "Faults")
    page.get_by_label("What").select_option("rate_limited")
    page.get_by_label("How often").fill("1")
    page.get_by_role("button", name="Add", exact=True).click()
    rule = page.get_by_test_id("fault")
    expect(rule).to_contain_text("acted 0 of 1")
    assert merchant.http.get(f"{merchant.url}/v1/customers", timeout=TIMEOUT).status_code == 429
    expect(rule).to_contain_text("acted 1 of 1")
    page.get_by_text("A rule of your own").click()
    page.get_by_label("Rule as JSON").fill('{"action": {"error": "nonsense"}}')
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("alert")).to_contain_text("action.error must be one of")
    rule.get_by_role("button", name="Remove").click()
    expect(rule).to_have_count(0)
    fits(developer, "faults")
    merchant.subscriber()
    tab(page, "Worlds")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_label("Snapshot", exact=True)).to_have_value(re.compile("^snap_"))
    merchant.post("/v1/customers", name="Later")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status").filter(has_text="Brought back to snap_")).to_be_visible()
    assert len(merchant.get("/v1/customers")["data"]) == 1
    fits(developer, "worlds")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    assert len(merchant.get("/v1/customers")["data"]) == 1
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect(page.get_by_role("status").filter(has_text="The world is as it was made.")).to_be_visible()
    assert merchant.get("/v1/customers")["data"] == []
    page.get_by_label("Key", exact=True).fill("sk_test_made_by_inspector")
    page.get_by_label("Made from").select_option("saas")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("World", exact=True)).to_have_value("sk_test_made_by_inspector")
    expect(page.locator(".count", has_text="customers")).to_be_visible()
    expect(page).to_have_title("Inspector: sk_test_…ctor")
    developer.looks("inspector-overview")
    not_hidden_by_the_header(page)
    page.get_by_role("link", name="Customers and their portals").click()
    expect(page.get_by_test_id("customer-row").first).to_be_visible()


def test_mail_arrives(developer: Reader, merchant: Merchant) -> None:
    page = developer.page
    merchant.post("/v1/customers", email="ada@example.com")
    door = merchant.post(
        "/v1/billing_portal/configurations",
        **{"login_page[enabled]": "true", "features[invoice_history][enabled]": "true"},
    )
    tab(page, "Mail")
    expect(page.get_by_text("No mail yet.")).to_be_visible()
    customer = page.context.new_page()
    customer.goto(merchant.url + re.sub(r"^https?://[^/]+", "", door["login_page"]["url"]))
    customer.get_by_label("Email").fill("ada@example.com")
    customer.keyboard.press("Enter")
    customer.wait_for_url(re.compile("/p/login/[^/]+/."))
    code = merchant.get("/_emulator/mail")["data"][0]["code"]
    customer.close()
    mail = page.get_by_test_id("mail")
    expect(mail).to_contain_text("To ada@example.com")
    expect(mail.locator(".code")).to_have_text(code)
    fits(developer, "mail")
    page.get_by_role("button", name="Clear").click()
    expect(mail).to_have_count(0)
