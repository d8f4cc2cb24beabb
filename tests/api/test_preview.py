"""Previews: the next invoice, proration now and later, new subscriptions, and that nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

PREVIEW = "/v1/invoices/create_preview"
DAY = 86_400


def figures(invoice: Any) -> list[tuple[str, int]]:
    return [(line["description"], line["amount"]) for line in invoice["lines"]["data"]]


async def test_the_next_invoice_of_a_subscription(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    await desk.news()
    found = await desk.ok(PREVIEW, {"subscription": sub["id"]})
    assert found["id"].startswith("upcoming_in_")
    assert [line["id"][:7] for line in found["lines"]["data"]] == ["il_tmp_"]
    assert {line["invoice"] for line in found["lines"]["data"]} == {found["id"]}
    assert (found["billing_reason"], found["status"], found["number"]) == ("upcoming", "draft", None)
    assert (found["total"], found["amount_due"], found["ending_balance"]) == (2500, 2500, 0)
    assert (found["created"], found["next_payment_attempt"]) == (MONTH_END, MONTH_END + 3600)
    assert (found["period_start"], found["period_end"]) == (START, MONTH_END)
    assert found["lines"]["data"][0]["period"]["start"] == MONTH_END
    assert await desk.news() == []
    assert (await desk.get("/v1/invoices"))["data"][1:] == []
    assert (await desk.get(f"/v1/subscriptions/{sub['id']}"))["items"]["data"][0]["current_period_end"] == MONTH_END
    assert (await desk.ok(PREVIEW, {"customer": desk.customer}))["total"] == 2500


async def test_the_preview_is_what_the_renewal_then_bills(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 700, "currency": "usd"})
    dear = await desk.new_price(5000)
    await api.advance("10d")
    await desk.change(sub["id"], items=[{"id": sub["items"]["data"][0]["id"], "price": dear}])
    found = await desk.ok(PREVIEW, {"subscription": sub["id"]})
    await api.advance("25d")
    real = (await desk.get("/v1/invoices"))["data"][0]
    assert real["billing_reason"] == "subscription_cycle"
    assert figures(found) == figures(real)
    assert (found["total"], found["period_end"]) == (real["total"], real["period_end"])


async def test_prorations_of_a_change_now_or_on_the_next_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    dear = await desk.new_price(5000)
    at = START + 10 * DAY
    items = [{"id": sub["items"]["data"][0]["id"], "price": dear}]
    details = {"items": items, "proration_date": at}
    later = await desk.ok(PREVIEW, {"subscription": sub["id"], "subscription_details": details})
    assert [amount for _, amount in figures(later)][-1] == 5000
    assert len(figures(later)) == 3
    details = {**details, "proration_behavior": "always_invoice"}
    now = await desk.ok(PREVIEW, {"subscription": sub["id"], "subscription_details": details})
    assert [amount for _, amount in figures(now)] == [amount for _, amount in figures(later)][:2]
    assert now["lines"]["data"][0]["parent"]["subscription_item_details"]["proration"] is True
    assert now["parent"]["subscription_details"]["subscription_proration_date"] == at
    assert (now["created"], now["collection_method"], now["due_date"]) == (START, "charge_automatically", None)
    details = {**details, "proration_behavior": "none"}
    none = await desk.ok(PREVIEW, {"subscription": sub["id"], "subscription_details": details})
    assert [amount for _, amount in figures(none)] == [5000]
    after = await desk.ok(
        f"/v1/subscriptions/{sub['id']}",
        {
            "items": items,
            "proration_date": at,
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice"],
        },
    )
    assert figures(after["latest_invoice"]) == figures(now)


async def test_nothing_upcoming(api: Api) -> None:
    desk = await Desk(api).open()
    none = await desk.refused(PREVIEW, {"customer": desk.customer})
    assert (none.status, none.error["code"]) == (404, "invoice_upcoming_none")
    assert none.error["message"] == f"No upcoming invoices for customer: {desk.customer}"
    sub = await desk.subscribe()
    await desk.change(sub["id"], cancel_at_period_end=True)
    assert (await desk.refused(PREVIEW, {"subscription": sub["id"]})).status == 404
    await api.ok("DELETE", f"/v1/subscriptions/{sub['id']}")
    assert (await desk.refused(PREVIEW, {"subscription": sub["id"]})).status == 404
    nobody = await desk.refused(PREVIEW, {})
    assert nobody.error["message"].startswith("You must either provide a `customer` or a `subscription`")


async def test_a_new_subscription_and_one_time_items(api: Api) -> None:
    desk = await Desk(api).open(None)
    wish: dict[str, Any] = {
        "customer": desk.customer,
        "subscription_details": {"items": [{"price": desk.price, "quantity": 3}]},
        "invoice_items": [{"amount": 100, "currency": "usd", "description": "Setup"}],
    }
    found = await desk.ok(PREVIEW, wish)
    assert figures(found) == [("Setup", 100), ("3 \u00d7 Gold (at $25.00 / month)", 7500)]
    assert (found["created"], found["total"]) == (START, 7600)
    trial = {**wish["subscription_details"], "trial_end": START + 14 * DAY}
    free = await desk.ok(PREVIEW, {"customer": desk.customer, "subscription_details": trial})
    assert figures(free) == [("Free trial for 3 \u00d7 Gold", 0)]
    assert (await desk.get("/v1/subscriptions"))["data"] == []
    only = await desk.ok(PREVIEW, {"customer": desk.customer, "invoice_items": wish["invoice_items"]})
    assert (only["total"], only["parent"]) == (100, None)
    assert (await desk.get("/v1/invoiceitems"))["data"] == []
    nobody = {
        "customer_details": {"address": {"country": "DE"}},
        "currency": "usd",
        "subscription_details": {"items": [{"price": desk.price}]},
    }
    assert (await desk.ok(PREVIEW, nobody))["total"] == 2500


async def test_discounts_of_a_preview(api: Api) -> None:
    desk = await Desk(api).open()
    coupon = await desk.ok("/v1/coupons", {"percent_off": 20, "duration": "once", "max_redemptions": 1})
    sub = await desk.subscribe()
    found = await desk.ok(PREVIEW, {"subscription": sub["id"], "discounts": [{"coupon": coupon["id"]}]})
    assert (found["subtotal"], found["total"]) == (2500, 2000)
    assert (await desk.get(f"/v1/coupons/{coupon['id']}"))["times_redeemed"] == 0
    new = {"customer": desk.customer, "subscription_details": {"items": [{"price": desk.price}]}}
    assert (await desk.ok(PREVIEW, {**new, "discounts": [{"coupon": coupon["id"]}]}))["total"] == 2000


async def test_cancelling_and_recurring(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    await api.advance("10d")
    now = await desk.ok(PREVIEW, {"subscription": sub["id"], "subscription_details": {"cancel_now": True}})
    assert figures(now)[0][1] < 0
    assert (now["amount_due"], now["ending_balance"]) == (0, now["total"])
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 700, "currency": "usd"})
    assert (await desk.ok(PREVIEW, {"subscription": sub["id"]}))["total"] == 3200
    assert (await desk.ok(PREVIEW, {"subscription": sub["id"], "preview_mode": "recurring"}))["total"] == 2500
    assert (await desk.get(f"/v1/subscriptions/{sub['id']}"))["status"] == "active"


async def test_an_end_within_the_period_shows_its_credit(api: Api) -> None:
    desk = await Desk(api).open()
    sub = await desk.subscribe()
    end = START + 15 * 86_400
    wish: dict[str, Any] = {"subscription": sub["id"], "subscription_details": {"cancel_at": end}}
    found = await desk.ok(PREVIEW, wish)
    assert figures(found) == [("Unused time on Gold after 06 Oct 2026", -1250)]
    assert found["lines"]["data"][0]["period"] == {"start": end, "end": MONTH_END}
    assert (found["status"], found["billing_reason"], found["amount_due"]) == ("draft", "upcoming", 0)
    at_once = {**wish["subscription_details"], "proration_behavior": "always_invoice"}
    assert (await desk.ok(PREVIEW, {**wish, "subscription_details": at_once}))["total"] == -1250
    more = {**wish["subscription_details"], "items": [{"id": sub["items"]["data"][0]["id"], "quantity": 3}]}
    assert (await desk.ok(PREVIEW, {**wish, "subscription_details": more}))["total"] == 5000 - 3750
    free = {**wish["subscription_details"], "proration_behavior": "none"}
    nothing = await desk.refused(PREVIEW, {**wish, "subscription_details": free})
    assert nothing.error["code"] == "invoice_upcoming_none"
    after = await desk.subscription(sub["id"])
    assert (after["cancel_at"], after["status"]) == (None, "active")
    assert (await desk.get("/v1/invoiceitems", {"pending": True}))["data"] == []
    real = await desk.change(sub["id"], cancel_at=end)
    assert real["items"]["data"][0]["current_period_end"] == end
    assert [one["amount"] for one in (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]] == [-1250]


async def test_a_trial_is_ended_and_a_key_repeats_the_answer(api: Api) -> None:
    desk = await Desk(api).open(None)
    sub = await desk.subscribe(trial_period_days=14)
    ahead = await desk.ok(PREVIEW, {"subscription": sub["id"]})
    assert (ahead["created"], ahead["total"]) == (START + 14 * DAY, 2500)
    wish = {"subscription": sub["id"], "subscription_details": {"trial_end": "now"}}
    first = await desk.ok(PREVIEW, wish, headers={"Idempotency-Key": "one"})
    assert (first["created"], first["total"]) == (START, 2500)
    assert await desk.ok(PREVIEW, wish, headers={"Idempotency-Key": "one"}) == first
    assert (await desk.get(f"/v1/subscriptions/{sub['id']}"))["status"] == "trialing"
