"""What comes after a payment: disputes, refunds that end later, larger holds; and tokens of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
DISPUTED = ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.updated"]


async def pay(api: Api, method: str, **more: Any) -> Any:
    params = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": method, **more}
    return await api.ok("POST", "/v1/payment_intents", params)


async def disputed(api: Api, method: str) -> Any:
    intent = await pay(api, method)
    return (await api.ok("GET", "/v1/disputes", {"payment_intent": intent["id"]}))["data"][0]


async def test_a_disputed_card(api: Api) -> None:
    dispute = await disputed(api, "pm_card_createDispute")
    assert await api.events() == PAID + DISPUTED
    assert (dispute["status"], dispute["reason"], dispute["id"][:3]) == ("needs_response", "fraudulent", "du_")
    assert dispute["payment_method_details"]["card"]["case_type"] == "chargeback"
    assert [(one["amount"], one["fee"], one["net"]) for one in dispute["balance_transactions"]] == [
        (-2000, 1500, -3500)
    ]
    charge = await api.ok("GET", f"/v1/charges/{dispute['charge']}")
    assert charge["disputed"] is True
    refused = await api.post("/v1/refunds", {"charge": charge["id"]})
    assert refused.error["code"] == "charge_disputed"
    path = f"/v1/disputes/{dispute['id']}"
    saved = await api.ok("POST", path, {"evidence": {"customer_name": "A"}, "submit": False, "metadata": {"a": "b"}})
    assert (saved["evidence_details"]["has_evidence"], saved["status"]) == (True, "needs_response")
    sent = await api.ok("POST", path, {"submit": True, "intended_submission_method": "manual"})
    assert (sent["status"], sent["evidence_details"]["submission_count"]) == ("under_review", 1)
    again = await api.post(path, {"evidence": {"customer_name": "B"}})
    assert again.error["message"] == "This dispute is already closed"
    assert (await api.ok("POST", path, {"metadata": {"a": ""}}))["metadata"] == {}
    assert (await api.post(f"{path}/close")).status == 400


@pytest.mark.parametrize(
    "text,status,more",
    [
        ("winning_evidence", "won", ["charge.dispute.funds_reinstated"]),
        ("losing_evidence", "lost", []),
    ],
)
async def test_evidence_decides(api: Api, text: str, status: str, more: list[str]) -> None:
    dispute = await disputed(api, "pm_card_createDisputeProductNotReceived")
    assert dispute["reason"] == "product_not_received"
    params = {"evidence": {"uncategorized_text": text}}
    after = await api.ok("POST", f"/v1/disputes/{dispute['id']}", params)
    assert after["status"] == status
    assert (await api.events())[6:] == ["charge.dispute.updated", "charge.dispute.closed", *more]
    assert sum(one["net"] for one in after["balance_transactions"]) == (0 if status == "won" else -3500)


async def test_an_inquiry_that_escalates(api: Api) -> None:
    dispute = await disputed(api, "pm_card_createDisputeInquiry")
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    params = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    after = await api.ok("POST", f"/v1/disputes/{dispute['id']}", params)
    assert (after["status"], after["payment_method_details"]["card"]["case_type"]) == ("needs_response", "chargeback")
    assert (await api.ok("GET", f"/v1/charges/{dispute['charge']}"))["disputed"] is True
    lost = await api.ok("POST", f"/v1/disputes/{dispute['id']}/close")
    assert (lost["status"], len(lost["balance_transactions"])) == ("lost", 1)


async def test_an_inquiry_that_is_closed(api: Api) -> None:
    dispute = await disputed(api, "pm_card_createDisputeInquiry")
    closed = await api.ok("POST", f"/v1/disputes/{dispute['id']}/close")
    assert closed["status"] == "warning_closed"


async def test_an_inquiry_about_a_payment_that_is_refunded(api: Api) -> None:
    """docs.stripe.com/api/disputes/object, is_charge_refundable: until the payment is fully refunded."""
    dispute = await disputed(api, "pm_card_createDisputeInquiry")
    assert dispute["is_charge_refundable"] is True
    await api.ok("POST", "/v1/refunds", {"charge": dispute["charge"], "amount": 500})
    assert (await api.ok("GET", f"/v1/disputes/{dispute['id']}"))["is_charge_refundable"] is True
    await api.ok("POST", "/v1/refunds", {"charge": dispute["charge"]})
    after = await api.ok("GET", f"/v1/disputes/{dispute['id']}")
    assert (after["is_charge_refundable"], after["status"]) == (False, "warning_needs_response")
    assert (await api.events()).count("charge.dispute.updated") == 1


@pytest.mark.parametrize("late", [False, True])
async def test_evidence_after_its_day_says_so(api: Api, late: bool) -> None:
    await api.advance(0)
    dispute = await disputed(api, "pm_card_createDispute")
    due = dispute["evidence_details"]["due_by"]
    await api.freeze(due + late)
    path = f"/v1/disputes/{dispute['id']}"
    saved = await api.ok("POST", path, {"evidence": {"customer_name": "A"}, "submit": False})
    assert saved["evidence_details"]["past_due"] is False  # nothing was submitted yet
    sent = await api.ok("POST", path, {"submit": True})
    assert sent["evidence_details"]["past_due"] is late


async def test_disputes_under_their_charge(api: Api) -> None:
    charge = await api.ok("POST", "/v1/charges", {"amount": 500, "currency": "usd", "source": "tok_createDispute"})
    path = f"/v1/charges/{charge['id']}/dispute"
    assert (await api.ok("GET", path))["status"] == "needs_response"
    await api.ok("POST", path, {"evidence": {"customer_name": "A"}, "submit": False})
    assert (await api.ok("POST", f"{path}/close"))["status"] == "lost"
    plain = await api.ok("POST", "/v1/charges", {"amount": 500, "currency": "usd", "source": "tok_visa"})
    assert (await api.get(f"/v1/charges/{plain['id']}/dispute")).status == 404


async def test_a_held_payment_is_not_disputed_yet(api: Api) -> None:
    await pay(api, "pm_card_createDispute", capture_method="manual")
    assert (await api.ok("GET", "/v1/disputes"))["data"] == []


# ---- refunds


async def test_a_refund_that_fails_later(api: Api) -> None:
    await api.advance(0)
    intent = await pay(api, "pm_card_refundFail")
    refund = await api.ok("POST", "/v1/refunds", {"payment_intent": intent["id"]})
    assert refund["status"] == "succeeded"
    await api.advance(2)
    after = await api.ok("GET", f"/v1/refunds/{refund['id']}", {"expand": ["charge", "failure_balance_transaction"]})
    assert (after["status"], after["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert after["failure_balance_transaction"]["amount"] == 2000
    assert (after["charge"]["amount_refunded"], after["charge"]["refunded"]) == (0, False)
    assert "refund.failed" in await api.events()


async def test_a_refund_that_is_pending(api: Api) -> None:
    await api.advance(0)
    intent = await pay(api, "pm_card_pendingRefund")
    refund = await api.ok("POST", "/v1/refunds", {"payment_intent": intent["id"]})
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    await api.advance(2)
    after = await api.ok("GET", f"/v1/refunds/{refund['id']}")
    assert (after["status"], "pending_reason" in after) == ("succeeded", False)
    assert "refund.updated" in await api.events()


# ---- holds


async def test_a_hold_grows(api: Api) -> None:
    options = {"card": {"request_incremental_authorization": "if_available"}}
    intent = await pay(api, "pm_card_visa", capture_method="manual", payment_method_options=options)
    path = f"/v1/payment_intents/{intent['id']}/increment_authorization"
    grown = await api.ok("POST", path, {"amount": 2500, "description": "more", "expand": ["latest_charge"]})
    assert (grown["amount"], grown["amount_capturable"], grown["description"]) == (2500, 2500, "more")
    assert grown["latest_charge"]["payment_method_details"]["card"]["amount_authorized"] == 2500
    assert (await api.events())[-1] == "payment_intent.amount_capturable_updated"
    assert (await api.post(path, {"amount": 2500})).error["param"] == "amount"
    done = await api.ok("POST", f"/v1/payment_intents/{intent['id']}/capture")
    assert done["amount_received"] == 2500
    assert (await api.post(path, {"amount": 3000})).error["code"] == "payment_intent_unexpected_state"
    plain = await pay(api, "pm_card_visa", capture_method="manual")
    refused = await api.post(f"/v1/payment_intents/{plain['id']}/increment_authorization", {"amount": 2500})
    assert refused.status == 400


# ---- tokens


BANK = {"country": "US", "currency": "usd", "routing_number": "110000000", "account_number": "000123456789"}


@pytest.mark.parametrize(
    "params,type,prefix",
    [
        ({"bank_account": BANK}, "bank_account", "btok_"),
        ({"pii": {"id_number": "000000000"}}, "pii", "pii_"),
        ({"account": {"individual": {"first_name": "A"}, "tos_shown_and_accepted": True}}, "account", "ct_"),
        ({"person": {"first_name": "A", "relationship": {"owner": True}}}, "person", "cpt_"),
        ({"cvc_update": {"cvc": "123"}}, "cvc_update", "cvctok_"),
    ],
)
async def test_tokens_of_every_kind(api: Api, params: dict[str, Any], type: str, prefix: str) -> None:
    token = await api.ok("POST", "/v1/tokens", params)
    assert (token["type"], token["used"]) == (type, False)
    assert token["id"].startswith(prefix + "1")
    assert await api.ok("GET", f"/v1/tokens/{token['id']}") == token


async def test_tokens_of_a_customer_and_of_two_things(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    token = await api.ok("POST", "/v1/tokens", {"customer": customer["id"]})
    assert (token["card"]["last4"], token["card"]["customer"]) == ("4242", None)
    assert (await api.post("/v1/tokens", {"pii": {"id_number": "1"}, "cvc_update": {"cvc": "123"}})).status == 400
    other = await api.ok("POST", "/v1/customers")
    assert (await api.post("/v1/tokens", {"customer": other["id"]})).status == 402
    assert (await api.post("/v1/tokens")).error["param"] == "card"


async def test_bank_accounts_of_a_customer(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers")
    folder = f"/v1/customers/{customer['id']}/sources"
    token = await api.ok("POST", "/v1/tokens", {"bank_account": {**BANK, "account_holder_type": "individual"}})
    bank = await api.ok("POST", folder, {"source": token["id"], "metadata": {"a": "b"}})
    assert (bank["object"], bank["status"], bank["metadata"]) == ("bank_account", "new", {"a": "b"})
    assert (await api.post(folder, {"source": token["id"]})).error["code"] == "token_already_used"
    assert (await api.post(folder, {"source": "btok_no"})).error["message"] == "No such token: 'btok_no'"
    wrong = await api.post(f"{folder}/{bank['id']}/verify", {"amounts": [1, 2]})
    assert wrong.status == 402
    assert (await api.post(f"{folder}/{bank['id']}/verify", {"amounts": [1]})).status == 400
    assert (await api.post(f"{folder}/{bank['id']}/verify")).error["param"] == "amounts"
    assert (await api.post(f"{folder}/ba_no/verify", {"amounts": [32, 45]})).status == 404
    assert (await api.ok("POST", f"{folder}/{bank['id']}/verify", {"amounts": [32, 45]}))["status"] == "verified"
    assert (await api.post(f"{folder}/{bank['id']}/verify", {"amounts": [32, 45]})).status == 400
    ready = await api.ok("POST", folder, {"source": "btok_us_verified"})
    typed = await api.ok("POST", folder, {"bank_account": BANK})
    assert (ready["status"], typed["last4"]) == ("verified", "6789")
    listed = await api.ok("GET", folder, {"object": "bank_account"})
    assert [one["id"] for one in listed["data"]] == [typed["id"], ready["id"], bank["id"]]
    renamed = await api.ok("POST", f"{folder}/{bank['id']}", {"account_holder_name": "B"})
    assert renamed["account_holder_name"] == "B"
    copied = await api.ok("POST", "/v1/tokens", {"bank_account": BANK})
    assert copied["bank_account"]["customer"] is None
    gone = await api.ok("DELETE", f"{folder}/{bank['id']}")
    assert gone == {"id": bank["id"], "object": "bank_account", "deleted": True}


# ---- confirmation tokens


async def test_a_confirmation_token_is_used_once(api: Api) -> None:
    await api.advance(0)
    shipping = {"name": "A", "address": {"line1": "1 Main St"}}
    params = {"payment_method": "pm_card_visa", "return_url": "https://example.com/back", "shipping": shipping}
    token = await api.ok(
        "POST", "/v1/test_helpers/confirmation_tokens", {**params, "setup_future_usage": "off_session"}
    )
    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    given = {"amount": 2000, "currency": "usd", "confirm": True, "confirmation_token": token["id"]}
    intent = await api.ok("POST", "/v1/payment_intents", given)
    assert (intent["status"], intent["shipping"]["name"], intent["setup_future_usage"]) == (
        "succeeded", "A", "off_session",
    )  # fmt: skip
    assert (await api.ok("GET", f"/v1/confirmation_tokens/{token['id']}"))["payment_intent"] == intent["id"]
    assert "already been used" in (await api.post("/v1/payment_intents", given)).error["message"]
    unknown = await api.post("/v1/payment_intents", {**given, "confirmation_token": "ctoken_no"})
    assert (unknown.status, unknown.error["param"]) == (400, "confirmation_token")
    assert (await api.post("/v1/test_helpers/confirmation_tokens")).status == 400
    data = {"payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}}
    old = await api.ok("POST", "/v1/test_helpers/confirmation_tokens", data)
    other = await api.ok("POST", "/v1/test_helpers/confirmation_tokens", data)
    setup = await api.ok("POST", "/v1/setup_intents", {"confirm": True, "confirmation_token": old["id"]})
    assert setup["status"] == "succeeded"
    await api.advance("12h")
    late = await api.post("/v1/setup_intents", {"confirm": True, "confirmation_token": other["id"]})
    assert late.error["message"].endswith("has expired.")


async def test_a_confirmation_token_on_an_intent_that_waits(api: Api) -> None:
    token = await api.ok("POST", "/v1/test_helpers/confirmation_tokens", {"payment_method": "pm_card_mastercard"})
    intent = await api.ok("POST", "/v1/payment_intents", {"amount": 2000, "currency": "usd"})
    done = await api.ok("POST", f"/v1/payment_intents/{intent['id']}/confirm", {"confirmation_token": token["id"]})
    assert done["status"] == "succeeded"
    token = await api.ok("POST", "/v1/test_helpers/confirmation_tokens", {"payment_method": "pm_card_mastercard"})
    setup = await api.ok("POST", "/v1/setup_intents")
    done = await api.ok("POST", f"/v1/setup_intents/{setup['id']}/confirm", {"confirmation_token": token["id"]})
    assert done["status"] == "succeeded"
