"""Subscriptions that change: plans and quantities with prorations, planned and immediate ends, discounts, trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.billing.subscription_errors import MODES_UNKNOWN
from tests.unit.billing.desk import CLASSIC, DECLINES, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
THIRD = (MONTH_END - START) // 3


async def shares(api: Api, *, price: int, new: int, headers: dict[str, str] | None = None) -> tuple[Desk, Any, Any]:
    """Change a subscription from one price to another when a third of its period is over, invoiced at once."""
    desk = await Desk(api).open(amount=price)
    made = await desk.subscribe(headers=headers)
    other = await desk.new_price(new)
    await api.freeze(START + THIRD)
    await desk.news()
    items = [{"id": made["items"]["data"][0]["id"], "price": other}]
    return desk, made, await desk.change(made["id"], items=items, proration_behavior="always_invoice")


async def test_an_upgrade_credits_and_debits_the_rest_of_the_period(api: Api) -> None:
    desk, made, after = await shares(api, price=1000, new=2000)
    invoice = after["latest_invoice"]
    lines = invoice["lines"]["data"]
    assert [(line["amount"], line["description"]) for line in lines] == [
        (-667, "Unused time on Gold after 01 Oct 2026"), (1333, "Remaining time on Gold after 01 Oct 2026"),
    ]  # fmt: skip
    assert (invoice["status"], invoice["total"], invoice["billing_reason"]) == ("paid", 666, "subscription_update")
    assert (invoice["period_start"], invoice["period_end"]) == (START, START + THIRD)
    details = lines[0]["parent"]["subscription_item_details"]
    assert details["proration"] is True
    assert details["proration_details"]["credited_items"]["invoice"] == made["latest_invoice"]["id"]
    assert lines[0]["period"] == {"start": START + THIRD, "end": MONTH_END}
    assert after["items"]["data"][0]["current_period_end"] == MONTH_END
    events = await desk.news()
    assert events[-1] == "customer.subscription.updated"
    assert {"invoice.created", "invoice.finalized", "invoice.paid", "invoiceitem.created"} <= set(events)


async def test_a_downgrade_goes_to_the_balance(api: Api) -> None:
    desk, _, after = await shares(api, price=1000, new=500)
    invoice = after["latest_invoice"]
    assert [line["amount"] for line in invoice["lines"]["data"]] == [-667, 333]  # docs.stripe.com prorations
    assert (invoice["total"], invoice["amount_due"], invoice["ending_balance"]) == (-334, 0, -334)
    assert (invoice["status"], invoice["attempt_count"]) == ("paid", 0)
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == -334


async def test_prorations_wait_for_the_next_invoice_by_default(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    item = made["items"]["data"][0]["id"]
    await api.freeze(START + THIRD)
    after = await desk.change(made["id"], items=[{"id": item, "quantity": 3}])
    assert after["latest_invoice"]["id"] == made["latest_invoice"]["id"]
    waiting = (await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True}))["data"]
    assert [(one["amount"], one["quantity"], one["proration"]) for one in waiting] == [(2000, 3, True), (-667, 1, True)]
    assert waiting[0]["description"] == "Remaining time on 3 \u00d7 Gold after 01 Oct 2026"
    assert waiting[0]["frozen_fields"] == ["pricing", "quantity", "discounts"]
    await api.advance("21d")
    cycle = (await desk.subscription(made["id"]))["latest_invoice"]
    assert [line["amount"] for line in cycle["lines"]["data"]] == [-667, 2000, 3000]


async def test_nothing_is_prorated_when_nothing_is_wished(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    item = made["items"]["data"][0]["id"]
    await desk.change(made["id"], items=[{"id": item, "quantity": 3}], proration_behavior="none")
    assert (await desk.get("/v1/invoiceitems", {"pending": True}))["data"] == []
    # flexible billing credits what was debited, not what is there now
    after = await desk.change(made["id"], items=[{"id": item, "quantity": 1}], proration_behavior="always_invoice")
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [-667, 667]


async def test_a_proration_date_within_the_period(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    refused = await desk.refused(f"/v1/subscriptions/{made['id']}", {"items": [item], "proration_date": START - 1})
    assert refused.error["message"] == "Cannot specify proration date outside of current subscription period"
    after = await desk.change(
        made["id"], items=[item], proration_date=START + THIRD, proration_behavior="always_invoice"
    )
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [-667, 1333]


async def test_a_yearly_price_keeps_the_anchor_in_flexible_mode(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    yearly = await desk.new_price(25_000, "year")
    await api.freeze(START + 4)
    items = [{"id": made["items"]["data"][0]["id"], "price": yearly}]
    after = await desk.change(made["id"], items=items, proration_behavior="always_invoice")
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [-2500, 25_000]  # recorded 2025-11
    assert after["billing_cycle_anchor"] == START
    assert after["items"]["data"][0]["current_period_start"] == START
    assert after["items"]["data"][0]["current_period_end"] == START + 365 * DAY


async def test_a_yearly_price_begins_anew_in_classic_mode(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(headers=CLASSIC)
    yearly = await desk.new_price(25_000, "year")
    await api.freeze(START + 4)
    after = await desk.change(made["id"], items=[{"id": made["items"]["data"][0]["id"], "price": yearly}])
    lines = after["latest_invoice"]["lines"]["data"]
    assert [line["amount"] for line in lines] == [-2500, 25_000]
    assert lines[1]["description"] == "1 \u00d7 Gold (at $250.00 / year)"
    assert after["billing_cycle_anchor"] == START + 4


async def test_a_new_anchor_bills_a_whole_period(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    after = await desk.change(made["id"], billing_cycle_anchor={"type": "now"}, proration_behavior="always_invoice")
    assert after["billing_cycle_anchor"] == START + THIRD
    assert [line["amount"] for line in after["latest_invoice"]["lines"]["data"]] == [-1667, 2500]


async def test_items_are_added_and_removed(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    other = await desk.new_price(300)
    await api.freeze(START + THIRD)
    item = await desk.ok("/v1/subscription_items", {"subscription": made["id"], "price": other, "quantity": 2})
    assert (item["current_period_start"], item["current_period_end"]) == (START + THIRD, MONTH_END)
    waiting = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert [one["amount"] for one in waiting] == [400]
    again = await desk.refused("/v1/subscription_items", {"subscription": made["id"], "price": other})
    assert again.error["message"].startswith(f"A new item with Price {other} can't be added to this Subscription")
    changed = await desk.ok(f"/v1/subscription_items/{item['id']}", {"metadata": {"a": "b"}, "quantity": 2})
    assert changed["metadata"] == {"a": "b"}
    gone = await api.ok("DELETE", f"/v1/subscription_items/{item['id']}", {"proration_behavior": "none"})
    assert gone == {"id": item["id"], "object": "subscription_item", "deleted": True}
    last = await desk.refused(f"/v1/subscription_items/{made['items']['data'][0]['id']}", method="DELETE")
    assert last.error["message"].startswith("A subscription must have at least one active plan.")


async def test_a_change_that_cannot_be_paid(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    item = {"id": made["items"]["data"][0]["id"], "quantity": 5}
    await desk.card(DECLINES)
    await desk.news()
    wish = {"items": [item], "proration_behavior": "always_invoice"}
    path = f"/v1/subscriptions/{made['id']}"
    refused = await desk.refused(path, {**wish, "payment_behavior": "error_if_incomplete"})
    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    assert await desk.news() == []
    after = await desk.change(made["id"], **wish)
    assert (after["status"], after["latest_invoice"]["status"]) == ("past_due", "open")
    await desk.card("pm_card_visa")
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_a_percentage_is_netted_into_prorations(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    made = await desk.subscribe(discounts=[{"coupon": "TEN"}])
    await api.freeze(START + THIRD)
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    after = await desk.change(made["id"], items=[item], proration_behavior="always_invoice")
    lines = after["latest_invoice"]["lines"]["data"]
    assert [line["amount"] for line in lines] == [-600, 1200]
    assert lines[0]["description"] == "Unused time on Gold after 01 Oct 2026 (with 10.0% off)"


# How subscriptions end


async def test_the_end_of_the_period_can_be_planned_and_taken_back(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.news()
    await api.freeze(START + DAY)
    path = f"/v1/subscriptions/{made['id']}"
    ending = await desk.ok(path, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "unused"}})
    assert (ending["cancel_at"], ending["canceled_at"], ending["status"]) == (MONTH_END, START + DAY, "active")
    assert ending["cancellation_details"]["reason"] == "cancellation_requested"
    assert ending["cancellation_details"]["feedback"] == "unused"
    await desk.ok(path, {"metadata": {"a": "b"}})
    kept = await desk.ok(path, {"cancel_at_period_end": False})
    assert (kept["cancel_at"], kept["canceled_at"], kept["cancel_at_period_end"]) == (None, None, False)
    assert kept["cancellation_details"]["reason"] is None
    assert set(await desk.news()) == {"customer.subscription.updated"}


async def test_a_planned_end_comes(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.ok(f"/v1/subscriptions/{made['id']}", {"cancel_at_period_end": True})
    await desk.news()
    await api.advance("40d")
    assert await desk.news() == ["customer.subscription.deleted"]
    ended = await desk.subscription(made["id"])
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", MONTH_END, START)


async def test_an_end_now(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.news()
    path = f"/v1/subscriptions/{made['id']}"
    ended = await api.ok("DELETE", path, {"cancellation_details": {"comment": "Bye", "feedback": "too_expensive"}})
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", START, START)
    assert ended["cancellation_details"]["comment"] == "Bye"
    assert await desk.news() == ["customer.subscription.deleted"]
    again = await desk.refused(path, method="DELETE")
    assert (again.status, again.error["message"]) == (404, f"No such subscription: '{made['id']}'")
    frozen = await desk.refused(path, {"cancel_at_period_end": True})
    assert frozen.error["code"] == "invalid_canceled_subscription_fields"
    told = await desk.ok(path, {"cancellation_details": {"comment": "Later"}})
    assert told["cancellation_details"]["comment"] == "Later"


@pytest.mark.parametrize("invoice_now", [False, True])
async def test_an_end_now_with_a_credit(api: Api, *, invoice_now: bool) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    ended = await api.ok("DELETE", f"/v1/subscriptions/{made['id']}", {"prorate": True, "invoice_now": invoice_now})
    pending = (await desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    if not invoice_now:
        assert [(one["amount"], one["description"]) for one in pending] == [
            (-667, "Unused time on Gold after 01 Oct 2026")
        ]
        return
    assert pending == []
    final = await desk.get(f"/v1/invoices/{ended['latest_invoice']}")
    assert (final["status"], final["number"], final["total"]) == ("uncollectible", None, -667)
    assert final["billing_reason"] == "subscription_cycle"


async def test_an_end_at_a_date_cuts_the_last_period(api: Api) -> None:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    end = MONTH_END + 10 * DAY
    await desk.ok(f"/v1/subscriptions/{made['id']}", {"cancel_at": end})
    await api.advance("31d")
    cycle = await desk.subscription(made["id"])
    assert cycle["items"]["data"][0]["current_period_end"] == end
    assert cycle["latest_invoice"]["total"] == 968  # ten of thirty-one days
    await api.advance("10d")
    assert (await desk.subscription(made["id"]))["ended_at"] == end
    past = await desk.refused(f"/v1/subscriptions/{made['id']}", {"cancel_at": START})
    assert past.status == 400


async def test_details_need_a_cancellation(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}", {"cancellation_details": {"comment": "x"}})
    assert answer.error["message"] == (
        "`cancellation_details` can only be set on subscriptions that are set to cancel."
    )
    assert answer.error["param"] == "cancellation_details"


async def test_cancelling_stops_the_collection_of_open_invoices(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await api.advance(MONTH_END - START)
    draft = (await desk.subscription(made["id"]))["latest_invoice"]
    assert (draft["status"], draft["auto_advance"]) == ("draft", True)
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["auto_advance"] is False
    await api.advance("2d")
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["status"] == "draft"


# Everything else


async def test_settings_and_discounts_change(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    method = await desk.card("pm_card_mastercard")
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    after = await desk.change(
        made["id"], description="Big", default_payment_method=method, discounts=[{"coupon": "TEN"}],
        pause_collection={"behavior": "void"}, metadata={"plan": "big"},
    )  # fmt: skip
    assert (after["description"], after["default_payment_method"], after["metadata"]) == (
        "Big",
        method,
        {"plan": "big"},
    )
    assert after["pause_collection"] == {"behavior": "void", "resumes_at": None}
    again = await desk.change(made["id"], discounts=[{"coupon": "TEN"}], pause_collection="")
    assert again["discounts"] == after["discounts"]
    assert (await desk.get("/v1/coupons/TEN"))["times_redeemed"] == 1
    assert again["pause_collection"] is None
    cleared = await desk.change(made["id"], discounts="")
    assert cleared["discounts"] == []
    await desk.change(made["id"], discounts=[{"coupon": "TEN"}])
    await api.call("DELETE", f"/v1/subscriptions/{made['id']}/discount")
    assert (await desk.subscription(made["id"]))["discounts"] == []


async def test_someone_elses_payment_method_is_refused(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    other = await desk.ok("/v1/customers", {})
    method = await desk.ok("/v1/payment_methods/pm_card_visa/attach", {"customer": other["id"]})
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}", {"default_payment_method": method["id"]})
    assert (answer.error["code"], answer.error["param"]) == ("resource_missing", "default_payment_method")


async def test_an_incomplete_subscription_hardly_changes(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    made = await desk.subscribe()
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}", {"cancel_at_period_end": True})
    assert "incomplete subscription" in answer.error["message"]
    assert (await desk.change(made["id"], description="ok"))["description"] == "ok"


async def test_a_trial_can_be_moved_and_ended(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(trial_period_days=10)
    moved = await desk.change(made["id"], trial_end=START + 20 * DAY)
    assert moved["trial_end"] == moved["billing_cycle_anchor"] == START + 20 * DAY
    await api.freeze(START + DAY)
    ended = await desk.change(made["id"], trial_end="now")
    assert (ended["status"], ended["trial_end"], ended["billing_cycle_anchor"]) == ("active", START + DAY, START + DAY)
    invoice = ended["latest_invoice"]
    assert (invoice["status"], invoice["total"], invoice["billing_reason"]) == ("paid", 2500, "subscription_update")


async def test_only_paused_subscriptions_resume(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}/resume")
    assert answer.error["message"] == "You can only resume a subscription if it is `paused`."


async def test_classic_subscriptions_move_to_flexible_billing(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe(headers=CLASSIC)
    path, wish = f"/v1/subscriptions/{made['id']}/migrate", {"billing_mode": {"type": "flexible"}}
    older = await api.post(path, wish, headers={"Stripe-Version": "2025-05-28.basil"})
    assert (older.status, older.error["message"]) == (400, MODES_UNKNOWN.format(version="2025-05-28.basil"))
    after = await desk.ok(path, wish, headers={"Stripe-Version": "2025-06-30.basil"})
    assert after["billing_mode"]["type"] == "flexible"
