"""Decides what tax rates add to a line: after discounts, rounded per line, on top or inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.billing.pricing import SCALE, scaled
from emulator.kernel import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HUNDRED = 100 * SCALE


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate: ``percent`` is scaled by 10^12."""

    id: str
    percent: int
    inclusive: bool
    reason: str = "not_available"  # what manual rates say (facts billing 14)
    waived: bool = False  # worked out, but taken of nobody: the customer is exempt


@dataclass(frozen=True, slots=True)
class Tax:
    """What one rate takes of one line, in minor units; ``waived`` is what of the price an exempt customer is let off."""

    rate: Rate
    amount: int
    taxable: int
    waived: int = 0


def rate_of(tax_rate: Mapping[str, Any]) -> Rate:
    """Return the rate of a ``tax_rate`` object."""
    percent = scaled(str(tax_rate["percentage"]))
    reason = tax_rate.get("_reason") or "not_available"
    return Rate(tax_rate["id"], percent, bool(tax_rate["inclusive"]), reason, bool(tax_rate.get("_waived")))


def of_line(base: int, rates: Sequence[Rate]) -> list[Tax]:
    """Return the taxes on ``base`` (the line's amount after discounts), one for each rate, in their order.

    Inclusive rates share the base: net = base / (1 + their sum); exclusive rates add to that net amount.
    Rounding per line, halves away from zero, is the default setting (facts billing 7.2, docs.stripe.com tax-rates).
    Waived rates take nothing; what is inside the price is let off (docs.stripe.com/tax/tax-rates, tax exempt).
    """
    inside = sum(rate.percent for rate in rates if rate.inclusive)
    included = [money.round_half_up(base * rate.percent, _HUNDRED + inside) if rate.inclusive else 0 for rate in rates]
    net = base - sum(included)
    return [
        Tax(rate, 0, net, waived=amount)
        if rate.waived
        else Tax(rate, amount if rate.inclusive else money.round_half_up(net * rate.percent, _HUNDRED), net)
        for rate, amount in zip(rates, included, strict=True)
    ]


def added(taxes: Sequence[Tax]) -> int:
    """Return what taxes add on top of the price."""
    return sum(tax.amount for tax in taxes if not tax.rate.inclusive)


def contained(taxes: Sequence[Tax]) -> int:
    """Return what taxes take out of the price."""
    return sum(tax.amount for tax in taxes if tax.rate.inclusive)
