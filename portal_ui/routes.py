"""Decides which addresses belong to the hosted pages; the pages themselves load when the first one is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.kernel import ids

Route = tuple[str, str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION = "/p/session/{token}"
SUBSCRIPTION = "/subscriptions/{subscription}"
INVOICE = "/i/{account}/{token}"
INVOICE_RECEIPT = "/receipts/invoices/{account}/{token}"
PAYMENT_RECEIPT = "/receipts/payment/{charge}"
CHALLENGE = "/3d_secure/{secret}"
ASSET = "/portal-assets/{name}"

# method, path, module and function in `pages`. Inside a session paths count from the session's address.
OVERVIEW = (("GET", "", "portal.home"),)
CANCEL = (
    ("GET", SUBSCRIPTION + "/cancel", "cancel.cancel"),
    ("POST", SUBSCRIPTION + "/cancel", "cancel.cancel_now"),
    ("POST", SUBSCRIPTION + "/reason", "cancel.give_reason"),
    ("GET", SUBSCRIPTION + "/renew", "renew.renew"),
    ("POST", SUBSCRIPTION + "/renew", "renew.renew_now"),
)
UPDATE: tuple[Route, ...] = ()
PAUSE: tuple[Route, ...] = ()
METHODS: tuple[Route, ...] = ()
INFORMATION: tuple[Route, ...] = ()
DOCUMENTS = (
    ("GET", INVOICE, "invoice.invoice"),
    ("POST", INVOICE, "invoice.pay"),
    ("GET", PAYMENT_RECEIPT, "receipt.payment_receipt"),
    ("GET", INVOICE_RECEIPT, "receipt.invoice_receipt"),
    ("GET", CHALLENGE, "challenge.challenge"),
    ("POST", CHALLENGE, "challenge.authenticate"),
)
LOGIN: tuple[Route, ...] = ()
DASHBOARD: tuple[Route, ...] = ()


class Pages:
    """What the pages of one server share."""

    def __init__(self, engine: Any, secret: bytes | None, *, documents: bool) -> None:
        self.engine = engine
        self.documents = documents
        self.secret = secret or ids.random_bytes(32)
        self.request_ids = ids.request_ids()


PAGES = web.AppKey("pages", Pages)


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

        return await session.answered(request, name, _named(name)(hosted.Guest(request)), None)

    handle.__name__ = name
    return handle


async def _asset(request: web.Request) -> web.StreamResponse:
    from portal_ui import assets

    return assets.answer(request.match_info["name"])


def setup(app: web.Application, *, engine: Any, secret: bytes | None = None, documents: bool = False) -> None:
    """Register the pages on ``app``; call it before the catch-all route of the API.

    ``engine`` is what `portal_ui.session.Engine` describes. ``secret`` signs form tokens: give the same one to all
    processes that share a store, else each process draws its own. ``documents`` says that invoices and receipts can be
    had as PDF: only then are the links to them drawn.
    """
    app[PAGES] = Pages(engine, secret, documents=documents)
    add = app.router.add_route
    add("GET", ASSET, _asset)
    for method, path, name in (*OVERVIEW, *CANCEL, *UPDATE, *PAUSE, *METHODS, *INFORMATION):
        add(method, SESSION + path, _page(name))
    add("*", SESSION + "/{rest:.*}", _page("nowhere.nowhere"))
    for method, path, name in (*DOCUMENTS, *LOGIN, *DASHBOARD):
        add(method, path, _hosted(name))
    for place in ("/i", "/receipts", "/3d_secure"):
        add("*", place + "/{rest:.*}", _hosted("nowhere.elsewhere"))
