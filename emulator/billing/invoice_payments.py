"""Decides what a payment that was made elsewhere does when it is attached to an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, settlement, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def attach(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Attach a PaymentIntent (``POST .../attach_payment``): a succeeded one pays, another pays once it succeeds.

    Raises the refusals of an invoice that is not open, of a missing payment, and of one that is canceled or not the
    customer's and currency's.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    if params.get("payment_record") is not None:
        raise errors.not_emulated("payment_record of attach_payment")
    if params.get("payment_intent") is None:
        raise errors.missing_param("payment_intent")
    if invoice["status"] not in {"open", "uncollectible"}:
        raise errors.isnt_open()
    intent = await ctx.need("payment_intent", params["payment_intent"], "payment_intent")
    theirs = intent["customer"] in {None, invoice["customer"]} and intent["currency"] == invoice["currency"]
    if not theirs or intent["status"] == "canceled":
        raise errors.payment_not_attachable("payment_intent")
    amount = min(intent["amount"], invoice["amount_remaining"])
    link = {**shapes.invoice_payment(ctx, invoice, intent["id"], amount), "is_default": False}
    ctx.put(settlement.LINK, {"id": intent["id"], "invoice": invoice["id"]})
    ctx.put("invoice_payment", link)
    if intent["status"] == "succeeded":
        return await settlement.received(ctx, invoice, intent, link)
    return invoice
