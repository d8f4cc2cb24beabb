"""Subscriptions at the address of old, under their customer: the same subscriptions, of this customer only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_subscriptions import PAID_ONCE
from tests.unit.billing.desk import DECLINES, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

HALF_A_MONTH = "15d"
CALLS = (
    ("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/discount"), ("DELETE", "/discount"),
)  # fmt: skip


def at(customer: str, *rest: str) -> str:
    """Return the address of a customer's subscriptions, or of something there."""
    return "/".join((f"/v1/customers/{customer}/subscriptions", *rest))


async def begun(desk: Desk, **params: Any) -> Any:
    """Begin a subscription of the desk's customer at the address of old."""
    wish = {"items": [{"price": desk.price}], "expand": ["latest_invoice"], **params}
    return await desk.ok(at(desk.customer), wish)


async def test_a_subscription_begins_invoiced_and_paid_as_every_other(api: Api) -> None:
    desk = await Desk(api).open()
    made = await begun(desk)
    assert await desk.news() == PAID_ONCE
    item, invoice = made["items"]["data"][0], made["latest_invoice"]
    assert (made["status"], made["customer"], made["billing_mode"]["type"]) == ("active", desk.customer, "flexible")
    assert (item["current_period_start"], item["current_period_end"]) == (START, MONTH_END)
    assert (invoice["status"], invoice["amount_paid"], invoice["customer"]) == ("paid", 2500, desk.customer)
    assert await desk.get(at(desk.customer, made["id"])) == await desk.get(f"/v1/subscriptions/{made['id']}")


async def test_older_callers_say_coupon_and_plan_and_get_the_classic_mode(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/coupons", {"id": "HALF", "percent_off": 50, "duration": "forever"})
    params = {"items": [{"plan": desk.price}], "coupon": "HALF"}
    made = await desk.ok(at(desk.customer), params, headers={"Stripe-Version": "2024-06-20"})
    assert made["current_period_end"] == MONTH_END
    now = await desk.subscription(made["id"])
    assert (now["billing_mode"]["type"], now["latest_invoice"]["amount_paid"]) == ("classic", 1250)


async def test_what_cannot_begin_leaves_nothing(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    await desk.news()
    params = {"items": [{"price": desk.price}], "payment_behavior": "error_if_incomplete"}
    answer = await desk.refused(at(desk.customer), params)
    assert (answer.status, answer.error["code"]) == (402, "card_declined")
    unpaid = await begun(desk)
    assert (unpaid["status"], unpaid["latest_invoice"]["status"]) == ("incomplete", "open")
    assert (await desk.refused(at(desk.customer), {})).error["param"] == "items"
    account = {"issuer": {"type": "account", "account": "acct_nobody"}}
    nobody = await desk.refused(at(desk.customer), {"items": [{"price": desk.price}], "invoice_settings": account})
    assert (nobody.error["code"], nobody.error["param"]) == ("resource_missing", "invoice_settings[issuer][account]")
    assert [one["id"] for one in (await desk.get(at(desk.customer)))["data"]] == [unpaid["id"]]


async def test_the_list_is_the_customers_own_and_without_what_ended(api: Api) -> None:
    desk = await Desk(api).open()
    mine = [(await begun(desk))["id"] for _ in range(3)]
    other = await Desk(api).open()
    theirs = (await begun(other))["id"]
    await api.ok("DELETE", at(desk.customer, mine[0]))
    path = at(desk.customer)
    first = await desk.get(path, {"limit": 1})
    assert ([one["id"] for one in first["data"]], first["has_more"], first["url"]) == ([mine[2]], True, path)
    rest = await desk.get(path, {"starting_after": mine[2]})
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([mine[1]], False)
    assert [one["id"] for one in (await desk.get(at(other.customer)))["data"]] == [theirs]


async def test_a_change_is_prorated_and_announced(api: Api) -> None:
    desk = await Desk(api).open()
    made = await begun(desk)
    await api.advance(HALF_A_MONTH)
    await desk.news()
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    after = await desk.ok(at(desk.customer, made["id"]), {"items": [item], "metadata": {"a": "b"}})
    assert await desk.news() == ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]
    assert (after["items"]["data"][0]["quantity"], after["metadata"]) == (2, {"a": "b"})
    items = await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True})
    assert sum(one["amount"] for one in items["data"]) == 1250


