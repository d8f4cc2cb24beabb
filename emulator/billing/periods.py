"""Decides when billing periods begin and end: whole seconds, UTC, counted from the anchor so that nothing drifts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MINUTE = 60
HOUR = 3600
DAY = 86_400
WEEK = 7 * DAY
MONTHS_PER_YEAR = 12

_SECONDS = {"day": DAY, "week": WEEK}
_MONTHS = {"month": 1, "year": MONTHS_PER_YEAR}
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def days_from_civil(year: int, month: int, day: int) -> int:
    """Return the number of days from 1970-01-01 to a date of the proleptic Gregorian calendar.

    The year is taken to begin in March, which puts the leap day at its end; 400 years make one era.
    """
    year -= month <= _FEBRUARY
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (9 if month <= _FEBRUARY else -3)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Return (year, month, day) of a number of days since 1970-01-01."""
    era, of_era = divmod(days + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    day = of_year - (153 * from_march + 2) // 5 + 1
    month = from_march + 3 if from_march < 10 else from_march - 9  # months counted from March
    return year_of_era + era * 400 + (month <= _FEBRUARY), month, day


def month_length(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_LENGTHS[month - 1]


def plus_months(instant: int, months: int) -> int:
    """Return ``instant`` moved by calendar months: same time of day, the day clamped to the month's last."""
    days, seconds = divmod(instant, DAY)
    year, month, day = civil_from_days(days)
    years, month_index = divmod(month - 1 + months, MONTHS_PER_YEAR)
    year += years
    length = month_length(year, month_index + 1)
    return days_from_civil(year, month_index + 1, min(day, length)) * DAY + seconds


def plus(anchor: int, interval: str, steps: int) -> int:
    """Return ``anchor`` + ``steps`` intervals ("day", "week", "month" or "year"); always counted from the anchor."""
    seconds = _SECONDS.get(interval)
    if seconds is not None:
        return anchor + steps * seconds
    return plus_months(anchor, steps * _MONTHS[interval])


@lru_cache(maxsize=1024)  # asked for several times in each billing of an item
def period_at(anchor: int, interval: str, count: int, instant: int) -> tuple[int, int]:
    """Return the period [start, end) that contains ``instant``.

    Boundaries are anchor + k x count intervals for whole k, negative ones included: an anchor in the future has
    periods before it. 31 January, 28 February, 31 March: the day comes back (docs.stripe.com billing-cycle).
    """
    seconds = _SECONDS.get(interval)
    if seconds is not None:
        length = seconds * count
        start = anchor + (instant - anchor) // length * length
        return start, start + length
    length = _MONTHS[interval] * count
    first = civil_from_days(anchor // DAY)
    here = civil_from_days(instant // DAY)
    step = ((here[0] - first[0]) * MONTHS_PER_YEAR + here[1] - first[1]) // length
    start = plus_months(anchor, step * length)
    if start > instant:
        return plus_months(anchor, (step - 1) * length), start
    # Clamped days only ever come earlier, so the following boundary is later than the instant.
    return start, plus_months(anchor, (step + 1) * length)


def next_boundary(anchor: int, interval: str, count: int, instant: int) -> int:
    """Return the first boundary after ``instant``."""
    return period_at(anchor, interval, count, instant)[1]


def configured_anchor(config: Mapping[str, Any], start: int) -> int:
    """Return the first instant at or after ``start`` that ``billing_cycle_anchor_config`` describes.

    Missing hour, minute and second are those of ``start``; a day that a month does not have is its last day.
    """
    days, seconds = divmod(start, DAY)
    year, month, _ = civil_from_days(days)
    time_of_day = (
        _or(config.get("hour"), seconds // HOUR) * HOUR
        + _or(config.get("minute"), seconds % HOUR // MINUTE) * MINUTE
        + _or(config.get("second"), seconds % MINUTE)
    )
    wanted_month = config.get("month")
    step = 1
    if wanted_month:
        month, step = wanted_month, MONTHS_PER_YEAR
    while True:
        day = min(config["day_of_month"], month_length(year, month))
        anchor = days_from_civil(year, month, day) * DAY + time_of_day
        if anchor >= start:
            return anchor
        years, month_index = divmod(month - 1 + step, MONTHS_PER_YEAR)
        year, month = year + years, month_index + 1


def shortest(recurrings: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return (interval, interval_count) of the shortest of several ``price.recurring``."""
    best = min(recurrings, key=lambda one: plus(0, one["interval"], one["interval_count"]))
    return best["interval"], best["interval_count"]


def multiples(recurrings: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether all intervals are multiples of the shortest: days and weeks never are of months and years."""
    scale = {"day": (1, 1), "week": (1, 7), "month": (2, 1), "year": (2, 12)}
    found = [(scale[one["interval"]][0], scale[one["interval"]][1] * one["interval_count"]) for one in recurrings]
    least = min(length for _, length in found)
    return len({kind for kind, _ in found}) == 1 and all(length % least == 0 for _, length in found)


def _or(value: int | None, fallback: int) -> int:
    return fallback if value is None else value
