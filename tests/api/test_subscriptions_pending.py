"""Changes that wait for their payment: the four payment behaviours of an update, and how pending updates end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import DECLINES, MONTH_END, NEEDS_3DS, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
EXPIRY = 23 * 3600


async def waiting(api: Api, card: str = DECLINES, **params: Any) -> tuple[Desk, Any, Any]:
    """Change the quantity to three with a card that cannot pay."""
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    await desk.card(card)
    await desk.news()
    item = {"id": made["items"]["data"][0]["id"], "quantity": 3}
    wish = {"items": [item], "proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    return desk, made, await desk.change(made["id"], **{**wish, **params})


@pytest.mark.parametrize("card", [DECLINES, NEEDS_3DS])
async def test_a_change_waits_for_its_payment(api: Api, card: str) -> None:
    desk, made, after = await waiting(api, card)
    assert (after["status"], after["quantity"]) == ("active", 1)
    update = after["pending_update"]
    assert update["expires_at"] == START + EXPIRY
    assert [(one["id"], one["quantity"]) for one in update["subscription_items"]] == [
        (made["items"]["data"][0]["id"], 3)
    ]
    assert update["subscription_items"][0]["price"]["id"] == desk.price
    assert (update["billing_cycle_anchor"], update["trial_end"]) == (None, None)
    assert (after["latest_invoice"]["status"], after["latest_invoice"]["total"]) == ("open", 2000)
    events = await desk.news()
    assert {"invoice.payment_failed", "customer.subscription.updated"} <= set(events)
    assert "customer.subscription.pending_update_applied" not in events


async def test_paying_applies_it(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.card("pm_card_visa")
    await desk.news()
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.news())[-2:] == ["customer.subscription.pending_update_applied", "customer.subscription.updated"]
    done = await desk.subscription(made["id"])
    assert (done["pending_update"], done["quantity"], done["status"]) == (None, 3, "active")
    assert done["items"]["data"][0]["current_period_end"] == MONTH_END


async def test_a_confirmed_payment_applies_it(api: Api) -> None:
    desk, made, after = await waiting(api)
    found = await desk.get("/v1/invoice_payments", {"invoice": after["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    await desk.refused(f"/v1/payment_intents/{intent}/confirm", {"payment_method": "pm_card_chargeDeclined"})
    assert (await desk.subscription(made["id"]))["status"] == "active"
    await desk.ok(f"/v1/payment_intents/{intent}/confirm", {"payment_method": "pm_card_visa"})
    assert (await desk.subscription(made["id"]))["quantity"] == 3


async def test_a_payment_in_vain_changes_nothing(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.refused(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    still = await desk.subscription(made["id"])
    assert (still["status"], still["quantity"]) == ("active", 1)
    assert still["pending_update"]["expires_at"] == START + EXPIRY


async def test_it_expires(api: Api) -> None:
    desk, made, _after = await waiting(api)
    await desk.news()
    await api.advance(EXPIRY)
    assert await desk.news() == [
        "payment_intent.canceled", "invoice.voided",
        "customer.subscription.pending_update_expired", "customer.subscription.updated",
    ]  # fmt: skip
    done = await desk.subscription(made["id"])
    assert (done["pending_update"], done["quantity"], done["latest_invoice"]["status"]) == (None, 1, "void")


async def test_voiding_the_invoice_gives_it_up(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.news()
    expected = [
        "payment_intent.canceled", "invoice.voided", "customer.subscription.pending_update_expired",
        "customer.subscription.updated",
    ]  # fmt: skip
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/void")
    assert await desk.news() == expected
    assert (await desk.subscription(made["id"]))["pending_update"] is None


async def test_another_change_replaces_it(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.card("pm_card_visa")
    item = {"id": made["items"]["data"][0]["id"], "quantity": 2}
    await desk.news()
    done = await desk.change(made["id"], items=[item], proration_behavior="always_invoice")
    news = await desk.news()
    assert news[:2] == ["payment_intent.canceled", "invoice.voided"]
    assert news.count("customer.subscription.updated") == 1
    assert not {one for one in news if "pending_update" in one}  # neither applied nor expired: replaced
    assert (done["pending_update"], done["quantity"], done["latest_invoice"]["status"]) == (None, 2, "paid")
    assert (await desk.get(f"/v1/invoices/{after['latest_invoice']['id']}"))["status"] == "void"


async def test_a_new_anchor_waits_too(api: Api) -> None:
    desk, made, after = await waiting(api, billing_cycle_anchor={"type": "now"})
    assert after["billing_cycle_anchor"] == START
    await desk.card("pm_card_visa")
    await api.freeze(START + 3600)
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/pay")
    assert (await desk.subscription(made["id"]))["quantity"] == 3


async def test_canceling_gives_it_up(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.news()
    expected = ["payment_intent.canceled", "invoice.voided", "customer.subscription.deleted"]
    gone = await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    assert await desk.news() == expected
    assert (gone["status"], gone["pending_update"]) == ("canceled", None)
    assert (await desk.get(f"/v1/invoices/{after['latest_invoice']['id']}"))["status"] == "void"


async def test_only_some_parameters_can_wait(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    wish = {"payment_behavior": "pending_if_incomplete", "metadata": {"a": "b"}}
    answer = await desk.refused(f"/v1/subscriptions/{made['id']}", wish)
    assert answer.error["message"].startswith(
        "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. `metadata` is "
        "not supported."
    )


async def test_a_change_that_the_customer_pays(api: Api) -> None:
    desk, made, after = await waiting(api, card="pm_card_visa", payment_behavior="default_incomplete")
    assert (after["status"], after["quantity"], after["latest_invoice"]["status"]) == ("past_due", 3, "open")
    found = await desk.get("/v1/invoice_payments", {"invoice": after["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    await desk.ok(f"/v1/payment_intents/{intent}/confirm", {"payment_method": "pm_card_visa"})
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_writing_off_what_is_late_makes_it_active(api: Api) -> None:
    desk, made, after = await waiting(api, payment_behavior="allow_incomplete")
    assert after["status"] == "past_due"
    await desk.ok(f"/v1/invoices/{after['latest_invoice']['id']}/mark_uncollectible")
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_a_new_item_waits_too(api: Api) -> None:
    desk = await Desk(api).open(amount=1000)
    made = await desk.subscribe()
    other = await desk.new_price(700)
    await desk.card(DECLINES)
    wish = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    item = await desk.ok("/v1/subscription_items", {"subscription": made["id"], "price": other, **wish})
    assert item["price"]["id"] == other
    held = await desk.subscription(made["id"])
    assert [one["price"]["id"] for one in held["items"]["data"]] == [desk.price]
    await desk.card("pm_card_visa")
    await desk.ok(f"/v1/invoices/{held['latest_invoice']['id']}/pay")
    done = await desk.subscription(made["id"])
    assert [one["id"] for one in done["items"]["data"]][1] == item["id"]


async def test_the_end_of_a_trial_waits_too(api: Api) -> None:
    desk = await Desk(api).open(DECLINES)
    made = await desk.subscribe(trial_period_days=10)
    wish = {"trial_end": "now", "payment_behavior": "pending_if_incomplete"}
    held = await desk.change(made["id"], **wish)
    assert (held["status"], held["trial_end"], held["latest_invoice"]["status"]) == (
        "trialing", START + 10 * DAY, "open"
    )  # fmt: skip
    await desk.card("pm_card_visa")
    await desk.ok(f"/v1/invoices/{held['latest_invoice']['id']}/pay")
    done = await desk.subscription(made["id"])
    assert (done["status"], done["trial_end"], done["billing_cycle_anchor"]) == ("active", START, START)


async def test_a_credited_invoice_applies_it(api: Api) -> None:
    desk, made, after = await waiting(api)
    await desk.ok("/v1/credit_notes", {"invoice": after["latest_invoice"]["id"], "amount": 2000})
    assert (await desk.get(f"/v1/invoices/{after['latest_invoice']['id']}"))["status"] == "paid"
    assert (await desk.subscription(made["id"]))["quantity"] == 3
