"""Invoices whose payment the customer has to confirm: what is announced, what is tried again, how it recovers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import MONTH_END, NEEDS_3DS, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400


async def intent_of(desk: Desk, invoice: str) -> Any:
    found = await desk.get("/v1/invoice_payments", {"invoice": invoice})
    return await desk.get(f"/v1/payment_intents/{found['data'][0]['payment']['payment_intent']}")


async def test_paying_an_invoice_asks_the_customer(api: Api) -> None:
    desk = await Desk(api).open("pm_card_threeDSecure2Required")
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 2000, "currency": "usd"})
    wish = {"customer": desk.customer, "pending_invoice_items_behavior": "include"}
    invoice = (await desk.ok("/v1/invoices", wish))["id"]
    await desk.news()
    expected = [
        "customer.updated", "invoice.finalized", "payment_intent.created", "payment_intent.requires_action",
        "invoice.payment_failed", "invoice.payment_action_required",
    ]  # fmt: skip
    refused = await desk.refused(f"/v1/invoices/{invoice}/pay")
    assert await desk.news() == expected
    # docs.stripe.com/error-codes
    assert (refused.status, refused.error["code"]) == (402, "invoice_payment_intent_requires_action")
    assert (await intent_of(desk, invoice))["status"] == "requires_action"
    again = await desk.refused(f"/v1/invoices/{invoice}/pay")
    assert again.error["code"] == "invoice_payment_intent_requires_action"


async def test_a_renewal_waits_for_the_customer(api: Api) -> None:
    desk = await Desk(api).open()
    (await api.space()).settings["dunning"] = {"retry_days": [1], "then": "unpaid"}
    made = await desk.subscribe()
    await desk.card(NEEDS_3DS)
    await api.advance(MONTH_END - START)
    await desk.news()
    expected = [
        "customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created", "payment_intent.requires_action",
        "invoice.payment_failed", "invoice.payment_action_required", "customer.subscription.updated",
    ]  # fmt: skip
    await api.advance(3601)
    assert await desk.news() == expected
    late = await desk.subscription(made["id"])
    invoice = late["latest_invoice"]
    assert (late["status"], invoice["attempt_count"]) == ("past_due", 1)
    assert invoice["next_payment_attempt"] == MONTH_END + 3601 + DAY
    # Nobody is charged while the customer is asked; the attempts are counted and come to their end all the same.
    await api.advance(DAY)
    assert await desk.news() == ["invoice.payment_failed", "customer.subscription.updated"]
    assert (await desk.subscription(made["id"]))["status"] == "unpaid"
    intent = await intent_of(desk, invoice["id"])
    assert intent["status"] == "requires_action"
    await api.freeze(MONTH_END + 2 * DAY)
    await desk.ok(f"/v1/payment_intents/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_a_new_card_is_charged_at_the_next_attempt(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await desk.card(NEEDS_3DS)
    await api.advance(MONTH_END - START + 3601)
    await desk.card("pm_card_visa")
    await api.advance(3 * DAY)
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert after["latest_invoice"]["attempt_count"] == 2
