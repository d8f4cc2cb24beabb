"""Decides which discounts a customer is told of beside the price of a subscription: those that the next invoice has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import discounts

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def running(ctx: Context, subscription: Doc, customer: Doc) -> list[Doc]:
    """Return the discounts of a subscription, else the customer's, each with its ``coupon`` and ``end`` (or None)."""
    named = [one for one in subscription.get("discounts") or () if isinstance(one, str)]
    found = [one for one in [await ctx.find("discount", id) for id in named] if one is not None]
    if not found and customer.get("discount") is not None:
        found = [customer["discount"]]
    now = await _instant(ctx, subscription)
    result = []
    for one in found:
        coupon = await discounts.coupon_of(ctx, one)
        if coupon is not None and (one["end"] is None or one["end"] > now):
            result.append({"coupon": coupon, "end": one["end"]})
    return result


async def _instant(ctx: Context, subscription: Doc) -> int:
    """Return the time of the clock that a subscription lives on."""
    clock = await ctx.find("test_helpers.test_clock", subscription.get("test_clock") or "")
    return int(clock["frozen_time"]) if clock else ctx.now
