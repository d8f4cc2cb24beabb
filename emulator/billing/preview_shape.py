"""Decides what a preview looks like: a draft that was never stored, with ids of its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

HOUR = 3600
# facts billing 2 and 7.4: previews of invoices and of their lines have ids of their own
INVOICE, LINE = "upcoming_in_", "il_tmp_"


def shown(draft: Doc, subscription: Doc | None) -> Doc:
    """Return the draft as ``create_preview`` answers it; ``subscription`` says how it is collected, if it has one."""
    identifier = INVOICE + draft["id"].removeprefix("in_")
    data = [
        {**line, "id": LINE + line["id"].removeprefix("il_"), "invoice": identifier} for line in draft["lines"]["data"]
    ]
    sent = subscription is not None and subscription["collection_method"] == "send_invoice"
    result = {
        **draft,
        "id": identifier,
        "amount_remaining": draft["amount_due"],
        "automatically_finalizes_at": None,
        "billing_reason": "upcoming",
        "collection_method": "send_invoice" if sent else "charge_automatically",
        "effective_at": None,
        "ending_balance": min(0, draft["starting_balance"] + draft["total"]),
        "lines": {**draft["lines"], "data": data, "url": f"/v1/invoices/{identifier}/lines"},
        "next_payment_attempt": None if sent else draft["created"] + HOUR,
        "status": "draft",
    }
    if not sent:
        result["due_date"] = None
    elif subscription is not None:
        result["due_date"] = draft["created"] + (subscription["days_until_due"] or 0) * 86_400
    return result
