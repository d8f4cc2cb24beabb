"""What a customer's click does: whose it is, how long the link lives, and that twice is once."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.documents import Doc, changed, patched
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import fingerprint
from emulator.portal import actions, sessions, visits
from emulator.portal.settings import configurations
from tests.unit.portal.fakes import Billing, subscription


async def link(ctx: Any, **params: Any) -> str:
    made = await sessions.create(ctx, {}, {"customer": "cus_1", **params})
    ctx.puts.clear()
    return str(made["url"].rsplit("/", 1)[1])


def configure(ctx: Any, **features: Doc) -> None:
    before = ctx.get(configurations.KIND, "bpc_default")
    ctx.put(configurations.KIND, patched(before, {"features": features}))


def written(ctx: Any) -> list[str]:
    return [kind for kind, _ in ctx.puts if not kind.startswith("_")]


async def dead(ctx: Any, token: str) -> StripeError:
    with pytest.raises(StripeError) as caught:
        await actions.home_page(ctx, {}, {"token": token})
    assert (caught.value.status, caught.value.code) == (410, "portal_session_expired")
    return caught.value


async def test_home_tells_what_is_the_customers_own(ctx: Any) -> None:
    ctx.put("subscription", subscription("sub_2", "price_year", "price_other"))
    ctx.put("subscription", subscription("sub_over", status="canceled"))
    ctx.put("subscription", subscription("sub_foreign", customer="cus_2"))
    ctx.put("tax_id", {"customer": "cus_1", "id": "txi_1"})
    statuses = ("draft", "open", "paid", "uncollectible", "void", "paid")
    for n, status in enumerate(statuses):
        ctx.put("invoice", {"customer": "cus_1", "id": f"in_{n}", "status": status})
    ctx.put("invoice", {"customer": "cus_2", "id": "in_foreign", "status": "paid"})
    token = await link(ctx, return_url="https://a.test/back")
    answer = await actions.home_page(ctx, {}, {"token": token, "invoices_limit": 3})
    assert [block["subscription"]["id"] for block in answer["subscriptions"]] == ["sub_2", "sub_1"]
    first = answer["subscriptions"][0]
    assert [item["price"]["product"]["name"] for item in first["subscription"]["items"]["data"]] == ["prod_1", "prod_2"]
    assert first["subscription"]["items"]["data"][0]["product"]["id"] == "prod_1"
    assert first["permissions"] == {"cancel": True, "pause": False, "renew": False, "update": False}
    assert [doc["id"] for doc in answer["invoices"]["data"]] == ["in_5", "in_4", "in_3"]
    assert answer["invoices"]["has_more"] is True
    assert answer["default_payment_method"] == "pm_1"
    assert [doc["id"] for doc in answer["payment_methods"]] == ["pm_1"]
    assert [doc["id"] for doc in answer["tax_ids"]] == ["txi_1"]
    assert answer["account"]["business_profile"]["name"] == "Acme"
    assert (answer["now"], answer["return_url"]) == (ctx.now, "https://a.test/back")
    assert ctx.get("subscription", "sub_2")["items"]["data"][0]["price"] == "price_year"
    everything = await actions.home_page(ctx, {}, {"token": token})
    assert (len(everything["invoices"]["data"]), everything["invoices"]["has_more"]) == (5, False)


async def test_a_product_that_is_gone_does_not_break_the_page(ctx: Any) -> None:
    token = await link(ctx)
    del ctx.rows["product"]["prod_1"]
    answer = await actions.subscription(ctx, {}, {"token": token, "subscription": "sub_1"})
    assert answer["subscription"]["items"]["data"][0]["product"]["deleted"] is True


async def test_invoices_are_hidden_when_the_feature_is_off(ctx: Any) -> None:
    ctx.put("invoice", {"customer": "cus_1", "id": "in_1", "status": "paid"})
    configure(ctx, invoice_history={"enabled": False})
    answer = await actions.home_page(ctx, {}, {"token": await link(ctx)})
    assert answer["invoices"] == {"data": [], "has_more": False}


async def test_the_configurations_return_address_is_the_fallback(ctx: Any) -> None:
    before = ctx.get(configurations.KIND, "bpc_default")
    ctx.put(configurations.KIND, changed(before, default_return_url="https://a.test/default"))
    assert (await actions.home_page(ctx, {}, {"token": await link(ctx)}))["return_url"] == "https://a.test/default"


async def test_on_behalf_of_shows_that_accounts_things_only(ctx: Any) -> None:
    ctx.put("account", {"id": "acct_2", "object": "account"})
    ctx.put("subscription", subscription("sub_2", on_behalf_of="acct_2"))
    ctx.put("invoice", {"customer": "cus_1", "id": "in_1", "on_behalf_of": None, "status": "paid"})
    token = await link(ctx, on_behalf_of="acct_2")
    answer = await actions.home_page(ctx, {}, {"token": token})
    assert [block["subscription"]["id"] for block in answer["subscriptions"]] == ["sub_2"]
    assert answer["invoices"]["data"] == []
    with pytest.raises(StripeError, match="No such subscription"):
        await actions.cancel(ctx, {}, {"token": token, "subscription": "sub_1"})


async def test_an_unused_link_lives_five_minutes(ctx: Any) -> None:
    token = await link(ctx, return_url="https://a.test/back")
    ctx.now += 299
    visit_id = fingerprint(token.removeprefix("test_"))
    assert await actions.home_page(ctx, {}, {"token": token})
    assert ctx.get(visits.KIND, visit_id)["first_seen"] == ctx.now
    other = await link(ctx, return_url="https://a.test/back")
    ctx.now += 300
    error = await dead(ctx, other)
    assert error.extra["reason"] == "unused"
    assert (error.extra["return_url"], error.extra["business_name"]) == ("https://a.test/back", "Acme")
    assert await actions.home_page(ctx, {}, {"token": token})


async def test_an_idle_link_dies_after_an_hour_and_activity_keeps_it_alive(ctx: Any) -> None:
    token = await link(ctx)
    await configurations.update(ctx, {"configuration": "bpc_default"}, {"login_page": {"enabled": True}})
    await actions.home_page(ctx, {}, {"token": token})
    for _ in range(3):
        ctx.now += 3599
        await actions.home_page(ctx, {}, {"token": token})
    ctx.now += 3600
    error = await dead(ctx, token)
    assert error.extra["reason"] == "idle"
    assert error.extra["login_url"].startswith("http://localhost:12111/p/login/test_")


async def test_looking_twice_in_a_second_writes_once(ctx: Any) -> None:
    token = await link(ctx)
    await actions.home_page(ctx, {}, {"token": token})
    await actions.home_page(ctx, {}, {"token": token})
    assert [kind for kind, _ in ctx.puts] == ["_portal_visit"]


async def test_links_of_nobody(ctx: Any) -> None:
    assert (await dead(ctx, "test_nonsense")).extra["reason"] == "unknown"
    token = await link(ctx)
    del ctx.rows["customer"]["cus_1"]
    assert (await dead(ctx, token)).extra["reason"] == "unknown"


async def test_a_completed_link_is_over(ctx: Any) -> None:
    token = await link(ctx)
    id_ = fingerprint(token.removeprefix("test_"))
    ctx.put(visits.KIND, changed(ctx.get(visits.KIND, id_), state="completed"))
    assert (await dead(ctx, token)).extra["reason"] == "completed"


@pytest.mark.parametrize("act", ["subscription", "cancel", "cancellation_reason", "renew"])
@pytest.mark.parametrize("id_", ["sub_no", "sub_foreign"])
async def test_a_session_never_reaches_another_customers_subscription(ctx: Any, act: str, id_: str) -> None:
    ctx.put("subscription", subscription("sub_foreign", customer="cus_2"))
    token = await link(ctx)
    with pytest.raises(StripeError) as caught:
        await getattr(actions, act)(ctx, {}, {"feedback": "other", "subscription": id_, "token": token})
    assert (caught.value.status, caught.value.message) == (404, f"No such subscription: '{id_}'")
    assert written(ctx) == []


@pytest.mark.parametrize("mode", ["flexible", "classic"])
async def test_cancel_at_period_end_and_renew(ctx: Any, billing: Billing, mode: str) -> None:
    ctx.put("subscription", subscription(billing_mode={"type": mode}))
    params = {"subscription": "sub_1", "token": await link(ctx)}
    answer = await actions.cancel(ctx, {}, params)
    assert billing.calls == [("cancel_at_period_end", {})]
    assert answer["permissions"] == {"cancel": False, "pause": False, "renew": True, "update": False}
    again = await actions.cancel(ctx, {}, params)
    assert again["subscription"] == answer["subscription"]
    assert written(ctx) == ["subscription"]
    renewed = await actions.renew(ctx, {}, params)
    assert renewed["permissions"]["cancel"] is True
    assert (await actions.renew(ctx, {}, params))["subscription"] == renewed["subscription"]
    assert written(ctx) == ["subscription", "subscription"]


@pytest.mark.parametrize("behavior,prorate", [("none", False), ("create_prorations", True)])
async def test_cancel_now(ctx: Any, billing: Billing, behavior: str, prorate: bool) -> None:
    configure(ctx, subscription_cancel={"mode": "immediately", "proration_behavior": behavior})
    params = {"subscription": "sub_1", "token": await link(ctx)}
    answer = await actions.cancel(ctx, {}, params)
    assert billing.calls == [("cancel_now", {"invoice_now": False, "prorate": prorate})]
    assert answer["subscription"]["status"] == "canceled"
    await actions.cancel(ctx, {}, params)
    assert len(billing.calls) == 1
    with pytest.raises(StripeError) as caught:
        await actions.renew(ctx, {}, params)
    assert (caught.value.code, caught.value.extra["reason"]) == ("portal_not_permitted", "ended")


async def test_what_the_configuration_forbids_cannot_be_done(ctx: Any) -> None:
    configure(ctx, subscription_cancel={"enabled": False})
    params = {"subscription": "sub_1", "token": await link(ctx)}
    with pytest.raises(StripeError) as caught:
        await actions.cancel(ctx, {}, params)
    assert (caught.value.status, caught.value.extra["reason"]) == (403, "feature_disabled")
    ctx.put("subscription", subscription(cancel_at=ctx.now + 5))
    with pytest.raises(StripeError):
        await actions.renew(ctx, {}, params)


async def test_a_reason_is_a_second_change(ctx: Any) -> None:
    params = {"subscription": "sub_1", "token": await link(ctx)}
    with pytest.raises(StripeError) as caught:
        await actions.cancellation_reason(ctx, {}, {**params, "feedback": "other"})
    assert caught.value.extra["reason"] == "not_canceling"
    await actions.cancel(ctx, {}, params)
    given = {**params, "comment": "It was fine.", "feedback": "other"}
    answer = await actions.cancellation_reason(ctx, {}, given)
    assert answer["subscription"]["cancellation_details"] == {
        "comment": "It was fine.",
        "feedback": "other",
        "feedback_option": None,
        "reason": None,
    }
    await actions.cancellation_reason(ctx, {}, given)
    assert written(ctx) == ["subscription", "subscription"]


async def test_only_offered_reasons_are_taken(ctx: Any) -> None:
    ctx.put("subscription", subscription(cancel_at=ctx.now + 5))
    params = {"subscription": "sub_1", "token": await link(ctx)}

    async def refused(**given: Any) -> StripeError:
        with pytest.raises(StripeError) as caught:
            await actions.cancellation_reason(ctx, {}, {**params, **given})
        return caught.value

    assert (await refused(feedback=None)).code == "parameter_missing"
    assert (await refused(feedback="low_quality")).extra["reason"] == "reason_not_offered"
    assert (await refused(comment="x" * 5001, feedback="other")).param == "comment"
    configure(ctx, subscription_cancel={"cancellation_reason": {"enabled": False}})
    assert (await refused(feedback="other")).extra["reason"] == "reason_not_offered"


async def test_own_feedback_options(ctx: Any) -> None:
    ctx.put("billing.feedback_option", {"id": "fo_1", "status": "active"})
    ctx.put("subscription", subscription(status="canceled"))
    configure(ctx, subscription_cancel={"cancellation_reason": {"feedback_options": ["fo_1"]}})
    params = {"feedback": "fo_1", "subscription": "sub_1", "token": await link(ctx)}
    shown = (await actions.home_page(ctx, {}, params))["feedback_options"]
    assert [option["id"] for option in shown] == ["fo_1"]
    answer = await actions.cancellation_reason(ctx, {}, params)
    details = answer["subscription"]["cancellation_details"]
    assert (details["feedback"], details["feedback_option"]) == (None, "fo_1")
    ctx.put("billing.feedback_option", {"id": "fo_1", "status": "inactive"})
    with pytest.raises(StripeError, match="not offered"):
        await actions.cancellation_reason(ctx, {}, params)
    assert (await actions.home_page(ctx, {}, params))["feedback_options"] == []
