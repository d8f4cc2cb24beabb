"""Journeys of payments that fail: retries and their three ends, 3D Secure, and many requests at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import (
    DAY,
    DECLINED,
    DECLINES,
    FIRST_PAID,
    HOUR,
    MONTH_END,
    NEEDS_3DS,
    NEXT_END,
    PAYMENT,
    RENEWAL_DECLINED,
    RENEWED,
    SETTLED,
    Traveller,
)

if TYPE_CHECKING:
    from tests.support.client import Api


async def late(api: Api, **dunning: Any) -> tuple[Traveller, str]:
    """Let a renewal fail for the first time."""
    ada = await Traveller(api).begin()
    (await api.space()).settings["dunning"] = {"retry_days": [1, 2, 3], **dunning}
    made = await ada.first_month(DECLINES)
    async with ada.expecting(*RENEWAL_DECLINED):
        await ada.after(2 * HOUR)
    failed = await ada.look(made["id"])
    invoice = failed["latest_invoice"]
    assert (failed["status"], invoice["attempt_count"]) == ("past_due", 1)
    assert invoice["next_payment_attempt"] == MONTH_END + HOUR + 1 + DAY
    return ada, made["id"]


async def test_three_retries_recover(api: Api) -> None:
    ada, id = await late(api)
    async with ada.expecting(*DECLINED):
        await ada.after(DAY)
    async with ada.expecting(*DECLINED):
        await ada.after(2 * DAY)
    await ada.card("pm_card_visa")
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated"):
        await ada.after(3 * DAY)
    after = await ada.look(id)
    assert (after["status"], after["latest_invoice"]["attempt_count"]) == ("active", 4)


async def test_recovery_by_paying(api: Api) -> None:
    ada, id = await late(api)
    await ada.card("pm_card_visa")
    invoice = (await ada.look(id))["latest_invoice"]["id"]
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated"):
        await ada.post(f"/v1/invoices/{invoice}/pay")
    paid = await ada.look(id)
    assert (paid["status"], paid["latest_invoice"]["next_payment_attempt"]) == ("active", None)
    async with ada.expecting():
        await ada.after(10 * DAY)


@pytest.mark.parametrize(
    ("then", "last", "status"),
    [
        # the open invoice is not collected any more
        ("cancel", ("invoice.updated", "customer.subscription.deleted"), "canceled"),
        ("unpaid", ("customer.subscription.updated",), "unpaid"),
        ("past_due", (), "past_due"),
    ],
)
async def test_three_retries_in_vain(api: Api, then: str, last: tuple[str, ...], status: str) -> None:
    ada, id = await late(api, then=then)
    async with ada.expecting(*DECLINED, *DECLINED):
        await ada.after(3 * DAY)
    async with ada.expecting(*DECLINED, *last):
        await ada.after(3 * DAY)
    ended = await ada.look(id)
    invoice = ended["latest_invoice"]
    assert (ended["status"], invoice["status"], invoice["attempt_count"]) == (status, "open", 4)
    assert invoice["next_payment_attempt"] is None
    if then == "cancel":
        assert ended["cancellation_details"]["reason"] == "payment_failed"
    if then == "unpaid":
        await _unpaid_until_paid(ada, id)


async def _unpaid_until_paid(ada: Traveller, id: str) -> None:
    async with ada.expecting(*RENEWED):
        await ada.until(NEXT_END + 2 * HOUR)
    waiting = (await ada.look(id))["latest_invoice"]
    assert (waiting["status"], waiting["auto_advance"]) == ("draft", False)
    await ada.card("pm_card_visa")
    async with ada.expecting(
        "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED, "customer.subscription.updated"
    ):
        await ada.post(f"/v1/invoices/{waiting['id']}/pay")
    assert (await ada.look(id))["status"] == "active"


async def test_a_card_that_asks_is_not_charged_again(api: Api) -> None:
    ada = await Traveller(api).begin()
    (await api.space()).settings["dunning"] = {"retry_days": [1, 1], "then": "past_due"}
    price = await ada.price(2500)
    made = await ada.subscribe(price, payment_behavior="default_incomplete")
    found = await ada.get("/v1/invoice_payments", {"invoice": made["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    await ada.post(f"/v1/payment_intents/{intent}/confirm", {"payment_method": "pm_card_visa"})
    await ada.card(NEEDS_3DS)  # asks for authentication whenever the customer is away
    await ada.until(MONTH_END)
    async with ada.expecting(
        "customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created", "payment_intent.requires_action",
        "invoice.payment_failed", "invoice.payment_action_required", "customer.subscription.updated",
    ):  # fmt: skip
        await ada.after(2 * HOUR)
    async with ada.expecting("invoice.payment_failed", "invoice.payment_failed"):
        await ada.after(2 * DAY)
    after = await ada.look(made["id"])
    assert (after["status"], after["latest_invoice"]["attempt_count"]) == ("past_due", 3)


async def test_3ds_on_the_first_payment(api: Api) -> None:
    ada = await Traveller(api).begin(NEEDS_3DS)
    price = await ada.price(2500)
    async with ada.expecting(
        "customer.updated", "payment_intent.created", "customer.subscription.created", "invoice.created",
        "invoice.finalized",
    ):  # fmt: skip
        made = await ada.subscribe(price, payment_behavior="default_incomplete")
    found = await ada.get("/v1/invoice_payments", {"invoice": made["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    async with ada.expecting("payment_intent.requires_action", "invoice.payment_action_required"):
        card = (await ada.get(f"/v1/customers/{ada.customer}"))["invoice_settings"]["default_payment_method"]
        asked = await ada.post(f"/v1/payment_intents/{intent}/confirm", {"payment_method": card})
    assert asked["status"] == "requires_action"
    assert (await ada.look(made["id"]))["status"] == "incomplete"
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated"):
        space = await api.space()
        await api.engine.run(space, "payments:authenticate_payment", {"outcome": "succeed"}, intent=intent)
    assert (await ada.look(made["id"]))["status"] == "active"


async def test_3ds_never_answered(api: Api) -> None:
    ada = await Traveller(api).begin(NEEDS_3DS)
    price = await ada.price(2500)
    made = await ada.subscribe(price, payment_behavior="default_incomplete")
    async with ada.expecting("payment_intent.canceled", "invoice.voided", "customer.subscription.updated"):
        await ada.after(23 * HOUR)
    ended = await ada.look(made["id"])
    assert (ended["status"], ended["latest_invoice"]["status"]) == ("incomplete_expired", "void")
    async with ada.expecting():
        await ada.after(40 * DAY)


async def test_two_hundred_requests_at_once(api: Api) -> None:
    """Changes of quantity, one at a time in some order: every proration starts where another one ended."""
    ada = await Traveller(api).begin()
    price = await ada.price(1000)
    made = await ada.subscribe(price)
    item = made["items"]["data"][0]["id"]
    path, before = f"/v1/subscriptions/{made['id']}", len(await api.events())

    async def act(number: int) -> int:
        if number % 4 == 3:
            answer = await api.post(path, {"metadata": {f"k{number}": "v"}})
        else:
            wish = {"items": [{"id": item, "quantity": 2 + number}], "proration_behavior": "create_prorations"}
            answer = await api.post(path, wish)
        return answer.status

    statuses = await asyncio.gather(*(act(number) for number in range(200)))
    assert set(statuses) == {200}
    after = await ada.look(made["id"])
    assert len(after["metadata"]) == 50
    steps = (await ada.get("/v1/invoiceitems", {"customer": ada.customer, "limit": 100}))["data"]
    while True:
        more = await ada.get(
            "/v1/invoiceitems", {"customer": ada.customer, "limit": 100, "starting_after": steps[-1]["id"]}
        )
        steps += more["data"]
        if not more["has_more"]:
            break
    steps.reverse()
    quantities = [one["quantity"] for one in steps]
    assert len(steps) == 2 * 150
    # credit of what was there, debit of what came: a chain from one to the last quantity
    assert quantities[0] == 1
    assert quantities[2::2] == quantities[1:-1:2]
    assert quantities[-1] == after["quantity"]
    assert sum(one["amount"] for one in steps) == (after["quantity"] - 1) * 1000
    events = (await api.events())[before:]
    assert events.count("customer.subscription.updated") == 200
    assert events.count("invoiceitem.created") == 300


async def test_3ds_asked_at_once(api: Api) -> None:
    ada = await Traveller(api).begin(NEEDS_3DS)
    price = await ada.price(2500)
    async with ada.expecting(
        "customer.updated", "payment_intent.created", "payment_intent.requires_action", "customer.subscription.created",
        "invoice.created", "invoice.finalized", "invoice.payment_failed", "invoice.payment_action_required",
    ):  # fmt: skip
        made = await ada.subscribe(price)
    assert (made["status"], made["latest_invoice"]["status"]) == ("incomplete", "open")
    found = await ada.get("/v1/invoice_payments", {"invoice": made["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated"):
        await api.engine.run(await api.space(), "payments:authenticate_payment", {"outcome": "succeed"}, intent=intent)
    assert (await ada.look(made["id"]))["status"] == "active"


async def test_an_upgrade_waits_for_3ds(api: Api) -> None:
    ada = await Traveller(api).begin()
    small, large = await ada.price(1000), await ada.price(2000)
    async with ada.expecting(*FIRST_PAID):
        made = await ada.subscribe(small)
    await ada.card(NEEDS_3DS)
    item = {"id": made["items"]["data"][0]["id"], "price": large}
    async with ada.expecting(
        "invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created",
        "payment_intent.requires_action", "invoice.payment_failed", "invoice.payment_action_required",
        "invoiceitem.created", "invoiceitem.created", "customer.subscription.updated",
    ):  # fmt: skip
        waits = await ada.change(
            made["id"], items=[item], proration_behavior="always_invoice", payment_behavior="pending_if_incomplete"
        )
    assert (waits["status"], waits["items"]["data"][0]["price"]["id"]) == ("active", small)
    found = await ada.get("/v1/invoice_payments", {"invoice": waits["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    async with ada.expecting(
        "charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.pending_update_applied",
        "customer.subscription.updated",
    ):  # fmt: skip
        await api.engine.run(await api.space(), "payments:authenticate_payment", {"outcome": "succeed"}, intent=intent)
    assert (await ada.look(made["id"]))["items"]["data"][0]["price"]["id"] == large


async def test_sepa_paid_after_minutes(api: Api) -> None:
    ada = Traveller(api)
    made = await ada.debited("pm_successDelayed_de")
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED):
        await ada.after(HOUR)
    assert (await ada.look(made["id"]))["latest_invoice"]["status"] == "paid"
