"""Decides which discounts an invoice leaves over: those for once are used up, repeating ones end (facts billing 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import shapes
from emulator.catalog import discounts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def once(ctx: Context, found: Sequence[Doc]) -> set[str]:
    """Return which of these discounts are for one invoice only."""
    result = set()
    for one in found:
        coupon = await discounts.coupon_of(ctx, one)
        if coupon is not None and coupon["duration"] == "once":
            result.add(one["id"])
    return result


async def _over(ctx: Context, ids: Sequence[str]) -> list[Doc]:
    found = [doc for doc in [await ctx.find("discount", one) for one in ids] if doc is not None]
    used = await once(ctx, found)
    return [doc for doc in found if doc["id"] in used or (doc["end"] is not None and doc["end"] <= ctx.now)]


async def over(ctx: Context, subscription: Doc, rows: Sequence[Doc] = ()) -> list[Doc]:
    """Return the discounts of a subscription, and of these items of it, that an invoice made now uses up."""
    ids = [*subscription["discounts"], *(one for row in rows for one in row["discounts"])]
    return await _over(ctx, ids) if ids else []


def without(subscription: Doc, gone: Collection[str]) -> Doc:
    """Return a subscription without these discounts, neither of its own nor of its items."""
    if not gone:
        return subscription
    rows = [
        {**row, "discounts": [one for one in row["discounts"] if one not in gone]}
        for row in subscription["items"]["data"]
    ]
    return {
        **subscription,
        "discounts": [one for one in subscription["discounts"] if one not in gone],
        "items": shapes.item_list(subscription["id"], rows),
    }


def taken(invoice: Doc, items: Iterable[Doc] = ()) -> set[str]:
    """Return which discounts took something off an invoice.

    Its lines tell it; debits that discounts are included in name them in their ``items`` (facts billing 6.10).
    """
    told = [one for line in invoice["lines"]["data"] for one in line["discount_amounts"] if one["amount"] > 0]
    for item in items:
        details = item.get("proration_details") or {}
        if item["amount"] >= 0 and not details.get("credited_items"):
            told += details.get("discount_amounts") or ()
    return {one["discount"] for one in told}


async def left(ctx: Context, subscription: Doc, invoice: Doc, items: Iterable[Doc]) -> Doc:
    """Return a subscription, not stored, without the discounts that the invoice of a change uses up: announced.

    One for once that took nothing off waits for the next invoice; one whose time is over goes.
    """
    worked = taken(invoice, items)
    found = await over(ctx, subscription, subscription["items"]["data"])
    gone = [one for one in found if one["id"] in worked or (one["end"] is not None and one["end"] <= ctx.now)]
    announce(ctx, gone)
    return without(subscription, {one["id"] for one in gone})


def announce(ctx: Context, gone: Sequence[Doc]) -> None:
    """Say that discounts are over; they stay readable, invoices name them."""
    for one in gone:
        ctx.note("customer.discount.deleted", one)
