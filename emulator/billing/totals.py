"""Decides the sums of an invoice from its lines and the customer's balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emulator.payments.amounts import LARGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

# What is not collected but owed on the customer's balance: the types of its balance transaction.
Moved = Literal["", "invoice_too_small", "invoice_too_large"]

# docs.stripe.com/currencies, minimum charge amounts; others are converted there, here they have no minimum.
MINIMUM_CHARGE = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one line: amount before discounts, its own discounts, those of the invoice, and taxes."""

    amount: int
    own_discounts: int = 0
    invoice_discounts: int = 0
    tax_added: int = 0
    tax_contained: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an invoice in minor units."""

    subtotal: int
    subtotal_excluding_tax: int
    total: int
    total_excluding_tax: int


@dataclass(frozen=True, slots=True)
class Due:
    """What finalizing asks for: ``ending_balance`` is the customer's balance afterwards (negative = credit).

    ``moved`` says why the sum is on the balance instead of being collected.
    """

    amount_due: int
    ending_balance: int
    moved: Moved = ""


def of_lines(lines: Sequence[Line]) -> Totals:
    """Return the sums: the subtotal is after the lines' own discounts, the total after all (facts billing 7.2)."""
    subtotal = total = contained = added = 0
    for line in lines:
        own = line.amount - line.own_discounts
        subtotal += own
        total += own - line.invoice_discounts
        contained += line.tax_contained
        added += line.tax_added
    return Totals(subtotal, subtotal - contained, total + added, total - contained)


def due(total: int, starting_balance: int, currency: str, *, chargeable: bool = True) -> Due:
    """Return what is due of ``total`` after the customer's balance (negative = credit) is used.

    A sum below the currency's smallest charge is not collected but owed on the balance (facts billing 7.1), and so is one
    above the largest (docs.stripe.com/billing/customer/balance, transaction types); ``chargeable`` says that it would be
    charged automatically.
    """
    owed = total + starting_balance
    if owed <= 0:
        return Due(0, owed)
    if chargeable and owed < MINIMUM_CHARGE.get(currency, 0):
        return Due(0, owed, "invoice_too_small")
    if chargeable and owed > LARGEST:
        return Due(0, owed, "invoice_too_large")
    return Due(owed, 0)
