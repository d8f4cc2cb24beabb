"""Decides what ``add_invoice_items`` of a subscription's create or update puts on its next invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import cancellations, errors, pricing, selection, shapes
from emulator.catalog import prices

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def made(ctx: Context, given: list[Doc] | None, customer: Doc, subscription: Doc) -> list[Doc]:
    """Return the invoice items that ``given`` describes, not stored; prices must be one-time ones of its currency."""
    return [
        await _made(ctx, entry, f"add_invoice_items[{index}]", customer, subscription)
        for index, entry in enumerate(given or ())
    ]


async def one_time(ctx: Context, entry: Doc, place: str, *, known: bool) -> Doc:
    """Return the price that an entry names or describes; raises when it is not one-time.

    ``known``: it was taken before, so that it may have been archived meanwhile.
    """
    if known:
        price = await ctx.need("price", entry["price"], f"{place}[price]")
    elif entry.get("price") is not None:
        price = await prices.active(ctx, entry["price"], f"{place}[price]")
    elif entry.get("price_data") is not None:
        price = await selection.described(ctx, entry["price_data"], f"{place}[price_data]")
    else:
        raise errors.missing_param(f"{place}[price]")
    if price["type"] != "one_time":
        raise errors.recurring_price(f"{place}[price]")
    return price


async def _made(ctx: Context, entry: Doc, place: str, customer: Doc, subscription: Doc) -> Doc:
    price = await one_time(ctx, entry, place, known=bool(entry.get(selection.KNOWN)))
    price = _in_currency(price, subscription["currency"], place)
    quantity = 1 if entry.get("quantity") is None else entry["quantity"]
    product = await ctx.need("product", price["product"], "product")
    item = shapes.invoice_item(
        ctx, customer, pricing.amount(price, quantity), price["currency"], product["name"],
        _period(ctx, entry.get("period"), subscription), price=price, quantity=quantity,
        unit_amount=price["unit_amount_decimal"],
        parent={"subscription_details": {"subscription": subscription["id"]}, "type": "subscription_details"},
    )  # fmt: skip
    item["metadata"] = entry.get("metadata") or {}
    if entry.get("discountable") is not None:
        item["discountable"] = entry["discountable"]
    item["tax_rates"] = await selection.tax_rates(ctx, entry, f"{place}[tax_rates]")
    if entry.get("discounts"):
        found = await selection.redeemed(
            ctx, entry["discounts"], customer["id"], place=f"{place}[discounts]", currency=price["currency"],
            invoice_item=item["id"],
        )  # fmt: skip
        item["discounts"] = [one["id"] for one in found]
    return item


def _in_currency(price: Doc, currency: str, place: str) -> Doc:
    if price["currency"] == currency:
        return price
    if currency not in (price.get("currency_options") or {}):
        raise errors.wrong_currency(price["currency"], currency, f"{place}[price]")
    return dict(pricing.in_currency(price, currency))


def _period(ctx: Context, wish: Doc | None, subscription: Doc) -> shapes.Period:
    """Return the time an item is about: now, or what ``period`` names of the subscription's items."""
    if not wish:
        return shapes.Period(ctx.now, ctx.now)
    rows = subscription["items"]["data"]
    begin, end = wish["start"], wish["end"]
    start = {
        "max_item_period_start": max(row["current_period_start"] for row in rows),
        "timestamp": begin.get("timestamp"),
    }.get(begin["type"])
    last = {"min_item_period_end": min(cancellations.period_ends(subscription)), "timestamp": end.get("timestamp")}
    return shapes.Period(ctx.now if start is None else start, last[end["type"]] or ctx.now)
