"""What the real API takes although its description does not list it: chosen ids, goods and services, SKUs, plans for prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

NEWEST = {"Stripe-Version": "2026-10-28.endive"}
ENDLESS = {"type": "infinite"}
MONTH = {"interval": "month"}


# ------------------------------------------------------------------------------------------------ a customer's id
async def test_a_customer_of_a_chosen_id(api: Api) -> None:
    """github.com/stripe/stripe-node pull 968: the id works; issue 125: an e-mail address may be one."""
    made = await api.ok(
        "POST", "/v1/customers", {"id": "jo@example.com", "payment_method": "pm_card_visa", "name": "Jo"}
    )
    assert (made["id"], made["name"]) == ("jo@example.com", "Jo")
    methods = await api.ok("GET", "/v1/customers/jo%40example.com/payment_methods")
    assert [one["customer"] for one in methods["data"]] == ["jo@example.com"]
    plain = await api.ok("POST", "/v1/customers", {"id": "cus_demo"}, headers=NEWEST)
    assert plain["id"] == "cus_demo"
    empty = await api.ok("POST", "/v1/customers", {"id": ""})
    assert empty["id"].startswith("cus_")
    assert await api.events() == ["payment_method.attached", "customer.created", "customer.created", "customer.created"]


async def test_a_chosen_id_is_taken_once(api: Api) -> None:
    """A deleted customer's id goes on answering, so it stays taken; what was refused left nothing."""
    await api.ok("POST", "/v1/customers", {"id": "cus_demo"})
    for gone in (False, True):
        if gone:
            await api.ok("DELETE", "/v1/customers/cus_demo")
        answer = await api.post("/v1/customers", {"id": "cus_demo", "payment_method": "pm_card_visa"})
        assert (answer.status, answer.error["message"]) == (400, "Customer already exists.")
        assert answer.error["code"] == "resource_already_exists"
        assert "param" not in answer.error
    assert await api.events() == ["customer.created", "customer.deleted"]


@pytest.mark.parametrize("path", ["/v1/prices", "/v1/subscriptions", "/v1/customers/cus_demo"])
async def test_no_other_id_can_be_chosen(api: Api, path: str) -> None:
    await api.ok("POST", "/v1/customers", {"id": "cus_demo"})
    answer = await api.post(path, {"id": "mine"})
    assert (answer.error["message"], answer.error["param"]) == ("Received unknown parameter: id", "id")


# ------------------------------------------------------------------------------------------------ goods and SKUs
async def good(api: Api, id: str = "shirt") -> dict[str, Any]:
    made: dict[str, Any] = await api.ok("POST", "/v1/products", {"id": id, "name": "Shirt", "type": "good"})
    return made


async def sku(api: Api, **more: Any) -> dict[str, Any]:
    params = {"product": "shirt", "price": 1500, "currency": "usd", "inventory": ENDLESS, **more}
    made: dict[str, Any] = await api.ok("POST", "/v1/skus", params)
    return made


async def test_goods_and_services(api: Api) -> None:
    assert (await good(api))["type"] == "good"
    service = await api.ok("POST", "/v1/products", {"name": "Gold", "type": "service", "statement_descriptor": "GOLD"})
    assert service["type"] == "service"
    plain = await api.ok("POST", "/v1/products", {"name": "Plain"})
    for type, expected in (("good", {"shirt"}), ("service", {service["id"], plain["id"]})):
        listed = await api.ok("GET", "/v1/products", {"type": type})
        assert {one["id"] for one in listed["data"]} == expected
    assert len((await api.ok("GET", "/v1/products"))["data"]) == 3
    answer = await api.post("/v1/products", {"name": "X", "type": "thing"})
    assert answer.error["message"] == "Invalid type: must be one of good or service"
    for path, params in (("/v1/products", {"name": "X", "type": "good"}), ("/v1/products/shirt", {})):
        answer = await api.post(path, {**params, "statement_descriptor": "X"})
        assert answer.error["message"] == "Received unknown parameter: statement_descriptor"


async def test_a_sku_from_birth_to_end(api: Api) -> None:
    await good(api)
    made = await sku(api, id="shirt-red", attributes={"color": "red"})
    assert made["inventory"] == {"quantity": None, "type": "infinite", "value": None}
    assert (made["object"], made["active"], made["attributes"]) == ("sku", True, {"color": "red"})
    assert (await sku(api))["id"].startswith("sku_")
    answer = await api.post(
        "/v1/skus", {"id": "shirt-red", "product": "shirt", "price": 1, "currency": "usd", "inventory": ENDLESS}
    )
    assert answer.error["code"] == "resource_already_exists"
    await api.freeze(made["created"] + 60)
    few = {"inventory": {"type": "finite", "quantity": 2}, "price": 900, "attributes": {"size": "L"}}
    after = await api.ok("POST", "/v1/skus/shirt-red", few)
    assert after["inventory"] == {"quantity": 2, "type": "finite", "value": None}
    assert (after["price"], after["attributes"]) == (900, {"color": "red", "size": "L"})
    assert after["updated"] == made["created"] + 60
    assert await api.ok("GET", "/v1/skus/shirt-red") == after
    opened = await api.ok("GET", "/v1/skus/shirt-red", {"expand": ["product"]})
    assert opened["product"]["type"] == "good"
    assert "SKUs" in (await api.delete("/v1/products/shirt")).error["message"]
    for one in (await api.ok("GET", "/v1/skus"))["data"]:
        gone = await api.ok("DELETE", f"/v1/skus/{one['id']}")
        assert gone == {"id": one["id"], "object": "sku", "deleted": True}
    answer = await api.get("/v1/skus/shirt-red")
    assert (answer.status, answer.error["message"]) == (404, "No such sku: 'shirt-red'")
    await api.ok("DELETE", "/v1/products/shirt")


