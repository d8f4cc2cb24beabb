"""Decides how invoices, receipts and credit notes are taken away: as PDF files with names that say what they are."""

from __future__ import annotations

from aiohttp import web

from portal_ui import links
from portal_ui.documents import contents, typesetting
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
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-.") else "_" for letter in document.name
    )
    return web.Response(
        body=await typesetting.pdf(document),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
