"""Decides what becomes of a subscription whose invoice could not be collected: it pauses, ends, or stays unpaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from emulator.billing import cancellations, dunning, pausing, settlement
from emulator.billing.transitions import subscription_after

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def after_failure(ctx: Context, invoice: Doc) -> None:
    """Do what the account's settings say after a failed attempt, the first one or the last; others change nothing."""
    if invoice["status"] != "open" or await _under_way(ctx, invoice):
        return
    if invoice["next_payment_attempt"] is None:
        await _given_up(ctx, invoice)
    elif invoice["attempt_count"] == 1 and dunning.pauses_first(ctx.settings.get("dunning")):
        await _pause(ctx, invoice, "first_payment_failure")


async def _under_way(ctx: Context, invoice: Doc) -> bool:
    """Say whether a bank has still to answer about a payment of this invoice: it did not fail."""
    link = await settlement.open_payment(ctx, invoice["id"])
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"]) if link else None
    return intent is not None and intent["status"] == "processing"


async def _given_up(ctx: Context, invoice: Doc) -> None:
    """Do what the account's settings say when no retry is left."""
    subscription = await settlement.subscription_of(ctx, invoice)
    if subscription is None or subscription["status"] != "past_due":
        return
    if invoice["billing_reason"] == "subscription_create" or invoice["collection_method"] != "charge_automatically":
        return
    act = dunning.final_act(ctx.settings.get("dunning"))
    if act == "pause" and await _pause(ctx, invoice, "final_payment_failure"):
        return
    if act in {"cancel", "pause"}:
        await cancellations.cancel_now(ctx, subscription, prorate=False, invoice_now=False, reason="payment_failed")
    elif act == "unpaid":
        ctx.put("subscription", {**subscription, "status": subscription_after("past_due", "exhausted")})


async def _pause(ctx: Context, invoice: Doc, why: Literal["first_payment_failure", "final_payment_failure"]) -> bool:
    """Pause the subscription of an invoice that could not be collected, if it may be paused."""
    subscription = await settlement.subscription_of(ctx, invoice)
    if subscription is None or subscription["status"] != "past_due" or subscription["schedule"]:
        return False
    if subscription["billing_mode"]["type"] != "flexible":
        return False
    ctx.put("subscription", pausing.paused(ctx, subscription, why))
    return True
