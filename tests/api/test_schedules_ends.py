"""What becomes of a schedule whose subscription ends without it: completed, canceled, aborted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.schedules import DAY, SCHEDULES, TWO_MONTHS_END, begun, months, phase
from tests.unit.billing.desk import DECLINES, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open()


async def state(desk: Desk, schedule: Any) -> Any:
    return await desk.get(f"{SCHEDULES}/{schedule['id']}")


async def test_who_does_not_pay_aborts_the_schedule(desk: Desk) -> None:
    (await desk.api.space()).settings["dunning"] = {"retry_days": [1], "then": "cancel"}
    schedule = await begun(desk, phase(desk.price, **months(3)))
    await desk.api.advance(3601)
    await desk.card(DECLINES)
    await desk.api.advance(MONTH_END - START + 2 * DAY)
    # docs.stripe.com/api/events/types: canceled because of delinquency is aborted
    expected = [
        "customer.subscription.deleted", "subscription_schedule.canceled", "subscription_schedule.aborted"
    ]  # fmt: skip
    assert (await desk.news())[-3:] == expected
    after = await state(desk, schedule)
    assert (after["status"], after["canceled_at"], after["current_phase"]) == ("canceled", MONTH_END + DAY + 3601, None)
    await desk.api.advance(TWO_MONTHS_END - MONTH_END)
    assert await desk.news() == []


async def test_a_deleted_customer_takes_schedules_along(desk: Desk) -> None:
    running = await begun(desk, phase(desk.price, **months(3)))
    waiting = await begun(desk, phase(desk.price), start_date=START + 10 * DAY)
    await desk.news()
    expected = [
        "customer.subscription.deleted", "subscription_schedule.canceled", "subscription_schedule.canceled",
        "customer.deleted",
    ]  # fmt: skip
    await desk.api.ok("DELETE", f"/v1/customers/{desk.customer}")
    assert [one for one in await desk.news() if one in expected] == expected
    for one in (running, waiting):
        after = await state(desk, one)
        assert (after["status"], after["canceled_at"]) == ("canceled", START)


async def test_a_trial_that_cancels_cancels_the_schedule(desk: Desk) -> None:
    bare = await desk.ok("/v1/customers", {"email": "b@example.com"})
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    made = await desk.subscribe(customer=bare["id"], trial_period_days=5, trial_settings=settings)
    schedule = await desk.ok(SCHEDULES, {"from_subscription": made["id"]})
    wish = [
        phase(desk.price, start_date=START, trial_end=START + 5 * DAY, end_date=START + 5 * DAY),
        phase(desk.price, 2, **months(2)),
    ]
    await desk.ok(f"{SCHEDULES}/{schedule['id']}", {"phases": wish})
    await desk.news()
    expected = ["customer.subscription.deleted", "subscription_schedule.canceled"]
    await desk.api.advance(5 * DAY)
    assert (await desk.news())[-2:] == expected
    assert (await state(desk, schedule))["status"] == "canceled"


async def test_the_end_that_a_schedule_planned_completes_it(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(1)), end_behavior="cancel")
    await desk.api.advance(3601)
    await desk.news()
    expected = [
        "subscription_schedule.expiring", "customer.subscription.deleted", "subscription_schedule.completed"
    ]  # fmt: skip
    await desk.api.advance(MONTH_END - START)
    assert await desk.news() == expected
    after = await state(desk, schedule)
    assert (after["status"], after["completed_at"], after["canceled_at"]) == ("completed", MONTH_END, None)
    assert after["subscription"] == schedule["subscription"]


async def test_a_schedule_that_is_canceled_ends_with_its_subscription_once(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.news()
    expected = ["customer.subscription.deleted", "subscription_schedule.canceled"]
    await desk.ok(f"{SCHEDULES}/{schedule['id']}/cancel", {"prorate": False, "invoice_now": False})
    assert [one for one in await desk.news() if "schedule" in one or "subscription" in one] == expected
    again = await desk.refused(f"{SCHEDULES}/{schedule['id']}/cancel")
    assert "currently in the `canceled` status" in again.error["message"]
