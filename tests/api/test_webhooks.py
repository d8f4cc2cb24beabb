"""Webhook endpoints and deliveries, through the API and over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import stripe
from aiohttp import web

from emulator.app import build
from emulator.config import Config
from tests.support.client import Api
from tests.support.receiving import listening

URL = "https://example.com/hook"


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.arrived = asyncio.Event()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        self.arrived.set()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    def types(self) -> list[str]:
        return [orjson.loads(body)["type"] for _, body in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with listening(made.handle) as url:
        made.url = f"{url}/hook"
        yield made


async def settled(api: Any) -> list[dict[str, Any]]:
    """Wait until nothing is under way, then return the deliveries."""
    async with asyncio.timeout(10):
        await api.background.dispatcher.drained(api.key)
    rows: list[dict[str, Any]] = (await api.ok("GET", "/_emulator/deliveries"))["data"]
    return rows


async def test_the_secret_is_shown_once(api: Any) -> None:
    made = await api.ok("POST", "/v1/webhook_endpoints", {"url": URL, "enabled_events": ["*"], "metadata": {"a": "b"}})
    assert made["id"].startswith("we_")
    assert made["secret"].startswith("whsec_")
    assert len(made["secret"]) == 38
    assert {name: made[name] for name in ("status", "api_version", "application", "description", "livemode")} == {
        "status": "enabled", "api_version": None, "application": None, "description": None, "livemode": False,
    }  # fmt: skip
    for answer in (
        await api.ok("GET", f"/v1/webhook_endpoints/{made['id']}"),
        await api.ok("POST", f"/v1/webhook_endpoints/{made['id']}", {"description": "mine"}),
        (await api.ok("GET", "/v1/webhook_endpoints"))["data"][0],
    ):
        assert "secret" not in answer
        assert answer["url"] == URL
        assert answer["metadata"] == {"a": "b"}


async def test_update_and_delete(api: Any) -> None:
    id = (await api.ok("POST", "/v1/webhook_endpoints", {"url": URL, "enabled_events": ["customer.created"]}))["id"]
    changed = await api.ok(
        "POST",
        f"/v1/webhook_endpoints/{id}",
        {"disabled": True, "url": "http://localhost:9/x", "enabled_events": ["*"]},
    )
    assert (changed["status"], changed["url"], changed["enabled_events"]) == ("disabled", "http://localhost:9/x", ["*"])
    assert (await api.ok("POST", f"/v1/webhook_endpoints/{id}", {"disabled": False}))["status"] == "enabled"
    gone = await api.ok("DELETE", f"/v1/webhook_endpoints/{id}")
    assert gone == {"id": id, "object": "webhook_endpoint", "deleted": True}
    answer = await api.get(f"/v1/webhook_endpoints/{id}")
    assert (answer.status, answer.error["message"]) == (404, f"No such webhook endpoint: '{id}'")


@pytest.mark.parametrize(
    "url,message",
    [
        ("example.com/hook", "Invalid URL: An explicit scheme (such as https) must be provided."),
        ("://example.com", "Invalid URL: An explicit scheme (such as https) must be provided."),
        ("ftp://example.com", "Not a valid URL"),
        ("http://", "Not a valid URL"),
        ("http://exa mple.com", "Not a valid URL"),
        ("http://example.com:99999/", "Not a valid URL"),
        ("http://[::1", "Not a valid URL"),
    ],
)
async def test_urls_are_checked(api: Any, url: str, message: str) -> None:
    answer = await api.post("/v1/webhook_endpoints", {"url": url, "enabled_events": ["*"]})
    assert answer.status == 400
    assert (answer.error["message"], answer.error["code"], answer.error["param"]) == (message, "url_invalid", "url")
    id = (await api.ok("POST", "/v1/webhook_endpoints", {"url": URL, "enabled_events": ["*"]}))["id"]
    answer = await api.post(f"/v1/webhook_endpoints/{id}", {"url": url})
    assert answer.error["message"] == message


async def test_unknown_events_and_missing_parameters(api: Any) -> None:
    answer = await api.post("/v1/webhook_endpoints", {"url": URL, "enabled_events": ["customer.flew"]})
    assert answer.status == 400
    assert answer.error["param"] == "enabled_events[0]"
    assert answer.error["message"].startswith("Invalid enabled_events[0]: must be one of ")
    answer = await api.post("/v1/webhook_endpoints", {"url": URL})
    assert answer.error["message"] == "Missing required param: enabled_events."


async def test_sixteen_and_no_more(api: Any) -> None:
    for number in range(16):
        await api.ok("POST", "/v1/webhook_endpoints", {"url": f"{URL}/{number}", "enabled_events": ["*"]})
    answer = await api.post("/v1/webhook_endpoints", {"url": URL, "enabled_events": ["*"]})
    assert (answer.status, answer.error["message"]) == (
        400,
        "You have reached the maximum of 16 test webhook endpoints.",
    )


async def test_events_are_delivered_signed_and_on_record(api: Any, receiver: Receiver) -> None:
    endpoint = await api.ok(
        "POST",
        "/v1/webhook_endpoints",
        {"url": receiver.url, "enabled_events": ["customer.created", "customer.deleted"]},
    )
    customer = await api.ok("POST", "/v1/customers", {"name": "Zoë"})
    await api.ok("POST", f"/v1/customers/{customer['id']}", {"name": "Zoë B."})
    await api.ok("DELETE", f"/v1/customers/{customer['id']}")
    rows = await settled(api)
    assert receiver.types() == ["customer.created", "customer.deleted"]
    for headers, body in receiver.got:
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint["secret"])
    first = orjson.loads(receiver.got[0][1])
    assert first["data"]["object"] == customer
    assert (first["pending_webhooks"], first["api_version"]) == (1, "2026-10-28.endive")
    assert [(row["type"], row["status"], row["attempt"], row["endpoint"]) for row in rows] == [
        ("customer.created", "succeeded", 1, endpoint["id"]),
        ("customer.deleted", "succeeded", 1, endpoint["id"]),
    ]
    assert set(rows[0]) == {
        "id", "event", "type", "endpoint", "url", "attempt", "status", "at", "latency_ms", "request", "response", "error",
        "order", "fault",
    }  # fmt: skip
    assert rows[0]["request"]["body"].encode() == receiver.got[0][1]
    assert rows[0]["response"]["status"] == 200
    event = await api.ok("GET", f"/v1/events/{first['id']}")
    assert event["pending_webhooks"] == 0


async def test_the_signature_is_of_real_time_whatever_the_worlds_clock_says(api: Any, receiver: Receiver) -> None:
    endpoint = await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    await api.freeze(1_600_000_000)
    await api.ok("POST", "/v1/customers")
    await settled(api)
    headers, body = receiver.got[0]
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint["secret"])
    assert event.created == 1_600_000_000


async def test_an_endpoint_of_an_older_version_gets_its_shape(api: Any, receiver: Receiver) -> None:
    await api.ok(
        "POST", "/v1/webhook_endpoints",
        {"url": receiver.url, "enabled_events": ["*"], "api_version": "2025-09-30.clover"},
    )  # fmt: skip
    await api.ok("POST", "/v1/customers")
    await settled(api)
    assert orjson.loads(receiver.got[0][1])["api_version"] == "2025-09-30.clover"


async def test_a_disabled_endpoint_gets_nothing(api: Any, receiver: Receiver) -> None:
    endpoint = await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    await api.ok("POST", f"/v1/webhook_endpoints/{endpoint['id']}", {"disabled": True})
    await api.ok("POST", "/v1/customers")
    assert await settled(api) == []
    await api.ok("POST", f"/v1/webhook_endpoints/{endpoint['id']}", {"disabled": False})
    await api.ok("POST", "/v1/customers")
    assert [row["status"] for row in await settled(api)] == ["succeeded"]


async def test_what_failed_is_tried_again_when_its_time_comes(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})  # the control key is the same world
    await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    receiver.statuses = [500, 503]
    await api.ok("POST", "/v1/customers")
    rows = await settled(api)
    assert [(row["attempt"], row["status"]) for row in rows] == [(1, "failed"), (2, "pending")]
    start = rows[0]["at"]
    assert rows[1]["at"] == start + 600
    clock = await api.ok("GET", "/_emulator/clock")
    assert {"at": start + 600, "object": rows[1]["id"], "what": "delivery"} in clock["next"]
    await api.ok("POST", "/_emulator/clock", {"advance": 599})
    assert len(receiver.got) == 1
    await api.ok("POST", "/_emulator/clock", {"advance": 1})
    rows = await settled(api)
    assert [(row["attempt"], row["status"]) for row in rows] == [(1, "failed"), (2, "failed"), (3, "pending")]
    await api.ok("POST", "/_emulator/clock", {"advance": "1h"})
    rows = await settled(api)
    assert [row["status"] for row in rows] == ["failed", "failed", "succeeded"]
    assert len({body for _, body in receiver.got}) == 1


async def test_what_fails_while_the_clock_is_moved_is_tried_again_all_the_same(api: Any) -> None:
    asked, moved, statuses = asyncio.Event(), asyncio.Event(), [500]

    async def handle(_: web.Request) -> web.Response:
        asked.set()
        await moved.wait()
        return web.Response(status=statuses.pop() if statuses else 200)

    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    async with listening(handle) as url:
        await api.ok("POST", "/v1/webhook_endpoints", {"url": url, "enabled_events": ["*"]})
        await api.ok("POST", "/v1/customers")
        await asked.wait()
        await api.ok("POST", "/_emulator/clock", {"advance": "1d"})
        moved.set()
        found = await api.ok("GET", "/_emulator/deliveries/wait?status=succeeded&timeout=5")
    assert [(row["attempt"], row["status"]) for row in found["data"]] == [(2, "succeeded")]


async def test_retries_can_be_set(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", "/_emulator/settings", {"webhook_retries": ["5m"]})
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    receiver.statuses = [500, 500]
    await api.ok("POST", "/v1/customers")
    await settled(api)
    await api.ok("POST", "/_emulator/clock", {"advance": "5m"})
    assert [row["status"] for row in await settled(api)] == ["failed", "failed"]


async def test_record_only_endpoints(api: Any) -> None:
    endpoint = await api.ok("POST", "/v1/webhook_endpoints", {"url": "record://mine", "enabled_events": ["*"]})
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    (row,) = (await api.ok("GET", "/_emulator/deliveries"))["data"]
    assert (row["status"], row["response"], row["url"]) == ("recorded", None, "record://mine")
    event = stripe.Webhook.construct_event(
        row["request"]["body"], row["request"]["headers"]["Stripe-Signature"], endpoint["secret"]
    )
    assert event.data.object["id"] == customer["id"]
    assert event.pending_webhooks == 0


async def test_deliveries_can_be_filtered_replayed_and_cleared(api: Any, receiver: Receiver) -> None:
    hook = await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    await api.ok("POST", "/v1/webhook_endpoints", {"url": "record://mine", "enabled_events": ["*"]})
    one = await api.ok("POST", "/v1/customers")
    await api.ok("POST", f"/v1/customers/{one['id']}", {"name": "x"})
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    rows = await settled(api)

    async def ids(query: str) -> list[str]:
        return [row["id"] for row in (await api.ok("GET", f"/_emulator/deliveries?{query}"))["data"]]

    assert len(rows) == 6
    assert await ids("type=customer.*") == [row["id"] for row in rows if row["type"].startswith("customer.")]
    assert await ids(f"object={one['id']}&type=customer.updated&status=recorded") == [
        row["id"] for row in rows if row["type"] == "customer.updated" and row["status"] == "recorded"
    ]
    assert await ids(f"endpoint={hook['id']}") == [row["id"] for row in rows if row["endpoint"] == hook["id"]]
    assert await ids(f"event={rows[0]['event']}") == [row["id"] for row in rows if row["event"] == rows[0]["event"]]
    page = await api.ok("GET", "/_emulator/deliveries?limit=2")
    assert (len(page["data"]), page["has_more"]) == (2, True)
    sent = next(row for row in rows if row["endpoint"] == hook["id"])
    again = await api.ok("POST", f"/_emulator/deliveries/{sent['id']}/replay")
    assert (again["attempt"], again["status"], again["event"]) == (2, "succeeded", sent["event"])
    assert len(receiver.got) == 4
    assert receiver.got[3][0]["Stripe-Signature"]
    assert (await api.post("/_emulator/deliveries/dlv_x/replay")).status == 404
    assert (await api.get("/_emulator/deliveries?status=lost")).status == 400
    assert await api.ok("DELETE", "/_emulator/deliveries") == {}
    assert await settled(api) == []


async def test_the_servers_own_endpoint_is_in_every_new_world_once(aiohttp_client: Any) -> None:
    client = await aiohttp_client(build(Config(webhook="record://all", webhook_secret="whsec_shared")))
    for key in ("sk_test_one", "sk_test_two"):
        api = Api(client, key)
        await api.ok("POST", "/v1/customers")
        (endpoint,) = (await api.ok("GET", "/v1/webhook_endpoints"))["data"]
        assert (endpoint["url"], endpoint["enabled_events"]) == ("record://all", ["*"])
        (row,) = (await api.ok("GET", "/_emulator/deliveries"))["data"]
        stripe.Webhook.construct_event(
            row["request"]["body"], row["request"]["headers"]["Stripe-Signature"], "whsec_shared"
        )
        document = await api.ok("GET", f"/_emulator/worlds/{key}/export")
        async with client.post("/_emulator/worlds", json={"key": key, "document": document}) as answer:
            assert answer.status == 200
        assert len((await api.ok("GET", "/v1/webhook_endpoints"))["data"]) == 1


async def test_a_refused_call_delivers_nothing(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", "/v1/webhook_endpoints", {"url": receiver.url, "enabled_events": ["*"]})
    answer = await api.post("/v1/customers", {"name": "x", "payment_method": "pm_missing"})
    assert answer.status == 400
    assert await settled(api) == []
    assert receiver.got == []
