"""Decides what a new end of a trial does to a running subscription: longer, over at once, or a trial from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import change_invoices, errors, proration_items, shapes, timing, trial_notices
from emulator.billing.transitions import subscription_after
from emulator.payments import collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


def moved(ctx: Context, after: Doc, end: int) -> Doc:
    """Return a subscription in a trial that ends at another time; nothing is billed."""
    rows = [{**row, "current_period_end": end} for row in after["items"]["data"]]
    trial_notices.announce(ctx, after, end)
    anchor = after["billing_cycle_anchor"] if timing.keeps_anchor(after["trial_settings"]) else end
    return {**after, "trial_end": end, "billing_cycle_anchor": anchor, "items": shapes.item_list(after["id"], rows)}


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
    rows = [{**row, "current_period_start": ctx.now, "current_period_end": end} for row in after["items"]["data"]]
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

    Raises the refusal of a customer who has nothing to pay with.
    """
    method = await collect.default_method(ctx, customer, after)
    trial_notices.announce(ctx, after, ctx.now)
    after = {**after, "status": "active", "trial_end": ctx.now, "billing_cycle_anchor": ctx.now}
    after = await change_invoices.restarted(ctx, after)
    identifier = ctx.new_id("invoice")
    made = await change_invoices.full_lines(ctx, after, identifier)
    if method is None and after["collection_method"] == "charge_automatically" and any(one["amount"] for one in made):
        raise errors.no_payment_method()
    period = shapes.Period(ctx.now, ctx.now)
    return await change_invoices.invoiced(ctx, after, customer, identifier, made, (), period, payment_behavior)
