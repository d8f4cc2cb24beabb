"""Calendars over the whole engine: trials, planned ends, phases and retries at month ends, in leap years, over clock changes.

Everything is counted in UTC (docs.stripe.com/billing/subscriptions/billing-cycle): where clocks are set forward or back
plays no part.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from emulator.billing import dunning
from tests.journeys.traveller import DAY, DECLINES, HOUR, Traveller

if TYPE_CHECKING:
    from tests.support.client import Api

# The night before clocks change in Berlin and in New York, forward and back.
CLOCK_CHANGES = ["2026-03-28T23:30", "2026-10-24T23:30", "2026-03-07T23:30", "2026-10-31T23:30"]


def at(text: str) -> int:
    """Return an instant of an ISO date."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(instant: int) -> str:
    """Return the ISO date of an instant, its time of day only where it is not midnight."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M").removesuffix("T00:00")


async def begun(api: Api, start: str) -> Traveller:
    """Return a customer with a card on a test clock that stands at ``start``."""
    ada = Traveller(api)
    ada.now = at(start)
    ada.clock = (await ada.post("/v1/test_helpers/test_clocks", {"frozen_time": ada.now}))["id"]
    ada.customer = (await ada.post("/v1/customers", {"test_clock": ada.clock}))["id"]
    await ada.card("pm_card_visa")
    ada.product = (await ada.post("/v1/products", {"name": "Gold"}))["id"]
    return ada


async def ends(ada: Traveller, subscription: str, renewals: int) -> list[str]:
    """Return the ends of the current period and of as many that follow."""
    found = []
    for left in range(renewals, -1, -1):
        end = (await ada.look(subscription))["items"]["data"][0]["current_period_end"]
        found.append(day(end))
        if left:
            await ada.until(end)
    return found


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where the machine thinks it is."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("start", CLOCK_CHANGES)
@pytest.mark.usefixtures("zone")
async def test_clock_changes_move_nothing(api: Api, start: str) -> None:
    ada = await begun(api, start)
    daily, weekly, monthly = [await ada.price(1000, one) for one in ("day", "week", "month")]
    trial = await ada.subscribe(daily, trial_period_days=3)
    assert trial["trial_end"] == ada.now + 3 * DAY
    plain = await ada.subscribe(weekly)
    assert plain["items"]["data"][0]["current_period_end"] == ada.now + 7 * DAY
    month = await ada.subscribe(monthly, cancel_at_period_end=True)
    assert day(month["cancel_at"])[10:] == start[10:]
    await ada.until(ada.now + 2 * DAY)
    await ada.until(ada.now + 2 * DAY)
    after = (await ada.look(trial["id"]))["items"]["data"][0]
    assert (after["current_period_start"], after["current_period_end"]) == (at(start) + 4 * DAY, at(start) + 5 * DAY)


@pytest.mark.parametrize("start", CLOCK_CHANGES)
def test_retries_are_whole_days_over_clock_changes(start: str) -> None:
    assert dunning.next_attempt(at(start), 1, {"retry_days": [2]}) == at(start) + 2 * DAY


@pytest.mark.parametrize(
    ("start", "trial", "interval", "expected"),
    [
        ("2026-01-17", 14, "month", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-17", 14, "month", ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2026-01-16", 14, "month", ["2026-01-30", "2026-02-28", "2026-03-30"]),
        ("2028-02-22", 7, "year", ["2028-02-29", "2029-02-28"]),
        ("2027-02-21", 7, "month", ["2027-02-28", "2027-03-28"]),
        ("2026-12-25", 7, "month", ["2027-01-01", "2027-02-01"]),
    ],
)
async def test_periods_after_a_trial(api: Api, start: str, trial: int, interval: str, expected: list[str]) -> None:
    ada = await begun(api, start)
    made = await ada.subscribe(await ada.price(1000, interval), trial_period_days=trial)
    assert day(made["trial_end"]) == day(made["billing_cycle_anchor"]) == expected[0]
    assert await ends(ada, made["id"], len(expected) - 1) == expected


@pytest.mark.parametrize(
    ("start", "cancel", "credit"),
    [
        ("2026-01-31", "2026-02-14", -1400),  # 14 of 28 days at 2800
        ("2028-01-31", "2028-02-14", -1448),  # 15 of 29 days: 1448.27
        ("2026-02-28", "2026-03-14", -1400),  # 14 of 28 days until 28 March
        ("2026-03-31", "2026-04-20", -933),  # 10 of 30 days: 933.33
        ("2026-03-15T00:30", "2026-03-29T00:30", -1535),  # 17 of 31 days: 1535.48
    ],
)
async def test_planned_ends_within_a_month(api: Api, start: str, cancel: str, credit: int) -> None:
    ada = await begun(api, start)
    made = await ada.subscribe(await ada.price(2800))
    cut = await ada.change(made["id"], cancel_at=at(cancel))
    assert day(cut["items"]["data"][0]["current_period_end"]) == cancel
    pending = (await ada.get("/v1/invoiceitems", {"customer": ada.customer}))["data"]
    assert [one["amount"] for one in pending] == [credit]
    await ada.until(at(cancel))
    ended = await ada.look(made["id"])
    assert (ended["status"], day(ended["ended_at"])) == ("canceled", cancel)


@pytest.mark.parametrize(
    ("start", "interval", "end"),
    [
        ("2026-01-31", "month", "2026-02-28"),
        ("2028-01-31", "month", "2028-02-29"),
        ("2028-02-29", "year", "2029-02-28"),
        ("2026-12-31", "month", "2027-01-31"),
    ],
)
async def test_the_end_of_the_period_as_a_planned_end(api: Api, start: str, interval: str, end: str) -> None:
    ada = await begun(api, start)
    made = await ada.subscribe(await ada.price(2800, interval))
    ending = await ada.change(made["id"], cancel_at_period_end=True)
    assert day(ending["cancel_at"]) == end
    named = await ada.change(made["id"], cancel_at="max_period_end")
    assert day(named["cancel_at"]) == end


@pytest.mark.parametrize(
    ("start", "durations", "expected"),
    [
        ("2026-01-31", [("month", 1)], ["2026-02-28"]),
        ("2027-12-31", [("month", 2)], ["2028-02-29"]),
        ("2028-02-29", [("year", 1), ("month", 1)], ["2029-02-28", "2029-03-28"]),
        ("2026-10-20T23:30", [("week", 1), ("day", 10)], ["2026-10-27T23:30", "2026-11-06T23:30"]),
        ("2026-03-01T00:30", [("month", 1), ("month", 3)], ["2026-04-01T00:30", "2026-07-01T00:30"]),
    ],
)
async def test_the_ends_of_phases(api: Api, start: str, durations: list[tuple[str, int]], expected: list[str]) -> None:
    ada = await begun(api, start)
    price = await ada.price(1000, "day")
    phases = [
        {"items": [{"price": price}], "duration": {"interval": interval, "interval_count": count}}
        for interval, count in durations
    ]
    wish = {"customer": ada.customer, "start_date": "now", "end_behavior": "cancel", "phases": phases}
    made = await ada.post("/v1/subscription_schedules", wish)
    assert [day(one["end_date"]) for one in made["phases"]] == expected
    assert [one["start_date"] for one in made["phases"][1:]] == [one["end_date"] for one in made["phases"][:-1]]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2027-01-26", ["2027-03-01T01:00", "2027-03-06T01:00", "2027-03-13T01:00"]),
        ("2028-01-26", ["2028-02-29T01:00", "2028-03-05T01:00", "2028-03-12T01:00"]),
        ("2026-02-27", ["2026-03-30T01:00", "2026-04-04T01:00", "2026-04-11T01:00"]),  # clocks change on 29 March
        ("2026-11-30", ["2027-01-02T01:00", "2027-01-07T01:00", "2027-01-14T01:00"]),
    ],
)
async def test_the_calendar_of_retries(api: Api, start: str, expected: list[str]) -> None:
    """Three, five and seven days (the emulator's calendar), counted from the failed attempt, not from the period."""
    ada = await begun(api, start)
    made = await ada.subscribe(await ada.price(2500))
    await ada.card(DECLINES)
    await ada.until(made["items"]["data"][0]["current_period_end"] + HOUR + 1)
    shown = []
    for _ in expected:
        following = (await ada.look(made["id"]))["latest_invoice"]["next_payment_attempt"]
        shown.append(day(following))
        assert following % 60 == 1, "a draft is finalized 3601 seconds after it was made (recorded 2026-09)"
        await ada.until(following)
    assert shown == expected
    ended = await ada.look(made["id"])
    assert (ended["status"], day(ended["ended_at"])) == ("canceled", expected[-1])
