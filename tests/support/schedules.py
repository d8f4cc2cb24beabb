"""What the tests of schedules share: their times, their phases, a schedule that has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.unit.billing.desk import Desk

DAY = 86_400
SCHEDULES = "/v1/subscription_schedules"
TWO_MONTHS_END = 1_795_270_400
BEGINNING = ["customer.updated", "customer.subscription.created", "invoice.created", "subscription_schedule.created"]


async def begun(desk: Desk, *phases: Any, **params: Any) -> Any:
    wish = {"customer": desk.customer, "start_date": "now", "phases": list(phases), **params}
    return await desk.ok(SCHEDULES, wish)


def phase(price: str, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"items": [{"price": price, "quantity": quantity}], **more}


def months(count: int) -> dict[str, Any]:
    return {"duration": {"interval": "month", "interval_count": count}}


async def item_of(desk: Desk, schedule: Any) -> Any:
    subscription = await desk.subscription(schedule["subscription"] or schedule["released_subscription"])
    return subscription["items"]["data"][0]
