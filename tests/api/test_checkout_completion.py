"""Completing Checkout sessions: what comes of them, declines, 3D Secure, debits, and the command line's own calls."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.client import Api


async def price(api: Api, amount: int = 1500, *, monthly: bool = False) -> str:
    product = await api.post("/v1/products", {"name": "Plan"})
    params: dict[str, Any] = {"product": product.id, "currency": "usd", "unit_amount": amount}
    if monthly:
        params["recurring"] = {"interval": "month"}
    return (await api.post("/v1/prices", params)).id


async def session(api: Api, mode: str, *prices: str, **more: Any) -> Any:
    params: dict[str, Any] = {"mode": mode, "success_url": "https://example.com/done", **more}
    if prices:
        params["line_items"] = [{"price": one, "quantity": 1} for one in prices]
    answer = await api.post("/v1/checkout/sessions", params)
    assert answer.status == 200, answer.text
    return answer.json


async def run(api: Api, operation: str, params: dict[str, Any], **ids: str) -> Any:
    return await api.engine.run(await api.space(), operation, params, **ids)


async def complete(api: Api, id: str, method: str = "pm_card_visa", **more: Any) -> Any:
    return await run(api, "checkout:complete", {"session": id, "payment_method": method, **more})


async def test_a_payment(api: Api) -> None:
    made = await session(api, "payment", await price(api), payment_intent_data={"description": "Order 7"})
    done = await complete(api, made["id"], email="ada@example.com", name="Ada")
    assert (done["status"], done["payment_status"], done["url"], done["customer"]) == ("complete", "paid", None, None)
    assert (done["customer_details"]["email"], done["customer_details"]["name"]) == ("ada@example.com", "Ada")
    intent = (await api.get(f"/v1/payment_intents/{done['payment_intent']}")).json
    assert (intent["status"], intent["amount"], intent["description"]) == ("succeeded", 1500, "Order 7")
    with pytest.raises(StripeError, match="status of `complete`"):
        await complete(api, made["id"])


async def test_a_payment_with_an_invoice(api: Api) -> None:
    wish = {"enabled": True, "invoice_data": {"description": "Thanks"}}
    made = await session(api, "payment", await price(api), customer_creation="always", invoice_creation=wish)
    done = await complete(api, made["id"])
    invoice = (await api.get(f"/v1/invoices/{done['invoice']}")).json
    assert (invoice["status"], invoice["amount_paid"], invoice["description"]) == ("paid", 1500, "Thanks")
    paid = (await api.get("/v1/invoice_payments", {"invoice": invoice["id"]})).json["data"]
    assert paid[0]["payment"]["payment_intent"] == done["payment_intent"]


async def test_a_subscription_for_a_new_customer(api: Api) -> None:
    data = {"metadata": {"plan": "pro"}}
    items = (await price(api, monthly=True), await price(api, 700))
    made = await session(api, "subscription", *items, customer_email="ada@example.com", subscription_data=data)
    assert made["amount_total"] == 2200
    before = len(await api.events())
    done = await complete(api, made["id"])
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    subscription = (await api.get(f"/v1/subscriptions/{done['subscription']}")).json
    assert (subscription["status"], subscription["metadata"]) == ("active", {"plan": "pro"})
    customer = (await api.get(f"/v1/customers/{done['customer']}")).json
    assert customer["email"] == "ada@example.com"
    assert customer["invoice_settings"]["default_payment_method"] is None
    method = (await api.get(f"/v1/payment_methods/{subscription['default_payment_method']}")).json
    assert method["customer"] == customer["id"]
    invoice = (await api.get(f"/v1/invoices/{done['invoice']}")).json
    assert (invoice["status"], invoice["total"]) == ("paid", 2200)
    events = (await api.events())[before:]
    assert events[0] == "customer.created"
    assert events[-1] == "checkout.session.completed"
    for type in ("payment_method.attached", "customer.subscription.created", "invoice.paid", "charge.succeeded"):
        assert events.count(type) == 1, events


async def test_a_trial_saves_the_card(api: Api) -> None:
    data = {"trial_period_days": 7}
    made = await session(api, "subscription", await price(api, monthly=True), subscription_data=data)
    done = await complete(api, made["id"])
    assert done["payment_status"] == "no_payment_required"
    subscription = (await api.get(f"/v1/subscriptions/{done['subscription']}")).json
    assert subscription["status"] == "trialing"
    assert subscription["default_payment_method"]
    await api.advance("8d")
    assert (await api.get(f"/v1/subscriptions/{done['subscription']}"))["status"] == "active"


async def test_a_trial_without_a_card(api: Api) -> None:
    made = await session(
        api, "subscription", await price(api, monthly=True), payment_method_collection="if_required",
        subscription_data={"trial_period_days": 7},
    )  # fmt: skip
    done = await run(api, "checkout:complete", {"session": made["id"], "email": "ada@example.com"})
    assert done["status"] == "complete"
    assert (await api.get(f"/v1/subscriptions/{done['subscription']}"))["default_payment_method"] is None


async def test_setup_mode_saves_a_payment_method(api: Api) -> None:
    customer = await api.post("/v1/customers", {"email": "ada@example.com"})
    made = await session(api, "setup", customer=customer.id, currency="usd")
    assert made["id"].startswith("cs_test_c1")
    assert made["payment_status"] == "no_payment_required"
    done = await complete(api, made["id"])
    intent = (await api.get(f"/v1/setup_intents/{done['setup_intent']}")).json
    assert (done["status"], intent["status"], intent["customer"]) == ("complete", "succeeded", customer.id)
    found = (await api.get(f"/v1/customers/{customer.id}/payment_methods")).json["data"]
    assert [one["id"] for one in found] == [intent["payment_method"]]


@pytest.mark.parametrize("mode", ["payment", "subscription"])
async def test_a_decline_leaves_the_session_open(api: Api, mode: str) -> None:
    made = await session(api, mode, await price(api, monthly=mode == "subscription"))
    with pytest.raises(StripeError) as refused:
        await complete(api, made["id"], "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert (refused.value.status, refused.value.code) == (402, "card_declined")
    assert (await api.get(f"/v1/checkout/sessions/{made['id']}"))["status"] == "open"
    done = await complete(api, made["id"])
    assert done["payment_status"] == "paid"
    assert (await api.events()).count("payment_intent.succeeded") == 1


@pytest.mark.parametrize("mode", ["payment", "subscription", "setup"])
async def test_three_d_secure(api: Api, mode: str) -> None:
    if mode == "setup":
        made = await session(api, mode, currency="usd")
    else:
        made = await session(api, mode, await price(api, monthly=mode == "subscription"))
    waiting = await complete(api, made["id"], "pm_card_authenticationRequired")
    assert waiting["status"] == "open"
    kind = "setup" if mode == "setup" else "payment"
    found = (await api.get(f"/v1/{kind}_intents")).json["data"][0]
    assert found["status"] == "requires_action"
    await run(api, f"payments:authenticate_{kind}", {"outcome": "succeed"}, intent=found["id"])
    done = (await api.get(f"/v1/checkout/sessions/{made['id']}")).json
    assert done["status"] == "complete"
    assert done["payment_status"] == ("no_payment_required" if mode == "setup" else "paid")
    if mode == "subscription":
        assert (await api.get(f"/v1/subscriptions/{done['subscription']}"))["status"] == "active"


async def test_failed_three_d_secure_can_be_tried_again(api: Api) -> None:
    made = await session(api, "subscription", await price(api, monthly=True))
    await complete(api, made["id"], "pm_card_authenticationRequired")
    found = (await api.get("/v1/payment_intents")).json["data"][0]
    await run(api, "payments:authenticate_payment", {"outcome": "fail"}, intent=found["id"])
    assert (await api.get(f"/v1/checkout/sessions/{made['id']}"))["status"] == "open"
    done = await complete(api, made["id"])
    assert done["payment_status"] == "paid"
    assert len((await api.get("/v1/subscriptions")).json["data"]) == 1


@pytest.mark.parametrize(("iban", "event"), [
    ("AT611904300234573201", "checkout.session.async_payment_succeeded"),
    ("AT861904300235473202", "checkout.session.async_payment_failed"),
])  # fmt: skip
async def test_debits_answer_later(api: Api, iban: str, event: str) -> None:
    product = await api.post("/v1/products", {"name": "Plan"})
    one = await api.post("/v1/prices", {"product": product.id, "currency": "eur", "unit_amount": 1500})
    made = await session(api, "payment", one.id, allowed_payment_method_types=["sepa_debit"])
    billing = {"email": "ada@example.com", "name": "Ada"}
    method = await api.post(
        "/v1/payment_methods", {"type": "sepa_debit", "sepa_debit": {"iban": iban}, "billing_details": billing}
    )
    done = await complete(api, made["id"], method.id)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    await api.advance("10m")
    assert event in await api.events()
    after = (await api.get(f"/v1/checkout/sessions/{made['id']}")).json
    assert after["payment_status"] == ("paid" if event.endswith("succeeded") else "unpaid")


async def test_on_a_test_clock(api: Api) -> None:
    clock = await api.post("/v1/test_helpers/test_clocks", {"frozen_time": 1_900_000_000})
    customer = await api.post("/v1/customers", {"test_clock": clock.id})
    made = await session(api, "subscription", await price(api, monthly=True), customer=customer.id)
    assert made["created"] < 1_900_000_000
    done = await complete(api, made["id"])
    subscription = (await api.get(f"/v1/subscriptions/{done['subscription']}")).json
    assert (subscription["start_date"], subscription["test_clock"]) == (1_900_000_000, clock.id)


async def test_the_calls_of_the_command_line(api: Api) -> None:
    made = await session(api, "payment", await price(api))
    page = await api.get(f"/v1/payment_pages/{made['id']}")
    assert page.id == made["id"]
    path = f"/v1/payment_pages/{made['id']}/confirm"
    wrong = await api.post(path, {"payment_method": "pm_card_visa", "expected_amount": 1})
    assert wrong.error["code"] == "checkout_amount_mismatch"
    done = await api.post(path, {"payment_method": "pm_card_visa", "expected_amount": 1500})
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert (await api.get("/v1/payment_pages/cs_test_unknown")).status == 404
