"""What phases of a schedule say beside their items: one-time items, trials, taxes, who pays and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.schedules import DAY, SCHEDULES, TWO_MONTHS_END, begun, item_of, months, phase
from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

TEN_DAYS = {"duration": {"interval": "day", "interval_count": 10}}
BERLIN = {"line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open()


async def fee(desk: Desk, amount: int = 700) -> str:
    made = await desk.ok("/v1/prices", {"product": desk.product, "currency": "usd", "unit_amount": amount})
    return str(made["id"])


def amounts(invoice: Any) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


async def test_one_time_items_of_the_first_phase(desk: Desk) -> None:
    one = await fee(desk)
    wish = phase(desk.price, add_invoice_items=[{"price": one, "quantity": 2}], **months(2))
    expected = [
        "customer.updated", "customer.subscription.created", "invoiceitem.created", "invoice.created",
        "subscription_schedule.created",
    ]  # fmt: skip
    await desk.news()
    schedule = await begun(desk, wish)
    assert await desk.news() == expected
    added = schedule["phases"][0]["add_invoice_items"][0]
    assert (added["price"], added["quantity"], added["discounts"]) == (one, 2, [])
    assert added["period"] == {"end": {"type": "min_item_period_end"}, "start": {"type": "max_item_period_start"}}
    invoice = (await desk.subscription(schedule["subscription"]))["latest_invoice"]
    assert sorted(amounts(invoice)) == [1400, 2500]
    assert {line["period"]["end"] for line in invoice["lines"]["data"]} == {MONTH_END}
    await desk.api.advance(MONTH_END - START)
    assert amounts((await desk.subscription(schedule["subscription"]))["latest_invoice"]) == [2500]


async def test_one_time_items_of_a_later_phase(desk: Desk) -> None:
    one = await fee(desk)
    described = {"currency": "usd", "product": desk.product, "unit_amount": 300}
    extra = [
        {"price": one},
        {"price_data": described, "period": {"start": {"type": "phase_start"}, "end": {"type": "phase_end"}}},
    ]
    schedule = await begun(
        desk, phase(desk.price, **months(1)), phase(desk.price, add_invoice_items=extra, **months(2))
    )
    await desk.ok(f"/v1/prices/{one}", {"active": False})  # archived meanwhile: the schedule goes on with it
    await desk.api.advance(3601)
    await desk.news()
    expected = [
        "subscription_schedule.updated", "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
        "invoice.created",
    ]  # fmt: skip
    await desk.api.advance(MONTH_END - START - 3601)
    assert await desk.news() == expected
    invoice = (await desk.subscription(schedule["subscription"]))["latest_invoice"]
    assert sorted(amounts(invoice)) == [300, 700, 2500]
    periods = {line["amount"]: line["period"] for line in invoice["lines"]["data"]}
    assert periods[700] == {"start": MONTH_END, "end": TWO_MONTHS_END}
    assert periods[300] == {"start": MONTH_END, "end": schedule["phases"][1]["end_date"]}


async def test_an_update_adds_one_time_items_once(desk: Desk) -> None:
    schedule = await begun(desk, phase(desk.price, **months(2)))
    await desk.api.advance(3601)
    path = f"{SCHEDULES}/{schedule['id']}"
    first = phase(desk.price, start_date=START, add_invoice_items=[{"price": await fee(desk)}], **months(2))
    await desk.news()
    expected = ["subscription_schedule.updated", "invoiceitem.created"]
    await desk.ok(path, {"phases": [first]})
    assert [one for one in await desk.news() if one != "customer.subscription.updated"] == expected
    await desk.ok(path, {"phases": [{**first, "metadata": {"a": "b"}}]})
    assert "invoiceitem.created" not in await desk.news()


async def test_a_trial_in_the_middle(desk: Desk) -> None:
    schedule = await begun(
        desk, phase(desk.price, **months(1)), phase(desk.price, trial=True, **TEN_DAYS), phase(desk.price)
    )
    await desk.api.advance(MONTH_END - START)
    subscription = await desk.subscription(schedule["subscription"])
    row = subscription["items"]["data"][0]
    assert (subscription["status"], subscription["trial_end"]) == ("trialing", MONTH_END + 10 * DAY)
    assert (row["current_period_start"], row["current_period_end"]) == (MONTH_END, MONTH_END + 10 * DAY)
    assert amounts(subscription["latest_invoice"]) == [0]
    await desk.api.advance(10 * DAY + 3601)
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["status"], subscription["latest_invoice"]["amount_paid"]) == ("active", 2500)


async def test_a_trial_within_a_period_credits_the_rest(desk: Desk) -> None:
    schedule = await begun(
        desk, phase(desk.price, **TEN_DAYS), phase(desk.price, trial=True, **TEN_DAYS), phase(desk.price)
    )
    await desk.api.advance(10 * DAY)
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["status"], subscription["trial_end"]) == ("trialing", START + 20 * DAY)
    assert sorted(amounts(subscription["latest_invoice"])) == [-1667, 0]


async def test_a_phase_says_about_taxes(api: Api) -> None:
    desk = await Desk(api).open(address=BERLIN)
    taxed = {"automatic_tax": {"enabled": True}}
    schedule = await begun(desk, phase(desk.price, **taxed, **months(1)), phase(desk.price, **months(1)))
    assert schedule["phases"][0]["automatic_tax"] == {
        "disabled_reason": None, "enabled": True, "liability": {"type": "self"}
    }  # fmt: skip
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["automatic_tax"]["enabled"], subscription["latest_invoice"]["total"]) == (True, 2975)
    await api.advance(MONTH_END - START)
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["automatic_tax"]["enabled"], subscription["latest_invoice"]["total"]) == (False, 2500)


async def test_taxes_of_all_phases_and_of_nowhere(api: Api) -> None:
    desk = await Desk(api).open()
    taxed = {"default_settings": {"automatic_tax": {"enabled": True}}}
    wish = {"customer": desk.customer, "start_date": "now", "phases": [phase(desk.price)], **taxed}
    refused = await desk.refused(SCHEDULES, wish)
    assert refused.error["code"] == "customer_tax_location_invalid"
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": BERLIN})
    schedule = await begun(desk, phase(desk.price, **months(1)), phase(desk.price, 2), **taxed)
    assert [one["automatic_tax"]["enabled"] for one in schedule["phases"]] == [True, True]
    assert schedule["default_settings"]["automatic_tax"]["liability"] == {"type": "self"}
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": ""})
    await api.advance(MONTH_END - START)  # the next phase comes all the same
    assert (await item_of(desk, schedule))["quantity"] == 2


async def test_who_pays_in_a_phase(desk: Desk) -> None:
    other = (await desk.ok("/v1/payment_methods/pm_card_mastercard/attach", {"customer": desk.customer}))["id"]
    stranger = (await desk.ok("/v1/customers", {}))["id"]
    theirs = (await desk.ok("/v1/payment_methods/pm_card_visa/attach", {"customer": stranger}))["id"]
    for name, wish in (
        ("phases[0][default_payment_method]", {"phases": [phase(desk.price, default_payment_method=theirs)]}),
        ("default_settings[default_payment_method]", {"phases": [phase(desk.price)], "default_settings": {"default_payment_method": theirs}}),
        ("phases[0][default_payment_method]", {"phases": [phase(desk.price, default_payment_method="pm_none")]}),
    ):  # fmt: skip
        refused = await desk.refused(SCHEDULES, {"customer": desk.customer, "start_date": "now", **wish})
        assert refused.error["param"] == name
    schedule = await begun(
        desk, phase(desk.price, **months(1)), phase(desk.price, 2, default_payment_method=other, **months(1)),
        phase(desk.price, 3, default_payment_method=other, **months(1)),
    )  # fmt: skip
    await desk.api.advance(MONTH_END - START)
    assert (await desk.subscription(schedule["subscription"]))["default_payment_method"] == other
    await desk.ok(f"/v1/payment_methods/{other}/detach")
    await desk.api.advance(TWO_MONTHS_END - MONTH_END)  # gone meanwhile: the phase comes without it
    assert (await item_of(desk, schedule))["quantity"] == 3
    assert (await desk.subscription(schedule["subscription"]))["default_payment_method"] is None


async def test_a_phase_that_sends_needs_its_days(desk: Desk) -> None:
    wish = [phase(desk.price, **months(1)), phase(desk.price, collection_method="send_invoice")]
    refused = await desk.refused(SCHEDULES, {"customer": desk.customer, "start_date": "now", "phases": wish})
    assert refused.error["message"] == (
        "If invoice collection method is 'send_invoice', you must specify 'days_until_due'."
    )
    settings = {"collection_method": "send_invoice", "invoice_settings": {"days_until_due": 7, "footer": "Bye"}}
    schedule = await begun(desk, phase(desk.price, description="Wave 1", **months(1)), default_settings=settings)
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["days_until_due"], subscription["description"]) == (7, "Wave 1")
    assert subscription["latest_invoice"]["footer"] == "Bye"


async def test_what_cannot_be_had_any_more_gives_the_schedule_up(desk: Desk) -> None:
    await desk.ok("/v1/coupons", {"id": "SOON", "percent_off": 10, "duration": "once", "redeem_by": START + DAY})
    late = phase(desk.price, 2, discounts=[{"coupon": "SOON"}], **months(1))
    schedule = await begun(desk, phase(desk.price, **months(1)), late)
    await desk.api.advance(MONTH_END - START + 3601)
    after = await desk.get(f"{SCHEDULES}/{schedule['id']}")
    assert after["status"] == "canceled"
    subscription = await desk.subscription(schedule["subscription"])
    assert (subscription["status"], subscription["latest_invoice"]["amount_paid"]) == ("active", 2500)


async def test_a_described_price_is_used_when_its_phase_comes(desk: Desk) -> None:
    data = {"currency": "usd", "product": desk.product, "unit_amount": 900, "recurring": {"interval": "month"}}
    schedule = await begun(desk, phase(desk.price, **months(1)), {"items": [{"price_data": data}], **months(1)})
    await desk.api.advance(MONTH_END - START)
    assert (await desk.subscription(schedule["subscription"]))["latest_invoice"]["total"] == 900


async def test_one_time_items_that_are_refused(desk: Desk) -> None:
    one = await fee(desk)
    for extra, param in (
        ([{"price": desk.price}], "phases[0][add_invoice_items][0][price]"),
        ([{"price": "price_none"}], "phases[0][add_invoice_items][0][price]"),
        ([{"quantity": 1}], "phases[0][add_invoice_items][0][price]"),
        ([{"price": one, "discounts": [{"coupon": "NONE"}]}], "phases[0][add_invoice_items][0][discounts][0][coupon]"),
        ([{"price": one}] * 21, "phases[0][add_invoice_items]"),
    ):
        wish = phase(desk.price, add_invoice_items=extra)
        refused = await desk.refused(SCHEDULES, {"customer": desk.customer, "start_date": "now", "phases": [wish]})
        assert (refused.status, refused.error["param"]) == (400, param)
