"""Decides an invoice's sums: works discounts and taxes into its lines (pure figures come from the money core)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import discounting, taxes, totals, unset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.billing.discounting import Reduction
    from emulator.kernel.documents import Doc

EXEMPTIONS = frozenset({"customer_exempt", "reverse_charge"})  # why an exempt customer is not taxed


class Sums(NamedTuple):
    """Lines with discounts and taxes worked in, and the invoice's fields that sum them up."""

    lines: list[Doc]
    fields: Doc


def plain(lines: Sequence[Doc]) -> Sums:
    """Return the sums of lines without discounts and taxes: the common case."""
    total = 0
    for line in lines:
        total += line["amount"]
    return Sums(list(lines), {
        "subtotal": total, "subtotal_excluding_tax": total, "total": total, "total_excluding_tax": total,
        "total_discount_amounts": unset.NONE_YET, "total_pretax_credit_amounts": unset.NONE_YET,
        "total_taxes": unset.NONE_YET,
    })  # fmt: skip


def summed(
    lines: Sequence[Doc],
    reductions: Sequence[Reduction] = (),
    own: Mapping[str, Sequence[Reduction]] | None = None,
    rates: Mapping[str, Sequence[Doc]] | None = None,
    given: Mapping[str, Sequence[Doc]] | None = None,
) -> Sums:
    """Return the sums of lines.

    ``reductions`` are the invoice's discounts in their order; ``own`` and ``rates`` are the discounts and tax rates of
    single lines by line id; ``given`` are taxes of single lines that were told as amounts.
    """
    own, rates, given = own or {}, rates or {}, given or {}
    told = any(line["discount_amounts"] for line in lines)
    if not reductions and not given and not told and not any(own.values()) and not any(rates.values()):
        return plain(lines)
    own_shares = [_own(line, own.get(line["id"], ())) for line in lines]
    left = [
        line["amount"] - sum(share for _, share in shares) if line["discountable"] else 0
        for line, shares in zip(lines, own_shares, strict=True)
    ]
    taken = discounting.stacked(reductions, left, [_product(line) for line in lines])
    done: list[Doc] = []
    figures: list[totals.Line] = []
    for index, line in enumerate(lines):
        invoice_shares = [
            (one.id, shares[index]) for one, shares in zip(reductions, taken, strict=True) if shares[index]
        ] + _told(line, own=False)
        of_own = sum(share for _, share in own_shares[index])
        of_invoice = sum(share for _, share in invoice_shares)
        tax_rates = [taxes.rate_of(rate) for rate in rates.get(line["id"], ())]
        found = taxes.of_line(line["amount"] - of_own - of_invoice, tax_rates)
        shown = list(given[line["id"]]) if line["id"] in given else [tax_shown(tax) for tax in found]
        done.append(_worked(line, own_shares[index] + invoice_shares, shown, of_own))
        added, contained = _added_and_contained(shown)
        waived = 0 if line["id"] in given else sum(tax.waived for tax in found)
        figures.append(totals.Line(line["amount"], of_own, of_invoice, added - waived, contained + waived))
    return Sums(done, _fields(totals.of_lines(figures), done))


def _added_and_contained(shown: Sequence[Doc]) -> tuple[int, int]:
    added = sum(one["amount"] for one in shown if one["tax_behavior"] == "exclusive")
    return added, sum(one["amount"] for one in shown) - added


def waived(line: Doc, base: int) -> int:
    """Return what of ``base``, a line's amount after discounts, an exempt customer was let off.

    It is the tax that stands inside the price and was not taken: what is left is the taxable amount.
    """
    let_off = [
        one for one in line["taxes"] if one["tax_behavior"] == "inclusive" and one["taxability_reason"] in EXEMPTIONS
    ]
    return base - let_off[0]["taxable_amount"] if let_off else 0


def prorated(line: Doc) -> bool:
    """Say whether a line is a proration: what discounts took off it was settled when it was made."""
    details = (line.get("parent") or {}).get("subscription_item_details")
    return bool(details and details["proration"])


def _told(line: Doc, *, own: bool) -> list[tuple[str, int]]:
    """Return what discounts took off a proration: its ``own``, or those of the whole subscription."""
    if not prorated(line):
        return []
    return [
        (one["discount"], one["amount"])
        for one in line["discount_amounts"]
        if (one["discount"] in line["discounts"]) == own
    ]


def _own(line: Doc, reductions: Sequence[Reduction]) -> list[tuple[str, int]]:
    if prorated(line):
        return _told(line, own=True)
    if not reductions or not line["discountable"]:
        return []
    taken = discounting.stacked(reductions, [line["amount"]], [_product(line)])
    return [(one.id, shares[0]) for one, shares in zip(reductions, taken, strict=True)]


def _product(line: Doc) -> str | None:
    pricing = line["pricing"]
    return pricing["price_details"]["product"] if pricing else None


def _worked(line: Doc, shares: list[tuple[str, int]], line_taxes: list[Doc], own: int) -> Doc:
    return {
        **line,
        "discount_amounts": [{"amount": amount, "discount": discount} for discount, amount in shares],
        "pretax_credit_amounts": [
            {"amount": amount, "discount": discount, "type": "discount"} for discount, amount in shares if amount
        ],
        "subtotal": line["amount"] - own,
        "taxes": line_taxes,
    }


def tax_shown(tax: taxes.Tax) -> Doc:
    """Return a tax as lines and invoices print it (facts billing 14)."""
    return {
        "amount": tax.amount,
        "tax_behavior": "inclusive" if tax.rate.inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": tax.rate.id},
        "taxability_reason": tax.rate.reason,
        "taxable_amount": tax.taxable,
        "type": "tax_rate_details",
    }


def _fields(sums: totals.Totals, lines: Sequence[Doc]) -> Doc:
    discounts: dict[str, int] = {}
    all_taxes: dict[str, Doc] = {}
    for line in lines:
        for share in line["discount_amounts"]:
            if not share["amount"]:  # included in the amount of a proration
                continue
            discounts[share["discount"]] = discounts.get(share["discount"], 0) + share["amount"]
        for tax in line["taxes"]:
            rate = tax["tax_rate_details"]["tax_rate"]
            before = all_taxes.get(rate)
            all_taxes[rate] = tax if before is None else {
                **tax,
                "amount": before["amount"] + tax["amount"],
                "taxable_amount": before["taxable_amount"] + tax["taxable_amount"],
            }  # fmt: skip
    return {
        "subtotal": sums.subtotal,
        "subtotal_excluding_tax": sums.subtotal_excluding_tax,
        "total": sums.total,
        "total_excluding_tax": sums.total_excluding_tax,
        "total_discount_amounts": [{"amount": amount, "discount": one} for one, amount in discounts.items()],
        "total_pretax_credit_amounts": [
            {"amount": amount, "discount": one, "type": "discount"} for one, amount in discounts.items()
        ],
        "total_taxes": list(all_taxes.values()),
    }
