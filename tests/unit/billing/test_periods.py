"""Billing periods: month ends, leap years, no drift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.billing import periods

INTERVALS = st.sampled_from(["day", "week", "month", "year"])
INSTANTS = st.integers(min_value=0, max_value=4_102_444_800)  # until 2100


def at(text: str) -> int:
    """Return an instant of an ISO date."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("anchor", "interval", "steps", "wanted"),
    [
        ("2026-01-31T10:00", "month", 1, "2026-02-28T10:00"),
        ("2026-01-31T10:00", "month", 2, "2026-03-31T10:00"),
        ("2024-01-31", "month", 1, "2024-02-29"),
        ("2026-01-30", "month", 1, "2026-02-28"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2024-02-29", "year", 4, "2028-02-29"),
        ("2026-08-31", "month", 3, "2026-11-30"),
        ("2026-03-31", "month", -1, "2026-02-28"),
        ("2026-12-31T23:59:59", "day", 1, "2027-01-01T23:59:59"),
        ("2026-12-28", "week", 2, "2027-01-11"),
        ("2000-02-29", "year", 100, "2100-02-28"),
    ],
)
def test_intervals_are_counted_from_the_anchor(anchor: str, interval: str, steps: int, wanted: str) -> None:
    assert periods.plus(at(anchor), interval, steps) == at(wanted)


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "instant", "wanted"),
    [
        ("2026-01-31", "month", 1, "2026-02-27", ("2026-01-31", "2026-02-28")),
        ("2026-01-31", "month", 1, "2026-02-28", ("2026-02-28", "2026-03-31")),
        ("2026-01-31", "month", 1, "2026-03-30", ("2026-02-28", "2026-03-31")),
        ("2026-06-15", "month", 1, "2026-06-01", ("2026-05-15", "2026-06-15")),
        ("2026-01-15", "month", 3, "2026-05-01", ("2026-04-15", "2026-07-15")),
        ("2026-01-15", "year", 1, "2026-01-14", ("2025-01-15", "2026-01-15")),
        ("2026-01-01", "week", 2, "2026-01-20", ("2026-01-15", "2026-01-29")),
        ("2026-01-10", "day", 1, "2026-01-05T12:00", ("2026-01-05", "2026-01-06")),
    ],
)
def test_the_period_around_an_instant(
    anchor: str, interval: str, count: int, instant: str, wanted: tuple[str, str]
) -> None:
    assert periods.period_at(at(anchor), interval, count, at(instant)) == (at(wanted[0]), at(wanted[1]))
    assert periods.next_boundary(at(anchor), interval, count, at(instant)) == at(wanted[1])


@given(st.integers(min_value=-1_000_000, max_value=1_000_000))
def test_civil_days_are_those_of_the_standard_library(days: int) -> None:
    year, month, day = periods.civil_from_days(days)
    assert periods.days_from_civil(year, month, day) == days
    if 1 < year < 9999:
        known = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)
        assert (known.year, known.month, known.day) == (year, month, day)


@given(anchor=INSTANTS, instant=INSTANTS, interval=INTERVALS, count=st.integers(min_value=1, max_value=36))
def test_periods_hold_their_instant_and_lie_side_by_side(anchor: int, instant: int, interval: str, count: int) -> None:
    start, end = periods.period_at(anchor, interval, count, instant)
    assert start <= instant < end
    assert periods.period_at(anchor, interval, count, end)[0] == end
    assert periods.period_at(anchor, interval, count, start) == (start, end)
    assert periods.period_at(anchor, interval, count, end - 1) == (start, end)


@given(anchor=INSTANTS, interval=INTERVALS, steps=st.integers(min_value=1, max_value=60))
def test_following_the_boundaries_never_drifts(anchor: int, interval: str, steps: int) -> None:
    instant = anchor
    for _ in range(steps):
        instant = periods.next_boundary(anchor, interval, 1, instant)
    assert instant == periods.plus(anchor, interval, steps)


@pytest.mark.parametrize(
    ("config", "start", "wanted"),
    [
        ({"day_of_month": 1}, "2026-05-20T08:30:15", "2026-06-01T08:30:15"),
        ({"day_of_month": 31}, "2026-02-01", "2026-02-28"),
        ({"day_of_month": 20, "hour": 0, "minute": 0, "second": 0}, "2026-05-20T08:30", "2026-06-20"),
        ({"day_of_month": 20}, "2026-05-20T08:30", "2026-05-20T08:30"),
        ({"day_of_month": 29, "month": 2}, "2026-03-01", "2027-02-28"),
        ({"day_of_month": 5, "month": 12}, "2026-03-01", "2026-12-05"),
        ({"day_of_month": 5}, "2026-12-10", "2027-01-05"),
    ],
)
def test_the_anchor_of_a_configuration(config: dict[str, int], start: str, wanted: str) -> None:
    assert periods.configured_anchor(config, at(start)) == at(wanted)


def test_the_shortest_interval_is_found_across_units() -> None:
    rhythms = [{"interval": "year", "interval_count": 1}, {"interval": "week", "interval_count": 4}]
    assert periods.shortest(rhythms) == ("week", 4)


@pytest.mark.parametrize(
    ("rhythms", "fit"),
    [
        ([("month", 1), ("year", 1)], True),
        ([("month", 3), ("month", 6), ("year", 1)], True),
        ([("day", 1), ("week", 2)], True),
        ([("month", 2), ("month", 3)], False),
        ([("week", 1), ("month", 1)], False),
        ([("day", 365), ("year", 1)], False),
    ],
)
def test_which_intervals_go_into_each_other(rhythms: list[tuple[str, int]], fit: bool) -> None:
    recurrings = [{"interval": interval, "interval_count": count} for interval, count in rhythms]
    assert periods.multiples(recurrings) is fit
