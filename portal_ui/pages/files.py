"""Decides how the content of files is given out: logos and icons to all, other files to who has their link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc
    from portal_ui.hosted import Guest

# A file never changes, its address neither.
KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
# Mails show logos in readers of other hosts; they are public anyway.
SHOWN = {**KEPT, "Cross-Origin-Resource-Policy": "cross-origin"}
# Other content than pictures is never shown by the browser: it could be a page of somebody else's making.
TAKEN_AWAY = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}


async def picture(guest: Guest) -> web.Response:
    """Send a logo or an icon."""
    _, found = await guest.find("file:picture", file=guest.part("file"))
    return _sent(found, SHOWN)


async def linked(guest: Guest) -> web.Response:
    """Send what a file link leads to (docs.stripe.com/api/file_links)."""
    _, found = await guest.find("file:link", secret=guest.part("secret"))
    return _sent(found)


def _sent(found: Doc, headers: Mapping[str, str] = KEPT) -> web.Response:
    if found["type"] is None:
        return web.Response(body=found["data"], content_type="application/octet-stream", headers=TAKEN_AWAY)
    return web.Response(body=found["data"], content_type=found["type"], headers=headers)
