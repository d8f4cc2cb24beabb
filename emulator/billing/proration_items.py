"""Decides which credits and debits a change of items makes, and what they say and refer to (facts billing 6.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import backdating, discounting, line_texts, lines, periods, pricing, selection, shapes, summing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.discounting import Prorated, Reduction
    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

FROZEN = ["pricing", "quantity", "discounts"]


class Debit(NamedTuple):
    """What was last billed for an item, and what discounts took off it (by id): ``line`` is None while it waits."""

    gross: int
    shares: dict[str, int]
    start: int
    end: int
    invoice: str | None
    line: str | None


class Work(NamedTuple):
    """The discounts that work on an item, in their order: its own before the subscription's (facts billing 3.4)."""

    own: list[str]
    found: list[Reduction]
    steps: list[discounting.Step]


async def last_debit(ctx: Context, subscription: Doc, item: str, at: int) -> Debit | None:
    """Return the newest debit of an item whose period holds ``at``: pending ones are newer than billed ones."""
    for one in await ctx.select("invoiceitem", customer=subscription["customer"]):
        details = one["parent"]["subscription_details"] if one["parent"] else {}
        waits = one["invoice"] is None and one["amount"] >= 0 and details.get("subscription_item") == item
        if waits and one["period"]["start"] <= at < one["period"]["end"]:
            told = (one.get("proration_details") or {}).get("discount_amounts") or ()
            return Debit(one["amount"], _shares(told), one["period"]["start"], one["period"]["end"], None, None)
    for invoice in await ctx.select("invoice", subscription=subscription["id"]):
        if invoice["status"] == "void":
            continue
        for line in reversed(invoice["lines"]["data"]):
            details = line["parent"]["subscription_item_details"]
            period = line["period"]
            ours = details is not None and details["subscription_item"] == item and line["amount"] >= 0
            if ours and period["start"] <= at < period["end"]:
                told = line["discount_amounts"]
                return Debit(
                    line["amount"], _shares(told), period["start"], period["end"], invoice["id"], line["id"]
                )  # fmt: skip
    return None


def _shares(told: Sequence[Doc]) -> dict[str, int]:
    return {one["discount"]: one["amount"] for one in told}


async def of_edit(
    ctx: Context, subscription: Doc, customer: Doc, edit: Edit, at: int, *, debit: bool = True,
    rows: Sequence[Doc] | None = None, discounts: Sequence[str] | None = None,
) -> list[Doc]:  # fmt: skip
    """Return the credit and the debit of one edit, not stored; nothing for metered prices.

    ``rows``: the items after all edits, which share the subscription's discounts; this edit alone when left out.
    ``discounts``: those of the subscription from now on, when they change as well: the new price has them, what is
    given back had the ones before (Stripe's own word: a coupon for an upgrade is passed with it, stripe-java #1183).
    """
    result = []
    billed = subscription if discounts is None else {**subscription, "discounts": list(discounts)}
    if edit.before is not None and edit.before_price is not None and edit.before.get("quantity") is not None:
        result.append(await _credit(ctx, subscription, customer, edit.before, edit.before_price, at))
        end = edit.before["current_period_end"]
        result += await credits_ahead(ctx, subscription, customer, edit.before, edit.before_price, end)
    if debit and edit.after is not None and edit.after_price is not None and edit.after.get("quantity") is not None:
        result.append(await _debit(ctx, billed, customer, edit, at, rows))
        if edit.before is not None and edit.after.get("billed_until"):
            result += await _debits_ahead(ctx, billed, customer, edit, rows)
    return result


async def credits_ahead(ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, since: int) -> list[Doc]:
    """Return the credits for what an item is billed ahead from ``since`` on, one for each debit; not stored.

    docs.stripe.com billing-mode/compare: a time that was billed by several debits is credited by as many.
    """
    result = []
    until = row.get("billed_until") or 0
    while since < until:
        found = await last_debit(ctx, subscription, row["id"], since)
        if found is None:
            break
        work = await _work(ctx, subscription, customer, row, price, subscription["items"]["data"])
        end = min(found.end, until)
        result.append(await _credit_of(ctx, subscription, customer, (row, price, work), found, since, end))
        since = found.end
    return result


