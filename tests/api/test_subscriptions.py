"""Subscriptions over the API: how they begin, with which invoice, payment and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import CLASSIC, DECLINES, MONTH_END, NEEDS_3DS, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
PAID_ONCE = [
    "customer.updated", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
    "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid",
    "invoice.payment_succeeded", "invoice_payment.paid",
]  # fmt: skip


async def test_a_subscription_is_created_invoiced_and_paid_once(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    assert await desk.news() == PAID_ONCE
    invoice, item = made["latest_invoice"], made["items"]["data"][0]
    assert (made["status"], made["currency"], made["billing_mode"]["type"]) == ("active", "usd", "flexible")
    assert made["created"] == made["start_date"] == made["billing_cycle_anchor"] == START
    assert (item["current_period_start"], item["current_period_end"]) == (START, MONTH_END)
    assert made["default_payment_method"] is None
    assert (invoice["status"], invoice["amount_paid"], invoice["billing_reason"]) == (
        "paid",
        2500,
        "subscription_create",
    )
    assert (invoice["attempted"], invoice["attempt_count"], invoice["auto_advance"]) == (True, 1, False)
    line = invoice["lines"]["data"][0]
    assert (line["description"], line["amount"]) == ("1 \u00d7 Gold (at $25.00 / month)", 2500)
    assert line["period"] == {"start": START, "end": MONTH_END}
    customer = await desk.get(f"/v1/customers/{desk.customer}")
    assert (customer["currency"], customer["next_invoice_sequence"]) == ("usd", 2)
    assert invoice["number"] == f"{customer['invoice_prefix']}-0001"


async def test_the_payment_of_the_first_invoice_can_be_found(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(expand=["latest_invoice.payments", "latest_invoice.confirmation_secret"])
    payment = made["latest_invoice"]["payments"]["data"][0]
    intent = await desk.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}")
    assert (payment["status"], payment["amount_paid"], intent["status"]) == ("paid", 2500, "succeeded")
    assert intent["description"] == "Subscription creation"
    assert made["latest_invoice"]["confirmation_secret"]["client_secret"] == intent["client_secret"]


async def test_without_a_payment_method_nothing_begins(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    answer = await desk.refused("/v1/subscriptions", {"customer": desk.customer, "items": [{"price": desk.price}]})
    assert (answer.status, answer.error["code"]) == (400, "resource_missing")
    assert "param" not in answer.error
    assert answer.error["message"].startswith("This customer has no attached payment source or default payment method.")
    assert await desk.news() == []
    assert (await desk.get("/v1/subscriptions", {"status": "all"}))["data"] == []


async def test_a_declined_first_payment_leaves_an_incomplete_subscription(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    made = await desk.subscribe()
    assert made["status"] == "incomplete"
    assert (made["latest_invoice"]["status"], made["latest_invoice"]["attempt_count"]) == ("open", 1)
    events = await desk.news()
    assert {"customer.subscription.created", "invoice.finalized", "invoice.payment_failed", "charge.failed"} <= set(
        events
    )
    assert "customer.subscription.updated" not in events
    await desk.card("pm_card_visa")
    paid = await desk.ok(f"/v1/invoices/{made['latest_invoice']['id']}/pay")
    assert paid["status"] == "paid"
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_a_declined_payment_with_error_if_incomplete_leaves_nothing(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], "payment_behavior": "error_if_incomplete"}
    answer = await desk.refused("/v1/subscriptions", wish)
    assert (answer.status, answer.error["type"], answer.error["code"]) == (402, "card_error", "card_declined")
    assert await desk.news() == []
    assert (await desk.get("/v1/invoices", {"customer": desk.customer}))["data"] == []


async def test_authentication_with_error_if_incomplete_is_refused(api: Api) -> None:
    desk = await Desk(api).open(NEEDS_3DS)
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], "payment_behavior": "error_if_incomplete"}
    answer = await desk.refused("/v1/subscriptions", wish)
    assert answer.status == 402


async def test_default_incomplete_waits_for_the_customer_and_expires(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made = await desk.subscribe(payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"])
    assert made["status"] == "incomplete"
    assert made["latest_invoice"]["confirmation_secret"]["client_secret"].startswith("pi_")
    await desk.news()
    await api.advance(23 * 3600)
    events = await desk.news()
    assert events == ["payment_intent.canceled", "invoice.voided", "customer.subscription.updated"]
    assert (await desk.subscription(made["id"]))["status"] == "incomplete_expired"


async def test_a_trial_makes_a_paid_invoice_of_zero(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made = await desk.subscribe(trial_period_days=14)
    end = START + 14 * DAY
    assert (made["status"], made["trial_start"], made["trial_end"]) == ("trialing", START, end)
    assert made["billing_cycle_anchor"] == made["items"]["data"][0]["current_period_end"] == end
    assert made["pending_setup_intent"].startswith("seti_")
    invoice = made["latest_invoice"]
    assert (invoice["status"], invoice["total"], invoice["attempted"], invoice["attempt_count"]) == ("paid", 0, True, 0)
    assert invoice["lines"]["data"][0]["description"] == "Free trial for 1 \u00d7 Gold"
    assert invoice["lines"]["data"][0]["period"] == {"start": START, "end": end}
    events = await desk.news()
    assert [one for one in events if one.startswith(("invoice", "customer.sub", "setup"))] == [
        "setup_intent.created", "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid",
        "invoice.payment_succeeded",
    ]  # fmt: skip
    await api.advance("11d")
    assert await desk.news() == ["customer.subscription.trial_will_end"]


async def test_a_short_trial_announces_its_end_at_once(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.subscribe(trial_end=START + DAY)
    assert "customer.subscription.trial_will_end" in await desk.news()


async def test_sent_invoices_make_an_active_subscription_with_a_draft(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made = await desk.subscribe(collection_method="send_invoice", days_until_due=30)
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "draft")
    assert made["latest_invoice"]["due_date"] == START + 30 * DAY


async def test_older_versions_make_classic_subscriptions(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(headers=CLASSIC)
    stored = await desk.subscription(made["id"])
    assert stored["billing_mode"]["type"] == "classic"


async def test_an_anchor_in_the_future_cuts_the_first_period(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe(billing_cycle_anchor=START + 10 * DAY)
    assert made["items"]["data"][0]["current_period_end"] == START + 10 * DAY
    assert made["latest_invoice"]["total"] == 1000  # ten of the thirty days that end with the anchor
    free = await desk.subscribe(billing_cycle_anchor=START + 10 * DAY, proration_behavior="none")
    assert free["latest_invoice"] is None


async def test_an_anchor_by_day_of_month(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(billing_cycle_anchor_config={"day_of_month": 31})
    assert made["billing_cycle_anchor_config"]["day_of_month"] == 31
    assert made["billing_cycle_anchor"] == START + 9 * DAY  # 30 September


async def test_discounts_lower_the_first_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    await desk.ok("/v1/coupons", {"id": "ONCE", "amount_off": 500, "currency": "usd", "duration": "once"})
    made = await desk.subscribe(discounts=[{"coupon": "TEN"}, {"coupon": "ONCE"}])
    invoice = made["latest_invoice"]
    assert (invoice["subtotal"], invoice["total"]) == (2500, 1750)
    assert [one["amount"] for one in invoice["total_discount_amounts"]] == [250, 500]
    assert len(made["discounts"]) == 1  # what is for once is used up (recorded)
    assert (await desk.get("/v1/coupons/ONCE"))["times_redeemed"] == 1


async def test_tax_rates(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    rate = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 19, "inclusive": False})
    made = await desk.subscribe(default_tax_rates=[rate["id"]])
    invoice = made["latest_invoice"]
    assert (invoice["subtotal"], invoice["total"], invoice["total_taxes"][0]["amount"]) == (1000, 1190, 190)


async def test_balance_pays_first(api: Api) -> None:
    desk = await Desk(api).open(balance=-1000)
    made = await desk.subscribe()
    assert made["latest_invoice"]["amount_due"] == 1500
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == 0
    rows = (await desk.get(f"/v1/customers/{desk.customer}/balance_transactions"))["data"]
    assert (rows[0]["type"], rows[0]["amount"]) == ("applied_to_invoice", 1000)


async def test_pending_items_are_taken_along(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok(
        "/v1/invoiceitems", {"customer": desk.customer, "amount": 700, "currency": "usd", "description": "Setup"}
    )
    made = await desk.subscribe()
    assert [line["amount"] for line in made["latest_invoice"]["lines"]["data"]] == [700, 2500]


async def test_lists_of_subscriptions_and_items(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    item = made["items"]["data"][0]["id"]
    listed = await desk.get("/v1/subscription_items", {"subscription": made["id"]})
    assert [one["id"] for one in listed["data"]] == [item]
    assert listed["url"] == f"/v1/subscription_items?subscription={made['id']}"
    assert (await desk.get(f"/v1/subscription_items/{item}"))["price"]["id"] == desk.price
    assert (await desk.get("/v1/subscriptions", {"price": desk.price}))["data"][0]["id"] == made["id"]
    assert (await desk.get("/v1/subscriptions", {"current_period_end": {"gt": MONTH_END}}))["data"] == []
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    found = [
        len((await desk.get("/v1/subscriptions", {"customer": desk.customer, **wish}))["data"])
        for wish in ({}, {"status": "all"}, {"status": "canceled"}, {"status": "ended"}, {"status": "active"})
    ]
    assert found == [0, 1, 1, 1, 0]
    missing = await desk.refused("/v1/subscription_items/si_nope", method="GET")
    assert (missing.status, missing.error["message"]) == (404, "Invalid subscription_item id: si_nope")
    lines = await desk.get(f"/v1/invoices/{made['latest_invoice']['id']}/lines", {"limit": 1})
    assert lines["has_more"] is False
    by_subscription = await desk.get("/v1/invoices", {"subscription": made["id"]})
    assert [one["id"] for one in by_subscription["data"]] == [made["latest_invoice"]["id"]]


@pytest.mark.parametrize(
    ("params", "message", "param"),
    [
        (
            {"payment_behavior": "pending_if_incomplete"},
            "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
            "payment_behavior",
        ),
        (
            {"days_until_due": 3},
            "You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.",
            None,
        ),
        (
            {"collection_method": "send_invoice"},
            "If invoice collection method is 'send_invoice', you must specify 'days_until_due'.",
            None,
        ),
        (
            {"trial_end": 1},
            (
                "The parameter `trial_end` expects a unix timestamp representing a date and time in the future. You "
                "specified the value `1` which is in the past."
            ),
            "trial_end",
        ),
        (
            {"trial_from_plan": True, "trial_period_days": 3},
            "You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.",
            None,
        ),
    ],
)
async def test_refusals_of_a_create(api: Api, params: dict[str, Any], message: str, param: str | None) -> None:
    desk = await Desk(api).open()
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], **params}
    answer = await desk.refused("/v1/subscriptions", wish)
    assert (answer.status, answer.error["message"], answer.error.get("param")) == (400, message, param)


async def test_refusals_of_items(api: Api) -> None:
    desk = await Desk(api).open()
    euro = await desk.new_price(900, currency="eur")
    old = await desk.new_price(900, active=False)
    wish = {"customer": desk.customer, "items": [{"price": desk.price}, {"price": desk.price}]}
    twice = await desk.refused("/v1/subscriptions", wish)
    assert twice.error["message"].endswith(f"with the same Price: {desk.price}")
    assert twice.error["param"] == "plan"
    mixed = await desk.refused("/v1/subscriptions", {**wish, "items": [{"price": desk.price}, {"price": euro}]})
    assert mixed.error["message"].startswith("This `price` has `currency=eur`, but other items use `currency=usd`.")
    assert mixed.error["param"] == "items[0][price]"
    gone = await desk.refused("/v1/subscriptions", {**wish, "items": [{"price": old}]})
    assert gone.error["message"] == "The price specified is inactive. This field only accepts active prices."
    unknown = await desk.refused("/v1/subscriptions", {**wish, "items": [{"price": "invalid"}]})
    assert (unknown.error["message"], unknown.error["param"]) == ("No such price: 'invalid'", "items[0][price]")
    nobody = await desk.refused("/v1/subscriptions", {"customer": "cus_nope", "items": [{"price": desk.price}]})
    assert (nobody.status, nobody.error["message"]) == (404, "No such customer: 'cus_nope'")


async def test_automatic_tax_needs_a_place(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], "automatic_tax": {"enabled": True}}
    assert (await desk.refused("/v1/subscriptions", wish)).error["code"] == "customer_tax_location_invalid"
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": {"country": "DE", "postal_code": "10115"}})
    made = await desk.subscribe(automatic_tax={"enabled": True})
    assert made["automatic_tax"] == {"disabled_reason": None, "enabled": True, "liability": {"type": "self"}}
    assert (made["latest_invoice"]["total"], made["latest_invoice"]["automatic_tax"]["status"]) == (1190, "complete")
