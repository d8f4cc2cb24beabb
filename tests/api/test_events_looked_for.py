"""Events that nobody waits for are made by whoever looks first: they tell what was so then, whenever that is."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.app import build
from emulator.config import Config
from tests.support.client import Api

CARD = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
FIRST = [
    "customer.subscription.created",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_succeeded",
    "payment_intent.succeeded",
]


async def subscribed(api: Api) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a subscription and its price."""
    terms = {
        "currency": "usd",
        "unit_amount": 500,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Team"},
    }
    price = await api.ok("POST", "/v1/prices", terms)
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada", **CARD})
    wanted = {"customer": customer["id"], "items": [{"price": price["id"]}]}
    return await api.ok("POST", "/v1/subscriptions", wanted), price


async def told(api: Api, type: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = (await api.ok("GET", "/v1/events", {"type": type}))["data"]
    assert len(found) == 1
    return found[0]


async def test_an_event_shows_what_was_so_then(api: Api) -> None:
    made, price = await subscribed(api)
    await api.ok("POST", f"/v1/prices/{price['id']}", {"nickname": "later", "active": False})
    await api.ok("POST", f"/v1/customers/{made['customer']}", {"name": "Grace"})
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    await api.ok("DELETE", f"/v1/customers/{made['customer']}")
    event = await told(api, "customer.subscription.created")
    assert event["data"]["object"] == made
    assert event["data"]["object"]["items"]["data"][0]["price"]["nickname"] is None
    assert (await told(api, "customer.created"))["data"]["object"]["name"] == "Ada"
    draft, final = [(await told(api, f"invoice.{name}"))["data"]["object"] for name in ("created", "finalized")]
    assert (draft["status"], draft["number"], final["status"]) == ("draft", None, "open")


async def test_an_event_has_the_instant_and_the_request_of_its_write(aiohttp_client: Any) -> None:
    api = Api(await aiohttp_client(build(Config(frozen_at=1_800_000_000))))
    answer = await api.post("/v1/customers", {"name": "Ada"}, headers={"Idempotency-Key": "once"})
    await api.ok("POST", "/_emulator/clock", {"advance": "3d"})
    event = await told(api, "customer.created")
    assert event["created"] == 1_800_000_000
    assert event["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "once"}


async def test_looking_changes_no_id(aiohttp_client: Any) -> None:
    """In a server with a seed, what is made after a look is what is made without it."""
    made = []
    for looks in (0, 1, 3):
        api = Api(await aiohttp_client(build(Config(seed="seed", frozen_at=1_800_000_000))))
        first, _ = await subscribed(api)
        for _ in range(looks):
            await api.ok("GET", "/v1/events")
        second, _ = await subscribed(api)
        events = (await api.ok("GET", "/v1/events", {"limit": 100}))["data"]
        made.append((first, second, events))
    assert [one[:2] for one in made[1:]] == [made[0][:2]] * 2
    names = [[(event["id"], event["type"]) for event in events] for *_, events in made]
    assert names[1:] == [names[0]] * 2


@pytest.mark.parametrize("ways", [1, 3])
async def test_every_event_is_made_once_and_in_order(api: Api, ways: int) -> None:
    before = len((await api.ok("GET", "/v1/events", {"limit": 100}))["data"])
    for number in range(ways):
        await subscribed(api)
        if number == 1:  # from here on somebody waits for them
            await api.ok("POST", "/v1/webhook_endpoints", {"url": "record://here", "enabled_events": ["*"]})
    events = (await api.ok("GET", "/v1/events", {"limit": 100}))["data"][::-1][before:]
    assert len({event["id"] for event in events}) == len(events)
    begun = [place for place, event in enumerate(events) if event["type"] == "product.created"]
    each = [
        [event["type"] for event in events[place:end]]
        for place, end in zip(begun, [*begun[1:], len(events)], strict=True)
    ]
    assert len(each) == ways
    assert each == [each[0]] * ways
    assert set(FIRST) <= set(each[0])
