"""Deliveries over real sockets: order, retries, records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
import stripe
from aiohttp import web

from emulator.webhooks import outbox
from emulator.webhooks.dispatcher import Dispatcher
from emulator.webhooks.endpoints import SECRETS
from emulator.webhooks.faulty import Verdict
from tests.unit.webhooks.conftest import endpoint

SPACE = "sk_test_unit"
Settle = Callable[[], Awaitable[None]]


async def test_a_delivery_is_signed_sent_and_recorded(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    rows = await home.commit("customer.created")
    assert (await home.get("event", rows[0]["event"]))["pending_webhooks"] == 1
    dispatcher.enqueue(SPACE, rows)
    await settle()

    (got,) = receiver.got
    assert got.path == "/hook"
    assert {
        name: got.headers[name] for name in ("Content-Type", "User-Agent", "Accept", "Cache-Control", "Accept-Encoding")
    } == {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Accept-Encoding": "gzip",
    }
    event = stripe.Webhook.construct_event(got.body, got.headers["Stripe-Signature"], "whsec_unit")
    assert (event.type, event.api_version) == ("customer.created", "newest")
    assert got.body.startswith(b'{\n  "id": "evt_')

    (row,) = await home.rows()
    assert (row["status"], row["attempt"], row["error"], row["at"]) == ("succeeded", 1, None, 1_800_000_000)
    assert row["request"]["headers"]["Stripe-Signature"] == got.headers["Stripe-Signature"]
    assert row["request"]["body"].encode() == got.body
    assert row["response"]["status"] == 200
    assert row["response"]["body"] == "thanks"
    assert row["response"]["headers"]["X-Seen"] == "yes"
    assert isinstance(row["latency_ms"], int)
    assert (await home.get("event", row["event"]))["pending_webhooks"] == 0


async def test_one_endpoint_gets_events_in_order_while_another_is_slow(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    await home.put("webhook_endpoint", endpoint("we_2", receiver.url + "/other"))
    receiver.next(200, after=0.2)
    rows = await home.commit(*[f"customer.{n}" for n in range(20)])
    dispatcher.enqueue(SPACE, rows)
    await settle()
    for path in ("/hook", "/other"):
        got = [orjson.loads(one.body)["type"] for one in receiver.got if one.path == path]
        assert got == [f"customer.{n}" for n in range(20)]
    assert receiver.most_under_way == 2  # one of each endpoint, never two of one


@pytest.mark.parametrize("status", [199 + 1, 204, 299])
async def test_any_2xx_is_a_success(
    status: int, home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    receiver.next(status)
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    assert [row["status"] for row in await home.rows()] == ["succeeded"]


async def test_a_redirect_is_a_failure_and_is_not_followed(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    receiver.next(302, headers={"Location": "/elsewhere"})
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    assert [one.path for one in receiver.got] == ["/hook"]
    assert (await home.rows())[0]["error"] == "the receiver answered 302"


async def test_failed_attempts_are_planned_again_three_times(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    for _ in range(4):
        receiver.next(500, text="no")
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    for attempt, wait in ((2, 60), (3, 600), (4, 6000)):
        rows = await home.rows()
        planned = rows[-1]
        assert (planned["attempt"], planned["status"], planned["due"]) == (attempt, "pending", home.clock.now() + wait)
        assert await home.store.next_due(SPACE, None) == (planned["due"], outbox.KIND, planned["id"])
        dispatcher.enqueue(SPACE, [planned])  # not yet: it is planned, not released
        assert dispatcher.idle(SPACE)
        home.clock.advance_to(planned["due"])
        released = {**planned, "due": None}
        await home.put(outbox.KIND, released)
        dispatcher.enqueue(SPACE, [released])
        await settle()
    rows = await home.rows()
    assert [(row["attempt"], row["status"]) for row in rows] == [
        (1, "failed"),
        (2, "failed"),
        (3, "failed"),
        (4, "failed"),
    ]
    assert len({row["request"]["headers"]["Stripe-Signature"] for row in rows}) >= 1
    assert rows[0]["response"] == {**rows[0]["response"], "status": 500, "body": "no"}
    assert home.heard == [SPACE] * 3
    assert (await home.get("event", rows[0]["event"]))["pending_webhooks"] == 1


async def test_nobody_listens(home: Any, dispatcher: Dispatcher, settle: Settle, unused_tcp_port: int) -> None:
    await home.put("webhook_endpoint", endpoint("we_1", f"http://127.0.0.1:{unused_tcp_port}/"))
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    row = (await home.rows())[0]
    assert row["status"] == "failed"
    assert row["response"] is None
    assert "Cannot connect" in row["error"]


async def test_a_receiver_that_does_not_answer_in_time(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    receiver.next(200, after=2)
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    row = (await home.rows())[0]
    assert (row["status"], row["error"]) == ("failed", "no answer within 0.5 s")
    assert row["latency_ms"] >= 500


async def test_of_a_long_answer_the_start_is_kept(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    receiver.next(200, body=b"x" * 1_000_000)
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    assert len((await home.rows())[0]["response"]["body"]) == 65_536


async def test_disabled_or_deleted_endpoints_get_nothing_more(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    first = await home.commit("customer.created")
    await home.put("webhook_endpoint", endpoint("we_1", receiver.url, status="disabled"))
    dispatcher.enqueue(SPACE, first)
    await settle()
    async with home.begin(SPACE) as unit:
        unit.put("webhook_endpoint", endpoint("we_1", receiver.url))
        await unit.commit()
    second = await home.commit("customer.updated")
    async with home.begin(SPACE) as unit:
        unit.remove("webhook_endpoint", "we_1")
        await unit.commit()
    dispatcher.enqueue(SPACE, second)
    await settle()
    assert receiver.got == []
    assert [(row["status"], row["error"]) for row in await home.rows()] == [
        ("failed", "the endpoint is disabled"),
        ("failed", "the endpoint was deleted"),
    ]


async def test_record_only_endpoints_keep_what_would_have_been_sent(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    await home.put("webhook_endpoint", endpoint("we_1", "record://kept", api_version="2025-09-30.clover"))
    rows = await home.commit("customer.created", "customer.updated")
    assert (await home.get("event", rows[0]["event"]))["pending_webhooks"] == 0
    dispatcher.enqueue(SPACE, rows)
    await dispatcher.fill(SPACE)
    for row in await home.rows():
        assert row["status"] == "recorded"
        assert row["response"] is None
        signature = row["request"]["headers"]["Stripe-Signature"]
        event = stripe.Webhook.construct_event(row["request"]["body"], signature, "whsec_unit")
        assert event.api_version == "2025-09-30.clover"
    await settle()
    assert receiver.got == []


async def test_replay_makes_a_further_attempt_and_counts_down_once(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    await home.put("webhook_endpoint", endpoint("we_2", receiver.url + "/other"))
    rows = await home.commit("customer.created")
    dispatcher.enqueue(SPACE, rows)
    await settle()
    again = await dispatcher.replay(SPACE, rows[0]["id"])
    assert again is not None
    assert (again["attempt"], again["status"], again["automatic"]) == (2, "succeeded", False)
    assert again["id"] != rows[0]["id"]
    assert len(set(receiver.ids())) == 1
    assert len(receiver.got) == 3
    assert (await home.get("event", again["event"]))["pending_webhooks"] == 0
    assert await dispatcher.replay(SPACE, "dlv_unknown") is None
    receiver.next(500)
    failed = await dispatcher.replay(SPACE, again["id"])
    assert failed is not None
    assert (failed["attempt"], failed["status"]) == (3, "failed")
    assert len(await home.rows()) == 4  # a failed replay plans nothing


async def test_what_an_earlier_process_left_is_taken_up(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    rows = await home.commit("customer.created", "customer.updated")
    await dispatcher.recover(SPACE)
    await settle()
    assert receiver.ids() == [row["event"] for row in rows]


async def test_a_dropped_world_stops_nobody(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle, caplog: pytest.LogCaptureFixture
) -> None:
    rows = await home.commit("customer.created")
    with caplog.at_level(logging.ERROR):
        dispatcher.enqueue("gone", rows)
        dispatcher.enqueue(SPACE, rows)
        await settle()
    assert len(receiver.got) == 1
    assert caplog.records == []


async def test_rows_cleared_under_way_stay_cleared(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    async def clear(_: web.Request) -> web.StreamResponse:
        async with home.begin(SPACE) as unit:
            for row in await home.rows():
                unit.remove(outbox.KIND, row["id"])
            await unit.commit()
        return web.Response()

    receiver.answers.append(clear)
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    assert await home.rows() == []


async def test_stopping_leaves_what_was_not_sent_pending(home: Any, dispatcher: Dispatcher, receiver: Any) -> None:
    receiver.next(200, after=5)
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await asyncio.sleep(0.05)
    await dispatcher.stop()
    assert [row["status"] for row in await home.rows()] == ["pending"]


async def test_the_secret_is_read_where_it_lives(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    await home.put(SECRETS, {"id": "we_1", "secret": "whsec_rolled"})
    dispatcher.enqueue(SPACE, await home.commit("customer.created"))
    await settle()
    stripe.Webhook.construct_event(receiver.got[0].body, receiver.got[0].headers["Stripe-Signature"], "whsec_rolled")


async def test_what_a_test_wants_happens_on_the_way(
    home: Any, dispatcher: Dispatcher, receiver: Any, settle: Settle
) -> None:
    home.verdicts = [Verdict("flt_1", "drop"), Verdict("flt_2", "delay", 60), Verdict("flt_3", "duplicate"), None]
    dispatcher.enqueue(
        SPACE, await home.commit("customer.created", "customer.updated", "invoice.paid", "invoice.created")
    )
    await settle()
    types = [orjson.loads(one.body)["type"] for one in receiver.got]
    assert types == ["invoice.paid", "invoice.paid", "invoice.created"]
    rows = sorted(await home.rows(), key=lambda row: row["order"] or 0)
    assert [(row["type"], row["status"], row["fault"], row["order"], row["due"]) for row in rows] == [
        ("customer.created", "failed", "flt_1", None, None),
        ("customer.updated", "pending", "flt_2", None, 1_800_000_060),
        ("invoice.paid", "succeeded", "flt_3", 1, None),
        ("invoice.paid", "succeeded", "flt_3", 2, None),
        ("invoice.created", "succeeded", None, 3, None),
    ]
    assert home.records == 5  # those who wait for deliveries hear of every one, of those too that never left
    assert home.heard == [SPACE, SPACE]
