"""What a customer is entitled to by its subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api

ACTIVE = "/v1/entitlements/active_entitlements"


async def featured(desk: Desk, *keys: str) -> dict[str, str]:
    """Give features to the desk's product and return their ids."""
    made = {}
    for key in keys:
        feature = await desk.ok("/v1/entitlements/features", {"name": key.title(), "lookup_key": key})
        await desk.ok(f"/v1/products/{desk.product}/features", {"entitlement_feature": feature["id"]})
        made[key] = feature["id"]
    return made


async def entitled(desk: Desk, **params: Any) -> dict[str, str]:
    """Return the features that the desk's customer is entitled to, by their lookup keys."""
    page = await desk.get(ACTIVE, {"customer": desk.customer, **params})
    return {one["lookup_key"]: one["feature"] for one in page["data"]}


async def test_a_subscription_entitles_to_the_features_of_its_products_until_it_ends(api: Api) -> None:
    desk = await Desk(api).open()
    features = await featured(desk, "exports", "reports")
    assert await entitled(desk) == {}
    made = await desk.subscribe()
    assert await entitled(desk) == features
    again = await desk.subscribe(items=[{"price": await desk.new_price(900, "year")}])
    assert await entitled(desk) == features
    for one in (made, again):
        await api.ok("DELETE", f"/v1/subscriptions/{one['id']}")
    assert await entitled(desk) == {}


async def test_a_trial_entitles_and_what_is_incomplete_does_not(api: Api) -> None:
    desk = await Desk(api).open()
    features = await featured(desk, "exports")
    await desk.subscribe(payment_behavior="default_incomplete")
    assert await entitled(desk) == {}
    await desk.subscribe(trial_period_days=3)
    assert await entitled(desk) == features


async def test_entitlements_are_paged_read_and_somebodys(api: Api) -> None:
    desk = await Desk(api).open()
    await featured(desk, "exports", "reports")
    made = await desk.subscribe()
    first = await desk.get(ACTIVE, {"customer": desk.customer, "limit": 1, "expand": ["data.feature"]})
    one = first["data"][0]
    assert (first["has_more"], one["feature"]["lookup_key"]) == (True, one["lookup_key"])
    assert list(await entitled(desk, starting_after=one["id"])) != [one["lookup_key"]]
    assert (await desk.get(f"{ACTIVE}/{one['id']}"))["feature"] == one["feature"]["id"]
    other = await desk.ok("/v1/customers", {})
    assert (await desk.get(ACTIVE, {"customer": other["id"]}))["data"] == []
    nobody = await desk.refused(ACTIVE, {"customer": "cus_nobody"}, method="GET")
    assert (nobody.status, nobody.error["param"]) == (400, "customer")
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    gone = await desk.refused(f"{ACTIVE}/{one['id']}", method="GET")
    assert (gone.status, gone.error["code"]) == (404, "resource_missing")
