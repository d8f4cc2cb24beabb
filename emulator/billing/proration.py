"""Decides what a part of a period costs: to the second, each line rounded on its own."""

from __future__ import annotations

from emulator.billing.pricing import SCALE


def rounded(numerator: int, denominator: int) -> int:
    """Return the nearest integer, exact halves toward minus infinity: -2.5 is -3 and 4.5 is 4.

    This one rule explains every recorded proration: the ties above, 7.5 -> 7, -666.67 -> -667, 333.33 -> 333
    (facts billing 6.10), 25000 and -2500 four seconds into a period, and the sample of docs.stripe.com prorations
    where 445,540 of 2,678,400 seconds at 3252 are 541 (540.96). A plain floor explains the ties but not the last two.
    """
    return -((denominator - 2 * numerator) // (2 * denominator))


def share(full: int, start: int, end: int, since: int) -> int:
    """Return the cost of [since, end) of a period [start, end) that costs ``full`` (scaled by 10^12)."""
    return part(full, end - start, end - since)


def part(full: int, whole: int, seconds: int) -> int:
    """Return the cost of ``seconds`` out of ``whole`` seconds that cost ``full`` (scaled, credits negative)."""
    if whole <= 0:
        return rounded(full, SCALE)
    return rounded(full * seconds, SCALE * whole)


def credit(full: int, start: int, end: int, at: int) -> int:
    """Return the (negative) amount given back for the unused time of a period that costs ``full`` (scaled)."""
    return share(-full, start, end, at)


def credit_of_billed(billed: int, start: int, end: int, at: int) -> int:
    """Return the (negative) amount given back of what was debited for [start, end), in minor units.

    Flexible billing credits what was really billed, whatever the price is now (facts billing 6.10).
    """
    return share(-billed * SCALE, start, end, at)
