"""Pausing and resuming in the portal, over the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.portal import link, page, refused, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
START = 1_788_220_800  # 1 September 2026
MONTHS = {
    "type": "interval_options",
    "interval_options": [{"interval": "month"}, {"interval": "week", "interval_count": 2}],
}


async def allowed(api: Api, duration: Any = None, **features: Any) -> str:
    """Return the id of a configuration whose customers may pause."""
    feature = {"enabled": True, "duration": duration or {"type": "indefinite"}}
    params = {"features": {"subscription_pause": feature, "subscription_cancel": {"enabled": True}, **features}}
    return str((await api.ok("POST", "/v1/billing_portal/configurations", params))["id"])


async def opened(api: Api, duration: Any = None) -> tuple[str, str, str]:
    """Return customer, subscription and the token of a session that may pause."""
    await api.freeze(START)
    customer, subscription = await subscribed(api)
    return customer, subscription, await link(api, customer, configuration=await allowed(api, duration))


async def test_pause_until_the_customer_resumes(api: Api) -> None:
    _, subscription, token = await opened(api)
    before = await api.events()
    answer = await page(api, "pause", token, subscription=subscription)
    assert (answer["subscription"]["status"], answer["resumes_at"], answer["resumable"]) == ("paused", None, True)
    told = await since(api, before)
    assert told == ["invoiceitem.created", "customer.subscription.paused", "customer.subscription.updated"]
    await page(api, "pause", token, subscription=subscription)
    assert await since(api, before) == told, "twice is once"
    home = await page(api, "home", token)
    assert home["subscriptions"][0]["permissions"]["pause"] is False
    answer = await page(api, "resume", token, subscription=subscription)
    assert answer["subscription"]["status"] == "active"
    assert "customer.subscription.resumed" in await since(api, before)
    told = await since(api, before)
    await page(api, "resume", token, subscription=subscription)
    assert await since(api, before) == told


@pytest.mark.parametrize(("option", "days"), [("0", 30), ("1", 14)])
async def test_a_pause_with_a_duration_ends_by_itself(api: Api, option: str, days: int) -> None:
    _, subscription, token = await opened(api, MONTHS)
    answer = await page(api, "pause", token, subscription=subscription, duration=option)
    assert answer["resumes_at"] == START + days * DAY
    await api.advance(days * DAY - 1)
    assert (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["status"] == "paused"
    before = await api.events()
    await api.advance(1)
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    assert (shown["status"], shown["billing_cycle_anchor"]) == ("active", START + days * DAY)
    assert "customer.subscription.resumed" in await since(api, before)


async def test_a_pause_that_ended_otherwise_is_left_alone(api: Api) -> None:
    _, subscription, token = await opened(api, MONTHS)
    await page(api, "pause", token, subscription=subscription, duration="1")
    await api.advance("1d")
    wish = {"payment_behavior": "resume_on_payment_success"}
    await api.ok("POST", f"/v1/subscriptions/{subscription}/resume", wish)
    await api.advance("1d")
    await api.ok("POST", f"/v1/subscriptions/{subscription}/pause")
    assert (await page_of(api, subscription))["resumes_at"] is None
    await api.advance("30d")
    assert (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["status"] == "paused"


async def page_of(api: Api, subscription: str) -> Any:
    customer = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["customer"]
    return await page(api, "subscription", await link(api, customer), subscription=subscription)


@pytest.mark.parametrize("wanted", [None, "2", "-1", "x", "", 0, ["0"], "99999999999999999999", "²"])
async def test_only_offered_durations(api: Api, wanted: Any) -> None:
    _, subscription, token = await opened(api, MONTHS)
    refusal = await refused(api, "pause", token, subscription=subscription, duration=wanted)
    assert (refusal.status, refusal.param) == (403, "duration")


async def test_not_where_the_configuration_or_the_subscription_forbids_it(api: Api) -> None:
    customer, subscription, token = await opened(api)
    plain = await link(api, customer)
    for act in ("pause", "resume"):
        assert (await refused(api, act, plain, subscription="sub_other")).status == 404
        assert (await refused(api, act, token, subscription=["x"])).status == 404
    assert (await refused(api, "pause", plain, subscription=subscription)).status == 403
    await page(api, "pause", token, subscription=subscription)
    assert (await refused(api, "resume", plain, subscription=subscription)).extra["reason"] == "feature_disabled"
    _, other = await subscribed(api, billing_mode={"type": "classic"})
    assert (await refused(api, "pause", token, subscription=other)).status == 404, "another customer's"
    third, classic = await subscribed(api, billing_mode={"type": "classic"})
    theirs = await link(api, third, configuration=await allowed(api))
    assert (await refused(api, "pause", theirs, subscription=classic)).extra["reason"] == "not_flexible"


async def test_resuming_needs_a_way_to_pay(api: Api) -> None:
    customer, subscription, token = await opened(api)
    await page(api, "pause", token, subscription=subscription)
    method = (await api.ok("GET", f"/v1/customers/{customer}"))["invoice_settings"]["default_payment_method"]
    await api.ok("POST", f"/v1/payment_methods/{method}/detach")
    assert (await refused(api, "resume", token, subscription=subscription)).status == 402
    assert (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["status"] == "paused"


async def test_a_declined_resumption_stays_paused(api: Api) -> None:
    customer, subscription, _ = await opened(api)
    await api.advance("10d")
    token = await link(api, customer, configuration=await allowed(api))
    await page(api, "pause", token, subscription=subscription)
    bad = await api.ok("POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer})
    settings = {"invoice_settings": {"default_payment_method": bad["id"]}}
    await api.ok("POST", f"/v1/customers/{customer}", settings)
    answer = await page(api, "resume", token, subscription=subscription)
    assert answer["subscription"]["status"] == "paused"
    assert "invoice.payment_failed" in await api.events()


async def test_pauses_of_test_clocks_end_on_their_clock(api: Api) -> None:
    clock = await api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": START})
    customer = await api.ok("POST", "/v1/customers", {"test_clock": clock["id"], "payment_method": "pm_card_visa",
        "invoice_settings": {"default_payment_method": "pm_card_visa"}})  # fmt: skip
    price = await api.ok("POST", "/v1/prices", {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"},
        "product_data": {"name": "Basic"}})  # fmt: skip
    made = await api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": price["id"]}]})
    token = await link(api, customer["id"], configuration=await allowed(api, MONTHS))
    await page(api, "home", token)
    answer = await page(api, "pause", token, subscription=made["id"], duration="1")
    assert answer["resumes_at"] == START + 14 * DAY
    await api.ok("POST", f"/v1/test_helpers/test_clocks/{clock['id']}/advance", {"frozen_time": START + 15 * DAY})
    while (await api.ok("GET", f"/v1/test_helpers/test_clocks/{clock['id']}"))["status"] != "ready":
        pass
    assert (await api.ok("GET", f"/v1/subscriptions/{made['id']}"))["status"] == "active"


async def test_what_is_paid_by_invoice_or_over_is_not_paused(api: Api) -> None:
    customer, subscription = await subscribed(api, collection_method="send_invoice", days_until_due=30)
    token = await link(api, customer, configuration=await allowed(api))
    assert (await refused(api, "pause", token, subscription=subscription)).extra["reason"] == "send_invoice"
    await api.ok("DELETE", f"/v1/subscriptions/{subscription}")
    assert (await refused(api, "resume", token, subscription=subscription)).extra["reason"] == "ended"
