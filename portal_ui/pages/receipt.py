"""Decides what a receipt shows: the money that was taken, and what for."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from portal_ui import bills, contacts, frame, links, render
from portal_ui.hosted import Guest
from portal_ui.i18n import Words
from portal_ui.pages.invoice import of_merchant
from portal_ui.views.bills import Download, Receipt
from portal_ui.views.shared import InfoRow


def _facts(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    charge, invoice = answer["charge"], answer["invoice"] or {}
    refunded = charge["amount_refunded"]
    told = [
        (words.gettext("Receipt number"), charge["receipt_number"] or invoice.get("receipt_number")),
        (words.gettext("Invoice number"), invoice.get("number")),
        (words.gettext("Payment date"), words.long_day(charge["created"])),
        (words.gettext("Payment method"), bills.method_name(words, charge)),
        (words.gettext("Description"), None if invoice else charge["description"]),
        (words.gettext("Refunded"), words.money(refunded, charge["currency"]) if refunded else ""),
    ]
    return tuple(InfoRow(label, (value,)) for label, value in told if value)


def _downloads(guest: Guest, words: Words) -> tuple[Download, ...]:
    """Return the receipt as a document, which stands under the receipt's own address."""
    if not guest.documents:
        return ()
    url = f"{guest.request.path}/pdf?{urlencode({links.LOCALE: words.tag})}"
    return (Download(url, words.gettext("Download receipt"), "download-invoice-receipt-pdf-button"),)


def _drawn(guest: Guest, answer: Doc) -> web.Response:
    words = guest.words(answer["customer"])
    account, charge, invoice = answer["account"], answer["charge"], answer["invoice"]
    business = frame.business_name(account)
    heading = words.gettext("Receipt from %(business)s", business=business) if business else words.gettext("Receipt")
    now: int = answer.get("server_now") or answer["now"]
    url = links.invoice(guest.secret, invoice["hosted_invoice_url"], now, words.tag) if invoice else None
    page = Receipt(
        frame=of_merchant(words, answer, heading),
        heading=heading,
        amount=words.money(charge["amount_captured"], charge["currency"]),
        sentence=words.gettext("Paid on %(date)s", date=words.long_day(charge["created"])),
        facts=_facts(words, answer),
        bill=bills.bill(words, answer, payments=False) if invoice else None,
        invoice_url=url,
        downloads=_downloads(guest, words),
        contacts=contacts.links(account),
        contact_label=contacts.label(words, account),
    )
    return render.response(words, page)


async def payment_receipt(guest: Guest) -> web.Response:
    """Show the receipt of a charge."""
    _, answer = await guest.find("receipt:page", charge=guest.part("charge"))
    return _drawn(guest, answer)


async def invoice_receipt(guest: Guest) -> web.Response:
    """Show the receipt of an invoice's payment."""
    return _drawn(guest, await guest.ask(guest.space(), "receipt:page", token=guest.part("token")))
