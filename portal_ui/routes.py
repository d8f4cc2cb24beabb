"""Decides how a request for a hosted page comes to its page: each is loaded when it is asked for the first time."""

from __future__ import annotations

import importlib
import re
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from aiohttp import web

from portal_ui import addresses, discretion
from portal_ui.server import PAGES, Pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Place(web.DynamicResource):
    """The address of pages: its pattern is compiled when an address is first held against it, none for a server's start."""

    def __init__(self, path: str) -> None:
        web.Resource.__init__(self)
        self._orig_path = self._formatter = path

    @cached_property
    def _pattern(self) -> re.Pattern[str]:  # type: ignore[override]
        return web.DynamicResource(self._orig_path).get_info()["pattern"]


def _named(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(importlib.import_module(f"portal_ui.pages.{module}"), function)


def _page(name: str) -> Handler:
    """Return a handler that loads the page module on its first call (start-up budget) and guards the page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        from portal_ui import session

        return await session.guarded(request, _named(name))

    handle.__name__ = name
    return handle


def _hosted(name: str) -> Handler:
    """Return a handler of a page outside of portal sessions, loaded on its first call."""

    async def handle(request: web.Request) -> web.StreamResponse:
        from portal_ui import hosted, session

        return await session.answered(request, name, lambda: _named(name)(hosted.Guest(request)), None)

    handle.__name__ = name
    return handle


async def _asset(request: web.Request) -> web.StreamResponse:
    from portal_ui import assets

    return assets.answer(request.match_info["name"])


def setup(
    app: web.Application, *, engine: Any, secret: bytes | None = None, documents: bool = False, skin: str = "b"
) -> None:
    """Register the pages on ``app``; call it before the catch-all route of the API.

    ``engine`` is what `portal_ui.session.Engine` describes. ``secret`` signs form tokens: give the same one to all
    processes that share a store, else each process draws its own. ``documents`` says that invoices and receipts can be
    had as PDF: only then are the links to them drawn. ``skin`` is the generation of the portal that pages wear in worlds
    which do not name their own.
    """
    discretion.ensure()
    app[PAGES] = Pages(engine, secret, documents=documents, skin=skin)
    places: dict[str, web.Resource] = {}

    def add(method: str, path: str, handler: Handler) -> None:
        if path not in places:
            places[path] = Place(path)
            app.router.register_resource(places[path])
        places[path].add_route(method, handler)

    add("GET", addresses.ASSET, _asset)
    for method, path, name in addresses.OF_SESSION:
        add(method, addresses.SESSION + path, _page(name))
        if method == "GET":  # what only asks whether a link works gets the page's answer without the page
            add("HEAD", addresses.SESSION + path, _page(name))
    for path in ("", "/{rest:.*}"):
        add("*", addresses.SESSION + path, _page("nowhere.nowhere"))
    for method, path, name in addresses.HOSTED:
        add(method, path, _hosted(name))
    for place in addresses.ELSEWHERE:
        add("*", place + "/{rest:.*}", _hosted("nowhere.elsewhere"))
