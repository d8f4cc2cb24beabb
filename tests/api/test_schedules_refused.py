"""Phases that no subscription could have: refused when they are given, not when they begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.schedules import SCHEDULES, begun, months, phase
from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api

CLASSIC = {"billing_mode": {"type": "classic"}}


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open()


def of(*prices: str) -> dict[str, Any]:
    return {"items": [{"price": one} for one in prices], **months(1)}


async def refusal(desk: Desk, later: Any, **params: Any) -> tuple[str, str]:
    """Give a later phase to a new schedule and to one that runs; both refuse it alike, and nothing is told."""
    wish = {"customer": desk.customer, "start_date": "now", "phases": [of(desk.price), later], **params}
    await desk.news()
    first = (await desk.refused(SCHEDULES, wish)).error
    assert await desk.news() == []
    schedule = await begun(desk, of(desk.price), **params)
    await desk.news()
    path = f"{SCHEDULES}/{schedule['id']}"
    phases = [{**of(desk.price), "start_date": schedule["current_phase"]["start_date"]}, later]
    assert (await desk.refused(path, {"phases": phases})).error["message"] == first["message"]
    assert await desk.news() == []
    assert len((await desk.get(path))["phases"]) == 1
    return first["message"], first["param"]


async def test_more_items_than_a_classic_subscription_has(desk: Desk) -> None:
    prices = [await desk.new_price(100 + number) for number in range(21)]
    answer = await refusal(desk, of(*prices), **CLASSIC)
    assert answer == ("Subscriptions can have at most 20 items.", "phases[1][items]")
    made = await desk.ok(SCHEDULES, {"customer": desk.customer, "start_date": "now", "phases": [of(*prices)]})
    assert len(made["phases"][0]["items"]) == 21, "flexible ones may have more since 2026-08-26"


async def test_intervals_that_do_not_go_together(desk: Desk) -> None:
    yearly, weekly = await desk.new_price(9000, "year"), await desk.new_price(700, "week")
    words = "Currency and interval fields must match across all plans on this subscription."
    assert await refusal(desk, of(desk.price, yearly), **CLASSIC) == (words, "phases[1][items]")
    words = "All prices on a subscription must have intervals that are multiples of the shortest interval."
    assert await refusal(desk, of(desk.price, weekly)) == (words, "phases[1][items]")
    await begun(desk, of(desk.price), of(desk.price, yearly))


async def test_a_price_twice(desk: Desk) -> None:
    words = f"Cannot create a Subscription with multiple Subscription Items with the same Price: {desk.price}"
    assert await refusal(desk, phase(desk.price, **months(1)) | of(desk.price, desk.price)) == (words, "plan")
