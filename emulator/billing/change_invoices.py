"""Decides how a change of a subscription is billed at once: new periods, full lines, the invoice and its payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    automatic_tax,
    drafts,
    lines,
    pending_updates,
    periods,
    prebilling,
    selection,
    settlement,
    shapes,
    subscriptions,
    used_discounts,
)
from emulator.catalog import held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def restarted(ctx: Context, after: Doc) -> Doc:
    """Return the subscription with all periods begun anew at this instant."""
    rows = []
    for row in after["items"]["data"]:
        price = await held.need(ctx, row["price"])
        recurring = price["recurring"]
        end = periods.plus(ctx.now, recurring["interval"], recurring["interval_count"])
        bare = prebilling.with_billed(row, 0)  # what was billed ahead is credited
        rows.append({**bare, "current_period_start": ctx.now, "current_period_end": end})
    return {**after, "items": shapes.item_list(after["id"], rows)}


async def _billed(
    ctx: Context,
    subscription: Doc,
    *,
    metered: bool = False,
    licensed: bool = True,
    only: Collection[str] | None = None,
) -> AsyncIterator[tuple[Doc, Doc, Doc, shapes.Period]]:
    """Yield items with their price, product and current period: ``licensed`` ones are paid in advance.

    ``only``: the ids of the items that are wanted, None for all.
    """
    for row in subscription["items"]["data"]:
        wanted = metered if row.get("quantity") is None else licensed
        if not wanted or (only is not None and row["id"] not in only):
            continue
        price = await selection.currency_option(ctx, row["price"], subscription["currency"])
        product = await ctx.need("product", price["product"], "product")
        yield row, price, product, shapes.Period(row["current_period_start"], row["current_period_end"])


async def full_lines(ctx: Context, subscription: Doc, invoice: str) -> list[Doc]:
    """Return a full line for the current period of each licensed item."""
    return [
        lines.of_period(ctx, invoice, row, price, product, period)
        async for row, price, product, period in _billed(ctx, subscription)
    ]


async def empty_lines(ctx: Context, subscription: Doc, invoice: str, only: Collection[str]) -> list[Doc]:
    """Return the lines of nothing that classic billing puts on an invoice for new metered items (facts billing 6.16)."""
    return [
        lines.of_period(ctx, invoice, row, price, product, period)
        async for row, price, product, period in _billed(ctx, subscription, metered=True, licensed=False, only=only)
    ]


async def trial_lines(ctx: Context, subscription: Doc, invoice: str, only: Collection[str] | None = None) -> list[Doc]:
    """Return the line of a free trial for each item, by flexible billing for licensed ones only (facts billing 6.16)."""
    flexible = subscription["billing_mode"]["type"] == "flexible"
    return [
        lines.of_trial(ctx, invoice, row, price, product, period, flexible=flexible)
        async for row, price, product, period in _billed(ctx, subscription, metered=not flexible, only=only)
    ]


async def invoiced(
    ctx: Context, subscription: Doc, customer: Doc, identifier: str, full: Sequence[Doc], items: Sequence[Doc],
    period: shapes.Period, payment_behavior: str, proration_date: int | None = None, *, with_pending: bool = True,
    uses_up: bool = True,
) -> Doc:  # fmt: skip
    """Bill a change at once: pending items, ``items`` and ``full`` lines; returns the subscription with its invoice.

    ``with_pending``: whether items that wait for an invoice come along; classic billing leaves them at a new anchor.
    ``uses_up``: whether discounts for once go now; else the caller takes them away when the change is in force.

    Order of writes after the recorded update of facts billing 9.2: the invoice's life, the items, and by the caller the
    subscription. With ``pending_if_incomplete`` and no payment the caller makes the change wait (``pending_updates``).
    """
    waiting: list[Doc] = []
    if with_pending:
        waiting = await lines.pending(ctx, customer["id"], subscription["currency"], subscription["id"])
    swept = [*items, *waiting]
    made = [lines.of_pending(ctx, identifier, item) for item in swept] + list(full)
    sums = await drafts.summed(ctx, subscription, subscription["items"]["data"], made)
    draft = await drafts.of_subscription(ctx, identifier, customer, subscription, sums, "subscription_update", period)
    if proration_date is not None and items:
        draft["parent"]["subscription_details"]["subscription_proration_date"] = proration_date
    sent = draft["collection_method"] == "send_invoice"
    ctx.put("invoice", {**draft, "automatically_finalizes_at": ctx.now + 3601} if sent else draft)
    after = {**subscription, "latest_invoice": identifier}
    if not sent:
        after |= await _pay(ctx, draft, subscription, payment_behavior)
        after = await automatic_tax.as_stored(ctx, after)
    if uses_up and after["status"] != "trialing" and after["pending_update"] is not pending_updates.WAITING:
        after = await used_discounts.left(ctx, after, draft, swept)  # the invoice of a trial uses up none
    for item in swept:
        ctx.put("invoiceitem", {**item, "invoice": identifier})
    return after


async def _pay(ctx: Context, draft: Doc, subscription: Doc, payment_behavior: str) -> Doc:
    """Finalize and charge; returns what that changes of the subscription."""
    invoice = await settlement.finalize(ctx, draft, collecting=False)
    if invoice["status"] == "paid":
        return {}
    if payment_behavior == "default_incomplete":
        await _unpaid(ctx, {**invoice, "auto_advance": False})
        return {"status": "past_due"}
    # The customer is taken to be there: who is asked for 3D Secure may answer (off_session is false by default).
    invoice, outcome = await settlement.attempt(ctx, invoice, off_session=False)
    if invoice["status"] == "paid" or (outcome is not None and outcome.status == "processing"):
        return {}
    if outcome is not None:
        subscriptions.refuse_incomplete(outcome, payment_behavior)
    if payment_behavior == pending_updates.BEHAVIOR:
        return {"pending_update": pending_updates.WAITING}
    return {"status": "past_due"}


async def _unpaid(ctx: Context, invoice: Doc) -> None:
    """Store an invoice that nobody but the customer pays, with the PaymentIntent that waits for them."""
    ctx.put("invoice", invoice)
    await settlement.awaited(ctx, invoice)
