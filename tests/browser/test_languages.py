"""The longest languages and the widest scripts on a narrow screen: nothing is cut off, nothing lies over anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from portal_ui import catalogues
from tests.browser.conftest import NARROW
from tests.support.live import LiveServer

TIMEOUT = 20
SCRIPTS = ("ja", "th")  # need letters that a plain machine does not have
CUT_OFF = """() => [...document.querySelectorAll("a.button, button, h1, h2, h3, label, dt, dd, p, .badge, .price, legend, summary")]
    .filter(one => one.checkVisibility({checkVisibilityCSS: true, checkOpacity: true}) && one.offsetParent && !one.closest(".unseen, .skip, .headline"))
    .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible")
    .map(one => one.textContent.trim().slice(0, 60))"""
OVERLAPS = """() => {
    const all = [...document.querySelectorAll("main a.button, main button, main .badge, main .price, main h1, main h2, main h3, main label")]
        .filter(one => one.checkVisibility({checkVisibilityCSS: true, checkOpacity: true}) && one.offsetParent && !one.closest("[hidden], dialog:not([open]), .unseen"));
    const boxes = all.map(one => [one, one.getBoundingClientRect()]);
    const found = [];
    for (const [one, a] of boxes) for (const [two, b] of boxes) {
        if (one === two || one.contains(two) || two.contains(one) || !a.width || !b.width) continue;
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 1) found.push(one.textContent.trim().slice(0, 40) + " | " + two.textContent.trim().slice(0, 40));
    }
    return found;
}"""


def longest(count: int) -> list[str]:
    """Return the languages whose catalogues have the most letters."""

    def letters(name: str) -> int:
        return sum(len(str(message.string)) for message in catalogues.read(name) if message.id)

    whole = [name for name in catalogues.translated() if name not in catalogues.VARIETIES]
    return sorted(whole, key=letters)[-count:]


@pytest.fixture(scope="module")
def portal(live_server: LiveServer) -> tuple[str, str]:
    """The address of a portal session of the demo's company, and of its subscription."""
    key = "sk_test_languages"
    headers = {"Authorization": f"Bearer {key}"}
    world = requests.post(f"{live_server.url}/_emulator/worlds", json={"key": key, "fixture": "saas"}, timeout=TIMEOUT)
    assert world.status_code == 200, world.text
    made = requests.post(
        f"{live_server.url}/v1/billing_portal/sessions", data={"customer": "cus_demo"}, headers=headers, timeout=TIMEOUT
    )
    url = live_server.url + re.sub(r"^https?://[^/]+", "", made.json()["url"])
    return url, f"{url}/subscriptions/sub_demo"


@pytest.mark.parametrize("language", [*longest(5), *SCRIPTS])
def test_everything_fits(language: str, portal: tuple[str, str], browser: Browser, shots: Path | None) -> None:
    home, subscription = portal
    tag = language.replace("_", "-")
    context = browser.new_context(viewport={"width": NARROW, "height": 900}, locale=tag)
    page = context.new_page()
    for name, url in (
        ("home", home),
        ("update", f"{subscription}/update"),
        ("confirm", f"{subscription}/preview/price_business_monthly"),
        ("cancel", f"{subscription}/cancel"),
        ("method", f"{home}/payment-methods/add"),
        ("information", f"{home}/customer/update"),
    ):
        _fits(page, url, f"{name}-{language}", shots)
    assert page.evaluate("document.documentElement.lang").partition("-")[0] == tag.partition("-")[0]
    context.close()


def _fits(page: Page, url: str, name: str, shots: Path | None) -> None:
    page.goto(url)
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, name
    assert page.evaluate(CUT_OFF) == [], name
    assert page.evaluate(OVERLAPS) == [], name
    if shots is not None:
        page.screenshot(path=shots / f"{name}-{NARROW}.png", full_page=True, animations="disabled")


@pytest.mark.parametrize(
    "letters, font", [("請求書の支払い", "Portal CJK"), ("การชำระเงิน", "Portal Thai"), ("결제 수단", "Portal CJK")]
)
def test_letters_of_every_script_are_there(letters: str, font: str, portal: tuple[str, str], browser: Browser) -> None:
    """A machine without fonts for a script gets ours, which has the letters."""
    context = browser.new_context(viewport={"width": NARROW, "height": 900})
    page = context.new_page()
    page.goto(portal[0])
    loaded = page.evaluate(
        "async ([letters, font]) => (await document.fonts.load(`16px '${font}'`, letters)).length", [letters, font]
    )
    assert loaded == 1
    assert page.evaluate("([letters, font]) => document.fonts.check(`16px '${font}'`, letters)", [letters, font])
    context.close()


def test_buttons_are_set_anew_when_their_letters_have_come(portal: tuple[str, str], browser: Browser) -> None:
    """A button takes how its text is set from the browser, not from the page around it, and would keep empty boxes."""
    context = browser.new_context(viewport={"width": NARROW, "height": 900}, locale="ja-JP")
    page = context.new_page()
    page.goto(f"{portal[1]}/cancel")
    page.wait_for_function("document.body.classList.contains('lettered') && document.fonts.status === 'loaded'")
    widths = page.evaluate(
        """() => {
            return [...document.querySelectorAll("main button")].map((button) => {
                const range = document.createRange();
                range.selectNodeContents(button);
                const {fontSize, fontWeight, fontFamily} = getComputedStyle(button);
                const like = document.createElement("span");
                like.textContent = button.textContent.trim();
                Object.assign(like.style, {position: "absolute", whiteSpace: "nowrap", fontSize, fontWeight, fontFamily});
                document.body.append(like);
                return [range.getBoundingClientRect().width, like.getBoundingClientRect().width];
            });
        }"""
    )
    context.close()
    assert widths
    for stands, should in widths:
        assert abs(stands - should) < 2


def test_arrow_keys_choose_a_language_only_when_they_are_done(portal: tuple[str, str], page: Page) -> None:
    page.goto(portal[0])
    menu, html = page.locator("#language"), page.locator("html")
    button = page.locator("form.language button")
    expect(button).to_be_hidden()
    menu.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    ring = menu.evaluate("menu => [getComputedStyle(menu).outlineColor, getComputedStyle(menu).color]")
    assert ring[0] == ring[1], "as visible on the colour of the brand as the words are"
    before, tag = menu.input_value(), html.get_attribute("lang")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = menu.input_value()
    assert chosen != before
    expect(button).to_be_visible()
    assert (html.get_attribute("lang"), page.evaluate("document.activeElement.id")) == (tag, "language")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(html).to_have_attribute("lang", chosen)
    page.locator("#language").select_option("en")  # by a pointer it is chosen at once
    expect(html).to_have_attribute("lang", "en")
