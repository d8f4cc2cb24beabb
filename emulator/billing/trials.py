"""Decides what a new end of a trial does to a running subscription: longer, over at once, or a trial from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    cancellations,
    change_invoices,
    errors,
    pausing,
    prebilling,
    proration_items,
    shapes,
    timing,
    trial_notices,
)
from emulator.billing.transitions import subscription_after
from emulator.payments import collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def begun(
    ctx: Context, before: Doc, after: Doc, customer: Doc, end: int, edits: Sequence[Edit], behavior: str
) -> Doc:
    """Return a running subscription in a trial from now on: what is unused is credited to the balance.

    Facts billing 6.6: an invoice of the credits and the free trial is paid without a charge.
    """
    credits: list[Doc] = []
    if behavior != "none":
        for edit in edits:
            credits += await proration_items.of_edit(ctx, before, customer, edit, ctx.now, debit=False)
    rows = [
        {**prebilling.with_billed(row, 0), "current_period_start": ctx.now, "current_period_end": end}
        for row in after["items"]["data"]
    ]
    classic = after["billing_mode"]["type"] == "classic"
    first = before["trial_start"] if classic and before["trial_start"] is not None else ctx.now
    keeps = timing.keeps_anchor(after["trial_settings"])
    after = {
        **after,
        "status": subscription_after(after["status"], "trial_added"),
        "trial_start": first,
        "trial_end": end,
        "billing_cycle_anchor": after["billing_cycle_anchor"] if keeps else end,
        "items": shapes.item_list(after["id"], rows),
    }
    trial_notices.announce(ctx, after, end)
    identifier = ctx.new_id("invoice")
    free = await change_invoices.trial_lines(ctx, after, identifier)
    period = shapes.Period(ctx.now, ctx.now)
    return await change_invoices.invoiced(ctx, after, customer, identifier, free, credits, period, "allow_incomplete")


async def ended(ctx: Context, after: Doc, customer: Doc, payment_behavior: str) -> Doc:
    """Return a subscription whose trial ends now: a new period begins and is billed at once (facts billing 6.6).

    A customer who has nothing to pay with: the subscription pauses or ends where ``trial_settings`` say so, as when
    a trial runs out (the official command line's own example ends a trial so); else raises the refusal.
    """
    method = await collect.default_method(ctx, customer, after)
    trial_notices.announce(ctx, after, ctx.now)
    if method is None and after["collection_method"] == "charge_automatically":
        over = await _without_method(ctx, after)
        if over is not None:
            return over
    after = {**after, "status": "active", "trial_end": ctx.now, "billing_cycle_anchor": ctx.now}
    after = await change_invoices.restarted(ctx, after)
    identifier = ctx.new_id("invoice")
    made = await change_invoices.full_lines(ctx, after, identifier)
    if method is None and after["collection_method"] == "charge_automatically" and any(one["amount"] for one in made):
        raise errors.no_payment_method()
    period = shapes.Period(ctx.now, ctx.now)
    return await change_invoices.invoiced(ctx, after, customer, identifier, made, (), period, payment_behavior)


async def _without_method(ctx: Context, after: Doc) -> Doc | None:
    """Return a subscription paused or ended at the end of its trial; None where an invoice is to be made."""
    behavior = after["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "create_invoice":
        return None
    rows = [{**row, "current_period_end": ctx.now} for row in after["items"]["data"]]
    after = {**after, "trial_end": ctx.now, "items": shapes.item_list(after["id"], rows)}
    if behavior == "pause":
        return pausing.paused(ctx, after, "trial_end_without_payment_method")
    return await cancellations.cancel_now(ctx, after, prorate=False, invoice_now=False)
