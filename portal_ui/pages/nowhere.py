"""Decides what is answered where there is no page."""

from __future__ import annotations

from aiohttp import web

from portal_ui import frame, notices
from portal_ui.hosted import Guest
from portal_ui.hosted import nowhere as nothing
from portal_ui.session import Visit


async def nowhere(visit: Visit) -> web.Response:
    """Answer an address that is no page; a dead session says so first."""
    answer = await visit.ask("portal:home", invoices_limit=1)
    return notices.lost_in(frame.words_for(answer, visit.accept), answer, visit.base)


async def elsewhere(guest: Guest) -> web.Response:
    """Answer an address among the hosted pages that is none."""
    raise nothing()
