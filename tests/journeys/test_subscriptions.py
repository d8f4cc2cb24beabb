"""Journeys of subscriptions that go well: months, trials, changes of plan and quantity, coupons, invoices that are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.traveller import (
    CLASSIC,
    DAY,
    FIRST_PAID,
    FREE,
    HOUR,
    MONTH_END,
    NEXT_END,
    PAYMENT,
    RENEWAL_PAID,
    RENEWED,
    SETTLED,
    START,
    Traveller,
)

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_first_paid_month_to_cancel_at_period_end(api: Api) -> None:
    ada = await Traveller(api).begin()
    made = await ada.first_month()
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    async with ada.expecting("customer.subscription.updated"):
        await ada.change(made["id"], cancel_at_period_end=True)
    async with ada.expecting("customer.subscription.deleted"):
        await ada.until(NEXT_END + DAY)
    ended = await ada.look(made["id"])
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", NEXT_END, MONTH_END + 2 * HOUR)
    invoices = (await ada.get("/v1/invoices", {"subscription": made["id"]}))["data"]
    assert [one["amount_paid"] for one in invoices] == [2500, 2500]


async def test_trial_to_paid(api: Api) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(2500)
    async with ada.expecting("customer.updated", "customer.subscription.created", *FREE):
        made = await ada.subscribe(price, trial_period_days=14)
    assert (made["status"], made["latest_invoice"]["total"]) == ("trialing", 0)
    async with ada.expecting("customer.subscription.trial_will_end"):
        await ada.after(11 * DAY)
    async with ada.expecting(*RENEWED):
        await ada.after(3 * DAY)
    assert (await ada.look(made["id"]))["status"] == "active"
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["amount_paid"] == 2500


@pytest.mark.parametrize(
    ("behavior", "at_end", "an_hour_later", "status"),
    [
        ("cancel", ("customer.subscription.deleted",), (), "canceled"),
        ("pause", ("customer.subscription.paused", "customer.subscription.updated"), (), "paused"),
        (
            "create_invoice", RENEWED,
            ("customer.updated", "invoice.updated", "invoice.finalized", "invoice.payment_failed", "customer.subscription.updated"),
            "past_due",
        ),
    ],
)  # fmt: skip
async def test_trial_without_card(
    api: Api, behavior: str, at_end: tuple[str, ...], an_hour_later: tuple[str, ...], status: str
) -> None:
    ada = await Traveller(api).begin(card=None)
    price = await ada.price(2500)
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    async with ada.expecting("customer.updated", "setup_intent.created", "customer.subscription.created", *FREE):
        made = await ada.subscribe(price, trial_period_days=14, trial_settings=settings)
    async with ada.expecting("customer.subscription.trial_will_end", *at_end):
        await ada.after(14 * DAY)
    async with ada.expecting(*an_hour_later):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["status"] == status


@pytest.mark.parametrize("headers", [None, CLASSIC], ids=["flexible", "classic"])
async def test_upgrade_and_downgrade(api: Api, headers: dict[str, str] | None) -> None:
    ada = await Traveller(api).begin()
    small, large = await ada.price(1000), await ada.price(2000)
    async with ada.expecting(*FIRST_PAID):
        made = await ada.subscribe(small, headers=headers)
    item = made["items"]["data"][0]["id"]
    await ada.after(10 * DAY)
    async with ada.expecting(
        "invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED,
        "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
    ):  # fmt: skip
        up = await ada.change(made["id"], items=[{"id": item, "price": large}], proration_behavior="always_invoice")
    assert [one["amount"] for one in up["latest_invoice"]["lines"]["data"]] == [-667, 1333]
    await ada.after(10 * DAY)
    async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
        await ada.change(made["id"], items=[{"id": item, "price": small}])
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    draft = (await ada.look(made["id"]))["latest_invoice"]
    # classic credits the price, flexible what was debited for twenty days: here both are the same
    assert sorted(one["amount"] for one in draft["lines"]["data"]) == [-667, 333, 1000]
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["amount_paid"] == 666


async def test_annual_to_monthly_and_back(api: Api) -> None:
    ada = await Traveller(api).begin()
    monthly, yearly = await ada.price(2500), await ada.price(25_000, "year")
    async with ada.expecting(*FIRST_PAID):
        made = await ada.subscribe(yearly, headers=CLASSIC)
    await ada.after(73 * DAY)
    item = made["items"]["data"][0]["id"]
    async with ada.expecting(
        "invoice.created", "customer.updated", "invoice.finalized", "invoice.paid",
        "invoice.payment_succeeded", "invoiceitem.created", "customer.subscription.updated",
    ):  # fmt: skip
        down = await ada.change(made["id"], items=[{"id": item, "price": monthly}])
    assert [one["amount"] for one in down["latest_invoice"]["lines"]["data"]] == [-20_000, 2500]
    assert down["billing_cycle_anchor"] == START + 73 * DAY
    assert (await ada.get(f"/v1/customers/{ada.customer}"))["balance"] == -17_500


async def test_quantity_up_and_down(api: Api) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(3000)
    async with ada.expecting(*FIRST_PAID):
        made = await ada.subscribe(price)
    item = made["items"]["data"][0]["id"]
    await ada.after(10 * DAY)
    async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
        await ada.post(f"/v1/subscription_items/{item}", {"quantity": 4})
    await ada.after(10 * DAY)
    async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
        await ada.post(f"/v1/subscription_items/{item}", {"quantity": 2})
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    draft = (await ada.look(made["id"]))["latest_invoice"]
    assert sorted(one["amount"] for one in draft["lines"]["data"]) == [-4000, -2000, 2000, 6000, 8000]
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)


@pytest.mark.parametrize(
    ("duration", "totals"),
    [
        ({"duration": "once"}, [1000, 2000, 2000, 2000]),
        ({"duration": "repeating", "duration_in_months": 2}, [1000, 1000, 2000, 2000]),
        ({"duration": "forever"}, [1000, 1000, 1000, 1000]),
    ],
    ids=["once", "repeating", "forever"],
)
async def test_coupons(api: Api, duration: dict[str, object], totals: list[int]) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(2000)
    await ada.post("/v1/coupons", {"id": "HALF", "percent_off": 50, **duration})
    async with ada.expecting("customer.discount.created", *FIRST_PAID):
        made = await ada.subscribe(price, discounts=[{"coupon": "HALF"}])
    for month in range(3):
        end = (await ada.look(made["id"]))["items"]["data"][0]["current_period_end"]
        over = ["customer.discount.deleted"] if month == 1 and duration["duration"] == "repeating" else []
        async with ada.expecting(*over, *RENEWED):
            await ada.until(end)
        async with ada.expecting(*RENEWAL_PAID):
            await ada.after(2 * HOUR)
    invoices = (await ada.get("/v1/invoices", {"subscription": made["id"]}))["data"]
    assert [one["total"] for one in reversed(invoices)] == totals


async def test_send_invoice_overdue(api: Api) -> None:
    ada = await Traveller(api).begin(card=None)
    price = await ada.price(2500)
    async with ada.expecting("customer.updated", "customer.subscription.created", "invoice.created"):
        made = await ada.subscribe(price, collection_method="send_invoice", days_until_due=7)
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "draft")
    async with ada.expecting("customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created"):
        await ada.after(2 * HOUR)
    async with ada.expecting("invoice.overdue", "customer.subscription.updated"):
        await ada.after(7 * DAY)
    late = await ada.look(made["id"])
    assert (late["status"], late["latest_invoice"]["status"]) == ("past_due", "open")
    async with ada.expecting(
        "invoice.paid", "invoice.payment_succeeded", "payment_intent.canceled", "customer.subscription.updated"
    ):
        await ada.post(f"/v1/invoices/{late['latest_invoice']['id']}/pay", {"paid_out_of_band": True})
    assert (await ada.look(made["id"]))["status"] == "active"


async def test_a_metered_month(api: Api) -> None:
    ada = await Traveller(api).begin()
    meter = await ada.post(
        "/v1/billing/meters",
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}},
    )
    price = await ada.price(5, recurring={"interval": "month", "usage_type": "metered", "meter": meter["id"]})
    async with ada.expecting("customer.updated", "customer.subscription.created", *FREE):
        made = await ada.subscribe(price)
    await ada.after(10 * DAY)
    usage = {"event_name": "calls", "payload": {"stripe_customer_id": ada.customer, "value": "400"}}
    async with ada.expecting():
        await ada.post("/v1/billing/meter_events", {**usage, "timestamp": ada.now})
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["amount_paid"] == 2000
