"""Products: their first price, their changes, their end."""

from __future__ import annotations

import pytest

from emulator.kernel.errors import StripeError
from tests.unit.catalog.desk import Desk


async def test_default_price_data_announces_the_product_first(desk: Desk) -> None:
    product = await desk.post(
        "/v1/products",
        name="Gold",
        default_price_data={"currency": "usd", "unit_amount": "900", "recurring": {"interval": "month"}},
    )
    assert desk.written() == ["product.created", "price.created"]
    assert desk.journal[0].after is not None
    assert desk.journal[0].after["default_price"] == product["default_price"]
    price = await desk.get("price", product["default_price"])
    assert (price["product"], price["unit_amount"], price["type"]) == (product["id"], 900, "recurring")


async def test_default_price_data_names_its_parameters(desk: Desk) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post(
            "/v1/products",
            name="Gold",
            default_price_data={
                "currency": "usd",
                "unit_amount": "1",
                "recurring": {"interval": "month", "interval_count": "37"},
            },
        )
    assert refused.value.param == "default_price_data[recurring][interval_count]"
    assert await desk.fetch("/v1/products") == {"object": "list", "data": [], "has_more": False, "url": "/v1/products"}


async def test_update_moves_updated_and_replaces_lists(desk: Desk) -> None:
    product = await desk.post("/v1/products", name="Gold", marketing_features=[{"name": "a"}], metadata={"a": "1"})
    desk.now += 10
    after = await desk.post(
        f"/v1/products/{product['id']}", marketing_features="", metadata={"b": "2"}, tax_details={"tax_code": "txcd_1"}
    )
    assert after["updated"] == product["updated"] + 10
    assert after["marketing_features"] == []
    assert after["metadata"] == {"a": "1", "b": "2"}
    assert after["tax_details"] == {"performance_location": None, "tax_code": "txcd_1"}
    assert product["marketing_features"] == [{"name": "a"}]


@pytest.mark.parametrize(
    "params, param",
    [
        ({"images": [f"https://x/{n}" for n in range(9)]}, "images"),
        ({"marketing_features": [{"name": str(n)} for n in range(16)]}, "marketing_features"),
        ({"name": ""}, "name"),
        ({"default_price": "price_nope"}, "default_price"),
    ],
)
async def test_refused_updates(desk: Desk, params: dict[str, object], param: str) -> None:
    product = await desk.post("/v1/products", name="Gold")
    with pytest.raises(StripeError) as refused:
        await desk.post(f"/v1/products/{product['id']}", **params)
    assert refused.value.param == param


async def test_default_price_has_to_be_its_own_and_active(desk: Desk) -> None:
    gold, silver = [await desk.post("/v1/products", name=name) for name in ("Gold", "Silver")]
    own = await desk.post("/v1/prices", product=gold["id"], currency="usd", unit_amount="1")
    await desk.post(f"/v1/products/{gold['id']}", default_price=own["id"])
    with pytest.raises(StripeError, match="does not belong"):
        await desk.post(f"/v1/products/{silver['id']}", default_price=own["id"])
    archived = await desk.post("/v1/prices", product=gold["id"], currency="usd", unit_amount="1", active="false")
    with pytest.raises(StripeError, match="inactive"):
        await desk.post(f"/v1/products/{gold['id']}", default_price=archived["id"])


async def test_features(desk: Desk) -> None:
    product = await desk.post("/v1/products", name="Gold")
    feature = await desk.post("/v1/entitlements/features", name="API", lookup_key="api")
    other = await desk.post("/v1/products", name="Silver")
    made = await desk.post(f"/v1/products/{product['id']}/features", entitlement_feature=feature["id"])
    assert made["entitlement_feature"]["lookup_key"] == "api"
    listed = await desk.fetch(f"/v1/products/{product['id']}/features")
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    assert (await desk.fetch(f"/v1/products/{other['id']}/features"))["data"] == []
    assert (await desk.fetch(f"/v1/products/{product['id']}/features/{made['id']}"))["id"] == made["id"]
    with pytest.raises(StripeError) as refused:
        await desk.fetch(f"/v1/products/{other['id']}/features/{made['id']}")
    assert refused.value.status == 404
    assert (await desk.delete(f"/v1/products/{product['id']}/features/{made['id']}"))["deleted"] is True
    assert (await desk.fetch(f"/v1/products/{product['id']}/features"))["data"] == []
