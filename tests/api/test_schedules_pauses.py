"""Schedules that pause their subscription and let it run again (docs.stripe.com billing/subscriptions/pause/schedules)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.schedules import DAY, SCHEDULES, begun, months, phase
from tests.unit.billing.desk import DECLINES, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

SUCCEEDED, SCHEDULED = {"type": "succeeded"}, {"type": "scheduled"}


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open(amount=3000)


def entry(at: int, until: int | None = None, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"key": "away", "pause": {"pause_at": {"type": "timestamp", "timestamp": at}}}
    if until is not None:
        made["resume"] = {"resume_at": {"type": "timestamp", "timestamp": until}}
    return {**made, **more}


async def state(desk: Desk, schedule: Any) -> Any:
    return (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["pause_schedules"]


async def test_a_pause_comes_and_goes(desk: Desk) -> None:
    made = await desk.subscribe()
    pauses = [entry(START + 10 * DAY, START + 20 * DAY)]
    pauses[0]["resume"]["settings"] = {"payment_behavior": "resume_on_payment_success"}
    schedule = await desk.ok(SCHEDULES, {"from_subscription": made["id"], "pause_schedules": pauses})
    planned = schedule["pause_schedules"][0]
    assert planned["key"] == "away"
    assert planned["pause"] == {"pause_at": START + 10 * DAY, "settings": None, "status": SCHEDULED}
    assert planned["resume"]["settings"] == {
        "billing_cycle_anchor": "resume_at", "payment_behavior": "resume_on_payment_success",
        "proration_behavior": "create_prorations",
    }  # fmt: skip
    await desk.news()
    expected = [
        "invoiceitem.created", "customer.subscription.paused", "customer.subscription.updated",
        "subscription_schedule.updated",
    ]  # fmt: skip
    await desk.api.advance(10 * DAY)
    assert await desk.news() == expected
    assert (await desk.subscription(made["id"]))["status"] == "paused"
    assert [one["pause"]["status"] for one in await state(desk, schedule)] == [SUCCEEDED]
    await desk.api.advance(10 * DAY)
    news = await desk.news()
    assert news[0] == "invoice.created"
    assert news[-3:] == [
        "customer.subscription.resumed", "customer.subscription.updated", "subscription_schedule.updated"
    ]  # fmt: skip
    after = await desk.subscription(made["id"])
    assert (after["status"], after["billing_cycle_anchor"]) == ("active", START + 20 * DAY)
    assert [one["resume"]["status"] for one in await state(desk, schedule)] == [SUCCEEDED]


async def test_a_pause_now_for_a_while(desk: Desk) -> None:
    settings = {"bill_for": {"unused_time_from": {"type": "none"}}}
    now = {
        "pause": {"pause_at": {"type": "now"}, "settings": settings},
        "resume": {
            "resume_at": {"type": "duration", "duration": {"interval": "week"}},
            "settings": {"billing_cycle_anchor": "unchanged"},
        },
    }
    schedule = await begun(desk, phase(desk.price, **months(3)), pause_schedules=[now])
    done = schedule["pause_schedules"][0]
    assert (done["pause"]["status"], done["resume"]["resume_at"]) == (SUCCEEDED, START + 7 * DAY)
    assert done["pause"]["settings"]["bill_for"] == {
        "outstanding_usage_through": {"type": "pause_at"}, "unused_time_from": {"type": "none"}
    }  # fmt: skip
    assert len(done["key"]) == 16
    assert (await desk.subscription(schedule["subscription"]))["status"] == "paused"
    await desk.api.advance(7 * DAY)
    after = await desk.subscription(schedule["subscription"])
    assert (after["status"], after["billing_cycle_anchor"]) == ("active", START)


async def test_a_resumption_that_waits_for_its_payment(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(3)), pause_schedules=[entry(START + DAY, START + 40 * DAY)])
    await desk.api.advance(40 * DAY)
    assert (await state(desk, schedule))[0]["resume"]["status"] == {"type": "pending"}
    waiting = await desk.subscription(schedule["subscription"])
    assert waiting["status"] == "paused"
    await desk.news()
    await desk.ok(f"/v1/invoices/{waiting['latest_invoice']['id']}/pay")
    assert (await desk.news())[-2:] == ["customer.subscription.updated", "subscription_schedule.updated"]
    assert (await state(desk, schedule))[0]["resume"]["status"] == SUCCEEDED


async def test_a_resumption_that_cannot_be_paid(desk: Desk) -> None:
    (await desk.api.space()).settings["dunning"] = {"retry_days": []}
    pauses = [entry(START + DAY, START + 2 * DAY)]
    pauses[0]["resume"]["settings"] = {"payment_behavior": "resume_on_payment_success"}
    schedule = await begun(desk, phase(desk.price, **months(3)), pause_schedules=pauses)
    await desk.api.advance(DAY)
    await desk.card(DECLINES)
    await desk.api.advance(DAY)
    assert (await state(desk, schedule))[0]["resume"]["status"] == {"type": "pending"}
    assert (await desk.subscription(schedule["subscription"]))["status"] == "paused"


async def test_what_cannot_pause_says_why(desk: Desk) -> None:
    wish = [phase(desk.price, trial=True, **months(1)), phase(desk.price, **months(1))]
    schedule = await begun(desk, *wish, pause_schedules=[entry(START + DAY, START + 2 * DAY)])
    await desk.api.advance(3 * DAY)
    after = (await state(desk, schedule))[0]
    assert after["pause"]["status"] == {
        "type": "error", "error": {"message": "You cannot pause a subscription with status `trialing`."}
    }  # fmt: skip
    assert after["resume"]["status"] == SCHEDULED
    assert (await desk.subscription(schedule["subscription"]))["status"] == "trialing"


async def test_pauses_change_until_they_happen(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(3)), pause_schedules=[entry(START + DAY)])
    path = f"{SCHEDULES}/{schedule['id']}"
    moved = await desk.ok(path, {"pause_schedules": [entry(START + 3 * DAY)]})
    assert moved["pause_schedules"][0]["pause"]["pause_at"] == START + 3 * DAY
    await desk.api.advance(2 * DAY)
    assert (await desk.subscription(schedule["subscription"]))["status"] == "active"
    await desk.api.advance(DAY)
    resume = {"resume_at": {"type": "timestamp", "timestamp": START + 9 * DAY}}
    after = await desk.ok(path, {"pause_schedules": [{"key": "away", "resume": resume}]})
    assert after["pause_schedules"][0]["pause"]["status"] == SUCCEEDED
    assert after["pause_schedules"][0]["resume"]["resume_at"] == START + 9 * DAY
    assert (await desk.ok(path, {"pause_schedules": ""}))["pause_schedules"] == []
    await desk.api.advance(10 * DAY)
    assert (await desk.subscription(schedule["subscription"]))["status"] == "paused"


async def test_a_paused_subscription_is_given_a_time_to_resume(desk: Desk) -> None:
    made = await desk.subscribe()
    await desk.ok(f"/v1/subscriptions/{made['id']}/pause")
    settings = {"payment_behavior": "resume_on_payment_success"}
    resume = {"resume_at": {"type": "timestamp", "timestamp": START + 5 * DAY}, "settings": settings}
    wish = {"from_subscription": made["id"], "pause_schedules": [{"key": "back", "resume": resume}]}
    schedule = await desk.ok(SCHEDULES, wish)
    assert schedule["pause_schedules"][0]["pause"] == {"pause_at": START, "settings": None, "status": SUCCEEDED}
    await desk.api.advance(5 * DAY)
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_pauses_that_a_schedule_refuses(desk: Desk) -> None:
    base = {"customer": desk.customer, "start_date": "now"}
    sent = phase(desk.price, collection_method="send_invoice", invoice_settings={"days_until_due": 3})
    later = entry(START + DAY)
    for more, param in (
        ({"phases": [phase(desk.price)], "billing_mode": {"type": "classic"}, "pause_schedules": [later]}, "pause_schedules"),
        ({"phases": [sent], "pause_schedules": [later]}, "pause_schedules"),
        ({"phases": [phase(desk.price)], "pause_schedules": [later, later]}, "pause_schedules"),
        ({"phases": [phase(desk.price)], "pause_schedules": [{"key": "a"}]}, "pause_schedules[0][pause]"),
        ({"phases": [phase(desk.price)], "pause_schedules": [entry(START - 1)]}, "pause_schedules[0][pause][pause_at][timestamp]"),
        ({"phases": [phase(desk.price)], "pause_schedules": [entry(START + DAY, START + DAY)]}, "pause_schedules[0][resume][resume_at]"),
    ):  # fmt: skip
        refused = await desk.refused(SCHEDULES, {**base, **more})
        assert (refused.status, refused.error["param"]) == (400, param)
    assert (await desk.get(SCHEDULES))["data"] == []
