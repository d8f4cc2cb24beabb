"""Invoices that are paid by debits: what counts as an attempt, and what follows when the bank sends one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

DAY, MINUTE = 86_400, 60
ADA = {"name": "Ada", "email": "ada@example.com"}


async def debited(api: Api, iban: str, *, agreed: bool = True, **dunning: Any) -> tuple[Desk, str]:
    """Subscribe with a card, then let the renewal be debited from ``iban``."""
    desk = await Desk(api).open()
    (await api.space()).settings["dunning"] = {"retry_days": [1], "then": "unpaid", **dunning}
    euros = await desk.ok(
        "/v1/prices",
        {"product": desk.product, "currency": "eur", "unit_amount": 2500, "recurring": {"interval": "month"}},
    )
    made = await desk.subscribe(items=[{"price": euros["id"]}])
    wish = {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": ADA}
    made_of = await desk.ok("/v1/payment_methods", wish)
    method = made_of["id"]
    await desk.ok(f"/v1/payment_methods/{method}/attach", {"customer": desk.customer})
    if agreed:
        await api.may_debit(desk.customer, made_of)
    await desk.ok(f"/v1/customers/{desk.customer}", {"invoice_settings": {"default_payment_method": method}})
    await api.advance(MONTH_END - START)
    await desk.news()
    return desk, made["id"]


async def test_a_debit_that_comes_counts_as_one_attempt(api: Api) -> None:
    desk, id = await debited(api, "AT321904300235473204")
    await api.advance(3601)
    under_way = (await desk.subscription(id))["latest_invoice"]
    assert (under_way["status"], under_way["attempted"], under_way["attempt_count"]) == ("open", True, 0)
    await desk.news()
    expected = [
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]  # fmt: skip
    await api.advance(3 * MINUTE)
    assert await desk.news() == expected
    after = await desk.subscription(id)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert after["latest_invoice"]["attempt_count"] == 1


async def test_a_debit_that_comes_back_is_tried_again(api: Api) -> None:
    desk, id = await debited(api, "AT051904300235473205")
    await api.advance(3601)
    await desk.news()
    # facts billing 6.11: any first attempt counts
    expected = [
        "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "customer.subscription.updated"
    ]  # fmt: skip
    await api.advance(3 * MINUTE)
    assert await desk.news() == expected
    late = await desk.subscription(id)
    invoice = late["latest_invoice"]
    assert (late["status"], invoice["attempt_count"]) == ("past_due", 1)
    assert invoice["next_payment_attempt"] == MONTH_END + 3601 + 3 * MINUTE + DAY
    await api.advance(DAY)
    under_way = await desk.subscription(id)  # the bank has still to answer: nothing is given up yet
    assert (under_way["status"], under_way["latest_invoice"]["next_payment_attempt"]) == ("past_due", None)
    await desk.news()
    await api.advance(3 * MINUTE)
    assert await desk.news() == expected
    ended = await desk.subscription(id)
    assert (ended["status"], ended["latest_invoice"]["attempt_count"]) == ("unpaid", 2)


async def test_a_debit_that_comes_back_may_end_the_subscription(api: Api) -> None:
    desk, id = await debited(api, "AT051904300235473205", retry_days=[], then="cancel")
    await api.advance(3601)
    assert (await desk.subscription(id))["status"] == "active"
    await api.advance(3 * MINUTE)
    ended = await desk.subscription(id)
    assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "payment_failed")


async def test_a_debit_by_hand_that_comes_back(api: Api) -> None:
    desk, id = await debited(api, "AT051904300235473205")
    invoice = (await desk.subscription(id))["latest_invoice"]["id"]
    await desk.ok(f"/v1/invoices/{invoice}/pay")
    await api.advance(3 * MINUTE)
    late = (await desk.subscription(id))["latest_invoice"]
    assert (late["attempt_count"], late["next_payment_attempt"]) == (1, None)
    await desk.ok(f"/v1/invoices/{invoice}/pay")
    await desk.news()
    await api.advance(3 * MINUTE)  # only the first attempt by hand is counted, each failure is announced
    assert await desk.news() == ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]
    assert (await desk.subscription(id))["latest_invoice"]["attempt_count"] == 1


async def test_nobody_is_debited_for_a_renewal_who_never_agreed(api: Api) -> None:
    """docs.stripe.com/error-codes: billing_invalid_mandate; clients of the real API see the intent wait."""
    desk, id = await debited(api, "AT321904300235473204", agreed=False)
    await api.advance(3601)
    late = await desk.subscription(id)
    invoice = late["latest_invoice"]
    assert (late["status"], invoice["status"], invoice["attempt_count"]) == ("past_due", "open", 1)
    expected = [
        "invoice.updated",
        "invoice.finalized",
        "payment_intent.created",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    assert [one for one in await desk.news() if one != "customer.updated"] == expected
    payment = (await desk.get("/v1/invoice_payments", {"invoice": invoice["id"]}))["data"][0]
    intent = await desk.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}")
    assert (intent["status"], intent["latest_charge"]) == ("requires_confirmation", None)
    refused = await desk.refused(f"/v1/invoices/{invoice['id']}/pay")
    assert (refused.status, refused.error["code"]) == (400, "billing_invalid_mandate")
    agreement = {"mandate_data": {"customer_acceptance": {"type": "offline"}}}
    await desk.ok(f"/v1/payment_intents/{intent['id']}/confirm", agreement)
    await api.advance(3 * MINUTE)
    after = await desk.subscription(id)
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")


async def test_a_subscription_does_not_begin_with_an_account_that_may_not_be_debited(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    await desk.card("pm_usBankAccount_success")
    made = await desk.subscribe()
    assert (made["status"], made["latest_invoice"]["status"]) == ("incomplete", "open")
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], "payment_behavior": "error_if_incomplete"}
    refused = await desk.refused("/v1/subscriptions", wish)
    assert (refused.status, refused.error["code"]) == (400, "billing_invalid_mandate")
