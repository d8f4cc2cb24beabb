"""Decides how a price is put in words: what it costs, how often, and what cannot be said before it is used."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from emulator.kernel.documents import Doc
from portal_ui.i18n import Words


def per_period(words: Words, price: str, recurring: Doc | None) -> str:
    """Return ``price`` with its interval: ``$20.00 per month``, ``$50.00 every 3 months``."""
    if not recurring:
        return price
    return _pattern(words, recurring["interval"], recurring.get("interval_count") or 1) % {"price": price}


@lru_cache(1024)
def _pattern(words: Words, interval: str, count: int) -> str:
    """Return what a price is put into to say its interval."""
    price = "%(price)s"  # itself again: it is put in by who asks
    if count == 1:
        single = {
            "day": words.gettext("%(price)s per day", price=price),
            "week": words.gettext("%(price)s per week", price=price),
            "month": words.gettext("%(price)s per month", price=price),
            "year": words.gettext("%(price)s per year", price=price),
        }
        return single[interval]
    several = {
        "day": words.ngettext("%(price)s every %(num)s day", "%(price)s every %(num)s days", count, price=price),
        "week": words.ngettext("%(price)s every %(num)s week", "%(price)s every %(num)s weeks", count, price=price),
        "month": words.ngettext("%(price)s every %(num)s month", "%(price)s every %(num)s months", count, price=price),
        "year": words.ngettext("%(price)s every %(num)s year", "%(price)s every %(num)s years", count, price=price),
    }
    return several[interval]


def rhythm(words: Words, recurring: Doc) -> str:
    """Return how often something is billed, as the label of a choice: ``Monthly``, ``Every 3 months``."""
    interval, count = recurring["interval"], recurring.get("interval_count") or 1
    if count == 1:
        single = {
            "day": words.gettext("Daily"),
            "week": words.gettext("Weekly"),
            "month": words.gettext("Monthly"),
            "year": words.gettext("Yearly"),
        }
        return single[interval]
    several = {
        "day": words.ngettext("Every %(num)s day", "Every %(num)s days", count),
        "week": words.ngettext("Every %(num)s week", "Every %(num)s weeks", count),
        "month": words.ngettext("Every %(num)s month", "Every %(num)s months", count),
        "year": words.ngettext("Every %(num)s year", "Every %(num)s years", count),
    }
    return several[interval]


def pay_from(words: Words, recurring: Doc, day: str) -> str:
    """Return the label of what is paid from a day on: ``What you'll pay monthly starting May 1, 2026``."""
    if (recurring.get("interval_count") or 1) != 1:
        return words.gettext("What you'll pay each billing period starting %(date)s", date=day)
    single = {
        "day": words.gettext("What you'll pay daily starting %(date)s", date=day),
        "week": words.gettext("What you'll pay weekly starting %(date)s", date=day),
        "month": words.gettext("What you'll pay monthly starting %(date)s", date=day),
        "year": words.gettext("What you'll pay yearly starting %(date)s", date=day),
    }
    return single[recurring["interval"]]


def metered(price: Doc) -> bool:
    """Say whether a price is billed by usage."""
    return (price.get("recurring") or {}).get("usage_type") == "metered"


def fixed(price: Doc, quantity: int) -> Decimal | None:
    """Return what ``quantity`` of a licensed price costs per period in minor units, None when that is not one product.

    Unit amount times quantity is what the page shows (facts portal 3.2).
    """
    if metered(price) or price.get("billing_scheme") == "tiered":
        return None
    unit: Any = price.get("unit_amount_decimal")
    if unit is None:
        unit = price.get("unit_amount")
    if unit is None:
        return None
    total = Decimal(unit) * _packages(price, quantity)
    # Parts of a minor unit are shown for one unit only: a sum is what an invoice would say.
    return total if quantity == 1 else total.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def _packages(price: Doc, quantity: int) -> int:
    """Return how many packages ``quantity`` units are (``transform_quantity``)."""
    rule = price.get("transform_quantity")
    if not rule:
        return quantity
    size = rule["divide_by"]
    return int(quantity // size if rule.get("round") == "down" else -(-quantity // size))


def in_words(words: Words, price: Doc, quantity: int) -> str:
    """Return the price line of one item."""
    if metered(price):
        return words.gettext("Price varies with usage")
    total = fixed(price, quantity)
    if total is not None:
        return per_period(words, words.money(total, price["currency"]), price.get("recurring"))
    first = next(iter(price.get("tiers") or ()), None)
    unit: Any = first and (first.get("unit_amount_decimal") or first.get("unit_amount"))
    if unit:
        amount = words.money(Decimal(unit), price["currency"])
        return words.gettext("Starts at %(price)s", price=per_period(words, amount, price.get("recurring")))
    return words.gettext("Price varies with quantity")


def together(words: Words, items: list[tuple[Doc, int]]) -> str:
    """Return the price line of all items of a subscription, each a price and a quantity."""
    sums = [fixed(price, quantity) for price, quantity in items]
    known = [amount for amount in sums if amount is not None]
    lead = next((price for (price, _), amount in zip(items, sums, strict=True) if amount is not None), None)
    if lead is None:
        return in_words(words, *items[0])
    alike = all(_period(price) == _period(lead) for price, _ in items)
    if not alike:
        return ""
    total = per_period(words, words.money(sum(known, Decimal(0)), lead["currency"]), lead.get("recurring"))
    if len(known) == len(items):
        return total
    return words.gettext("%(price)s plus usage", price=total)


def _period(price: Doc) -> tuple[Any, ...]:
    recurring = price.get("recurring") or {}
    return price["currency"], recurring.get("interval"), recurring.get("interval_count")
