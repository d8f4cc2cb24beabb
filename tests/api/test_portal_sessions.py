"""Portal sessions over the API, and what the pages' operations do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator.kernel.errors import StripeError
from tests.support.portal import SESSIONS, link, page, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

HOUR = 3600


async def test_a_session_announces_itself_and_nothing_else(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {"email": "a@example.com"})
    before = await api.events()
    made = await api.ok("POST", SESSIONS, {"customer": customer["id"], "return_url": "http://localhost/x"})
    assert made["url"].startswith(f"{api.engine.base_url}/p/session/test_")
    assert await since(api, before) == ["billing_portal.session.created"]
    assert (await api.happened())[-1]["data"]["object"] == made
    await page(api, "home", made["url"].rsplit("/", 1)[1])
    assert await since(api, before) == ["billing_portal.session.created"]


async def test_sessions_cannot_be_read_back(api: Api) -> None:
    assert (await api.get(f"{SESSIONS}/bps_1")).status == 404
    assert (await api.get(SESSIONS)).status == 404


async def test_an_idempotent_retry_gives_the_same_link(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    headers = {"Idempotency-Key": "once"}
    made = [await api.ok("POST", SESSIONS, {"customer": customer["id"]}, headers=headers) for _ in range(2)]
    assert made[0]["url"] == made[1]["url"]
    assert (await api.happened())[-1]["request"]["idempotency_key"] == "once"


async def test_a_deleted_customer_gets_no_session_and_keeps_none(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    token = await link(api, customer["id"])
    await api.ok("DELETE", f"/v1/customers/{customer['id']}")
    answer = await api.post(SESSIONS, {"customer": customer["id"]})
    assert answer.error["message"] == f"No such customer: '{customer['id']}'"
    with pytest.raises(StripeError) as caught:
        await page(api, "home", token)
    assert caught.value.status == 410


async def test_configuration_can_be_expanded(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    made = await api.ok("POST", SESSIONS, {"customer": customer["id"], "expand": ["configuration"]})
    assert made["configuration"]["is_default"] is True


async def test_cancel_reason_and_renew_in_flexible_billing(api: Api) -> None:
    customer, subscription = await subscribed(api)
    token = await link(api, customer)
    before = await api.events()
    answer = await page(api, "cancel", token, subscription=subscription)
    assert answer["permissions"] == {"cancel": False, "pause": False, "renew": True, "update": False}
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    end = shown["items"]["data"][0]["current_period_end"]
    assert (shown["status"], shown["cancel_at"], shown["cancel_at_period_end"]) == ("active", end, False)
    assert shown["cancellation_details"]["reason"] == "cancellation_requested"
    await page(api, "cancel", token, subscription=subscription)
    given = {"comment": "Bye", "feedback": "other", "subscription": subscription}
    await page(api, "cancellation_reason", token, **given)
    await page(api, "cancellation_reason", token, **given)
    assert await since(api, before) == ["customer.subscription.updated"] * 2
    cancelled, told = (event["data"] for event in (await api.happened())[-2:])
    assert cancelled["previous_attributes"]["cancel_at"] is None
    assert cancelled["previous_attributes"]["cancellation_details"]["reason"] is None
    assert "cancel_at_period_end" not in cancelled["previous_attributes"]
    assert told["previous_attributes"] == {"cancellation_details": {"comment": None, "feedback": None}}
    assert told["object"]["cancellation_details"]["feedback"] == "other"
    renewed = await page(api, "renew", token, subscription=subscription)
    assert renewed["permissions"]["cancel"] is True
    await page(api, "renew", token, subscription=subscription)
    assert await since(api, before) == ["customer.subscription.updated"] * 3
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    assert (shown["cancel_at"], shown["canceled_at"]) == (None, None)
    assert set(shown["cancellation_details"].values()) == {None}


async def test_cancel_in_classic_billing_sets_the_flag(api: Api) -> None:
    customer, subscription = await subscribed(api, billing_mode={"type": "classic"})
    await page(api, "cancel", await link(api, customer), subscription=subscription)
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    assert shown["cancel_at_period_end"] is True
    assert shown["cancel_at"] == shown["items"]["data"][0]["current_period_end"]
    previous = (await api.happened())[-1]["data"]["previous_attributes"]
    assert previous["cancel_at_period_end"] is False


async def test_cancel_at_once(api: Api) -> None:
    customer, subscription = await subscribed(api)
    features = {"subscription_cancel": {"enabled": True, "mode": "immediately"}}
    configuration = await api.ok("POST", "/v1/billing_portal/configurations", {"features": features})
    token = await link(api, customer, configuration=configuration["id"])
    before = await api.events()
    answer = await page(api, "cancel", token, subscription=subscription)
    assert answer["subscription"]["status"] == "canceled"
    assert await since(api, before) == ["customer.subscription.deleted"]
    await page(api, "cancel", token, subscription=subscription)
    assert len(await since(api, before)) == 1
    assert (await page(api, "home", token))["subscriptions"] == []


async def test_the_home_page_is_told_prices_products_and_invoices(api: Api) -> None:
    customer, subscription = await subscribed(api)
    answer = await page(api, "home", await link(api, customer))
    [block] = answer["subscriptions"]
    assert block["subscription"]["id"] == subscription
    [item] = block["subscription"]["items"]["data"]
    assert (item["price"]["unit_amount"], item["product"]["name"]) == (2000, "Basic")
    assert [invoice["status"] for invoice in answer["invoices"]["data"]] == ["paid"]
    assert answer["default_payment_method"] == answer["payment_methods"][0]["id"]
    assert answer["account"]["id"] == api.engine.space_of_token(answer["session"]["url"].rsplit("/", 1)[1]).account  # type: ignore[union-attr]


async def test_a_link_reaches_its_own_customer_only(api: Api) -> None:
    customer, _ = await subscribed(api)
    _, foreign = await subscribed(api)
    token = await link(api, customer)
    for act in ("subscription", "cancel", "renew"):
        with pytest.raises(StripeError) as caught:
            await page(api, act, token, subscription=foreign)
        assert (caught.value.status, caught.value.message) == (404, f"No such subscription: '{foreign}'")


async def test_the_clock_ends_links(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    unused, used = await link(api, customer["id"]), await link(api, customer["id"])
    await page(api, "home", used)
    await api.advance("5m")
    with pytest.raises(StripeError) as caught:
        await page(api, "home", unused)
    assert (caught.value.status, caught.value.extra["reason"]) == (410, "unused")
    await page(api, "home", used)
    await api.advance(HOUR - 1)
    await page(api, "home", used)
    await api.advance(HOUR)
    with pytest.raises(StripeError) as caught:
        await page(api, "home", used)
    assert caught.value.extra["reason"] == "idle"


async def test_a_cancelled_subscription_ends_when_its_time_has_come(api: Api) -> None:
    customer, subscription = await subscribed(api)
    token = await link(api, customer)
    await page(api, "cancel", token, subscription=subscription)
    await api.advance("32d")
    assert (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["status"] == "canceled"
    assert (await api.events())[-1] == "customer.subscription.deleted"


async def test_worlds_do_not_see_each_others_links(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    token = await link(api, customer["id"])
    other = await api.engine.space("sk_test_somebody_else")
    with pytest.raises(StripeError) as caught:
        await api.engine.run(other, "portal:home", {"token": token}, actor="portal")
    assert caught.value.extra["reason"] == "unknown"


async def test_a_customer_was_required_before_accounts_could_be_customers(api: Api) -> None:
    answer = await api.post(SESSIONS, {}, headers={"Stripe-Version": "2025-09-30.clover"})
    assert answer.error["message"] == "Missing required param: customer."
    assert (await api.post(SESSIONS, {})).error["message"] == "Must provide customer or customer_account."
