"""Decides the lines that subscription items put on an invoice: full periods, cut ones, free trials, pending items."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from emulator.billing import line_texts, pricing, proration, shapes
from emulator.billing.discounting import Reduction, percent_text, reduction
from emulator.catalog import discounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.shapes import Period
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


def of_period(
    ctx: Context, invoice: str, item: Doc, price: Doc, product: Doc, period: Period, natural: int | None = None
) -> Doc:
    """Return the line of a licensed item for ``period``, cut to it when its natural length is longer."""
    quantity = item.get("quantity")
    billed = 0 if quantity is None else quantity
    length = period.end - period.start
    if natural is None or natural <= length:
        amount = pricing.amount(price, billed) if quantity is not None else 0
    else:
        amount = proration.part(pricing.exact(price, billed), natural, length)
    line = shapes.line(
        ctx, invoice, amount, price["currency"], line_texts.licensed(product, price, billed), period,
        price=price, quantity=billed, parent=shapes.of_item(item["subscription"], item["id"]),
        unit_amount=price.get("unit_amount_decimal"),
    )  # fmt: skip
    line["discounts"] = item["discounts"]
    return line


def of_trial(ctx: Context, invoice: str, item: Doc, price: Doc, product: Doc, period: Period, *, flexible: bool) -> Doc:
    """Return the line of a free trial (facts billing 6.6)."""
    quantity = item.get("quantity") or 0
    text = line_texts.free_trial(product, quantity, flexible=flexible, metered=item.get("quantity") is None)
    return shapes.line(
        ctx, invoice, 0, price["currency"], text, period,
        price=price, quantity=quantity, parent=shapes.of_item(item["subscription"], item["id"]), unit_amount="0",
    )  # fmt: skip


def of_pending(ctx: Context, invoice: str, item: Doc) -> Doc:
    """Return the line that an invoice item becomes."""
    price = item["pricing"]["price_details"]
    line = shapes.line(
        ctx, invoice, item["amount"], item["currency"], item["description"] or "",
        shapes.Period(item["period"]["start"], item["period"]["end"]),
        price={"id": price["price"], "product": price["product"]}, quantity=item["quantity"],
        parent=shapes.of_invoice_item(item), discountable=item["discountable"],
        unit_amount=item["pricing"]["unit_amount_decimal"],
    )  # fmt: skip
    line["description"] = item["description"]
    line["metadata"] = item["metadata"]
    line["discounts"] = item["discounts"]
    if item["proration"]:
        told = (item.get("proration_details") or {}).get("discount_amounts") or ()
        # What an item's own discounts took off is told only where it is itemized, the others always.
        line["discount_amounts"] = [one for one in told if one["amount"] or one["discount"] not in item["discounts"]]
    return line


async def pending(ctx: Context, customer: str, currency: str, subscription: str | None) -> list[Doc]:
    """Return the customer's items that wait for an invoice, newest first; of one change the credits before the debits.

    A subscription takes its own and those that belong to none; others' are left (facts billing 7.1).
    """
    found = []
    for item in await ctx.select("invoiceitem", customer=customer):
        if item["invoice"] is None and item["currency"] == currency:
            owner = item["parent"]["subscription_details"]["subscription"] if item["parent"] else None
            if owner is None or owner == subscription:
                found.append(item)
    return _changes_kept(found) if any(one["proration"] for one in found) else found


def _changes_kept(newest_first: Sequence[Doc]) -> list[Doc]:
    """Return items with the prorations of one instant in the order of their making (docs.stripe.com prorations)."""
    result: list[Doc] = []
    for _, group in groupby(newest_first, key=lambda one: one["date"] if one["proration"] else one["id"]):
        result += reversed(list(group))
    return result


def sweep(ctx: Context, items: Sequence[Doc], invoice: str) -> None:
    """Store pending items as taken by an invoice."""
    for item in items:
        ctx.put("invoiceitem", {**item, "invoice": invoice})


async def reductions(ctx: Context, ids: Sequence[str], currency: str) -> list[Reduction]:
    """Return what discounts take off, those that are over left out."""
    found = [await ctx.find("discount", one) for one in ids]
    return await of_discounts(ctx, [one for one in found if one is not None], currency)


async def of_discounts(ctx: Context, found: Sequence[Doc], currency: str) -> list[Reduction]:
    """Return what discounts take off, those that are over left out."""
    result = []
    for doc in found:
        if doc["end"] is None or doc["end"] > ctx.now:
            coupon = await discounts.coupon_of(ctx, doc)
            if coupon is not None:
                result.append(reduction(doc["id"], coupon, currency))
    return result


def with_percent(text: str, found: Sequence[Reduction]) -> str:
    """Return a proration's text with the percentages that were netted into it (facts billing 6.10)."""
    for one in found:
        if one.percent:
            text = line_texts.netted(text, percent_text(one.percent))
    return text
