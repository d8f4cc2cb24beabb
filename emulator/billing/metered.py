"""Decides what metered items owe: the usage of a period that is over, priced when it is billed (facts billing 6.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import line_texts, meter_usage, pricing, selection, shapes

if TYPE_CHECKING:
    from fractions import Fraction

    from emulator.billing.shapes import Period
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


# Item -> when it came to its price within the period: what was used before is billed apart, or not at all.
SINCE = "_metered_since"


class Used(NamedTuple):
    """Usage as lines print it: ``amount`` in minor units, ``quantity`` whole, ``exact`` as decimal text."""

    amount: int
    quantity: int
    exact: str


def is_metered(row: Doc) -> bool:
    """Say whether an item is billed by usage: such items have no quantity."""
    return row.get("quantity") is None


def repriced(ctx: Context, item: str) -> None:
    """Remember that an item has another price from now on (facts billing 6.16).

    Flexible billing bills each use at the price of its time, classic billing only what is used since, at the new price.
    """
    ctx.put(SINCE, {"id": item, "at": ctx.now})


async def counted(ctx: Context, row: Doc, period: Period) -> Period:
    """Return the part of a period whose usage an item is billed for."""
    since = await ctx.find(SINCE, row["id"])
    if since is None or not period.start < since["at"] <= period.end:
        return period
    return shapes.Period(since["at"], period.end)


async def used(ctx: Context, customer: str, price: Doc, period: Period) -> Used:
    """Return what a customer owes for a period's usage; a price without a meter counts nothing."""
    meter = await ctx.find("billing.meter", price["recurring"].get("meter") or "")
    quantity: int | Fraction = 0
    if meter is not None:
        quantity = await meter_usage.usage(ctx, meter=meter, customer=customer, start=period.start, end=period.end)
    quantity = max(quantity, 0)
    amount = pricing.rounded(int(pricing.exact(price, quantity)))  # type: ignore[arg-type]
    return Used(amount, int(quantity), pricing.unscaled(int(quantity * pricing.SCALE)))


async def line(ctx: Context, invoice: str, subscription: Doc, row: Doc, price: Doc, period: Period) -> Doc:
    """Return the line of a metered item for the usage of ``period``."""
    product = await ctx.need("product", price["product"], "product")
    period = await counted(ctx, row, period)
    owed = await used(ctx, subscription["customer"], price, period)
    made = shapes.line(
        ctx, invoice, owed.amount, price["currency"], line_texts.licensed(product, price, owed.quantity), period,
        price=price, quantity=owed.quantity, parent=shapes.of_item(subscription["id"], row["id"]),
        unit_amount=price.get("unit_amount_decimal"),
    )  # fmt: skip
    return {**made, "discounts": row["discounts"], "quantity_decimal": owed.exact}


async def refreshed(ctx: Context, subscription: Doc, invoice: Doc) -> list[Doc] | None:
    """Return a draft's lines with usage that came late counted in, bare of discounts and taxes; None when none came."""
    rows = {row["id"]: row for row in subscription["items"]["data"] if is_metered(row)}
    result, late = [], False
    for one in invoice["lines"]["data"]:
        details = one["parent"]["subscription_item_details"]
        row = rows.get(details["subscription_item"]) if details else None
        bare = {**one, "discount_amounts": [], "pretax_credit_amounts": [], "taxes": [], "subtotal": one["amount"]}
        if row is not None and not details["proration"]:
            price = await selection.currency_option(ctx, row["price"], subscription["currency"])
            period = shapes.Period(one["period"]["start"], one["period"]["end"])
            owed = await used(ctx, subscription["customer"], price, period)
            if owed.exact != one["quantity_decimal"]:
                late = True
                product = await ctx.need("product", price["product"], "product")
                bare |= {
                    "amount": owed.amount, "subtotal": owed.amount, "quantity": owed.quantity,
                    "quantity_decimal": owed.exact,
                    "description": line_texts.licensed(product, price, owed.quantity),
                }  # fmt: skip
        result.append(bare)
    return result if late else None


async def outstanding(ctx: Context, subscription: Doc, customer: Doc) -> list[Doc]:
    """Return invoice items for the usage of the current periods so far, not stored; none for unused items."""
    result = []
    for row in subscription["items"]["data"]:
        if is_metered(row):
            result += await of_item(ctx, subscription, customer, row)
    return result


async def of_item(ctx: Context, subscription: Doc, customer: Doc, row: Doc) -> list[Doc]:
    """Return the invoice item for what one metered item used in its current period, if it used anything."""
    price = await selection.currency_option(ctx, row["price"], subscription["currency"])
    end = min(ctx.now, row["current_period_end"])
    period = await counted(ctx, row, shapes.Period(row["current_period_start"], end))
    owed = await used(ctx, customer["id"], price, period)
    if owed.exact == "0" or subscription["status"] == "trialing":
        return []
    product = await ctx.need("product", price["product"], "product")
    item = shapes.invoice_item(
        ctx, customer, owed.amount, price["currency"], line_texts.licensed(product, price, owed.quantity), period,
        price=price, quantity=owed.quantity, unit_amount=price.get("unit_amount_decimal"),
        parent={
            "subscription_details": {"subscription": subscription["id"], "subscription_item": row["id"]},
            "type": "subscription_details",
        },
    )  # fmt: skip
    return [{**item, "quantity_decimal": owed.exact}]
