"""Subscriptions that pause and resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import CLASSIC, DECLINES, MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
THIRD = (MONTH_END - START) // 3


async def paused(api: Api, **params: Any) -> tuple[Desk, str, Any]:
    desk = await Desk(api).open(amount=3000)
    made = await desk.subscribe()
    await api.freeze(START + THIRD)
    await desk.news()
    return desk, made["id"], await desk.ok(f"/v1/subscriptions/{made['id']}/pause", params)


async def pending(desk: Desk) -> list[int]:
    found = await desk.get("/v1/invoiceitems", {"customer": desk.customer, "pending": True})
    return [one["amount"] for one in found["data"]]


async def test_a_pause_credits_what_is_unused(api: Api) -> None:
    desk, id, after = await paused(api)
    assert after["status"] == "paused"
    assert after["status_details"] == {
        "paused": {
            "subscription": {"type": "pause_requested"}, "transitioned_at": START + THIRD, "type": "subscription"
        }
    }  # fmt: skip
    assert await pending(desk) == [-2000]
    assert await desk.news() == [
        "invoiceitem.created", "customer.subscription.paused", "customer.subscription.updated"
    ]  # fmt: skip
    await api.advance("90d")
    assert await desk.news() == []
    # docs.stripe.com billing/subscriptions/pause: the period ends with the pause
    assert (await desk.subscription(id))["items"]["data"][0]["current_period_end"] == START + THIRD


@pytest.mark.parametrize(("since", "amounts"), [("none", []), ("item_current_period_start", [-3000]), ("now", [-2000])])
async def test_what_a_pause_credits_can_be_chosen(api: Api, since: str, amounts: list[int]) -> None:
    desk, _, _ = await paused(api, bill_for={"unused_time_from": {"type": since}})
    assert await pending(desk) == amounts


async def test_a_pause_can_be_invoiced(api: Api) -> None:
    desk, id, after = await paused(api, invoicing_behavior="invoice")
    assert after["status"] == "paused"
    invoice = (await desk.subscription(id))["latest_invoice"]
    assert (invoice["total"], invoice["status"], invoice["ending_balance"]) == (-2000, "paid", -2000)
    assert await pending(desk) == []


async def test_resuming_waits_for_somebody_to_pay(api: Api) -> None:
    desk, id, _ = await paused(api)
    await api.freeze(START + 2 * THIRD)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {"expand": ["latest_invoice"]})
    assert (after["status"], after["pending_update"]["expires_at"]) == ("paused", START + 2 * THIRD + 23 * 3600)
    invoice = after["latest_invoice"]
    assert (invoice["status"], invoice["total"], invoice["attempted"]) == ("open", 1000, False)
    await desk.news()
    await desk.ok(f"/v1/invoices/{invoice['id']}/pay")
    assert "customer.subscription.resumed" in await desk.news()
    running = await desk.subscription(id)
    assert (running["status"], running["billing_cycle_anchor"]) == ("active", START + 2 * THIRD)
    assert "status_details" not in running
    assert running["items"]["data"][0]["current_period_start"] == START + 2 * THIRD


async def test_an_attempt_in_vain_resumes_past_due(api: Api) -> None:
    desk, id, _ = await paused(api)
    await desk.card(DECLINES)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {"expand": ["latest_invoice"]})
    await desk.refused(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.subscription(id))["status"] == "past_due"


async def test_resuming_on_success_pays_at_once(api: Api) -> None:
    desk, id, _ = await paused(api)
    wish = {"payment_behavior": "resume_on_payment_success", "expand": ["latest_invoice"]}
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", wish)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")


async def test_resuming_on_success_stays_paused_until_it_is_paid(api: Api) -> None:
    desk, id, _ = await paused(api)
    await desk.card(DECLINES)
    wish = {"payment_behavior": "resume_on_payment_success", "expand": ["latest_invoice"]}
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", wish)
    assert (after["status"], after["latest_invoice"]["attempt_count"]) == ("paused", 1)
    await desk.refused(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.subscription(id))["status"] == "paused"
    await desk.card("pm_card_visa")
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.subscription(id))["status"] == "active"


@pytest.mark.parametrize("act", ["expire", "void"])
async def test_an_unpaid_resumption_leaves_it_paused(api: Api, act: str) -> None:
    desk, id, _ = await paused(api)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume")
    if act == "void":
        await desk.ok(f"/v1/invoices/{after['latest_invoice']}/void")
    else:
        await api.advance("23h")
    still = await desk.subscription(id)
    assert (still["status"], still["pending_update"], still["latest_invoice"]["status"]) == ("paused", None, "void")
    again = await desk.ok(f"/v1/subscriptions/{id}/resume", {"payment_behavior": "resume_on_payment_success"})
    assert again["status"] == "active"


async def test_resuming_in_the_old_periods(api: Api) -> None:
    desk, id, _ = await paused(api)
    await api.freeze(START + 2 * THIRD)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {"billing_cycle_anchor": {"type": "unchanged"}})
    assert (after["status"], after["billing_cycle_anchor"]) == ("active", START)
    assert await pending(desk) == [1000, -2000]
    await api.advance(THIRD)
    assert (await desk.subscription(id))["latest_invoice"]["total"] == 2000


async def test_a_trial_that_ended_without_a_card_resumes(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = await desk.subscribe(trial_period_days=5, trial_settings=settings)
    await api.advance("5d")
    ended = await desk.subscription(made["id"])
    why = ended["status_details"]["paused"]["subscription"]["type"]
    assert (ended["status"], why) == ("paused", "trial_end_without_payment_method")
    refused = await desk.refused(f"/v1/subscriptions/{made['id']}", {"trial_end": START + 30 * DAY})
    assert refused.error["message"].startswith("You cannot set `trial_end` while a subscription is `paused`.")
    await desk.card("pm_card_visa")
    wish = {"payment_behavior": "resume_on_payment_success"}
    assert (await desk.ok(f"/v1/subscriptions/{made['id']}/resume", wish))["status"] == "active"


async def test_what_cannot_pause(api: Api) -> None:
    desk = await Desk(api).open()
    classic = await desk.subscribe(headers=CLASSIC)
    path = f"/v1/subscriptions/{classic['id']}"
    assert "flexible" in (await desk.refused(f"{path}/pause")).error["message"]
    trial = await desk.subscribe(trial_period_days=5)
    refused = await desk.refused(f"/v1/subscriptions/{trial['id']}/pause")
    assert refused.error["message"] == "You cannot pause a subscription with status `trialing`."
    sent = await desk.subscribe(collection_method="send_invoice", days_until_due=5)
    refused = await desk.refused(f"/v1/subscriptions/{sent['id']}/pause")
    assert "charge_automatically" in refused.error["message"]
    made = await desk.subscribe()
    await desk.ok(f"/v1/subscriptions/{made['id']}/pause")
    again = await desk.refused(f"/v1/subscriptions/{made['id']}/pause")
    assert again.error["message"] == "You cannot pause a subscription with status `paused`."
    late = await desk.refused(path, {"pause_collection": {"behavior": "void", "resumes_at": START}})
    assert late.error["param"] == "pause_collection[resumes_at]"


@pytest.mark.parametrize(
    ("settings", "days", "why"),
    [({"pause_after_first": True}, 1, "first_payment_failure"), ({"retry_days": [1], "then": "pause"}, 2, "final_payment_failure")],
)  # fmt: skip
async def test_pausing_instead_of_canceling(api: Api, settings: dict[str, Any], days: int, why: str) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    (await api.space()).settings["dunning"] = settings
    await desk.card(DECLINES)
    await api.advance(MONTH_END - START + days * DAY + 7200)
    after = await desk.subscription(made["id"])
    assert (after["status"], after["status_details"]["paused"]["subscription"]["type"]) == ("paused", why)


@pytest.mark.parametrize("kind", ["unchanged", "now", None])
@pytest.mark.parametrize("act", ["pay", "mark_uncollectible"])
async def test_a_pause_for_a_failed_payment_ends_by_itself(api: Api, kind: str | None, act: str) -> None:
    """Paying or writing off the invoice that caused it is enough, where the account's settings say so."""
    desk = await Desk(api).open()
    made = await desk.subscribe()
    anchor = made["billing_cycle_anchor"]
    dunning = {"pause_after_first": True, **({"resume": kind} if kind else {})}
    await api.ok("POST", "/_emulator/settings", {"dunning": dunning})
    await desk.card(DECLINES)
    await api.advance(MONTH_END - START + DAY)
    paused_ = await desk.subscription(made["id"])
    assert paused_["status"] == "paused"
    await desk.card("pm_card_visa")
    await desk.news()
    await desk.ok(f"/v1/invoices/{paused_['latest_invoice']['id']}/{act}")
    news = await desk.news()
    after = await desk.subscription(made["id"])
    if kind is None:
        assert after["status"] == "paused"
        assert "customer.subscription.resumed" not in news
        return
    assert (after["status"], after.get("status_details")) == ("active", None)
    assert news.count("customer.subscription.resumed") == 1
    row, now = after["items"]["data"][0], (await api.space()).clock.now()
    if kind == "unchanged":
        assert after["billing_cycle_anchor"] == anchor
        assert row["current_period_start"] == MONTH_END
        assert "invoice.created" not in news
    else:
        assert after["billing_cycle_anchor"] == row["current_period_start"] == now
        assert after["latest_invoice"]["status"] == "paid"


