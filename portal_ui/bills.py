"""Decides how the inside of an invoice is told: parties, lines, sums and payments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from emulator.kernel.documents import Doc, at
from portal_ui import frame, history, information, methods
from portal_ui.i18n import Words
from portal_ui.views.bills import Bill, BillLine, Payment, Sum
from portal_ui.views.shared import Badge, InfoRow

EXCLUSIVE = "exclusive"


def bill(words: Words, answer: Doc, *, payments: bool = True) -> Bill:
    """Return the inside of the invoice of an ``invoice:page`` or ``receipt:page`` answer."""
    invoice = answer["invoice"]
    remarks = (invoice.get("description"), invoice.get("footer"))
    return Bill(
        parties=_parties(words, answer),
        lines=tuple(_line(words, line, invoice["currency"], answer["products"]) for line in invoice["lines"]["data"]),
        sums=tuple(_sums(words, invoice, answer)),
        payments=tuple(_payments(words, answer)) if payments else (),
        remarks=tuple(text for text in remarks if text),
    )


def method_name(words: Words, charge: Doc | None) -> str:
    """Return what a charge was paid with: ``Visa •••• 4242``."""
    details: Any = (charge or {}).get("payment_method_details")
    return methods.method(words, {"id": "", **details}, None).title if details else ""


def _parties(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    account, invoice = answer["account"], answer["invoice"]
    address = at(account, "business_profile.support_address") or at(account, "company.address")
    name = frame.business_name(account) or invoice.get("account_name")
    own = (tax_id["value"] for tax_id in answer.get("account_tax_ids") or ())
    issuer = (*information.address_lines(words, address, name), *own)
    numbers = (tax_id["value"] for tax_id in invoice.get("customer_tax_ids") or ())
    customer = (
        *information.address_lines(words, invoice.get("customer_address"), invoice.get("customer_name")),
        invoice.get("customer_email"),
        *numbers,
    )
    told = ((words.gettext("From"), issuer), (words.gettext("Bill to"), customer))
    return tuple(InfoRow(label, lines) for label, found in told if (lines := tuple(line for line in found if line)))


def _line(words: Words, line: Doc, currency: str, products: dict[str, str]) -> BillLine:
    period = line.get("period") or {}
    spans = period.get("start") is not None and period["start"] < period["end"]
    quantity = line.get("quantity")
    told = ""
    if quantity is not None:
        told = words.gettext("Qty %(number)s", number=words.number(quantity))
        unit = at(line, "pricing.unit_amount_decimal")
        if quantity > 1 and unit is not None:
            each = words.gettext("%(price)s each", price=words.money(Decimal(unit), currency))
            told = f"{told} · {each}"
    prorated = at(line, "parent.subscription_item_details.proration") or at(
        line, "parent.invoice_item_details.proration"
    )
    name = line.get("description") if prorated else None
    return BillLine(
        name=name or history.line_name(line, products),
        period=words.span(period["start"], period["end"]) if spans else "",
        quantity="" if prorated else told,
        amount=words.money(line["amount"], currency),
    )


def _discounts(words: Words, invoice: Doc, coupons: dict[str, Doc | None]) -> Iterator[Sum]:
    for taken in invoice.get("total_discount_amounts") or ():
        coupon: Doc = coupons.get(taken["discount"]) or {}
        label = coupon.get("name") or words.gettext("Discount")
        if coupon.get("percent_off"):
            off = words.percent(Decimal(str(coupon["percent_off"])))
            label = words.gettext("%(name)s (%(percent)s off)", name=label, percent=off)
        yield Sum(label, words.money(-taken["amount"], invoice["currency"]), strong=False)


def _taxes(words: Words, invoice: Doc, rates: dict[str, Doc | None]) -> Iterator[Sum]:
    currency = invoice["currency"]
    for tax in invoice.get("total_taxes") or ():
        rate: Doc = rates.get(at(tax, "tax_rate_details.tax_rate") or "") or {}
        label = rate.get("display_name") or words.gettext("Tax")
        if rate.get("percentage") is not None:
            percent = words.percent(Decimal(str(rate["percentage"])))
            if tax["tax_behavior"] != EXCLUSIVE:
                label = words.gettext("%(name)s (%(percent)s, included)", name=label, percent=percent)
            elif tax.get("taxable_amount") is not None:
                base = words.money(tax["taxable_amount"], currency)
                label = words.gettext("%(name)s (%(percent)s on %(amount)s)", name=label, percent=percent, amount=base)
        yield Sum(label, words.money(tax["amount"], currency), strong=False)


def _sums(words: Words, invoice: Doc, answer: Doc) -> Iterator[Sum]:
    """Yield what leads from the lines to what is due, in the order in which it is worked out."""

    def amount(minor: int) -> str:
        return words.money(minor, invoice["currency"])

    # What single lines were reduced by is listed with the other discounts: lines show their full amounts.
    lines = sum(line["amount"] for line in invoice["lines"]["data"])
    yield Sum(words.gettext("Subtotal"), amount(lines), strong=False)
    yield from _discounts(words, invoice, answer["coupons"])
    if invoice.get("amount_shipping"):
        yield Sum(words.gettext("Shipping"), amount(invoice["amount_shipping"]), strong=False)
    taxes = list(_taxes(words, invoice, answer["tax_rates"]))
    if taxes and invoice.get("total_excluding_tax") is not None:
        yield Sum(words.gettext("Total excluding tax"), amount(invoice["total_excluding_tax"]), strong=False)
    yield from taxes
    yield Sum(words.gettext("Total"), amount(invoice["total"]), strong=False)
    applied = (invoice.get("starting_balance") or 0) - (invoice.get("ending_balance") or 0)
    if applied and invoice.get("ending_balance") is not None:
        yield Sum(words.gettext("Applied balance"), amount(applied), strong=False)
    if credited := invoice.get("pre_payment_credit_notes_amount"):
        yield Sum(words.gettext("Credit notes"), amount(-credited), strong=False)
    yield Sum(words.gettext("Amount due"), amount(invoice["amount_due"]), strong=invoice["status"] != "paid")
    if invoice["status"] == "paid" or invoice["amount_paid"]:
        yield Sum(words.gettext("Amount paid"), amount(invoice["amount_paid"]), strong=invoice["status"] == "paid")
        yield Sum(words.gettext("Amount remaining"), amount(invoice["amount_remaining"]), strong=False)


def _payments(words: Words, answer: Doc) -> Iterator[Payment]:
    """Yield the last charge of each payment, newest first."""
    for one in answer["payments"]:
        charge = one["charge"]
        if charge is None:
            continue
        text, tone = (words.gettext("Paid"), "ok") if charge["paid"] else (words.gettext("Failed"), "bad")
        yield Payment(
            day=words.day(charge["created"]),
            method=method_name(words, charge),
            amount=words.money(charge["amount"], charge["currency"]),
            badge=Badge(text, tone, "payment-status-badge"),
        )
