"""Decides which addresses belong to the hosted pages; the pages themselves load when the first one is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.kernel import ids

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION = "/p/session/{token}"
SUBSCRIPTION = SESSION + "/subscriptions/{subscription}"
INVOICE = "/i/{account}/{token}"
INVOICE_RECEIPT = "/receipts/invoices/{account}/{token}"
PAYMENT_RECEIPT = "/receipts/payment/{charge}"
CHALLENGE = "/3d_secure/{secret}"
ASSET = "/portal-assets/{name}"


class Pages:
    """What the pages of one server share."""

    def __init__(self, engine: Any, secret: bytes | None, *, documents: bool) -> None:
        self.engine = engine
        self.documents = documents
        self.secret = secret or ids.random_bytes(32)
        self.request_ids = ids.request_ids()


PAGES = web.AppKey("pages", Pages)


def _page(name: str) -> Handler:
    """Return a handler that loads the page module on its first call (start-up budget) and guards the page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        from portal_ui import pages, session

        return await session.guarded(request, getattr(pages, name))

    handle.__name__ = name
    return handle


def _hosted(name: str) -> Handler:
    """Return a handler of a page outside of portal sessions, loaded on its first call."""

    async def handle(request: web.Request) -> web.StreamResponse:
        from portal_ui import hosted, pages, session

        return await session.answered(request, name, getattr(pages, name)(hosted.Guest(request)), None)

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
    add = app.router
    add.add_get(ASSET, _asset)
    add.add_get(SESSION, _page("home"))
    add.add_get(SUBSCRIPTION + "/cancel", _page("cancel"))
    add.add_post(SUBSCRIPTION + "/cancel", _page("cancel_now"))
    add.add_post(SUBSCRIPTION + "/reason", _page("give_reason"))
    add.add_get(SUBSCRIPTION + "/renew", _page("renew"))
    add.add_post(SUBSCRIPTION + "/renew", _page("renew_now"))
    add.add_route("*", SESSION + "/{rest:.*}", _page("nowhere"))
    add.add_get(INVOICE, _hosted("invoice"))
    add.add_post(INVOICE, _hosted("pay"))
    add.add_get(PAYMENT_RECEIPT, _hosted("payment_receipt"))
    add.add_get(INVOICE_RECEIPT, _hosted("invoice_receipt"))
    add.add_get(CHALLENGE, _hosted("challenge"))
    add.add_post(CHALLENGE, _hosted("authenticate"))
    for place in ("/i", "/receipts", "/3d_secure"):
        add.add_route("*", place + "/{rest:.*}", _hosted("elsewhere"))
