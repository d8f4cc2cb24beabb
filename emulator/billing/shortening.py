"""Decides how a planned end within the current period cuts it, and how it grows again when the end moves (facts billing 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import item_changes, periods, proration_items, selection, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

UNCUT = frozenset({"trialing", "incomplete", "paused"})  # their periods are not billed, so nothing is cut


def cut(subscription: Doc) -> Doc:
    """Return a new subscription whose first period ends where it is planned to end."""
    at = subscription["cancel_at"]
    if at is None or subscription["status"] in UNCUT:
        return subscription
    rows = [{**row, "current_period_end": min(row["current_period_end"], at)} for row in subscription["items"]["data"]]
    return {**subscription, "items": shapes.item_list(subscription["id"], rows)}


async def adjusted(ctx: Context, before: Doc, after: Doc, customer: Doc) -> tuple[Doc, list[Doc]]:
    """Return ``after`` with its periods cut to its planned end, and the credits and debits of that, not stored.

    A period that was cut before grows again when the end is moved or taken back.
    """
    at = after["cancel_at"]
    if at == before["cancel_at"] or after["status"] in UNCUT:
        return after, []
    rows, made = [], []
    for row in after["items"]["data"]:
        price = await selection.currency_option(ctx, row["price"], after["currency"])
        recurring = price["recurring"]
        _, natural = periods.period_at(
            after["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"],
            row["current_period_start"],
        )  # fmt: skip
        end = row["current_period_end"]
        target = natural if at is None else min(natural, max(at, row["current_period_start"]))
        changed = {**row, "current_period_end": target}
        rows.append(changed)
        if target < end:
            gone = item_changes.Edit(row, price, None, None)
            made += await proration_items.of_edit(ctx, after, customer, gone, target)
        elif target > end:
            grown = item_changes.Edit(None, None, changed, price)
            made += await proration_items.of_edit(ctx, after, customer, grown, end)
    return {**after, "items": shapes.item_list(after["id"], rows)}, made
