"""Decides what a revision is: a new draft that takes the place of a finalized invoice once it is finalized itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, shapes, summing
from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# What a revision has of its own, everything else it takes over (docs.stripe.com/api/invoices/create from_invoice).
FRESH = (
    "status", "number", "hosted_invoice_url", "invoice_pdf", "effective_at", "ending_balance", "amount_paid",
    "attempt_count", "attempted", "status_transitions", "created", "latest_revision", "last_finalization_error",
    "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance", "receipt_number",
    "next_payment_attempt", "automatically_finalizes_at", "webhooks_delivered_at", "rendering",
)  # fmt: skip
TAKEN = ("auto_advance", "description", "footer", "metadata", "due_date", "custom_fields", "statement_descriptor")
REVISABLE = frozenset({"open", "uncollectible"})


async def create(ctx: Context, params: Doc) -> Doc:
    """Create a revision of a finalized invoice: a draft with its lines (``from_invoice[action]=revision``).

    Raises the refusal of an invoice that cannot have one.
    """
    named = params["from_invoice"]
    original = await ctx.need("invoice", named["invoice"], "from_invoice[invoice]")
    if original["status"] not in REVISABLE:
        raise errors.not_revisable()
    customer = await ctx.need("customer", original["customer"], "customer")
    identifier = ctx.new_id("invoice")
    blank = shapes.invoice(
        ctx, identifier, customer, original["currency"], (), shapes.Period(ctx.now, ctx.now), "manual",
        {name: original[name] for name in original if name.startswith(("subtotal", "total"))},
    )  # fmt: skip
    made = [_line(ctx, line, identifier) for line in original["lines"]["data"]]
    draft = {
        **original, **{name: blank[name] for name in FRESH}, "id": identifier, "auto_advance": False,
        "from_invoice": {"action": named["action"], "invoice": original["id"]}, "lines": blank["lines"],
    }  # fmt: skip
    draft = updates.apply(draft, {name: params[name] for name in TAKEN if name in params})
    draft = await summing.of_draft(ctx, draft, made)
    return ctx.put("invoice", draft)


def _line(ctx: Context, line: Doc, invoice: str) -> Doc:
    return {
        **line, "id": ctx.new_id("line_item"), "invoice": invoice, "discount_amounts": [], "pretax_credit_amounts": [],
        "taxes": [], "subtotal": line["amount"],
    }  # fmt: skip
