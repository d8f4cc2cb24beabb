"""Rules of billing that single objects do not show: currencies, items of all kinds, quantities, bad dates, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400


async def test_a_customer_has_one_currency_while_it_is_used(api: Api) -> None:
    desk = await Desk(api).open()
    euro = await desk.new_price(900, currency="eur")
    made = await desk.subscribe()
    wish = {"customer": desk.customer, "items": [{"price": euro}]}
    refused = await desk.refused("/v1/subscriptions", wish)
    assert refused.error["message"].startswith("You cannot combine currencies on a single customer.")
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    assert (await desk.ok("/v1/subscriptions", wish))["currency"] == "eur"
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["currency"] == "eur"


async def test_a_price_of_several_currencies(api: Api) -> None:
    desk = await Desk(api).open()
    both = await desk.new_price(1000, currency_options={"eur": {"unit_amount": 900}})
    made = await desk.subscribe(items=[{"price": both}], currency="eur")
    assert (made["currency"], made["latest_invoice"]["total"]) == ("eur", 900)
    refused = await desk.refused(
        "/v1/subscriptions", {"customer": desk.customer, "items": [{"price": both}], "currency": "gbp"}
    )
    assert refused.error["message"].startswith("The price specified only supports `usd`.")


async def test_items_of_all_kinds(api: Api) -> None:
    desk = await Desk(api).open()
    tiers = [{"up_to": 5, "unit_amount": 1000}, {"up_to": "inf", "unit_amount": 800}]
    tiered = await desk.ok(
        "/v1/prices",
        {
            "product": desk.product, "currency": "usd", "recurring": {"interval": "month"}, "billing_scheme": "tiered",
            "tiers_mode": "graduated", "tiers": tiers,
        },
    )  # fmt: skip
    await desk.ok("/v1/coupons", {"id": "HALF", "percent_off": 50, "duration": "forever"})
    rate = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": True})
    data = {"currency": "usd", "product": desk.product, "unit_amount": 1100, "recurring": {"interval": "month"}}
    made = await desk.subscribe(
        items=[
            {"price": tiered["id"], "quantity": 7, "discounts": [{"coupon": "HALF"}]},
            {"price_data": data, "tax_rates": [rate["id"]], "metadata": {"kind": "made"}},
        ]
    )
    invoice = made["latest_invoice"]
    lines = invoice["lines"]["data"]
    assert [line["amount"] for line in lines] == [6600, 1100]
    assert lines[0]["description"] == "7 \u00d7 Gold (Tier 2 at $8.00 / month)"
    assert lines[0]["discount_amounts"][0]["amount"] == 3300
    assert lines[1]["taxes"][0]["amount"] == 100
    assert (invoice["subtotal"], invoice["total"], invoice["total_excluding_tax"]) == (4400, 4400, 4300)
    assert made["items"]["data"][1]["metadata"] == {"kind": "made"}
    inline = await desk.get(f"/v1/prices/{made['items']['data'][1]['price']['id']}")
    assert inline["active"] is False


@pytest.mark.parametrize("mode", ["flexible", "classic"])
async def test_metered_items_are_not_billed_in_advance(api: Api, mode: str) -> None:
    desk = await Desk(api).open()
    meter = await desk.ok(
        "/v1/billing/meters",
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}},
    )
    recurring = {"interval": "month", "usage_type": "metered", "meter": meter["id"]}
    metered = await desk.new_price(10, recurring=recurring)
    made = await desk.subscribe(items=[{"price": desk.price}, {"price": metered}], billing_mode={"type": mode})
    assert "quantity" not in made["items"]["data"][1]
    amounts = [line["amount"] for line in made["latest_invoice"]["lines"]["data"]]
    assert amounts == ([2500] if mode == "flexible" else [2500, 0])


async def test_intervals_mix_in_flexible_mode_only(api: Api) -> None:
    desk = await Desk(api).open()
    yearly = await desk.new_price(10_000, "year")
    items = [{"price": desk.price}, {"price": yearly}]
    wish = {"customer": desk.customer, "items": items, "billing_mode": {"type": "classic"}}
    assert (await desk.refused("/v1/subscriptions", wish)).status == 400
    made = await desk.subscribe(items=items)
    assert made["items"]["data"][1]["current_period_end"] == START + 365 * DAY
    await api.advance(MONTH_END - START)
    after = await desk.subscription(made["id"])
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [2500]
    assert after["items"]["data"][1]["current_period_start"] == START


@pytest.mark.parametrize(
    "params",
    [
        {"billing_cycle_anchor": START - 1},
        {"billing_cycle_anchor": START + 40 * DAY},
        {"billing_cycle_anchor": START + DAY, "billing_cycle_anchor_config": {"day_of_month": 1}},
        {"trial_period_days": 731},
        {"trial_end": START + 800 * DAY},
        {"trial_end": START + DAY, "trial_period_days": 1},
        {"cancel_at": START - 1},
        {"cancel_at": START + 90 * DAY, "cancel_at_period_end": True},
        {"backdate_start_date": START + 1},
        {"backdate_start_date": START - 400 * DAY, "items": [{"price_data": None}]},
        {"billing_schedules": [{"applies_to": [], "bill_until": {"type": "duration"}}]},
        {"automatic_tax": {"enabled": True}},
        {"default_payment_method": "pm_nope"},
        {"items": []},
        {"customer": ""},
    ],
)
async def test_dates_and_wishes_that_cannot_be(api: Api, params: dict[str, Any]) -> None:
    desk = await Desk(api).open()
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], **params}
    answer = await desk.refused("/v1/subscriptions", wish)
    assert answer.status in (400, 501)
    assert await desk.news() == []


async def test_the_end_can_be_planned_at_create(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(cancel_at="max_period_end")
    assert (made["cancel_at"], made["cancel_at_period_end"]) == (MONTH_END, False)
    kept = await desk.change(made["id"], cancel_at="")
    assert kept["cancel_at"] is None
    flagged = await desk.subscribe(cancel_at_period_end=True)
    assert flagged["cancel_at"] == MONTH_END


async def test_embedded_lists_have_pages(api: Api) -> None:
    desk = await Desk(api).open()
    prices = [await desk.new_price(100 + one) for one in range(3)]
    made = await desk.subscribe(items=[{"price": one} for one in prices])
    ids = [one["id"] for one in made["items"]["data"]]
    base = {"subscription": made["id"], "limit": 1}
    for cursor, wanted, more in (
        ({}, ids[:1], True),
        ({"starting_after": ids[0]}, ids[1:2], True),
        ({"starting_after": ids[1]}, ids[2:], False),
        ({"ending_before": ids[2]}, ids[1:2], True),
        ({"ending_before": ids[1]}, ids[:1], False),
    ):
        page = await desk.get("/v1/subscription_items", {**base, **cursor})
        assert ([one["id"] for one in page["data"]], page["has_more"]) == (wanted, more)
    bad = await desk.refused("/v1/subscription_items", {**base, "starting_after": "si_nope"}, "GET")
    assert bad.error["param"] == "starting_after"
    nothing = await desk.refused("/v1/subscription_items", method="GET")
    assert nothing.error["message"] == "Missing required param: subscription."


async def test_invoice_items_of_all_kinds(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    rate = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": False})
    await desk.ok("/v1/coupons", {"id": "HALF", "percent_off": 50, "duration": "once"})
    data = {"currency": "usd", "product": desk.product, "unit_amount": 400}
    of_subscription = {"customer": desk.customer, "subscription": made["id"]}
    await desk.ok("/v1/invoiceitems", {**of_subscription, "price_data": data, "tax_rates": [rate["id"]]})
    exact = {"unit_amount_decimal": "12.5", "currency": "usd", "quantity": 3, "discounts": [{"coupon": "HALF"}]}
    half = await desk.ok("/v1/invoiceitems", {**of_subscription, **exact})
    assert (half["amount"], half["pricing"]["unit_amount_decimal"]) == (38, "12.5")
    draft = await desk.ok("/v1/invoices", {"subscription": made["id"], "customer": desk.customer})
    assert draft["parent"]["subscription_details"]["subscription"] == made["id"]
    assert [line["amount"] for line in draft["lines"]["data"]] == [38, 400]
    assert (draft["subtotal"], draft["total"]) == (419, 459)
    changed = await desk.ok(f"/v1/invoiceitems/{half['id']}", {"discounts": "", "tax_rates": [rate["id"]]})
    assert changed["discounts"] == []
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["total"] == 482


async def test_retries_that_end_unpaid(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    (await api.space()).settings["dunning"] = {"retry_days": [1], "then": "unpaid"}
    await desk.card("pm_card_chargeCustomerFail")
    await api.advance(MONTH_END - START + 3 * DAY)
    assert (await desk.subscription(made["id"]))["status"] == "unpaid"
    await api.advance("31d")
    later = await desk.subscription(made["id"])
    assert (later["latest_invoice"]["status"], later["latest_invoice"]["auto_advance"]) == ("draft", False)


async def test_a_credit_that_is_given_up_never_was_finalized(api: Api) -> None:
    """Facts billing 6.8, recorded: the last invoice with nothing but a credit keeps no number and is uncollectible."""
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await api.advance(10 * DAY)
    await desk.news()
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}", {"prorate": True, "invoice_now": True})
    assert await desk.news() == [
        "invoiceitem.created", "invoice.created", "invoice.marked_uncollectible", "customer.subscription.deleted",
    ]  # fmt: skip
    last = (await desk.subscription(made["id"]))["latest_invoice"]
    assert (last["status"], last["number"], last["total"]) == ("uncollectible", None, -1667)


async def test_a_sent_invoice_waits_with_a_payment_of_its_own(api: Api) -> None:
    """Facts billing 7.1, 7.3: finalizing makes the PaymentIntent, whoever collects; paid elsewhere, it is canceled."""
    desk = await Desk(api).open()
    made = await desk.subscribe(collection_method="send_invoice", days_until_due=3)
    await desk.news()
    await api.advance(2 * 3600)
    assert await desk.news() == ["customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created"]
    path, wish = f"/v1/invoices/{made['latest_invoice']['id']}", {"expand": ["payments", "confirmation_secret"]}
    sent = await desk.get(path, wish)
    payment = sent["payments"]["data"][0]
    intent = await desk.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}")
    assert (payment["status"], payment["amount_requested"]) == ("open", 2500)
    assert (intent["status"], intent["amount"]) == ("requires_payment_method", 2500)
    assert sent["confirmation_secret"]["client_secret"] == intent["client_secret"]
    await desk.ok(f"{path}/pay", {"paid_out_of_band": True})
    assert "payment_intent.canceled" in await desk.news()
    assert (await desk.get(path, wish))["payments"]["data"][0]["status"] == "canceled"
