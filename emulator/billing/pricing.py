"""Decides what a quantity of a price costs: exact amounts as integers scaled by 10^12, rounded once at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACES = 12  # unit_amount_decimal has at most 12 decimal places (docs.stripe.com/api/prices)
SCALE: int = 10**PLACES


def scaled(text: str) -> int:
    """Return a decimal number ("1.5", "-0.003") times 10^12 as an integer, without passing through a float."""
    whole, _, fraction = text.partition(".")
    negative = whole.startswith("-")
    digits = int(whole.lstrip("+-") or "0") * SCALE + int(f"{fraction[:PLACES]:0<{PLACES}}")
    return -digits if negative else digits


def unscaled(value: int) -> str:
    """Return a scaled integer as a decimal text without trailing zeros: ``scaled``'s inverse."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), SCALE)
    if fraction == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:012d}".rstrip("0")


def in_currency(price: Mapping[str, Any], currency: str) -> Mapping[str, Any]:
    """Return the part of a price that holds its amounts in ``currency``: the price itself or a currency option.

    Raises LookupError when it has none: callers have refused such prices before.
    """
    if price["currency"] == currency:
        return price
    option = (price.get("currency_options") or {}).get(currency)
    if option is None:
        msg = f"{price['id']} has no amounts in {currency}"
        raise LookupError(msg)
    return {**price, **option, "currency": currency}


def exact(price: Mapping[str, Any], quantity: int) -> int:
    """Return the price of ``quantity``, scaled by 10^12 (facts billing 3.2)."""
    if price.get("billing_scheme") == "tiered":
        tiers: Sequence[Mapping[str, Any]] = price["tiers"]
        if price["tiers_mode"] == "volume":
            return _volume(tiers, quantity)
        return _graduated(tiers, quantity)
    transform = price.get("transform_quantity")
    if transform:
        quantity = _transformed(transform, quantity)
    return _unit(price) * quantity


def amount(price: Mapping[str, Any], quantity: int) -> int:
    """Return the price of ``quantity`` in minor units, halves rounded up."""
    unit = price.get("unit_amount")
    if unit is not None and price.get("billing_scheme") != "tiered" and not price.get("transform_quantity"):
        return int(unit * quantity)
    return rounded(exact(price, quantity))


def rounded(value: int) -> int:
    """Return a scaled amount in minor units, halves away from zero."""
    return money.round_half_up(value, SCALE)


def is_free(price: Mapping[str, Any], quantity: int | None) -> bool:
    """Say whether nothing is owed for a quantity; metered prices are free in advance."""
    return quantity is None or exact(price, quantity) == 0


def tier_reached(price: Mapping[str, Any], quantity: int) -> int:
    """Return the number (from 1) of the tier that ``quantity`` reaches."""
    for number, tier in enumerate(price["tiers"], 1):
        if tier["up_to"] is None or quantity <= tier["up_to"]:
            return number
    return len(price["tiers"])


def _unit(holder: Mapping[str, Any]) -> int:
    return _decimal(holder, "unit_amount")


def _decimal(holder: Mapping[str, Any], field: str) -> int:
    text = holder.get(f"{field}_decimal")
    if text is not None:
        return scaled(text)
    return int(holder.get(field) or 0) * SCALE


def _transformed(transform: Mapping[str, Any], quantity: int) -> int:
    whole, rest = divmod(quantity, int(transform["divide_by"]))
    return whole + (1 if rest and transform["round"] == "up" else 0)


def _volume(tiers: Sequence[Mapping[str, Any]], quantity: int) -> int:
    tier = tiers[tier_reached({"tiers": tiers}, quantity) - 1]
    return _unit(tier) * quantity + _decimal(tier, "flat_amount")


def _graduated(tiers: Sequence[Mapping[str, Any]], quantity: int) -> int:
    total = 0
    below = 0
    for tier in tiers:
        limit = tier["up_to"]
        upper = quantity if limit is None else min(limit, quantity)
        total += _unit(tier) * (upper - below) + _decimal(tier, "flat_amount")
        if limit is None or quantity <= limit:
            break
        below = limit
    return total
