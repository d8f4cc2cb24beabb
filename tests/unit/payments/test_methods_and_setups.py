"""Payment methods, tokens, legacy cards and setup intents."""

from __future__ import annotations

import pytest

from emulator.payments import cards, setup_intents, sources, tokens
from emulator.payments import payment_methods as pm
from tests.support.refusals import refused

TYPED = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2027, "cvc": "314"}


async def joined(ctx):
    return await pm.join(ctx, await pm.resolve(ctx, "pm_card_visa"), "cus_1")


async def test_typed_card_as_recorded(ctx):
    method = await pm.create(ctx, {}, {"type": "card", "card": TYPED})
    card = method["card"]
    assert (card["brand"], card["last4"], card["exp_month"], card["exp_year"]) == ("visa", "4242", 12, 2027)
    assert card["checks"] == {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"}
    assert set(method) == {
        "id", "object", "allow_redisplay", "billing_details", "card", "created", "customer", "customer_account", "livemode",
        "metadata", "shared_payment_granted_token", "type",
    }  # fmt: skip


async def test_each_retrieval_of_a_test_name_is_a_new_method(ctx):
    first = await pm.retrieve(ctx, {"payment_method": "pm_card_mastercard"}, {})
    second = await pm.retrieve(ctx, {"payment_method": "pm_card_mastercard"}, {})
    assert first["id"] != second["id"]
    assert (first["card"]["exp_month"], first["card"]["exp_year"]) == (8, 2027)
    assert await pm.retrieve(ctx, {"payment_method": first["id"]}, {}) == first


@pytest.mark.parametrize(
    "card,code,param",
    [
        ({**TYPED, "number": "4242 4242 4242 4241"}, "incorrect_number", "number"),
        ({**TYPED, "number": "4111111111111111"}, "card_declined", None),
        ({**TYPED, "exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({**TYPED, "exp_year": 2025}, "invalid_expiry_year", "exp_year"),
        ({**TYPED, "exp_year": 26, "exp_month": 7}, "invalid_expiry_month", "exp_month"),
        ({**TYPED, "cvc": "1"}, "invalid_cvc", "cvc"),
        ({"exp_month": 1}, "parameter_missing", "card[number]"),
        ({"token": "pm_card_visa"}, None, "token"),
    ],
)
async def test_refused_cards(ctx, card, code, param):
    error = await refused(pm.create(ctx, {}, {"type": "card", "card": card}))
    assert (error.code, error.param) == (code, param)


async def test_other_refusals_of_creation(ctx, monkeypatch):
    assert (await refused(pm.create(ctx, {}, {}))).param == "type"
    error = await refused(pm.create(ctx, {}, {"type": "card", "customer": "cus_1"}))
    assert error.message.startswith("You cannot attach a PaymentMethod to a Customer during PaymentMethod creation.")
    monkeypatch.setattr(cards, "RAW_NUMBERS_ACCEPTED", False)
    error = await refused(pm.create(ctx, {}, {"type": "card", "card": TYPED}))
    assert error.message.startswith("Sending credit card numbers directly to the Stripe API is generally unsafe.")


async def test_bank_accounts(ctx):
    given = {"account_number": "000123456789", "routing_number": "110000000", "account_holder_type": "company"}
    method = await pm.create(ctx, {}, {"type": "us_bank_account", "us_bank_account": given})
    bank = method["us_bank_account"]
    assert (bank["last4"], bank["bank_name"], bank["account_holder_type"]) == ("6789", "STRIPE TEST BANK", "company")
    assert "account_number" not in bank
    sepa = await pm.create(ctx, {}, {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}})
    assert (sepa["sepa_debit"]["country"], sepa["sepa_debit"]["bank_code"]) == ("DE", "37040044")
    assert (await pm.retrieve(ctx, {"payment_method": "pm_success_at"}, {}))["sepa_debit"]["last4"] == "3201"
    assert (await pm.resolve(ctx, "pm_usBankAccount_success"))["us_bank_account"]["last4"] == "6789"
    assert (await pm.create(ctx, {}, {"type": "link"}))["link"] == {"email": None}


async def test_a_copy_has_an_id_of_its_own(ctx):
    first = await pm.resolve(ctx, "pm_card_visa")
    copy = await pm.create(ctx, {}, {"payment_method": first["id"], "customer": "cus_1"})
    assert copy["id"] != first["id"]
    assert copy["card"] == first["card"]


async def test_attach_and_detach(ctx, customer):
    ids = {"payment_method": (await pm.resolve(ctx, "pm_card_visa"))["id"]}
    assert (await refused(pm.attach(ctx, ids, {}))).message == "Must provide customer or customer_account."
    assert (await refused(pm.update(ctx, ids, {}))).message.startswith("You must save this PaymentMethod to a customer")
    method = await pm.attach(ctx, ids, {"customer": "cus_1"})
    assert (method["customer"], method["card"]["checks"]["cvc_check"]) == ("cus_1", "pass")
    assert await pm.attach(ctx, ids, {"customer": "cus_1"}) is method
    ctx.put("customer", {**customer, "id": "cus_2"})
    assert (await refused(pm.attach(ctx, ids, {"customer": "cus_2"}))).message == (
        "The payment method you provided has already been attached to a customer."
    )
    changed = await pm.update(ctx, ids, {"metadata": {"a": "1"}, "card": {"exp_month": 3}, "expand": []})
    assert (changed["metadata"], changed["card"]["exp_month"], changed["card"]["exp_year"]) == ({"a": "1"}, 3, 2027)

    ctx.put("customer", {**customer, "invoice_settings": {"default_payment_method": method["id"]}})
    for id, default in (("sub_1", method["id"]), ("sub_2", "pm_other")):
        ctx.put("subscription", {"id": id, "customer": "cus_1", "default_payment_method": default})
    assert (await pm.detach(ctx, ids, {}))["customer"] is None
    assert (await ctx.need("customer", "cus_1", "x"))["invoice_settings"]["default_payment_method"] is None
    assert (await ctx.need("subscription", "sub_1", "x"))["default_payment_method"] is None
    assert (await ctx.need("subscription", "sub_2", "x"))["default_payment_method"] == "pm_other"
    assert (await refused(pm.detach(ctx, ids, {}))).message.endswith("so detachment is impossible.")
    assert "may not be used again" in (await refused(pm.attach(ctx, ids, {"customer": "cus_1"}))).message


async def test_attach_of_a_declining_card(ctx, customer):
    error = await refused(pm.attach(ctx, {"payment_method": "pm_card_chargeDeclined"}, {"customer": "cus_1"}))
    body = error.members()
    assert (error.status, body["code"], body["param"], body["network_decline_code"]) == (402, "card_declined", "", "01")
    assert not error.keep
    ok = await pm.attach(ctx, {"payment_method": "pm_card_chargeCustomerFail"}, {"customer": "cus_1"})
    assert ok["customer"] == "cus_1"


async def test_lists_hold_the_methods_of_one_customer(ctx, customer):
    method = await joined(ctx)
    assert (await pm.index(ctx, {}, {})).docs == []
    assert (await pm.index(ctx, {}, {"customer": "cus_1"})).docs == [method]
    page = await pm.index_of_customer(ctx, {"customer": "cus_1"}, {})
    assert (page.docs, page.url) == ([method], "/v1/customers/cus_1/payment_methods")
    ids = {"customer": "cus_1", "payment_method": method["id"]}
    assert await pm.retrieve_of_customer(ctx, ids, {}) == method
    ctx.put("customer", {**customer, "id": "cus_2"})
    error = await refused(pm.retrieve_of_customer(ctx, {**ids, "customer": "cus_2"}, {}))
    assert (error.status, error.message, error.param, error.code) == (404, "Invalid request", "customer", None)


async def test_tokens_are_used_once(ctx, customer):
    token = await tokens.create(ctx, {}, {"card": {**TYPED, "name": "A", "address_zip": "1010"}})
    assert (token["card"]["brand"], token["card"]["name"], token["used"]) == ("Visa", "A", False)
    method = await pm.create(ctx, {}, {"type": "card", "card": {"token": token["id"]}})
    assert method["billing_details"]["name"] == "A"
    assert method["billing_details"]["address"]["postal_code"] == "1010"
    error = await refused(pm.create(ctx, {}, {"type": "card", "card": {"token": token["id"]}}))
    assert error.message == f"You cannot use a Stripe token more than once: {token['id']}."
    assert (await refused(tokens.create(ctx, {}, {}))).param == "card"
    assert (await tokens.create(ctx, {}, {"pii": {}}))["id"].startswith("pii_1")
    ctx.put("token", {"id": "tok_9", "type": "bank_account"})
    assert (await refused(cards.from_token(ctx, "tok_9"))).code == "not_emulated"


async def test_the_first_source_becomes_the_default(ctx, customer):
    ids = {"customer": "cus_1"}
    first = await sources.create(ctx, ids, {"source": "tok_visa", "metadata": {"a": "1"}})
    assert (first["object"], first["brand"], first["cvc_check"], first["metadata"]) == (
        "card",
        "Visa",
        "pass",
        {"a": "1"},
    )
    assert (await ctx.need("customer", "cus_1", "x"))["default_source"] == first["id"]
    second = await sources.create(ctx, ids, {"source": {"object": "card", **TYPED}})
    assert (await sources.index(ctx, ids, {})).docs == [second, first]
    assert (await sources.index_cards(ctx, ids, {})).url == "/v1/customers/cus_1/cards"
    one = {"customer": "cus_1", "id": first["id"]}
    assert await sources.retrieve(ctx, one, {}) == first
    assert (await sources.update(ctx, one, {"name": "B", "exp_month": "3", "owner": {}}))["exp_month"] == 3
    assert await sources.delete(ctx, one, {}) == {"id": first["id"], "object": "card", "deleted": True}
    assert (await ctx.need("customer", "cus_1", "x"))["default_source"] == second["id"]
    assert (await refused(sources.retrieve(ctx, one, {}))).message == f"No such source: '{first['id']}'"
    await sources.delete(ctx, {"customer": "cus_1", "id": second["id"]}, {})
    assert (await ctx.need("customer", "cus_1", "x"))["default_source"] is None
    as_method = await sources.create(ctx, ids, {"card": "tok_amex"})
    shown = await pm.retrieve(ctx, {"payment_method": as_method["id"]}, {})
    assert (shown["object"], shown["card"]["brand"], shown["customer"]) == ("payment_method", "amex", "cus_1")


async def test_a_token_of_a_stored_card(ctx, customer):
    card = await sources.made(ctx, "tok_visa", "cus_1")
    token = await tokens.create(ctx, {}, {"card": card["id"], "customer": "cus_1"})
    assert (token["card"]["last4"], token["card"]["customer"]) == ("4242", None)


async def test_a_card_that_is_not_the_default_goes_quietly(ctx, customer):
    first = await sources.create(ctx, {"customer": "cus_1"}, {"source": "tok_visa"})
    second = await sources.create(ctx, {"customer": "cus_1"}, {"source": "tok_amex"})
    await sources.delete(ctx, {"customer": "cus_1", "id": second["id"]}, {})
    await sources.update(ctx, {"customer": "cus_1", "id": first["id"]}, {"name": "B"})
    assert (await ctx.need("customer", "cus_1", "x"))["default_source"] == first["id"]


async def test_a_method_without_its_customer_is_still_detached(ctx, customer):
    method = await joined(ctx)
    ctx.remove("customer", "cus_1")
    assert (await pm.detach(ctx, {"payment_method": method["id"]}, {}))["customer"] is None


async def test_setup_with_a_legacy_card_leaves_it_as_it_is(ctx, customer):
    card = await sources.made(ctx, "tok_visa", "cus_1")
    params = {"customer": "cus_1", "payment_method": card["id"], "confirm": True}
    assert (await setup_intents.create(ctx, {}, params))["status"] == "succeeded"
    assert await ctx.find("payment_method", card["id"]) is None


async def test_refused_sources(ctx, customer):
    ids = {"customer": "cus_1"}
    assert (await refused(sources.create(ctx, ids, {}))).param == "source"
    assert (await refused(sources.create(ctx, ids, {"bank_account": "btok_x"}))).message == "No such token: 'btok_x'"
    assert (await refused(sources.create(ctx, ids, {"source": "src_1"}))).code == "not_emulated"
    assert (await refused(sources.create(ctx, ids, {"source": "what"}))).message == "No such source: 'what'"
    assert (
        await refused(sources.create(ctx, ids, {"source": "tok_nothing"}))
    ).message == "No such token: 'tok_nothing'"
    assert (await refused(sources.create(ctx, ids, {"source": "tok_chargeDeclined"}))).code == "card_declined"
    assert (await refused(pm.retrieve(ctx, {"payment_method": "card_no"}, {}))).status == 404


async def test_a_card_that_a_customer_has_can_be_named(ctx, customer):
    card = await sources.made(ctx, "tok_visa", "cus_1")
    assert await sources.made(ctx, card["id"], "cus_1", "default_source") == card
    error = await refused(sources.made(ctx, card["id"], "cus_2", "default_source"))
    assert (error.status, error.param) == (400, "default_source")


async def test_setup_attaches_then_succeeds(ctx, uow, customer):
    intent = await setup_intents.create(ctx, {}, {"customer": "cus_1", "usage": "on_session"})
    assert (intent["status"], intent["usage"]) == ("requires_payment_method", "off_session")
    assert len(intent["client_secret"]) == 68
    ids = {"intent": intent["id"]}
    error = await refused(setup_intents.confirm(ctx, ids, {}))
    assert error.message.startswith("You cannot confirm this SetupIntent because it's missing a payment method.")
    done = await setup_intents.confirm(ctx, ids, {"payment_method": "pm_card_visa"})
    assert done["status"] == "succeeded"
    assert [kind for kind, _ in uow.puts[-3:]] == ["payment_method", "setup_attempt", "setup_intent"]
    assert (await ctx.need("payment_method", done["payment_method"], "x"))["customer"] == "cus_1"
    assert (await ctx.need("setup_attempt", done["latest_attempt"], "x"))["status"] == "succeeded"
    assert (await refused(setup_intents.confirm(ctx, ids, {}))).message == (
        "You cannot confirm this SetupIntent because it has already succeeded."
    )
    assert "has a status of succeeded" in (await refused(setup_intents.cancel(ctx, ids, {}))).message
    assert (await refused(setup_intents.update(ctx, ids, {"payment_method": "pm_card_visa"}))).message == (
        "You cannot update this SetupIntent because it has already succeeded."
    )
    assert (await refused(setup_intents.verify_microdeposits(ctx, ids, {}))).code == "intent_invalid_state"


async def test_setup_declines(ctx, customer):
    params = {"customer": "cus_1", "payment_method": "pm_card_chargeDeclinedExpiredCard", "confirm": True}
    error = await refused(setup_intents.create(ctx, {}, params))
    body = error.members()
    assert (error.keep, body["code"], body["decline_code"], body["param"]) == (
        True,
        "expired_card",
        "expired_card",
        "exp_month",
    )
    intent = body["setup_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_setup_error"]["payment_method"]["card"]["checks"]["cvc_check"] == "pass"


async def test_setup_with_three_d_secure(ctx):
    params = {
        "payment_method": "pm_card_authenticationRequiredOnSetup",
        "confirm": True,
        "return_url": "https://a.test",
    }
    waiting = await setup_intents.create(ctx, {}, params)
    assert (waiting["status"], waiting["next_action"]["type"]) == ("requires_action", "redirect_to_url")
    done = await setup_intents.authenticate(ctx, {"intent": waiting["id"]}, {})
    assert done["status"] == "succeeded"
    assert await pm.is_set_up(ctx, done["payment_method"])
    assert (
        await refused(setup_intents.authenticate(ctx, {"intent": waiting["id"]}, {}))
    ).code == "intent_invalid_state"
    other = await setup_intents.create(ctx, {}, params)
    failed = await setup_intents.authenticate(ctx, {"intent": other["id"]}, {"outcome": "fail"})
    assert failed["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    spent = await refused(setup_intents.create(ctx, {}, {"payment_method": done["payment_method"], "confirm": True}))
    assert "may not be used again" in spent.message


async def test_setup_update_and_cancel(ctx, customer):
    intent = await setup_intents.create(ctx, {}, {})
    ids = {"intent": intent["id"]}
    owned = await joined(ctx)
    error = await refused(setup_intents.update(ctx, ids, {"payment_method": owned["id"]}))
    assert error.message.endswith("Please include the Customer in the `customer` parameter on the SetupIntent.")
    after = await setup_intents.update(
        ctx, ids, {"customer": "cus_1", "payment_method": owned["id"], "description": "d"}
    )
    assert (after["status"], after["description"]) == ("requires_confirmation", "d")
    ctx.put("customer", {**customer, "id": "cus_2"})
    error = await refused(setup_intents.update(ctx, ids, {"customer": "cus_2", "payment_method": owned["id"]}))
    assert "does not belong to the Customer you supplied cus_2" in error.message
    assert (await setup_intents.update(ctx, ids, {"customer": None}))["customer"] is None
    canceled = await setup_intents.cancel(ctx, ids, {"cancellation_reason": "abandoned"})
    assert (canceled["status"], canceled["payment_method"]) == ("canceled", owned["id"])
    assert (await refused(setup_intents.cancel(ctx, ids, {}))).message.endswith("because it is already canceled.")
    assert (await refused(setup_intents.confirm(ctx, ids, {}))).message.endswith("because it has been canceled.")


async def test_setup_of_a_bank_account(ctx, customer):
    data = {"type": "us_bank_account", "us_bank_account": {"account_number": "000123456789"}}
    agreed = {"mandate_data": {"customer_acceptance": {"type": "offline"}}}
    given = {"customer": "cus_1", "payment_method_data": data, "confirm": True, **agreed}
    done = await setup_intents.create(ctx, {}, given)
    assert done["next_action"]["type"] == "verify_with_microdeposits"
    done = await setup_intents.verify_microdeposits(ctx, {"intent": done["id"]}, {"descriptor_code": "SM11AA"})
    assert done["status"] == "succeeded"
    named = {"customer": "cus_1", "payment_method": "pm_usBankAccount_success", "confirm": True, **agreed}
    done = await setup_intents.create(ctx, {}, named)
    assert done["status"] == "succeeded"
    assert (await ctx.need("mandate", done["mandate"], "x"))["type"] == "multi_use"
