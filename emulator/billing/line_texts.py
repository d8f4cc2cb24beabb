"""Decides the words on invoice lines, as recorded (facts billing 6.6, 6.10)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emulator.billing.periods import DAY, civil_from_days
from emulator.billing.pricing import SCALE, tier_reached, unscaled
from emulator.kernel import money

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMES = "\u00d7"  # the multiplication sign, as Stripe prints it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "CA$", "aud": "A$", "nzd": "NZ$", "mxn": "MX$",
            "brl": "R$", "inr": "₹", "krw": "₩", "ils": "₪", "cny": "CN¥", "hkd": "HK$", "twd": "NT$",
            "vnd": "₫", "php": "₱", "xaf": "FCFA", "xof": "F\u202fCFA", "xpf": "CFPF"}  # fmt: skip


def date(instant: int) -> str:
    """Return a date as lines show it: "01 Sep 2020"."""
    year, month, day = civil_from_days(instant // DAY)
    return f"{day:02d} {_MONTHS[month - 1]} {year}"


@lru_cache(maxsize=1024)  # the same few prices are written on line after line
def currency_amount(scaled_amount: int, currency: str) -> str:
    """Return an exact amount in English: "$25.00", "¥500", "$0.003"."""
    places = money.decimals(currency)
    major = scaled_amount // 10**places if scaled_amount >= 0 else -(-scaled_amount // 10**places)
    whole, _, fraction = unscaled(abs(major)).partition(".")
    if places:
        fraction = fraction.ljust(places, "0")
    number = f"{int(whole):,}" + (f".{fraction}" if fraction else "")
    symbol = _SYMBOLS.get(currency)
    sign = "-" if scaled_amount < 0 else ""
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{currency.upper()}\u00a0{number}"


def interval(recurring: Mapping[str, Any]) -> str:
    """Return "month" or "every 3 months" (the plural form is a choice: facts billing 6.10 marks it unsourced)."""
    if recurring["interval_count"] == 1:
        return f"{recurring['interval']}"
    return f"every {recurring['interval_count']} {recurring['interval']}s"


def licensed(product: Mapping[str, Any], price: Mapping[str, Any], quantity: int) -> str:
    """Return the text of a full period: "1 x Gold (at $25.00 / month)", with the product's unit label if it has one."""
    return f"{_units(product, quantity)} ({unit_price(price, quantity)} / {interval(price['recurring'])})"


def unit_price(price: Mapping[str, Any], quantity: int) -> str:
    """Return "at $25.00", or the tier that the quantity reaches: "Tier 1 at $10.00"."""
    if price.get("billing_scheme") == "tiered":
        number = tier_reached(price, quantity)
        tier = price["tiers"][number - 1]
        return f"Tier {number} at {currency_amount(_exact(tier), price['currency'])}"
    return f"at {currency_amount(_exact(price), price['currency'])}"


def free_trial(product: Mapping[str, Any], quantity: int, *, flexible: bool, metered: bool = False) -> str:
    """Return the text of a trial's line; the two billing modes word it differently (facts billing 6.16)."""
    if flexible:
        return f"Free trial for {_units(product, quantity)}"
    if metered:
        return f"{_units(product, quantity)} (Free trial)"
    return f"Trial period for {product['name']}"


def unused(product: Mapping[str, Any], quantity: int, at: int) -> str:
    """Return the text of a credit: "Unused time on 3 x Gold after 10 Nov 2025"."""
    return f"Unused time on {_counted(product, quantity)} after {date(at)}"


def remaining(product: Mapping[str, Any], quantity: int, at: int) -> str:
    """Return the text of a debit: "Remaining time on Gold after 10 Nov 2025"."""
    return f"Remaining time on {_counted(product, quantity)} after {date(at)}"


def netted(text: str, percent: str) -> str:
    """Return a proration's text with the percentage that was netted into it."""
    return f"{text} (with {percent}% off)"


def _units(product: Mapping[str, Any], quantity: int) -> str:
    label = product.get("unit_label")
    return f"{quantity} {label} {TIMES} {product['name']}" if label else f"{quantity} {TIMES} {product['name']}"


def _counted(product: Mapping[str, Any], quantity: int) -> str:
    return f"{quantity} {TIMES} {product['name']}" if quantity > 1 else f"{product['name']}"


def _exact(holder: Mapping[str, Any]) -> int:
    text = holder.get("unit_amount_decimal")
    if text is not None:
        whole, _, fraction = text.partition(".")
        return int(whole) * SCALE + (int(f"{fraction:0<12}") if fraction else 0)
    return int(holder.get("unit_amount") or 0) * SCALE