async def _debits_ahead(
    ctx: Context, subscription: Doc, customer: Doc, edit: Edit, rows: Sequence[Doc] | None
) -> list[Doc]:
    """Return the debits of a changed item for the periods that are billed ahead; not stored."""
    row, price = edit.after or {}, edit.after_price or {}
    if rows is None:
        rows = subscription["items"]["data"]
    work = await _work(ctx, subscription, customer, row, price, rows)
    product = await ctx.need("product", price["product"], "product")
    anchor, end = subscription["billing_cycle_anchor"], row["current_period_end"]
    result = []
    for one in backdating.parts(anchor, price["recurring"], end, row["billed_until"]):
        amounts = discounting.prorated(
            pricing.exact(price, row["quantity"]), one.whole, one.end - one.start, work.steps
        )  # fmt: skip
        shares = _worked(work, amounts)
        text = line_texts.remaining(product, row["quantity"], one.start)
        period = shapes.Period(one.start, one.end)
        result.append(_item(ctx, subscription, customer, row, price, text, period, work, amounts, shares))
    return result


async def _work(ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, rows: Sequence[Doc]) -> Work:
    """Return the discounts that work on an item, with what they take off its whole period.

    An amount off of the subscription is shared evenly over the items by classic billing, by flexible billing by what they
    cost (facts billing 6.10, 6.16). An item's own takes of it alone.
    """
    currency = subscription["currency"]
    own = [one for one in await lines.reductions(ctx, row["discounts"], currency) if one.covers(price["product"])]
    steps = [discounting.Step(one.id, one.percent, one.amount_off * pricing.SCALE) for one in own]
    ids = summing.discounts_of(subscription["discounts"], customer)
    theirs = [one for one in await summing.reductions(ctx, ids, currency, customer) if one.covers(price["product"])]
    for one in theirs:
        off = 0
        if one.amount_off:
            costs = await _costs(ctx, subscription, rows, one)
            if subscription["billing_mode"]["type"] == "classic":
                off = one.amount_off * pricing.SCALE // max(1, len(costs))
            else:
                shares = discounting.spread(min(one.amount_off, sum(costs.values())), list(costs.values()))
                off = dict(zip(costs, shares, strict=True))[row["id"]] * pricing.SCALE
        steps.append(discounting.Step(one.id, one.percent, off))
    return Work([one.id for one in own], [*own, *theirs], steps)


async def _costs(ctx: Context, subscription: Doc, rows: Sequence[Doc], one: Reduction) -> dict[str, int]:
    """Return what the licensed items cost that a discount is for, by their ids."""
    result: dict[str, int] = {}
    for row in rows:
        if row.get("quantity") is not None:
            price = await selection.currency_option(ctx, row["price"], subscription["currency"])
            if one.covers(price["product"]):
                result[row["id"]] = pricing.amount(price, row["quantity"])
    return result


async def _credit(ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, at: int) -> Doc:
    found = await last_debit(ctx, subscription, row["id"], at)
    start, end = row["current_period_start"], row["current_period_end"]
    work = await _work(ctx, subscription, customer, row, price, subscription["items"]["data"])
    if subscription["billing_mode"]["type"] == "flexible":
        return await _credit_of(ctx, subscription, customer, (row, price, work), found, at, end)
    cost = pricing.exact(price, row["quantity"])
    amounts = discounting.prorated(cost, end - start, end - at, work.steps, sign=-1)
    shares = dict(zip([one.id for one in work.steps], amounts.shares, strict=True))
    product = await ctx.need("product", price["product"], "product")
    text = line_texts.unused(product, row["quantity"], at)
    credit = _item(ctx, subscription, customer, row, price, text, shapes.Period(at, end), work, amounts, shares)
    return _crediting(credit, found)


