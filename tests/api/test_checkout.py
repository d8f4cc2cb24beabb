"""Checkout sessions: what is offered, refused, shown, changed and expired."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import Api

DAY = 86_400


async def price(api: Api, amount: int = 1500, *, monthly: bool = False, currency: str = "usd") -> str:
    product = await api.post("/v1/products", {"name": "Plan"})
    params: dict[str, Any] = {"product": product.id, "currency": currency, "unit_amount": amount}
    if monthly:
        params["recurring"] = {"interval": "month"}
    return (await api.post("/v1/prices", params)).id


def offer(mode: str, *items: Any, **more: Any) -> dict[str, Any]:
    rows = [one if isinstance(one, dict) else {"price": one, "quantity": 1} for one in items]
    return {"mode": mode, "success_url": "https://example.com/done", **({"line_items": rows} if rows else {}), **more}


async def session(api: Api, mode: str, *items: Any, **more: Any) -> Any:
    answer = await api.post("/v1/checkout/sessions", offer(mode, *items, **more))
    assert answer.status == 200, answer.text
    return answer.json


async def complete(api: Api, id: str, method: str | None = "pm_card_visa", **more: Any) -> Any:
    params = {"session": id, **({"payment_method": method} if method else {}), **more}
    return await api.engine.run(await api.space(), "checkout:complete", params)


async def test_a_new_session(api: Api) -> None:
    found = await session(api, "payment", {"price": await price(api), "quantity": 2}, metadata={"order": "7"})
    assert found["id"].startswith("cs_test_a1")
    assert len(found["id"]) == len("cs_test_") + 58
    assert found["url"].endswith(f"/c/pay/{found['id']}")
    assert found["expires_at"] == found["created"] + DAY
    assert (found["status"], found["payment_status"], found["ui_mode"]) == ("open", "unpaid", "hosted_page")
    assert (found["amount_subtotal"], found["amount_total"], found["currency"]) == (3000, 3000, "usd")
    assert found["metadata"] == {"order": "7"}
    assert "line_items" not in found
    assert "breakdown" not in found["total_details"]


async def test_line_items_are_shown_when_asked_for(api: Api) -> None:
    made = await session(api, "payment", await price(api), await price(api, 700))
    path = f"/v1/checkout/sessions/{made['id']}"
    items = (await api.get(f"{path}/line_items", {"limit": 1})).json
    assert [one["amount_total"] for one in items["data"]] == [1500]
    assert items["has_more"] is True
    assert "taxes" not in items["data"][0]
    expanded = (await api.get(path, {"expand": ["line_items.data.price.product", "line_items.data.taxes"]})).json
    assert expanded["line_items"]["data"][1]["price"]["product"]["name"] == "Plan"
    assert expanded["line_items"]["data"][1]["taxes"] == []


async def test_embedded_sessions_have_a_secret_and_no_page(api: Api) -> None:
    params = offer("payment", await price(api), ui_mode="embedded_page", return_url="https://example.com/r")
    del params["success_url"]
    found = (await api.post("/v1/checkout/sessions", params)).json
    assert found["url"] is None
    assert found["client_secret"].startswith(found["id"] + "_secret_")


async def test_prices_and_products_described_in_the_call(api: Api) -> None:
    data = {"currency": "eur", "unit_amount": 900, "product_data": {"name": "Mug"}}
    made = await session(api, "payment", {"price_data": data, "quantity": 3})
    assert (made["currency"], made["amount_total"]) == ("eur", 2700)
    items = (await api.get(f"/v1/checkout/sessions/{made['id']}/line_items")).json["data"]
    assert items[0]["description"] == "Mug"
    assert items[0]["price"]["active"] is False


async def test_discounts_and_taxes_are_worked_in(api: Api) -> None:
    await api.post("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "once"})
    rate = await api.post("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False})
    item = {"price": await price(api, 1000), "quantity": 1, "tax_rates": [rate.id]}
    made = await session(api, "payment", item, discounts=[{"coupon": "TEN"}], expand=["total_details.breakdown"])
    assert made["amount_total"] == 1080
    assert made["discounts"] == [{"coupon": "TEN", "promotion_code": None}]
    totals = made["total_details"]
    assert (totals["amount_discount"], totals["amount_tax"]) == (100, 180)
    assert totals["breakdown"]["discounts"][0]["amount"] == 100
    assert totals["breakdown"]["taxes"][0]["rate"]["id"] == rate.id
    assert (await api.get("/v1/coupons/TEN"))["times_redeemed"] == 0
    await complete(api, made["id"])
    assert (await api.get("/v1/coupons/TEN"))["times_redeemed"] == 1


async def test_shipping_is_part_of_the_total(api: Api) -> None:
    data = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}
    made = await session(api, "payment", await price(api), shipping_options=[{"shipping_rate_data": data}])
    assert made["amount_total"] == 2000
    assert made["total_details"]["amount_shipping"] == 500
    assert made["shipping_cost"]["amount_total"] == 500


async def test_a_trial_is_free_now(api: Api) -> None:
    made = await session(
        api, "subscription", await price(api, monthly=True), subscription_data={"trial_period_days": 7}
    )
    assert made["amount_total"] == 0


@pytest.mark.parametrize(
    ("mode", "more", "message"),
    [
        ("payment", {"discounts": [{"coupon": "A"}, {"coupon": "B"}]}, "Array discounts exceeded maximum 1 allowed elements."),
        ("payment", {"allow_promotion_codes": True, "discounts": [{"coupon": "A"}]}, "You may only specify one of these parameters: allow_promotion_codes, discounts."),
        ("payment", {"subscription_data": {"trial_period_days": 3}}, "You can not pass `subscription_data` in `payment` mode."),
        ("payment", {"success_url": "nowhere"}, "Not a valid URL"),
        ("payment", {"line_items": [{"quantity": 1}]}, "You must provide either price or price_data for each line item when using prices."),
    ],
)  # fmt: skip
async def test_sessions_that_are_refused(api: Api, mode: str, more: dict[str, Any], message: str) -> None:
    answer = await api.post("/v1/checkout/sessions", {**offer(mode, await price(api)), **more})
    assert answer.status == 400
    assert answer.error["message"] == message


async def test_the_smallest_total_depends_on_the_currency(api: Api) -> None:
    for currency, amount, words in (("usd", 49, "$0.50 usd"), ("gbp", 29, "£0.30 gbp"), ("hkd", 399, "$4.00 hkd")):
        params = offer("payment", await price(api, amount, currency=currency))
        answer = await api.post("/v1/checkout/sessions", params)
        assert answer.error["code"] == "amount_too_small"
        if currency != "hkd":  # the symbol of Hong Kong is written differently elsewhere
            assert answer.error["message"].endswith(words)


async def test_lists_are_filtered(api: Api) -> None:
    customer = await api.post("/v1/customers", {"email": "ada@example.com"})
    one = await price(api)
    mine = await session(api, "payment", one, customer=customer.id)
    await session(api, "payment", one, customer_email="bob@example.com")
    done = await session(api, "payment", one)
    done = await complete(api, done["id"])

    async def ids(**params: Any) -> list[str]:
        return [found["id"] for found in (await api.get("/v1/checkout/sessions", params)).json["data"]]

    assert await ids(customer=customer.id) == [mine["id"]]
    assert await ids(customer_details={"email": "ada@example.com"}) == [mine["id"]]
    assert await ids(status="complete") == [done["id"]]
    assert await ids(payment_intent=done["payment_intent"]) == [done["id"]]
    assert len(await ids()) == 3


async def test_metadata_and_line_items_can_be_changed(api: Api) -> None:
    made = await session(api, "payment", await price(api), metadata={"a": "1"})
    path = f"/v1/checkout/sessions/{made['id']}"
    item = (await api.get(f"{path}/line_items")).json["data"][0]["id"]
    changed = await api.post(path, {"metadata": {"a": "", "b": "2"}, "line_items": [{"id": item, "quantity": 3}]})
    assert changed["metadata"] == {"b": "2"}
    assert changed["amount_total"] == 4500
    await complete(api, made["id"])
    late = await api.post(path, {"line_items": [{"id": item, "quantity": 1}]})
    assert late.status == 400
    assert (await api.post(path, {"metadata": {"c": "3"}}))["metadata"] == {"b": "2", "c": "3"}


async def test_expiring(api: Api) -> None:
    recovery = {"recovery": {"enabled": True}}
    made = await session(api, "payment", await price(api), after_expiration=recovery)
    path = f"/v1/checkout/sessions/{made['id']}"
    over = await api.post(f"{path}/expire")
    assert (over["status"], over["url"]) == ("expired", None)
    assert over["after_expiration"]["recovery"]["url"]
    assert (await api.events())[-1] == "checkout.session.expired"
    again = await api.post(f"{path}/expire")
    assert again.error["message"] == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `expired`.'
    )


async def test_sessions_expire_by_themselves(api: Api) -> None:
    made = await session(api, "payment", await price(api))
    await api.advance("23h")
    assert (await api.get(f"/v1/checkout/sessions/{made['id']}"))["status"] == "open"
    await api.advance("1h")
    assert (await api.get(f"/v1/checkout/sessions/{made['id']}"))["status"] == "expired"
    assert (await api.events())[-1] == "checkout.session.expired"


async def test_what_the_customer_may_change(api: Api) -> None:
    await api.post("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "once"})
    await api.post("/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "TEN"}, "code": "SPRING"})
    item = {"price": await price(api), "quantity": 1, "adjustable_quantity": {"enabled": True, "maximum": 4}}
    made = await session(api, "payment", item, allow_promotion_codes=True)
    line = (await api.get(f"/v1/checkout/sessions/{made['id']}/line_items")).json["data"][0]["id"]
    space = await api.space()
    wish = {"session": made["id"], "promotion_code": "SPRING", "line_items": [{"id": line, "quantity": 4}]}
    found = await api.engine.run(space, "checkout:adjust", wish)
    assert found["amount_total"] == 5400
    with pytest.raises(Exception, match="cannot be set"):
        await api.engine.run(space, "checkout:adjust", {**wish, "line_items": [{"id": line, "quantity": 5}]})
    with pytest.raises(Exception, match="No such promotion code"):
        await api.engine.run(space, "checkout:adjust", {"session": made["id"], "promotion_code": "AUTUMN"})
