"""How prorations tell their discounts: included in their amount, or itemized beside it.

docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

HALF = START + (MONTH_END - START) // 2
TEN, TWENTY = "TEN", "TWENTY"


async def begun(api: Api, how: str, **more: Any) -> tuple[Desk, Any, str]:
    """Return a subscription at $20.00 with 10% off its item and 20% off all, half of its month over, and a dearer price."""
    desk = await Desk(api).open(amount=2000)
    await desk.ok("/v1/coupons", {"id": TEN, "percent_off": 10, "duration": "forever"})
    await desk.ok("/v1/coupons", {"id": TWENTY, "percent_off": 20, "duration": "forever"})
    wish: dict[str, Any] = {
        "items": [{"price": desk.price, "discounts": [{"coupon": TEN}]}], "discounts": [{"coupon": TWENTY}],
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": how}},
    }  # fmt: skip
    made = await desk.subscribe(**wish, **more)
    assert (made["latest_invoice"]["subtotal"], made["latest_invoice"]["total"]) == (1800, 1440)
    dearer = await desk.new_price(4000)
    await api.advance(HALF - START)
    await desk.news()
    return desk, made, dearer


async def upgraded(desk: Desk, made: Any, price: str, behavior: str = "always_invoice") -> Any:
    item = made["items"]["data"][0]["id"]
    return await desk.change(made["id"], items=[{"id": item, "price": price}], proration_behavior=behavior)


def told(line: Any) -> list[int]:
    return [one["amount"] for one in line["discount_amounts"]]


async def test_included_discounts_tell_nothing_of_themselves(api: Api) -> None:
    desk, made, dearer = await begun(api, "included")
    invoice = (await upgraded(desk, made, dearer))["latest_invoice"]
    credit, debit = invoice["lines"]["data"]
    assert (credit["amount"], debit["amount"]) == (-720, 1440)
    assert debit["description"].endswith("(with 10.0% off) (with 20.0% off)")
    assert (told(credit), told(debit)) == ([0], [0]), "the item's own are left out, the others take nothing"
    assert (invoice["subtotal"], invoice["total"], invoice["total_discount_amounts"]) == (720, 720, [])
    items = (await desk.get("/v1/invoiceitems", {"invoice": invoice["id"]}))["data"]
    for item in items:
        assert item["amount"] == item["net_amount"]
        assert [one["amount"] for one in item["proration_details"]["discount_amounts"]] == [0, 0]


async def test_itemized_discounts_stand_beside_the_gross_amount(api: Api) -> None:
    desk, made, dearer = await begun(api, "itemized")
    invoice = (await upgraded(desk, made, dearer))["latest_invoice"]
    credit, debit = invoice["lines"]["data"]
    assert (credit["amount"], debit["amount"]) == (-1000, 2000)
    assert (told(credit), told(debit)) == ([-100, -180], [200, 360])
    assert "off)" not in debit["description"]
    assert (credit["subtotal"], debit["subtotal"]) == (-900, 1800)
    assert [one["amount"] for one in debit["pretax_credit_amounts"]] == [200, 360]
    assert (invoice["subtotal"], invoice["total"]) == (900, 720), "the same is paid"
    assert [one["amount"] for one in invoice["total_discount_amounts"]] == [100, 180]
    assert invoice["amount_paid"] == 720
    items = (await desk.get("/v1/invoiceitems", {"invoice": invoice["id"]}))["data"]
    assert sorted((one["amount"], one["net_amount"]) for one in items) == [(-1000, -720), (2000, 1440)]
    assert [one["amount"] for one in items[0]["proration_details"]["discount_amounts"]] in ([-100, -180], [200, 360])


@pytest.mark.parametrize("how", ["included", "itemized"])
async def test_what_was_changed_and_changed_back_is_owed_by_nobody(api: Api, how: str) -> None:
    desk, made, dearer = await begun(api, how)
    await upgraded(desk, made, dearer, "create_prorations")
    again = await upgraded(desk, made, desk.price, "always_invoice")
    assert again["latest_invoice"]["total"] == 0
    assert len(again["latest_invoice"]["lines"]["data"]) == 4


@pytest.mark.parametrize("how", ["included", "itemized"])
async def test_what_waits_is_billed_with_taxes_on_the_net_amount(api: Api, how: str) -> None:
    rate = await api.ok("POST", "/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": False})
    desk, made, dearer = await begun(api, how)
    await desk.change(made["id"], default_tax_rates=[rate["id"]])
    await upgraded(desk, made, dearer, "create_prorations")
    await api.advance(MONTH_END - HALF + 7200)
    renewal = (await desk.subscription(made["id"]))["latest_invoice"]
    assert renewal["total_excluding_tax"] == 720 + 2880
    assert (renewal["total"], renewal["amount_paid"]) == (3960, 3960)
    taxes = [tax["amount"] for line in renewal["lines"]["data"] for tax in line["taxes"]]
    assert sorted(taxes) == [-72, 144, 288]


async def test_an_end_now_gives_back_the_net_amount(api: Api) -> None:
    desk, made, _ = await begun(api, "itemized")
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}", {"prorate": True, "invoice_now": True})
    final = (await desk.get("/v1/invoices", {"subscription": made["id"]}))["data"][0]
    assert (final["subtotal"], final["total"], final["lines"]["data"][0]["amount"]) == (-900, -720, -1000)


@pytest.mark.parametrize("how", ["included", "itemized"])
async def test_a_customers_own_coupon_is_in_prorations_too(api: Api, how: str) -> None:
    desk = await Desk(api).open(amount=2000)
    await desk.ok("/v1/coupons", {"id": TEN, "percent_off": 10, "duration": "forever"})
    await desk.ok(f"/v1/customers/{desk.customer}", {"coupon": TEN}, headers={"Stripe-Version": "2024-06-20"})
    made = await desk.subscribe(billing_mode={"type": "flexible", "flexible": {"proration_discounts": how}})
    assert made["latest_invoice"]["total"] == 1800
    await api.advance(HALF - START)
    invoice = (await upgraded(desk, made, await desk.new_price(4000)))["latest_invoice"]
    assert [line["amount"] for line in invoice["lines"]["data"]] == (
        [-900, 1800] if how == "included" else [-1000, 2000]
    )
    assert invoice["total"] == 900


async def test_itemized_is_for_good(api: Api) -> None:
    desk, made, _ = await begun(api, "included")
    path = f"/v1/subscriptions/{made['id']}/migrate"
    flexible: dict[str, Any] = {"type": "flexible"}
    same = await desk.ok(path, {"billing_mode": flexible})
    assert same["billing_mode"]["updated_at"] == START
    assert await desk.news() == []
    moved = await desk.ok(path, {"billing_mode": {**flexible, "flexible": {"proration_discounts": "itemized"}}})
    assert moved["billing_mode"] == {
        "type": "flexible", "flexible": {"proration_discounts": "itemized"}, "updated_at": HALF,
    }  # fmt: skip
    assert await desk.news() == ["customer.subscription.updated"]
    back = await desk.refused(path, {"billing_mode": {**flexible, "flexible": {"proration_discounts": "included"}}})
    assert (back.status, back.error["param"]) == (400, "billing_mode[flexible][proration_discounts]")
