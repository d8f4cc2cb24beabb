"""What metered items are billed: at the end, late, taken back, below zero (docs.stripe.com/billing/subscriptions/usage-based)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_billing_modes import items, metered_price, pending, use
from tests.journeys.traveller import (
    DAY,
    FREE,
    HOUR,
    MONTH_END,
    PAYMENT,
    RENEWAL_PAID,
    RENEWED,
    SETTLED,
    START,
    Traveller,
)

if TYPE_CHECKING:
    from tests.support.client import Api

MODES = pytest.mark.parametrize("mode", ["classic", "flexible"])
ADJUST = "/v1/billing/meter_event_adjustments"


async def begun(api: Api, mode: str = "flexible", **more: Any) -> tuple[Traveller, Any]:
    ada = await Traveller(api).begin()
    price = await metered_price(ada)
    async with ada.expecting("customer.updated", "customer.subscription.created", *FREE):
        made = await ada.subscribe(price, billing_mode={"type": mode}, **more)
    return ada, made


async def billed(ada: Traveller, subscription: str) -> list[tuple[int, int]]:
    lines = (await ada.look(subscription))["latest_invoice"]["lines"]["data"]
    return [(one["amount"], one["quantity"]) for one in lines]


@MODES
@pytest.mark.parametrize("invoice_now", [True, False])
async def test_cancelled_now(api: Api, mode: str, invoice_now: bool) -> None:
    """What is not invoiced yet is billed with ``invoice_now``, else it is lost (facts billing 6.15)."""
    ada, made = await begun(api, mode)
    await ada.after(10 * DAY)
    await use(ada, 100)
    await ada.after(HOUR)
    final = ("invoiceitem.created", "invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED)
    async with ada.expecting(*(final if invoice_now else ()), "customer.subscription.deleted"):
        params = {"invoice_now": invoice_now}
        ended = await api.ok("DELETE", f"/v1/subscriptions/{made['id']}", params)
    assert ended["status"] == "canceled"
    assert await pending(ada) == []
    if invoice_now:
        assert await billed(ada, made["id"]) == [(500, 100)]
    async with ada.expecting():
        await ada.until(MONTH_END + DAY)


@MODES
async def test_cancelled_at_the_end_of_the_period(api: Api, mode: str) -> None:
    ada, made = await begun(api, mode)
    async with ada.expecting("customer.subscription.updated"):
        await ada.change(made["id"], cancel_at_period_end=True)
    await ada.after(10 * DAY)
    await use(ada, 100)
    async with ada.expecting(
        "invoiceitem.created", "invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED,
        "customer.subscription.deleted",
    ):  # fmt: skip
        await ada.until(MONTH_END)
    assert await billed(ada, made["id"]) == [(500, 100)]


@pytest.mark.parametrize("used", [0, 100])
async def test_removed_with_its_subscription_unused(api: Api, used: int) -> None:
    ada, made = await begun(api)
    await ada.change(made["id"], cancel_at_period_end=True)
    if used:
        await use(ada, used)
    await ada.until(MONTH_END)
    invoices = (await ada.get("/v1/invoices", {"subscription": made["id"]}))["data"]
    assert [one["total"] for one in invoices] == ([500, 0] if used else [0]), "no last invoice of nothing"


async def test_late_events_count_until_the_draft_is_finalized(api: Api) -> None:
    ada, made = await begun(api)
    await ada.after(10 * DAY)
    await use(ada, 100)
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    assert await billed(ada, made["id"]) == [(500, 100)]
    await ada.after(HOUR // 2)
    await use(ada, 20, timestamp=MONTH_END - 1)  # in the period that is over
    await use(ada, 3)  # in the new one
    async with ada.expecting("invoice.updated", *RENEWAL_PAID):
        await ada.after(HOUR)
    assert await billed(ada, made["id"]) == [(600, 120)]
    await use(ada, 50, timestamp=MONTH_END - 1)  # too late for any invoice
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END + 31 * DAY)
    assert await billed(ada, made["id"]) == [(15, 3)]


async def test_events_taken_back(api: Api) -> None:
    ada, made = await begun(api)
    await ada.until(MONTH_END - HOUR)
    await use(ada, 100, identifier="one")
    await use(ada, 40, identifier="two")
    async with ada.expecting():
        await ada.post(ADJUST, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}})
    await ada.until(MONTH_END)
    assert await billed(ada, made["id"]) == [(200, 40)]
    # within the hour of the draft the other one is taken back too
    await ada.post(ADJUST, {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "two"}})
    async with ada.expecting(
        "invoice.updated",
        "customer.updated",
        "invoice.updated",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ):
        await ada.after(2 * HOUR)
    assert await billed(ada, made["id"]) == [(0, 0)]


async def test_events_are_taken_back_for_a_day_only(api: Api) -> None:
    ada, _ = await begun(api)
    await use(ada, 100, identifier="one")
    await ada.after(DAY + 1)
    wish = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    assert (await ada.refused(ADJUST, wish)).status == 400
    assert (await ada.refused(ADJUST, {**wish, "event_name": "other"})).status == 400


@pytest.mark.parametrize(("values", "expected"), [((100, -30), (350, 70)), ((10, -30), (0, 0)), ((-5,), (0, 0))])
async def test_values_below_zero(api: Api, values: tuple[int, ...], expected: tuple[int, int]) -> None:
    """They lower the sum; what is left below zero is not given back (a choice)."""
    ada, made = await begun(api)
    for value in values:
        await use(ada, value)
    await ada.until(MONTH_END)
    assert await billed(ada, made["id"]) == [expected]


@MODES
async def test_a_new_anchor_bills_what_was_used(api: Api, mode: str) -> None:
    ada, made = await begun(api, mode)
    await ada.after(10 * DAY)
    await use(ada, 100)
    await ada.after(HOUR)
    async with ada.expecting(
        "invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED, "invoiceitem.created",
        "customer.subscription.updated",
    ):  # fmt: skip
        after = await ada.change(made["id"], billing_cycle_anchor={"type": "now"}, proration_behavior="always_invoice")
    assert after["billing_cycle_anchor"] == ada.now
    assert await billed(ada, made["id"]) == [(500, 100)]
    await use(ada, 7)
    await ada.until(items(after)[0]["current_period_end"])
    assert await billed(ada, made["id"]) == [(35, 7)], "billed once only"


async def test_usage_in_a_trial_is_free(api: Api) -> None:
    ada = await Traveller(api).begin()
    price = await metered_price(ada)
    made = await ada.subscribe(price, trial_period_days=10)
    await use(ada, 100)
    await ada.until(START + 10 * DAY)
    await ada.after(DAY)
    await use(ada, 8)
    await ada.until(START + 41 * DAY)
    assert await billed(ada, made["id"]) == [(40, 8)]


async def test_events_of_a_customer_without_a_subscription_wait_for_nobody(api: Api) -> None:
    """Usage from before the subscription is not billed."""
    ada = await Traveller(api).begin()
    price = await metered_price(ada)
    await use(ada, 100)
    await ada.after(DAY)
    made = await ada.subscribe(price)
    await use(ada, 9)
    await ada.until(items(made)[0]["current_period_end"])
    assert await billed(ada, made["id"]) == [(45, 9)]
