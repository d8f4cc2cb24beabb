"""Decides which calls about previews, lines and credit notes billing answers for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.billing import credit_notes, invoice_due, invoice_lines, invoice_payments, preview, upcoming

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

OPERATIONS: dict[str, Callable[..., Awaitable[Any]]] = {
    "PostInvoicesInvoiceAddLines": invoice_lines.add,
    "PostInvoicesInvoiceUpdateLines": invoice_lines.update_many,
    "PostInvoicesInvoiceRemoveLines": invoice_lines.remove,
    "PostInvoicesInvoiceLinesLineItemId": invoice_lines.update_one,
    "PostInvoicesInvoiceAttachPayment": invoice_payments.attach,
    "PostCreditNotes": credit_notes.create,
    "PostCreditNotesId": credit_notes.update,
    "PostCreditNotesIdVoid": credit_notes.void,
    "GetCreditNotesPreview": credit_notes.preview,
    "GetCreditNotesPreviewLines": credit_notes.preview_lines,
    "GetCreditNotesCreditNoteLines": credit_notes.list_lines,
}


def with_wakeups(wakeups: Mapping[str, Any]) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Return the operations that look ahead: they need to know what happens by itself."""
    return {"PostInvoicesCreatePreview": partial(preview.create, wakeups)}


def add_wakeups(wakeups: dict[str, Any]) -> None:
    """Add what happens to sent invoices and to announced ones; looking ahead needs the whole table."""
    wakeups[invoice_due.KIND] = (invoice_due.next_instant, invoice_due.wake)
    wakeups[upcoming.KIND] = (upcoming.next_instant, partial(upcoming.wake, wakeups))
