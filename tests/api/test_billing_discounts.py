"""Discounts over the life of a subscription: where each is used up, who may name one, what codes with a minimum refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api

COUPONS: dict[str, dict[str, Any]] = {
    "ONCE": {"duration": "once"},
    "TWICE": {"duration": "repeating", "duration_in_months": 2},
    "ALWAYS": {"duration": "forever"},
}
GONE = "customer.discount.deleted"
MONTH = 31 * 86_400


async def opened(api: Api) -> Desk:
    desk = await Desk(api).open()
    for id, terms in COUPONS.items():
        await desk.ok("/v1/coupons", {"id": id, "percent_off": 10, **terms})
    await desk.news()
    return desk


def on(level: str, price: str, coupon: str) -> Any:
    """Return parameters that give a discount to the subscription or to its item."""
    discounts = [{"coupon": coupon}]
    if level == "item":
        return {"items": [{"price": price, "discounts": discounts}]}
    return {"items": [{"price": price}], "discounts": discounts}


def held(subscription: Any) -> list[Any]:
    """Return all discounts of a subscription and its items."""
    return [*subscription["discounts"], *subscription["items"]["data"][0]["discounts"]]


async def months(api: Api, desk: Desk, made: Any, number: int) -> list[tuple[int, int, int]]:
    """Return (total, discounts left, times one was announced as over) of each of the next months."""
    seen = []
    for _ in range(number):
        await api.advance(MONTH)
        await api.advance(7200)
        after = await desk.subscription(made["id"])
        seen.append((after["latest_invoice"]["total"], len(held(after)), (await desk.news()).count(GONE)))
    return seen


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_once_is_one_invoice(api: Api, level: str) -> None:
    """Facts billing 3.4: used up by the first invoice, whichever level the discount is on."""
    desk = await opened(api)
    made = await desk.subscribe(**on(level, desk.price, "ONCE"))
    assert (made["latest_invoice"]["total"], held(made)) == (2250, [])
    assert await months(api, desk, made, 2) == [(2500, 0, 0), (2500, 0, 0)]


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_repeating_ends_and_says_so(api: Api, level: str) -> None:
    """Facts billing 3.4: two months from the start, then ``customer.discount.deleted``."""
    desk = await opened(api)
    made = await desk.subscribe(**on(level, desk.price, "TWICE"))
    assert len(held(made)) == 1
    await desk.news()
    assert await months(api, desk, made, 3) == [(2250, 1, 0), (2500, 0, 1), (2500, 0, 0)]


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_forever_stays(api: Api, level: str) -> None:
    desk = await opened(api)
    made = await desk.subscribe(**on(level, desk.price, "ALWAYS"))
    await desk.news()
    assert await months(api, desk, made, 2) == [(2250, 1, 0), (2250, 1, 0)]


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_once_waits_for_the_invoice_after_a_trial(api: Api, level: str) -> None:
    desk = await opened(api)
    made = await desk.subscribe(**on(level, desk.price, "ONCE"), trial_period_days=31)
    assert (made["latest_invoice"]["total"], len(held(made))) == (0, 1)
    await desk.news()
    assert await months(api, desk, made, 2) == [(2250, 0, 1), (2500, 0, 0)]


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_once_of_a_sent_invoice(api: Api, level: str) -> None:
    desk = await opened(api)
    sent: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 90}
    made = await desk.subscribe(**on(level, desk.price, "ONCE"), **sent)
    assert (made["latest_invoice"]["total"], held(made)) == (2250, [])
    await api.advance(7200)
    first = await desk.get(f"/v1/invoices/{made['latest_invoice']['id']}")
    assert (first["status"], first["total"]) == ("open", 2250)
    await desk.news()
    assert await months(api, desk, made, 1) == [(2500, 0, 0)]


async def test_once_is_used_up_by_a_change_that_is_billed_at_once(api: Api) -> None:
    desk = await opened(api)
    made = await desk.subscribe()
    await desk.change(made["id"], discounts=[{"coupon": "ONCE"}])
    await desk.news()
    item = made["items"]["data"][0]["id"]
    after = await desk.change(made["id"], items=[{"id": item, "quantity": 2}], proration_behavior="always_invoice")
    assert (len(after["latest_invoice"]["discounts"]), held(after)) == (1, [])
    assert (await desk.news()).count(GONE) == 1
    assert await months(api, desk, made, 1) == [(5000, 0, 0)]


async def test_once_of_a_customer_is_used_up_by_the_first_invoice(api: Api) -> None:
    desk = await opened(api)
    older = {"Stripe-Version": "2024-06-20"}
    await desk.ok(f"/v1/customers/{desk.customer}", {"coupon": "ONCE"}, headers=older)
    made = await desk.subscribe()
    assert made["latest_invoice"]["total"] == 2250
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["discount"] is None
    assert (await months(api, desk, made, 1))[0][0] == 2500


async def test_the_line_names_the_discount_of_its_item(api: Api) -> None:
    desk = await opened(api)
    made = await desk.subscribe(**on("item", desk.price, "ALWAYS"))
    line = made["latest_invoice"]["lines"]["data"][0]
    assert line["discounts"] == made["items"]["data"][0]["discounts"]
    assert line["discount_amounts"] == [{"amount": 250, "discount": line["discounts"][0]}]


async def test_no_coupon_twice(api: Api) -> None:
    """Facts billing 3.4: entries are unique, also where a code or a discount stands for the same coupon."""
    desk = await opened(api)
    code = await desk.ok("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "ALWAYS"}})
    made = await desk.subscribe(discounts=[{"coupon": "ALWAYS"}])
    wish = {"customer": desk.customer, "items": [{"price": desk.price}]}
    for second in ({"coupon": "ALWAYS"}, {"promotion_code": code["id"]}):
        await desk.refused("/v1/subscriptions", {**wish, "discounts": [{"coupon": "ALWAYS"}, second]})
    again = [{"coupon": "ALWAYS"}, {"discount": made["discounts"][0]}]
    await desk.refused(f"/v1/subscriptions/{made['id']}", {"discounts": again})
    assert (await desk.subscription(made["id"]))["discounts"] == made["discounts"]


async def test_no_discount_of_somebody_else(api: Api) -> None:
    """Facts billing 3.4: a discount that is named must be the customer's and the subscription's own."""
    desk = await opened(api)
    first = await desk.subscribe(discounts=[{"coupon": "ALWAYS"}])
    second = await desk.subscribe()
    wish = {"discounts": [{"discount": first["discounts"][0]}]}
    refused = await desk.refused(f"/v1/subscriptions/{second['id']}", wish)
    assert (refused.status, refused.error["param"]) == (400, "discounts[0][discount]")
    kept = await desk.change(first["id"], **wish)
    assert kept["discounts"] == first["discounts"]


async def test_twenty_discounts(api: Api) -> None:
    desk = await opened(api)
    for number in range(21):
        await desk.ok("/v1/coupons", {"id": f"C{number}", "percent_off": 1})
    many = [{"coupon": f"C{number}"} for number in range(21)]
    wish = {"customer": desk.customer, "items": [{"price": desk.price}]}
    refused = await desk.refused("/v1/subscriptions", {**wish, "discounts": many})
    assert refused.error["message"] == "Array discounts exceeded maximum 20 allowed elements."
    await desk.ok("/v1/subscriptions", {**wish, "discounts": many[:20]})


async def test_where_codes_with_a_minimum_are_refused(api: Api) -> None:
    """Facts billing 3.5: below the minimum, on items, on invoice items and in phases to come."""
    desk = await opened(api)
    code = await desk.ok("/v1/promotion_codes", {
        "promotion": {"type": "coupon", "coupon": "ALWAYS"},
        "restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"},
    })  # fmt: skip
    given = [{"promotion_code": code["id"]}]
    owner = {"customer": desk.customer}
    month = {"interval": "month", "interval_count": 1}
    phases = [{"items": [{"price": desk.price}], "duration": month}] * 2
    for path, wish in (
        ("/v1/subscriptions", {"items": [{"price": desk.price}], "discounts": given}),
        ("/v1/subscriptions", {"items": [{"price": desk.price, "quantity": 2, "discounts": given}]}),
        ("/v1/invoiceitems", {"amount": 9000, "currency": "usd", "discounts": given}),
        ("/v1/subscription_schedules", {"start_date": "now", "phases": [phases[0], {**phases[1], "discounts": given}]}),
    ):
        refused = await desk.refused(path, {**owner, **wish})
        assert refused.error["message"].startswith("This promotion code cannot be redeemed"), path
    await desk.ok("/v1/subscriptions", {**owner, "items": [{"price": desk.price, "quantity": 2}], "discounts": given})
    assert (await desk.get(f"/v1/promotion_codes/{code['id']}"))["times_redeemed"] == 1
