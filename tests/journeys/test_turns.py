"""Journeys that take a turn: debits returned late, disputes, schedules of two phases, other rhythms without a new anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.journeys.traveller import (
    DAY,
    DECLINED,
    FIRST_PAID,
    HOUR,
    MONTH_END,
    NEXT_END,
    PAYMENT,
    RENEWAL_PAID,
    RENEWED,
    SENT,
    SETTLED,
    START,
    Traveller,
)

if TYPE_CHECKING:
    from tests.support.client import Api

DISPUTED = ("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.updated")


async def test_a_debit_of_the_first_month_comes_back(api: Api) -> None:
    ada = Traveller(api)
    made = await ada.debited("pm_failedDelayed_de")
    # the attempt is counted when the bank answers; nobody collects a first invoice again by itself
    async with ada.expecting(*DECLINED, "customer.subscription.updated"):
        await ada.after(HOUR)
    failed = await ada.look(made["id"])
    assert (failed["latest_invoice"]["attempt_count"], failed["latest_invoice"]["auto_advance"]) == (1, False)
    assert (failed["status"], failed["latest_invoice"]["status"]) == ("past_due", "open")


async def test_a_debit_of_a_renewal_comes_back_and_a_card_recovers(api: Api) -> None:
    ada = Traveller(api)
    made = await ada.debited("pm_successDelayed_de")
    await ada.after(HOUR)
    await ada.card("pm_failedDelayed_de")
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    async with ada.expecting("customer.updated", "invoice.updated", "invoice.finalized", *SENT, "invoice.updated"):
        await ada.until(MONTH_END + HOUR + 1)
    assert (await ada.look(made["id"]))["status"] == "active"
    async with ada.expecting(*DECLINED, "customer.subscription.updated"):
        await ada.after(HOUR)
    late = await ada.look(made["id"])
    assert (late["status"], late["latest_invoice"]["status"]) == ("past_due", "open")
    await ada.card("pm_card_visa")
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated"):
        await ada.post(f"/v1/invoices/{late['latest_invoice']['id']}/pay")
    assert (await ada.look(made["id"]))["status"] == "active"


async def disputed(api: Api) -> tuple[Traveller, Any, Any]:
    ada = await Traveller(api).begin()
    made = await ada.first_month("pm_card_createDispute")
    async with ada.expecting("customer.updated", "invoice.updated", "invoice.finalized", *PAYMENT, *DISPUTED, *SETTLED):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["status"] == "active", "a dispute alone ends nothing"
    return ada, made, (await ada.get("/v1/disputes"))["data"][0]


async def test_a_dispute_is_won(api: Api) -> None:
    ada, made, dispute = await disputed(api)
    async with ada.expecting("charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"):
        evidence = {"evidence": {"uncategorized_text": "winning_evidence"}}
        after = await ada.post(f"/v1/disputes/{dispute['id']}", evidence)
    assert after["status"] == "won"
    await ada.card("pm_card_visa")
    async with ada.expecting(*RENEWED):
        await ada.until(NEXT_END)
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["amount_paid"] == 2500


async def test_a_dispute_is_given_in_to(api: Api) -> None:
    ada, made, dispute = await disputed(api)
    async with ada.expecting("charge.dispute.updated", "charge.dispute.closed"):
        after = await ada.post(f"/v1/disputes/{dispute['id']}/close")
    assert after["status"] == "lost"
    invoice = (await ada.look(made["id"]))["latest_invoice"]
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 2500), "a dispute leaves the invoice as it was"


async def test_a_schedule_with_two_phases_that_cancels(api: Api) -> None:
    ada = await Traveller(api).begin()
    small, large = await ada.price(1000), await ada.price(2000)
    month = {"interval": "month", "interval_count": 1}
    wish = {
        "customer": ada.customer, "start_date": "now", "end_behavior": "cancel",
        "phases": [{"items": [{"price": one}], "duration": month} for one in (small, large)],
    }  # fmt: skip
    async with ada.expecting(
        "customer.updated", "customer.subscription.created", "invoice.created", "subscription_schedule.created"
    ):
        made = await ada.post("/v1/subscription_schedules", wish)
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["subscription"]))["latest_invoice"]["amount_paid"] == 1000
    # the phase, the subscription in it (another price), then the renewal (facts billing 9.2 names them without an order)
    async with ada.expecting("subscription_schedule.updated", "customer.subscription.updated", *RENEWED):
        await ada.until(MONTH_END)
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["subscription"]))["latest_invoice"]["amount_paid"] == 2000
    async with ada.expecting(
        "subscription_schedule.expiring", "customer.subscription.deleted", "subscription_schedule.completed"
    ):
        await ada.until(NEXT_END)
    ended = await ada.look(made["subscription"])
    assert (ended["status"], ended["ended_at"]) == ("canceled", NEXT_END)


async def test_annual_to_monthly_keeps_the_anchor(api: Api) -> None:
    """Flexible billing: no invoice at once, what was paid for the year is credited on the next one."""
    ada = await Traveller(api).begin()
    monthly, yearly = await ada.price(2500), await ada.price(36_500, "year")
    async with ada.expecting(*FIRST_PAID):
        made = await ada.subscribe(yearly)
    await ada.until(MONTH_END)
    item = {"id": made["items"]["data"][0]["id"], "price": monthly}
    async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
        down = await ada.change(made["id"], items=[item])
    row = down["items"]["data"][0]
    assert down["billing_cycle_anchor"] == START
    assert (row["current_period_start"], row["current_period_end"]) == (MONTH_END, NEXT_END)
    pending = (await ada.get("/v1/invoiceitems", {"customer": ada.customer}))["data"]
    assert sorted(one["amount"] for one in pending) == [-33_500, 2500]
    async with ada.expecting(*RENEWED):
        await ada.until(NEXT_END)
    async with ada.expecting(
        "customer.updated", "invoice.updated", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"
    ):
        await ada.after(2 * HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["total"] == -33_500 + 2500 + 2500
    assert (await ada.get(f"/v1/customers/{ada.customer}"))["balance"] == -28_500


async def test_monthly_to_annual_keeps_the_anchor(api: Api) -> None:
    ada = await Traveller(api).begin()
    monthly, yearly = await ada.price(3000), await ada.price(36_500, "year")
    made = await ada.subscribe(monthly)
    await ada.after(10 * DAY)
    item = {"id": made["items"]["data"][0]["id"], "price": yearly}
    async with ada.expecting(
        "invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED, "invoiceitem.created",
        "invoiceitem.created", "customer.subscription.updated",
    ):  # fmt: skip
        up = await ada.change(made["id"], items=[item], proration_behavior="always_invoice")
    row = up["items"]["data"][0]
    assert up["billing_cycle_anchor"] == START
    assert (row["current_period_start"], row["current_period_end"]) == (START, START + 365 * DAY)
    assert [one["amount"] for one in up["latest_invoice"]["lines"]["data"]] == [-2000, 35_500]
    async with ada.expecting():
        await ada.until(START + 60 * DAY)
