"""The merchant's link to confirm a change while another one waits already (facts portal 3.5, 5.4; quirk 22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.api.test_portal_update_deferred import DECREASING, MONTH, WAITING, scheduled
from tests.support.plans import START, Shop

if TYPE_CHECKING:
    from tests.support.client import Api


async def confirming(shop: Shop, price: str, quantity: int = 1) -> str:
    """Return a link to confirm one change."""
    configuration = await shop.configuration(schedule_at_period_end={"conditions": [DECREASING]})
    item = {"id": shop.item, "price": shop.prices[price], "quantity": quantity}
    flow = {"type": "subscription_update_confirm", "subscription_update_confirm": {
        "subscription": shop.subscription, "items": [item]}}  # fmt: skip
    return await shop.link(configuration, flow_data=flow)


def told(schedule: Any, shop: Shop) -> list[tuple[str, int, int]]:
    names = {id_: name for name, id_ in shop.prices.items()}
    return [
        (names[phase["items"][0]["price"]], phase["items"][0]["quantity"], phase["start_date"])
        for phase in schedule["phases"]
    ]


async def test_another_link_adds_a_phase_after_what_waits(api: Api) -> None:
    shop = await Shop(api).open(price="pro", quantity=3)
    await shop.act("update", await confirming(shop, "pro", 2), price="pro", quantity="2")
    token = await confirming(shop, "basic")
    shown = await shop.act("update_preview", token, price="basic", quantity="1")
    first = (await scheduled(shop))["phases"][1]
    assert (first["start_date"], shown["deferred_until"]) == (START + MONTH, first["end_date"])
    assert shown["next"]["invoice"]["amount_due"] == 4000, "two of Pro come first"
    before = await api.events()
    for _ in range(2):  # sent twice it is asked once
        await shop.act("update", token, price="basic", quantity="1")
    assert (await api.events())[len(before) :] == ["subscription_schedule.updated"]
    schedule = await scheduled(shop)
    end = schedule["phases"][1]["end_date"]
    assert told(schedule, shop) == [("pro", 3, START), ("pro", 2, START + MONTH), ("basic", 1, end)]
    await api.advance(MONTH + 2 * 3600)
    assert await shop.has() == ("pro", 2)
    await api.advance(31 * 86_400)
    assert await shop.has() == ("basic", 1)
    assert [one["amount_paid"] for one in await shop.invoices()] == [1000, 4000, 6000]


async def test_a_change_at_once_takes_the_place_of_what_waits(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    await shop.act("update", await confirming(shop, "basic"), price="basic")
    token, before = await confirming(shop, "pro", 2), await api.events()
    shown = await shop.act("update_preview", token, price="pro", quantity="2")
    assert (shown["deferred_until"], shown["today"]["invoice"]["amount_due"]) == (None, 2000)
    await shop.act("update", token, price="pro", quantity="2")
    assert "subscription_schedule.released" in (await api.events())[len(before) :]
    assert await shop.has() == ("pro", 2)
    assert (await shop.state())["schedule"] is None


async def test_the_page_of_a_link_confirms_and_ends_its_flow(api: Api) -> None:
    shop = await Shop(api).open(price="pro", quantity=3)
    await shop.act("update", await confirming(shop, "pro", 2), price="pro", quantity="2")
    token = await confirming(shop, "basic")
    here = f"/p/session/{token}/subscriptions/{shop.subscription}"
    confirm = await shop.see(f"{here}/update/confirm")
    page = await shop.see(confirm.location) if confirm.location else confirm
    assert 'data-testid="confirm"' in page.text
    assert "Cancel change" not in page.text
    sent = await shop.send(f"{here}/preview/{shop.prices['basic']}", quantity="1")
    assert sent.location == f"/p/session/{token}?done=scheduled"
    assert len((await scheduled(shop))["phases"]) == 3


async def test_without_a_link_it_is_to_be_taken_back_first(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    configuration = await shop.configuration(schedule_at_period_end={"conditions": [DECREASING]})
    token, before = await shop.link(configuration), await api.events()
    await shop.act("update", token, price="basic")
    assert (await api.events())[len(before) :] == WAITING
    for wish in ({"price": "pro", "quantity": "2"}, {"price": "basic", "quantity": "2"}, {"price": "pro"}):
        with pytest.raises(StripeError) as caught:
            await shop.act("update", token, **wish)
        assert caught.value.extra["reason"] == "change_waits"
    assert (await api.events())[len(before) :] == WAITING
    await shop.act("cancel_change", token)
    await shop.act("update", token, price="pro", quantity="2")
    assert await shop.has() == ("pro", 2)
