"""Decides how a planned end within the current period cuts it, and how it grows again when the end moves (facts billing 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import item_changes, periods, prebilling, proration_items, selection, shapes, trial_notices

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

UNCUT = frozenset({"trialing", "incomplete", "paused"})  # their periods are not billed, so nothing is cut
# Subscription -> the anchor it had before its end cut the period and, in classic mode, took the anchor along.
ANCHOR = "_anchor_before_cut"


def cut(ctx: Context, subscription: Doc) -> Doc:
    """Return a new subscription whose first period ends where it is planned to end."""
    at = subscription["cancel_at"]
    if at is None:
        return subscription
    if subscription["status"] in UNCUT:
        return _trial_cut(ctx, subscription, at)
    if any(at < row["current_period_end"] for row in subscription["items"]["data"]):
        subscription = _anchored(ctx, subscription, subscription["billing_cycle_anchor"], at)
    rows = [{**row, "current_period_end": min(row["current_period_end"], at)} for row in subscription["items"]["data"]]
    return {**subscription, "items": shapes.item_list(subscription["id"], rows)}


async def adjusted(ctx: Context, before: Doc, after: Doc, customer: Doc) -> tuple[Doc, list[Doc]]:
    """Return ``after`` with its periods cut to its planned end, and the credits and debits of that, not stored.

    A period that was cut before grows again when the end is moved or taken back.
    """
    at = after["cancel_at"]
    if at == before["cancel_at"]:
        return after, []
    if after["status"] in UNCUT:
        return (after if at is None else _trial_cut(ctx, after, at)), []
    anchor = await _anchor(ctx, before, after)
    after = {**after, "billing_cycle_anchor": anchor}
    within = False
    rows, made = [], []
    for row in after["items"]["data"]:
        price = await selection.currency_option(ctx, row["price"], after["currency"])
        recurring = price["recurring"]
        _, natural = periods.period_at(
            anchor, recurring["interval"], recurring["interval_count"],
            row["current_period_start"],
        )  # fmt: skip
        end = row["current_period_end"]
        target = natural if at is None else min(natural, max(at, row["current_period_start"]))
        within = within or target < natural
        changed = {**row, "current_period_end": target}
        rows.append(changed)
        if target < end:
            rows[-1] = prebilling.with_billed(changed, target)
            gone = item_changes.Edit(row, price, None, None)
            made += await proration_items.of_edit(ctx, after, customer, gone, target)
        elif at is not None and at < prebilling.billed_until(row):
            rows[-1] = prebilling.with_billed(changed, at)
            made += await proration_items.credits_ahead(ctx, after, customer, row, price, at)
        elif target > end:
            grown = item_changes.Edit(None, None, changed, price)
            made += await proration_items.of_edit(ctx, after, customer, grown, end)
    after = _anchored(ctx, after, anchor, at if within else None)
    return {**after, "items": shapes.item_list(after["id"], rows)}, made


def _trial_cut(ctx: Context, subscription: Doc, at: int) -> Doc:
    """Return a subscription in a trial; classic billing moves the trial's end to an earlier end of all (facts 6.16)."""
    end = subscription["trial_end"]
    if subscription["status"] != "trialing" or not _classic(subscription) or end is None or at >= end:
        return subscription
    return trial_notices.moved(ctx, subscription, at)


def _classic(subscription: Doc) -> bool:
    return bool(subscription["billing_mode"]["type"] == "classic")


async def _anchor(ctx: Context, before: Doc, after: Doc) -> int:
    """Return the anchor by which the periods run when nothing cuts them."""
    anchor: int = after["billing_cycle_anchor"]
    kept = await ctx.find(ANCHOR, after["id"])
    if kept is None or anchor != before["cancel_at"]:
        return anchor
    return int(kept["anchor"])


def _anchored(ctx: Context, subscription: Doc, anchor: int, at: int | None) -> Doc:
    """Return the subscription with its anchor: in classic mode it follows an end that cuts the period (facts 6.8)."""
    if at is None or not _classic(subscription):
        return {**subscription, "billing_cycle_anchor": anchor}
    ctx.put(ANCHOR, {"id": subscription["id"], "anchor": anchor})
    return {**subscription, "billing_cycle_anchor": at}
