"""Decides which credits and debits a change of items makes, and what they say and refer to (facts billing 6.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import discounting, line_texts, lines, periods, pricing, proration, selection, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.discounting import Reduction
    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

FROZEN = ["pricing", "quantity", "discounts"]


class Debit(NamedTuple):
    """What was last billed for an item, after discounts: ``line`` is None while it waits as a pending item."""

    amount: int
    start: int
    end: int
    invoice: str | None
    line: str | None


async def last_debit(ctx: Context, subscription: Doc, item: str, at: int) -> Debit | None:
    """Return the newest debit of an item whose period holds ``at``: pending ones are newer than billed ones."""
    for one in await ctx.select("invoiceitem", customer=subscription["customer"]):
        details = one["parent"]["subscription_details"] if one["parent"] else {}
        if one["invoice"] is None and one["amount"] >= 0 and details.get("subscription_item") == item:
            return Debit(one["amount"], one["period"]["start"], one["period"]["end"], None, None)
    for invoice in await ctx.select("invoice", subscription=subscription["id"]):
        if invoice["status"] == "void":
            continue
        for line in reversed(invoice["lines"]["data"]):
            details = line["parent"]["subscription_item_details"]
            period = line["period"]
            ours = details is not None and details["subscription_item"] == item and line["amount"] >= 0
            if ours and period["start"] <= at < period["end"]:
                net = line["amount"] - sum(one["amount"] for one in line["discount_amounts"])
                return Debit(net, period["start"], period["end"], invoice["id"], line["id"])
    return None


async def of_edit(
    ctx: Context, subscription: Doc, customer: Doc, edit: Edit, at: int, *, debit: bool = True,
    rows: Sequence[Doc] | None = None,
) -> list[Doc]:  # fmt: skip
    """Return the credit and the debit of one edit, not stored; nothing for metered prices.

    ``rows``: the items after all edits, which share the subscription's discounts; this edit alone when left out.
    """
    result = []
    if edit.before is not None and edit.before_price is not None and edit.before.get("quantity") is not None:
        result.append(await _credit(ctx, subscription, customer, edit.before, edit.before_price, at))
    if debit and edit.after is not None and edit.after_price is not None and edit.after.get("quantity") is not None:
        result.append(await _debit(ctx, subscription, customer, edit, at, rows))
    return result


async def _taken_off(ctx: Context, subscription: Doc, row: Doc, rows: Sequence[Doc]) -> int:
    """Return what amounts off take of an item's whole period, scaled by 10^12.

    Classic billing shares the subscription's evenly over the items, flexible billing by what they cost (facts billing
    6.10, 6.16). An item's own takes of it alone.
    """
    price = await selection.currency_option(ctx, row["price"], subscription["currency"])
    cost = pricing.exact(price, row["quantity"])
    own = await lines.reductions(ctx, row["discounts"], subscription["currency"])
    result = sum(one.amount_off for one in own if one.covers(price["product"])) * pricing.SCALE
    for one in await lines.reductions(ctx, subscription["discounts"], subscription["currency"]):
        if not one.amount_off or not one.covers(price["product"]):
            continue
        costs = await _costs(ctx, subscription, rows, one)
        if subscription["billing_mode"]["type"] == "classic":
            result += one.amount_off * pricing.SCALE // max(1, len(costs))
        else:
            shares = discounting.spread(min(one.amount_off, sum(costs.values())), list(costs.values()))
            result += dict(zip(costs, shares, strict=True))[row["id"]] * pricing.SCALE
    return min(result, cost)


async def _costs(ctx: Context, subscription: Doc, rows: Sequence[Doc], one: Reduction) -> dict[str, int]:
    """Return what the licensed items cost that a discount is for, by their ids."""
    result: dict[str, int] = {}
    for row in rows:
        if row.get("quantity") is not None:
            price = await selection.currency_option(ctx, row["price"], subscription["currency"])
            if one.covers(price["product"]):
                result[row["id"]] = pricing.amount(price, row["quantity"])
    return result


async def _percents(ctx: Context, subscription: Doc, row: Doc, price: Doc) -> list[Reduction]:
    """Return the percentages that work on an item: its own before the subscription's (facts billing 3.4)."""
    found = await lines.reductions(ctx, [*row["discounts"], *subscription["discounts"]], subscription["currency"])
    return [one for one in found if one.percent and one.covers(price["product"])]


