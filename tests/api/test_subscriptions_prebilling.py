"""Subscriptions that are billed in advance: ``billing_schedules`` (docs.stripe.com/billing/subscriptions/prebilling)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import CLASSIC, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
SECOND_END = MONTH_END + 31 * DAY
THIRD_END = SECOND_END + 30 * DAY
FOURTH_END = THIRD_END + 31 * DAY
BILLED = {"expand": ["items.data.billed_until"]}


@pytest.fixture
async def desk(api: Api) -> Desk:
    return await Desk(api).open(amount=1000)


def for_months(count: int, *prices: str, **more: Any) -> list[dict[str, Any]]:
    """Return a schedule that lasts some months."""
    entry: dict[str, Any] = {
        "bill_until": {"type": "duration", "duration": {"interval": "month", "interval_count": count}}
    }
    if prices:
        entry["applies_to"] = [{"type": "price", "price": one} for one in prices]
    return [{**entry, **more}]


def until(at: int) -> list[dict[str, Any]]:
    return [{"bill_until": {"type": "timestamp", "timestamp": at}}]


async def ends(desk: Desk, subscription: str) -> list[int]:
    """Return until when the items are billed."""
    found = await desk.get(f"/v1/subscriptions/{subscription}", BILLED)
    return [one["billed_until"] for one in found["items"]["data"]]


def spans(invoice: Any) -> list[tuple[int, int, int]]:
    lines = invoice["lines"]["data"]
    return [(one["amount"], one["period"]["start"], one["period"]["end"]) for one in lines]


async def totals(desk: Desk, subscription: str) -> list[int]:
    """Return what the invoices of a subscription come to, oldest first."""
    found = (await desk.get("/v1/invoices", {"subscription": subscription}))["data"]
    return [one["total"] for one in reversed(found)]


async def test_three_months_at_signup_then_month_by_month(desk: Desk) -> None:
    made = await desk.subscribe(billing_schedules=for_months(3))
    assert made["billing_schedules"] == [{
        "applies_to": None, "key": "billing_schedule",
        "bill_until": {
            "computed_timestamp": THIRD_END, "duration": {"interval": "month", "interval_count": 3}, "timestamp": None,
            "type": "duration",
        },
    }]  # fmt: skip
    assert spans(made["latest_invoice"]) == [
        (1000, START, MONTH_END), (1000, MONTH_END, SECOND_END), (1000, SECOND_END, THIRD_END),
    ]  # fmt: skip
    assert made["latest_invoice"]["amount_paid"] == 3000
    row = made["items"]["data"][0]
    assert (row["current_period_end"], "billed_until" in row) == (MONTH_END, False), "shown only when asked for"
    assert await ends(desk, made["id"]) == [THIRD_END]
    await desk.news()
    await desk.api.advance(MONTH_END - START)
    assert await desk.news() == ["customer.subscription.updated"], "the next period begins, nothing is billed"
    await desk.api.advance(SECOND_END - MONTH_END + 7200)
    after = await desk.subscription(made["id"])
    assert (after["items"]["data"][0]["current_period_start"], after["status"]) == (SECOND_END, "active")
    assert await totals(desk, made["id"]) == [3000]
    await desk.api.advance(THIRD_END - SECOND_END)
    after = await desk.subscription(made["id"])
    assert await totals(desk, made["id"]) == [3000, 1000]
    assert spans(after["latest_invoice"]) == [(1000, THIRD_END, FOURTH_END)]
    assert (after["billing_schedules"], await ends(desk, made["id"])) == ([], [FOURTH_END])


async def test_an_item_billed_as_it_comes_beside_one_that_is_not(desk: Desk) -> None:
    extra = await desk.new_price(300)
    items = [{"price": desk.price}, {"price": extra, "quantity": 2}]
    made = await desk.subscribe(items=items, billing_schedules=for_months(2, extra))
    assert sorted(one[0] for one in spans(made["latest_invoice"])) == [600, 600, 1000]
    assert await ends(desk, made["id"]) == [MONTH_END, SECOND_END]
    await desk.api.advance(MONTH_END - START + 7200)
    assert await totals(desk, made["id"]) == [2200, 1000]
    await desk.api.advance(SECOND_END - MONTH_END)
    assert await totals(desk, made["id"]) == [2200, 1000, 1600]


async def test_a_part_of_a_month_ahead_has_its_rest_on_the_next_invoice(desk: Desk) -> None:
    half = MONTH_END + 31 * DAY // 2
    made = await desk.subscribe(billing_schedules=until(half))
    assert spans(made["latest_invoice"]) == [(1000, START, MONTH_END), (500, MONTH_END, half)]
    await desk.api.advance(MONTH_END - START)
    after = await desk.subscription(made["id"])
    assert spans(after["latest_invoice"]) == [(500, half, SECOND_END)]
    assert await ends(desk, made["id"]) == [SECOND_END]


async def test_an_update_bills_at_once_or_with_the_next_renewal(desk: Desk) -> None:
    one, other = await desk.subscribe(), await desk.subscribe()
    await desk.api.advance(10 * DAY)
    await desk.news()
    at_once = await desk.change(one["id"], billing_schedules=until(THIRD_END), proration_behavior="always_invoice")
    assert await desk.news() == [
        "invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created", "charge.succeeded",
        "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
        "customer.subscription.updated",
    ]  # fmt: skip
    assert (at_once["latest_invoice"]["billing_reason"], at_once["latest_invoice"]["amount_paid"]) == (
        "subscription_update", 2000,
    )  # fmt: skip
    assert await ends(desk, one["id"]) == [THIRD_END]
    later = await desk.change(other["id"], billing_schedules=until(THIRD_END))
    assert await desk.news() == ["customer.subscription.updated"]
    assert later["latest_invoice"]["id"] == other["latest_invoice"]["id"]
    await desk.api.advance(MONTH_END - START - 10 * DAY + 7200)
    assert await totals(desk, one["id"]) == [1000, 2000]
    assert await totals(desk, other["id"]) == [1000, 2000]
    assert await ends(desk, other["id"]) == [THIRD_END]
    await desk.change(one["id"], billing_schedules=until(THIRD_END), proration_behavior="always_invoice")
    assert await totals(desk, one["id"]) == [1000, 2000], "what is billed is not billed again"
    gone = await desk.change(one["id"], billing_schedules="")
    assert gone["billing_schedules"] == []
    assert await ends(desk, one["id"]) == [THIRD_END]


async def test_a_preview_shows_what_is_billed_ahead(desk: Desk) -> None:
    made = await desk.subscribe()
    wish = {"billing_schedules": for_months(3), "proration_behavior": "always_invoice"}
    seen = await desk.ok("/v1/invoices/create_preview", {"subscription": made["id"], "subscription_details": wish})
    assert seen["total"] == 2000
    new = {"items": [{"price": desk.price}], "billing_schedules": for_months(3)}
    seen = await desk.ok("/v1/invoices/create_preview", {"customer": desk.customer, "subscription_details": new})
    assert seen["total"] == 3000
    assert (await desk.subscription(made["id"]))["billing_schedules"] == []


async def test_a_trial_puts_it_off_unless_it_is_invoiced_always(desk: Desk) -> None:
    end = START + 14 * DAY
    made = await desk.subscribe(trial_end=end, billing_schedules=for_months(2))
    assert made["latest_invoice"]["total"] == 0
    now = await desk.subscribe(trial_end=end, billing_schedules=for_months(2), proration_behavior="always_invoice")
    assert now["latest_invoice"]["amount_paid"] > 1000
    await desk.api.advance(14 * DAY + 7200)
    assert await totals(desk, now["id"]) == [now["latest_invoice"]["total"]]
    assert await totals(desk, made["id"]) == [0, now["latest_invoice"]["total"]]
    assert await ends(desk, made["id"]) == await ends(desk, now["id"])


async def test_a_dearer_price_is_owed_for_all_that_is_billed(desk: Desk) -> None:
    made = await desk.subscribe(billing_schedules=for_months(3))
    dearer = await desk.new_price(2000)
    item = {"id": made["items"]["data"][0]["id"], "price": dearer}
    after = await desk.change(made["id"], items=[item], proration_behavior="always_invoice")
    assert sorted(one[0] for one in spans(after["latest_invoice"])) == [-1000] * 3 + [2000] * 3
    assert await ends(desk, made["id"]) == [THIRD_END]
    back = await desk.change(made["id"], items=[{**item, "price": desk.price}], proration_behavior="always_invoice")
    assert back["latest_invoice"]["total"] == -3000, "what was debited last is given back"


async def test_an_end_gives_back_what_was_billed_beyond_it(desk: Desk) -> None:
    made = await desk.subscribe(billing_schedules=for_months(3))
    await desk.api.advance(10 * DAY)
    planned = await desk.change(made["id"], cancel_at=SECOND_END)
    waiting = (await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True}))["data"]
    assert [(one["amount"], one["period"]["start"]) for one in waiting] == [(-1000, SECOND_END)]
    assert await ends(desk, made["id"]) == [SECOND_END]
    assert planned["items"]["data"][0]["current_period_end"] == MONTH_END
    await desk.api.ok("DELETE", f"/v1/subscriptions/{made['id']}", {"prorate": True})
    waiting = (await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True}))["data"]
    assert sorted(one["amount"] for one in waiting) == [-1000, -1000, -667], "nothing is given back twice"


async def test_an_end_when_all_that_is_billed_is_over(desk: Desk) -> None:
    made = await desk.subscribe(billing_schedules=for_months(2))
    planned = await desk.change(made["id"], cancel_at="max_billed_until")
    assert planned["cancel_at"] == SECOND_END
    await desk.api.advance(SECOND_END - START + 7200)
    assert (await desk.subscription(made["id"]))["status"] == "canceled"
    assert await totals(desk, made["id"]) == [2000]


async def test_a_new_anchor_gives_all_back(desk: Desk) -> None:
    made = await desk.subscribe(billing_schedules=for_months(3))
    await desk.change(made["id"], billing_schedules="")
    after = await desk.change(
        made["id"], billing_cycle_anchor={"type": "now"}, proration_behavior="always_invoice"
    )  # fmt: skip
    assert after["latest_invoice"]["total"] == 1000 - 3000
    assert await ends(desk, made["id"]) == [MONTH_END]


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"billing_schedules": until(MONTH_END - 1)}, "billing_schedules[0][bill_until][timestamp]"),
        ({"billing_schedules": until(START + 6 * 366 * DAY)}, "billing_schedules[0][bill_until][timestamp]"),
        ({"billing_schedules": for_months(51)}, "billing_schedules"),
        ({"billing_schedules": for_months(0)}, "billing_schedules[0][bill_until][duration]"),
        ({"billing_schedules": for_months(-5)}, "billing_schedules[0][bill_until][duration]"),
        ({"billing_schedules": for_months(10**12)}, "billing_schedules[0][bill_until][duration]"),
        ({"billing_schedules": [{"bill_until": {"type": "duration"}}]}, "billing_schedules[0][bill_until][duration]"),
        ({"billing_schedules": [{"bill_until": {"type": "timestamp"}}]}, "billing_schedules[0][bill_until][timestamp]"),
        ({"billing_schedules": [{"key": "a"}]}, "billing_schedules[0][bill_until]"),
        ({"billing_schedules": for_months(2, "price_none")}, "billing_schedules[0][applies_to][0][price]"),
        ({"billing_schedules": for_months(2) * 2}, "billing_schedules"),
        ({"billing_schedules": for_months(2), "proration_behavior": "none"}, "proration_behavior"),
        ({"billing_schedules": for_months(4), "cancel_at": THIRD_END}, "billing_schedules[0][bill_until][duration]"),
    ],
)
async def test_what_cannot_be_billed_ahead(desk: Desk, wish: dict[str, Any], param: str) -> None:
    base = {"customer": desk.customer, "items": [{"price": desk.price}]}
    made = await desk.subscribe()
    await desk.news()
    for path, more in (("/v1/subscriptions", base), (f"/v1/subscriptions/{made['id']}", {})):
        answer = await desk.refused(path, {**more, **wish})
        assert (answer.status, answer.error.get("param")) == (400, param), answer.text
    assert await desk.news() == []
    assert (await desk.subscription(made["id"]))["billing_schedules"] == []


async def test_coupons_that_do_not_go_with_it(desk: Desk) -> None:
    for id, coupon in (("FIVE", {"amount_off": 500, "currency": "usd"}), ("SOME", {"percent_off": 10, "duration": "repeating",
                                                                                  "duration_in_months": 3})):  # fmt: skip
        await desk.ok("/v1/coupons", {"id": id, "duration": "forever", **coupon})
        wish = {"customer": desk.customer, "items": [{"price": desk.price}], "discounts": [{"coupon": id}]}
        answer = await desk.refused("/v1/subscriptions", {**wish, "billing_schedules": for_months(2)})
        assert answer.status == 400
        made = await desk.subscribe(billing_schedules=for_months(2))
        answer = await desk.refused(f"/v1/subscriptions/{made['id']}", {"discounts": [{"coupon": id}]})
        assert answer.status == 400
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    made = await desk.subscribe(discounts=[{"coupon": "TEN"}], billing_schedules=for_months(2))
    assert made["latest_invoice"]["total"] == 1800


async def test_classic_billing_schedules_and_usage_are_left_out(desk: Desk) -> None:
    classic = await desk.subscribe(headers=CLASSIC)
    answer = await desk.refused(f"/v1/subscriptions/{classic['id']}", {"billing_schedules": for_months(2)})
    assert answer.error["param"] == "billing_schedules"
    managed = await desk.subscribe()
    await desk.ok("/v1/subscription_schedules", {"from_subscription": managed["id"]})
    assert (
        await desk.refused(f"/v1/subscriptions/{managed['id']}", {"billing_schedules": for_months(2)})
    ).status == 400
    ahead = await desk.subscribe(billing_schedules=for_months(2))
    answer = await desk.refused("/v1/subscription_schedules", {"from_subscription": ahead["id"]})
    assert answer.error["param"] == "billing_schedules"
    meter = {"display_name": "M", "event_name": "m", "default_aggregation": {"formula": "sum"}}
    recurring = {
        "interval": "month",
        "usage_type": "metered",
        "meter": (await desk.ok("/v1/billing/meters", meter))["id"],
    }
    used = await desk.new_price(5, recurring=recurring)
    wish = {"customer": desk.customer, "items": [{"price": used}]}
    assert (await desk.refused("/v1/subscriptions", {**wish, "billing_schedules": for_months(2)})).status == 400
    both = {**wish, "items": [{"price": used}, {"price": desk.price}]}
    answer = await desk.refused("/v1/subscriptions", {**both, "billing_schedules": for_months(2, used)})
    assert answer.error["param"] == "billing_schedules[0][applies_to][0][price]"
    mixed = await desk.subscribe(items=both["items"], billing_schedules=for_months(2))
    assert mixed["latest_invoice"]["total"] == 2000
