"""A customer pays the PaymentIntent of an invoice: billing hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api


async def waiting(desk: Desk) -> tuple[Any, str]:
    """Begin an incomplete subscription; returns it and the path of its PaymentIntent."""
    made = await desk.subscribe(payment_behavior="default_incomplete", expand=["latest_invoice.payments"])
    await desk.news()
    intent = made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    return made, f"/v1/payment_intents/{intent}"


async def test_a_confirmed_payment_activates_the_subscription(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made, intent = await waiting(desk)
    await desk.ok(f"{intent}/confirm", {"payment_method": "pm_card_visa"})
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert after["latest_invoice"]["attempt_count"] == 1
    events = [one for one in await desk.news() if one.startswith(("invoice", "customer.sub"))]
    assert events == [
        "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid", "customer.subscription.updated"
    ]  # fmt: skip
    expired = await desk.subscription(made["id"])
    assert expired["status"] == "active"
    await api.advance("24h")
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_the_method_that_paid_can_be_kept_on_the_subscription(api: Api) -> None:
    desk = await Desk(api).open()
    settings = {"save_default_payment_method": "on_subscription"}
    made = await desk.subscribe(payment_settings=settings)
    assert made["default_payment_method"].startswith("pm_")


async def test_a_declined_confirmation_leaves_everything_open(api: Api) -> None:
    desk = await Desk(api).open(card=None)
    made, intent = await waiting(desk)
    await desk.refused(f"{intent}/confirm", {"payment_method": "pm_card_chargeDeclined"})
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["status"]) == ("incomplete", "open")
    await desk.ok(f"{intent}/confirm", {"payment_method": "pm_card_visa"})
    assert (await desk.subscription(made["id"]))["status"] == "active"


async def test_an_invoice_payment_can_be_found_by_its_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    found = await desk.get("/v1/invoice_payments", {"invoice": made["latest_invoice"]["id"]})
    assert [one["status"] for one in found["data"]] == ["paid"]


async def test_other_payments_are_left_alone(api: Api) -> None:
    desk = await Desk(api).open()
    intent = await desk.ok("/v1/payment_intents", {"amount": 1000, "currency": "usd"})
    paid = await desk.ok(f"/v1/payment_intents/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})
    assert paid["status"] == "succeeded"
