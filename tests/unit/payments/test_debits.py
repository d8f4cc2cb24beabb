"""Corners of debits, mandates and small deposits that no call reaches by itself."""

from __future__ import annotations

import pytest

from emulator.kernel.errors import StripeError
from emulator.payments import bank_sources, debits, mandates, microdeposits, payment_intents, setup_intents, tokens
from emulator.payments import payment_methods as pm


async def test_an_answer_nobody_waits_for_changes_nothing(ctx, uow):
    row = ctx.put(debits.PENDING, {"id": "pi_gone", "due": ctx.now, "test_clock": None})
    await debits.answer(ctx, row)
    assert await ctx.find(debits.PENDING, "pi_gone") is None
    row = ctx.put(microdeposits.FAILING, {"id": "seti_gone", "due": ctx.now, "intent": "setup_intent"})
    await microdeposits.fail(ctx, row)
    assert not uow.rows[microdeposits.FAILING]


AGREED = {"mandate_data": {"customer_acceptance": {"type": "offline"}}}


async def test_a_debit_lives_on_the_clock_of_its_customer(ctx, customer):
    ctx.put("customer", {**customer, "test_clock": "clock_1"})
    params = {
        "amount": 1000,
        "currency": "eur",
        "customer": "cus_1",
        "payment_method": "pm_success_de",
        "confirm": True,
        **AGREED,
    }
    intent = await payment_intents.create(ctx, {}, params)
    assert (await ctx.need(debits.PENDING, intent["id"], "x"))["test_clock"] == "clock_1"


async def test_a_mandate_for_one_payment_and_one_for_all(ctx, customer):
    method = await pm.resolve(ctx, "pm_success_de")
    once = {"id": "pi_1", "amount": 5, "currency": "eur", "setup_future_usage": None}
    first = await mandates.of_payment(ctx, once, method)
    assert (await ctx.need("mandate", first, "x"))["single_use"] == {"amount": 5, "currency": "eur"}
    again = await mandates.of_payment(ctx, {**once, "setup_future_usage": "off_session"}, method)
    assert again != first
    assert await mandates.of_payment(ctx, once, method) == again
    await mandates.revoke(ctx, method, "inactive")
    assert {one["status"] for one in await ctx.select("mandate")} == {"inactive"}


@pytest.mark.parametrize(
    "type,member",
    [
        ("acss_debit", "payment_schedule"),
        ("au_becs_debit", "url"),
        ("bacs_debit", "network_status"),
        ("paypal", "billing_agreement_id"),
        ("sepa_debit", "reference"),
    ],
)
def test_what_mandates_say(ctx, type, member):
    assert member in mandates.details(ctx, "mandate_1", type)
    assert mandates.details(ctx, "mandate_1", "us_bank_account") == {}


async def test_canada_proves_by_amounts(ctx):
    data = {"institution_number": "000", "transit_number": "11000", "account_number": "000123456789"}
    params = {"payment_method_data": {"type": "acss_debit", "acss_debit": data}, "confirm": True, **AGREED}
    intent = await setup_intents.create(ctx, {}, params)
    assert intent["next_action"]["verify_with_microdeposits"]["microdeposit_type"] == "amounts"


async def test_a_bank_account_needs_its_number(ctx):
    with pytest.raises(StripeError, match=r"bank_account\[account_number\]"):
        bank_sources.typed(ctx, {"country": "US"})


async def test_a_token_of_a_stored_bank_account(ctx, customer):
    stored = await bank_sources.made(ctx, "btok_us", "cus_1")
    token = await tokens.create(ctx, {}, {"bank_account": stored["id"]})
    assert (token["bank_account"]["id"], token["bank_account"]["customer"]) == (stored["id"], None)


async def test_a_setup_keeps_to_its_types(ctx):
    intent = await setup_intents.create(ctx, {}, {"allowed_payment_method_types": ["card"]})
    with pytest.raises(StripeError, match="not allowed for this SetupIntent"):
        await setup_intents.update(ctx, {"intent": intent["id"]}, {"payment_method": "pm_success_de"})
