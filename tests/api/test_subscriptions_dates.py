"""Subscriptions and time: backdating, ends within a period, new anchors, trials on running subscriptions, extra items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import CLASSIC, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
THIRD = (MONTH_END - START) // 3
MONTH = MONTH_END - START


def figures(invoice: Any) -> list[tuple[int, int, int]]:
    return [(one["amount"], one["period"]["start"], one["period"]["end"]) for one in invoice["lines"]["data"]]


async def test_flexible_backdating_bills_each_period(api: Api) -> None:
    desk = await Desk(api).open(amount=3100)
    begin = START - 40 * DAY  # 12 August: a month of 31 days, then the current one
    made = await desk.subscribe(backdate_start_date=begin)
    assert (made["start_date"], made["billing_cycle_anchor"], made["created"]) == (begin, begin, START)
    item = made["items"]["data"][0]
    assert (item["current_period_start"], item["current_period_end"]) == (begin + 31 * DAY, begin + 61 * DAY)
    assert figures(made["latest_invoice"]) == [
        (3100, begin, begin + 31 * DAY), (3100, begin + 31 * DAY, begin + 61 * DAY)
    ]  # fmt: skip
    assert made["latest_invoice"]["status"] == "paid"


async def test_classic_backdating_bills_one_span(api: Api) -> None:
    desk = await Desk(api).open(amount=3100)
    begin = START - 40 * DAY
    made = await desk.subscribe(headers=CLASSIC, backdate_start_date=begin)
    assert (made["start_date"], made["billing_cycle_anchor"]) == (begin, START)
    # nine of the 31 days from 21 July, the 31 from 21 August, and the month that begins
    assert figures(made["latest_invoice"]) == [(900 + 3100, begin, START), (3100, START, MONTH_END)]


async def test_backdating_to_a_coming_anchor(api: Api) -> None:
    desk = await Desk(api).open(amount=3100)
    begin, anchor = START - 10 * DAY, START + 20 * DAY
    made = await desk.subscribe(backdate_start_date=begin, billing_cycle_anchor=anchor)
    assert made["billing_cycle_anchor"] == anchor
    item = made["items"]["data"][0]
    assert (item["current_period_start"], item["current_period_end"]) == (begin, anchor)
    assert [one[0] for one in figures(made["latest_invoice"])] == [3100]


async def test_backdating_without_prorations_bills_from_now(api: Api) -> None:
    desk = await Desk(api).open(amount=3100)
    made = await desk.subscribe(backdate_start_date=START - 40 * DAY, proration_behavior="none")
    assert [one[0] for one in figures(made["latest_invoice"])] == [3100]


async def test_backdating_too_far(api: Api) -> None:
    desk = await Desk(api).open()
    daily = await desk.new_price(100, "day")
    wish = {"customer": desk.customer, "items": [{"price": daily}], "backdate_start_date": START - 300 * DAY}
    answer = await desk.refused("/v1/subscriptions", wish)
    assert answer.error["param"] == "backdate_start_date"
    with_config = {**wish, "backdate_start_date": START - DAY, "billing_cycle_anchor_config": {"day_of_month": 1}}
    assert (await desk.refused("/v1/subscriptions", with_config)).error["param"] == "backdate_start_date"


async def test_an_end_within_the_period_cuts_it(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    end = START + 2 * THIRD
    after = await desk.change(made["id"], cancel_at=end)
    assert (after["cancel_at"], after["items"]["data"][0]["current_period_end"]) == (end, end)
    found = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert [(one["amount"], one["period"]) for one in found] == [(-1000, {"start": end, "end": MONTH_END})]
    kept = await desk.change(made["id"], cancel_at="")
    assert kept["items"]["data"][0]["current_period_end"] == MONTH_END
    found = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert sum(one["amount"] for one in found) == 0
    await api.advance(MONTH)
    assert (await desk.subscription(made["id"]))["latest_invoice"]["total"] == 3000


async def test_an_end_within_the_period_can_be_invoiced_or_free_of_credits(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    after = await desk.change(made["id"], cancel_at=START + 2 * THIRD, proration_behavior="always_invoice")
    assert (after["latest_invoice"]["total"], after["latest_invoice"]["status"]) == (-1000, "paid")
    moved = await desk.change(made["id"], cancel_at=START + THIRD, proration_behavior="none")
    assert moved["items"]["data"][0]["current_period_end"] == START + THIRD
    assert (await desk.get("/v1/invoiceitems", {"pending": True}))["data"] == []
    await desk.news()
    await api.advance(THIRD)
    assert await desk.news() == ["customer.subscription.deleted"]


async def test_an_end_in_a_later_period_cuts_that_one(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    half = MONTH_END + (31 * DAY) // 2
    after = await desk.change(made["id"], cancel_at=half)
    assert after["items"]["data"][0]["current_period_end"] == MONTH_END
    await api.advance(MONTH)
    last = await desk.subscription(made["id"])
    assert (last["items"]["data"][0]["current_period_end"], last["latest_invoice"]["total"]) == (half, 1500)


@pytest.mark.parametrize(("name", "wanted"), [("min_period_end", MONTH_END), ("max_period_end", START + 365 * DAY)])
async def test_ends_by_name(api: Api, name: str, wanted: int) -> None:
    desk = await Desk(api).open()
    yearly = await desk.new_price(25_000, "year")
    made = await desk.subscribe(items=[{"price": desk.price}, {"price": yearly}])
    after = await desk.change(made["id"], cancel_at=name)
    assert (after["cancel_at"], after["cancel_at_period_end"]) == (wanted, False)
    ends = [one["current_period_end"] for one in after["items"]["data"]]
    assert ends == ([MONTH_END, MONTH_END] if name == "min_period_end" else [MONTH_END, START + 365 * DAY])


@pytest.mark.parametrize(("headers", "total"), [(None, 3000), (CLASSIC, 1000)])
async def test_a_first_period_cut_at_create(api: Api, headers: dict[str, str] | None, total: int) -> None:
    desk = await Desk(api).open(amount=3000)
    wish = {"cancel_at": START + THIRD, "proration_behavior": "none"}
    made = await desk.subscribe(headers=headers, **wish)
    assert made["latest_invoice"]["total"] == total
    assert made["cancel_at"] == START + THIRD


# Anchors


async def test_a_new_anchor_alone_is_not_billed_at_once_in_flexible_mode(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    after = await desk.change(made["id"], billing_cycle_anchor={"type": "now"})
    assert after["billing_cycle_anchor"] == START + THIRD
    assert after["latest_invoice"]["id"] == made["latest_invoice"]["id"]
    found = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert sorted(one["amount"] for one in found) == [-2000, 3000]


async def test_a_new_anchor_with_new_items_is_billed_at_once(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    after = await desk.change(made["id"], billing_cycle_anchor={"type": "now"}, items=[item])
    assert [one[0] for one in figures(after["latest_invoice"])] == [-2000, 6000]


async def test_a_new_anchor_is_billed_at_once_in_classic_mode(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe(headers=CLASSIC)
    await api.freeze(START + THIRD)
    after = await desk.change(made["id"], billing_cycle_anchor={"type": "now"})
    assert [one[0] for one in figures(after["latest_invoice"])] == [-2000, 3000]


# Trials


async def test_a_trial_on_a_running_subscription(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    end = START + THIRD + 14 * DAY
    await desk.news()
    after = await desk.change(made["id"], trial_end=end)
    assert (after["status"], after["trial_start"], after["trial_end"]) == ("trialing", START + THIRD, end)
    assert after["billing_cycle_anchor"] == end
    invoice = after["latest_invoice"]
    assert [(one["amount"], one["description"]) for one in invoice["lines"]["data"]] == [
        (-2000, "Unused time on Gold after 01 Oct 2026"), (0, "Free trial for 1 \u00d7 Gold"),
    ]  # fmt: skip
    assert (invoice["status"], invoice["billing_reason"], invoice["ending_balance"]) == (
        "paid",
        "subscription_update",
        -2000,
    )
    await api.advance("14d")
    await api.advance("2h")
    paid = await desk.subscription(made["id"])
    assert (paid["status"], paid["latest_invoice"]["total"], paid["latest_invoice"]["amount_due"]) == (
        "active",
        3000,
        1000,
    )


async def test_a_trial_without_prorations_gives_nothing_back(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe(headers=CLASSIC)
    await api.freeze(START + THIRD)
    after = await desk.change(made["id"], trial_end=START + 20 * DAY, proration_behavior="none")
    assert [one[0] for one in figures(after["latest_invoice"])] == [0]
    assert after["status"] == "trialing"


async def test_a_trial_may_keep_the_anchor(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    settings = {"end_behavior": {"billing_cycle_anchor": "unchanged"}}
    made = await desk.subscribe(trial_end=START + THIRD, trial_settings=settings)
    assert made["billing_cycle_anchor"] == START
    await api.advance(THIRD)
    after = await desk.subscription(made["id"])
    assert (after["items"]["data"][0]["current_period_end"], after["latest_invoice"]["total"]) == (MONTH_END, 2000)


async def test_ending_a_trial_now_needs_a_payment_method(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made = await desk.subscribe(trial_period_days=10)
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}", {"trial_end": "now"})
    assert answer.error["message"].startswith("This customer has no attached payment source or default payment method.")
    await desk.card("pm_card_visa")
    await desk.news()
    done = await desk.change(made["id"], trial_end="now")
    assert done["status"] == "active"
    assert (await desk.news())[0] == "customer.subscription.trial_will_end"


# Extra items, limits, who pays


async def test_extra_items_come_with_the_first_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    setup = await desk.ok("/v1/prices", {"product": desk.product, "currency": "usd", "unit_amount": 5000})
    made = await desk.subscribe(add_invoice_items=[{"price": setup["id"], "quantity": 2}])
    assert [one[0] for one in figures(made["latest_invoice"])] == [10_000, 2500]
    assert (made["latest_invoice"]["total"], made["latest_invoice"]["status"]) == (12_500, "paid")
    data = {"currency": "usd", "product": desk.product, "unit_amount": 700}
    period = {"start": {"type": "max_item_period_start"}, "end": {"type": "min_item_period_end"}}
    await desk.change(made["id"], add_invoice_items=[{"price_data": data, "period": period}])
    found = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert [(one["amount"], one["period"]) for one in found] == [(700, {"start": START, "end": MONTH_END})]
    await api.advance(MONTH)
    assert (await desk.subscription(made["id"]))["latest_invoice"]["total"] == 3200
    wrong = await desk.refused(f"/v1/subscriptions/{made['id']}", {"add_invoice_items": [{"price": desk.price}]})
    assert wrong.error["param"] == "add_invoice_items[0][price]"
    none = await desk.refused(f"/v1/subscriptions/{made['id']}", {"add_invoice_items": [{"quantity": 1}]})
    assert none.error["message"] == "Missing required param: add_invoice_items[0][price]."


async def test_the_order_of_payment_methods(api: Api) -> None:
    desk = await Desk(api).open()
    own = await desk.ok("/v1/payment_methods/pm_card_mastercard/attach", {"customer": desk.customer})
    made = await desk.subscribe(default_payment_method=own["id"])
    charge = (await desk.get("/v1/charges", {"customer": desk.customer}))["data"][0]
    assert charge["payment_method"] == own["id"]
    await desk.change(made["id"], default_payment_method="")
    await api.advance(MONTH + 7200)
    charge = (await desk.get("/v1/charges", {"customer": desk.customer}))["data"][0]
    assert charge["payment_method_details"]["card"]["brand"] == "visa"


async def test_a_customer_has_limits(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.billing.subscription_settings.MOST_SUBSCRIPTIONS", 1)
    monkeypatch.setattr("emulator.billing.subscription_settings.MOST_ITEMS", 1)
    desk = await Desk(api).open()
    made = await desk.subscribe(headers=CLASSIC)
    full = await desk.refused("/v1/subscriptions", {"customer": desk.customer, "items": [{"price": desk.price}]})
    assert full.error["code"] == "customer_max_subscriptions"
    other = await desk.new_price(100)
    items = await desk.refused("/v1/subscription_items", {"subscription": made["id"], "price": other})
    assert items.error["param"] == "items"


async def test_flexible_subscriptions_have_more_items_since_a_version(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.billing.subscription_settings.MOST_ITEMS", 1)
    desk = await Desk(api).open()
    both = [{"price": desk.price}, {"price": await desk.new_price(100)}]
    older, wish = {"Stripe-Version": "2026-07-29.dahlia"}, {"customer": desk.customer, "items": both}
    refused = await api.post("/v1/subscriptions", wish, headers=older)
    assert (refused.status, refused.error["param"]) == (400, "items")
    newer = {"Stripe-Version": "2026-08-26.dahlia"}
    made = await desk.subscribe(items=both, headers=newer)
    assert len(made["items"]["data"]) == 2
    classic = await api.post("/v1/subscriptions", {**wish, "billing_mode": {"type": "classic"}}, headers=newer)
    assert (classic.status, classic.error["param"]) == (400, "items")


# Metered items


async def metered(api: Api, **wish: Any) -> tuple[Desk, Any, Any]:
    desk = await Desk(api).open()
    meter = await desk.ok(
        "/v1/billing/meters",
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}},
    )
    price = await desk.new_price(10, recurring={"interval": "month", "usage_type": "metered", "meter": meter["id"]})
    made = await desk.subscribe(items=[{"price": price}], **wish)
    return desk, made, price


async def use(desk: Desk, value: int) -> None:
    payload = {"stripe_customer_id": desk.customer, "value": str(value)}
    await desk.ok("/v1/billing/meter_events", {"event_name": "calls", "payload": payload})


async def test_usage_is_billed_in_arrears(api: Api) -> None:
    desk, made, _ = await metered(api)
    await api.freeze(START + DAY)
    await use(desk, 70)
    await use(desk, 30)
    await api.advance(MONTH - DAY)
    draft = (await desk.subscription(made["id"]))["latest_invoice"]
    line = draft["lines"]["data"][0]
    assert (line["amount"], line["quantity"], line["period"]) == (1000, 100, {"start": START, "end": MONTH_END})
    await api.advance("2h")
    assert (await desk.subscription(made["id"]))["latest_invoice"]["status"] == "paid"
    await api.advance("31d")
    assert (await desk.subscription(made["id"]))["latest_invoice"]["total"] == 0


async def test_usage_reported_late_counts_while_the_invoice_is_a_draft(api: Api) -> None:
    desk, made, _ = await metered(api)
    await api.advance(MONTH)
    payload = {"stripe_customer_id": desk.customer, "value": "50"}
    late = {"event_name": "calls", "payload": payload, "timestamp": MONTH_END - 60}
    await desk.ok("/v1/billing/meter_events", late)
    await api.advance("2h")
    invoice = (await desk.subscription(made["id"]))["latest_invoice"]
    assert (invoice["total"], invoice["status"]) == (500, "paid")


async def test_usage_is_billed_when_the_item_goes(api: Api) -> None:
    desk, made, _ = await metered(api)
    await api.freeze(START + DAY)
    await use(desk, 60)
    await api.freeze(START + 2 * DAY)
    items = [{"id": made["items"]["data"][0]["id"], "deleted": True}, {"price": desk.price}]
    after = await desk.change(made["id"], items=items, proration_behavior="always_invoice")
    assert 600 in [one[0] for one in figures(after["latest_invoice"])]


@pytest.mark.parametrize("now", [True, False])
async def test_usage_is_billed_at_the_end(api: Api, now: bool) -> None:
    desk, made, _ = await metered(api)
    await api.freeze(START + DAY)
    await use(desk, 80)
    if now:
        await api.freeze(START + 2 * DAY)
        await api.ok("DELETE", f"/v1/subscriptions/{made['id']}", {"invoice_now": True})
    else:
        await desk.change(made["id"], cancel_at_period_end=True)
        await api.advance(MONTH)
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["total"]) == ("canceled", 800)


async def test_a_pause_bills_usage(api: Api) -> None:
    desk, made, _ = await metered(api)
    await api.freeze(START + DAY)
    await use(desk, 80)
    await api.freeze(START + 2 * DAY)
    wish = {"bill_for": {"outstanding_usage_through": {"type": "now"}}}
    await desk.ok(f"/v1/subscriptions/{made['id']}/pause", wish)
    found = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert [one["amount"] for one in found] == [800]
