"""Decides what a payment that was made elsewhere does when it is attached to an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, settlement, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def attach(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Attach a PaymentIntent (``POST .../attach_payment``): a succeeded one pays, another pays once it succeeds."""
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
        return await received(ctx, invoice, intent, link)
    return invoice


async def received(ctx: Context, invoice: Doc, intent: Doc, link: Doc) -> Doc:
    """Return an invoice after a payment that was attached to it arrived: partly or wholly paid, or overpaid."""
    got, left = int(intent["amount_received"]), invoice["amount_remaining"]
    counted = min(got, left)
    ctx.put("invoice_payment", {
        **link, "amount_paid": counted, "status": "paid", "status_transitions": {"canceled_at": None, "paid_at": ctx.now},
    })  # fmt: skip
    over = invoice["amount_overpaid"] + got - counted
    if counted < left:
        part = {**invoice, "amount_paid": invoice["amount_paid"] + counted, "amount_remaining": left - counted}
        after = ctx.put("invoice", part)
        await settlement.ask_for(ctx, invoice["id"], left - counted)
        return after
    await settlement.release_payment(ctx, invoice["id"])
    done = await settlement.paid(ctx, {**invoice, "amount_overpaid": over}, amount=counted, attempted=False)
    if over:
        ctx.note("invoice.overpaid", done)
    return done


async def after_payment_intent(ctx: Context, intent: Doc) -> None:
    """Let a PaymentIntent that changed outside of billing settle its invoice, an attached one what it can."""
    known = await ctx.find(settlement.LINK, intent["id"])
    for link in await ctx.select("invoice_payment", invoice=known["invoice"]) if known is not None else ():
        if link["payment"].get("payment_intent") == intent["id"] and not link["is_default"]:
            invoice = await ctx.need("invoice", link["invoice"], "invoice")
            if link["status"] == "open" and intent["status"] == "succeeded" and invoice["status"] != "paid":
                await received(ctx, invoice, intent, link)
            return
    await settlement.after_payment_intent(ctx, intent)
