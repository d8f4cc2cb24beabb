"""Time passes: renewals, failed payments and their retries, ends of trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.billing.desk import DECLINES, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_a_month_later_there_is_a_draft_and_an_hour_later_it_is_paid(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.news()
    await api.advance(MONTH_END - START)
    assert await desk.news() == ["customer.subscription.updated", "invoice.created"]
    cycle = await desk.subscription(made["id"])
    invoice = cycle["latest_invoice"]
    assert (invoice["status"], invoice["billing_reason"], invoice["auto_advance"]) == (
        "draft",
        "subscription_cycle",
        True,
    )
    assert (invoice["period_start"], invoice["period_end"]) == (START, MONTH_END)
    assert invoice["automatically_finalizes_at"] == MONTH_END + 3601
    assert invoice["next_payment_attempt"] == MONTH_END + 3600
    assert cycle["items"]["data"][0]["current_period_start"] == MONTH_END
    assert invoice["lines"]["data"][0]["period"]["start"] == MONTH_END
    await api.advance(3601)
    assert await desk.news() == [
        "customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
    ]  # fmt: skip
    assert (await desk.subscription(made["id"]))["latest_invoice"]["status"] == "paid"


async def test_a_year_of_months_ends_where_it_began(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await api.advance("366d")
    invoices = (await desk.get("/v1/invoices", {"subscription": made["id"], "limit": 100}))["data"]
    assert len(invoices) == 13
    assert {one["status"] for one in invoices} == {"paid"}
    assert (await desk.subscription(made["id"]))["items"]["data"][0]["current_period_start"] == START + 365 * 86_400


async def test_a_failed_renewal_is_past_due_retried_and_recovers(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.card(DECLINES)
    await api.advance(MONTH_END - START)
    await desk.news()
    await api.advance("2h")
    events = await desk.news()
    assert events == [
        "customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
        "invoice.payment_failed", "customer.subscription.updated",
    ]  # fmt: skip
    late = await desk.subscription(made["id"])
    assert (late["status"], late["latest_invoice"]["attempt_count"]) == ("past_due", 1)
    assert late["latest_invoice"]["next_payment_attempt"] > MONTH_END
    await desk.card("pm_card_visa")
    await api.advance("4d")
    recovered = await desk.subscription(made["id"])
    assert (recovered["status"], recovered["latest_invoice"]["status"]) == ("active", "paid")
    assert recovered["latest_invoice"]["attempt_count"] == 2


async def test_when_all_retries_failed_the_subscription_is_canceled(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.card(DECLINES)
    await api.advance("60d")
    ended = await desk.subscription(made["id"])
    assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "payment_failed")
    assert (ended["latest_invoice"]["status"], ended["latest_invoice"]["attempt_count"]) == ("open", 4)


async def test_a_trial_ends_with_a_charge(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(trial_period_days=10)
    await desk.news()
    await api.advance("10d")
    assert await desk.news() == [
        "customer.subscription.trial_will_end", "customer.subscription.updated", "invoice.created"
    ]  # fmt: skip
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["total"]) == ("active", 2500)
    await api.advance("2h")
    assert (await desk.subscription(made["id"]))["latest_invoice"]["status"] == "paid"


@pytest.mark.parametrize(
    ("behavior", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
)
async def test_a_trial_ends_without_a_card(api: Api, behavior: str, status: str) -> None:
    desk = await Desk(api).open(card=None)
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    made = await desk.subscribe(trial_period_days=10, trial_settings=settings)
    await api.advance("10d")
    await api.advance("2h")
    assert (await desk.subscription(made["id"]))["status"] == status


async def test_a_discount_for_once_waits_for_the_end_of_the_trial(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/coupons", {"id": "ONCE", "percent_off": 50, "duration": "once"})
    made = await desk.subscribe(trial_period_days=10, discounts=[{"coupon": "ONCE"}])
    assert len(made["discounts"]) == 1
    await api.advance("11d")
    after = await desk.subscription(made["id"])
    assert (after["latest_invoice"]["total"], after["discounts"]) == (1250, [])


@pytest.mark.parametrize(
    ("behavior", "status"), [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")]
)
async def test_paused_collection(api: Api, behavior: str, status: str) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(expand=[])
    await desk.change(made["id"], pause_collection={"behavior": behavior, "resumes_at": START + 40 * 86_400})
    await api.advance("32d")
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", status)
    await api.advance("10d")
    assert (await desk.subscription(made["id"]))["pause_collection"] is None
