"""The official command line's wire: sessions, events over a websocket, resends (facts stripe-listen)."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from emulator import API_VERSION
from emulator.webhooks import listeners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientWebSocketResponse

    from tests.support.client import Api

ACACIA = "2025-02-24.acacia"
FORWARD = "http://127.0.0.1:4242/hook"


class Line:
    """A connected listener: acknowledges as the command line does, and answers what it is told to."""

    def __init__(self, api: Api, session: dict[str, Any], socket: ClientWebSocketResponse) -> None:
        self.api = api
        self.session = session
        self.socket = socket
        self.closed = False

    async def next(self, *, ack: bool = True, status: int | None = None, body: str = "ok") -> dict[str, Any]:
        """Return the next event of the account's own version; its twin of the newest one is passed over."""
        got: dict[str, Any] = orjson.loads((await self.socket.receive(timeout=5)).data)
        assert got["endpoint"] == {"api_version": None}
        twin = orjson.loads((await self.socket.receive(timeout=5)).data)
        assert twin["endpoint"] == {"api_version": API_VERSION}
        assert twin["webhook_id"] == got["webhook_id"]
        assert twin["webhook_conversation_id"] != got["webhook_conversation_id"]
        self.twin = twin
        if ack:
            for one in (got, twin):
                await self.say(one, "event_ack", event_id=one["webhook_id"])
        if status is not None:
            await self.say(got, "webhook_response", status=status, body=body, http_headers={"X-App": "1"})
        return {**got, "event": orjson.loads(got["event_payload"])}

    async def say(self, about: dict[str, Any], kind: str, **more: Any) -> None:
        conversation = about["webhook_conversation_id"]
        await self.socket.send_json({"type": kind, "webhook_conversation_id": conversation, **more})

    async def close(self) -> None:
        await self.socket.close()


async def session(api: Api, **more: str) -> dict[str, Any]:
    params = {"device_name": "desk", "websocket_features[]": "webhooks", **more}
    answer = await api.client.post(
        "/v1/stripecli/sessions", data=params, headers={"Authorization": f"Bearer {api.key}"}
    )
    assert answer.status == 200
    promised: dict[str, Any] = await answer.json()
    return promised


async def connect(api: Api, promised: dict[str, Any]) -> Line:
    path = (
        "/"
        + promised["websocket_url"].split("/", 3)[3]
        + "?websocket_feature="
        + promised["websocket_authorized_feature"]
    )
    headers = {"Websocket-Id": promised["websocket_id"]}
    socket = await api.client.ws_connect(path, protocols=("stripecli-devproxy-v1",), headers=headers)
    assert socket.protocol == "stripecli-devproxy-v1"
    return Line(api, promised, socket)


@pytest.fixture
async def line(api: Api) -> AsyncIterator[Line]:
    connected = await connect(api, await session(api, forward_to_url=FORWARD))
    yield connected
    await connected.close()


async def deliveries(api: Api, count: int = 1) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        await api.background.dispatcher.drained(api.key)
    rows: list[dict[str, Any]] = (await api.ok("GET", "/_emulator/deliveries"))["data"]
    assert len(rows) == count
    return rows


async def test_what_a_session_promises(api: Api) -> None:
    promised = await session(api)
    assert {name: promised[name] for name in ("default_version", "latest_version", "websocket_authorized_feature")} == {
        "default_version": API_VERSION, "latest_version": API_VERSION, "websocket_authorized_feature": "webhooks",
    }  # fmt: skip
    assert promised["websocket_url"].startswith("ws://127.0.0.1:")
    assert promised["display_connect_filter_warning"] is False
    assert promised["reconnect_delay"] > 0
    assert promised["secret"].startswith("whsec_")
    again = await session(api)
    assert again["secret"] == promised["secret"], "a program keeps the secret in its settings"
    assert again["websocket_id"] != promised["websocket_id"]
    assert (await session(api, device_name="other"))["secret"] != promised["secret"]
    assert (await api.get("/_emulator/requests")).json["data"][-1]["path"] == "/v1/stripecli/sessions"


