"""What demanding customers do with the pages: too many of a thing, names from right to left, long histories."""

from __future__ import annotations

import asyncio
import logging
from html import unescape
from typing import TYPE_CHECKING

import pytest

from portal_ui import bidi
from tests.api.test_portal_flows import Browser
from tests.api.test_portal_update_pages import place
from tests.support.plans import Shop
from tests.support.portal import SESSIONS, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

ARABIC = "الفريق"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ("999999", None),
        ("1000000", "Enter a whole number from 1 to 999,999."),
        ("99999999999999999999", "Enter a whole number from 1 to 999,999."),
        ("0", "Enter a whole number of at least 1."),
        ("1.5", "Enter a whole number of at least 1."),
        ("-1", "Enter a whole number of at least 1."),
        ("１２", "Enter a whole number of at least 1."),  # noqa: RUF001 - digits of another script
    ],
)
async def test_how_many_may_be_asked_for(api: Api, count: str, words: str | None) -> None:
    shop = await Shop(api).open()
    token, before = await shop.link(), await api.events()
    here = f"{place(shop, token)}/preview/{shop.prices['pro']}"
    if words is None:
        assert (await shop.see(f"{here}?quantity={count}")).status == 200
        return
    sent = await shop.send(here, quantity=count)
    assert sent.status == 303
    shown = await shop.see(sent.location)
    assert shown.status == 400
    assert words in shown.text
    assert await since(api, before) == []
    assert await shop.has() == ("basic", 1)


async def test_more_than_the_most_is_kept_where_it_is_had(api: Api) -> None:
    shop = await Shop(api).open(quantity=1_500_000)
    page = await shop.see(f"{place(shop, await shop.link())}/preview/{shop.prices['pro']}?quantity=1500000")
    assert page.status == 200
    assert "(×1500000)" in page.text  # noqa: RUF001 - the sign of the page


async def test_names_from_right_to_left_do_not_turn_amounts_around(api: Api) -> None:
    shop = await Shop(api).open(quantity=2)
    await api.ok("POST", f"/v1/products/{shop.products['Basic']}", {"name": ARABIC})
    page = await shop.see(f"{place(shop, await shop.link())}/preview/{shop.prices['pro']}?quantity=2")
    assert f"Until now: {bidi.START}{ARABIC}{bidi.END} (×2), $20.00 per month" in unescape(page.text)  # noqa: RUF001
    assert bidi.isolated("Überteam 🎉 東京") == "Überteam 🎉 東京"


async def test_all_of_a_long_history_can_be_seen(api: Api) -> None:
    customer, _ = await subscribed(api)
    for _ in range(110):
        made = await api.ok("POST", "/v1/invoices", {"customer": customer, "auto_advance": False})
        await api.ok("POST", f"/v1/invoices/{made['id']}/finalize")
    at = Browser(api, (await api.ok("POST", SESSIONS, {"customer": customer}))["url"])
    shown, clicks = await at.get(), 0
    while 'data-testid="view-more-button"' in shown.html:
        more = shown.html.partition('name="invoices" value="')[2].partition('"')[0]
        shown, clicks = await at.get(f"?invoices={more}"), clicks + 1
        assert clicks < 10
    assert shown.html.count('data-testid="hip-link"') == 111


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_answered_by_the_pages_and_do_nothing(api: Api, method: str) -> None:
    customer, subscription = await subscribed(api)
    at = Browser(api, (await api.ok("POST", SESSIONS, {"customer": customer}))["url"])
    before = await api.events()
    for path in ("", f"/subscriptions/{subscription}/cancel"):
        async with api.client.request(method, at.base + path, allow_redirects=False) as answer:
            assert answer.status == (200 if method == "HEAD" else 404)
            assert answer.content_type == "text/html"
            assert answer.headers["Cache-Control"] == "no-store"
    assert await since(api, before) == []


@pytest.mark.parametrize("rest", ["a" * 70_000, " HTTP/1.1\r\nBad header\r\n\r\n", "\x00 HTTP/1.1\r\n\r\n"])
async def test_what_cannot_be_read_is_not_logged(api: Api, rest: str, caplog: pytest.LogCaptureFixture) -> None:
    customer, _ = await subscribed(api)
    at = Browser(api, (await api.ok("POST", SESSIONS, {"customer": customer}))["url"])
    url = api.client.make_url("/")
    with caplog.at_level(logging.DEBUG):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(f"GET {at.base}?{rest}".encode())
        assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert "A request could not be read" in caplog.text
    assert at.token[:20] not in caplog.text
