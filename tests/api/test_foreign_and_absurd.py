"""What belongs to another customer, and times and counts that nothing can have: refused, and nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import START, Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api

NEVER = 99_999_999_999_999  # a time without a date


async def refused(desk: Desk, path: str, params: dict[str, Any], param: str) -> str:
    """Send what is refused for a parameter; return the words. Nothing is announced."""
    await desk.news()
    answer = await desk.refused(path, params)
    assert (answer.status, answer.error["param"]) == (400, param), answer.text
    assert await desk.news() == []
    return str(answer.error["message"])


async def test_another_customer_s_subscription_and_draft(api: Api) -> None:
    desk, other = await Desk(api).open(), await Desk(api).open()
    theirs = (await other.subscribe())["id"]
    draft = (await billed(other))["id"]
    item = {"customer": desk.customer, "amount": 100, "currency": "usd"}
    words = f"Customer {desk.customer} does not have a subscription with ID {theirs}"
    mine = {"customer": desk.customer, "subscription": theirs}
    for path, params in (
        ("/v1/invoices", mine),
        ("/v1/invoiceitems", {**item, "subscription": theirs}),
        ("/v1/invoices/create_preview", mine),
    ):
        assert await refused(desk, path, params, "subscription") == words
    assert (await refused(desk, "/v1/invoiceitems", {**item, "invoice": draft}, "invoice")).endswith(draft)
    schedule = (await other.ok("/v1/subscription_schedules", {"from_subscription": theirs}))["id"]
    await refused(desk, "/v1/invoices/create_preview", {"customer": desk.customer, "schedule": schedule}, "schedule")
    assert (await desk.get(f"/v1/invoices/{draft}"))["total"] == 1000


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"billing_cycle_anchor_config": {"day_of_month": 32}}, "billing_cycle_anchor_config[day_of_month]"),
        ({"billing_cycle_anchor_config": {"day_of_month": 0}}, "billing_cycle_anchor_config[day_of_month]"),
        ({"billing_cycle_anchor_config": {"day_of_month": 1, "hour": 24}}, "billing_cycle_anchor_config[hour]"),
        ({"billing_cycle_anchor_config": {"day_of_month": 1, "month": 13}}, "billing_cycle_anchor_config[month]"),
        ({"collection_method": "send_invoice", "days_until_due": -1}, "days_until_due"),
        ({"collection_method": "send_invoice", "days_until_due": 10**9}, "days_until_due"),
        ({"cancel_at": NEVER}, "cancel_at"),
        ({"trial_end": NEVER}, "trial_end"),
        ({"backdate_start_date": -1}, "backdate_start_date"),
    ],
)
async def test_a_subscription_like_no_other(api: Api, wish: dict[str, Any], param: str) -> None:
    desk = await Desk(api).open()
    await refused(
        desk, "/v1/subscriptions", {"customer": desk.customer, "items": [{"price": desk.price}], **wish}, param
    )


async def test_times_that_never_come(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    here = f"/v1/subscriptions/{made['id']}"
    await refused(desk, here, {"cancel_at": NEVER}, "cancel_at")
    pause = {"pause_collection": {"behavior": "void", "resumes_at": NEVER}}
    await refused(desk, here, pause, "pause_collection[resumes_at]")
    long = {"percent_off": 5, "duration": "repeating", "duration_in_months": 10**8}
    await refused(desk, "/v1/coupons", long, "duration_in_months")
    for clock in (-1, NEVER):
        await refused(desk, "/v1/test_helpers/test_clocks", {"frozen_time": clock}, "frozen_time")
    due = {"customer": desk.customer, "collection_method": "send_invoice"}
    await refused(desk, "/v1/invoices", {**due, "due_date": NEVER}, "due_date")
    await refused(desk, "/v1/invoices", {**due, "days_until_due": -1}, "days_until_due")
    phase = {"items": [{"price": desk.price}], "duration": {"interval": "year", "interval_count": 10**8}}
    schedule = {"customer": desk.customer, "start_date": START + 60, "phases": [phase]}
    await refused(desk, "/v1/subscription_schedules", schedule, "phases[0][end_date]")
    await refused(desk, "/v1/subscription_schedules", {**schedule, "start_date": NEVER}, "start_date")
    backwards = {"customer": desk.customer, "amount": 1, "currency": "usd", "period": {"start": 9, "end": 8}}
    await refused(desk, "/v1/invoiceitems", backwards, "period[end]")
    item = await desk.ok("/v1/invoiceitems", {**backwards, "period": {"start": 8, "end": 9}})
    await desk.news()
    await refused(desk, f"/v1/invoiceitems/{item['id']}", {"period": backwards["period"]}, "period[end]")
    session = {
        "customer": desk.customer, "mode": "subscription", "success_url": "https://example.com",
        "line_items": [{"price": desk.price, "quantity": 1}], "subscription_data": {"trial_period_days": 731},
    }  # fmt: skip
    await refused(desk, "/v1/checkout/sessions", session, "subscription_data[trial_period_days]")
