"""Decides what a duration such as ``"5m"``, ``"30d"`` or ``"1mo"`` is, and which instant lies that far away."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

# Seconds of the units that are always of one length; months and years follow the calendar (UTC).
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
MONTHS = {"mo": 1, "y": 12}

_PART = re.compile(r"(\d{1,12})(mo|[smhdwy])")
_DURATION = re.compile(r"(?:\d{1,12}(?:mo|[smhdwy]))+")
_RELATIVE = re.compile(r"now|(?:[+-](?:\d{1,12}(?:mo|[smhdwy]))+)+")
_SIGNED = re.compile(r"([+-])([^+-]+)")
HINT = 'seconds as a number, or "90s", "5m", "1h", "30d", "2w", "1mo", "1y"'
# Names under which the API description has unix times (format unix-time); only there is "-40d" a time and not a text.
TIME_NAMES = frozenset(
    {
        "created",
        "updated",
        "start",
        "end",
        "date",
        "timestamp",
        "deadline",
        "eta",
        "expires",
        "as_of",
        "now",
        "at",
        "since",
    }
    | {"next_payment_attempt", "next_pending_invoice_item_invoice", "redeem_by", "due_by", "active_from", "due"}
)
TIME_ENDINGS = (
    *("_at", "_date", "_time", "_timestamp", "_start", "_end"),
    *("_on", "_until", "_after", "_before", "_anchor", "_deadline"),
)
# The last second of the year 9999, where the calendar of the standard library ends.
END_OF_TIME = 253_402_300_799


class Duration(NamedTuple):
    """A length of time: calendar months first, then seconds."""

    months: int = 0
    seconds: int = 0

    def after(self, instant: int) -> int:
        """Return the unix second that lies this far after ``instant``; raises ValueError beyond the year 9999."""
        return _within(add_months(instant, self.months) + self.seconds)

    def before(self, instant: int) -> int:
        """Return the unix second that lies this far before ``instant``; raises ValueError before 1970."""
        return _within(add_months(instant, -self.months) - self.seconds)


def _within(instant: int) -> int:
    if not 0 <= instant <= END_OF_TIME:
        raise ValueError("a time must lie between 1970 and the end of the year 9999")
    return instant


def add_months(instant: int, months: int) -> int:
    """Return ``instant`` moved by calendar months (UTC); a day that the month lacks becomes its last one.

    Raises ValueError outside of the years 1970 to 9999.
    """
    if months == 0:
        return instant
    start = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1970 <= year <= 9999:
        raise ValueError("a time must lie between 1970 and the end of the year 9999")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def parse(value: Any) -> Duration:
    """Read a duration: whole seconds as a number or digits, or parts such as ``1d12h``; raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Duration(seconds=value)
    if isinstance(value, float) and value >= 0 and value.is_integer():
        return Duration(seconds=int(value))
    if isinstance(value, str) and value.isascii():
        if value.isdigit() and len(value) <= 12:
            return Duration(seconds=int(value))
        if _DURATION.fullmatch(value):
            return _parts(value)
    msg = f"not a duration: {value!r} (use {HINT})"
    raise ValueError(msg)


def _parts(text: str) -> Duration:
    months = seconds = 0
    for amount, unit in _PART.findall(text):
        months += int(amount) * MONTHS.get(unit, 0)
        seconds += int(amount) * SECONDS.get(unit, 0)
    return Duration(months, seconds)


def is_relative(value: Any) -> bool:
    """Say whether ``value`` is a time told from now: ``"now"``, ``"-40d"``, ``"+3h"``, ``"-1mo+2d"``."""
    return isinstance(value, str) and _RELATIVE.fullmatch(value) is not None


def resolve(value: str, now: int) -> int:
    """Return the unix second that a relative time means at ``now``; raises ValueError on other text."""
    if not is_relative(value):
        msg = f'not a relative time: {value!r} (use "now", "-40d", "+3h", "-1mo")'
        raise ValueError(msg)
    instant = now
    for sign, text in _SIGNED.findall(value):
        duration = _parts(text)
        instant = duration.after(instant) if sign == "+" else duration.before(instant)
    return instant


def is_time(name: str) -> bool:
    """Return whether a field of this name holds a time, which may be told from the moment of loading."""
    return name in TIME_NAMES or name.endswith(TIME_ENDINGS)
