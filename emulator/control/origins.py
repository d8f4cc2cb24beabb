"""Decides which browser pages may call: those of this server itself; a page of another site must not move anybody's clock."""

from __future__ import annotations

from aiohttp import web

from emulator.control.errors import ControlError

READING = frozenset({"GET", "HEAD"})
OWN = frozenset({"same-origin", "none"})  # "none": the person at the browser asked, not a page


def refuse_foreign(request: web.Request, *, reading: bool = False) -> None:
    """Raise 403 when the page of another site makes a browser change something (or, with ``reading``, read).

    Browsers say by ``Sec-Fetch-Site`` whose page asks (www.w3.org/TR/fetch-metadata); to plain addresses other than this
    machine they do not, but whatever changes something carries its ``Origin``. Programs send neither and are never refused.
    """
    if (request.method not in READING or reading) and not _own(request):
        raise ControlError(
            "a page of another site may not do this",
            status=403,
            hint="call from a program, or from a page that comes from this server",
        )


def _own(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2].lower() == request.host.lower()
