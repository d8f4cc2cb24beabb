"""Decides how much a customer used by a meter within a time: its events put together by the meter's formula."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from emulator.store.port import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

EVENT = "_meter_event"
LONGEST_NUMBER = 40  # digits of a value at most (choice)


def place(meter: str, customer: str) -> str:
    """Return the indexed value under which the events of one meter and customer are found."""
    return f"{meter}/{customer}"


def number(text: str) -> Fraction | None:
    """Return a payload's value, or None when it is no finite number."""
    if len(text) > LONGEST_NUMBER or "e" in text.lower():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return Fraction(value) if value.is_finite() else None


async def events(ctx: Context, meter: str, customer: str, start: int, end: int) -> list[Doc]:
    """Return the counted events of one meter and customer within [start, end), oldest first."""
    within = Query({"code": place(meter, customer)}, keep=lambda doc: start <= doc["created"] < end)
    found, _ = await ctx.page(EVENT, within)
    return found[::-1]


def aggregated(formula: str, found: Sequence[Doc]) -> int | Fraction:
    """Return the value of events given oldest first: their sum, their count, or the last of them."""
    if formula == "count":
        return len(found)
    values = [Fraction(one["value"]) for one in found]
    value = sum(values, Fraction(0)) if formula == "sum" else (values[-1] if values else Fraction(0))
    return int(value) if value.denominator == 1 else value


async def usage(ctx: Context, *, meter: Doc, customer: str, start: int, end: int) -> int | Fraction:
    """Return how much a customer used by ``meter`` within [start, end) in unix seconds (facts billing 6.15).

    Whole numbers come as int. Costs as much as the customer has events of this meter.
    """
    return aggregated(meter["default_aggregation"]["formula"], await events(ctx, meter["id"], customer, start, end))