async def _credit(ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, at: int) -> Doc:
    found = await last_debit(ctx, subscription, row["id"], at)
    start, end = row["current_period_start"], row["current_period_end"]
    reductions = await _percents(ctx, subscription, row, price)
    flexible = subscription["billing_mode"]["type"] == "flexible"
    if flexible:
        amount = proration.credit_of_billed(found.amount, found.start, found.end, at) if found else 0
    else:
        cost = pricing.exact(price, row["quantity"])
        cost -= await _taken_off(ctx, subscription, row, subscription["items"]["data"])
        amount = proration.credit(cost, start, end, at)
    product = await ctx.need("product", price["product"], "product")
    text = line_texts.unused(product, row["quantity"], at)
    credit = _item(ctx, subscription, customer, row, price, amount, text, shapes.Period(at, end), reductions,
                   netted=flexible)  # fmt: skip
    credited = None
    if found is not None and found.invoice is not None:
        credited = {
            "invoice_line_item_details": {"invoice": found.invoice, "invoice_line_items": [found.line]},
            "type": "invoice_line_items",
        }
    credit["proration_details"] = {"credited_items": credited, "discount_amounts": []}
    return credit


async def _debit(
    ctx: Context, subscription: Doc, customer: Doc, edit: Edit, at: int, rows: Sequence[Doc] | None
) -> Doc:
    row, price = edit.after or {}, edit.after_price or {}
    natural = row["current_period_end"] - row["current_period_start"]
    if edit.before is None:
        natural = _natural(subscription, price, at)
    if rows is None:
        rows = [*(one for one in subscription["items"]["data"] if one["id"] != row["id"]), row]
    cost = pricing.exact(price, row["quantity"]) - await _taken_off(ctx, subscription, row, rows)
    amount = proration.part(cost, natural, row["current_period_end"] - at)
    reductions = await _percents(ctx, subscription, row, price)
    product = await ctx.need("product", price["product"], "product")
    text = line_texts.remaining(product, row["quantity"], at)
    period = shapes.Period(at, row["current_period_end"])
    debit = _item(ctx, subscription, customer, row, price, amount, text, period, reductions)
    debit["proration_details"] = {"credited_items": None, "discount_amounts": []}
    return debit


def _natural(subscription: Doc, price: Doc, at: int) -> int:
    start, end = periods.period_at(
        subscription["billing_cycle_anchor"], price["recurring"]["interval"], price["recurring"]["interval_count"], at
    )
    return end - start


def _item(
    ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, amount: int, text: str,
    period: shapes.Period, reductions: Sequence[Reduction], *, netted: bool = False,
) -> Doc:  # fmt: skip
    """Return a pending proration; percentages are netted into its amount, unless they are already, and named."""
    percents = [one for one in reductions if one.percent]
    if percents:
        text = lines.with_percent(text, percents)
        for one in [] if netted else percents:
            taken = discounting.taken(one, [abs(amount)])[0]
            amount -= taken if amount > 0 else -taken
    doc = shapes.invoice_item(
        ctx, customer, amount, subscription["currency"], text, period, price=price, quantity=row["quantity"],
        unit_amount=None,
        parent={
            "subscription_details": {"subscription": subscription["id"], "subscription_item": row["id"]},
            "type": "subscription_details",
        },
    )  # fmt: skip
    doc |= {"discountable": False, "frozen_fields": FROZEN, "net_amount": amount, "proration": True}
    return doc
