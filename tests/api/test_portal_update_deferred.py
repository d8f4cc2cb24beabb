"""Changes that wait for the end of the period: when, how, and how they are taken back (facts portal 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.plans import DAY, START, Shop

if TYPE_CHECKING:
    from tests.support.client import Api

MONTH = 30 * DAY
DECREASING, SHORTENING = {"type": "decreasing_item_amount"}, {"type": "shortening_interval"}
WAITING = ["subscription_schedule.created", "customer.subscription.updated", "subscription_schedule.updated"]


async def deferring(shop: Shop, *conditions: Any, **more: Any) -> str:
    """Return a session whose configuration puts off what one of the conditions describes."""
    return await shop.link(await shop.configuration(schedule_at_period_end={"conditions": conditions}, **more))


async def scheduled(shop: Shop) -> Any:
    id_ = (await shop.state())["schedule"]
    return await shop.api.ok("GET", f"/v1/subscription_schedules/{id_}") if id_ else None


@pytest.mark.parametrize(
    "had,wanted,quantity,conditions,waits",
    [
        ("pro", "basic", "1", [DECREASING], True),
        ("basic", "pro", "1", [DECREASING], False),
        ("pro", "basic", "3", [DECREASING], False),
        ("pro", "pro", "1", [DECREASING], True),  # had are two: fewer units cost less
        ("basic", "basic_year", "1", [DECREASING], True),  # 96 a year is less than 10 a month
        ("pro", "pro_year", "1", [SHORTENING], False),
        ("basic_year", "basic", "1", [SHORTENING], True),
        ("basic_year", "basic", "1", [DECREASING], False),
        ("pro", "basic", "1", [], False),
        ("pro", "basic", "1", [SHORTENING], False),
        ("pro", "basic", "1", [SHORTENING, DECREASING], True),
    ],
)
async def test_what_waits(api: Api, had: str, wanted: str, quantity: str, conditions: list[Any], waits: bool) -> None:
    shop = await Shop(api).open(price=had, quantity=2 if had == wanted else 1)
    token = await deferring(shop, *conditions)
    shown = await shop.act("update_preview", token, price=wanted, quantity=quantity)
    assert (shown["deferred_until"] is not None) is waits
    await shop.act("update", token, price=wanted, quantity=quantity)
    assert (await scheduled(shop) is not None) is waits
    assert ((await shop.has())[0] == had) is (waits or had == wanted)


async def test_a_change_that_waits_is_a_schedule_of_two_phases(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    token, before = await deferring(shop, DECREASING), await api.events()
    shown = await shop.act("update_preview", token, price="basic")
    assert (shown["today"], shown["deferred_until"]) == (None, START + MONTH)
    assert (shown["next"]["invoice"]["amount_due"], shown["next"]["invoice"]["created"]) == (1000, START + MONTH)
    await shop.act("update", token, price="basic")
    assert (await api.events())[len(before) :] == WAITING
    schedule = await scheduled(shop)
    now, then = schedule["phases"]
    assert (now["start_date"], now["end_date"], now["items"][0]["price"]) == (START, START + MONTH, shop.prices["pro"])
    assert (then["start_date"], then["items"][0]["price"]) == (START + MONTH, shop.prices["basic"])
    assert schedule["end_behavior"] == "release"
    assert await shop.has() == ("pro", 1)
    assert len(await shop.invoices()) == 1


async def test_it_takes_effect_and_lets_go(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    await shop.act("update", await deferring(shop, DECREASING), price="basic")
    await api.advance(MONTH + 2 * 3600)
    assert await shop.has() == ("basic", 1)
    newest = (await shop.invoices())[0]
    assert (newest["billing_reason"], newest["amount_paid"]) == ("subscription_cycle", 1000)
    token = await deferring(shop, DECREASING)
    assert (await shop.act("update_options", token))["scheduled"] is None
    await shop.act("update", token, price="pro")
    assert await shop.has() == ("pro", 1)
    assert (await shop.state())["schedule"] is None


async def test_asked_twice_it_waits_once_and_another_must_wait(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    token = await deferring(shop, DECREASING)
    answer = await shop.act("update", token, price="basic")
    assert (answer["scheduled"]["at"], answer["scheduled"]["quantity"]) == (START + MONTH, 1)
    assert answer["scheduled"]["price"]["product"]["name"] == "Basic"
    before = await api.events()
    await shop.act("update", token, price="basic")
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, price="basic", quantity="2")
    assert caught.value.extra["reason"] == "change_waits"
    assert (await api.events())[len(before) :] == []
    assert (await shop.act("update_options", token))["scheduled"]["own"] is True


async def test_it_is_taken_back(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    token = await deferring(shop, DECREASING)
    await shop.act("update", token, price="basic")
    before = await api.events()
    await shop.act("cancel_change", token)
    await shop.act("cancel_change", token)
    assert (await api.events())[len(before) :] == ["customer.subscription.updated", "subscription_schedule.released"]
    assert await scheduled(shop) is None
    await api.advance(MONTH + 2 * 3600)
    assert await shop.has() == ("pro", 1)


async def test_a_merchants_schedule_is_not_taken_back(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    made = await api.ok("POST", "/v1/subscription_schedules", {"from_subscription": shop.subscription})
    now = {name: made["phases"][0][name] for name in ("start_date", "end_date")}
    phases = [{"items": [{"price": shop.prices["pro"]}], **now}, {"items": [{"price": shop.prices["basic"]}]}]
    await api.ok("POST", f"/v1/subscription_schedules/{made['id']}", {"phases": phases})
    token = await deferring(shop, DECREASING)
    with pytest.raises(StripeError) as caught:
        await shop.act("cancel_change", token)
    assert (caught.value.status, caught.value.extra["reason"]) == (403, "scheduled")
    home = await shop.see(f"/p/session/{token}")
    assert "It changes to Basic, $10.00 per month, on May 1, 2026." in home.text
    assert "Cancel change" not in home.text


async def test_canceling_the_subscription_releases_the_schedule_first(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    token = await deferring(shop, DECREASING)
    await shop.act("update", token, price="basic")
    before = await api.events()
    await shop.act("cancel", token)
    told = (await api.events())[len(before) :]
    assert told == ["customer.subscription.updated", "subscription_schedule.released", "customer.subscription.updated"]
    state = await shop.state()
    assert (state["schedule"], state["cancel_at"]) == (None, START + MONTH)
    await api.advance(MONTH + 3600)
    assert (await shop.state())["status"] == "canceled"


async def test_in_a_trial_it_waits_for_the_end_of_the_trial(api: Api) -> None:
    shop = await Shop(api).open(price="pro", trial_period_days=14)
    token = await deferring(shop, DECREASING)
    shown = await shop.act("update_preview", token, price="basic")
    assert (shown["deferred_until"], shown["trial_ends"]) == (START + 14 * DAY, False)
    await shop.act("update", token, price="basic")
    assert (await shop.state())["status"] == "trialing"
    await api.advance(14 * DAY + 2 * 3600)
    assert (await shop.state())["status"] == "active"
    assert await shop.has() == ("basic", 1)
    assert (await shop.invoices())[0]["amount_paid"] == 1000


async def test_what_a_subscription_has_besides_its_plan_stays(api: Api) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 10, "duration": "forever"})
    shop = await Shop(api).open(price="pro", discounts=[{"coupon": coupon["id"]}], metadata={"team": "7"})
    had = (await shop.state())["discounts"]
    await shop.act("update", await deferring(shop, DECREASING), price="basic")
    await api.advance(MONTH + 2 * 3600)
    state = await shop.state()
    assert (state["discounts"], state["metadata"]) == (had, {"team": "7"})
    assert (await shop.invoices())[0]["amount_paid"] == 900


async def test_pages_of_a_change_that_waits(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    token = await deferring(shop, DECREASING)
    here = f"/p/session/{token}/subscriptions/{shop.subscription}"
    page = await shop.see(f"{here}/preview/{shop.prices['basic']}?quantity=1")
    told = "Your subscription will be updated at the end of your current billing period on May 1, 2026."
    assert told in page.text
    sent = await shop.send(f"{here}/preview/{shop.prices['basic']}", quantity="1")
    assert sent.location == f"/p/session/{token}?done=scheduled"
    home = await shop.see(f"/p/session/{token}")
    assert 'data-testid="subscription-scheduled-update-badge"' in home.text
    plans = await shop.see(f"{here}/update")
    assert told in plans.text
    assert "pricing-table" not in plans.text
    assert (await shop.see(f"{here}/preview/{shop.prices['basic']}?quantity=2")).location == f"{here}/update"
    assert (await shop.send(f"{here}/update/undo")).location == f"/p/session/{token}?done=change_canceled"
    assert 'data-testid="pricing-table"' in (await shop.see(f"{here}/update")).text
