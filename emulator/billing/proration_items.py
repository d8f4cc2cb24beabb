"""Decides which credits and debits a change of items makes, and what they say and refer to (facts billing 6.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import discounting, line_texts, lines, periods, pricing, proration, shapes

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
    ctx: Context, subscription: Doc, customer: Doc, edit: Edit, at: int, *, debit: bool = True
) -> list[Doc]:
    """Return the credit and the debit of one edit, not stored; nothing for metered prices."""
    result = []
    if edit.before is not None and edit.before_price is not None and edit.before.get("quantity") is not None:
        result.append(await _credit(ctx, subscription, customer, edit.before, edit.before_price, at))
    if debit and edit.after is not None and edit.after_price is not None and edit.after.get("quantity") is not None:
        result.append(await _debit(ctx, subscription, customer, edit, at))
    return result


async def _credit(ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, at: int) -> Doc:
    found = await last_debit(ctx, subscription, row["id"], at)
    start, end = row["current_period_start"], row["current_period_end"]
    reductions = await lines.reductions(ctx, subscription["discounts"], subscription["currency"])
    flexible = subscription["billing_mode"]["type"] == "flexible"
    if flexible:
        amount = proration.credit_of_billed(found.amount, found.start, found.end, at) if found else 0
    else:
        amount = proration.credit(pricing.exact(price, row["quantity"]), start, end, at)
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


async def _debit(ctx: Context, subscription: Doc, customer: Doc, edit: Edit, at: int) -> Doc:
    row, price = edit.after or {}, edit.after_price or {}
    natural = row["current_period_end"] - row["current_period_start"]
    if edit.before is None:
        natural = _natural(subscription, price, at)
    amount = proration.part(pricing.exact(price, row["quantity"]), natural, row["current_period_end"] - at)
    reductions = await lines.reductions(ctx, subscription["discounts"], subscription["currency"])
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
