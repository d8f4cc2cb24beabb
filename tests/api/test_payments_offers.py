"""Which kinds of payment an intent takes, and what a confirmation must say about redirects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_types_of_an_intent(api: Api) -> None:
    params = {"amount": 2000, "currency": "eur", "allowed_payment_method_types": ["card", "sepa_debit", "cashapp"]}
    intent = await api.ok("POST", "/v1/payment_intents", params)
    assert intent["payment_method_types"] == ["card", "sepa_debit"]
    assert intent["allowed_payment_method_types"] == ["card", "sepa_debit", "cashapp"]
    answer = await api.post(f"/v1/payment_intents/{intent['id']}", {"payment_method": "pm_usBankAccount_success"})
    assert answer.error["message"] == (
        "The PaymentMethod provided (us_bank_account) is not allowed for this PaymentIntent. Please attach a "
        "PaymentMethod of one of the following types: card, sepa_debit."
    )
    confirmed = await api.post(
        f"/v1/payment_intents/{intent['id']}/confirm", {"payment_method": "pm_bacsDebit_success"}
    )
    assert confirmed.error["code"] == "payment_intent_incompatible_payment_method"
    both = await api.post("/v1/payment_intents", {**params, "automatic_payment_methods": {"enabled": True}})
    assert both.status == 400
    older = {"Stripe-Version": "2026-08-26.dahlia"}
    named = {"amount": 2000, "currency": "usd", "payment_method_types": ["us_bank_account"]}
    intent = await api.ok("POST", "/v1/payment_intents", named, headers=older)
    assert intent["payment_method_types"] == ["us_bank_account"]
    refused = await api.post("/v1/payment_intents", {**named, "payment_method": "pm_card_visa"}, headers=older)
    assert refused.error["message"].endswith("one of the following types: us_bank_account.")


async def test_configurations_decide_what_is_offered(api: Api) -> None:
    listed = await api.ok("GET", "/v1/payment_method_configurations")
    default = listed["data"][0]
    assert (default["is_default"], default["card"]["available"], default["sepa_debit"]["available"]) == (
        True, True, False,
    )  # fmt: skip
    on = {"sepa_debit": {"display_preference": {"preference": "on"}}}
    changed = await api.ok("POST", f"/v1/payment_method_configurations/{default['id']}", on)
    assert changed["sepa_debit"] == {
        "available": True, "display_preference": {"overridable": None, "preference": "on", "value": "on"},
    }  # fmt: skip
    intent = await api.ok("POST", "/v1/payment_intents", {"amount": 2000, "currency": "eur"})
    assert intent["payment_method_types"] == ["card", "link", "sepa_debit"]
    assert intent["payment_method_configuration_details"] == {"id": default["id"], "parent": None}
    off = {"name": "Cards", "link": {"display_preference": {"preference": "off"}}}
    own = await api.ok("POST", "/v1/payment_method_configurations", off)
    params = {"amount": 2000, "currency": "eur", "payment_method_configuration": own["id"]}
    assert (await api.ok("POST", "/v1/payment_intents", params))["payment_method_types"] == ["card"]
    answer = await api.post(f"/v1/payment_method_configurations/{default['id']}", {"active": False})
    assert answer.status == 400
    renamed = await api.ok("POST", f"/v1/payment_method_configurations/{own['id']}", {"active": False, "name": "Z"})
    assert (renamed["active"], renamed["name"]) == (False, "Z")
    assert (await api.get("/v1/payment_method_configurations/pmc_no")).status == 404
    assert (await api.post("/v1/payment_method_configurations", {"parent": "pmc_no"})).status == 400
    missing = await api.post("/v1/payment_intents", {**params, "payment_method_configuration": "pmc_no"})
    assert missing.error["param"] == "payment_method_configuration"


async def test_a_payment_that_may_not_wait(api: Api) -> None:
    params = {"amount": 2000, "currency": "usd", "confirm": True, "error_on_requires_action": True}
    answer = await api.post("/v1/payment_intents", {**params, "payment_method": "pm_card_threeDSecure2Required"})
    assert (answer.status, answer.error["decline_code"]) == (402, "authentication_not_handled")
    wallet = {"payment_method_data": {"type": "paypal"}, "return_url": "https://example.com/back"}
    answer = await api.post("/v1/payment_intents", {**params, **wallet})
    assert answer.error["payment_intent"]["status"] == "requires_payment_method"


async def test_where_to_come_back_to(api: Api) -> None:
    default = (await api.ok("GET", "/v1/payment_method_configurations"))["data"][0]
    on = {"paypal": {"display_preference": {"preference": "on"}}}
    await api.ok("POST", f"/v1/payment_method_configurations/{default['id']}", on)
    params = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    answer = await api.post("/v1/payment_intents", params)
    assert "you must provide a `return_url`" in answer.error["message"]
    answer = await api.post("/v1/setup_intents", {"confirm": True, "payment_method": "pm_card_visa"})
    assert answer.error["message"].startswith("This SetupIntent is configured")
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    assert (await api.ok("POST", "/v1/payment_intents", {**params, **never}))["status"] == "succeeded"
