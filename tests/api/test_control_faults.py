"""Faults of API calls: what Stripe answers when something is wrong, connections that break, payments that are declined."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
import stripe

URL = "/_emulator/faults"


async def rule(api: Any, **body: Any) -> Any:
    return await api.ok("POST", URL, body)


async def used(api: Any) -> list[int]:
    return [one["used"] for one in (await api.ok("GET", URL))["data"]]


@pytest.mark.parametrize(
    "error,status,type,code,words,header",
    [
        ("rate_limit", 429, "invalid_request_error", "rate_limit", "Testmode request rate limit exceeded", "false"),
        ("lock_timeout", 429, "invalid_request_error", "lock_timeout", "This object cannot be accessed right now", "true"),
        ("api_error", 500, "api_error", None, "An unknown error occurred", "true"),
        ("idempotency_key_in_use", 409, "idempotency_error", "idempotency_key_in_use", "There is currently another", "true"),
        ("card_declined:insufficient_funds", 402, "card_error", "card_declined", "Your card has insufficient funds.", None),
        ("card_declined", 402, "card_error", "card_declined", "Your card was declined.", None),
    ],
)  # fmt: skip
async def test_stripes_own_refusals(
    api: Any, error: str, status: int, type: str, code: str | None, words: str, header: str | None
) -> None:
    made = await rule(api, match={"method": "POST", "path": "/v1/customers"}, action={"error": error}, times=1)
    assert (made["id"], made["left"]) == ("flt_1", 1)
    refused = await api.post("/v1/customers", {"name": "x"})
    assert (refused.status, refused.error["type"], refused.error.get("code")) == (status, type, code)
    assert refused.error["message"].startswith(words)
    assert refused.headers.get("Stripe-Should-Retry") == header
    assert (await api.ok("GET", "/v1/customers"))["data"] == []  # nothing was stored
    assert (await api.post("/v1/customers")).status == 200
    (told,) = (await api.ok("GET", URL))["data"]
    assert (told["seen"], told["used"], told["left"]) == (1, 1, 0)
    (row,) = [one for one in (await api.ok("GET", "/_emulator/requests"))["data"] if one["status"] == status]
    assert row["error"] == (code or type)


async def test_a_refused_call_is_not_remembered_under_its_key(api: Any) -> None:
    await rule(api, preset="outage", times=1)
    headers = {"Idempotency-Key": "once"}
    assert (await api.post("/v1/customers", {"name": "x"}, headers=headers)).status == 500
    assert (await api.post("/v1/customers", {"name": "x"}, headers=headers)).status == 200


@pytest.mark.parametrize(
    "match,hit,missed",
    [
        ({"method": "post"}, ("POST", "/v1/customers"), ("GET", "/v1/customers")),
        ({"path": "/v1/customers/*"}, ("GET", "/v1/customers/cus_1"), ("GET", "/v1/products")),
        ({"path": "/v1/products"}, ("GET", "/v1/products"), ("GET", "/v1/products/prod_1")),
        ({"object": "cus_1"}, ("POST", "/v1/invoices"), ("POST", "/v1/products")),
        ({"object": "cus_1"}, ("GET", "/v1/customers/cus_1"), ("GET", "/v1/customers/cus_2")),
    ],
)
async def test_what_a_rule_matches(
    api: Any, match: dict[str, str], hit: tuple[str, str], missed: tuple[str, str]
) -> None:
    await rule(api, match=match, action={"error": "rate_limit"})
    params = {"customer": "cus_1"} if hit[1] == "/v1/invoices" else None
    assert (await api.call(*hit, params)).status == 429
    assert (await api.call(*missed)).status != 429


async def test_a_rule_may_name_an_idempotency_key_or_an_api_key(api: Any) -> None:
    await rule(api, match={"key": "order-*"}, action={"error": "api_error"})
    assert (await api.post("/v1/customers", headers={"Idempotency-Key": "order-7"})).status == 500
    assert (await api.post("/v1/customers", headers={"Idempotency-Key": "cart-7"})).status == 200
    await api.ok("DELETE", URL)
    await rule(api, match={"key": "rk_test_tests"}, action={"error": "api_error"})
    assert (await api.get("/v1/customers", key="rk_test_tests")).status == 500
    assert (await api.get("/v1/customers")).status == 200
    # the key of another world: the rule is that world's
    await rule(api, match={"key": "sk_test_other"}, action={"error": "rate_limit"})
    assert (await api.get("/v1/customers", key="sk_test_other")).status == 429
    assert len((await api.ok("GET", URL))["data"]) == 1
    assert len((await api.ok("GET", URL, key="sk_test_other"))["data"]) == 1


async def test_the_nth_call_and_times(api: Any) -> None:
    await rule(api, match={"nth": 3}, action={"error": "rate_limit"})
    assert [(await api.get("/v1/customers")).status for _ in range(5)] == [200, 200, 429, 200, 200]
    await api.ok("DELETE", URL)
    await rule(api, match={"nth": 2}, action={"error": "rate_limit"}, times=2)
    assert [(await api.get("/v1/customers")).status for _ in range(5)] == [200, 429, 429, 200, 200]
    await api.ok("DELETE", URL)
    await rule(api, action={"error": "rate_limit"}, **{"for": "80ms"})
    assert (await api.get("/v1/customers")).status == 429
    await asyncio.sleep(0.1)
    assert (await api.get("/v1/customers")).status == 200


async def test_a_seed_repeats_what_chance_did(api: Any) -> None:
    runs = []
    for seed in (7, 7, 8):
        await rule(api, match={"probability": 0.5}, action={"error": "rate_limit"}, seed=seed)
        runs.append([(await api.get("/v1/customers")).status for _ in range(40)])
        await api.ok("DELETE", URL)
    assert runs[0] == runs[1] != runs[2]
    assert 8 < runs[0].count(429) < 32


async def test_rules_are_taken_back_one_by_one_and_with_their_world(api: Any) -> None:
    first = await rule(api, preset="rate_limited")
    second = await rule(api, preset="outage")
    assert (await api.get("/v1/customers")).status == 429
    await api.ok("DELETE", f"{URL}/{first['id']}")
    assert (await api.get("/v1/customers")).status == 500
    assert (await api.call("DELETE", f"{URL}/flt_9")).status == 404
    await api.ok("DELETE", f"{URL}/{second['id']}")
    assert (await api.get("/v1/customers")).status == 200
    assert (await api.space()).faults is None
    await rule(api, preset="outage")
    await api.ok("POST", f"/_emulator/worlds/{api.key}/reset")
    assert (await api.get("/v1/customers")).status == 200


async def test_an_answer_that_is_kept_is_not_given_while_there_is_a_rule(api: Any) -> None:
    for _ in range(3):
        await api.ok("GET", "/v1/customers")
    await rule(api, preset="rate_limited", times=1)
    assert (await api.get("/v1/customers")).status == 429


# ------------------------------------------------------------------------------------------------ time and connections
async def test_latency_holds_the_answer_and_the_idempotency_key(api: Any) -> None:
    await rule(api, match={"method": "POST"}, action={"latency": "150ms"}, times=1)
    loop = asyncio.get_running_loop()
    started = loop.time()
    headers = {"Idempotency-Key": "slow"}
    first = asyncio.create_task(api.post("/v1/customers", headers=headers))
    await asyncio.sleep(0.05)
    second = await api.post("/v1/customers", headers=headers)
    assert (second.status, second.error["code"]) == (409, "idempotency_key_in_use")
    assert (await first).status == 200
    assert loop.time() - started >= 0.15
    assert (await api.post("/v1/customers", headers=headers)).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("how,stored", [("reset_before", 0), ("reset_after", 1)])
async def test_connections_are_reset_before_or_after_the_change(api: Any, how: str, stored: int) -> None:
    await rule(api, match={"method": "POST"}, action={"connection": how}, times=1)
    headers = {"Idempotency-Key": "again"}
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.post("/v1/customers", headers=headers)
    assert len((await api.ok("GET", "/v1/customers"))["data"]) == stored
    again = await api.post("/v1/customers", headers=headers)
    assert again.headers.get("Idempotent-Replayed") == ("true" if stored else None)
    assert len((await api.ok("GET", "/v1/customers"))["data"]) == 1
    rows = (await api.ok("GET", "/_emulator/requests?status=599"))["data"]
    assert [row["error"] for row in rows] == [how]


async def test_a_body_is_truncated(api: Any) -> None:
    await rule(api, preset="truncated_answer", times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await api.post("/v1/customers", {"name": "Ada"})
    assert [one["name"] for one in (await api.ok("GET", "/v1/customers"))["data"]] == ["Ada"]


def test_the_sdk_repeats_what_was_lost(live_server: Any) -> None:
    import requests

    key = "sk_test_faults"
    client = stripe.StripeClient(key, base_addresses={"api": live_server.url}, max_network_retries=2)
    for preset in ("lost_answer", "outage", "lock_timeout", "connection_reset"):
        requests.post(
            f"{live_server.url}{URL}", json={"preset": preset, "times": 1}, timeout=5,
            headers={"Authorization": f"Bearer {key}"},
        ).raise_for_status()  # fmt: skip
        client.v1.customers.create({"name": preset})
    names = [one.name for one in client.v1.customers.list().data]
    assert names == ["connection_reset", "lock_timeout", "outage", "lost_answer"]


# ------------------------------------------------------------------------------------------------ search
async def test_search_lags_behind_writes(api: Any) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    old = await api.ok("POST", "/v1/customers", {"name": "Old", "email": "old@example.com"})
    await api.ok("POST", "/_emulator/clock", {"advance": "1h"})
    await rule(api, action={"search_lag": "1m"})

    async def found(query: str) -> list[str]:
        answer = await api.ok("GET", "/v1/customers/search", {"query": query})
        return [one["name"] for one in answer["data"]]

    assert await found("name:'Old'") == ["Old"]
    await api.ok("POST", f"/v1/customers/{old['id']}", {"name": "New"})
    await api.ok("POST", "/v1/customers", {"name": "Fresh"})
    assert await found("name:'Old'") == ["Old"]
    assert await found("name:'New'") == []
    assert await found("name:'Fresh'") == []
    assert (await api.ok("GET", f"/v1/customers/{old['id']}"))["name"] == "New"  # only search lags
    await api.ok("POST", "/_emulator/clock", {"advance": "2m"})
    assert await found("name:'New'") == ["New"]
    assert await found("name:'Fresh'") == ["Fresh"]
    assert len(api.engine.store.spaces) == 1  # what it was looked up in is gone


# ------------------------------------------------------------------------------------------------ declines
async def test_a_payment_is_declined_for_good(api: Any) -> None:
    await rule(api, preset="insufficient_funds", times=1)
    params = {
        "amount": 1000,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "return_url": "https://x.test",
    }
    refused = await api.post("/v1/payment_intents", params)
    assert (refused.status, refused.error["decline_code"]) == (402, "insufficient_funds")
    intent = await api.ok("GET", f"/v1/payment_intents/{refused.error['payment_intent']['id']}")
    assert intent["status"] == "requires_payment_method"
    assert (await api.ok("GET", f"/v1/charges/{intent['latest_charge']}"))["status"] == "failed"
    assert (await api.post("/v1/payment_intents", params)).status == 200


async def test_the_next_renewal_fails_and_its_retry_does_not(saas: Any) -> None:
    declined = {"match": {"object": "cus_demo"}, "action": {"error": "card_declined:expired_card"}, "times": 1}
    await saas.ok("POST", URL, declined)
    await saas.ok("POST", "/_emulator/clock", {"freeze": True})
    await saas.ok("POST", "/_emulator/clock", {"advance": "1mo"})
    assert await used(saas) == [1]
    (subscription,) = (await saas.ok("GET", "/v1/subscriptions", {"customer": "cus_demo"}))["data"]
    events = (
        await saas.ok("GET", "/_emulator/events?type=invoice.payment_failed,invoice.paid,customer.subscription.*")
    )["data"]
    told = [
        (event["type"], event["data"]["object"]["status"])
        for event in events if event["data"]["object"]["customer"] == "cus_demo"
    ]  # fmt: skip
    assert told == [
        ("customer.subscription.updated", "active"), ("invoice.payment_failed", "open"),
        ("customer.subscription.updated", "past_due"), ("invoice.paid", "paid"), ("customer.subscription.updated", "active"),
    ]  # fmt: skip
    assert subscription["status"] == "active"


async def test_a_setup_and_a_charge_are_declined(api: Any) -> None:
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    await rule(api, match={"object": customer["id"]}, action={"error": "card_declined:lost_card"}, times=2)
    setup = {
        "customer": customer["id"],
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "return_url": "https://x.test",
    }
    assert (await api.post("/v1/setup_intents", setup)).error["decline_code"] == "lost_card"
    charge = {"customer": customer["id"], "amount": 500, "currency": "usd"}
    assert (await api.post("/v1/charges", charge)).error["decline_code"] == "lost_card"
    assert (await api.post("/v1/charges", charge)).status == 200


@pytest.mark.parametrize(
    "body,param,message",
    [
        ({}, "action", "action is missing"),
        ({"rule": {}}, "rule", "unknown: rule"),
        ({"preset": "x"}, "preset", "preset must be one of rate_limited"),
        ({"match": [], "action": {"error": "api_error"}}, "match", "match must be an object"),
        ({"match": {"verb": "GET"}, "action": {"error": "api_error"}}, "match.verb", "unknown: match.verb"),
        ({"match": {"method": "FLY"}, "action": {"error": "api_error"}}, "match.method", "match.method must be one of GET"),
        ({"match": {"path": "customers"}, "action": {"error": "api_error"}}, "match.path", "match.path must be a path"),
        ({"match": {"nth": 0}, "action": {"error": "api_error"}}, "match.nth", "match.nth must be a number from 1"),
        ({"match": {"probability": 2}, "action": {"error": "api_error"}}, "match.probability", "match.probability must be"),
        ({"action": {"error": "boom"}}, "action.error", "action.error must be one of rate_limit"),
        ({"action": {"error": "card_declined:nope"}}, "action.error", "action.error must be card_declined:CODE"),
        ({"action": {"connection": "cut"}}, "action.connection", "action.connection must be one of reset_before"),
        ({"action": {"webhook": "eat"}}, "action.webhook", "action.webhook must be one of drop"),
        ({"action": {"latency": "soon"}}, "action.latency", "not a duration: 'soon'"),
        ({"action": {"latency": "1h"}}, "action.latency", "action.latency must be at most 300 s"),
        ({"action": {"search_lag": "x"}}, "action.search_lag", "not a duration: 'x'"),
        ({"match": {"path": "/v1"}, "action": {"webhook": "drop"}}, "match.path", "match.path must be left out"),
        ({"match": {"type": "invoice.*"}, "action": {"error": "api_error"}}, "match.type", "match.type must be left out"),
        ({"action": {"error": "api_error", "connection": "truncate"}}, "action.connection", "action.connection must be left"),
        ({"action": {"error": "api_error"}, "times": 0}, "times", "times must be a number from 1"),
        ({"action": {"error": "api_error"}, "seed": []}, "seed", "seed must be a text or a number"),
    ],
)  # fmt: skip
async def test_rules_that_cannot_be(api: Any, body: Any, param: str, message: str) -> None:
    refused = await api.post(URL, body)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert refused.error["message"].startswith(message)
    assert (await api.space()).faults is None


async def test_every_preset_is_a_rule(api: Any) -> None:
    for one in (await api.ok("GET", URL + "/presets"))["data"]:
        made = await rule(api, preset=one["preset"], times=2)
        assert (made["action"], made["left"], made["preset"]) == (one["action"], 2, one["preset"])
    kinds = {name for one in (await api.ok("GET", URL))["data"] for name in one["action"]}
    assert kinds == {"error", "latency", "connection", "search_lag", "webhook"}
