"""Meters: what they count, what they refuse, and what their summaries say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

NOW = 1_790_000_040  # a whole minute
DAY, HOUR = 86_400, 3600
MIDNIGHT = NOW // DAY * DAY
METERS, EVENTS = "/v1/billing/meters", "/v1/billing/meter_events"


@pytest.fixture
async def customer(api: Api) -> str:
    await api.freeze(NOW)
    return str((await api.ok("POST", "/v1/customers", {"name": "Ada"}))["id"])


async def made(api: Api, formula: str = "sum", **more: Any) -> Any:
    wish = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": formula}, **more}
    return await api.ok("POST", METERS, wish)


async def used(api: Api, customer: str, value: Any = 1, **more: Any) -> Any:
    payload = {"stripe_customer_id": customer, "value": value}
    return await api.ok("POST", EVENTS, {"event_name": "calls", "payload": payload, **more})


async def summaries(api: Api, meter: Any, customer: str, start: int, end: int, **more: Any) -> list[tuple[int, Any]]:
    wish = {"customer": customer, "start_time": start, "end_time": end, **more}
    page = await api.ok("GET", f"{METERS}/{meter['id']}/event_summaries", wish)
    return [(one["start_time"], one["aggregated_value"]) for one in page["data"]]


async def test_a_meter_and_its_life(api: Api, customer: str) -> None:
    del customer
    meter = await made(api)
    assert meter["id"].startswith("mtr_")
    assert meter["status"] == "active"
    assert meter["customer_mapping"] == {"event_payload_key": "stripe_customer_id", "type": "by_id"}
    assert meter["value_settings"] == {"event_payload_key": "value"}
    assert meter["created"] == meter["updated"] == NOW
    path = f"{METERS}/{meter['id']}"
    assert (await api.ok("POST", path, {"display_name": "More"}))["display_name"] == "More"
    stopped = await api.ok("POST", f"{path}/deactivate")
    assert stopped["status"] == "inactive"
    assert stopped["status_transitions"] == {"deactivated_at": NOW}
    assert (await api.post(f"{path}/deactivate")).status == 400
    assert [one["id"] for one in (await api.ok("GET", METERS, {"status": "inactive"}))["data"]] == [meter["id"]]
    again = await api.ok("POST", f"{path}/reactivate")
    assert again["status_transitions"] == {"deactivated_at": None}
    assert (await api.post(f"{path}/reactivate")).status == 400
    events = await api.events()
    assert "billing.meter.created" in events
    assert "billing.meter.deactivated" in events
    assert "billing.meter.reactivated" in events


async def test_an_event_name_is_one_active_meters(api: Api, customer: str) -> None:
    del customer
    first = await made(api)
    wish = {"display_name": "Other", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    assert (await api.post(METERS, wish)).error["param"] == "event_name"
    await api.ok("POST", f"{METERS}/{first['id']}/deactivate")
    await made(api)
    assert (await api.post(f"{METERS}/{first['id']}/reactivate")).error["param"] == "event_name"


@pytest.mark.parametrize(("formula", "value"), [("sum", 8.5), ("count", 3), ("last", 2)])
async def test_formulas(api: Api, customer: str, formula: str, value: float) -> None:
    meter = await made(api, formula)
    await used(api, customer, 2, timestamp=NOW - 60)
    await used(api, customer, "2.5", timestamp=NOW - 180)
    await used(api, customer, 4, timestamp=NOW - 120)
    await used(api, customer, 100, timestamp=NOW - DAY)
    assert await summaries(api, meter, customer, NOW - HOUR, NOW) == [(NOW - HOUR, value)]


async def test_ranges_are_half_open_and_of_one_customer(api: Api, customer: str) -> None:
    meter = await made(api)
    other = (await api.ok("POST", "/v1/customers"))["id"]
    await used(api, other, 50, timestamp=NOW - 60)
    await used(api, customer, 1, timestamp=NOW - 120)
    await used(api, customer, 2, timestamp=NOW - 60)
    assert await summaries(api, meter, customer, NOW - 120, NOW - 60) == [(NOW - 120, 1)]
    assert await summaries(api, meter, customer, NOW - 60, NOW) == [(NOW - 60, 2)]
    assert await summaries(api, meter, customer, NOW - 240, NOW - 180) == [(NOW - 240, 0)]


async def test_summaries_by_hour_and_day(api: Api, customer: str) -> None:
    meter = await made(api)
    for ago in (0, 1, 25):
        await used(api, customer, 1, timestamp=MIDNIGHT + HOUR - ago * HOUR)
    since, until = MIDNIGHT - 2 * DAY, MIDNIGHT + DAY
    days = await summaries(api, meter, customer, since, until, value_grouping_window="day")
    assert days == [(MIDNIGHT, 2), (MIDNIGHT - DAY, 1)]
    hours = await summaries(api, meter, customer, since, until, value_grouping_window="hour")
    assert hours == [(MIDNIGHT + HOUR, 1), (MIDNIGHT, 1), (MIDNIGHT - DAY, 1)]
    first = await api.ok("GET", f"{METERS}/{meter['id']}/event_summaries", {
        "customer": customer, "start_time": since, "end_time": until, "value_grouping_window": "day", "limit": 1,
    })  # fmt: skip
    assert first["has_more"] is True
    rest = await summaries(
        api, meter, customer, since, until, value_grouping_window="day", starting_after=first["data"][0]["id"]
    )
    assert rest == days[1:]


async def test_summaries_refuse_times_between_boundaries(api: Api, customer: str) -> None:
    meter = await made(api)
    path = f"{METERS}/{meter['id']}/event_summaries"
    for start, end, window in ((NOW + 1, NOW + 60, None), (MIDNIGHT, NOW, "hour"), (NOW, NOW, None)):
        wish = {"customer": customer, "start_time": start, "end_time": end}
        answer = await api.get(path, {**wish, "value_grouping_window": window} if window else wish)
        assert answer.status == 400
    assert (await api.get(path, {"customer": "cus_no", "start_time": NOW, "end_time": NOW + 60})).status == 400


async def test_events_that_are_refused(api: Api, customer: str) -> None:
    meter = await made(api)
    good = {"stripe_customer_id": customer, "value": 1}
    await used(api, customer, identifier="once")
    for wish in (
        {"event_name": "nothing", "payload": good},
        {"payload": good, "identifier": "once"},
        {"payload": good, "timestamp": NOW - 35 * DAY - 1},
        {"payload": good, "timestamp": NOW + 301},
        {"payload": {"value": 1}},
        {"payload": {"stripe_customer_id": "cus_none", "value": 1}},
        {"payload": {"stripe_customer_id": customer}},
        {"payload": {"stripe_customer_id": customer, "value": "many"}},
        {"payload": {"stripe_customer_id": customer, "value": "NaN"}},
        {"payload": {"stripe_customer_id": customer, "value": "1e9"}},
    ):
        assert (await api.post(EVENTS, {"event_name": "calls", **wish})).status == 400, wish
    assert await summaries(api, meter, customer, NOW - 60, NOW + 60) == [(NOW - 60, 1)]


async def test_the_edges_of_the_time_window(api: Api, customer: str) -> None:
    await made(api)
    assert (await used(api, customer, timestamp=NOW - 35 * DAY))["timestamp"] == NOW - 35 * DAY
    assert (await used(api, customer, timestamp=NOW + 300))["created"] == NOW


async def test_an_identifier_is_free_again_after_a_day(api: Api, customer: str) -> None:
    meter = await made(api)
    await used(api, customer, 1, identifier="once")
    await api.advance(DAY)
    await used(api, customer, 2, identifier="once")
    assert await summaries(api, meter, customer, NOW - 60, NOW + DAY + 60) == [(NOW - 60, 3)]


async def test_an_event_is_taken_back(api: Api, customer: str) -> None:
    meter = await made(api)
    await used(api, customer, 1, identifier="good")
    await used(api, customer, 2, identifier="bad")
    wish = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "bad"}}
    adjustment = await api.ok("POST", "/v1/billing/meter_event_adjustments", wish)
    assert adjustment["status"] == "pending"
    assert adjustment["cancel"] == {"identifier": "bad"}
    assert await summaries(api, meter, customer, NOW - 60, NOW + 60) == [(NOW - 60, 1)]
    path = "/v1/billing/meter_event_adjustments"
    assert (await api.post(path, wish)).status == 400
    assert (await api.post(path, {"event_name": "calls", "type": "cancel"})).error["param"] == "cancel[identifier]"
    await api.advance(DAY + 1)
    assert (await api.post(path, {**wish, "cancel": {"identifier": "good"}})).status == 400


async def test_other_payload_keys(api: Api, customer: str) -> None:
    meter = await made(
        api, customer_mapping={"event_payload_key": "who", "type": "by_id"}, value_settings={"event_payload_key": "n"}
    )
    await api.ok("POST", EVENTS, {"event_name": "calls", "payload": {"who": customer, "n": 7}})
    assert await summaries(api, meter, customer, NOW - 60, NOW + 60) == [(NOW - 60, 7)]


async def test_the_second_version_of_the_calls(api: Api, customer: str) -> None:
    meter = await made(api)
    payload = {"stripe_customer_id": customer, "value": "3"}
    wish = {"event_name": "calls", "payload": payload, "identifier": "two", "timestamp": "2026-09-21T14:13:00.000Z"}
    event = await api.ok("POST", "/v2/billing/meter_events", wish)
    assert event["object"] == "v2.billing.meter_event"
    assert event["timestamp"] == "2026-09-21T14:13:00.000Z"
    assert (await api.post("/v2/billing/meter_events", wish)).error["code"] == "duplicate_meter_event"
    assert await summaries(api, meter, customer, NOW - 3600, NOW + 60) == [(NOW - 3600, 3)]
    cancel = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "two"}}
    assert (await api.ok("POST", "/v2/billing/meter_event_adjustments", cancel))["status"] == "pending"
    await api.ok("POST", f"{METERS}/{meter['id']}/deactivate")
    assert (await api.post("/v2/billing/meter_events", {**wish, "identifier": "x"})).error["code"] == "archived_meter"


async def test_events_of_a_customer_on_a_test_clock_follow_it(api: Api, customer: str) -> None:
    del customer
    clock = (await api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": NOW - 300 * DAY}))["id"]
    other = (await api.ok("POST", "/v1/customers", {"test_clock": clock}))["id"]
    await made(api)
    assert (await used(api, other))["timestamp"] == NOW - 300 * DAY