async def _credit_of(
    ctx: Context, subscription: Doc, customer: Doc, item: tuple[Doc, Doc, Work], found: Debit | None, at: int, end: int
) -> Doc:
    """Return the credit of a debit for [at, end): what was really billed is given back."""
    row, price, work = item
    told = found.shares if found is not None else {}
    amounts = discounting.Prorated(0, 0, ())
    if found is not None:
        amounts = discounting.credited(found.gross, list(told.values()), found.start, found.end, at)
        if end < found.end:  # the rest of it was given back before
            rest = discounting.credited(found.gross, list(told.values()), found.start, found.end, end)
            shares = tuple(one - two for one, two in zip(amounts.shares, rest.shares, strict=True))
            amounts = discounting.Prorated(amounts.gross - rest.gross, amounts.net - rest.net, shares)
    product = await ctx.need("product", price["product"], "product")
    text = line_texts.unused(product, row["quantity"], at)
    shown = dict(zip(told, amounts.shares, strict=bool(found)))
    credit = _item(ctx, subscription, customer, row, price, text, shapes.Period(at, end), work, amounts, shown)
    return _crediting(credit, found)


def _crediting(credit: Doc, found: Debit | None) -> Doc:
    """Return a credit that names the line it gives back."""
    if found is not None and found.invoice is not None:
        credit["proration_details"]["credited_items"] = {
            "invoice_line_item_details": {"invoice": found.invoice, "invoice_line_items": [found.line]},
            "type": "invoice_line_items",
        }
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
    work = await _work(ctx, subscription, customer, row, price, rows)
    cost = pricing.exact(price, row["quantity"])
    amounts = discounting.prorated(cost, natural, row["current_period_end"] - at, work.steps)
    shares = _worked(work, amounts)
    product = await ctx.need("product", price["product"], "product")
    text = line_texts.remaining(product, row["quantity"], at)
    period = shapes.Period(at, row["current_period_end"])
    return _item(ctx, subscription, customer, row, price, text, period, work, amounts, shares)


def _worked(work: Work, amounts: Prorated) -> dict[str, int]:
    """Return what each discount takes off a debit; one that takes nothing is not named, for it is not used up."""
    return {step.id: share for step, share in zip(work.steps, amounts.shares, strict=True) if share}


def _natural(subscription: Doc, price: Doc, at: int) -> int:
    start, end = periods.period_at(
        subscription["billing_cycle_anchor"], price["recurring"]["interval"], price["recurring"]["interval_count"], at
    )
    return end - start


def _itemized(subscription: Doc) -> bool:
    return bool((subscription["billing_mode"].get("flexible") or {}).get("proration_discounts") == "itemized")


def _item(
    ctx: Context, subscription: Doc, customer: Doc, row: Doc, price: Doc, text: str, period: shapes.Period, work: Work,
    amounts: Prorated, shares: dict[str, int],
) -> Doc:  # fmt: skip
    """Return a pending proration.

    ``proration_discounts`` of flexible billing decides how discounts are told: ``included`` ones are in the amount and
    tell nothing of themselves, with ``itemized`` the amount is gross and each is told
    (docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts). That only the former names
    percentages in its text is a choice.
    """
    itemized = _itemized(subscription)
    if not itemized:
        text = lines.with_percent(text, work.found)
        shares = dict.fromkeys(shares, 0)
    doc = shapes.invoice_item(
        ctx, customer, amounts.gross if itemized else amounts.net, subscription["currency"], text, period, price=price,
        quantity=row["quantity"], unit_amount=None,
        parent={
            "subscription_details": {"subscription": subscription["id"], "subscription_item": row["id"]},
            "type": "subscription_details",
        },
    )  # fmt: skip
    details = {
        "credited_items": None,
        "discount_amounts": [{"amount": amount, "discount": one} for one, amount in shares.items()],
    }
    return doc | {
        "discountable": False, "discounts": [one for one in work.own if one in shares], "frozen_fields": FROZEN,
        "net_amount": amounts.net, "proration": True, "proration_details": details,
    }  # fmt: skip