@pytest.mark.parametrize(
    ("key", "params", "status", "param"),
    [
        (None, {"device_name": "desk"}, 401, None),
        ("sk_nothing", {"device_name": "desk"}, 401, None),
        ("pk_test_tests", {"device_name": "desk"}, 403, None),
        ("sk_test_tests", {}, 400, "device_name"),
        ("sk_test_tests", {"device_name[x]": "desk"}, 400, "device_name"),
        ("sk_test_tests", {"device_name": "desk", "websocket_features[]": "gossip"}, 400, "websocket_features"),
        ("sk_test_tests", {"device_name": "desk", "filters": "[1]"}, 400, "filters"),
        ("sk_test_tests", {"device_name": "desk", "filters": "{"}, 400, "filters"),
    ],
)
async def test_refused_sessions(
    api: Api, key: str | None, params: dict[str, str], status: int, param: str | None
) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = await api.client.post("/v1/stripecli/sessions", data=params, headers=headers)
    assert answer.status == status
    assert (await answer.json())["error"].get("param") == param


async def test_an_unknown_socket_sends_the_listener_back(api: Api) -> None:
    for headers in ({}, {"Websocket-Id": "cli_other"}):
        answer = await api.client.get("/v1/stripecli/subscribe", headers=headers)
        assert answer.status == 404
        assert (await answer.json())["error"]["message"] == "Unknown WebSocket ID."


async def test_events_come_signed_and_in_order(api: Api, line: Line) -> None:
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    await api.ok("POST", f"/v1/customers/{customer['id']}", {"name": "Eve"})
    first = await line.next(status=200)
    second = await line.next(status=500, body="no")
    assert [first["event"]["type"], second["event"]["type"]] == ["customer.created", "customer.updated"]
    assert first["event"]["data"]["object"]["name"] == "Ada"
    assert first["event"]["pending_webhooks"] == 1
    for one in (first, line.twin):
        parts = dict(part.split("=", 1) for part in one["http_headers"]["Stripe-Signature"].split(","))
        signed = f"{parts['t']}.{one['event_payload']}".encode()
        assert parts["v1"] == hmac.new(line.session["secret"].encode(), signed, "sha256").hexdigest()
    good, bad = await deliveries(api, 2)
    assert [good["status"], bad["status"]] == ["succeeded", "failed"]
    assert good["url"] == FORWARD
    assert good["endpoint"] == line.session["websocket_id"]
    assert good["response"] == {"status": 200, "headers": {"X-App": "1"}, "body": "ok"}
    assert good["request"]["body"] == first["event_payload"]
    assert bad["error"] == "the receiver answered 500"
    assert bad["response"]["body"] == "no"
    assert (await api.get(f"/v1/events/{first['event']['id']}")).json["pending_webhooks"] == 0
    await api.advance("1d")
    await deliveries(api, 2)  # a failure is not tried again


async def test_an_event_that_is_not_forwarded_is_taken_all_the_same(api: Api, line: Line) -> None:
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    got = await line.next()
    row = (await deliveries(api))[0]
    assert (row["status"], row["response"]) == ("succeeded", None)
    await line.say(got, "webhook_response", status=503, body="late", http_headers={})

    async def amended() -> bool:
        return bool((await deliveries(api))[0]["status"] == "failed")

    assert await api.background.until(await api.space(), amended, 5)
    assert (await deliveries(api))[0]["response"]["body"] == "late"


