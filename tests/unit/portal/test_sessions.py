"""Portal sessions: what a link is made from, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.documents import Doc, patched
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import fingerprint
from emulator.portal import sessions, visits
from emulator.portal.settings import configurations
from tests.unit.portal.fakes import subscription

EMPTY_FLOW = {
    "customer_update": None,
    "subscription_cancel": None,
    "subscription_pause": None,
    "subscription_update": None,
    "subscription_update_confirm": None,
}
HOME = {"hosted_confirmation": None, "redirect": None, "type": "portal_homepage"}
CONFIRM = "flow_data[subscription_update_confirm]"


async def create(ctx: Any, **params: Any) -> Doc:
    return await sessions.create(ctx, {}, {"customer": "cus_1", **params})


async def refused(ctx: Any, **params: Any) -> StripeError:
    with pytest.raises(StripeError) as caught:
        await create(ctx, **params)
    return caught.value


def configure(ctx: Any, **features: Doc) -> None:
    before = ctx.get(configurations.KIND, "bpc_default")
    ctx.put(configurations.KIND, patched(before, {"features": features}))


def allow_updates(ctx: Any, *prices: str, updates: tuple[str, ...] = ("price",)) -> None:
    adjustable = {"enabled": True, "maximum": None, "minimum": 1}
    entry = {"adjustable_quantity": adjustable, "prices": list(prices), "product": "prod_1"}
    feature = {"default_allowed_updates": list(updates), "enabled": True, "products": [entry]}
    configure(ctx, subscription_update=feature)


def cancel_flow(id: str = "sub_1", **more: Any) -> Doc:
    return {"subscription_cancel": {"subscription": id, **more}, "type": "subscription_cancel"}


def confirm_flow(*items: Doc, id: str = "sub_1", **more: Any) -> Doc:
    branch = {"items": list(items), "subscription": id, **more}
    return {"subscription_update_confirm": branch, "type": "subscription_update_confirm"}


async def test_a_plain_session(ctx: Any) -> None:
    made = await create(ctx, return_url="http://localhost/back", locale="de")
    token = made["url"].removeprefix("http://localhost:12111/p/session/test_")
    assert made == {
        "after_expiration": None,
        "configuration": "bpc_default",
        "created": ctx.now,
        "customer": "cus_1",
        "customer_account": None,
        "flow": None,
        "id": made["id"],
        "livemode": False,
        "locale": "de",
        "object": "billing_portal.session",
        "on_behalf_of": None,
        "return_url": "http://localhost/back",
        "url": made["url"],
    }
    assert [kind for kind, _ in ctx.puts] == ["billing_portal.session", "_portal_visit"]
    visit = ctx.get(visits.KIND, fingerprint(token))
    assert (visit["session"], visit["last_seen"]) == (made["id"], None)
    assert token not in str(visit)


async def test_e1_without_a_default_configuration(ctx: Any) -> None:
    ctx.settings["portal_default_configuration"] = False
    error = await refused(ctx)
    assert error.message == (
        "No configuration provided and your test mode default configuration has not been created. Provide a configuration or create your default by saving your customer portal settings in test mode at https://dashboard.stripe.com/test/settings/billing/portal."
    )
    assert (error.code, error.param) == (None, None)
    made = await configurations.create(ctx, {}, {"features": {"invoice_history": {"enabled": True}}})
    assert (await create(ctx, configuration=made["id"]))["configuration"] == made["id"]


async def test_e1_in_live_mode(ctx: Any) -> None:
    ctx.rows.pop(configurations.KIND)
    ctx.livemode = True
    error = await refused(ctx)
    assert error.message == (
        "No configuration provided and your live mode default configuration has not been created. Provide a configuration or create your default by saving your customer portal settings in live mode at https://dashboard.stripe.com/settings/billing/portal."
    )


async def test_e14_in_worlds_that_keep_the_old_rule(ctx: Any) -> None:
    ctx.settings["portal_return_url_required"] = True
    assert (await refused(ctx)).message.startswith("Your PortalConfiguration does not have a `default_return_url`")
    assert await create(ctx, return_url="https://a.test")


async def test_e15_e16_e17(ctx: Any) -> None:
    error = await refused(ctx, return_url="back")
    assert (error.message, error.code, error.param) == ("Not a valid URL", "url_invalid", "return_url")
    error = await refused(ctx, configuration="bpc_no")
    assert (error.message, error.code, error.param) == (
        "No such configuration: 'bpc_no'",
        "resource_missing",
        "configuration",
    )
    error = await refused(ctx, customer="cus_no")
    assert (error.message, error.code, error.param) == ("No such customer: 'cus_no'", "resource_missing", "customer")


async def test_an_inactive_configuration_is_refused(ctx: Any) -> None:
    made = await configurations.create(ctx, {}, {"features": {"invoice_history": {"enabled": True}}})
    await configurations.update(ctx, {"configuration": made["id"]}, {"active": False})
    assert (await refused(ctx, configuration=made["id"])).param == "configuration"


async def test_customer_or_account(ctx: Any) -> None:
    assert (await refused(ctx, customer=None)).message == "Must provide customer or customer_account."
    ctx.version = "2025-11-17.clover"
    assert (await refused(ctx, customer=None)).message == "Missing required param: customer."
    assert "Received both" in (await refused(ctx, customer_account="acct_2")).message
    error = await refused(ctx, customer=None, customer_account="acct_2")
    assert (error.code, error.param) == ("resource_missing", "customer_account")
    ctx.put("customer", {"customer_account": "acct_2", "id": "cus_3", "invoice_settings": {}})
    made = await create(ctx, customer=None, customer_account="acct_2")
    assert (made["customer"], made["customer_account"]) == ("cus_3", "acct_2")


async def test_on_behalf_of(ctx: Any) -> None:
    assert (await refused(ctx, on_behalf_of="acct_no")).param == "on_behalf_of"
    assert (await create(ctx, on_behalf_of=ctx.account))["on_behalf_of"] == ctx.account


async def test_after_expiration(ctx: Any) -> None:
    made = await create(ctx, after_expiration={"type": "customer_login"})
    assert made["after_expiration"] == {"customer_login": {"expires_at": None}, "type": "customer_login"}
    later = {"customer_login": {"expires_at": ctx.now + 1}, "type": "customer_login"}
    assert (await create(ctx, after_expiration=later))["after_expiration"] == later
    past = {"customer_login": {"expires_at": ctx.now}, "type": "customer_login"}
    error = await refused(ctx, after_expiration=past)
    assert error.param == "after_expiration[customer_login][expires_at]"
    assert f"You specified the value `{ctx.now}` which is in the past." in error.message


async def test_flow_of_payment_methods_and_details(ctx: Any) -> None:
    made = await create(ctx, flow_data={"type": "payment_method_update"})
    assert made["flow"] == {**EMPTY_FLOW, "after_completion": HOME, "type": "payment_method_update"}
    made = await create(ctx, flow_data={"type": "customer_update"})
    assert made["flow"] == {**EMPTY_FLOW, "after_completion": HOME, "customer_update": {}, "type": "customer_update"}
    off = {"enabled": False}
    configure(ctx, customer_update=off, payment_method_update=off)
    for kind in ("payment_method_update", "customer_update"):
        assert (
            "feature in the portal configuration is disabled." in (await refused(ctx, flow_data={"type": kind})).message
        )


async def test_after_completion(ctx: Any) -> None:
    async def completion(**given: Any) -> Doc:
        made = await create(ctx, flow_data={"after_completion": given, "type": "payment_method_update"})
        result: Doc = made["flow"]["after_completion"]
        return result

    assert await completion(type="portal_homepage") == HOME
    assert await completion(type="hosted_confirmation") == {
        "hosted_confirmation": {"custom_message": None},
        "redirect": None,
        "type": "hosted_confirmation",
    }
    assert (await completion(type="hosted_confirmation", hosted_confirmation={"custom_message": "Bye"}))[
        "hosted_confirmation"
    ] == {"custom_message": "Bye"}
    assert (await completion(type="redirect", redirect={"return_url": "https://a.test"}))["redirect"] == {
        "return_url": "https://a.test"
    }
    with pytest.raises(StripeError) as caught:
        await completion(type="redirect")
    assert caught.value.param == "flow_data[after_completion][redirect]"
    with pytest.raises(StripeError) as caught:
        await completion(type="redirect", redirect={"return_url": "x"})
    assert caught.value.param == "flow_data[after_completion][redirect][return_url]"


async def test_branches_must_fit_the_type(ctx: Any) -> None:
    error = await refused(ctx, flow_data={"type": "subscription_cancel"})
    assert error.message == "Missing required param: flow_data[subscription_cancel]."
    error = await refused(ctx, flow_data={**cancel_flow(), "type": "payment_method_update"})
    assert error.message == "Received unknown parameter: flow_data[subscription_cancel]"


async def test_cancel_flow(ctx: Any) -> None:
    made = await create(ctx, flow_data=cancel_flow())
    assert made["flow"]["subscription_cancel"] == {"retention": None, "subscription": "sub_1"}
    retention = {"coupon_offer": {"coupon": "STAY"}, "type": "coupon_offer"}
    error = await refused(ctx, flow_data=cancel_flow(retention=retention))
    assert error.param == "flow_data[subscription_cancel][retention][coupon_offer][coupon]"
    ctx.put("coupon", {"id": "STAY"})
    made = await create(ctx, flow_data=cancel_flow(retention=retention))
    assert made["flow"]["subscription_cancel"]["retention"] == retention


@pytest.mark.parametrize("id_", ["sub_no", "sub_other"])
async def test_e17_subscriptions_of_nobody_and_of_others_look_the_same(ctx: Any, id_: str) -> None:
    ctx.put("subscription", subscription("sub_other", customer="cus_2"))
    error = await refused(ctx, flow_data=cancel_flow(id_))
    assert (error.message, error.code) == (f"No such subscription: '{id_}'", "resource_missing")
    assert error.param == "flow_data[subscription_cancel][subscription]"


@pytest.mark.parametrize("stamps", [{"cancel_at_period_end": True}, {"cancel_at": 1_900_000_000}])
async def test_e6_already_cancelling(ctx: Any, stamps: Doc) -> None:
    ctx.put("subscription", subscription(**stamps))
    error = await refused(ctx, flow_data=cancel_flow())
    assert error.message == "The subscription sub_1 is already set to be canceled at period end."


async def test_e8_cancel_feature_off(ctx: Any) -> None:
    configure(ctx, subscription_cancel={"enabled": False})
    error = await refused(ctx, flow_data=cancel_flow())
    assert error.message == (
        "This subscription cannot be canceled because the subscription cancel feature in the portal configuration is disabled."
    )


async def test_cancel_flow_of_what_is_over_or_scheduled(ctx: Any) -> None:
    ctx.put("subscription", subscription(status="canceled"))
    assert (await refused(ctx, flow_data=cancel_flow())).message.endswith("because it has ended.")
    ctx.put("subscription", subscription(schedule="sub_sched_1"))
    phases = [{"start_date": ctx.now + 9}]
    ctx.put("subscription_schedule", {"id": "sub_sched_1", "phases": phases, "status": "active"})
    assert "managed by the subscription schedule `sub_sched_1`" in (await refused(ctx, flow_data=cancel_flow())).message
    ctx.put("_portal_change", {"id": "sub_sched_1"})
    assert await create(ctx, flow_data=cancel_flow())


def update_flow(id: str = "sub_1") -> Doc:
    return {"subscription_update": {"subscription": id}, "type": "subscription_update"}


async def test_update_flow(ctx: Any) -> None:
    error = await refused(ctx, flow_data=update_flow())
    assert error.message == (
        "This subscription cannot be updated because the subscription update feature in the portal configuration is disabled."
    )
    allow_updates(ctx, "price_month")
    assert (
        "no price in the portal configuration available to change to"
        in (await refused(ctx, flow_data=update_flow())).message
    )
    allow_updates(ctx, "price_month", "price_year")
    made = await create(ctx, flow_data=update_flow())
    assert made["flow"]["subscription_update"] == {"subscription": "sub_1"}
    ctx.put("subscription", subscription("sub_1", "price_month", "price_other"))
    assert (await refused(ctx, flow_data=update_flow())).message == (
        "This PortalSession cannot update subscription `sub_1` because it has multiple items."
    )


async def test_a_legacy_card_is_a_card_and_other_methods_may_be_unsupported(ctx: Any) -> None:
    allow_updates(ctx, "price_month", "price_year")
    ctx.put("subscription", subscription(default_payment_method="card_1"))
    assert await create(ctx, flow_data=update_flow())
    ctx.put("payment_method", {"id": "pm_odd", "type": "giropay"})
    ctx.put("subscription", subscription(default_payment_method="pm_odd"))
    assert "payment method is not supported" in (await refused(ctx, flow_data=update_flow())).message
    ctx.put("customer", {"id": "cus_1", "invoice_settings": {"default_payment_method": None}})
    ctx.put("subscription", subscription())
    assert await create(ctx, flow_data=update_flow())


async def test_confirm_flow(ctx: Any) -> None:
    allow_updates(ctx, "price_month", "price_year")
    ctx.put("coupon", {"id": "SAVE"})
    ctx.put("promotion_code", {"id": "promo_1"})
    flow = confirm_flow(
        {"id": "si_0", "price": "price_year", "quantity": 2},
        discounts=[{"coupon": "SAVE"}, {"promotion_code": "promo_1"}],
    )
    made = await create(ctx, flow_data=flow)
    assert made["flow"]["subscription_update_confirm"] == {
        "discounts": [{"coupon": "SAVE", "promotion_code": None}, {"coupon": None, "promotion_code": "promo_1"}],
        "items": [{"id": "si_0", "price": "price_year", "quantity": 2}],
        "subscription": "sub_1",
    }
    made = await create(ctx, flow_data=confirm_flow({"id": "si_0", "quantity": 5}))
    assert made["flow"]["subscription_update_confirm"] == {
        "discounts": None,
        "items": [{"id": "si_0", "price": None, "quantity": 5}],
        "subscription": "sub_1",
    }
    made = await create(ctx, flow_data=confirm_flow({"id": "si_0", "price": "price_year"}))
    assert made["flow"]["subscription_update_confirm"]["items"] == [{"id": "si_0", "price": "price_year"}]


@pytest.mark.parametrize(
    "items,message,param",
    [
        (
            [{"id": "si_0", "price": "price_month"}],
            "Cannot update the subscription because there are no changes to confirm.",
            None,
        ),
        (
            [{"id": "si_0", "quantity": 1}],
            "Cannot update the subscription because there are no changes to confirm.",
            None,
        ),
        ([{"id": "si_0"}], "Cannot update the subscription because there are no changes to confirm.", None),
        ([], f"Missing required param: {CONFIRM}[items].", f"{CONFIRM}[items]"),
        (
            [{"id": "si_0"}, {"id": "si_1"}],
            f"Array {CONFIRM}[items] exceeded maximum 1 allowed elements.",
            f"{CONFIRM}[items]",
        ),
        ([{"id": "si_9", "quantity": 2}], "Invalid subscription_item id: si_9", f"{CONFIRM}[items][0][id]"),
        (
            [{"id": "si_0", "quantity": -1}],
            "This value must be greater than or equal to 0.",
            f"{CONFIRM}[items][0][quantity]",
        ),
        ([{"id": "si_0", "price": "price_no"}], "No such price: 'price_no'", f"{CONFIRM}[items][0][price]"),
        (
            [{"id": "si_0", "price": "price_other"}],
            "The price `price_other` is not in the portal configuration's list of products and prices.",
            f"{CONFIRM}[items][0][price]",
        ),
    ],
)
async def test_confirm_flow_refusals(ctx: Any, items: list[Doc], message: str, param: str | None) -> None:
    allow_updates(ctx, "price_month", "price_year")
    error = await refused(ctx, flow_data=confirm_flow(*items))
    assert (error.message, error.param) == (message, param)


async def test_confirm_flow_e4_e9_and_discounts(ctx: Any) -> None:
    item = {"id": "si_0", "price": "price_year"}
    assert "subscription update feature" in (await refused(ctx, flow_data=confirm_flow(item))).message
    allow_updates(ctx, "price_month", "price_year", updates=())
    assert await create(ctx, flow_data=confirm_flow(item))
    error = await refused(ctx, flow_data=confirm_flow(item, discounts=[{"coupon": "a", "promotion_code": "b"}]))
    assert error.message == "You may only specify one of these parameters: coupon, promotion_code."
    error = await refused(ctx, flow_data=confirm_flow(item, discounts=[{"coupon": "a"}]))
    assert error.param == f"{CONFIRM}[discounts][0][coupon]"
    ctx.put("subscription", subscription("sub_1", "price_month", "price_other"))
    assert "multiple items" in (await refused(ctx, flow_data=confirm_flow(item))).message


async def test_pause_flow(ctx: Any) -> None:
    flow = {"subscription_pause": {"subscription": "sub_1"}, "type": "subscription_pause"}
    assert "subscription pause feature" in (await refused(ctx, flow_data=flow)).message
    configure(ctx, subscription_pause={"enabled": True})
    assert (await create(ctx, flow_data=flow))["flow"]["subscription_pause"] == {"subscription": "sub_1"}
    ctx.put("subscription", subscription(billing_mode={"type": "classic"}))
    assert "not flexible" in (await refused(ctx, flow_data=flow)).message
