"""Changing the plan in the portal: who may, what it becomes, what it costs, what is announced (facts portal 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.plans import DAY, HALF, START, Shop
from tests.support.portal import since

if TYPE_CHECKING:
    from tests.support.client import Api

INVOICED = [
    "invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created", "charge.succeeded",
    "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
    "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
]  # fmt: skip


async def refused(shop: Shop, token: str, **params: Any) -> StripeError:
    """Return the refusal that the plans, the preview and the act give alike; nothing was announced or changed."""
    before, had = await shop.api.events(), await shop.state()
    found = []
    for act in ("update_preview", "update"):
        with pytest.raises(StripeError) as caught:
            await shop.act(act, token, **params)
        found.append(caught.value)
    assert found[0].members() == found[1].members()
    assert await since(shop.api, before) == []
    assert await shop.state() == had
    return found[0]


async def invoiced(shop: Shop, token: str, **params: Any) -> tuple[Any, Any]:
    """Return the invoice that the preview showed for today and the one that the change made."""
    shown = (await shop.act("update_preview", token, **params))["today"]["invoice"]
    await shop.act("update", token, **params)
    return shown, (await shop.invoices())[0]


def amounts(invoice: Any) -> list[tuple[str, int]]:
    return [(line["description"], line["amount"]) for line in invoice["lines"]["data"]]


async def test_what_is_offered(api: Api) -> None:
    shop = await Shop(api).open(quantity=3)
    bounds = {"enabled": True, "minimum": 2, "maximum": 9}
    products = [
        {"product": shop.products["Pro"], "prices": [shop.prices["pro"], shop.prices["pro_year"]]},
        {"product": shop.products["Basic"], "prices": [shop.prices["basic"]], "adjustable_quantity": bounds},
    ]
    token = await shop.link(await shop.configuration(products=products))
    answer = await shop.act("update_options", token)
    assert answer["current"] == {"price": shop.prices["basic"], "quantity": 3}
    assert [offer["product"]["name"] for offer in answer["offers"]] == ["Pro", "Basic"]
    assert [one["unit_amount"] for one in answer["offers"][0]["prices"]] == [2000, 24000]
    assert answer["offers"][1]["quantity"] == {"minimum": 2, "maximum": 9}
    assert answer["promotion_codes"] is True
    assert answer["scheduled"] is None
    assert answer["default_payment_method"] == answer["payment_methods"][0]["id"]


async def test_an_upgrade_is_prorated_to_the_second_and_paid_at_once(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token, before = await shop.link(), await api.events()
    shown, made = await invoiced(shop, token, price="pro")
    assert await since(api, before) == INVOICED
    assert amounts(shown) == amounts(made) == [
        ("Unused time on Basic after 16 Apr 2026", -500), ("Remaining time on Pro after 16 Apr 2026", 1000),
    ]  # fmt: skip
    assert (shown["amount_due"], made["amount_paid"], made["status"]) == (500, 500, "paid")
    assert made["billing_reason"] == "subscription_update"
    assert await shop.has() == ("pro", 1)
    changed = (await api.happened())[-1]["data"]
    assert {"items", "latest_invoice"} <= set(changed["previous_attributes"])
    before = await api.events()
    await shop.act("update", token, price="pro")
    assert await since(api, before) == [], "what is asked for twice is done once"


async def test_the_amounts_of_a_recent_preview_are_charged(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link()
    await shop.act("update_options", token)
    shown = await shop.act("update_preview", token, price="pro")
    await api.freeze(START + HALF + 600)
    await shop.act("update", token, price="pro", shown_at=str(shown["now"]))
    made = (await shop.invoices())[0]
    assert amounts(made) == amounts(shown["today"]["invoice"])
    assert made["parent"]["subscription_details"]["subscription_proration_date"] == START + HALF


@pytest.mark.parametrize("shown_at", [str(START), str(START + HALF + 99), "soon", "-1", None, ["1"]])
async def test_an_old_or_invented_instant_is_not_prorated_at(api: Api, shown_at: Any) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    await shop.act("update", await shop.link(), price="pro", shown_at=shown_at)
    assert (await shop.invoices())[0]["amount_paid"] == 500


async def test_more_of_the_same(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    shown, made = await invoiced(shop, await shop.link(), quantity="3")
    assert amounts(shown) == amounts(made)
    assert made["total"] == 1000
    assert await shop.has() == ("basic", 3)


async def test_the_quantity_goes_along_to_another_plan(api: Api) -> None:
    shop = await Shop(api).open(quantity=4)
    await shop.act("update", await shop.link(), price="pro")
    assert await shop.has() == ("pro", 4)


@pytest.mark.parametrize("quantity", ["1", "10", "0", "-3", "2.5", "two", "٣", "9999999999"])
async def test_quantities_outside_of_the_bounds(api: Api, quantity: str) -> None:
    shop = await Shop(api).open(quantity=3)
    bounds = {"enabled": True, "minimum": 2, "maximum": 9}
    products = [
        {"product": shop.products["Basic"], "prices": [shop.prices["basic"]], "adjustable_quantity": bounds},
    ]
    token = await shop.link(await shop.configuration(products=products))
    error = await refused(shop, token, quantity=quantity)
    assert (error.code, error.extra["minimum"], error.extra["maximum"]) == ("portal_quantity", 2, 9)


async def test_a_quantity_that_may_not_be_chosen(api: Api) -> None:
    shop = await Shop(api).open(quantity=3)
    token = await shop.link(await shop.configuration(default_allowed_updates=["price"]))
    assert (await refused(shop, token, price="pro", quantity="4")).extra["reason"] == "quantity_fixed"
    await shop.act("update", token, price="pro", quantity="3")
    assert await shop.has() == ("pro", 3)


async def test_a_price_that_may_not_be_chosen(api: Api) -> None:
    shop = await Shop(api).open()
    token = await shop.link(await shop.configuration(default_allowed_updates=["quantity"]))
    assert (await refused(shop, token, price="pro")).extra["reason"] == "price_not_offered"
    answer = await shop.act("update_options", token)
    assert [one["id"] for offer in answer["offers"] for one in offer["prices"]] == [shop.prices["basic"]]


async def test_create_prorations_wait_for_the_next_invoice(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link(await shop.configuration(proration_behavior="create_prorations"))
    shown = await shop.act("update_preview", token, price="pro")
    assert shown["today"] is None
    assert (shown["next"]["invoice"]["amount_due"], shown["regular"]["invoice"]["total"]) == (2500, 2000)
    before = await api.events()
    await shop.act("update", token, price="pro")
    assert await since(api, before) == ["invoiceitem.created"] * 2 + ["customer.subscription.updated"]
    await api.advance(HALF + 2 * 3600)
    assert (await shop.invoices())[0]["amount_paid"] == 2500


async def test_without_proration_the_next_invoice_has_the_new_price(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link(await shop.configuration(proration_behavior="none"))
    shown = await shop.act("update_preview", token, price="pro")
    assert (shown["today"], shown["next"]["invoice"]["amount_due"]) == (None, 2000)
    before = await api.events()
    await shop.act("update", token, price="pro")
    assert await since(api, before) == ["customer.subscription.updated"]


async def test_the_period_can_begin_anew(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link(await shop.configuration(billing_cycle_anchor="now"))
    shown, made = await invoiced(shop, token, price="pro")
    assert (shown["amount_due"], made["amount_paid"]) == (1500, 1500)
    item = (await shop.state())["items"]["data"][0]
    assert item["current_period_start"] == START + HALF


async def test_a_downgrade_at_once_goes_to_the_balance(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    await api.freeze(START + HALF)
    shown, made = await invoiced(shop, await shop.link(), price="basic")
    assert (shown["amount_due"], shown["total"], made["total"], made["status"]) == (0, -500, -500, "paid")
    assert (await api.ok("GET", f"/v1/customers/{shop.customer}"))["balance"] == -500
    await api.freeze(START + HALF + 60)
    shown, made = await invoiced(shop, await shop.link(), price="pro", quantity="2")
    assert shown["amount_due"] == made["amount_paid"] == made["total"] - 500, "the balance is used first"


async def test_a_year_instead_of_a_month(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    shown, made = await invoiced(shop, await shop.link(), price="basic_year")
    assert (shown["amount_due"], made["amount_paid"]) == (8705, 8705)
    assert (await shop.state())["items"]["data"][0]["price"]["recurring"]["interval"] == "year"


async def test_a_change_ends_the_trial_and_is_paid(api: Api) -> None:
    shop = await Shop(api).open(trial_period_days=14)
    await api.freeze(START + 3 * DAY)
    token = await shop.link()
    shown = await shop.act("update_preview", token, price="pro")
    assert (shown["trial_ends"], shown["today"]["invoice"]["amount_due"]) == (True, 2000)
    await shop.act("update", token, price="pro")
    state = await shop.state()
    assert (state["status"], state["trial_end"]) == ("active", START + 3 * DAY)
    assert (await shop.invoices())[0]["amount_paid"] == 2000
    previous = (await api.happened())[-1]["data"]["previous_attributes"]
    assert previous["status"] == "trialing"
    assert {"items", "trial_end"} <= set(previous)


async def test_a_trial_can_go_on(api: Api) -> None:
    shop = await Shop(api).open(trial_period_days=14)
    wanted = {"proration_behavior": "none", "trial_update_behavior": "continue_trial"}
    token = await shop.link(await shop.configuration(**wanted))
    shown = await shop.act("update_preview", token, price="pro")
    assert (shown["trial_ends"], shown["today"], shown["next"]["invoice"]["amount_due"]) == (False, None, 2000)
    before = await api.events()
    await shop.act("update", token, price="pro")
    assert await since(api, before) == ["customer.subscription.updated"]
    state = await shop.state()
    assert (state["status"], state["trial_end"]) == ("trialing", START + 14 * DAY)


async def test_a_preview_leaves_no_trace(api: Api) -> None:
    shop = await Shop(api).open()
    token = await shop.link()
    space = await api.space()
    before = await api.engine.store.dump(space.store_name)
    await shop.act("update_preview", token, price="pro_year", quantity="5")
    assert await api.engine.store.dump(space.store_name) == before


@pytest.mark.parametrize("member", ["price", "quantity", "promotion_code"])
@pytest.mark.parametrize("value", [True, ["x"], {"a": "b"}, 1.5])
async def test_members_of_other_types(api: Api, member: str, value: Any) -> None:
    shop = await Shop(api).open()
    assert (await refused(shop, await shop.link(), **{member: value})).status == 400


async def test_strangers_and_unknown_things(api: Api) -> None:
    shop = await Shop(api).open()
    token, mine = await shop.link(), shop.subscription
    other = await api.ok("POST", "/v1/customers", {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}})  # fmt: skip
    theirs = await api.ok("POST", "/v1/subscriptions", {"customer": other["id"], "items": [{"price": shop.prices["basic"]}]})  # fmt: skip
    for wanted in (theirs["id"], "sub_nothing", None, ["x"], 3):
        for act in ("update_options", "update_preview", "update", "cancel_change"):
            with pytest.raises(StripeError) as caught:
                await shop.act(act, token, subscription=wanted, price="pro")
            assert caught.value.status == 404
    shop.subscription = mine
    assert (await refused(shop, token, price="price_nothing")).status == 403
    method = other["invoice_settings"]["default_payment_method"]
    for wanted in (method, "pm_nothing", ["x"], 7):
        with pytest.raises(StripeError) as caught:
            await shop.act("update", token, price="pro", payment_method=wanted)
        assert caught.value.status == 403
    assert await shop.has() == ("basic", 1)


async def test_on_a_test_clock_the_customers_own_time_counts(api: Api) -> None:
    shop = await Shop(api).open()
    clock = await api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": START + 300 * DAY})
    made = await api.ok("POST", "/v1/customers", {
        "payment_method": "pm_card_visa", "test_clock": clock["id"],
        "invoice_settings": {"default_payment_method": "pm_card_visa"},
    })  # fmt: skip
    shop.customer = made["id"]
    await shop.subscribe("basic")
    token = await shop.link()
    shown = await shop.act("update_preview", token, price="pro")
    assert shown["now"] == START + 300 * DAY
    await shop.act("update", token, price="pro", shown_at=str(shown["now"]))
    newest = (await shop.invoices())[0]
    assert (newest["created"], newest["amount_paid"]) == (START + 300 * DAY, 1000)
