"""Decides which past periods a backdated subscription is billed for (facts billing 6.7, 6.16; docs.stripe.com backdating)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import lines, periods, pricing, proration, shapes, subscription_errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MOST_LINES = 250  # of a flexible subscription's first invoice


class Part(NamedTuple):
    """A stretch of time within one natural period of ``whole`` seconds."""

    start: int
    end: int
    whole: int


def checked(params: Doc, now: int) -> int | None:
    """Return ``backdate_start_date`` after checking it; None without one, or when it is this very instant.

    Raises the refusals of a later instant (unix seconds) and of ``billing_cycle_anchor_config`` beside it.
    """
    start: int | None = params.get("backdate_start_date")
    if start is None or start == now:
        return None
    if start > now:
        raise subscription_errors.backdate_in_future()
    if params.get("billing_cycle_anchor_config") is not None:
        raise subscription_errors.backdate_with_config()
    return start


def parts(anchor: int, recurring: Doc, start: int, end: int) -> list[Part]:
    """Return [start, end) cut at the boundaries that count from ``anchor``."""
    result = []
    while start < end:
        first, last = periods.period_at(anchor, recurring["interval"], recurring["interval_count"], start)
        result.append(Part(start, min(last, end), last - first))
        start = last
    return result


def cost(price: Doc, quantity: int, stretches: list[Part]) -> int:
    """Return what a quantity costs for stretches of time, each rounded on its own (minor units)."""
    full = pricing.exact(price, quantity)
    return sum(proration.part(full, one.whole, one.end - one.start) for one in stretches)


def past_lines(
    ctx: Context, invoice: str, row: Doc, price: Doc, product: Doc, anchor: int, start: int, *, flexible: bool
) -> list[Doc]:
    """Return the lines of an item for the time from ``start`` to its current period: one for each period, classic one.

    Raises the refusal of more lines than an invoice may begin with.
    """
    quantity = row.get("quantity")
    end = row["current_period_start"]
    if quantity is None or start >= end:
        return []
    stretches = parts(anchor, price["recurring"], start, end)
    if not flexible:
        whole = lines.of_period(ctx, invoice, row, price, product, shapes.Period(start, end))
        amount = cost(price, quantity, stretches)
        return [{**whole, "amount": amount, "subtotal": amount}]
    if len(stretches) > MOST_LINES:
        raise subscription_errors.backdate_too_long(MOST_LINES)
    return [
        lines.of_period(ctx, invoice, row, price, product, shapes.Period(one.start, one.end), one.whole)
        for one in stretches
    ]
