"""Payments through the API: every answer is held against the description, every event is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_pay_hold_capture_and_refund(api: Api):
    held = await api.ok(
        "POST",
        "/v1/payment_intents",
        {
            "amount": 2000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "manual",
        },
    )
    assert held["status"] == "requires_capture"
    done = await api.ok(
        "POST", f"/v1/payment_intents/{held['id']}/capture", {"expand": ["latest_charge.balance_transaction"]}
    )
    assert done["latest_charge"]["balance_transaction"]["fee"] == 88
    refund = await api.ok("POST", "/v1/refunds", {"payment_intent": held["id"], "amount": 500})
    assert refund["status"] == "succeeded"
    charge = await api.ok("GET", f"/v1/charges/{done['latest_charge']['id']}")
    assert charge["amount_refunded"] == 500
    listed = await api.ok("GET", "/v1/refunds", {"charge": charge["id"]})
    assert [one["id"] for one in listed["data"]] == [refund["id"]]
    transactions = await api.ok("GET", "/v1/balance_transactions")
    assert [one["type"] for one in transactions["data"]] == ["refund", "charge"]


async def test_success_is_announced(api: Api):
    await api.ok(
        "POST",
        "/v1/payment_intents",
        {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True},
    )
    assert await api.events() == PAID


async def test_a_decline_keeps_what_happened(api: Api):
    params = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa_chargeDeclined", "confirm": True}
    answer = await api.post("/v1/payment_intents", params)
    assert answer.status == 402
    assert (answer.error["code"], answer.error["decline_code"]) == ("card_declined", "generic_decline")
    assert answer.error["doc_url"] == "https://stripe.com/docs/error-codes/card-declined"
    intent = await api.ok("GET", f"/v1/payment_intents/{answer.error['payment_intent']['id']}")
    assert intent["last_payment_error"]["charge"] == answer.error["charge"] == intent["latest_charge"]
    assert (await api.ok("GET", f"/v1/charges/{intent['latest_charge']}"))["status"] == "failed"
    assert await api.events() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


async def test_methods_of_a_customer(api: Api):
    customer = await api.ok("POST", "/v1/customers", {"name": "A"})
    method = await api.ok("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer["id"]})
    await api.ok(
        "POST", f"/v1/customers/{customer['id']}", {"invoice_settings": {"default_payment_method": method["id"]}}
    )
    for path in (f"/v1/customers/{customer['id']}/payment_methods", "/v1/payment_methods"):
        listed = await api.ok("GET", path, {"type": "card"} if "customers" in path else {"customer": customer["id"]})
        assert [one["id"] for one in listed["data"]] == [method["id"]]
    assert (await api.ok("GET", "/v1/payment_methods"))["data"] == []
    await api.ok("POST", f"/v1/payment_methods/{method['id']}", {"metadata": {"a": "b"}, "card": {"exp_year": 2040}})
    await api.ok("POST", f"/v1/payment_methods/{method['id']}/detach")
    assert (await api.ok("GET", f"/v1/customers/{customer['id']}"))["invoice_settings"][
        "default_payment_method"
    ] is None
    assert await api.events() == [
        "customer.created", "payment_method.attached", "customer.updated", "payment_method.updated", "payment_method.detached",
        "customer.updated",
    ]  # fmt: skip


async def test_customer_with_method_and_with_source(api: Api):
    first = await api.ok(
        "POST",
        "/v1/customers",
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
    )
    assert first["invoice_settings"]["default_payment_method"].startswith("pm_1")
    second = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    charge = await api.ok("POST", "/v1/charges", {"amount": 5000, "currency": "cad", "customer": second["id"]})
    assert charge["payment_method"] == second["default_source"]
    assert (await api.ok("POST", "/v1/refunds", {"charge": charge["id"]}))["amount"] == 5000
    sources = await api.ok("GET", f"/v1/customers/{second['id']}/sources")
    assert [one["object"] for one in sources["data"]] == ["card"]
    gone = await api.ok("DELETE", f"/v1/customers/{second['id']}/sources/{second['default_source']}")
    assert gone["deleted"] is True
    declined = await api.post("/v1/customers", {"payment_method": "pm_card_chargeDeclinedIncorrectCvc"})
    assert (declined.status, declined.error["code"], declined.error["param"]) == (402, "incorrect_cvc", "cvc")


async def test_a_setup_prepares_a_card_or_waits_for_3ds(api: Api):
    customer = await api.ok("POST", "/v1/customers")
    params = {"customer": customer["id"], "payment_method": "pm_card_visa", "confirm": True}
    done = await api.ok("POST", "/v1/setup_intents", {**params, "expand": ["latest_attempt", "payment_method"]})
    assert (done["status"], done["latest_attempt"]["status"]) == ("succeeded", "succeeded")
    assert done["payment_method"]["customer"] == customer["id"]
    assert (await api.events())[1:] == ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]
    waiting = await api.ok(
        "POST", "/v1/setup_intents", {"payment_method": "pm_card_authenticationRequired", "confirm": True}
    )
    assert waiting["next_action"]["type"] == "use_stripe_sdk"
    attempts = await api.ok("GET", "/v1/setup_attempts", {"setup_intent": waiting["id"]})
    assert [one["status"] for one in attempts["data"]] == ["requires_action"]
    declined = await api.post("/v1/setup_intents", {"payment_method": "pm_card_chargeDeclined", "confirm": True})
    assert declined.error["setup_intent"]["status"] == "requires_payment_method"
    assert (await api.events())[-2:] == ["setup_intent.created", "setup_intent.setup_failed"]


async def test_a_token_becomes_a_card_and_is_used_up(api: Api):
    token = await api.ok(
        "POST", "/v1/tokens", {"card": {"number": "4242424242424242", "exp_month": 5, "exp_year": 2040, "cvc": "314"}}
    )
    method = await api.ok("POST", "/v1/payment_methods", {"type": "card", "card": {"token": token["id"]}})
    assert method["card"]["exp_year"] == 2040
    assert (await api.ok("GET", f"/v1/tokens/{token['id']}"))["used"] is True


@pytest.mark.parametrize(
    "path,status,message,param",
    [
        ("/v1/payment_intents/pi_no", 404, "No such payment_intent: 'pi_no'", "intent"),
        ("/v1/setup_intents/seti_no", 404, "No such setupintent: 'seti_no'", "intent"),
        ("/v1/payment_methods/pm_no", 404, "No such PaymentMethod: 'pm_no'", "payment_method"),
        ("/v1/charges/ch_no", 404, "No such charge: 'ch_no'", "id"),
    ],
)
async def test_unknown_ids(api: Api, path: str, status: int, message: str, param: str):
    answer = await api.get(path)
    assert (answer.status, answer.error["message"], answer.error["param"]) == (status, message, param)


async def test_the_customer_answers_3d_secure(api: Api):
    params = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_threeDSecure2Required", "confirm": True}
    waiting = await api.ok("POST", "/v1/payment_intents", {**params, "return_url": "https://example.com/back"})
    assert waiting["next_action"]["redirect_to_url"]["return_url"] == "https://example.com/back"
    await api.engine.run(
        await api.space(), "payments:authenticate_payment", {"outcome": "succeed"}, intent=waiting["id"]
    )
    assert (await api.ok("GET", f"/v1/payment_intents/{waiting['id']}"))["status"] == "succeeded"
    assert await api.events() == [
        "payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded",
    ]  # fmt: skip


async def test_a_subscription_is_paid(api: Api):
    customer = await api.ok(
        "POST",
        "/v1/customers",
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
    )
    product = await api.ok(
        "POST",
        "/v1/products",
        {
            "name": "Gold",
            "default_price_data": {"currency": "usd", "unit_amount": 1500, "recurring": {"interval": "month"}},
        },
    )
    subscription = await api.ok(
        "POST",
        "/v1/subscriptions",
        {
            "customer": customer["id"],
            "items": [{"price": product["default_price"]}],
            "expand": ["latest_invoice.payments"],
        },
    )
    assert subscription["status"] == "active"
    payment = subscription["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]
    intent = await api.ok("GET", f"/v1/payment_intents/{payment}", {"expand": ["latest_charge"]})
    assert (intent["amount_received"], intent["description"]) == (1500, "Subscription creation")
    assert intent["payment_details"]["order_reference"] == subscription["latest_invoice"]["id"][:25]
    assert intent["latest_charge"]["paid"] is True
