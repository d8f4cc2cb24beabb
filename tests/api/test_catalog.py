"""What is sold, through the API: every answer is held against the description, every event is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

MONTH = {"interval": "month"}
TIERS = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50, "flat_amount": 5}]


async def product(api: Api, name: str = "Gold", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await api.ok("POST", "/v1/products", {"name": name, **more})
    return made


async def test_a_product_with_its_first_price(api: Api) -> None:
    made = await product(api, default_price_data={"currency": "usd", "unit_amount": 900, "recurring": MONTH})
    assert await api.events() == ["product.created", "plan.created", "price.created"]
    first = (await api.happened())[0]["data"]["object"]
    assert first["default_price"] == made["default_price"]
    assert (made["attributes"], made["type"]) == ([], "service")
    opened = await api.ok("GET", f"/v1/products/{made['id']}", {"expand": ["default_price"]})
    assert opened["default_price"]["unit_amount"] == 900


async def test_a_product_from_birth_to_end(api: Api) -> None:
    made = await product(api)
    await api.freeze(made["created"] + 60)
    after = await api.ok("POST", f"/v1/products/{made['id']}", {"description": "Best", "unit_label": "seat"})
    assert (after["updated"], after["description"]) == (made["created"] + 60, "Best")
    gone = await api.ok("DELETE", f"/v1/products/{made['id']}")
    assert gone == {"id": made["id"], "object": "product", "deleted": True}
    assert await api.events() == ["product.created", "product.updated", "product.deleted"]
    updated, deleted = (await api.happened())[1:]
    assert set(updated["data"]["previous_attributes"]) == {"description", "unit_label", "updated"}
    assert deleted["data"]["object"]["active"] is False


async def test_tiers_and_currencies_are_shown_when_asked_for(api: Api) -> None:
    made = await product(api)
    asked = {
        "product": made["id"],
        "currency": "usd",
        "recurring": MONTH,
        "billing_scheme": "tiered",
        "tiers_mode": "graduated",
        "tiers": TIERS,
        "currency_options": {"eur": {"tiers": TIERS}},
    }
    price = await api.ok("POST", "/v1/prices", asked)
    assert "tiers" not in price
    assert "currency_options" not in price
    opened = await api.ok("GET", f"/v1/prices/{price['id']}", {"expand": ["tiers", "currency_options"]})
    assert [tier["up_to"] for tier in opened["tiers"]] == [10, None]
    assert set(opened["currency_options"]) == {"eur", "usd"}


async def test_lookup_keys_move(api: Api) -> None:
    made = await product(api)
    asked = {"product": made["id"], "currency": "usd", "unit_amount": 1, "lookup_key": "gold"}
    holder = await api.ok("POST", "/v1/prices", asked)
    taker = await api.ok("POST", "/v1/prices", {**asked, "transfer_lookup_key": True})
    assert (await api.events())[1:] == ["price.created", "price.updated", "price.created"]
    moved = (await api.happened())[2]
    assert moved["data"]["object"]["id"] == holder["id"]
    assert moved["data"]["previous_attributes"] == {"lookup_key": "gold"}
    found = await api.ok("GET", "/v1/prices", {"lookup_keys": ["gold"]})
    assert [one["id"] for one in found["data"]] == [taker["id"]]


async def test_price_filters(api: Api) -> None:
    gold, silver = [await product(api, name) for name in ("Gold", "Silver")]
    monthly = await api.ok(
        "POST", "/v1/prices", {"product": gold["id"], "currency": "usd", "unit_amount": 1, "recurring": MONTH}
    )
    once = await api.ok("POST", "/v1/prices", {"product": silver["id"], "currency": "eur", "unit_amount": 1})
    for params, wanted in [
        ({"type": "recurring"}, [monthly]),
        ({"type": "one_time"}, [once]),
        ({"product": silver["id"]}, [once]),
        ({"currency": "usd"}, [monthly]),
        ({"recurring": {"interval": "month"}}, [monthly]),
        ({"recurring": {"interval": "year"}}, []),
        ({"active": False}, []),
    ]:
        listed = await api.ok("GET", "/v1/prices", params)
        assert [one["id"] for one in listed["data"]] == [one["id"] for one in wanted], params


async def test_plans_are_prices(api: Api) -> None:
    asked = {"id": "gold", "currency": "usd", "amount": 900, "interval": "month", "product": {"name": "Gold"}}
    plan = await api.ok("POST", "/v1/plans", asked)
    assert plan["object"] == "plan"
    assert (await api.ok("GET", "/v1/prices/gold"))["unit_amount"] == 900
    listed = await api.ok("GET", "/v1/plans", {"expand": ["data.product"]})
    assert listed["data"][0]["product"]["name"] == "Gold"
    await api.ok("POST", "/v1/plans/gold", {"nickname": "G"})
    await api.ok("DELETE", "/v1/plans/gold")
    assert await api.events() == [
        "product.created",
        "plan.created",
        "price.created",
        "plan.updated",
        "price.updated",
        "plan.deleted",
        "price.deleted",
    ]


async def test_coupons_and_codes(api: Api) -> None:
    made = await product(api)
    asked = {"id": "SAVE", "percent_off": 50, "duration": "forever", "applies_to": {"products": [made["id"]]}}
    coupon = await api.ok("POST", "/v1/coupons", asked)
    assert coupon["percent_off"] == 50
    assert "applies_to" not in coupon
    opened = await api.ok("GET", "/v1/coupons/SAVE", {"expand": ["applies_to"]})
    assert opened["applies_to"] == {"products": [made["id"]]}
    code = await api.ok("POST", "/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "SAVE"}})
    assert code["code"].isalnum()
    shown = await api.ok("GET", f"/v1/promotion_codes/{code['id']}", {"expand": ["promotion.coupon"]})
    assert shown["promotion"]["coupon"]["id"] == "SAVE"
    await api.ok("DELETE", "/v1/coupons/SAVE")
    assert (await api.events())[1:] == [
        "coupon.created",
        "promotion_code.created",
        "coupon.deleted",
        "promotion_code.updated",
    ]
    assert (await api.happened())[3]["data"]["object"]["valid"] is False


async def test_features_of_a_product(api: Api) -> None:
    made = await product(api)
    feature = await api.ok("POST", "/v1/entitlements/features", {"name": "API", "lookup_key": "api"})
    one = await api.ok("POST", f"/v1/products/{made['id']}/features", {"entitlement_feature": feature["id"]})
    listed = await api.ok("GET", f"/v1/products/{made['id']}/features")
    assert [item["id"] for item in listed["data"]] == [one["id"]]
    assert listed["data"][0]["entitlement_feature"]["lookup_key"] == "api"


@pytest.mark.parametrize("path", ["/v1/prices/price_x", "/v1/promotion_codes/promo_x", "/v1/tax_rates/txr_x"])
async def test_what_cannot_be_deleted_has_no_such_url(api: Api, path: str) -> None:
    answer = await api.delete(path)
    assert answer.status == 404
    assert answer.error["message"].startswith(f"Unrecognized request URL (DELETE: {path}).")
