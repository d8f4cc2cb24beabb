"""Every fault that has a name acts as often as it is told, and then no more; the same seed gives the same run again."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from emulator.app import build
from emulator.config import Config
from emulator.control.fault_presets import PRESETS
from tests.support.client import Api

URL = "/_emulator/faults"
# What a call sees: the status of a refusal, or how the connection ends.
OF_CALLS: dict[str, int | type[Exception]] = {
    "rate_limited": 429, "lock_timeout": 429, "outage": 500, "key_in_flight": 409, "card_declined": 402, "insufficient_funds": 402,
    "expired_card": 402, "connection_reset": aiohttp.ClientConnectionError, "lost_answer": aiohttp.ClientConnectionError,
    "truncated_answer": aiohttp.ClientPayloadError,
}  # fmt: skip
OF_WEBHOOKS = {
    "webhook_lost": "failed", "webhook_late": "pending", "webhook_twice": "recorded", "webhook_out_of_order": "recorded",
    "webhook_forged": "recorded", "webhook_stale": "recorded",
}  # fmt: skip


def test_every_preset_is_shown_here() -> None:
    assert {*OF_CALLS, *OF_WEBHOOKS, "slow", "search_lag"} == set(PRESETS)


async def outcome(api: Api) -> int | type[Exception]:
    """Return how a charge ends."""
    try:
        return (await api.post("/v1/charges", {"amount": 900, "currency": "usd", "source": "tok_visa"})).status
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as broken:
        kinds = (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)
        return next(kind for kind in kinds if isinstance(broken, kind))


@pytest.mark.parametrize("preset", OF_CALLS)
async def test_a_call_fails_twice_and_then_does_not(api: Api, preset: str) -> None:
    await api.ok("POST", URL, {"preset": preset, "times": 2})
    assert [await outcome(api) for _ in range(4)] == [OF_CALLS[preset], OF_CALLS[preset], 200, 200]
    (rule,) = (await api.ok("GET", URL))["data"]
    assert (rule["used"], rule["left"]) == (2, 0)


async def test_slow_is_slow_twice(api: Api) -> None:
    await api.ok("POST", URL, {"preset": "slow", "action": {"latency": "120ms"}, "times": 2})
    took = []
    for _ in range(3):
        started = time.perf_counter()
        await api.ok("GET", "/v1/customers")
        took.append(time.perf_counter() - started >= 0.12)
    assert took == [True, True, False]


async def test_search_lags_twice(api: Api) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    await api.ok("POST", URL, {"preset": "search_lag", "times": 2})
    await api.ok("POST", "/v1/customers", {"name": "Fresh"})
    found = [len((await api.ok("GET", "/v1/customers/search", {"query": "name:'Fresh'"}))["data"]) for _ in range(3)]
    assert found == [0, 0, 1]


@pytest.mark.parametrize("preset", OF_WEBHOOKS)
async def test_webhooks_are_disturbed_twice(api: Api, preset: str) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    rule = await api.ok("POST", URL, {"preset": preset, "times": 2})
    for number in range(4):
        await api.ok("POST", "/v1/products", {"name": f"Cup {number}"})
    async with asyncio.timeout(5):
        await api.background.dispatcher.drained(api.key)
    rows = (await api.ok("GET", "/_emulator/deliveries"))["data"]
    first: dict[str, Any] = {}
    for row in rows:
        first.setdefault(row["event"], row)
    assert [row["fault"] for row in first.values()] == [rule["id"], rule["id"], None, None]
    assert [row["status"] for row in first.values()] == [OF_WEBHOOKS[preset]] * 2 + ["recorded"] * 2


async def test_the_same_seed_gives_the_same_run(aiohttp_client: Any) -> None:
    """Ids, links, chance and the deliveries' disturbances: everything but the time that is measured."""

    async def run(seed: str) -> Any:
        api = Api(await aiohttp_client(build(Config(world="saas", seed=seed, frozen_at=1_800_000_000))))
        await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
        await api.ok("POST", URL, {"match": {"probability": 0.5}, "action": {"error": "api_error"}})
        await api.ok("POST", URL, {"match": {"probability": 0.5}, "action": {"webhook": "drop"}})
        ended = [(await api.post("/v1/customers", {"name": str(number)})).status for number in range(20)]
        await api.ok("DELETE", URL)
        session = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": "cus_demo"})
        await api.background.dispatcher.drained(api.key)
        seen = [
            (row["id"], row["event"], row["status"]) for row in (await api.ok("GET", "/_emulator/deliveries"))["data"]
        ]
        path = session["url"].partition("/p/session/")[2]
        return ended, path, (await api.ok("GET", "/v1/customers", {"limit": 100}))["data"], seen

    one, again, other = await run("7"), await run("7"), await run("8")
    assert one == again
    assert {200, 500} == set(one[0])
    assert {status for _, _, status in one[3]} == {"recorded", "failed"}
    assert one[1] != other[1]
    assert [row["id"] for row in one[2]] != [row["id"] for row in other[2]]
