"""Who hears of what happens on connected accounts, and how often deliveries are tried in live mode (facts billing 9.3)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson
import stripe

from emulator.webhooks import retries
from tests.api.test_webhooks import Receiver, receiver

if TYPE_CHECKING:
    from tests.support.client import Api

__all__ = ["receiver"]
ENDPOINTS = "/v1/webhook_endpoints"


async def seller(api: Api) -> dict[str, str]:
    """Make a connected account; returns the header that acts on it."""
    return {"Stripe-Account": (await api.ok("POST", "/v1/accounts", {"type": "standard"}))["id"]}


async def settled(api: Api, headers: dict[str, str]) -> None:
    await api.background.dispatcher.drained(f"{api.key}/{headers['Stripe-Account']}")
    await api.background.dispatcher.drained(api.key)


async def test_connect_endpoints_hear_of_connected_accounts(api: Api, receiver: Receiver) -> None:
    headers = await seller(api)
    events = {"enabled_events": ["customer.created"]}
    plain = await api.ok("POST", ENDPOINTS, {"url": f"{receiver.url}?plain", **events})
    connect = await api.ok("POST", ENDPOINTS, {"url": f"{receiver.url}?connect", "connect": True, **events})
    ada = await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    await settled(api, headers)
    ((sent, body),) = receiver.got
    event = orjson.loads(body)
    assert (event["account"], event["data"]["object"]["id"]) == (headers["Stripe-Account"], ada["id"])
    stripe.Webhook.construct_event(body, sent["Stripe-Signature"], connect["secret"])
    kept = await api.ok("GET", f"/v1/events/{event['id']}", headers=headers)
    assert (event["pending_webhooks"], kept["pending_webhooks"]) == (1, 0)
    # Its own customers are told to the plain one alone.
    receiver.got.clear()
    await api.ok("POST", "/v1/customers", {"name": "Grace"})
    await settled(api, headers)
    ((sent, body),) = receiver.got
    assert "account" not in orjson.loads(body)
    stripe.Webhook.construct_event(body, sent["Stripe-Signature"], plain["secret"])


async def test_an_account_has_endpoints_of_its_own(api: Api, receiver: Receiver) -> None:
    headers = await seller(api)
    own = await api.ok("POST", ENDPOINTS, {"url": receiver.url, "enabled_events": ["*"]}, headers=headers)
    await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    await api.ok("POST", "/v1/customers", {"name": "Grace"})
    await settled(api, headers)
    assert receiver.types() == ["customer.created"]
    stripe.Webhook.construct_event(receiver.got[0][1], receiver.got[0][0]["Stripe-Signature"], own["secret"])


async def test_what_is_disabled_or_deleted_at_the_platform_gets_nothing_more(api: Api, receiver: Receiver) -> None:
    headers = await seller(api)
    wish: dict[str, Any] = {"url": receiver.url, "connect": True, "enabled_events": ["*"]}
    made = await api.ok("POST", ENDPOINTS, wish)
    receiver.statuses = [500]
    await api.freeze(1_790_000_000)
    await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    await settled(api, headers)
    await api.ok("POST", f"{ENDPOINTS}/{made['id']}", {"disabled": True})
    await api.ok("POST", "/v1/customers", {"name": "Grace"}, headers=headers)
    there = await api.engine.connected(await api.space(), headers["Stripe-Account"])
    assert there is not None
    await api.background.advance(there, there.clock.now() + 86_400)  # past the next attempt
    await settled(api, headers)
    assert len(receiver.got) == 1
    await api.ok("POST", f"{ENDPOINTS}/{made['id']}", {"disabled": False})
    await api.ok("POST", "/v1/customers", {"name": "Linus"}, headers=headers)
    await settled(api, headers)
    assert len(receiver.got) == 2


def test_live_mode_tries_for_three_days() -> None:
    live = retries.delays({}, livemode=True)
    assert 2 * 86_400 < sum(live) <= 3 * 86_400
    assert all(later == 2 * before for before, later in pairwise(live))
    assert len(retries.delays({})) == 3


async def test_a_live_delivery_is_planned_by_the_hours_of_live_mode(api: Api, receiver: Receiver) -> None:
    key = "sk_live_tests"
    await api.ok("POST", ENDPOINTS, {"url": receiver.url, "enabled_events": ["*"]}, key=key)
    receiver.statuses = [500]
    await api.ok("POST", "/v1/customers", {"name": "Ada"}, key=key)
    await api.background.dispatcher.drained(key)
    rows = (await api.ok("GET", "/_emulator/deliveries", key=key))["data"]
    assert [row["at"] - rows[0]["at"] for row in rows] == [0, retries.LIVE_DELAYS[0]]
