"""Decides where a customer goes on who saves a payment method on the way to something else: back to that change."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from portal_ui.session import Visit

NEXT = "next"
# Pages of the session that are come back to, from its own address on: no other page, and never another host.
_CHANGE = re.compile(r"/subscriptions/\w+/preview/[A-Za-z0-9_.%-]+(\?[A-Za-z0-9_=&.%+-]*)?", re.ASCII)


def after(visit: Visit, page: str) -> dict[str, str]:
    """Return the query that leads back to ``page`` (an address of this session) once a method is saved."""
    return {NEXT: page.removeprefix(visit.base)}


def kept(visit: Visit) -> dict[str, str]:
    """Return the query that keeps in mind where this visit goes on, empty when it goes nowhere."""
    wanted = visit.request.query.get(NEXT, "")
    return {NEXT: wanted} if _CHANGE.fullmatch(wanted) else {}


def to(visit: Visit) -> str | None:
    """Return the address that this visit goes on to."""
    wanted = kept(visit).get(NEXT)
    return None if wanted is None else visit.base + wanted


def address(visit: Visit, path: str, **more: str) -> str:
    """Return an address of the session, with where to go on and then ``more`` in its query."""
    query = urlencode({**kept(visit), **more})
    return f"{visit.base}{path}?{query}" if query else visit.base + path
