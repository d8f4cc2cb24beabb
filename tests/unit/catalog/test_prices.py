"""Prices and plans: what they cost, what may change, who holds a lookup key."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.catalog import price_terms, prices
from emulator.kernel.errors import StripeError
from emulator.resources.context import Context
from tests.unit.catalog.desk import Desk

MONTH = {"interval": "month"}
TIERS = [{"up_to": "10", "unit_amount": "100"}, {"up_to": "inf", "unit_amount": "50", "flat_amount_decimal": "0.5"}]


async def product(desk: Desk) -> str:
    return str((await desk.post("/v1/products", name="Gold"))["id"])


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("0", (0, "0")),
        ("10", (10, "10")),
        ("10.00", (10, "10")),
        ("10.50", (None, "10.5")),
        (".5", (None, "0.5")),
        ("0.000000000001", (None, "0.000000000001")),
        ("999999999999", (999_999_999_999, "999999999999")),
    ],
)
def test_decimals(text: str, wanted: tuple[int | None, str]) -> None:
    assert price_terms.decimal_text(text, "x") == wanted


@pytest.mark.parametrize("text", ["-1", "0.0000000000001", "1000000000000"])
def test_refused_decimals(text: str) -> None:
    with pytest.raises(StripeError) as refused:
        price_terms.decimal_text(text, "unit_amount_decimal")
    assert refused.value.param == "unit_amount_decimal"


async def test_tiers_are_stored(desk: Desk) -> None:
    price = await desk.post(
        "/v1/prices", product=await product(desk), currency="usd", recurring=MONTH, billing_scheme="tiered",
        tiers_mode="graduated", tiers=TIERS,
    )  # fmt: skip
    assert price["tiers"] == [
        {
            "flat_amount": None,
            "flat_amount_decimal": None,
            "unit_amount": 100,
            "unit_amount_decimal": "100",
            "up_to": 10,
        },
        {
            "flat_amount": None,
            "flat_amount_decimal": "0.5",
            "unit_amount": 50,
            "unit_amount_decimal": "50",
            "up_to": None,
        },
    ]
    assert price["currency_options"]["usd"]["tiers"] == price["tiers"]


TIERED: dict[str, Any] = {"recurring": MONTH, "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS}


@pytest.mark.parametrize(
    "params, param",
    [
        ({"unit_amount": "-1"}, "unit_amount"),
        ({"unit_amount": "9999999999999"}, "unit_amount"),
        ({"unit_amount": "1", "unit_amount_decimal": "1"}, None),
        ({"unit_amount": "1", "recurring": {"interval": "month", "interval_count": "0"}}, "recurring[interval_count]"),
        ({"unit_amount": "1", "recurring": {"interval": "year", "interval_count": "4"}}, "recurring[interval_count]"),
        ({"unit_amount": "1", "recurring": {"interval": "month", "meter": "mtr_1"}}, "recurring[meter]"),
        (
            {"unit_amount": "1", "recurring": {"interval": "month", "meter": "mtr_1", "usage_type": "metered"}},
            "recurring[meter]",
        ),
        ({"unit_amount": "1", "tiers": TIERS}, "tiers"),
        (
            {"unit_amount": "1", "transform_quantity": {"divide_by": "0", "round": "up"}},
            "transform_quantity[divide_by]",
        ),
        ({"custom_unit_amount": {"enabled": "true"}, "recurring": MONTH}, "custom_unit_amount"),
        ({**TIERED, "tiers": ""}, "tiers"),
        ({**TIERED, "tiers_mode": ""}, "tiers_mode"),
        ({**TIERED, "unit_amount": "1"}, "unit_amount"),
        ({**TIERED, "tiers": TIERS[:1]}, "tiers"),
        ({**TIERED, "tiers": [{"up_to": "inf"}]}, "tiers[0]"),
        ({**TIERED, "tiers": [TIERS[0], TIERS[0], TIERS[1]]}, "tiers[1][up_to]"),
        ({**TIERED, "tiers": [TIERS[1], TIERS[1]]}, "tiers"),
        ({**TIERED, "transform_quantity": {"divide_by": "2", "round": "up"}}, "transform_quantity"),
    ],
)
async def test_refused_combinations(desk: Desk, params: dict[str, Any], param: str | None) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/prices", product=await product(desk), currency="usd", **params)
    assert refused.value.param == param
    assert refused.value.status == 400


async def test_custom_amount_leaves_out_enabled(desk: Desk) -> None:
    price = await desk.post(
        "/v1/prices",
        product=await product(desk),
        currency="usd",
        custom_unit_amount={"enabled": "true", "minimum": "50"},
    )
    assert price["custom_unit_amount"] == {"maximum": None, "minimum": 50, "preset": None}
    assert price["unit_amount"] is None


async def test_product_data_makes_the_product_first(desk: Desk) -> None:
    price = await desk.post("/v1/prices", product_data={"name": "New"}, currency="usd", unit_amount="1")
    assert desk.written() == ["product.created", "price.created"]
    assert (await desk.get("product", price["product"]))["name"] == "New"


async def test_transfer_of_a_lookup_key_starts_at_its_holder(desk: Desk) -> None:
    at = await product(desk)
    holder = await desk.post("/v1/prices", product=at, currency="usd", unit_amount="1", lookup_key="gold")
    taker = await desk.post("/v1/prices", product=at, currency="usd", unit_amount="2")
    with pytest.raises(StripeError, match=holder["id"]):
        await desk.post(f"/v1/prices/{taker['id']}", lookup_key="gold")
    await desk.post(f"/v1/prices/{taker['id']}", lookup_key="gold", transfer_lookup_key="true")
    assert [change.id for change in desk.journal] == [holder["id"], taker["id"]]
    assert (await desk.fetch("/v1/prices", lookup_keys=["gold"]))["data"][0]["id"] == taker["id"]
    again = await desk.post(f"/v1/prices/{taker['id']}", lookup_key="gold", nickname="Best")
    assert (again["lookup_key"], again["nickname"]) == ("gold", "Best")


async def test_currency_options(desk: Desk) -> None:
    price = await desk.post(
        "/v1/prices", product=await product(desk), currency="usd", unit_amount="1000",
        currency_options={"eur": {"unit_amount": "900", "tax_behavior": "inclusive"}},
    )  # fmt: skip
    assert {code: entry["unit_amount"] for code, entry in price["currency_options"].items()} == {
        "eur": 900,
        "usd": 1000,
    }
    more = await desk.post(f"/v1/prices/{price['id']}", currency_options={"jpy": {"unit_amount": "1500"}})
    assert set(more["currency_options"]) == {"eur", "jpy", "usd"}
    cleared = await desk.post(f"/v1/prices/{price['id']}", currency_options="")
    assert set(cleared["currency_options"]) == {"usd"}


async def test_tax_behavior_is_set_once(desk: Desk) -> None:
    price = await desk.post("/v1/prices", product=await product(desk), currency="usd", unit_amount="1")
    after = await desk.post(f"/v1/prices/{price['id']}", tax_behavior="inclusive")
    assert after["currency_options"]["usd"]["tax_behavior"] == "inclusive"
    await desk.post(f"/v1/prices/{price['id']}", tax_behavior="inclusive")
    with pytest.raises(StripeError, match="tax_behavior"):
        await desk.post(f"/v1/prices/{price['id']}", tax_behavior="exclusive")


async def test_only_active_prices_are_sold_at(desk: Desk) -> None:
    price = await desk.post("/v1/prices", product=await product(desk), currency="usd", unit_amount="1")

    async def sell(ctx: Context) -> Any:
        return await prices.active(ctx, price["id"], "items[0][price]")

    assert (await desk.within(sell))["id"] == price["id"]
    await desk.post(f"/v1/prices/{price['id']}", active="false")
    with pytest.raises(StripeError) as refused:
        await desk.within(sell)
    assert refused.value.message == "The price specified is inactive. This field only accepts active prices."
    assert refused.value.param == "items[0][price]"


async def test_a_plan_is_a_price(desk: Desk) -> None:
    plan = await desk.post(
        "/v1/plans", id="gold", currency="usd", amount="900", interval="month", interval_count="3",
        product={"name": "Gold"}, trial_period_days="7", nickname="G", transform_usage={"divide_by": "5", "round": "up"},
    )  # fmt: skip
    assert desk.written() == ["product.created", "price.created"]
    assert (plan["trial_period_days"], plan["transform_usage"]) == (7, {"divide_by": 5, "round": "up"})
    price = await desk.fetch("/v1/prices/gold")
    assert (price["unit_amount"], price["recurring"]["interval_count"]) == (900, 3)
    assert (await desk.fetch("/v1/plans"))["data"] == [plan]
    changed = await desk.post("/v1/plans/gold", trial_period_days="9", active="false", metadata={"a": "1"})
    assert (changed["trial_period_days"], changed["active"], changed["metadata"]) == (9, False, {"a": "1"})
    assert changed["interval_count"] == 3
    await desk.delete("/v1/plans/gold")
    assert (await desk.fetch("/v1/plans"))["data"] == []


async def test_tiered_plan_of_an_existing_product(desk: Desk) -> None:
    at = await product(desk)
    plan = await desk.post(
        "/v1/plans",
        currency="usd",
        interval="year",
        product=at,
        billing_scheme="tiered",
        tiers_mode="volume",
        tiers=TIERS,
    )
    assert plan["product"] == at
    assert plan["tiers"][1]["up_to"] is None
    assert plan["amount"] is None


@pytest.mark.parametrize(
    "params, message",
    [
        ({"amount": "1"}, "Missing required param: product."),
        ({"product": {"name": "x"}}, "Plans require an `amount` or `amount_decimal` parameter to be set."),
        ({"product": "prod_nope", "amount": "1"}, "No such product: 'prod_nope'"),
    ],
)
async def test_refused_plans(desk: Desk, params: dict[str, Any], message: str) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/plans", currency="usd", interval="month", **params)
    assert refused.value.message == message


async def test_a_one_time_price_is_no_plan(desk: Desk) -> None:
    price = await desk.post("/v1/prices", product=await product(desk), currency="usd", unit_amount="1")
    with pytest.raises(StripeError, match="No such plan"):
        await desk.fetch(f"/v1/plans/{price['id']}")


async def test_a_deleted_default_plan_is_no_default_any_more(desk: Desk) -> None:
    gold = await desk.post(
        "/v1/products", name="Gold", default_price_data={"currency": "usd", "unit_amount": "1", "recurring": MONTH}
    )
    await desk.delete(f"/v1/plans/{gold['default_price']}")
    assert (await desk.fetch(f"/v1/products/{gold['id']}"))["default_price"] is None