async def test_an_older_default_version(api: Api, line: Line) -> None:
    await api.ok("POST", "/_emulator/settings", {"default_api_version": ACACIA})
    await api.ok("POST", "/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    await line.next(status=200)
    code = {"promotion[type]": "coupon", "promotion[coupon]": "TEN", "code": "X"}
    await api.ok("POST", "/v1/promotion_codes", code, headers={"Stripe-Version": API_VERSION})
    got = await line.next(status=200)
    assert got["event"]["api_version"] == ACACIA
    assert "coupon" in got["event"]["data"]["object"]
    newest = orjson.loads(line.twin["event_payload"])
    assert newest["api_version"] == API_VERSION
    assert "coupon" not in newest["data"]["object"]


async def test_odd_words_are_passed_over(api: Api, line: Line) -> None:
    for words in ("no json", "[]", '{"type": "event_ack"}', '{"type": "event_ack", "webhook_conversation_id": 7}'):
        await line.socket.send_str(words)
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    got = await line.next()
    await line.say(got, "webhook_response", status="fine")
    assert (await deliveries(api))[0]["error"] == "the listener told no status"


async def test_a_listener_that_comes_back_misses_nothing(api: Api, line: Line) -> None:
    await line.close()
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    again = await connect(api, line.session)
    assert (await again.next(status=200))["event"]["type"] == "customer.created"
    assert (await deliveries(api))[0]["status"] == "succeeded"
    await again.close()


async def test_a_listener_that_is_gone_is_forgotten(api: Api, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "ABSENCE", 0.05)
    await line.close()
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    assert (await deliveries(api))[0]["error"] == "the listener is gone"
    await asyncio.sleep(0.06)
    await api.ok("POST", "/v1/customers", {"name": "Eve"})
    await deliveries(api)
    answer = await api.client.get("/v1/stripecli/subscribe", headers={"Websocket-Id": line.session["websocket_id"]})
    assert answer.status == 404


async def test_listeners_hear_their_own_account_only(api: Api, line: Line) -> None:
    await api.ok("POST", "/v1/customers", {"name": "Mallory"}, key="sk_test_others")
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    assert (await line.next(status=200))["event"]["data"]["object"]["name"] == "Ada"


async def test_events_of_connected_accounts(api: Api) -> None:
    promised = await session(api, forward_to_url=FORWARD, forward_connect_to_url=FORWARD + "/connect")
    line = await connect(api, promised)
    account = await api.ok("POST", "/v1/accounts", {"type": "standard"})
    await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers={"Stripe-Account": account["id"]})
    got = await line.next(status=200)
    assert (got["event"]["type"], got["event"]["account"]) == ("customer.created", account["id"])
    await line.close()


async def test_resend(api: Api, line: Line) -> None:
    hook = await api.ok("POST", "/v1/webhook_endpoints", {"url": "record://app", "enabled_events": ["*"]})
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    event = (await line.next(status=200))["event"]
    await deliveries(api, 2)
    answered = await api.ok("POST", f"/v1/events/{event['id']}/retry", {"for_stripecli": "true"})
    assert answered["id"] == event["id"]
    assert (await line.next(status=200))["event"]["id"] == event["id"]
    assert [row["url"] for row in await deliveries(api, 3)][2] == FORWARD
    await api.ok("POST", f"/v1/events/{event['id']}/retry", {"webhook_endpoint": hook["id"]})
    assert [row["url"] for row in await deliveries(api, 4)][3] == "record://app"
    await api.ok("POST", f"/v1/events/{event['id']}/retry")
    await line.next(status=200)
    await deliveries(api, 6)
    answer = await api.post("/v1/events/evt_none/retry", {"for_stripecli": "true"})
    assert (answer.status, answer.error["code"]) == (404, "resource_missing")
    answer = await api.post(f"/v1/events/{event['id']}/retry", {"webhook_endpoint": "we_none"})
    assert (answer.status, answer.error["param"]) == (400, "webhook_endpoint")
    await deliveries(api, 6)


async def test_replay_by_the_control_api(api: Api, line: Line) -> None:
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    await line.next(status=500)
    row = (await deliveries(api))[0]
    replayed = asyncio.create_task(api.ok("POST", f"/_emulator/deliveries/{row['id']}/replay"))
    await line.next(status=200)
    assert (await replayed)["status"] == "succeeded"
    assert [one["attempt"] for one in await deliveries(api, 2)] == [1, 2]
