"""Test clocks: their limits and refusals, and what happens on them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.client import Api

START = 1_793_000_000  # 2026-10-26
DAY = 86_400


async def ready(api: Api, clock: str) -> dict[str, Any]:
    for _ in range(500):
        doc = (await api.get(f"/v1/test_helpers/test_clocks/{clock}")).json
        if doc["status"] != "advancing":
            return doc  # type: ignore[no-any-return]
        await asyncio.sleep(0.005)
    raise AssertionError(clock)


async def clock(api: Api, at: int = START) -> str:
    return str((await api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": at, "name": "c"}))["id"])


async def subscribed(api: Api, on: str, method: str = "pm_card_visa", **more: Any) -> dict[str, Any]:
    customer = await api.ok(
        "POST", "/v1/customers",
        {"test_clock": on, "payment_method": method, "invoice_settings": {"default_payment_method": method}, "email": "a@example.com"},
    )  # fmt: skip
    price = await api.ok(
        "POST", "/v1/prices",
        {"currency": "usd", "unit_amount": 1500, "recurring": {"interval": "month"}, "product_data": {"name": "Team"}},
    )  # fmt: skip
    made: dict[str, Any] = await api.ok(
        "POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": price["id"]}], **more}
    )
    return made


async def test_a_month_on_a_clock_renews(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    assert made["created"] == START
    assert made["test_clock"] == on
    end = made["items"]["data"][0]["current_period_end"]
    moving = await api.ok("POST", f"/v1/test_helpers/test_clocks/{on}/advance", {"frozen_time": end + 7200})
    assert moving["status"] == "advancing"
    assert moving["status_details"]["advancing"]["target_frozen_time"] == end + 7200
    assert (await ready(api, on))["frozen_time"] == end + 7200
    invoices = (await api.get("/v1/invoices", {"subscription": made["id"]})).json["data"]
    assert [(one["billing_reason"], one["status"], one["amount_paid"]) for one in invoices] == [
        ("subscription_cycle", "paid", 1500),
        ("subscription_create", "paid", 1500),
    ]
    assert invoices[0]["created"] == end
    events = await api.events()
    assert events.index("test_helpers.test_clock.advancing") < events.index("test_helpers.test_clock.ready")


async def test_writes_wait_while_a_clock_moves(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    await api.ok("POST", f"/v1/test_helpers/test_clocks/{on}/advance", {"frozen_time": START + 20 * DAY})
    space = await api.space()
    async with api.engine.store.begin(space.store_name):  # holds the clock where it is
        blocked = asyncio.create_task(api.post(f"/v1/subscriptions/{made['id']}", {"metadata": {"a": "1"}}))
        await asyncio.sleep(0.01)
    answer = await blocked
    assert answer.status in (200, 429)
    if answer.status == 429:
        assert answer.error["message"] == f"Test clock advancement underway - cannot perform modifications: {on}"
    await ready(api, on)


async def test_a_clock_goes_neither_back_nor_too_far(api: Api) -> None:
    on = await clock(api)
    back = await api.post(f"/v1/test_helpers/test_clocks/{on}/advance", {"frozen_time": START - 1})
    assert back.status == 400
    await subscribed(api, on)
    far = await api.post(f"/v1/test_helpers/test_clocks/{on}/advance", {"frozen_time": START + 90 * DAY})
    assert far.status == 400
    assert far.error["message"].startswith(
        f"The frozen time of this clock is {START} (2026-10-26 07:33:20 UTC). You can only advance it up to"
    )
    customer = await api.post("/v1/customers")
    moved = await api.post(f"/v1/customers/{customer.id}", {"test_clock": on})
    assert moved.error["message"] == "Received unknown parameter: test_clock"


async def test_lists_hide_what_is_on_a_clock(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    assert (await api.get("/v1/customers")).json["data"] == []
    assert [one["id"] for one in (await api.get("/v1/customers", {"test_clock": on})).json["data"]] == [
        made["customer"]
    ]
    assert (await api.get("/v1/subscriptions")).json["data"] == []
    assert [one["id"] for one in (await api.get("/v1/subscriptions", {"customer": made["customer"]})).json["data"]] == [
        made["id"]
    ]


async def test_deleting_a_clock_takes_its_customers(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    gone = await api.delete(f"/v1/test_helpers/test_clocks/{on}")
    assert gone.json == {"id": on, "object": "test_helpers.test_clock", "deleted": True}
    assert (await api.get(f"/v1/customers/{made['customer']}")).json["deleted"] is True
    assert (await api.get(f"/v1/subscriptions/{made['id']}")).json["status"] == "canceled"


async def test_the_servers_clock_leaves_test_clocks_alone(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    await api.advance("60d")
    assert len((await api.get("/v1/invoices", {"subscription": made["id"]})).json["data"]) == 1
    await api.advance("30d")
    assert (await api.get(f"/v1/test_helpers/test_clocks/{on}")).status == 404


async def test_a_clock_takes_three_customers(api: Api) -> None:
    on = await clock(api)
    made = [await api.ok("POST", "/v1/customers", {"test_clock": on}) for _ in range(3)]
    refused = await api.post("/v1/customers", {"test_clock": on})
    assert (refused.status, refused.error["param"]) == (400, "test_clock")
    assert refused.error["message"] == "You have reached the limit of 3 customers on this test clock."
    assert len((await api.get("/v1/customers", {"test_clock": on})).json["data"]) == 3
    await api.ok("DELETE", f"/v1/customers/{made[0]['id']}")
    await api.ok("POST", "/v1/customers", {"test_clock": on})
    unknown = await api.post("/v1/customers", {"test_clock": "clock_none"})
    assert unknown.error["code"] == "resource_missing"


async def test_a_customer_on_a_clock_has_three_subscriptions_and_schedules(api: Api) -> None:
    on = await clock(api)
    made = await subscribed(api, on)
    item = {"price": made["items"]["data"][0]["price"]["id"]}
    await api.ok("POST", "/v1/subscriptions", {"customer": made["customer"], "items": [item]})
    later = {"customer": made["customer"], "start_date": START + 40 * DAY, "phases": [{"items": [item]}]}
    await api.ok("POST", "/v1/subscription_schedules", later)
    for path, params in (
        ("/v1/subscription_schedules", later),
        ("/v1/subscriptions", {"customer": made["customer"], "items": [item]}),
    ):
        refused = await api.post(path, params)
        assert refused.error["message"] == (
            "A customer on a test clock can have at most 3 subscriptions or subscription schedules."
        )
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    await api.ok("POST", "/v1/subscriptions", {"customer": made["customer"], "items": [item]})


async def test_a_schedule_that_waits_limits_how_far_its_clock_goes(api: Api) -> None:
    on = await clock(api)
    customer = await api.ok("POST", "/v1/customers", {"test_clock": on, "email": "a@example.com"})
    price = await api.ok(
        "POST", "/v1/prices",
        {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "week"}, "product_data": {"name": "Team"}},
    )  # fmt: skip
    wish = {"customer": customer["id"], "start_date": START + 40 * DAY, "phases": [{"items": [{"price": price["id"]}]}]}
    await api.ok("POST", "/v1/subscription_schedules", wish)
    path = f"/v1/test_helpers/test_clocks/{on}/advance"
    far = await api.post(path, {"frozen_time": START + 14 * DAY + 1})
    assert f"You can only advance it up to {START + 14 * DAY} (" in far.error["message"]
    assert (await api.post(path, {"frozen_time": START + 14 * DAY})).status == 200
    await ready(api, on)
