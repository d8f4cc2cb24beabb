"""Coupons, promotion codes and the discounts made of them."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.catalog import discounts
from emulator.kernel.errors import StripeError
from emulator.resources.context import Context
from tests.unit.catalog.desk import START, Desk

PROMOTION = {"type": "coupon", "coupon": "SAVE"}


async def redeem(desk: Desk, **given: Any) -> Any:
    async def act(ctx: Context) -> Any:
        return await discounts.mint(ctx, **given)

    return await desk.within(act)


async def test_mint_counts_and_follows_the_calendar(desk: Desk) -> None:
    await desk.post("/v1/coupons", id="SAVE", percent_off="10", duration="repeating", duration_in_months="3")
    customer = await desk.post("/v1/customers")
    made = await redeem(desk, coupon="SAVE", customer=customer["id"], subscription="sub_1", start=1_738_281_600)
    assert desk.written() == ["coupon.updated", "discount.created"]
    assert made == {
        "id": made["id"], "object": "discount", "checkout_session": None, "customer": customer["id"],
        "customer_account": None, "end": 1_745_971_200, "invoice": None, "invoice_item": None, "promotion_code": None,
        "source": {"coupon": "SAVE", "type": "coupon"}, "start": 1_738_281_600, "subscription": "sub_1",
        "subscription_item": None,
    }  # fmt: skip
    assert made["id"].startswith("di_")
    coupon = await desk.fetch("/v1/coupons/SAVE")
    assert (coupon["times_redeemed"], coupon["valid"]) == (1, True)


async def test_a_used_up_coupon_ends_with_its_codes(desk: Desk) -> None:
    await desk.post("/v1/coupons", id="SAVE", percent_off="10", max_redemptions="1")
    code = await desk.post("/v1/promotion_codes", promotion=PROMOTION, code="SUMMER")
    made = await redeem(desk, promotion_code=code["id"], customer="cus_1", start=START)
    assert (made["promotion_code"], made["end"]) == (code["id"], None)
    assert (await desk.fetch("/v1/coupons/SAVE"))["valid"] is False
    after = await desk.fetch(f"/v1/promotion_codes/{code['id']}")
    assert (after["active"], after["times_redeemed"]) == (False, 1)
    with pytest.raises(StripeError) as refused:
        await redeem(desk, coupon="SAVE", customer="cus_1")
    assert refused.value.message == "Coupon SAVE is used up and cannot be applied."
    assert (refused.value.code, refused.value.param) == ("coupon_expired", "discounts[0][coupon]")
    with pytest.raises(StripeError, match="cannot be activated"):
        await desk.post(f"/v1/promotion_codes/{code['id']}", active="true")


async def test_a_coupon_ends_at_its_last_instant(desk: Desk) -> None:
    await desk.post("/v1/coupons", id="SAVE", percent_off="10", redeem_by=str(START + 100))
    code = await desk.post("/v1/promotion_codes", promotion=PROMOTION)
    assert code["expires_at"] == START + 100
    await desk.wait(99)
    assert (await desk.fetch("/v1/coupons/SAVE"))["valid"] is True
    await desk.wait(1)
    assert (await desk.fetch("/v1/coupons/SAVE"))["valid"] is False
    assert (await desk.fetch(f"/v1/promotion_codes/{code['id']}"))["active"] is False
    with pytest.raises(StripeError, match="Coupon SAVE is expired and cannot be applied"):
        await redeem(desk, coupon="SAVE")


async def test_a_deleted_coupon_goes_on_for_what_was_redeemed(desk: Desk) -> None:
    await desk.post("/v1/coupons", id="SAVE", percent_off="10")
    made = await redeem(desk, coupon="SAVE", customer="cus_1")
    await desk.delete("/v1/coupons/SAVE")
    desk.now += 1

    async def look(ctx: Context) -> Any:
        return await discounts.coupon_of(ctx, made)

    assert (await desk.within(look))["percent_off"] == 10.0
    await desk.post("/v1/coupons", id="SAVE", percent_off="99")
    assert (await desk.within(look))["percent_off"] == 10.0
    with pytest.raises(StripeError, match="No such coupon"):
        await redeem(desk, coupon="nope")


async def code_of(desk: Desk, **given: Any) -> str:
    await desk.post(
        "/v1/coupons", id="SAVE", amount_off="500", currency="usd", currency_options={"eur": {"amount_off": "400"}}
    )
    return str((await desk.post("/v1/promotion_codes", promotion=PROMOTION, code="X", **given))["id"])


async def test_a_code_of_one_customer(desk: Desk) -> None:
    mine, theirs = [await desk.post("/v1/customers") for _ in range(2)]
    code = await code_of(desk, customer=mine["id"])
    with pytest.raises(StripeError, match="different customer"):
        await redeem(desk, promotion_code=code, customer=theirs["id"])
    await redeem(desk, promotion_code=code, customer=mine["id"])
    # The same words may stand for another customer's code at the same time.
    other = await desk.post("/v1/promotion_codes", promotion=PROMOTION, code="x", customer=theirs["id"])
    assert other["active"] is True


async def test_a_code_with_a_minimum(desk: Desk) -> None:
    code = await code_of(
        desk,
        restrictions={
            "minimum_amount": "1000", "minimum_amount_currency": "usd", "currency_options": {"eur": {"minimum_amount": "900"}},
        },
    )  # fmt: skip
    for amount, currency in ((999, "usd"), (899, "eur"), (5000, "gbp")):
        with pytest.raises(StripeError, match="minimum"):
            await redeem(desk, promotion_code=code, amount=amount, currency=currency)
    with pytest.raises(StripeError) as refused:
        await redeem(desk, promotion_code=code, amount=1000, currency="usd", on_update=True, param="discounts[2]")
    assert refused.value.message == (
        "This promotion code cannot be redeemed on a subcription update because it uses the `minimum_amount` restriction."
    )
    assert refused.value.param == "discounts[2][promotion_code]"
    await redeem(desk, promotion_code=code, amount=900, currency="eur")
    merged = await desk.post(
        f"/v1/promotion_codes/{code}", restrictions={"currency_options": {"jpy": {"minimum_amount": "5"}}}
    )
    assert set(merged["restrictions"]["currency_options"]) == {"eur", "jpy"}


@pytest.mark.parametrize(
    "kind, doc",
    [
        ("payment_intent", {"id": "pi_1", "customer": "cus_1"}),
        ("invoice", {"id": "in_1", "customer": "cus_1", "status": "paid", "lines": {"data": []}}),
        ("subscription", {"id": "sub_1", "customer": "cus_1", "trial_start": 5, "items": {"data": []}}),
    ],
)
async def test_a_code_for_the_first_time(desk: Desk, kind: str, doc: dict[str, Any]) -> None:
    code = await code_of(desk, restrictions={"first_time_transaction": "true"})
    await desk.put("invoice", {"id": "in_0", "customer": "cus_1", "status": "draft", "lines": {"data": []}})
    await redeem(desk, promotion_code=code, customer="cus_1")
    await desk.put(kind, doc)
    with pytest.raises(StripeError) as refused:
        await redeem(desk, promotion_code=code, customer="cus_1")
    assert refused.value.message == (
        "This promotion code cannot be redeemed because the associated customer has prior transactions."
    )


async def test_a_code_that_is_over(desk: Desk) -> None:
    code = await code_of(desk, max_redemptions="1", expires_at=str(START + 10))
    await redeem(desk, promotion_code=code)
    with pytest.raises(StripeError, match="used up"):
        await redeem(desk, promotion_code=code)
    second = await desk.post("/v1/promotion_codes", promotion=PROMOTION, expires_at=str(START + 10))
    assert len(second["code"]) == 8
    await desk.wait(10)
    assert (await desk.fetch(f"/v1/promotion_codes/{second['id']}"))["active"] is False
    with pytest.raises(StripeError, match="expired"):
        await redeem(desk, promotion_code=second["id"])
    third = await desk.post("/v1/promotion_codes", promotion=PROMOTION, active="false")
    with pytest.raises(StripeError, match="This promotion code is inactive"):
        await redeem(desk, promotion_code=third["id"])
    assert (await desk.post(f"/v1/promotion_codes/{third['id']}", active="true"))["active"] is True


@pytest.mark.parametrize(
    "params, param",
    [
        ({"expires_at": str(START + 101)}, "expires_at"),
        ({"max_redemptions": "3"}, "max_redemptions"),
        ({"max_redemptions": "0"}, "max_redemptions"),
        ({"customer": "cus_nope"}, "customer"),
    ],
)
async def test_codes_stay_within_their_coupon(desk: Desk, params: dict[str, str], param: str) -> None:
    await desk.post("/v1/coupons", id="SAVE", percent_off="10", redeem_by=str(START + 100), max_redemptions="2")
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/promotion_codes", promotion=PROMOTION, **params)
    assert refused.value.param == param


@pytest.mark.parametrize("given", [{}, {"coupon": "a", "promotion_code": "b"}])
async def test_one_origin(desk: Desk, given: dict[str, str]) -> None:
    with pytest.raises(StripeError):
        await redeem(desk, **given)


async def test_an_amount_in_another_currency(desk: Desk) -> None:
    await code_of(desk)
    assert (await redeem(desk, coupon="SAVE", currency="eur"))["source"]["coupon"] == "SAVE"
    with pytest.raises(StripeError, match="no amount in gbp"):
        await redeem(desk, coupon="SAVE", currency="gbp")


@pytest.mark.parametrize(
    "params, param",
    [
        ({"percent_off": "101"}, "percent_off"),
        ({"amount_off": "0", "currency": "usd"}, "amount_off"),
        ({"amount_off": "1", "currency": "xyz"}, "currency"),
        ({"percent_off": "1", "duration_in_months": "3"}, "duration_in_months"),
        ({"percent_off": "1", "duration": "repeating", "duration_in_months": "0"}, "duration_in_months"),
        ({"percent_off": "1", "max_redemptions": "0"}, "max_redemptions"),
        ({"percent_off": "1", "applies_to": {"products": ["prod_nope"]}}, "applies_to[products][0]"),
        ({"percent_off": "1", "name": "x" * 41}, "name"),
        (
            {"amount_off": "1", "currency": "usd", "currency_options": {"eur": {"amount_off": "0"}}},
            "currency_options[eur][amount_off]",
        ),
    ],
)
async def test_refused_coupons(desk: Desk, params: dict[str, Any], param: str) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/coupons", **params)
    assert refused.value.param == param


async def test_coupon_for_some_products_and_its_changes(desk: Desk) -> None:
    product = await desk.post("/v1/products", name="Gold")
    coupon = await desk.post("/v1/coupons", amount_off="5", currency="usd", applies_to={"products": [product["id"]]})
    assert coupon["applies_to"] == {"products": [product["id"]]}
    assert len(coupon["id"]) == 8
    after = await desk.post(
        f"/v1/coupons/{coupon['id']}", name="New", metadata={"a": "1"}, currency_options={"eur": {"amount_off": "4"}}
    )
    assert (after["name"], after["metadata"]) == ("New", {"a": "1"})
    assert after["currency_options"] == {"usd": {"amount_off": 5}, "eur": {"amount_off": 4}}
    percent = await desk.post("/v1/coupons", percent_off="5")
    with pytest.raises(StripeError, match="currency_options, percent_off"):
        await desk.post(f"/v1/coupons/{percent['id']}", currency_options={"eur": {"amount_off": "4"}})


async def test_list_filters(desk: Desk) -> None:
    await code_of(desk)
    await desk.post("/v1/coupons", id="OTHER", percent_off="10")
    await desk.post("/v1/promotion_codes", promotion={"type": "coupon", "coupon": "OTHER"}, code="Y", active="false")

    async def codes(**given: str) -> list[str]:
        return [one["code"] for one in (await desk.fetch("/v1/promotion_codes", **given))["data"]]

    assert await codes() == ["Y", "X"]
    assert await codes(coupon="SAVE") == ["X"]
    assert await codes(active="false") == ["Y"]
    assert await codes(code="y", coupon="SAVE") == []
