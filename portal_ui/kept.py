"""Decides when a page is shown again as it was drawn: while nothing of its world changes and its clock shows the same second.

Tests look at the same page again and again while their clock stands still.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from portal_ui.server import PAGES
from portal_ui.session import Visit

MOST = 64  # pages


class Kept(NamedTuple):
    """A page that was drawn, and what it is true of."""

    standing: Any
    body: bytes
    headers: dict[str, str]


async def shown(visit: Visit, page: Callable[[Visit], Awaitable[web.Response]]) -> web.Response:
    """Return what ``page`` draws, or what it drew before where it would draw the same.

    Only for pages that hang on nothing but the world, the address, the languages that the browser asks for and its
    cookies, and that draw no code to be used once.
    """
    if visit.space is None:
        return await page(visit)
    request = visit.request
    known = request.app[PAGES].kept
    key = (request.raw_path, visit.accept, request.headers.get("Cookie"))
    standing = visit.engine.standing(visit.space)
    kept = known.get(key)
    if kept is not None and standing is not None and kept.standing == standing:
        return web.Response(body=kept.body, headers=kept.headers)
    response = await page(visit)
    # The first look of a second is written down: it is the next one that finds the world as it leaves it.
    stands = standing is not None and standing == visit.engine.standing(visit.space)
    if stands and response.status == 200 and isinstance(response.body, bytes) and not response.cookies:
        if len(known) >= MOST:
            known.clear()
        known[key] = Kept(standing, response.body, {**response.headers})
    return response
