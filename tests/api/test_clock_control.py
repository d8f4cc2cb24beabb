"""The server's clock, moved through the control API, and what happens by itself meanwhile."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest


async def clock(api: Any, body: Any = None, status: int = 200) -> Any:
    method = "GET" if body is None else "POST"
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.client.request(method, "/_emulator/clock", json=body, headers=headers) as answer:
        content = await answer.json()
        assert answer.status == status, content
        return content


async def test_it_runs_with_the_systems_time_at_first(api: Any) -> None:
    told = await clock(api)
    assert told["mode"] == "real"
    assert abs(told["now"] - time.time()) < 3
    assert told["next"] == []


async def test_frozen_and_stepped(api: Any) -> None:
    start = (await clock(api, {"freeze": True}))["now"]
    await asyncio.sleep(1.1)
    assert (await clock(api))["now"] == start
    assert (await api.ok("POST", "/v1/customers"))["created"] == start
    assert await clock(api, {"advance": "5m"}) == {"now": start + 300, "mode": "frozen", "next": []}
    assert (await clock(api, {"advance": 30}))["now"] == start + 330
    assert (await clock(api, {"advance_to": start + 1000}))["now"] == start + 1000
    assert (await clock(api, {"freeze": start + 2000}))["now"] == start + 2000
    assert (await api.ok("POST", "/v1/customers"))["created"] == start + 2000


async def test_offset_runs_on(api: Any) -> None:
    told = await clock(api, {"advance": "30d"})
    assert told["mode"] == "offset"
    assert 30 * 86_400 - 3 < told["now"] - time.time() < 30 * 86_400 + 3


async def test_calendar_steps(api: Any) -> None:
    await clock(api, {"freeze": 1_800_000_000})  # 2027-01-15
    assert (await clock(api, {"advance": "1mo"}))["now"] == 1_800_000_000 + 31 * 86_400
    assert (await clock(api, {"advance": "1y"}))["now"] == 1_800_000_000 + (31 + 365) * 86_400


async def test_time_does_not_go_back_while_objects_exist(api: Any) -> None:
    assert (await clock(api, {"freeze": 1_600_000_000}))["now"] == 1_600_000_000  # nothing but the account is there
    assert (await clock(api, {"advance_to": 1_500_000_000}))["now"] == 1_500_000_000
    await api.ok("POST", "/v1/customers")
    for body in ({"freeze": 1_400_000_000}, {"advance_to": 1_499_999_999}):
        content = await clock(api, body, 409)
        assert content["error"]["message"].startswith("time does not go back while objects exist")
    assert (await clock(api))["now"] == 1_500_000_000
    told = await clock(api, {"real": True})
    assert told["mode"] == "real"
    await clock(api, {"advance": "1d"})
    await clock(api, {"real": True}, 409)


@pytest.mark.parametrize(
    "body,message",
    [
        ({}, "give exactly one of"),
        ({"freeze": True, "real": True}, "give exactly one of"),
        ({"freeze": False}, "freeze must be true"),
        ({"freeze": "now"}, "freeze must be a time in unix seconds"),
        ({"advance": "soon"}, "not a duration: 'soon'"),
        ({"advance": -5}, "not a duration: -5"),
        ({"advance": "9999y"}, "a time must lie between 1970"),
        ({"advance_to": True}, "advance_to must be a time"),
        ({"advance_to": -1}, "advance_to must be a time"),
        ({"advance_to": 10**12}, "advance_to must be a time"),
        ({"real": False}, "real must be true"),
        ({"jump": 5}, "unknown: jump"),
    ],
)
async def test_moves_of_the_clock_that_are_refused(api: Any, body: Any, message: str) -> None:
    content = await clock(api, body, 400)
    assert content["error"]["message"].startswith(message)


async def test_what_is_due_happens_at_its_own_instant(saas: Any) -> None:
    told = await clock(saas, {"freeze": True})
    coming = [row for row in told["next"] if row["at"] <= told["now"] + 62 * 86_400]
    assert {"at", "object", "what"} == set(coming[0])
    assert [row["at"] for row in told["next"]] == sorted(row["at"] for row in told["next"])
    await clock(saas, {"advance": "62d"})
    events = await saas.happened()
    assert events
    instants = [event["created"] for event in events]
    assert instants == sorted(instants)
    assert coming[0]["at"] in instants


async def test_a_running_clock_keeps_its_appointments(api: Any) -> None:
    await clock(api, {"advance": "1h"})
    await api.ok("POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:1/", "enabled_events": ["*"]})
    (await api.space()).settings["webhook_retries"] = [1, 1]
    await api.ok("POST", "/v1/customers")
    async with asyncio.timeout(10):
        while len((await api.ok("GET", "/_emulator/deliveries?status=failed"))["data"]) < 3:  # noqa: ASYNC110 - asked as a user would
            await asyncio.sleep(0.05)


async def test_each_world_has_a_clock_of_its_own(api: Any) -> None:
    await clock(api, {"freeze": 1_900_000_000})
    made = await api.ok("POST", "/v1/customers", key="sk_test_other")
    assert abs(made["created"] - time.time()) < 3
