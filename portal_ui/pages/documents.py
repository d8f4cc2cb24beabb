"""Decides how invoices, receipts and credit notes are taken away: as PDF files with names that say what they are."""

from __future__ import annotations

import asyncio

from aiohttp import web

from emulator.kernel.errors import StripeError
from portal_ui import links
from portal_ui.documents import contents, pictures, typesetting
from portal_ui.documents.contents import Document
from portal_ui.hosted import Guest, nowhere


async def invoice(guest: Guest) -> web.Response:
    """Give an invoice; its link lives as long as that of its page."""
    token = guest.part("token")
    shown = links.shown_at(guest.secret, token, guest.request.query)
    answer = await guest.ask(guest.space(), "invoice:page", token=token, shown_at=shown)
    return await file(guest, contents.invoice(guest.words(answer["customer"]), answer))


async def invoice_receipt(guest: Guest) -> web.Response:
    """Give the receipt of an invoice's payment."""
    answer = await guest.ask(guest.space(), "receipt:page", token=guest.part("token"))
    return await file(guest, contents.receipt(guest.words(answer["customer"]), answer))


async def payment_receipt(guest: Guest) -> web.Response:
    """Give the receipt of a charge."""
    _, answer = await guest.find("receipt:page", charge=guest.part("charge"))
    return await file(guest, contents.receipt(guest.words(answer["customer"]), answer))


async def credit_note(guest: Guest) -> web.Response:
    """Give a credit note."""
    answer = await guest.ask(guest.space(), "credit_note:page", token=guest.part("token"))
    return await file(guest, contents.credit_note(guest.words(answer["customer"]), answer))


async def file(guest: Guest, document: Document) -> web.Response:
    """Return a document as a download; raises 404 where none can be made."""
    if not guest.documents:
        raise nowhere()
    document.words["logo"] = await _logo(guest, document)
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-.") else "_" for letter in document.name
    )
    return web.Response(
        body=await typesetting.pdf(document),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _logo(guest: Guest, document: Document) -> dict[str, object] | None:
    """Return the merchant's logo for the typesetter, else the icon, which the name stands beside; None without either."""
    for address, box in ((document.logo, pictures.LOGO), (document.icon, pictures.ICON)):
        content = await _content(guest, address) if address else None
        if content is None:
            continue
        found = await asyncio.to_thread(pictures.picture, content, box, document.words["accent"])
        if found is not None:
            return {"drawing": pictures.drawing(found), "ground": found.ground, "named": box is pictures.ICON}
    return None


async def _content(guest: Guest, address: str) -> bytes | None:
    """Return the bytes of a picture of ours or of a world file, None when they are not here."""
    if address.startswith("data:"):
        return pictures.of_address(address)
    try:
        _, found = await guest.find("file:picture", file=address.rpartition("/")[2])
    except StripeError:
        return None
    content: bytes = found["data"]
    return content