@pytest.mark.parametrize(("missing", "status"), [("pause", "paused"), ("cancel", "canceled")])
async def test_a_trial_ended_by_hand_without_a_card(api: Api, missing: str, status: str) -> None:
    desk = await Desk(api).open(card=None)
    made = await desk.subscribe(
        trial_period_days=7, trial_settings={"end_behavior": {"missing_payment_method": missing}}
    )
    await api.advance(DAY)
    await desk.news()
    first = "customer.subscription.trial_will_end"
    ends = {"pause": ["customer.subscription.paused", "customer.subscription.updated"], "cancel": ["customer.subscription.deleted"]}  # fmt: skip
    after = await desk.change(made["id"], trial_end="now")
    assert await desk.news() == [first, *ends[missing]]
    row = after["items"]["data"][0]
    assert (after["status"], after["trial_end"], row["current_period_end"]) == (status, START + DAY, START + DAY)
    assert after["latest_invoice"]["id"] == made["latest_invoice"]["id"]


async def test_resuming_without_a_card_asks_for_one(api: Api) -> None:
    desk, id, _ = await paused(api)
    method = (await desk.get(f"/v1/customers/{desk.customer}/payment_methods"))["data"][0]["id"]
    await desk.ok(f"/v1/payment_methods/{method}/detach")
    await desk.news()
    expected = [
        "invoice.created", "customer.updated", "invoice.finalized", "invoice.updated", "payment_intent.created",
        "setup_intent.created", "customer.subscription.updated",
    ]  # fmt: skip
    wish = {"expand": ["pending_setup_intent", "latest_invoice"]}
    refused = await desk.refused(f"/v1/subscriptions/{id}/resume", {"payment_behavior": "resume_on_payment_success"})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", wish)
    assert await desk.news() == expected
    assert (after["status"], after["pending_update"]["expires_at"]) == ("paused", START + THIRD + 23 * 3600)
    intent = after["pending_setup_intent"]
    assert (intent["status"], intent["usage"], intent["customer"]) == (
        "requires_payment_method", "off_session", desk.customer
    )  # fmt: skip
    done = await desk.ok(f"/v1/setup_intents/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})
    still = await desk.subscription(id)
    assert (still["status"], still["pending_setup_intent"]) == ("paused", None)
    invoice = after["latest_invoice"]["id"]
    await desk.ok(f"/v1/invoices/{invoice}/pay", {"payment_method": done["payment_method"]})
    assert (await desk.subscription(id))["status"] == "active"


async def test_a_trial_asks_for_a_card_only_once(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    payment = {"save_default_payment_method": "on_subscription"}
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = await desk.subscribe(trial_period_days=5, trial_settings=settings, payment_settings=payment)
    await api.advance("5d")
    after = await desk.ok(f"/v1/subscriptions/{made['id']}/resume")
    assert after["pending_setup_intent"] == made["pending_setup_intent"] is not None
    path = f"/v1/setup_intents/{made['pending_setup_intent']}/confirm"
    method = (await desk.ok(path, {"payment_method": "pm_card_visa"}))["payment_method"]
    still = await desk.subscription(made["id"])
    assert (still["pending_setup_intent"], still["default_payment_method"]) == (None, method)


async def test_resuming_on_success_is_tried_again(api: Api) -> None:
    desk, id, _ = await paused(api)
    (await api.space()).settings["dunning"] = {"retry_days": [1, 2]}
    await desk.card(DECLINES)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {"payment_behavior": "resume_on_payment_success"})
    assert after["pending_update"]["expires_at"] == START + THIRD + 365 * DAY
    await desk.news()
    await api.advance(DAY)
    assert await desk.news() == ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]
    assert (await desk.subscription(id))["status"] == "paused"
    await desk.card("pm_card_visa")
    await desk.news()
    expected = [
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
        "invoice_payment.paid", "customer.subscription.pending_update_applied", "customer.subscription.resumed",
        "customer.subscription.updated",
    ]  # fmt: skip
    await api.advance(2 * DAY)
    assert await desk.news() == expected
    assert (await desk.subscription(id))["status"] == "active"


