"""Decides which discounts an invoice leaves over: those for once are used up, repeating ones end (facts billing 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import instants, shapes
from emulator.billing.transitions import ENDED
from emulator.catalog import discounts
from emulator.kernel.documents import changed

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
    late = {doc["id"] for doc in ended(ctx, found)}
    return [doc for doc in found if doc["id"] in used | late]


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
    late = {one["id"] for one in ended(ctx, found)}
    gone = [one for one in found if one["id"] in worked | late]
    announce(ctx, gone)
    return without(subscription, {one["id"] for one in gone})


def ended(ctx: Context, found: Iterable[Doc]) -> list[Doc]:
    """Return those of some discounts whose time is over."""
    return [one for one in found if one["end"] is not None and one["end"] <= ctx.now]


async def wake(ctx: Context, row: Doc) -> None:
    """Take a discount whose months are over from the subscription or the customer that has it, and announce it.

    A renewal at this very second does it with what it writes anyway. That it is taken away at its own end, and not at
    the next invoice, is what ``discount.end`` says (docs.stripe.com/api/discounts/object).
    """
    ctx.remove(discounts.END, row["id"])
    discount = await ctx.find("discount", row["id"])
    if discount is None:
        return
    if discount["subscription"] is None:
        await _off_customer(ctx, discount)
        return
    subscription = await ctx.find("subscription", discount["subscription"])
    if subscription is None or subscription["status"] in ENDED:
        return
    due = instants.subscription(subscription)
    rows = [one for one in subscription["items"]["data"] if row["id"] in one["discounts"]]
    billed = rows if row["id"] not in subscription["discounts"] else subscription["items"]["data"]
    renews = due is not None and due.at <= ctx.now and due.what in {"renew", "trial_end"}
    if not billed or (renews and any(one["current_period_end"] <= ctx.now for one in billed)):
        return
    announce(ctx, [discount])
    ctx.put("subscription", without(subscription, {row["id"]}))


async def _off_customer(ctx: Context, discount: Doc) -> None:
    customer = await ctx.find("customer", discount["customer"] or "")
    if customer is not None and (customer.get("discount") or {}).get("id") == discount["id"]:
        announce(ctx, [discount])
        ctx.put("customer", changed(customer, discount=None))


def announce(ctx: Context, gone: Sequence[Doc]) -> None:
    """Say that discounts are over; they stay readable, invoices name them."""
    for one in gone:
        ctx.note("customer.discount.deleted", one)
