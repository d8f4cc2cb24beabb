"""Expectations over HTTP, waiting for deliveries, sending events again, filters by time."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
import stripe

URL = "/_emulator/expectations"


async def expect(api: Any, **body: Any) -> Any:
    return await api.ok("POST", URL, body)


async def test_events_are_expected_in_order(api: Any) -> None:
    customer = await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    first = (await api.happened())[0]["id"]
    told = await expect(api, exactly=["customer.created", "product.created"])
    assert told == {
        "met": True, "diff": None,
        "came": [
            {"type": "customer.created", "object": customer["id"], "note": None},
            {"type": "product.created", "object": told["came"][1]["object"], "note": None},
        ],
    }  # fmt: skip
    assert (await expect(api, contains=["product.*"], since=first))["met"]
    assert (await expect(api, exactly=["customer.created"], object=customer["id"]))["met"]
    assert (await expect(api, any_order=["product.created", "customer.created"]))["met"]
    failed = await expect(api, contains=["product.created", "customer.created"], within=0.05)
    assert failed["met"] is False
    assert "  - customer.created  <- did not come" in failed["diff"].splitlines()
    assert (await expect(api, none_of=["product.created"]))["met"] is False
    assert (await expect(api, none_of=["invoice.*"]))["met"]


async def test_it_waits_and_gives_up_as_soon_as_it_can(api: Any) -> None:
    loop = asyncio.get_running_loop()
    waiting = asyncio.create_task(expect(api, contains=["customer.created", "product.created"]))
    await api.ok("POST", "/v1/customers")
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    assert (await waiting)["met"]
    started = loop.time()
    assert (await expect(api, exactly=["product.created"], within=30))["met"] is False
    assert loop.time() - started < 2
    watching = asyncio.create_task(expect(api, none_of=["coupon.created"], within=0.3))
    await asyncio.sleep(0.1)
    await api.ok("POST", "/v1/coupons", {"percent_off": 10, "duration": "once"})
    assert (await watching)["met"] is False


async def test_deliveries_are_expected_as_they_arrived(api: Any) -> None:
    await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    await api.ok("POST", "/_emulator/faults", {"preset": "webhook_out_of_order", "times": 1})
    await api.ok("POST", "/v1/customers")
    mark = (await api.happened())[-1]["id"]
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    assert (await expect(api, exactly=["customer.created", "product.created"]))["met"]
    told = await expect(api, of="deliveries", exactly=["product.created", "customer.created"])
    assert told["met"], told["diff"]
    assert told["came"][1]["note"] == "fault flt_1"
    assert (await expect(api, of="deliveries", exactly=["product.created"], since=mark, endpoint="record://a"))["met"]
    assert (await expect(api, of="deliveries", exactly=[], endpoint="record://b"))["met"]


@pytest.mark.parametrize(
    "body,param",
    [
        ({}, "exactly"),
        ({"exactly": "customer.created"}, "exactly"),
        ({"exactly": [], "contains": []}, "exactly"),
        ({"exactly": [], "of": "mail"}, "of"),
        ({"exactly": [], "endpoint": "we_1"}, "endpoint"),
        ({"exactly": [], "within": 61}, "within"),
        ({"exactly": [], "since": "evt_x"}, "since"),
        ({"exactly": [], "nope": 1}, "nope"),
    ],
)
async def test_expectations_that_cannot_be(api: Any, body: Any, param: str) -> None:
    refused = await api.post(URL, body)
    assert (refused.status, refused.error["param"]) == (404 if param == "since" else 400, param)


async def test_waiting_for_deliveries(api: Any) -> None:
    await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    waiting = asyncio.create_task(api.ok("GET", "/_emulator/deliveries/wait?type=customer.*&count=2"))
    customer = await api.ok("POST", "/v1/customers")
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await api.ok("DELETE", f"/v1/customers/{customer['id']}")
    assert [row["type"] for row in (await waiting)["data"]] == ["customer.created", "customer.deleted"]
    late = await api.get("/_emulator/deliveries/wait?type=invoice.*&timeout=0.05")
    assert (late.status, late.error["message"]) == (408, "no delivery came within 0.05 s: type=invoice.*")


async def test_an_event_is_sent_again(api: Any) -> None:
    await api.ok("POST", "/v1/customers")
    (event,) = await api.happened()
    assert (await api.ok("POST", f"/_emulator/events/{event['id']}/resend"))["data"] == []
    first = await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    await api.ok(
        "POST", "/_emulator/endpoints", {"url": "record://b", "secret": "whsec_a", "enabled_events": ["invoice.paid"]}
    )
    (row,) = (await api.ok("POST", f"/_emulator/events/{event['id']}/resend"))["data"]
    assert (row["endpoint"], row["status"]) == (first["id"], "recorded")
    assert orjson.loads(row["request"]["body"])["id"] == event["id"]
    assert (
        len((await api.ok("POST", f"/_emulator/events/{event['id']}/resend", {"endpoint": first["id"]}))["data"]) == 1
    )
    assert (await api.post("/_emulator/events/evt_x/resend")).status == 404
    assert (await api.post(f"/_emulator/events/{event['id']}/resend", {"endpoint": "we_x"})).status == 404


async def test_endpoints_of_a_test(api: Any) -> None:
    made = await api.ok("POST", "/_emulator/endpoints", {
        "url": "record://a", "secret": "whsec_a", "enabled_events": ["customer.created"], "api_version": "2025-09-30.clover",
    })  # fmt: skip
    assert (made["secret"], made["enabled_events"], made["api_version"]) == (
        "whsec_a",
        ["customer.created"],
        "2025-09-30.clover",
    )
    again = await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_b"})
    assert (again["id"], again["enabled_events"], again["secret"]) == (made["id"], ["*"], "whsec_b")
    assert len((await api.ok("GET", "/v1/webhook_endpoints"))["data"]) == 1
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    (row,) = (await api.ok("GET", "/_emulator/deliveries/wait"))["data"]
    stripe.Webhook.construct_event(row["request"]["body"], row["request"]["headers"]["Stripe-Signature"], "whsec_b")
    for body, param in (
        ({"secret": "x"}, "url"),
        ({"url": "record://a"}, "secret"),
        ({"url": "ftp://a", "secret": "x"}, "url"),
        ({"url": "record://c", "secret": "x", "enabled_events": ["no.such"]}, "enabled_events[0]"),
        ({"url": "record://c", "secret": "x", "enabled_events": ["*", "no.*"]}, "enabled_events[1]"),
        ({"url": "record://c", "secret": "x", "enabled_events": []}, "enabled_events"),
    ):
        refused = await api.post("/_emulator/endpoints", body)
        assert (refused.status, refused.error["param"]) == (400, param)


async def test_an_endpoint_of_families(api: Any) -> None:
    wish = {"url": "record://a", "secret": "whsec_a", "enabled_events": ["customer.tax_id.*", "product.created"]}
    made = await api.ok("POST", "/_emulator/endpoints", wish)
    kinds = [f"customer.tax_id.{what}" for what in ("created", "deleted", "updated")]
    assert made["enabled_events"] == [*kinds, "product.created"]
    refused = await api.post("/_emulator/endpoints", {**wish, "enabled_events": ["customer.creatde"]})
    assert refused.error["message"] == (
        "enabled_events[0] must be an event type, a family such as customer.*, or *, not 'customer.creatde'"
    )
    assert refused.error["hint"] == "did you mean customer.created?"


async def test_filters_by_time_type_and_the_latest(api: Any) -> None:
    start = 1_800_000_000
    await api.freeze(start)
    await api.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    for _ in range(3):
        await api.ok("POST", "/v1/customers")
        await api.ok("POST", "/_emulator/clock", {"advance": "1h"})
    await api.ok("POST", "/v1/products", {"name": "Cup"})

    async def count(path: str) -> int:
        return len((await api.ok("GET", f"/_emulator/{path}"))["data"])

    for kind in ("events", "deliveries", "requests"):
        assert await count(f"{kind}?after={start + 3600}&before={start + 7200}") == 1
        assert await count(f"{kind}?after={start + 3600}") == 3
        assert (await api.get(f"/_emulator/{kind}?after=soon")).error["param"] == "after"
    assert await count("events?type=product.created,customer.*") == 4
    assert await count("deliveries?type=product.created,customer.deleted") == 1
    assert await count("deliveries?endpoint=record://a") == 4
    latest = await api.ok("GET", "/_emulator/events?last=2")
    assert ([one["type"] for one in latest["data"]], latest["has_more"]) == (
        ["customer.created", "product.created"],
        True,
    )


async def test_one_request_with_its_answer(api: Any) -> None:
    made = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    await api.get("/v1/customers/cus_missing")
    good, bad = (await api.ok("GET", "/_emulator/requests"))["data"]
    assert (await api.ok("GET", f"/_emulator/requests/{good['id']}")) == {**good, "answer": made}
    assert (await api.ok("GET", f"/_emulator/requests/{bad['id']}"))["answer"]["error"]["code"] == "resource_missing"
    assert (await api.get(f"/_emulator/requests/{good['id']}", key="sk_test_other")).status == 404
    await api.get("/v1/customers", key="sk_test_other")
    assert await api.ok("DELETE", "/_emulator/requests") == {}
    assert (await api.ok("GET", "/_emulator/requests"))["data"] == []
    assert len((await api.ok("GET", "/_emulator/requests", key="sk_test_other"))["data"]) == 1
