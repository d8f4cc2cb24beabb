"""Durations and relative times."""

from __future__ import annotations

import calendar
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.kernel import durations
from emulator.kernel.durations import Duration, parse, resolve


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return calendar.timegm((year, month, day, hour, 0, 0))


@pytest.mark.parametrize(
    "text,duration",
    [
        (90, Duration(seconds=90)),
        (90.0, Duration(seconds=90)),
        ("90", Duration(seconds=90)),
        (0, Duration()),
        ("90s", Duration(seconds=90)),
        ("5m", Duration(seconds=300)),
        ("1h", Duration(seconds=3600)),
        ("30d", Duration(seconds=30 * 86_400)),
        ("2w", Duration(seconds=14 * 86_400)),
        ("1mo", Duration(months=1)),
        ("1y", Duration(months=12)),
        ("1y2mo3d4h5m6s", Duration(months=14, seconds=3 * 86_400 + 4 * 3600 + 306)),
    ],
)
def test_parse(text: object, duration: Duration) -> None:
    assert parse(text) == duration


@pytest.mark.parametrize(
    "text", ["", "m", "5", "5x", "-5m", "5 m", "1.5h", -1, 1.5, True, None, [], "٣m", "5M", "1" * 13, float("nan")]
)
def test_what_is_no_duration_is_refused_with_its_text(text: object) -> None:
    if text == "5":
        assert parse(text) == Duration(seconds=5)
        return
    with pytest.raises(ValueError, match="not a duration"):
        parse(text)


@pytest.mark.parametrize(
    "start,text,end",
    [
        (at(2026, 1, 31), "1mo", at(2026, 2, 28)),
        (at(2028, 1, 31), "1mo", at(2028, 2, 29)),
        (at(2024, 2, 29), "1y", at(2025, 2, 28)),
        (at(2026, 11, 30, 5), "3mo", at(2027, 2, 28, 5)),
        (at(2026, 12, 15), "1mo1d", at(2027, 1, 16)),
    ],
)
def test_calendar(start: int, text: str, end: int) -> None:
    assert parse(text).after(start) == end


@pytest.mark.parametrize(
    "text,end",
    [
        ("now", at(2026, 3, 31)),
        ("-1mo", at(2026, 2, 28)),
        ("+3h", at(2026, 3, 31, 3)),
        ("-40d", at(2026, 2, 19)),
        ("-1mo+2d", at(2026, 3, 2)),
    ],
)
def test_relative(text: str, end: int) -> None:
    assert durations.is_relative(text)
    assert resolve(text, at(2026, 3, 31)) == end


@pytest.mark.parametrize("text", ["", "40d", "nows", "+", "-1", "- 1d", "1700000000", None, 5])
def test_other_text_is_not_relative(text: object) -> None:
    assert not durations.is_relative(text)
    with pytest.raises(ValueError, match="not a relative time"):
        resolve(str(text), 0)


@pytest.mark.parametrize("text,start", [("9000y", at(2026, 1, 1)), ("999999999999s", at(2026, 1, 1))])
def test_beyond_the_calendar(text: str, start: int) -> None:
    with pytest.raises(ValueError, match="between 1970"):
        parse(text).after(start)
    with pytest.raises(ValueError, match="between 1970"):
        parse(text).before(start)


@given(st.integers(0, at(2100, 1, 1)), st.integers(0, 400))
def test_months_land_on_the_same_day_or_on_the_last_one(start: int, months: int) -> None:
    end = durations.add_months(start, months)
    first, last = (calendar.timegm((*time.gmtime(t)[:3], 0, 0, 0)) for t in (start, end))
    a, b = (time.gmtime(t) for t in (start, end))
    assert start - first == end - last  # the time of day stays
    assert (b.tm_year - a.tm_year) * 12 + b.tm_mon - a.tm_mon == months
    assert b.tm_mday == min(a.tm_mday, calendar.monthrange(b.tm_year, b.tm_mon)[1])
