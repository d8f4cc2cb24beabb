"""Decides what a settled invoice means beyond its own payment: pending updates, resumptions, states that depend on it.

Called after the calls and wake-ups that settle invoices; ``settlement`` has stored the invoice by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    dunning,
    giving_up,
    invoices,
    pausing,
    pending_updates,
    schedule_pauses,
    settlement,
    used_discounts,
)
from emulator.billing.transitions import ENDED
from emulator.kernel.errors import StripeError
from emulator.payments import collect

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def pay(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Pay an invoice by hand (``POST .../pay``) and let its subscription hear of it."""
    before = await ctx.find("invoice", ids["invoice"])
    owner = await settlement.subscription_of(ctx, before) if before is not None else None
    try:
        invoice = await invoices.pay(ctx, ids, params)
    except StripeError as refusal:
        if refusal.keep and owner is not None:
            await _failed(ctx, ids["invoice"], owner)
        raise
    await after_invoice(ctx, invoice)
    return invoice


async def after_invoice(ctx: Context, invoice: Doc) -> None:
    """Let an invoice that was paid, voided or written off move its subscription."""
    subscription = await settlement.subscription_of(ctx, invoice)
    if subscription is None or subscription["status"] in ENDED:
        return
    if await pausing.resumes_with(ctx, invoice) is not None:
        if invoice["status"] in {"paid", "uncollectible"}:
            await schedule_pauses.after_resumption(ctx, await pausing.resumed(ctx, subscription))
        elif invoice["status"] == "void":
            ctx.remove(pausing.RESUMPTION, subscription["id"])
            await pending_updates.expire(ctx, subscription)
        return
    if subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["pending_update"] is not None:
        if invoice["status"] == "paid":
            items = await ctx.select("invoiceitem", invoice=invoice["id"])
            after = await pending_updates.applied(ctx, subscription)
            ctx.put("subscription", await used_discounts.left(ctx, after, invoice, items))
        elif invoice["status"] == "void":
            await pending_updates.expire(ctx, subscription)
    elif subscription["status"] == "paused":
        await _run_again(ctx, subscription, invoice)
    elif invoice["status"] in {"void", "uncollectible"} and subscription["status"] == "past_due":
        # Nothing is owed any more (facts billing 6.3).
        ctx.put("subscription", {**subscription, "status": "active"})


async def _run_again(ctx: Context, subscription: Doc, invoice: Doc) -> None:
    """Let a subscription that paused over this invoice run again, where the account's settings say so.

    Only paying it or writing it off does (docs.stripe.com/changelog/endive/2026-09-30/pause-on-payment-failure); an invoice of a new
    anchor is charged at once (a choice).
    """
    kind = dunning.resumption(ctx.settings.get("dunning"))
    if kind is None or invoice["status"] == "void" or not pausing.failed(subscription):
        return
    wish: Doc = {"billing_cycle_anchor": {"type": kind}}
    customer = await ctx.need("customer", subscription["customer"], "customer")
    if kind == "now" and await collect.default_method(ctx, customer, subscription) is not None:
        wish["payment_behavior"] = pausing.ON_SUCCESS
    await pausing.begin_again(ctx, subscription, wish)


async def after_credit_note(ctx: Context, note: Doc) -> None:
    """Let an invoice that a credit note settled move its subscription."""
    invoice = await ctx.find("invoice", note["invoice"])
    if invoice is not None and invoice["status"] == "paid":
        await after_invoice(ctx, invoice)


async def after_payment_intent(ctx: Context, intent: Doc) -> None:
    """Let a PaymentIntent that changed outside of billing settle its invoice, and that its subscription."""
    link = await ctx.find(settlement.LINK, intent["id"])
    before = await ctx.find("invoice", link["invoice"]) if link else None
    if before is None:
        return
    owner = await settlement.subscription_of(ctx, before)
    await settlement.after_payment_intent(ctx, intent)
    invoice = await ctx.need("invoice", before["id"], "invoice")
    if invoice["status"] == "paid":
        await after_invoice(ctx, invoice)
    elif owner is not None and intent["status"] == "requires_payment_method":
        await _failed(ctx, invoice["id"], owner)
        if link is not None and link.get("automatic"):
            await giving_up.after_failure(ctx, invoice)


async def after_setup_intent(ctx: Context, intent: Doc) -> None:
    """Let a subscription that waits for a payment method hear that its SetupIntent is done (facts billing 6.6)."""
    if intent["status"] != "succeeded" or intent["customer"] is None:
        return
    for subscription in await ctx.select("subscription", customer=intent["customer"]):
        if subscription["pending_setup_intent"] != intent["id"]:
            continue
        after = {**subscription, "pending_setup_intent": None}
        if (subscription["payment_settings"] or {}).get("save_default_payment_method") == "on_subscription":
            after["default_payment_method"] = intent["payment_method"]
        ctx.put("subscription", after)


async def _failed(ctx: Context, invoice_id: str, owner: Doc) -> None:
    """Let a payment tried in vain end a resumption on attempt."""
    invoice = await ctx.need("invoice", invoice_id, "invoice")
    subscription = await ctx.need("subscription", owner["id"], "subscription")
    note = await pausing.resumes_with(ctx, invoice)
    if note is not None and note["behavior"] == pausing.ON_ATTEMPT and invoice["status"] == "open":
        await schedule_pauses.after_resumption(ctx, await pausing.resumed(ctx, subscription, "past_due"))
