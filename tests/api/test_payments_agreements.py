"""Test cards with an aftermath, agreements to debits, and numbers that no bank has given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

PAY = {"amount": 2000, "currency": "usd", "confirm": True, "return_url": "https://example.com"}
ONLINE = {"customer_acceptance": {"type": "online", "online": {"ip_address": "10.1.2.3", "user_agent": "Mosaic"}}}
DEBIT = {"amount": 2000, "currency": "eur", "confirm": True, "payment_method": "pm_success_de"}


async def disputes_of(api: Api, name: str) -> Any:
    intent = await api.ok("POST", "/v1/payment_intents", {**PAY, "payment_method": f"pm_card_{name}"})
    return (await api.ok("GET", "/v1/disputes", {"payment_intent": intent["id"]}))["data"]


async def test_an_early_fraud_warning(api: Api) -> None:
    assert await disputes_of(api, "createIssuerFraudRecord") == []
    assert (await api.events())[-1] == "radar.early_fraud_warning.created"
    warning = (await api.ok("GET", "/v1/radar/early_fraud_warnings"))["data"][0]
    assert (warning["actionable"], warning["charge"][:3], warning["payment_intent"][:3]) == (True, "ch_", "pi_")


@pytest.mark.parametrize("what", ["refund", "parts", "dispute"])
async def test_a_warning_is_over_when_the_payment_is_refunded_or_disputed(api: Api, what: str) -> None:
    """docs.stripe.com/api/radar/early_fraud_warnings/object: actionable without a dispute and not fully refunded."""
    await disputes_of(api, "createIssuerFraudRecord")
    path = "/v1/radar/early_fraud_warnings"
    warning = (await api.ok("GET", path))["data"][0]
    if what == "dispute":
        answer = await api.call("POST", "/_emulator/acts/open_dispute", {"object": warning["charge"]})
        assert answer.status == 200, answer.text
    for amount in {"refund": [2000], "parts": [500, 1500]}.get(what, []):
        assert (await api.ok("GET", path))["data"][0]["actionable"] is True
        await api.ok("POST", "/v1/refunds", {"charge": warning["charge"], "amount": amount})
    assert (await api.ok("GET", path))["data"][0]["actionable"] is False
    told = [one for one in await api.happened() if one["type"] == "radar.early_fraud_warning.updated"]
    assert [one["data"]["previous_attributes"] for one in told] == [{"actionable": True}]


async def test_a_payment_that_is_disputed_twice(api: Api) -> None:
    found = await disputes_of(api, "createMultipleDisputes")
    assert [(one["amount"], one["status"]) for one in found] == [(1000, "needs_response")] * 2
    charge = await api.ok("GET", f"/v1/charges/{found[0]['charge']}")
    assert (charge["disputed"], charge["dispute"]) == (True, found[0]["id"])


@pytest.mark.parametrize(
    ("name", "reason", "kind", "enhanced", "code"),
    [
        ("createCe3EligibleDispute", "fraudulent", "chargeback", "visa_compelling_evidence_3", "10.4"),
        ("createComplianceDispute", "noncompliant", "compliance", "visa_compliance", None),
        ("createMastercardComplianceDispute", "noncompliant", "compliance", "mastercard_compliance", None),
        ("createDisputeProductNotReceived", "product_not_received", "chargeback", None, "13.1"),
    ],
)
async def test_kinds_of_disputes(
    api: Api, name: str, reason: str, kind: str, enhanced: str | None, code: str | None
) -> None:
    dispute = (await disputes_of(api, name))[0]
    card = dispute["payment_method_details"]["card"]
    assert (dispute["reason"], card["case_type"], card["network_reason_code"]) == (reason, kind, code)
    assert dispute["enhanced_eligibility_types"] == ([] if enhanced is None else [enhanced])
    assert list(dispute["evidence_details"]["enhanced_eligibility"]) == dispute["enhanced_eligibility_types"]


async def test_a_hold_is_disputed_once_it_is_captured(api: Api) -> None:
    params = {**PAY, "payment_method": "pm_card_createDispute", "capture_method": "manual"}
    intent = await api.ok("POST", "/v1/payment_intents", params)
    assert (await api.ok("GET", "/v1/disputes"))["data"] == []
    await api.ok("POST", f"/v1/payment_intents/{intent['id']}/capture")
    assert (await api.ok("GET", "/v1/disputes"))["data"][0]["charge"] == intent["latest_charge"]


async def test_a_lost_inquiry_takes_no_money(api: Api) -> None:
    dispute = (await disputes_of(api, "createDisputeInquiry"))[0]
    params = {"evidence": {"uncategorized_text": "losing_evidence"}}
    after = await api.ok("POST", f"/v1/disputes/{dispute['id']}", params)
    assert (after["status"], after["balance_transactions"]) == ("warning_closed", [])


@pytest.mark.parametrize(("country", "brand"), [("hr", "visa"), ("cl", "visa"), ("gb_mastercard", "mastercard")])
async def test_cards_of_many_countries(api: Api, country: str, brand: str) -> None:
    made = await api.ok("POST", "/v1/payment_methods", {"type": "card", "card": {"token": f"tok_{country}"}})
    assert (made["card"]["country"], made["card"]["brand"]) == (country[:2].upper(), brand)


@pytest.mark.parametrize("more", [{}, {"setup_future_usage": "off_session"}])
async def test_nobody_is_debited_without_a_word(api: Api, more: dict[str, str]) -> None:
    answer = await api.post("/v1/payment_intents", {**DEBIT, **more})
    assert (answer.status, answer.error["payment_intent"]["status"]) == (400, "requires_confirmation")
    assert "mandate" in answer.error["message"]
    assert await api.events() == []
    params = {"confirm": True, "payment_method": "pm_usBankAccount_success"}
    answer = await api.post("/v1/setup_intents", params)
    assert (answer.status, answer.error["param"]) == (400, "mandate_data")


async def test_the_agreement_stands_in_the_mandate(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    params = {**DEBIT, "customer": customer["id"], "setup_future_usage": "off_session", "expand": ["latest_charge"]}
    intent = await api.ok("POST", "/v1/payment_intents", {**params, "mandate_data": ONLINE})
    id = intent["latest_charge"]["payment_method_details"]["sepa_debit"]["mandate"]
    mandate = await api.ok("GET", f"/v1/mandates/{id}")
    assert mandate["customer_acceptance"]["online"] == ONLINE["customer_acceptance"]["online"]
    # What was agreed to once holds for later payments.
    params = {**DEBIT, "customer": customer["id"], "payment_method": intent["payment_method"], "off_session": True}
    again = await api.ok("POST", "/v1/payment_intents", {**params, "expand": ["latest_charge"]})
    assert again["latest_charge"]["payment_method_details"]["sepa_debit"]["mandate"] == id


async def test_the_agreement_is_kept_until_the_deposits_are_proven(api: Api) -> None:
    account = {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "individual"}
    data = {"type": "us_bank_account", "us_bank_account": account, "billing_details": {"name": "Ada"}}
    params = {"confirm": True, "payment_method_data": data, "mandate_data": ONLINE}
    setup = await api.ok("POST", "/v1/setup_intents", params)
    done = await api.ok("POST", f"/v1/setup_intents/{setup['id']}/verify_microdeposits", {"amounts": [32, 45]})
    mandate = await api.ok("GET", f"/v1/mandates/{done['mandate']}")
    assert mandate["customer_acceptance"]["type"] == "online"


@pytest.mark.parametrize(
    ("type", "details", "code"),
    [
        ("sepa_debit", {"iban": "XX00"}, "invalid_bank_account_iban"),
        ("sepa_debit", {"iban": "DE89370400440532013001"}, "invalid_bank_account_iban"),
        (
            "us_bank_account",
            {"account_number": "000123456789", "routing_number": "110000001"},
            "routing_number_invalid",
        ),
        ("us_bank_account", {"account_number": "000123456789", "routing_number": "12"}, "routing_number_invalid"),
    ],
)
async def test_numbers_that_cannot_be(api: Api, type: str, details: dict[str, str], code: str) -> None:
    params = {"type": type, type: details, "billing_details": {"name": "Ada", "email": "ada@example.com"}}
    answer = await api.post("/v1/payment_methods", params)
    assert (answer.status, answer.error["code"]) == (400, code)


async def test_a_spaced_iban_is_one(api: Api) -> None:
    data = {"iban": "de89 3704 0044 0532 0130 00"}
    params = {"type": "sepa_debit", "sepa_debit": data, "billing_details": {"name": "A", "email": "a@example.com"}}
    assert (await api.ok("POST", "/v1/payment_methods", params))["sepa_debit"]["last4"] == "3000"


async def test_only_some_reasons_may_be_given(api: Api) -> None:
    intent = await api.ok("POST", "/v1/payment_intents", {"amount": 2000, "currency": "usd"})
    answer = await api.post(f"/v1/payment_intents/{intent['id']}/cancel", {"cancellation_reason": "void_invoice"})
    assert answer.error["message"] == (
        "Invalid cancellation_reason: must be one of duplicate, fraudulent, requested_by_customer, or abandoned"
    )
