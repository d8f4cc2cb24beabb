"""Webhooks that are lost, late, doubled, overtaken, signed wrongly or stale."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import stripe
from aiohttp import web

from tests.support.receiving import listening

URL = "/_emulator/faults"
SECRET = "whsec_faulty_receiver"


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append((orjson.loads(body)["type"], body, request.headers["Stripe-Signature"]))
        return web.Response()

    def types(self) -> list[str]:
        return [type for type, _, _ in self.got]


@pytest.fixture
async def receiver(api: Any) -> AsyncIterator[Receiver]:
    made = Receiver()
    async with listening(made.handle) as url:
        await api.ok("POST", "/_emulator/endpoints", {"url": f"{url}/hook", "secret": SECRET})
        await api.ok("POST", "/_emulator/clock", {"freeze": True})
        yield made


async def rows(api: Any) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        await api.background.dispatcher.drained(api.key)
    found: list[dict[str, Any]] = (await api.ok("GET", "/_emulator/deliveries"))["data"]
    return found


async def test_dropped(api: Any, receiver: Receiver) -> None:
    rule = await api.ok("POST", URL, {"preset": "webhook_lost", "match": {"type": "customer.*"}, "times": 1})
    await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    await api.ok("POST", "/v1/customers")
    lost, *others = await rows(api)
    assert (lost["status"], lost["request"], lost["fault"]) == ("failed", None, rule["id"])
    assert lost["error"] == f"dropped by the fault {rule['id']}"
    assert receiver.types() == ["product.created", "customer.created"]
    assert [(row["status"], row["fault"]) for row in others] == [("succeeded", None)] * 2
    await api.ok("POST", "/_emulator/clock", {"advance": "1w"})
    assert len(await rows(api)) == 3  # nobody tries again
    again = await api.ok("POST", f"/_emulator/deliveries/{lost['id']}/replay")
    assert (again["status"], again["fault"]) == ("succeeded", rule["id"])


async def test_delayed_on_the_worlds_clock(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", URL, {"action": {"webhook": "delay", "latency": "10m"}, "times": 1})
    await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    late, _ = await rows(api)
    assert receiver.types() == ["product.created"]
    clock = await api.ok("GET", "/_emulator/clock")
    assert (late["status"], late["at"]) == ("pending", clock["now"] + 600)
    await api.ok("POST", "/_emulator/clock", {"advance": "9m"})
    assert len(receiver.got) == 1
    await api.ok("POST", "/_emulator/clock", {"advance": "1m"})
    late, other = await rows(api)
    assert receiver.types() == ["product.created", "customer.created"]
    assert (late["status"], late["order"], other["order"]) == ("succeeded", 2, 1)


async def test_duplicated(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", URL, {"preset": "webhook_twice", "times": 1})
    await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    found = await rows(api)
    assert receiver.types() == ["customer.created", "customer.created", "product.created"]
    assert orjson.loads(receiver.got[0][1])["id"] == orjson.loads(receiver.got[1][1])["id"]
    assert len({row["id"] for row in found}) == 3
    assert sorted(row["order"] for row in found if row["type"] == "customer.created") == [1, 2]


async def test_overtaken(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", URL, {"preset": "webhook_out_of_order", "times": 1})
    customer = await api.ok("POST", "/v1/customers")
    await api.ok("POST", f"/v1/customers/{customer['id']}", {"name": "x"})
    found = await rows(api)
    assert receiver.types() == ["customer.updated", "customer.created"]
    assert [(row["type"], row["order"]) for row in found] == [("customer.created", 2), ("customer.updated", 1)]


async def test_what_nothing_overtakes_is_sent_all_the_same(api: Any, receiver: Receiver) -> None:
    await api.ok("POST", URL, {"preset": "webhook_out_of_order", "times": 1})
    await api.ok("POST", "/v1/customers")
    assert receiver.got == []
    await rows(api)
    assert receiver.types() == ["customer.created"]


@pytest.mark.parametrize(
    "preset,message", [("webhook_forged", "No signatures found"), ("webhook_stale", "Timestamp outside the tolerance")]
)
async def test_wrong_signatures(api: Any, receiver: Receiver, preset: str, message: str) -> None:
    await api.ok("POST", URL, {"preset": preset, "times": 1})
    await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/customers")
    (row, _) = await rows(api)
    _, body, signature = receiver.got[0]
    assert row["request"]["headers"]["Stripe-Signature"] == signature
    with pytest.raises(stripe.SignatureVerificationError, match=message):
        stripe.Webhook.construct_event(body, signature, SECRET)
    _, body, signature = receiver.got[1]
    stripe.Webhook.construct_event(body, signature, SECRET)


async def test_rules_name_endpoints_and_objects(api: Any, receiver: Receiver) -> None:
    other = await api.ok("POST", "/_emulator/endpoints", {"url": "record://other", "secret": SECRET})
    await api.ok("POST", URL, {"match": {"endpoint": other["id"]}, "action": {"webhook": "drop"}})
    customer = await api.ok("POST", "/v1/customers")
    assert [(row["endpoint"] == other["id"], row["status"]) for row in await rows(api)] == [
        (False, "succeeded"),
        (True, "failed"),
    ]
    await api.ok("DELETE", URL)
    await api.ok("POST", URL, {"match": {"object": customer["id"]}, "action": {"webhook": "drop"}})
    await api.ok("POST", "/v1/invoices", {"customer": customer["id"]})
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    await rows(api)
    assert receiver.types()[1:] == ["product.created"]


async def test_what_is_only_recorded_is_disturbed_too(api: Any) -> None:
    await api.ok("POST", "/_emulator/endpoints", {"url": "record://kept", "secret": SECRET})
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    for preset in ("webhook_twice", "webhook_forged", "webhook_lost", "webhook_late"):
        await api.ok("POST", URL, {"preset": preset, "times": 1})
        await api.ok("POST", "/v1/customers", {"name": preset})
        await api.ok("DELETE", URL)
    found = await rows(api)
    told = [(row["status"], row["order"], row["fault"] is None) for row in found]
    assert sorted(told, key=str) == sorted(
        [("recorded", 1, False), ("recorded", 2, False), ("recorded", 3, False), ("failed", None, False), ("pending", None, False)],
        key=str,
    )  # fmt: skip
    await api.ok("POST", "/_emulator/clock", {"advance": "1m"})
    late = next(row for row in await rows(api) if row["order"] == 4)
    assert (late["status"], orjson.loads(late["request"]["body"])["data"]["object"]["name"]) == (
        "recorded",
        "webhook_late",
    )
    forged = next(row for row in found if row["order"] == 3)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            forged["request"]["body"], forged["request"]["headers"]["Stripe-Signature"], SECRET
        )
