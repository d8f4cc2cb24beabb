"""Who may change the plan: the decision table, row by row, by the operations and by addresses typed by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.plans import HALF, START, Shop

if TYPE_CHECKING:
    from tests.support.client import Api

Row = Callable[[Shop], Awaitable[Any]]


async def _nothing(shop: Shop) -> None:
    return None


async def _off(shop: Shop) -> str:
    return await shop.configuration(enabled=False)


async def _no_updates(shop: Shop) -> str:
    return await shop.configuration(default_allowed_updates=["promotion_code"])


async def _several_items(shop: Shop) -> None:
    items = [{"price": shop.prices["pro"]}]
    await shop.api.ok("POST", f"/v1/subscriptions/{shop.subscription}", {"items": items})


async def _metered(shop: Shop) -> None:
    meter = await shop.api.ok(
        "POST", "/v1/billing/meters", {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )  # fmt: skip
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter["id"]}
    price = await shop.price("calls", "Calls", 5, recurring=recurring)
    made = await shop.api.ok("POST", "/v1/subscriptions", {"customer": shop.customer, "items": [{"price": price}]})
    shop.subscription = made["id"]


async def _invoiced(shop: Shop) -> None:
    await shop.subscribe(collection_method="send_invoice", days_until_due=30)


async def _unsupported_method(shop: Shop) -> None:
    given = {"type": "klarna", "billing_details": {"email": "jenny@example.com", "address": {"country": "US"}}}
    method = await shop.api.ok("POST", "/v1/payment_methods", given)
    await shop.api.ok("POST", f"/v1/payment_methods/{method['id']}/attach", {"customer": shop.customer})
    await shop.api.ok(
        "POST", f"/v1/customers/{shop.customer}", {"invoice_settings": {"default_payment_method": method["id"]}}
    )


async def _scheduled(shop: Shop) -> None:
    made = await shop.api.ok("POST", "/v1/subscription_schedules", {"from_subscription": shop.subscription})
    now = made["phases"][0]
    phases = [
        {"items": [{"price": shop.prices["basic"]}], "start_date": now["start_date"], "end_date": now["end_date"]},
        {"items": [{"price": shop.prices["pro"]}]},
    ]
    await shop.api.ok("POST", f"/v1/subscription_schedules/{made['id']}", {"phases": phases})


async def _canceling(shop: Shop) -> None:
    await shop.api.ok("POST", f"/v1/subscriptions/{shop.subscription}", {"cancel_at_period_end": True})


async def _ended(shop: Shop) -> None:
    await shop.api.ok("DELETE", f"/v1/subscriptions/{shop.subscription}")


async def _trialing(shop: Shop) -> None:
    await shop.subscribe(trial_period_days=7)


async def _past_due(shop: Shop) -> None:
    card = await shop.attach("pm_card_chargeCustomerFail")
    params = {"invoice_settings": {"default_payment_method": card}}
    await shop.api.ok("POST", f"/v1/customers/{shop.customer}", params)
    await shop.api.advance("31d")
    assert (await shop.state())["status"] == "past_due"


async def _not_collected(shop: Shop) -> None:
    params = {"pause_collection": {"behavior": "void"}}
    await shop.api.ok("POST", f"/v1/subscriptions/{shop.subscription}", params)


async def _paused_after_its_trial(shop: Shop) -> None:
    ends = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    params = {"items": [{"price": shop.prices["basic"]}], "trial_period_days": 1, **ends}
    customer = await shop.api.ok("POST", "/v1/customers", {})
    made = await shop.api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], **params})
    shop.customer, shop.subscription = customer["id"], made["id"]
    await shop.api.advance("2d")
    assert (await shop.state())["status"] == "paused"


async def _waiting_by_the_portal(shop: Shop) -> str:
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    configuration = await shop.configuration(schedule_at_period_end=conditions)
    await shop.subscribe("pro")
    await shop.act("update", await shop.link(configuration), price="basic")
    assert (await shop.state())["schedule"]
    return configuration


async def _unspecified_tax(shop: Shop) -> str:
    price = await shop.price("plain", "Plain", 500, tax_behavior="unspecified")
    await shop.subscribe("plain")
    return await shop.configuration(
        default_allowed_updates=["price"], products=_one(shop, "Plain", price, "Pro", "pro")
    )


async def _other_tax(shop: Shop) -> str:
    price = await shop.price("gross", "Gross", 2000, tax_behavior="inclusive")
    return await shop.configuration(default_allowed_updates=["price"], products=_one(shop, "Gross", price))


async def _other_currency(shop: Shop) -> str:
    price = await shop.price("euro", "Euro", 2000, currency="eur")
    return await shop.configuration(default_allowed_updates=["price"], products=_one(shop, "Euro", price))


async def _only_the_present_price(shop: Shop) -> str:
    products = _one(shop, "Basic", "basic")
    return await shop.configuration(default_allowed_updates=["price"], products=products)


def _one(shop: Shop, *pairs: str) -> list[Any]:
    named = zip(pairs[::2], pairs[1::2], strict=True)
    return [{"product": shop.products[name], "prices": [shop.prices.get(price, price)]} for name, price in named]


# what is set up, why an update is refused (None: it is not), and whether cancelling is allowed
TABLE: list[tuple[Row, str | None, bool]] = [
    (_nothing, None, True),
    (_off, "feature_disabled", True),
    (_no_updates, "nothing_offered", True),
    (_several_items, "multiple_items", True),
    (_metered, "metered", True),
    (_invoiced, "send_invoice", True),
    (_unsupported_method, "unsupported_payment_method", True),
    (_scheduled, "scheduled", False),
    (_canceling, None, False),
    (_trialing, None, True),
    (_past_due, None, True),
    (_not_collected, None, True),
    (_paused_after_its_trial, "status", True),
    (_ended, "ended", False),
    (_unspecified_tax, "nothing_offered", True),
    (_other_tax, "nothing_offered", True),
    (_other_currency, "nothing_offered", True),
    (_only_the_present_price, "nothing_offered", True),
]


@pytest.mark.parametrize("row,reason,cancel", TABLE, ids=[row[0].__name__.strip("_") for row in TABLE])
async def test_the_decision_table(api: Api, row: Row, reason: str | None, cancel: bool) -> None:
    shop = await Shop(api).open()
    token = await shop.link(await row(shop))
    answer = await shop.act("subscription", token)
    assert answer["permissions"]["update"] is (reason is None)
    assert answer["permissions"]["cancel"] is cancel
    here, before = f"/p/session/{token}/subscriptions/{shop.subscription}", await api.events()
    home = await shop.see(f"/p/session/{token}")
    assert (f"{here}/update" in home.text) is (reason is None)
    pages = [await shop.see(f"{here}/{rest}") for rest in ("update", f"preview/{shop.prices['pro']}?quantity=1")]
    if reason is None:
        assert [page.status for page in pages] == [200, 200]
        return
    assert [page.status for page in pages] == [403, 403]
    assert all("This is not available" in page.text for page in pages)
    posted = await shop.send(f"{here}/preview/{shop.prices['pro']}", quantity="1")
    assert posted.status == 403
    for act in ("update_options", "update_preview", "update"):
        with pytest.raises(StripeError) as caught:
            await shop.act(act, token, price="pro")
        assert (caught.value.status, caught.value.extra["reason"]) == (403, reason)
    assert (await api.events())[len(before) :] == []


async def test_prices_whose_tax_behavior_differs_are_left_out_unless_the_world_wants_them(api: Api) -> None:
    shop = await Shop(api).open()
    for name, behavior in (("gross", "inclusive"), ("open", "unspecified")):
        await shop.price(name, name.title(), 2000, tax_behavior=behavior)
    token = await shop.link(
        await shop.configuration(products=_one(shop, "Gross", "gross", "Open", "open", "Pro", "pro"))
    )

    async def offered() -> list[str]:
        answer = await shop.act("update_options", token)
        return [offer["product"]["name"] for offer in answer["offers"]]

    assert await offered() == ["Pro"]
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, price="gross")
    assert caught.value.extra["reason"] == "price_not_offered"
    (await api.space()).settings["portal_tax_behavior_rule"] = "any"
    assert await offered() == ["Gross", "Open", "Pro"]


async def test_a_price_with_an_amount_in_the_currency_is_offered_in_it(api: Api) -> None:
    shop = await Shop(api).open()
    options = {"usd": {"unit_amount": 3300, "tax_behavior": "exclusive"}}
    await shop.price("world", "World", 3000, currency="eur", currency_options=options)
    token = await shop.link(await shop.configuration(products=_one(shop, "World", "world")))
    answer = await shop.act("update_options", token)
    assert [(one["currency"], one["unit_amount"]) for one in answer["offers"][0]["prices"]] == [("usd", 3300)]
    await api.freeze(START + HALF)
    shown = await shop.act("update_preview", await shop.link(), price="pro")
    assert shown["today"]["invoice"]["currency"] == "usd"


async def test_a_product_that_is_not_listed_keeps_its_quantity_but_may_be_left(api: Api) -> None:
    shop = await Shop(api).open(quantity=2)
    token = await shop.link(await shop.configuration(products=_one(shop, "Pro", "pro")))
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, quantity="5")
    assert caught.value.extra["reason"] == "quantity_fixed"
    await shop.act("update", token, price="pro", quantity="5")
    assert await shop.has() == ("pro", 5)


async def test_a_schedule_without_changes_to_come_blocks_nothing(api: Api) -> None:
    shop = await Shop(api).open()
    await api.ok("POST", "/v1/subscription_schedules", {"from_subscription": shop.subscription})
    token = await shop.link()
    await shop.act("update", token, price="pro")
    assert await shop.has() == ("pro", 1)


async def test_a_schedule_of_the_portals_own_blocks_neither(api: Api) -> None:
    shop = await Shop(api).open()
    token = await shop.link(await _waiting_by_the_portal(shop))
    answer = await shop.act("subscription", token)
    assert (answer["permissions"]["update"], answer["permissions"]["cancel"]) == (True, True)
    page = await shop.see(f"/p/session/{token}/subscriptions/{shop.subscription}/update")
    assert "Cancel change" in page.text
    await shop.act("cancel", token)
    assert (await shop.state())["schedule"] is None


async def test_managed_payments_hinder_no_schedule_since_february_2026(api: Api) -> None:
    # E20 of the facts: refused until 2026-02-09 only, so what is put off waits by a schedule here as well.
    shop = await Shop(api).open(price="pro")
    space = await api.space()
    async with api.engine.store.begin(space.store_name) as uow:
        found = await uow.get("subscription", shop.subscription)
        assert found is not None
        uow.put("subscription", {**found, "managed_payments": {"enabled": True}})
        await uow.commit()
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    token = await shop.link(await shop.configuration(schedule_at_period_end=conditions))
    await shop.act("update", token, price="basic")
    state = await shop.state()
    assert state["managed_payments"] == {"enabled": True}
    schedule = await api.ok("GET", f"/v1/subscription_schedules/{state['schedule']}")
    assert [phase["items"][0]["price"] for phase in schedule["phases"]] == [shop.prices["pro"], shop.prices["basic"]]
    await shop.act("cancel_change", token)
    made = await api.ok("POST", "/v1/subscription_schedules", {"from_subscription": shop.subscription})
    assert made["status"] == "active"
