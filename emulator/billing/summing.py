"""Decides which discounts and tax rates work on which line of an invoice, and sums it up with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import amounts, automatic_tax, lines, shapes, totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.billing.discounting import Reduction
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

LINE_TAXES = "_line_taxes"  # line -> tax rates or amounts that were given to it by hand


async def of_subscription(
    ctx: Context, subscription: Doc, customer: Doc, rows: Sequence[Doc], made: Sequence[Doc]
) -> amounts.Sums:
    """Return the sums of a subscription's invoice lines.

    Discounts of items come first, then the subscription's, and the customer's only when it has none (facts billing
    3.4). Tax rates of an item, or of an invoice item, stand in the place of the subscription's default ones; with
    automatic tax they are found by the customer's place.
    """
    ids = discounts_of(subscription["discounts"], customer)
    taxed = subscription["automatic_tax"]["enabled"]
    rates = subscription["default_tax_rates"]
    plain = not ids and not rates and not taxed and not any(row["discounts"] or row["tax_rates"] for row in rows)
    if plain and not any(
        one["discounts"] or one["discount_amounts"] or one["parent"]["invoice_item_details"] for one in made
    ):
        return amounts.plain(made)
    currency = subscription["currency"]
    return await _summed(ctx, currency, await reductions(ctx, ids, currency, customer), made,
                         {row["id"]: row for row in rows}, rates, customer, taxed=taxed)  # fmt: skip


async def of_draft(ctx: Context, draft: Doc, made: Sequence[Doc]) -> Doc:
    """Return a draft with these lines (bare ones) and the sums they make.

    A discount that the draft was made with works on it also when its months are over meanwhile.
    """
    then = ctx.at(draft["created"])
    customer = await ctx.need("customer", draft["customer"], "customer")
    taxed = draft["automatic_tax"]["enabled"]
    rows = {}
    parent = draft["parent"]
    if parent and parent["subscription_details"]:
        owner = await ctx.find("subscription", parent["subscription_details"]["subscription"])
        rows = {row["id"]: row for row in owner["items"]["data"]} if owner else {}
    found = await reductions(then, draft["discounts"], draft["currency"], customer)
    sums = await _summed(then, draft["currency"], found, made, rows, draft["default_tax_rates"],
                         customer, taxed=taxed)  # fmt: skip
    result = {**draft, **sums.fields, "lines": shapes.embedded(sums.lines, draft["lines"]["url"])}
    result["customer_tax_exempt"] = customer["tax_exempt"]
    if taxed:
        place = await automatic_tax.located(ctx, customer)
        result["automatic_tax"] = automatic_tax.of_invoice(draft["automatic_tax"], known=place is not None)
    return with_due(with_shipping(result))


def bare(line: Doc) -> Doc:
    """Return a line as it was before discounts and taxes were worked in; those of a proration are part of it."""
    told = line["discount_amounts"] if amounts.prorated(line) else []
    return {**line, "discount_amounts": told, "pretax_credit_amounts": [], "taxes": [], "subtotal": line["amount"]}


def with_shipping(draft: Doc) -> Doc:
    """Return a draft whose total holds its shipping cost too."""
    cost = draft["shipping_cost"]
    if not cost:
        return {**draft, "amount_shipping": 0}
    return {
        **draft, "amount_shipping": cost["amount_total"], "total": draft["total"] + cost["amount_total"],
        "total_excluding_tax": draft["total_excluding_tax"] + cost["amount_subtotal"],
    }  # fmt: skip


def with_due(draft: Doc) -> Doc:
    """Return a draft with what would be due of its total."""
    due = totals.due(draft["total"], draft["starting_balance"], draft["currency"], chargeable=False).amount_due
    return {**draft, "amount_due": due, "amount_remaining": due}


def discounts_of(own: list[str], customer: Doc) -> list[str]:
    """Return the discounts of an invoice: its own, or the customer's one when there is none (facts billing 3.4)."""
    if own or not customer["discount"]:
        return own
    return [customer["discount"]["id"]]


async def reductions(ctx: Context, ids: Sequence[str], currency: str, customer: Doc) -> list[Reduction]:
    """Return what discounts take off; a customer's own need not be stored apart from the customer."""
    kept = customer["discount"]
    if kept and list(ids) == [kept["id"]] and await ctx.find("discount", kept["id"]) is None:
        return await lines.of_discounts(ctx, [kept], currency)
    return await lines.reductions(ctx, ids, currency)


async def _summed(
    ctx: Context, currency: str, found: Sequence[Reduction], made: Sequence[Doc], rows: Mapping[str, Doc],
    default_rates: Sequence[Doc], customer: Doc, *, taxed: bool,
) -> amounts.Sums:  # fmt: skip
    own: dict[str, Sequence[Reduction]] = {}
    rates: dict[str, Sequence[Doc]] = {}
    given: dict[str, list[Doc]] = {}
    for line in made:
        row = _row(line, rows)
        discounts = line["discounts"] or (row["discounts"] if row is not None and not amounts.prorated(line) else ())
        if discounts:
            own[line["id"]] = await lines.reductions(ctx, discounts, currency)
        kept = await ctx.find(LINE_TAXES, line["id"])
        if kept is not None and kept["taxes"] is not None:
            given[line["id"]] = kept["taxes"]
        elif taxed:
            rates[line["id"]] = await automatic_tax.rates(ctx, customer, line)
        elif kept is not None and kept["tax_rates"] is not None:
            rates[line["id"]] = automatic_tax.exempted(customer["tax_exempt"], kept["tax_rates"])
        else:
            chosen = await _item_rates(ctx, line) or (row and row["tax_rates"]) or default_rates
            rates[line["id"]] = automatic_tax.exempted(customer["tax_exempt"], chosen)
    return amounts.summed(made, found, own, rates, given)


def _row(line: Doc, rows: Mapping[str, Doc]) -> Doc | None:
    details = line["parent"]["subscription_item_details"]
    return rows.get(details["subscription_item"]) if details else None


async def _item_rates(ctx: Context, line: Doc) -> list[Doc]:
    details = line["parent"]["invoice_item_details"] or line["parent"]["subscription_item_details"]
    item = await ctx.find("invoiceitem", details["invoice_item"]) if details and details["invoice_item"] else None
    return item["tax_rates"] if item else []
