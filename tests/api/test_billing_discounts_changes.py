"""Discounts that come or go with a change of plan: on the new price, not on what is given back, used up when they work.

Passing a coupon with an upgrade discounts the upgrade (github.com/stripe/stripe-java/issues/1183).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

HALF = (MONTH_END - START) // 2
COUPONS: dict[str, dict[str, Any]] = {
    "ONCE": {"percent_off": 20, "duration": "once"},
    "FIVE": {"amount_off": 500, "currency": "usd", "duration": "once"},
    "ALWAYS": {"percent_off": 10, "duration": "forever"},
    "HALF": {"percent_off": 50, "duration": "forever"},
}
MODES = ["classic", "flexible"]
BILLED = [
    "invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created", "charge.succeeded",
    "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
]  # fmt: skip
DONE = ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]


class Case:
    """A subscription at $20.00, half of its month over, and a price of $40.00."""

    def __init__(self, desk: Desk, made: Any, dearer: str) -> None:
        self.desk, self.id, self.dearer = desk, made["id"], dearer
        self.item = made["items"]["data"][0]["id"]

    async def upgraded(self, *coupons: str, **more: Any) -> Any:
        """Change the plan and the discounts in one call, after a preview that must show the same invoice."""
        items, given = [{"id": self.item, "price": self.dearer}], [{"coupon": one} for one in coupons] or ""
        behavior = {"proration_behavior": "always_invoice"}
        shown = await self.desk.ok("/v1/invoices/create_preview", {
            "subscription": self.id, "subscription_details": {"items": items, **behavior}, "discounts": given,
        })  # fmt: skip
        after = await self.desk.change(self.id, items=items, discounts=given, **behavior, **more)
        assert lines(shown) == lines(after["latest_invoice"])
        assert shown["total"] == after["latest_invoice"]["total"]
        return after

    async def renewal(self) -> int:
        """Return the total of the next month's invoice, which a preview told before."""
        shown = (await self.desk.ok("/v1/invoices/create_preview", {"subscription": self.id}))["total"]
        await self.desk.api.advance(MONTH_END - START - HALF + 7200)
        total: int = (await self.desk.subscription(self.id))["latest_invoice"]["total"]
        assert total == shown
        return total


def lines(invoice: Any) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


async def begun(api: Api, mode: str = "flexible", **more: Any) -> Case:
    desk = await Desk(api).open(amount=2000)
    for id, terms in COUPONS.items():
        await desk.ok("/v1/coupons", {"id": id, **terms})
    made = await desk.subscribe(billing_mode={"type": mode}, **more)
    dearer = await desk.new_price(4000)
    await api.advance(HALF)
    await desk.news()
    return Case(desk, made, dearer)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("coupon", "debit", "held", "later"), [("ONCE", 1600, 0, 4000), ("FIVE", 1750, 0, 4000), ("ALWAYS", 1800, 1, 3600)]
)
async def test_a_coupon_that_comes_with_an_upgrade(
    api: Api, mode: str, coupon: str, debit: int, held: int, later: int
) -> None:
    """Facts billing 6.10: an amount off is for a whole period, half of it is left."""
    case = await begun(api, mode)
    after = await case.upgraded(coupon)
    assert (lines(after["latest_invoice"]), after["latest_invoice"]["amount_paid"]) == ([-1000, debit], debit - 1000)
    assert len(after["discounts"]) == held
    over = [] if held else ["customer.discount.deleted"]
    assert await case.desk.news() == ["customer.discount.created", *BILLED, *over, *DONE]
    assert await case.renewal() == later


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_given_back_had_the_discount_before(api: Api, mode: str) -> None:
    case = await begun(api, mode, discounts=[{"coupon": "ALWAYS"}])
    after = await case.upgraded("HALF")
    credit, debit = after["latest_invoice"]["lines"]["data"]
    assert (credit["amount"], debit["amount"]) == (-900, 1000)
    assert credit["description"].endswith("(with 10.0% off)")
    assert debit["description"].endswith("(with 50.0% off)")
    told = ["customer.discount.created", *BILLED, *DONE[:-1], "customer.discount.deleted", DONE[-1]]
    assert await case.desk.news() == told
    assert await case.renewal() == 2000


@pytest.mark.parametrize("mode", MODES)
async def test_a_discount_that_goes_with_an_upgrade(api: Api, mode: str) -> None:
    case = await begun(api, mode, discounts=[{"coupon": "ALWAYS"}])
    after = await case.upgraded()
    assert (lines(after["latest_invoice"]), after["discounts"]) == ([-900, 2000], [])
    assert await case.renewal() == 4000


async def test_itemized_the_discount_stands_beside_the_new_price_alone(api: Api) -> None:
    case = await begun(api)
    path, itemized = f"/v1/subscriptions/{case.id}/migrate", {"proration_discounts": "itemized"}
    await case.desk.ok(path, {"billing_mode": {"type": "flexible", "flexible": itemized}})
    invoice = (await case.upgraded("ONCE"))["latest_invoice"]
    credit, debit = invoice["lines"]["data"]
    assert [one["amount"] for one in debit["discount_amounts"]] == [400]
    assert (credit["discount_amounts"], lines(invoice), invoice["total"]) == ([], [-1000, 2000], 600)
    assert (await case.desk.subscription(case.id))["discounts"] == []


async def test_what_waits_for_the_next_invoice_is_discounted_too(api: Api) -> None:
    case = await begun(api)
    wish: Any = {"items": [{"id": case.item, "price": case.dearer}], "discounts": [{"coupon": "ALWAYS"}]}
    after = await case.desk.change(case.id, **wish)
    assert len(after["discounts"]) == 1
    waiting = (await case.desk.get("/v1/invoiceitems", {"pending": True}))["data"]
    assert sorted(one["amount"] for one in waiting) == [-1000, 1800]
    assert await case.renewal() == 800 + 3600


async def test_a_coupon_of_older_versions(api: Api) -> None:
    case = await begun(api, "classic")
    wish: Any = {"coupon": "ONCE", "items": [{"id": case.item, "price": case.dearer}]}
    wish |= {"proration_behavior": "always_invoice"}
    await case.desk.ok(f"/v1/subscriptions/{case.id}", wish, headers={"Stripe-Version": "2024-06-20"})
    assert (await case.desk.subscription(case.id))["latest_invoice"]["total"] == 600


async def test_once_waits_where_nothing_was_taken_off(api: Api) -> None:
    """An invoice that only gives back, and one of a plan for nothing, leave the coupon for the next invoice."""
    case = await begun(api)
    free = await case.desk.new_price(0)
    change: dict[str, Any] = {"proration_behavior": "always_invoice", "discounts": [{"coupon": "ONCE"}]}
    after = await case.desk.change(case.id, items=[{"id": case.item, "price": free}], **change)
    assert (lines(after["latest_invoice"]), len(after["discounts"])) == ([-1000, 0], 1)
    assert "customer.discount.deleted" not in await case.desk.news()
    after = await case.upgraded("ONCE")
    assert (lines(after["latest_invoice"]), after["discounts"]) == ([0, 1600], [])


async def test_once_is_used_up_by_a_sent_invoice(api: Api) -> None:
    case = await begun(api, collection_method="send_invoice", days_until_due=30)
    after = await case.upgraded("ONCE")
    assert (after["latest_invoice"]["total"], after["discounts"]) == (600, [])
    assert (await case.desk.news()).count("customer.discount.deleted") == 1
    assert await case.renewal() == 4000