async def test_a_pause_that_credits_nothing_leaves_the_period_paid(api: Api) -> None:
    desk, id, _ = await paused(api, bill_for={"unused_time_from": {"type": "none"}})
    await api.freeze(START + 2 * THIRD)
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {"billing_cycle_anchor": {"type": "unchanged"}})
    assert (after["status"], after["items"]["data"][0]["current_period_end"]) == ("active", MONTH_END)
    assert await pending(desk) == []


async def test_waiting_for_the_success_is_flexible(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    made = await desk.subscribe(trial_period_days=5, trial_settings=settings, headers=CLASSIC)
    await api.advance("5d")
    await desk.card("pm_card_visa")
    path = f"/v1/subscriptions/{made['id']}/resume"
    refused = await desk.refused(path, {"payment_behavior": "resume_on_payment_success"})
    assert refused.error["param"] == "payment_behavior"


@pytest.mark.parametrize("on_success", [False, True])
async def test_the_invoice_of_a_resumption_uses_up_a_discount_for_once_when_it_is_paid(
    api: Api, on_success: bool
) -> None:
    desk, id, _ = await paused(api, bill_for={"unused_time_from": {"type": "none"}})
    await desk.ok("/v1/coupons", {"id": "ONCE", "percent_off": 50, "duration": "once"})
    await desk.change(id, discounts=[{"coupon": "ONCE"}])
    await desk.news()
    wish = {"payment_behavior": "resume_on_payment_success"} if on_success else {}
    after = await desk.ok(f"/v1/subscriptions/{id}/resume", {**wish, "expand": ["latest_invoice"]})
    assert (after["latest_invoice"]["total"], after["status"]) == (1500, "active" if on_success else "paused")
    if not on_success:
        assert (len(after["discounts"]), (await desk.news()).count("customer.discount.deleted")) == (1, 0)
        await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.news()).count("customer.discount.deleted") == 1
    assert (await desk.subscription(id))["discounts"] == []


async def test_a_resumption_that_nobody_pays_leaves_the_discount(api: Api) -> None:
    desk, id, _ = await paused(api, bill_for={"unused_time_from": {"type": "none"}})
    await desk.ok("/v1/coupons", {"id": "ONCE", "percent_off": 50, "duration": "once"})
    await desk.change(id, discounts=[{"coupon": "ONCE"}])
    await desk.ok(f"/v1/subscriptions/{id}/resume")
    await desk.news()
    await api.advance("23h")
    assert "customer.discount.deleted" not in await desk.news()
    assert len((await desk.subscription(id))["discounts"]) == 1
