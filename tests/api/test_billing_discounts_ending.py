"""A discount for some months goes at the second of its ``end`` (docs.stripe.com/api/discounts/object, facts billing 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_billing_modes import metered_price, use
from tests.journeys.traveller import Traveller
from tests.unit.billing.desk import START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

GONE = ["customer.discount.deleted", "customer.subscription.updated"]
DAY = 86_400


async def opened(api: Api, **customer: Any) -> Desk:
    desk = await Desk(api).open(**customer)
    await desk.ok("/v1/coupons", {"id": "MONTH", "percent_off": 10, "duration": "repeating", "duration_in_months": 1})
    return desk


async def ends(desk: Desk, discount: str, subscription: str) -> int:
    expanded = await desk.get(f"/v1/subscriptions/{subscription}", {"expand": ["discounts", "items.data.discounts"]})
    found = [*expanded["discounts"], *expanded["items"]["data"][0]["discounts"]]
    return int(next(one["end"] for one in found if one["id"] == discount))


@pytest.mark.parametrize("level", ["subscription", "item"])
async def test_it_goes_between_two_renewals(api: Api, level: str) -> None:
    desk = await opened(api)
    made = await desk.subscribe()
    await api.advance(10 * DAY)
    row, coupon = made["items"]["data"][0]["id"], {"discounts": [{"coupon": "MONTH"}]}
    wish = coupon if level == "subscription" else {"items": [{"id": row, **coupon}]}
    after = await desk.change(made["id"], **wish)
    holder = after if level == "subscription" else after["items"]["data"][0]
    end = await ends(desk, holder["discounts"][0], made["id"])
    await api.advance(end - 1 - START - 10 * DAY)  # past the renewal, which has the discount
    assert (await desk.subscription(made["id"]))["latest_invoice"]["total"] == 2250
    await desk.news()
    await api.advance(1)
    assert await desk.news() == GONE
    left = await desk.subscription(made["id"])
    assert (left["discounts"], left["items"]["data"][0]["discounts"]) == ([], [])
    news = (await desk.get("/v1/events", {"limit": 2}))["data"]
    assert news[1]["data"]["object"]["id"] == holder["discounts"][0]
    kept = {"discounts": holder["discounts"]} if level == "subscription" else {}
    assert {"discounts": news[0]["data"]["previous_attributes"].get("discounts")} == (kept or {"discounts": None})
    assert {one["created"] for one in news} == {end}


async def test_a_renewal_at_its_end_takes_it_away_with_what_it_writes(api: Api) -> None:
    desk = await opened(api)
    made = await desk.subscribe(discounts=[{"coupon": "MONTH"}])
    await desk.news()
    await api.advance(made["items"]["data"][0]["current_period_end"] - START)
    assert await desk.news() == [*GONE, "invoice.created"]
    assert (await desk.subscription(made["id"]))["latest_invoice"]["total"] == 2500


async def test_on_a_test_clock_it_ends_by_that_clock(api: Api) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(2000, interval="year")
    await ada.post("/v1/coupons", {"id": "MONTH", "percent_off": 50, "duration": "repeating", "duration_in_months": 1})
    made = await ada.subscribe(price, discounts=[{"coupon": "MONTH"}])
    await api.advance(DAY)  # the server's clock is past that end
    assert len((await ada.look(made["id"]))["discounts"]) == 1
    async with ada.expecting(*GONE):
        await ada.after(31 * DAY)
    assert (await ada.look(made["id"]))["discounts"] == []


async def test_one_that_was_taken_away_or_canceled_before_says_nothing(api: Api) -> None:
    desk = await opened(api)
    year = await desk.new_price(9000, "year")
    first = await desk.subscribe(items=[{"price": year}], discounts=[{"coupon": "MONTH"}])
    second = await desk.subscribe(items=[{"price": year}], discounts=[{"coupon": "MONTH"}])
    await desk.change(first["id"], discounts="")
    await desk.api.ok("DELETE", f"/v1/subscriptions/{second['id']}")
    await desk.news()
    await api.advance(40 * DAY)
    assert await desk.news() == []


async def test_that_of_a_customer_as_a_whole(api: Api) -> None:
    desk = await opened(api)
    path = f"/v1/customers/{desk.customer}"
    await desk.ok(path, {"coupon": "MONTH"}, headers={"Stripe-Version": "2024-06-20"})
    await desk.news()
    await api.advance(30 * DAY)
    assert await desk.news() == ["customer.discount.deleted", "customer.updated"]
    assert (await desk.get(path))["discount"] is None


async def test_a_draft_keeps_what_it_was_made_with(api: Api) -> None:
    """The usage that is reported within a draft's hour is discounted as the draft is, whose discount ends meanwhile."""
    ada = await Traveller(api).begin()
    price = await metered_price(ada)
    await ada.post("/v1/coupons", {"id": "MONTH", "percent_off": 50, "duration": "repeating", "duration_in_months": 1})
    made = await ada.subscribe(price)
    await ada.after(1800)
    await ada.post(f"/v1/subscriptions/{made['id']}", {"discounts": [{"coupon": "MONTH"}]})
    await use(ada, 400)
    await ada.until(made["items"]["data"][0]["current_period_end"])
    draft = (await ada.look(made["id"]))["latest_invoice"]
    await use(ada, 400, timestamp=ada.now - 10)
    await ada.after(7200)
    done = (await ada.look(made["id"]))["latest_invoice"]
    assert (draft["total"] > 0, done["subtotal"], done["total"]) == (True, 2 * draft["subtotal"], draft["subtotal"])
    assert (await ada.look(made["id"]))["discounts"] == []


async def test_a_discount_ends_where_times_end(api: Api) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": 253_000_000_000})  # in the year 9987
    customer = await api.ok("POST", "/v1/customers", {})
    coupon = {"percent_off": 10, "duration": "repeating", "duration_in_months": 1200}
    made = await api.ok("POST", "/v1/coupons", coupon)
    item = {"customer": customer["id"], "amount": 500, "currency": "usd", "discounts": [{"coupon": made["id"]}]}
    found = (await api.ok("POST", "/v1/invoiceitems", {**item, "expand": ["discounts"]}))["discounts"]
    assert [one["end"] for one in found] == [253_402_300_799]
