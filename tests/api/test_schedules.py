"""Subscription schedules: how they begin, move on, end, are changed, released and cancelled, with their events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.schedules import BEGINNING, DAY, SCHEDULES, TWO_MONTHS_END, begun, item_of, months, phase
from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open()


async def test_a_schedule_that_starts_now_begins_its_subscription(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    assert await desk.news() == BEGINNING
    assert schedule["status"] == "active"
    assert schedule["current_phase"] == {"start_date": START, "end_date": TWO_MONTHS_END}
    assert schedule["end_behavior"] == "release"
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["schedule"] == schedule["id"]
    assert subscription["status"] == "active"
    assert subscription["latest_invoice"]["status"] == "draft"
    assert subscription["latest_invoice"]["billing_reason"] == "subscription_create"


async def test_the_first_invoice_is_paid_an_hour_later(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.api.advance(3601)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["latest_invoice"]["status"] == "paid"
    assert subscription["latest_invoice"]["amount_paid"] == 2500


async def test_a_schedule_of_the_future_waits(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price), start_date=START + 10 * DAY)
    assert await desk.news() == ["subscription_schedule.created"]
    assert schedule["status"] == "not_started"
    assert schedule["subscription"] is None
    assert schedule["current_phase"] is None
    waiting = await desk.get(SCHEDULES, {"scheduled": True})
    assert [one["id"] for one in waiting["data"]] == [schedule["id"]]
    await desk.api.advance(10 * DAY)
    after = await desk.get(f"{SCHEDULES}/{schedule['id']}")
    assert after["status"] == "active"
    subscription = await desk.subscription(after["subscription"])
    assert subscription["start_date"] == START + 10 * DAY
    assert (await desk.get(SCHEDULES, {"scheduled": True}))["data"] == []


async def test_a_schedule_of_the_future_whose_customer_goes_never_begins(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price), start_date=START + 10 * DAY)
    await desk.api.ok("DELETE", f"/v1/customers/{desk.customer}")
    await desk.api.advance(11 * DAY)
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["status"] == "canceled"


async def test_the_next_phase_is_what_the_renewal_bills(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    schedule = await begun(desk, phase(desk.price, **months(1)), phase(dear, 2, **months(1)))
    await desk.api.advance(3601)
    await desk.news()
    await desk.api.advance(MONTH_END - START - 3601)
    assert await desk.news() == [
        "subscription_schedule.updated", "customer.subscription.updated",
        "customer.subscription.updated", "invoice.created",
    ]  # fmt: skip
    after = await desk.get(f"{SCHEDULES}/{schedule['id']}")
    assert after["current_phase"] == {"start_date": MONTH_END, "end_date": TWO_MONTHS_END}
    subscription = await desk.subscription(schedule["subscription"])
    row = subscription["items"]["data"][0]
    assert (row["price"]["id"], row["quantity"]) == (dear, 2)
    assert (row["current_period_start"], row["current_period_end"]) == (MONTH_END, TWO_MONTHS_END)
    assert subscription["latest_invoice"]["total"] == 10_000
    assert len(subscription["latest_invoice"]["lines"]["data"]) == 1


async def test_a_phase_that_begins_within_a_period_is_prorated(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    ten_days = {"duration": {"interval": "day", "interval_count": 10}}
    schedule = await begun(desk, phase(desk.price, **ten_days), phase(dear, **months(1)))
    await desk.api.advance(10 * DAY)
    items = (await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True}))["data"]
    assert sorted(one["amount"] for one in items) == [-1667, 3333]
    assert (await item_of(desk, schedule))["price"]["id"] == dear


async def test_a_phase_may_restart_the_period(desk: Desk) -> None:
    dear = await desk.new_price(5000)
    ten_days = {"duration": {"interval": "day", "interval_count": 10}}
    second = phase(dear, billing_cycle_anchor="phase_start", proration_behavior="always_invoice", **months(1))
    schedule = await begun(desk, phase(desk.price, **ten_days), second)
    await desk.api.advance(10 * DAY)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["billing_cycle_anchor"] == START + 10 * DAY
    assert subscription["items"]["data"][0]["current_period_start"] == START + 10 * DAY


async def test_from_month_to_year_at_the_boundary(desk: Desk) -> None:
    yearly = await desk.new_price(20_000, "year")
    mode = {"billing_mode": {"type": "classic"}}
    schedule = await begun(desk, phase(desk.price, **months(1)), phase(yearly), **mode)
    await desk.api.advance(MONTH_END - START)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["billing_cycle_anchor"] == MONTH_END
    assert subscription["latest_invoice"]["total"] == 20_000
    row = subscription["items"]["data"][0]
    assert row["current_period_end"] - row["current_period_start"] == 365 * DAY


async def test_items_come_and_go_with_phases(desk: Desk) -> None:
    extra = await desk.new_price(700)
    both = {"items": [{"price": desk.price}, {"price": extra}], **months(1)}
    schedule = await begun(desk, both, phase(extra, **months(1)))
    await desk.api.advance(MONTH_END - START)
    subscription = await desk.subscription(schedule["subscription"])
    assert [row["price"]["id"] for row in subscription["items"]["data"]] == [extra]
    assert subscription["latest_invoice"]["total"] == 700


async def test_after_its_last_phase_it_lets_the_subscription_go(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(1)))
    await desk.api.advance(3601)
    await desk.news()
    await desk.api.advance(MONTH_END - START - 3601)
    assert await desk.news() == [
        "subscription_schedule.expiring", "subscription_schedule.completed", "customer.subscription.updated",
        "subscription_schedule.released", "customer.subscription.updated", "invoice.created",
    ]  # fmt: skip
    after = await desk.get(f"{SCHEDULES}/{schedule['id']}")
    assert after["status"] == "released"
    assert after["completed_at"] == after["released_at"] == MONTH_END
    assert after["released_subscription"] == schedule["subscription"]
    assert after["subscription"] is after["current_phase"] is None
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["status"] == "active"
    assert subscription["schedule"] is None


async def test_after_its_last_phase_it_may_cancel(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)), end_behavior="cancel")
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["cancel_at"] == TWO_MONTHS_END
    await desk.api.advance(TWO_MONTHS_END - START)
    assert (await desk.news())[-2:] == ["customer.subscription.deleted", "subscription_schedule.completed"]
    assert (await desk.get(f"{SCHEDULES}/{schedule['id']}"))["status"] == "completed"
    assert (await desk.subscription(schedule["subscription"]))["status"] == "canceled"


async def test_an_end_within_the_first_period_cuts_it(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, end_date=START + 12 * DAY), end_behavior="cancel")
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["items"]["data"][0]["current_period_end"] == START + 12 * DAY
    assert subscription["latest_invoice"]["total"] == 1000


async def test_a_schedule_may_have_begun_before(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)), start_date=START - 5 * DAY)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["start_date"] == START - 5 * DAY
    assert schedule["current_phase"]["start_date"] == START - 5 * DAY
    assert schedule["status"] == "active"


async def test_a_trial_phase_is_followed_by_the_first_paid_period(desk: Desk) -> None:
    week = {"duration": {"interval": "week", "interval_count": 1}}
    schedule = await begun(desk, phase(desk.price, trial=True, **week), phase(desk.price, **months(2)))
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["status"] == "trialing"
    assert subscription["trial_end"] == START + 7 * DAY
    assert schedule["phases"][0]["trial_end"] == START + 7 * DAY
    assert subscription["latest_invoice"]["status"] == "paid"
    await desk.api.advance(7 * DAY + 3601)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["status"] == "active"
    assert subscription["latest_invoice"]["amount_paid"] == 2500


async def test_a_phase_says_how_is_collected_and_what_is_off(desk: Desk) -> None:
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    first = phase(
        desk.price, discounts=[{"coupon": "TEN"}], collection_method="send_invoice", metadata={"wave": "1"},
        invoice_settings={"days_until_due": 5}, **months(1),
    )  # fmt: skip
    schedule = await begun(desk, first, phase(desk.price, **months(1)))
    assert schedule["phases"][0]["discounts"] == [{"coupon": "TEN", "discount": None, "promotion_code": None}]
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["collection_method"] == "send_invoice"
    assert subscription["days_until_due"] == 5
    assert subscription["metadata"] == {"wave": "1"}
    assert subscription["latest_invoice"]["total"] == 2250
    await desk.api.advance(MONTH_END - START)
    subscription = await desk.subscription(schedule["subscription"])
    assert subscription["collection_method"] == "charge_automatically"
    assert subscription["discounts"] == []
    assert subscription["latest_invoice"]["total"] == 2500
