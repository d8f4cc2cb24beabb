"""Decides what the lines of a credit note are worth: shares of invoice lines with their discounts and taxes, or free ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import amounts, automatic_tax, credit_note_errors, pricing, selection, taxes
from emulator.kernel import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def asked(ctx: Context, invoice: Doc, given: Sequence[Doc]) -> list[Doc]:
    """Return the lines that ``lines`` of a create asks for (docs.stripe.com/api/credit_notes/create).

    Raises the refusal of a line with tax amounts and rates.
    """
    result = []
    for index, entry in enumerate(given):
        if entry.get("tax_amounts") and entry.get("tax_rates"):
            raise credit_note_errors.taxed_twice(index)
        if entry["type"] == "invoice_line_item":
            line = _of_invoice(ctx, invoice, entry, index)
            result.append({**line, **await _taxes_told(ctx, entry, index)})
        else:
            result.append(await _free(ctx, invoice, entry, index))
    return result


def whole(ctx: Context, invoice: Doc) -> list[Doc]:
    """Return lines that credit all of an invoice's."""
    return [share(ctx, line, line["amount"]) for line in invoice["lines"]["data"]]


def of_amount(ctx: Context, amount: int, description: str | None = None) -> Doc:
    """Return the line of a credit that names an amount only: that it has one free line is a choice."""
    line = _blank(ctx, amount, description, 1, "custom_line_item")
    return {**line, "unit_amount": amount, "unit_amount_decimal": str(amount)}


def _of_invoice(ctx: Context, invoice: Doc, entry: Doc, index: int) -> Doc:
    line = next((one for one in invoice["lines"]["data"] if one["id"] == entry.get("invoice_line_item")), None)
    if line is None:
        raise credit_note_errors.unknown_line(index, entry.get("invoice_line_item"))
    quantity = entry.get("quantity")
    amount = entry.get("amount")
    if amount is None:
        billed = line["quantity"] or 1
        amount = line["amount"] if quantity is None else _part(line["amount"], quantity, billed)
    if abs(amount) > abs(line["amount"]):
        raise credit_note_errors.line_too_much(index)
    made = share(ctx, line, amount, quantity)
    return {**made, "metadata": entry["metadata"]} if entry.get("metadata") else made


def share(ctx: Context, line: Doc, amount: int, quantity: int | None = None) -> Doc:
    """Return the credit of ``amount`` of an invoice line; discounts and taxes follow in proportion."""
    full = line["amount"]
    discounts = [{**one, "amount": _part(one["amount"], amount, full)} for one in line["discount_amounts"]]
    credits = [{**one, "amount": _part(one["amount"], amount, full)} for one in line["pretax_credit_amounts"]]
    shared = [
        {
            **one,
            "amount": _part(one["amount"], amount, full),
            "taxable_amount": _part(one["taxable_amount"] or 0, amount, full),
        }
        for one in line["taxes"]
    ]
    unit = (line["pricing"] or {}).get("unit_amount_decimal") if amount == full else None
    made = _blank(ctx, amount, line["description"], quantity or line["quantity"], "invoice_line_item")
    return {
        **made,
        "discount_amount": sum(one["amount"] for one in discounts),
        "discount_amounts": discounts,
        "invoice_line_item": line["id"],
        "pretax_credit_amounts": credits,
        "taxes": shared,
        "unit_amount": int(unit) if unit is not None and unit.lstrip("-").isdigit() else None,
        "unit_amount_decimal": unit,
    }


async def _free(ctx: Context, invoice: Doc, entry: Doc, index: int) -> Doc:
    quantity = entry.get("quantity") or 1
    decimal = entry.get("unit_amount_decimal")
    unit = pricing.scaled(decimal) if decimal is not None else int(entry.get("unit_amount") or 0) * pricing.SCALE
    amount = entry["amount"] if entry.get("amount") is not None else pricing.rounded(unit * quantity)
    line = _blank(ctx, amount, entry.get("description"), quantity, "custom_line_item")
    line["metadata"] = entry.get("metadata") or {}
    if entry.get("unit_amount") is not None or decimal is not None:
        line["unit_amount"] = unit // pricing.SCALE if unit % pricing.SCALE == 0 else None
        line["unit_amount_decimal"] = pricing.unscaled(unit)
    if entry.get("tax_rates"):
        # What was billed with a rate is credited with it, also when it is archived since (choice).
        known = {**entry, selection.KNOWN_RATES: True}
        rates = await selection.tax_rates(ctx, known, f"lines[{index}][tax_rates]")
        working = automatic_tax.exempted(invoice["customer_tax_exempt"], rates)
        found = taxes.of_line(amount, [taxes.rate_of(one) for one in working])
        line |= {"tax_rates": rates, "taxes": [amounts.tax_shown(one) for one in found]}
    return {**line, **await _taxes_told(ctx, entry, index)}


async def _taxes_told(ctx: Context, entry: Doc, index: int) -> Doc:
    """Return the taxes that ``tax_amounts`` tells in the place of those that would be worked out, nothing without it."""
    told = entry.get("tax_amounts")
    return {"taxes": [await _told(ctx, one, f"lines[{index}][tax_amounts]") for one in told]} if told else {}


async def _told(ctx: Context, entry: Doc, place: str) -> Doc:
    rate = await ctx.need("tax_rate", entry["tax_rate"], f"{place}[tax_rate]")
    return amounts.tax_shown(taxes.Tax(taxes.rate_of(rate), entry["amount"], entry["taxable_amount"]))


def _part(value: int, amount: int, full: int) -> int:
    """Return ``value`` in proportion, halves away from zero (a choice)."""
    return money.round_half_up(value * amount, full) if full > 0 else -money.round_half_up(value * amount, -full or 1)


def _blank(ctx: Context, amount: int, description: str | None, quantity: int | None, kind: str) -> Doc:
    return {
        "id": ctx.new_id("credit_note_line_item"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": description,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": ctx.livemode,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": kind,
        "unit_amount": None,
        "unit_amount_decimal": None,
    }
