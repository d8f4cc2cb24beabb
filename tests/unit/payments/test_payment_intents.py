"""Payment intents from making to the end."""

from __future__ import annotations

import pytest

from emulator.payments import payment_intents as pi
from emulator.payments import payment_methods as pm
from tests.support.refusals import refused


async def made(ctx, **params):
    return await pi.create(ctx, {}, {"amount": 2500, "currency": "USD", **params})


async def test_create_waits_for_a_payment_method(ctx):
    intent = await made(ctx)
    assert intent["status"] == "requires_payment_method"
    assert (intent["amount"], intent["currency"]) == (2500, "usd")
    assert intent["automatic_payment_methods"] == {"allow_redirects": "always", "enabled": True}
    assert intent["client_secret"].startswith(intent["id"] + "_secret_")
    assert len(intent["client_secret"]) == 60


async def test_create_with_a_method_waits_for_confirmation(ctx):
    intent = await made(
        ctx, payment_method="pm_card_mastercard", payment_method_types=["card"], capture_method="manual"
    )
    assert intent["status"] == "requires_confirmation"
    assert intent["automatic_payment_methods"] is None
    held = await pi.confirm(ctx, {"intent": intent["id"]}, {})
    assert (held["status"], held["amount_capturable"], held["amount_received"]) == ("requires_capture", 2500, 0)
    charge = await ctx.need("charge", held["latest_charge"], "x")
    assert (charge["captured"], charge["paid"], charge["balance_transaction"]) == (False, True, None)
    done = await pi.capture(ctx, {"intent": intent["id"]}, {"amount_to_capture": 1000})
    assert (done["status"], done["amount_capturable"], done["amount_received"]) == ("succeeded", 0, 1000)
    charge = await ctx.need("charge", held["latest_charge"], "x")
    assert (charge["amount_captured"], charge["amount_refunded"], charge["captured"]) == (1000, 1500, True)


async def test_success_in_the_order_of_the_events(ctx, uow):
    intent = await made(ctx, payment_method="pm_card_visa", confirm=True)
    assert intent["status"] == "succeeded"
    assert uow.puts == [
        ("payment_method", ""),
        ("payment_intent", "requires_confirmation"),
        ("charge", "succeeded"),
        ("balance_transaction", "pending"),
        ("_spent_payment_method", ""),
        ("payment_intent", "succeeded"),
    ]
    charge = await ctx.need("charge", intent["latest_charge"], "x")
    assert charge["id"][:-7] == intent["id"].replace("pi_", "ch_")[:-7]
    transaction = await ctx.need("balance_transaction", charge["balance_transaction"], "x")
    assert (transaction["amount"], transaction["fee"], transaction["net"]) == (2500, 103, 2397)
    assert (await refused(made(ctx, payment_method=intent["payment_method"], confirm=True))).message.startswith(
        "The provided PaymentMethod was previously used"
    )


