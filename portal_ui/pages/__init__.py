"""Decides which function answers which page: the names that the routes use."""

from __future__ import annotations

from aiohttp import web

from portal_ui import frame, notices
from portal_ui.hosted import Guest
from portal_ui.hosted import nowhere as nothing
from portal_ui.pages.cancel import cancel, cancel_now, give_reason
from portal_ui.pages.challenge import authenticate, challenge
from portal_ui.pages.invoice import invoice, pay
from portal_ui.pages.portal import home
from portal_ui.pages.receipt import invoice_receipt, payment_receipt
from portal_ui.pages.renew import renew, renew_now
from portal_ui.session import Visit

__all__ = [
    "authenticate",
    "cancel",
    "cancel_now",
    "challenge",
    "elsewhere",
    "give_reason",
    "home",
    "invoice",
    "invoice_receipt",
    "nowhere",
    "pay",
    "payment_receipt",
    "renew",
    "renew_now",
]


async def nowhere(visit: Visit) -> web.Response:
    """Answer an address that is no page; a dead session says so first."""
    answer = await visit.ask("portal:home", invoices_limit=1)
    return notices.lost_in(frame.words_for(answer, visit.accept), answer, visit.base)


async def elsewhere(guest: Guest) -> web.Response:
    """Answer an address among the hosted pages that is none."""
    raise nothing()
