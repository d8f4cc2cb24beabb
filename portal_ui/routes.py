"""Decides which addresses belong to the hosted pages; the pages themselves load when the first one is asked for."""

from __future__ import annotations

import importlib
import re
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, NamedTuple

from aiohttp import web

from emulator.kernel import ids
from portal_ui import discretion

Route = tuple[str, str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION = "/p/session/{token}"
SUBSCRIPTION = "/subscriptions/{subscription}"
INVOICE = "/i/{account}/{token}"
INVOICE_RECEIPT = "/receipts/invoices/{account}/{token}"
PAYMENT_RECEIPT = "/receipts/payment/{charge}"
CREDIT_NOTE = "/credit_notes/{account}/{token}"
CHALLENGE = "/3d_secure/{secret}"
SESSION_PAGE = "/c/pay/{session}"
ASSET = "/portal-assets/{name}"

# method, path, module and function in `pages`. Inside a session paths count from the session's address.
OVERVIEW = (("GET", "", "portal.home"),)
CANCEL = (
    ("GET", SUBSCRIPTION + "/cancel", "cancel.cancel"),
    ("POST", SUBSCRIPTION + "/cancel", "cancel.cancel_now"),
    ("GET", SUBSCRIPTION + "/canceled", "cancel.canceled"),
    ("GET", SUBSCRIPTION + "/offer", "retention.offer"),
    ("POST", SUBSCRIPTION + "/offer", "retention.accept"),
    ("GET", SUBSCRIPTION + "/reason", "reasons.ask"),
    ("POST", SUBSCRIPTION + "/reason", "reasons.give"),
    ("GET", SUBSCRIPTION + "/renew", "renew.renew"),
    ("POST", SUBSCRIPTION + "/renew", "renew.renew_now"),
)
UPDATE = (
    ("GET", SUBSCRIPTION + "/update", "update.choose"),
    ("POST", SUBSCRIPTION + "/update/undo", "update.undo"),
    ("GET", SUBSCRIPTION + "/update/confirm", "update_confirm.asked"),
    ("GET", SUBSCRIPTION + "/preview/{price}", "update_confirm.confirm"),
    ("POST", SUBSCRIPTION + "/preview/{price}", "update_confirm.confirm_now"),
)
PAUSE = (
    ("GET", SUBSCRIPTION + "/pause", "pause.pause"),
    ("POST", SUBSCRIPTION + "/pause", "pause.pause_now"),
    ("GET", SUBSCRIPTION + "/resume", "pause.resume"),
    ("POST", SUBSCRIPTION + "/resume", "pause.resume_now"),
)
METHODS = (
    ("GET", "/payment-methods", "methods.manage"),
    ("GET", "/payment-methods/add", "methods_add.add"),
    ("POST", "/payment-methods/add", "methods_add.add_now"),
    ("GET", "/payment-methods/card", "methods_add.card"),
    ("GET", "/payment-methods/returned", "methods_add.returned"),
    ("GET", "/payment-methods/verify/{setup}", "methods_verify.verify"),
    ("POST", "/payment-methods/verify/{setup}", "methods_verify.verify_now"),
    ("GET", "/payment-methods/subscriptions/{subscription}", "methods.fall_back"),
    ("POST", "/payment-methods/subscriptions/{subscription}", "methods.fall_back_now"),
    ("POST", "/payment-methods/{method}/default", "methods.make_default"),
    ("GET", "/payment-methods/{method}/delete", "methods.delete"),
    ("POST", "/payment-methods/{method}/delete", "methods.delete_now"),
)
INFORMATION = (
    ("GET", "/customer/update", "information.information"),
    ("POST", "/customer/update", "information.save"),
    ("POST", "/customer/update/tax-ids", "information.add_tax_id"),
    ("POST", "/customer/update/tax-ids/{tax_id}/remove", "information.remove_tax_id"),
)
# Addresses of forms only: a refused form shows its page there, so that page is there too when it is opened once more (a
# reload by the address, another language).
AGAIN = (
    ("GET", SUBSCRIPTION + "/update/undo", "update.choose"),
    ("GET", "/payment-methods/{method}/default", "methods.manage"),
    ("GET", "/customer/update/tax-ids", "information.information"),
    ("GET", "/customer/update/tax-ids/{tax_id}/remove", "information.information"),
)
FLOWS = (("GET", "/completed", "done.done"),)
PLAN = (("GET", SUBSCRIPTION, "plan.plan"),)
DOCUMENTS = (
    ("GET", INVOICE, "invoice.invoice"),
    ("POST", INVOICE, "invoice.pay"),
    ("GET", INVOICE + "/card", "invoice.card"),
    ("GET", INVOICE + "/link", "invoice.invoice"),
    ("POST", INVOICE + "/link", "invoice_link.send"),
    ("GET", "/invoice/{account}/{token}/pdf", "documents.invoice"),
    ("GET", INVOICE_RECEIPT + "/pdf", "documents.invoice_receipt"),
    ("GET", PAYMENT_RECEIPT + "/pdf", "documents.payment_receipt"),
    ("GET", CREDIT_NOTE + "/pdf", "documents.credit_note"),
    ("GET", PAYMENT_RECEIPT, "receipt.payment_receipt"),
    ("GET", INVOICE_RECEIPT, "receipt.invoice_receipt"),
    ("GET", CHALLENGE, "challenge.challenge"),
    ("GET", CHALLENGE + "/frame", "challenge.outer_frame"),
    ("GET", CHALLENGE + "/challenge", "challenge.inner_frame"),
    ("POST", CHALLENGE, "challenge.authenticate"),
)
PAPERS = (
    ("GET", "/microdeposit/{secret}", "microdeposit.verify"),
    ("POST", "/microdeposit/{secret}", "microdeposit.verify_now"),
    ("GET", "/mandates/{mandate}", "sheets.mandate"),
    ("GET", "/vouchers/{secret}", "sheets.voucher"),
    ("GET", "/vouchers/{secret}/pdf", "sheets.voucher_pdf"),
    ("GET", "/payment_instructions/{secret}", "sheets.instructions"),
    ("GET", CHALLENGE + "/qr.{kind:png|svg}", "sheets.qr"),
)
CHECKOUT = (
    ("GET", SESSION_PAGE, "checkout.checkout"),
    ("POST", SESSION_PAGE, "checkout.complete"),
    ("GET", SESSION_PAGE + "/adjust", "checkout.checkout"),
    ("POST", SESSION_PAGE + "/adjust", "checkout.adjust"),
    ("GET", "/b/{link}", "payment_link.opened"),
    ("GET", "/b/{link}/complete", "payment_link.thanked"),
    ("GET", "/r/{session}", "payment_link.recovered"),
)
LOGIN = (
    ("GET", "/p/login/{token}", "login.login"),
    ("POST", "/p/login/{token}", "login.send"),
    ("GET", "/p/login/{token}/{attempt}", "login.code"),
    ("POST", "/p/login/{token}/{attempt}", "login.enter"),
)
# Where an address that is no page is answered by a page all the same.
ELSEWHERE = (
    "/3d_secure", "/b", "/c", "/credit_notes", "/i", "/invoice", "/mandates", "/microdeposit", "/payment_instructions", "/r",
    "/receipts", "/vouchers",
)  # fmt: skip
SETTINGS = "/dashboard/settings/billing/portal"
BRANDING = "/dashboard/settings/branding"
CUSTOMERS = "/dashboard/customers"
DEMO = "/customer-portal-demo"
DASHBOARD = (
    ("GET", SETTINGS, "dashboard.settings"),
    ("POST", SETTINGS, "dashboard.save"),
    ("POST", SETTINGS + "/link", "dashboard.switch_link"),
    ("GET", SETTINGS + "/preview", "dashboard.settings"),
    ("POST", SETTINGS + "/preview", "dashboard.preview"),
    ("GET", BRANDING, "dashboard_brand.branding"),
    ("POST", BRANDING, "dashboard_brand.save"),
    ("GET", CUSTOMERS, "dashboard_customers.customers"),
    ("GET", CUSTOMERS + "/{customer}/portal", "dashboard_customers.customers"),
    ("POST", CUSTOMERS + "/{customer}/portal", "dashboard_customers.open_portal"),
    ("GET", DEMO, "dashboard_customers.demo"),
    ("GET", "/dashboard", "dashboard.elsewhere"),
    # The addresses that the API's messages name.
    ("GET", "/settings/billing/portal", "dashboard.elsewhere"),
    ("GET", "/test/settings/billing/portal", "dashboard.elsewhere"),
    ("GET", "/portal-files/{file}", "files.picture"),
    ("GET", "/links/{secret}", "files.linked"),
)


class Place(web.DynamicResource):
    """The address of pages: its pattern is compiled when an address is first held against it, none for a server's start."""

    def __init__(self, path: str) -> None:
        web.Resource.__init__(self)
        self._orig_path = self._formatter = path

    @cached_property
    def _pattern(self) -> re.Pattern[str]:  # type: ignore[override]
        return web.DynamicResource(self._orig_path).get_info()["pattern"]


class Desk(NamedTuple):
    """What the Dashboard's pages start from: whose world they show unless they are told, the only keys there are, demos."""

    key: str = "sk_test_demo"
    allowed: frozenset[str] | None = None
    demos: Any = None


class Pages:
    """What the pages of one server share."""

    desk = Desk()

    def __init__(self, engine: Any, secret: bytes | None, *, documents: bool, skin: str) -> None:
        self.engine = engine
        self.skin = skin
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

    add("GET", ASSET, _asset)
    for method, path, name in (*OVERVIEW, *CANCEL, *UPDATE, *PAUSE, *METHODS, *INFORMATION, *AGAIN, *FLOWS, *PLAN):
        add(method, SESSION + path, _page(name))
        if method == "GET":  # what only asks whether a link works gets the page's answer without the page
            add("HEAD", SESSION + path, _page(name))
    for path in ("", "/{rest:.*}"):
        add("*", SESSION + path, _page("nowhere.nowhere"))
    for method, path, name in (*DOCUMENTS, *PAPERS, *CHECKOUT, *LOGIN, *DASHBOARD):
        add(method, path, _hosted(name))
    for place in ELSEWHERE:
        add("*", place + "/{rest:.*}", _hosted("nowhere.elsewhere"))