async def test_cancelling_credits_the_unused_time_and_bills_what_is_pending(api: Api) -> None:
    desk = await Desk(api).open()
    made = await begun(desk)
    await api.advance(HALF_A_MONTH)
    gone = await api.ok("DELETE", at(desk.customer, made["id"]), {"prorate": True, "invoice_now": True})
    assert (gone["status"], gone["ended_at"]) == ("canceled", START + 15 * 86_400)
    assert gone["latest_invoice"] != made["latest_invoice"]["id"]
    last = await desk.get(f"/v1/invoices/{gone['latest_invoice']}")
    assert (last["total"], last["parent"]["subscription_details"]["subscription"]) == (-1250, made["id"])
    again = await desk.refused(at(desk.customer, made["id"]), method="DELETE")
    assert (again.status, again.error["message"]) == (404, f"No such subscription: '{made['id']}'")
    assert (await desk.get(at(desk.customer, made["id"])))["status"] == "canceled"


async def test_discounts_are_read_and_taken_off(api: Api) -> None:
    desk = await Desk(api).open()
    for id in ("TEN", "FIVE"):
        await desk.ok("/v1/coupons", {"id": id, "percent_off": 10, "duration": "forever"})
    made = await begun(desk, discounts=[{"coupon": "TEN"}, {"coupon": "FIVE"}])
    path = at(desk.customer, made["id"], "discount")
    await desk.news()
    assert (await desk.get(path))["id"] == made["discounts"][-1]
    gone = await api.ok("DELETE", path)
    assert (gone["id"], gone["deleted"], gone["subscription"]) == (made["discounts"][-1], True, made["id"])
    assert await desk.news() == [
        "customer.discount.deleted",
        "customer.discount.deleted",
        "customer.subscription.updated",
    ]
    assert (await desk.subscription(made["id"]))["discounts"] == []
    for method, address in (("GET", path), ("DELETE", path), ("DELETE", f"/v1/subscriptions/{made['id']}/discount")):
        answer = await desk.refused(address, method=method)
        assert (answer.status, answer.error["code"]) == (404, "resource_missing")
        assert (
            answer.error["message"] == f"No active discount for subscription {made['id']} on customer {desk.customer}"
        )


@pytest.mark.parametrize(("method", "rest"), CALLS)
async def test_nobody_reaches_the_subscription_of_another(api: Api, method: str, rest: str) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    made = await begun(desk, discounts=[{"coupon": "TEN"}])
    other = (await desk.ok("/v1/customers", {}))["id"]
    before = await desk.subscription(made["id"])
    await desk.news()
    foreign = await desk.refused(f"{at(other, made['id'])}{rest}", method=method)
    assert (foreign.status, foreign.error["param"], foreign.error["code"]) == (404, "subscription", "resource_missing")
    assert foreign.error["message"] == f"Customer {other} does not have a subscription with ID {made['id']}"
    unknown = await desk.refused(f"{at(other, 'sub_nobody')}{rest}", method=method)
    assert (unknown.status, unknown.error["message"]) == (404, "No such subscription: 'sub_nobody'")
    nobody = await desk.refused(f"{at('cus_nobody', made['id'])}{rest}", method=method)
    assert (nobody.status, nobody.error["message"]) == (404, "No such customer: 'cus_nobody'")
    assert await desk.subscription(made["id"]) == before
    assert await desk.news() == []


async def test_a_customer_of_nobody_has_no_list_and_begins_nothing(api: Api) -> None:
    desk = await Desk(api).open()
    for method, params in (("GET", None), ("POST", {"items": [{"price": "price_nobody"}]})):
        answer = await desk.refused(at("cus_nobody"), params, method=method)
        assert (answer.status, answer.error["message"]) == (404, "No such customer: 'cus_nobody'")


async def test_on_a_test_clock_it_begins_at_the_clocks_instant(api: Api) -> None:
    desk = await Desk(api).open()
    clock = await desk.ok("/v1/test_helpers/test_clocks", {"frozen_time": START + 400 * 86_400})
    owner = await desk.ok("/v1/customers", {"test_clock": clock["id"], "email": "bea@example.com"})
    params = {"items": [{"price": desk.price}], "collection_method": "send_invoice", "days_until_due": 3}
    made = await desk.ok(at(owner["id"]), params)
    assert (made["created"], made["test_clock"]) == (clock["frozen_time"], clock["id"])
