"""The coupon that is offered before a cancellation, over the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.portal import link, page, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

START = 1_788_220_800  # 1 September 2026
HALF = {"id": "HALF", "percent_off": 50, "duration": "repeating", "duration_in_months": 3, "name": "Half for a season"}


async def offering(api: Api, coupon: str | None, flow: str | None = None) -> tuple[str, str, str]:
    """Return customer, subscription and token of a session that offers ``coupon`` by settings, ``flow`` by its flow."""
    await api.freeze(START)
    (await api.space()).settings["portal_retention_coupon"] = coupon
    customer, subscription = await subscribed(api)
    more = {}
    if flow is not None:
        retention = {"type": "coupon_offer", "coupon_offer": {"coupon": flow}}
        cancel = {"subscription": subscription, "retention": retention}
        more = {"flow_data": {"type": "subscription_cancel", "subscription_cancel": cancel}}
    return customer, subscription, await link(api, customer, **more)


async def offer(api: Api, token: str, subscription: str) -> Any:
    return (await page(api, "subscription", token, subscription=subscription))["offer"]


async def refused(api: Api, token: str, subscription: Any) -> int:
    before = await api.events()
    with pytest.raises(StripeError) as caught:
        await page(api, "accept_offer", token, subscription=subscription)
    assert await since(api, before) == []
    return caught.value.status


async def test_accepting_puts_the_coupon_on_the_subscription_once(api: Api) -> None:
    await api.freeze(START)
    await api.ok("POST", "/v1/coupons", HALF)
    _, subscription, token = await offering(api, "HALF")
    made = await offer(api, token, subscription)
    assert (made["before"], made["after"], made["coupon"]["id"]) == (2000, 1000, "HALF")
    before = await api.events()
    answer = await page(api, "accept_offer", token, subscription=subscription)
    assert (answer["offer"], answer["subscription"]["status"], answer["permissions"]["cancel"]) == (
        None,
        "active",
        True,
    )
    told = [name for name in await since(api, before) if name != "coupon.updated"]
    assert told == ["customer.discount.created", "customer.subscription.updated"]
    changes = (await api.happened())[-1]["data"]["previous_attributes"]
    assert changes == {"discounts": []}
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}", {"expand": ["discounts"]})
    assert [one["source"]["coupon"] for one in shown["discounts"]] == ["HALF"]
    assert shown["discounts"][0]["subscription"] == subscription
    assert shown["cancel_at"] is None
    so_far = await api.events()
    await page(api, "accept_offer", token, subscription=subscription)
    assert await api.events() == so_far, "twice is once"
    assert (await api.ok("GET", "/v1/coupons/HALF"))["times_redeemed"] == 1


async def test_the_flows_own_coupon_goes_first(api: Api) -> None:
    await api.ok("POST", "/v1/coupons", HALF)
    await api.ok("POST", "/v1/coupons", {"id": "FIVER", "amount_off": 500, "currency": "usd", "duration": "once"})
    _, subscription, token = await offering(api, "HALF", "FIVER")
    made = await offer(api, token, subscription)
    assert (made["coupon"]["id"], made["before"], made["after"]) == ("FIVER", 2000, 1500)
    await page(api, "accept_offer", token, subscription=subscription)
    assert await offer(api, token, subscription) is None, "it was accepted already"


COUPONS: list[dict[str, Any]] = [
    {"percent_off": 50, "duration": "once", "redeem_by": START + 60},
    {"percent_off": 50, "duration": "once", "max_redemptions": 1},
    {"amount_off": 500, "currency": "eur", "duration": "once"},
    {"percent_off": 50, "duration": "once", "applies_to": {"products": ["other"]}},
]


@pytest.mark.parametrize("coupon", COUPONS, ids=["expired", "used", "currency", "products"])
async def test_an_offer_that_cannot_be_kept_is_not_made(api: Api, coupon: dict[str, Any]) -> None:
    await api.freeze(START)
    await api.ok("POST", "/v1/products", {"id": "other", "name": "Other"})
    await api.ok("POST", "/v1/coupons", {"id": "OFFER", **coupon})
    _, subscription, token = await offering(api, "OFFER")
    if "max_redemptions" in coupon:
        await subscribed(api, discounts=[{"coupon": "OFFER"}])
    await api.advance(120)
    assert await offer(api, token, subscription) is None
    assert await refused(api, token, subscription) == 403


async def test_no_offer(api: Api) -> None:
    customer, subscription, token = await offering(api, "GONE")
    assert await offer(api, token, subscription) is None, "no such coupon"
    await api.ok("POST", "/v1/coupons", HALF)
    (await api.space()).settings["portal_retention_coupon"] = "HALF"
    assert await offer(api, token, subscription) is not None
    features = {"features": {"invoice_history": {"enabled": True}}}
    plain = await api.ok("POST", "/v1/billing_portal/configurations", features)
    silent = await link(api, customer, configuration=plain["id"])
    assert await offer(api, silent, subscription) is None, "canceling is off"
    assert await refused(api, silent, subscription) == 403
    _, foreign = await subscribed(api)
    assert await refused(api, token, foreign) == 404
    assert await refused(api, token, ["sub"]) == 404
    await page(api, "cancel", token, subscription=subscription)
    assert await offer(api, token, subscription) is None, "it is canceled already"
    assert await refused(api, token, subscription) == 403
    await page(api, "renew", token, subscription=subscription)
    await api.ok("POST", f"/v1/subscriptions/{subscription}", {"discounts": [{"coupon": "HALF"}]})
    assert await offer(api, token, subscription) is None, "it has this coupon"


async def test_an_offer_on_top_of_a_discount(api: Api) -> None:
    await api.ok("POST", "/v1/coupons", HALF)
    await api.ok("POST", "/v1/coupons", {"id": "TENTH", "percent_off": 10, "duration": "forever"})
    _, subscription, token = await offering(api, "HALF")
    await api.ok("POST", f"/v1/subscriptions/{subscription}", {"discounts": [{"coupon": "TENTH"}]})
    made = await offer(api, token, subscription)
    assert (made["before"], made["after"]) == (1800, 900)
    await page(api, "accept_offer", token, subscription=subscription)
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}", {"expand": ["discounts"]})
    assert [one["source"]["coupon"] for one in shown["discounts"]] == ["TENTH", "HALF"]