async def test_lists_of_skus(api: Api) -> None:
    await good(api)
    await good(api, "mug")
    await sku(api, id="red", attributes={"color": "red"})
    await sku(api, id="none", inventory={"type": "finite", "quantity": 0})
    await sku(api, id="sold", inventory={"type": "bucket", "value": "out_of_stock"}, active=False)
    await sku(api, id="mug", product="mug", inventory={"type": "bucket", "value": "limited"})
    for params, expected in (
        ({"product": "shirt"}, ["sold", "none", "red"]),
        ({"in_stock": True}, ["mug", "red"]),
        ({"in_stock": False, "active": True}, ["none"]),
        ({"ids": ["red", "mug"]}, ["mug", "red"]),
        ({"product": "shirt", "attributes": {"color": "red"}}, ["red"]),
        ({"limit": 1, "starting_after": "none"}, ["red"]),
    ):
        listed = await api.ok("GET", "/v1/skus", params)
        assert [one["id"] for one in listed["data"]] == expected, params


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"product": "service"}, "product"),
        ({"product": "nothing"}, "product"),
        ({"price": -1}, "price"),
        ({"currency": "xxx"}, "currency"),
        ({"inventory": {"quantity": 1}}, "inventory[type]"),
        ({"inventory": {"type": "finite"}}, "inventory[quantity]"),
        ({"inventory": {"type": "finite", "quantity": -1}}, "inventory[quantity]"),
    ],
)
async def test_skus_that_cannot_be(api: Api, params: dict[str, Any], param: str) -> None:
    await good(api)
    await api.ok("POST", "/v1/products", {"id": "service", "name": "Gold"})
    made = await sku(api, id="red")
    whole = {"product": "shirt", "price": 1500, "currency": "usd", "inventory": ENDLESS, **params}
    answer = await api.post("/v1/skus", whole)
    assert (answer.status, answer.error["param"]) == (400, param)
    if "quantity" not in str(params) or "type" in str(params):  # a stock that is there already has its type
        answer = await api.post("/v1/skus/red", params)
        assert (answer.status, answer.error["param"]) == (400, param)
    assert (await api.ok("GET", "/v1/skus"))["data"] == [made]


async def test_who_still_reaches_skus(api: Api) -> None:
    """Callers of versions that had them, and those who name none; a kept answer is nobody else's."""
    await good(api)
    made = await sku(api, id="red")
    for headers, there in (
        ({}, True),
        ({"Stripe-Version": "2020-08-27"}, True),
        ({"Stripe-Version": "2022-11-15"}, False),
        (NEWEST, False),
        ({}, True),
    ):
        answer = await api.get("/v1/skus/red", headers=headers)
        assert answer.status == (200 if there else 404), headers
        if there:
            assert answer.json == made
        else:
            assert answer.error["message"].startswith("Unrecognized request URL (GET: /v1/skus/red).")


# ------------------------------------------------------------------------------------------------ plans for prices
async def test_plans_are_taken_wherever_a_price_is(api: Api) -> None:
    """github.com/stripe/stripe-python 16.1.0: items of subscriptions, schedules and previews, and the filter of a list."""
    names = ("gold", "iron")
    for name in names:
        params = {"id": name, "amount": 900, "currency": "usd", **MONTH, "product": {"name": name}}
        await api.ok("POST", "/v1/plans", params)
    customer = await api.ok("POST", "/v1/customers", {"id": "cus_demo", "source": "tok_visa"})
    made = [
        await api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"plan": name}]})
        for name in names
    ]
    for name, subscription in zip(names, made, strict=True):
        listed = await api.ok("GET", "/v1/subscriptions", {"plan": name})
        assert [one["id"] for one in listed["data"]] == [subscription["id"]]
    phases = [{"items": [{"plan": "gold"}], "duration": {**MONTH, "interval_count": 1}}]
    schedule = await api.ok(
        "POST",
        "/v1/subscription_schedules",
        {"customer": "cus_demo", "start_date": "now", "phases": phases},
        headers=NEWEST,
    )
    assert schedule["phases"][0]["items"][0]["price"] == "gold"
    for details in (
        {"subscription_details": {"items": {"0": {"plan": "iron"}}}},
        {"schedule_details": {"phases": phases}},
    ):
        preview = await api.ok("POST", "/v1/invoices/create_preview", {"customer": "cus_demo", **details})
        assert preview["total"] == 900


async def test_a_price_with_days_of_trial(api: Api) -> None:
    """The official SDKs list them; they count where the subscription asks for its plan's trial."""
    product = await api.ok("POST", "/v1/products", {"name": "Gold"})
    terms = {"product": product["id"], "currency": "usd", "unit_amount": 900}
    price = await api.ok("POST", "/v1/prices", {**terms, "recurring": {**MONTH, "trial_period_days": 7}})
    assert price["recurring"]["trial_period_days"] == 7
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    params = {"customer": customer["id"], "items": [{"price": price["id"]}], "trial_from_plan": True}
    made = await api.ok("POST", "/v1/subscriptions", params)
    assert (made["status"], made["trial_end"] - made["trial_start"]) == ("trialing", 7 * 86_400)
