"""Schedules of subscriptions that run already, and how schedules end: released, cancelled, refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.schedules import DAY, SCHEDULES, TWO_MONTHS_END, begun, item_of, months, phase
from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open()


async def test_a_running_subscription_comes_under_a_schedule(desk: Desk) -> None:
    subscription = await desk.subscribe()
    await desk.news()
    schedule = await desk.ok(SCHEDULES, {"from_subscription": subscription["id"]})
    assert await desk.news() == ["subscription_schedule.created", "customer.subscription.updated"]
    assert schedule["status"] == "active"
    assert schedule["current_phase"] == {"start_date": START, "end_date": MONTH_END}
    assert [one["price"] for one in schedule["phases"][0]["items"]] == [desk.price]
    assert (await desk.subscription(subscription["id"]))["schedule"] == schedule["id"]


async def test_a_downgrade_at_the_end_of_the_period(desk: Desk) -> None:
    cheap = await desk.new_price(900)
    subscription = await desk.subscribe()
    schedule = await desk.ok(SCHEDULES, {"from_subscription": subscription["id"]})
    await desk.news()
    current = phase(desk.price, start_date=START, end_date=MONTH_END)
    schedule = await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"phases": [current, phase(cheap, **months(1))]})
    assert await desk.news() == ["subscription_schedule.updated"]
    assert [one["start_date"] for one in schedule["phases"]] == [START, MONTH_END]
    await desk.api.advance(MONTH_END - START)
    after = await desk.subscription(subscription["id"])
    assert after["items"]["data"][0]["price"]["id"] == cheap
    assert after["items"]["data"][0]["id"] == subscription["items"]["data"][0]["id"]
    assert after["latest_invoice"]["total"] == 900


async def test_a_planned_end_becomes_the_end_of_the_schedule(desk: Desk) -> None:
    subscription = await desk.subscribe(cancel_at_period_end=True)
    schedule = await desk.ok(SCHEDULES, {"from_subscription": subscription["id"]})
    assert schedule["end_behavior"] == "cancel"
    assert schedule["phases"][0]["end_date"] == MONTH_END
    await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"end_behavior": "release"})
    assert (await desk.subscription(subscription["id"]))["cancel_at"] is None


async def test_changing_the_current_phase_changes_the_subscription(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(12)))
    await desk.api.advance(3601)
    await desk.news()
    wish = {"phases": [phase(desk.price, 2, start_date=START, **months(4)), phase(desk.price, 4, **months(4))]}
    schedule = await desk.ok(f"{SCHEDULES}/{schedule['id']}", {**wish, "metadata": {"update": "u1"}})
    assert sorted(await desk.news()) == [
        "customer.subscription.updated", "invoiceitem.created", "invoiceitem.created", "subscription_schedule.updated",
    ]  # fmt: skip
    assert (await item_of(desk, schedule))["quantity"] == 2
    assert schedule["metadata"] == {"update": "u1"}


async def test_phases_that_have_not_begun_may_be_moved(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price), start_date=START + 10 * DAY)
    path = f"{SCHEDULES}/{schedule['id']}"
    moved = await desk.ok(path, {"phases": [phase(desk.price, start_date=START + 20 * DAY, **months(3))]})
    assert moved["phases"][0]["start_date"] == START + 20 * DAY
    await desk.api.advance(15 * DAY)
    assert (await desk.get(path))["status"] == "not_started"
    now = await desk.ok(path, {"phases": [phase(desk.price, start_date="now")]})
    assert now["status"] == "active"


async def test_past_phases_may_be_left_out_or_sent_again(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    schedule = await begun(desk, phase(desk.price, **months(1)), phase(dear, **months(1)))
    await desk.api.advance(MONTH_END - START + DAY)
    path = f"{SCHEDULES}/{schedule['id']}"
    short = await desk.ok(path, {"phases": [phase(dear, start_date=MONTH_END, **months(2))]})
    assert len(short["phases"]) == 2
    past = phase(desk.price, start_date=START, end_date=MONTH_END)
    long = await desk.ok(path, {"phases": [past, phase(dear, start_date=MONTH_END, **months(3))]})
    assert [one["start_date"] for one in long["phases"]] == [START, MONTH_END]
    assert long["current_phase"]["start_date"] == MONTH_END


async def test_the_current_phase_may_end_now(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.api.advance(10 * DAY)
    wish = [phase(desk.price, start_date=START, end_date="now"), phase(dear, **months(1))]
    after = await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"phases": wish})
    assert after["current_phase"]["start_date"] == START + 10 * DAY
    assert (await item_of(desk, schedule))["price"]["id"] == dear


async def test_a_released_subscription_goes_on_by_itself(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)), end_behavior="cancel")
    await desk.news()
    released = await desk.ok(f"{SCHEDULES}/{schedule['id']}/release")
    assert await desk.news() == ["customer.subscription.updated", "subscription_schedule.released"]
    assert released["status"] == "released"
    assert released["released_subscription"] == schedule["subscription"]
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["schedule"] is subscription["cancel_at"] is None
    await desk.ok(f"/v1/subscriptions/{subscription['id']}", {"cancel_at_period_end": True})


async def test_release_may_keep_the_planned_end(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)), end_behavior="cancel")
    await desk.ok(f"{SCHEDULES}/{schedule['id']}/release", {"preserve_cancel_date": True})
    assert (await desk.subscription(schedule["subscription"]))["cancel_at"] == TWO_MONTHS_END


async def test_a_canceled_schedule_ends_its_subscription(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.api.advance(3601)
    await desk.news()
    canceled = await desk.ok(f"{SCHEDULES}/{schedule['id']}/cancel")
    news = await desk.news()
    assert news[0] == "invoiceitem.created"
    assert news[-2:] == ["customer.subscription.deleted", "subscription_schedule.canceled"]
    assert canceled["status"] == "canceled"
    assert canceled["canceled_at"] == START + 3601
    assert (await desk.subscription(schedule["subscription"]))["status"] == "canceled"


async def test_cancel_before_it_starts(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price), start_date=START + DAY)
    await desk.news()
    await desk.ok(f"{SCHEDULES}/{schedule['id']}/cancel")
    assert await desk.news() == ["subscription_schedule.canceled"]
    await desk.api.advance(2 * DAY)
    assert await desk.news() == []


async def test_a_scheduled_subscription_refuses_changes_of_its_end(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    path = f"/v1/subscriptions/{schedule['subscription']}"
    for method, params in (("POST", {"cancel_at_period_end": True}), ("DELETE", None)):
        answer = await desk.refused(path, params, method)
        assert answer.error["message"].startswith(
            f"The subscription is managed by the subscription schedule `{schedule['id']}`"
        )


async def test_refusals_leave_nothing(desk: Desk) -> None:
    cheap = await desk.new_price(900)
    base = {"customer": desk.customer, "start_date": "now"}
    await desk.news()
    gap = [phase(desk.price, end_date=MONTH_END), phase(cheap, end_date=MONTH_END)]
    for wish in (
        {"start_date": "now", "phases": [phase(desk.price)]},
        {"customer": desk.customer, "phases": [phase(desk.price)]},
        base,
        {**base, "customer": "cus_none", "phases": [phase(desk.price)]},
        {**base, "phases": [phase("price_none")]},
        {**base, "phases": gap},
        {**base, "phases": [phase(desk.price, end_date=START - 1)]},
        {**base, "phases": [phase(desk.price, end_date=MONTH_END, **months(1))]},
        {**base, "phases": [phase(desk.price, trial_end=MONTH_END + 1, end_date=MONTH_END)]},
        {**base, "phases": [phase(desk.price, discounts=[{"coupon": "NONE"}])]},
        {**base, "phases": [phase(desk.price, **months(1)) for _ in range(11)]},
        {**base, "phases": [phase(desk.price)], "end_behavior": "renew"},
    ):
        answer = await desk.refused(SCHEDULES, wish)
        assert answer.status == 400, answer.text
    assert await desk.news() == []


async def test_none_is_an_older_word_for_cancel(desk: Desk) -> None:
    wish = {"customer": desk.customer, "start_date": "now", "phases": [phase(desk.price, **months(1))]}
    schedule = await desk.ok(SCHEDULES, {**wish, "end_behavior": "none"})
    assert schedule["end_behavior"] == "cancel"
    assert (await desk.subscription(schedule["subscription"]))["cancel_at"] == MONTH_END
    released = await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"end_behavior": "release"})
    assert released["end_behavior"] == "release"
    refused = await desk.refused(f"{SCHEDULES}/{schedule['id']}", {"end_behavior": "renew"})
    assert refused.error["message"] == "Invalid end_behavior: must be one of cancel or release"
    await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"end_behavior": "none"})
    await desk.api.advance(MONTH_END - START)
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["status"] == "completed"
    assert (await desk.subscription(schedule["subscription"]))["status"] == "canceled"


async def test_what_ends_by_itself_takes_its_schedule_along(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(3)))
    await desk.api.ok("DELETE", f"/v1/customers/{desk.customer}")
    await desk.api.advance(TWO_MONTHS_END - START + 90 * DAY)
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["status"] == "canceled"


async def test_a_schedule_lives_on_its_customers_test_clock(desk: Desk) -> None:
    api = desk.api
    clock = (await desk.ok("/v1/test_helpers/test_clocks", {"frozen_time": START}))["id"]
    customer = (await desk.ok("/v1/customers", {"email": "ada@example.com", "test_clock": clock}))["id"]
    await desk.ok("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    dear = await desk.new_price(5000)
    wish = {"customer": customer, "start_date": "now", "phases": [phase(desk.price, **months(1)), phase(dear)]}
    schedule = await desk.ok(SCHEDULES, wish)
    assert schedule["test_clock"] == clock
    await desk.ok(f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": MONTH_END + 10})
    for _ in range(200):
        if (await desk.get(f"/v1/test_helpers/test_clocks/{clock}"))["status"] == "ready":
            break
        await asyncio.sleep(0.01)
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["current_phase"]["start_date"] == MONTH_END
    assert (await item_of(desk, schedule))["price"]["id"] == dear
    assert (await api.space()).clock.now() == START