@pytest.mark.parametrize(
    "name,members",
    [
        ("chargeDeclined", ("card_declined", "generic_decline", None, "try_again_later", None, "01")),
        (
            "chargeDeclinedInsufficientFunds",
            ("card_declined", "insufficient_funds", None, "try_again_later", "02", "51"),
        ),
        ("chargeDeclinedExpiredCard", ("expired_card", "expired_card", "exp_month", "confirm_card_data", "03", "54")),
        ("chargeDeclinedIncorrectCvc", ("incorrect_cvc", "incorrect_cvc", "cvc", "confirm_card_data", "03", "N7")),
        (
            "chargeDeclinedProcessingError",
            ("processing_error", "processing_error", None, "try_again_later", None, "06"),
        ),
        (
            "visa_chargeDeclinedVelocityLimitExceeded",
            ("card_declined", "card_velocity_exceeded", None, "try_again_later", "02", "61"),
        ),
    ],
)
async def test_declines_carry_what_was_recorded(ctx, uow, name, members):
    error = await refused(made(ctx, payment_method="pm_card_" + name, confirm=True))
    body = error.members()
    keys = ("code", "decline_code", "param", "advice_code", "network_advice_code", "network_decline_code")
    assert tuple(body.get(key) for key in keys) == members
    assert (error.status, error.keep, body["type"]) == (402, True, "card_error")
    intent = body["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["latest_charge"] == body["charge"]
    assert intent["last_payment_error"]["charge"] == body["charge"]
    assert list(intent["last_payment_error"]) == sorted(intent["last_payment_error"])
    assert body["payment_method"]["card"]["checks"]["cvc_check"] == "pass"
    assert uow.puts[-2:] == [("charge", "failed"), ("payment_intent", "requires_payment_method")]
    charge = await ctx.need("charge", body["charge"], "x")
    assert (charge["failure_code"], charge["outcome"]["type"]) == (members[0], "issuer_declined")


async def test_three_d_secure(ctx, uow):
    waiting = await made(
        ctx, payment_method="pm_card_authenticationRequired", confirm=True, return_url="https://a.test"
    )
    assert waiting["status"] == "requires_action"
    assert waiting["next_action"]["redirect_to_url"]["return_url"] == "https://a.test"
    assert waiting["latest_charge"] is None
    done = await pi.authenticate(ctx, {"intent": waiting["id"]}, {})
    assert (done["status"], done["next_action"]) == ("succeeded", None)
    assert (await refused(pi.authenticate(ctx, {"intent": waiting["id"]}, {}))).code == "intent_invalid_state"

    other = await made(ctx, payment_method="pm_card_authenticationRequired", confirm=True)
    assert other["next_action"]["type"] == "use_stripe_sdk"
    failed = await pi.authenticate(ctx, {"intent": other["id"]}, {"outcome": "fail"})
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"

    declining = await made(ctx, payment_method="pm_card_threeDSecureRequiredChargeDeclined", confirm=True)
    after = await pi.authenticate(ctx, {"intent": declining["id"]}, {"outcome": "succeed"})
    assert (after["status"], after["last_payment_error"]["code"]) == ("requires_payment_method", "card_declined")


async def test_without_the_customer_three_d_secure_is_a_decline_without_charge(ctx):
    error = await refused(made(ctx, payment_method="pm_card_authenticationRequired", confirm=True, off_session=True))
    assert (error.code, error.message) == (
        "authentication_required", "Your card was declined. This transaction requires authentication.",
    )  # fmt: skip
    assert "charge" not in error.members()


async def test_set_up_once_pays_without_the_customer(ctx, customer):
    first = await made(
        ctx,
        payment_method="pm_card_authenticationRequiredOnSetup",
        customer="cus_1",
        setup_future_usage="off_session",
        confirm=True,
    )
    assert first["status"] == "requires_action"
    await pi.authenticate(ctx, {"intent": first["id"]}, {})
    method = await ctx.need("payment_method", first["payment_method"], "x")
    assert method["customer"] == "cus_1"
    again = await made(ctx, payment_method=method["id"], customer="cus_1", confirm=True, off_session=True)
    assert again["status"] == "succeeded"


async def test_the_customers_default_is_used(ctx, customer):
    method = await pm.join(ctx, await pm.resolve(ctx, "pm_card_visa"), "cus_1")
    ctx.put("customer", {**customer, "invoice_settings": {"default_payment_method": method["id"]}})
    intent = await made(ctx, customer="cus_1")
    assert (await pi.confirm(ctx, {"intent": intent["id"]}, {}))["payment_method"] == method["id"]


@pytest.mark.parametrize(
    "params,code,message",
    [
        ({"amount": 0}, "parameter_invalid_integer", "The amount must be greater than or equal to the minimum charge amount"),
        ({"amount": 49}, "amount_too_small", "Amount must be at least $0.50 usd"),
        ({"amount": 300_000_000}, "amount_too_large", "Amount must be no more than $999,999.99"),
        ({"confirm": True}, "payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it's missing a payment method. You can either"),
        ({"confirm": True, "customer": "cus_1"}, "payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the PaymentIntent with cus_1,"),
        ({"payment_method": "pm_no"}, "resource_missing", "No such PaymentMethod: 'pm_no'"),
        ({"customer": "cus_no"}, "resource_missing", "No such customer: 'cus_no'"),
        ({"confirmation_token": "ctoken_1"}, "resource_missing", "No such confirmation_token: 'ctoken_1'"),
    ],
)  # fmt: skip
async def test_refusals_of_create(ctx, customer, params, code, message):
    error = await refused(made(ctx, **params))
    assert error.code == code
    assert error.message.startswith(message)


async def test_whose_method_it_is(ctx, customer):
    method = await pm.join(ctx, await pm.resolve(ctx, "pm_card_visa"), "cus_1")
    ctx.put("customer", {**customer, "id": "cus_2"})
    nobody = await refused(made(ctx, payment_method=method["id"]))
    assert (nobody.code, nobody.param) == ("parameter_missing", "source")
    other = await refused(made(ctx, payment_method=method["id"], customer="cus_2"))
    assert other.message.startswith(
        f"The PaymentMethod {method['id']} does not belong to the Customer you supplied cus_2."
    )


async def test_wrong_states(ctx):
    done = await made(ctx, payment_method="pm_card_visa", confirm=True)
    ids = {"intent": done["id"]}
    for step, words in (
        (pi.confirm(ctx, ids, {}), "You cannot confirm this PaymentIntent because it has already succeeded"),
        (pi.capture(ctx, ids, {}), "The remaining amount on this PaymentIntent could not be captured"),
        (pi.cancel(ctx, ids, {}), "You cannot cancel this PaymentIntent because it has a status of succeeded."),
        (pi.update(ctx, ids, {"amount": 500}), "This PaymentIntent's amount could not be updated"),
        (pi.update(ctx, ids, {"payment_method": "pm_card_visa"}), "This PaymentIntent's payment method could not"),
    ):
        error = await refused(step)
        assert error.message.startswith(words)
        assert error.code == "payment_intent_unexpected_state"
        assert error.extra["payment_intent"]["id"] == done["id"]
    canceled = await pi.cancel(ctx, {"intent": (await made(ctx))["id"]}, {"cancellation_reason": "abandoned"})
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    error = await refused(pi.confirm(ctx, {"intent": canceled["id"]}, {}))
    assert "has a status of canceled" in error.message
    error = await refused(pi.capture(ctx, {"intent": canceled["id"]}, {}))
    assert error.message.endswith("may be captured: requires_capture.")


async def test_refused_captures(ctx):
    held = await made(ctx, payment_method="pm_card_visa", confirm=True, capture_method="manual")
    ids = {"intent": held["id"]}
    assert (await refused(pi.capture(ctx, ids, {"amount_to_capture": -1}))).message == "Invalid non-negative integer"
    assert (await refused(pi.capture(ctx, ids, {"amount_to_capture": 0}))).param == "amount"
    assert (await refused(pi.capture(ctx, ids, {"amount_to_capture": 2501}))).code == "amount_too_large"


async def test_what_an_update_changes(ctx, customer):
    intent = await made(ctx, metadata={"a": "1"}, shipping={"name": "A", "address": {"line1": "x"}})
    ids = {"intent": intent["id"]}
    after = await pi.update(ctx, ids, {
        "amount": 3000, "currency": "EUR", "customer": "cus_1", "metadata": {"a": None, "b": "2"}, "description": "d",
        "shipping": {"name": "B"}, "payment_method": "pm_card_visa",
        "payment_method_options": {"card": {"request_three_d_secure": "any"}}, "amount_details": {"tax": {"total_tax_amount": 1}},
    })  # fmt: skip
    assert (after["amount"], after["currency"], after["customer"], after["metadata"]) == (
        3000,
        "eur",
        "cus_1",
        {"b": "2"},
    )
    assert (after["shipping"]["name"], after["shipping"]["address"]["line1"]) == ("B", "x")
    assert after["status"] == "requires_confirmation"
    assert after["payment_method_options"]["card"] == {
        "installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "any",
    }  # fmt: skip
    assert (await pi.update(ctx, ids, {"customer": None}))["customer"] is None


async def test_types_of_older_and_narrower_intents(ctx):
    assert (await made(ctx, automatic_payment_methods={"enabled": False}))["payment_method_types"] == ["card"]
    narrow = await made(ctx, excluded_payment_method_types=["link"])
    assert narrow["payment_method_types"] == ["card"]
    ctx.version = "2020-08-27"
    old = await made(ctx)
    assert (old["payment_method_types"], old["automatic_payment_methods"]) == (["card"], None)


async def test_payment_method_data(ctx):
    data = {"type": "card", "card": {"token": "tok_visa"}, "billing_details": {"name": "A"}}
    intent = await made(ctx, payment_method_data=data, confirm=True)
    charge = await ctx.need("charge", intent["latest_charge"], "x")
    assert charge["billing_details"]["name"] == "A"
