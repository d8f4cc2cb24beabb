"""Parameters that are gone: heard from older callers and from those who name no version, refused from the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

NEWEST = {"Stripe-Version": "2026-10-28.endive"}
ACACIA = {"Stripe-Version": "2025-02-24.acacia"}


@pytest.mark.parametrize("headers", [{}, ACACIA])
async def test_a_coupon_on_a_customer(api: Api, headers: dict[str, str]) -> None:
    await api.ok("POST", "/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    made = await api.ok("POST", "/v1/customers", {"coupon": "TEN"}, headers=headers)
    assert made["discount"]["id"].startswith("di_")
    assert "customer.discount.created" in await api.events()
    await api.ok("POST", "/v1/coupons", {"id": "TWENTY", "percent_off": 20, "duration": "forever"})
    other = await api.ok("POST", f"/v1/customers/{made['id']}", {"coupon": "TWENTY"}, headers=headers)
    assert other["discount"]["id"] == made["discount"]["id"]
    assert "customer.discount.updated" in await api.events()
    bare = await api.ok("POST", f"/v1/customers/{made['id']}", {"coupon": ""}, headers=headers)
    assert bare["discount"] is None
    assert "customer.discount.deleted" in await api.events()


async def test_the_newest_version_does_not_know_it(api: Api) -> None:
    answer = await api.post("/v1/customers", {"coupon": "TEN"}, headers=NEWEST)
    assert answer.error["message"] == "Received unknown parameter: coupon"
    answer = await api.post("/v1/customers", {"coupon": "NONE"})
    assert answer.error["code"] == "resource_missing"
    assert (await api.get("/v1/customers")).json["data"] == []


async def test_iterations_of_a_phase(api: Api) -> None:
    customer = await api.ok(
        "POST",
        "/v1/customers",
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
    )
    price = await api.ok(
        "POST",
        "/v1/prices",
        {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}, "product_data": {"name": "T"}},
    )
    params = {
        "customer": customer["id"],
        "start_date": "now",
        "phases": [{"items": [{"price": price["id"]}], "iterations": 2}],
    }
    made = await api.ok("POST", "/v1/subscription_schedules", params)
    assert len(made["phases"]) == 1
    days = (made["phases"][0]["end_date"] - made["phases"][0]["start_date"]) // 86_400
    assert 59 <= days <= 62
    params["phases"][0]["iterations"] = "many"
    answer = await api.post("/v1/subscription_schedules", params)
    assert answer.error["message"] == "Invalid integer: many"
    answer = await api.post("/v1/subscription_schedules", params, headers=NEWEST)
    assert answer.error["message"] == "Received unknown parameter: phases[0][iterations]"


async def test_a_plan_is_taken_for_a_price(api: Api) -> None:
    plan = {"id": "gold", "amount": 1000, "currency": "usd", "interval": "month", "product": {"name": "Gold"}}
    await api.ok("POST", "/v1/plans", plan)
    await api.ok("POST", "/v1/plans", {**plan, "id": "silver"})
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    made = await api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"plan": "gold"}]})
    assert [item["price"]["id"] for item in made["items"]["data"]] == ["gold"]
    item = await api.ok(
        "POST", "/v1/subscription_items", {"subscription": made["id"], "plan": "silver"}, headers=NEWEST
    )
    assert item["price"]["id"] == "silver"
    answer = await api.post(
        "/v1/subscriptions", {"customer": customer["id"], "items": [{"plan": "gold", "price": "gold"}]}
    )
    assert answer.error["message"] == "Received unknown parameter: items[0][plan]"
    answer = await api.post("/v1/subscriptions", {"customer": customer["id"], "items": [{"plan": "none"}]})
    assert answer.error["code"] == "resource_missing"
