"""Previews of schedules, of pauses and of resumptions: what the real code would bill, and that nothing stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.schedules import DAY, SCHEDULES, begun, months, phase
from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

PREVIEW = "/v1/invoices/create_preview"
THIRD = (MONTH_END - START) // 3


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open(amount=3000)


async def test_the_next_invoice_is_that_of_the_next_phase(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    schedule = await begun(desk, phase(desk.price, **months(1)), phase(dear, 2, **months(1)))
    await desk.news()
    for wish in ({"schedule": schedule["id"]}, {"subscription": schedule["subscription"]}):
        found = await desk.ok(PREVIEW, wish)
        assert (found["total"], found["created"]) == (10_000, MONTH_END)
    assert await desk.news() == []
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["current_phase"]["start_date"] == START
    await desk.api.advance(MONTH_END - START)
    assert (await desk.subscription(schedule["subscription"]))["latest_invoice"]["total"] == 10_000


async def test_the_first_invoice_of_a_schedule_that_waits(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, 3), start_date=START + 10 * DAY)
    await desk.news()
    found = await desk.ok(PREVIEW, {"schedule": schedule["id"]})
    assert (found["total"], found["created"]) == (9000, START + 10 * DAY)
    assert await desk.news() == []
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["status"] == "not_started"


async def test_a_schedule_that_is_not_there_yet(desk: Desk) -> None:
    details = {"phases": [phase(desk.price, 2, **months(1))], "end_behavior": "cancel"}
    found = await desk.ok(PREVIEW, {"customer": desk.customer, "schedule_details": details})
    assert (found["total"], found["created"]) == (6000, START)
    later = {"phases": [phase(desk.price, start_date=START + 5 * DAY)]}
    found = await desk.ok(PREVIEW, {"customer": desk.customer, "schedule_details": later})
    assert (found["total"], found["created"]) == (3000, START + 5 * DAY)
    assert (await desk.get(SCHEDULES))["data"] == (await desk.get("/v1/subscriptions"))["data"] == []


async def test_a_change_of_a_schedule(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.api.advance(THIRD)
    await desk.news()
    change = {"phases": [phase(desk.price, 2, start_date=START, **months(2))], "proration_behavior": "always_invoice"}
    found = await desk.ok(PREVIEW, {"schedule": schedule["id"], "schedule_details": change})
    assert sorted(line["amount"] for line in found["lines"]["data"]) == [-2000, 4000]
    found = await desk.ok(
        PREVIEW, {"schedule": schedule["id"], "schedule_details": {**change, "proration_behavior": "none"}}
    )
    assert (found["total"], found["created"]) == (6000, MONTH_END)
    assert await desk.news() == []
    wrong = {**change, "phases": [phase(desk.price, start_date=START + 1)]}
    refused = await desk.refused(PREVIEW, {"schedule": schedule["id"], "schedule_details": wrong})
    assert refused.error["message"] == "You can not modify the start date of the current phase."


async def test_a_pause(desk: Desk) -> None:
    made = await desk.subscribe()
    await desk.api.freeze(START + THIRD)
    await desk.news()
    wish: dict[str, Any] = {"invoicing_behavior": "invoice", "bill_for": {
        "unused_time_from": {"type": "now"}, "outstanding_usage_through": {"type": "now"},
    }}  # fmt: skip
    found = await desk.ok(PREVIEW, {"subscription": made["id"], "subscription_details": {"pause": wish}})
    assert [line["amount"] for line in found["lines"]["data"]] == [-2000]
    # docs.stripe.com billing/subscriptions/pause: without an invoice there is nothing to preview
    none = {**wish["bill_for"], "unused_time_from": {"type": "none"}}
    for pause in ({**wish, "invoicing_behavior": "pending_invoice_item"}, {**wish, "bill_for": none}):
        refused = await desk.refused(PREVIEW, {"subscription": made["id"], "subscription_details": {"pause": pause}})
        assert (refused.status, refused.error["code"]) == (404, "invoice_upcoming_none")
    assert await desk.news() == []
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_a_resumption(desk: Desk) -> None:
    made = await desk.subscribe()
    await desk.api.freeze(START + THIRD)
    await desk.ok(f"/v1/subscriptions/{made['id']}/pause", {"bill_for": {"unused_time_from": {"type": "now"}}})
    await desk.api.freeze(START + 2 * THIRD)
    await desk.news()
    details: dict[str, Any] = {"resume_at": "now"}
    found = await desk.ok(PREVIEW, {"subscription": made["id"], "subscription_details": details})
    assert sorted(line["amount"] for line in found["lines"]["data"]) == [-2000, 3000]
    details |= {"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "always_invoice"}
    found = await desk.ok(PREVIEW, {"subscription": made["id"], "subscription_details": details})
    assert sorted(line["amount"] for line in found["lines"]["data"]) == [-2000, 1000]
    assert await desk.news() == []
