"""Charges, refunds and the collection of what invoices are owed."""

from __future__ import annotations

from emulator.payments import charges, collect, debits, mandates, payment_intents, refunds, sources
from emulator.payments import payment_methods as pm
from tests.support import rooms
from tests.support.refusals import refused


async def charged(ctx, **params):
    return await charges.create(ctx, {}, {"amount": 1000, "currency": "usd", "source": "tok_visa", **params})


async def test_charge_as_recorded(ctx):
    charge = await charged(ctx, description="d", metadata={"a": "1"}, statement_descriptor_suffix="X")
    assert await charges.retrieve(ctx, {"charge": charge["id"]}, {}) == charge
    assert (charge["status"], charge["captured"], charge["payment_intent"]) == ("succeeded", True, None)
    assert charge["payment_method"] == charge["source"]["id"]
    assert charge["calculated_statement_descriptor"] == "Stripe* X"
    assert charge["outcome"]["seller_message"] == "Payment complete."
    card = charge["payment_method_details"]["card"]
    assert (card["amount_authorized"], card["network"], card["checks"]["cvc_check"]) == (1000, "visa", "pass")
    assert len(card["authorization_code"]) == 6
    assert len(card["network_transaction_id"]) == 15


async def test_whom_a_charge_charges(ctx, customer):
    assert (await refused(charged(ctx, source=None))).message == "Must provide source or customer."
    assert (await refused(charged(ctx, source=None, amount=None))).param == "amount"
    no_card = await refused(charged(ctx, source=None, customer="cus_1"))
    assert (no_card.status, no_card.code, no_card.param) == (402, "missing", "card")
    card = await sources.create(ctx, {"customer": "cus_1"}, {"source": "tok_visa"})
    assert (await charged(ctx, source=None, customer="cus_1"))["payment_method"] == card["id"]
    assert (await charged(ctx, source=card["id"], customer="cus_1"))["customer"] == "cus_1"
    assert (await refused(charged(ctx, source=card["id"]))).param == "source"
    assert (await refused(charged(ctx, source="ach_1"))).code == "not_emulated"
    typed = {"number": "4000000000000002", "exp_month": 1, "exp_year": 2030}
    error = await refused(charged(ctx, source=typed))
    assert (error.keep, error.code, error.extra["charge"][:3]) == (True, "card_declined", "ch_")


async def test_hold_and_capture(ctx):
    held = await charged(ctx, capture=False)
    ids = {"charge": held["id"]}
    assert held["payment_method_details"]["card"]["capture_before"] == ctx.now + 7 * 86_400
    assert (await refused(charges.capture(ctx, ids, {"amount": 1001}))).code == "amount_too_large"
    assert (await refused(charges.capture(ctx, ids, {"amount": 0}))).code == "parameter_invalid_integer"
    assert (await charges.capture(ctx, ids, {}))["captured"]
    assert (await refused(charges.capture(ctx, ids, {}))).code == "charge_already_captured"


async def test_an_update_merges_the_shipping(ctx):
    ids = {"charge": (await charged(ctx))["id"]}
    shipped = await charges.update(ctx, ids, {"description": "n", "shipping": {"name": "A"}, "expand": []})
    assert (shipped["description"], shipped["shipping"]["name"]) == ("n", "A")
    assert (await charges.update(ctx, ids, {"shipping": {"phone": "1"}}))["shipping"]["name"] == "A"
    assert (await charges.update(ctx, ids, {"shipping": None}))["shipping"] is None


async def test_refunds_up_to_what_is_left(ctx, uow):
    charge = await charged(ctx, description="tea")
    refund = await refunds.create(
        ctx, {}, {"charge": charge["id"], "amount": 400, "reason": "duplicate", "instructions_email": "a@b.c"}
    )
    assert (refund["status"], refund["destination_details"]["type"]) == ("succeeded", "card")
    assert [kind for kind, _ in uow.puts[-3:]] == ["refund", "balance_transaction", "charge"]
    transaction = await ctx.need("balance_transaction", refund["balance_transaction"], "x")
    assert (transaction["amount"], transaction["fee"], transaction["type"]) == (-400, 0, "refund")
    after = await ctx.need("charge", charge["id"], "x")
    assert (after["amount_refunded"], after["refunded"]) == (400, False)
    over = await refused(refunds.create(ctx, {}, {"charge": charge["id"], "amount": 601}))
    assert over.message == "Refund amount ($6.01) is greater than unrefunded amount on charge ($6.00)"
    over = await refused(refunds.create(ctx, {}, {"charge": charge["id"], "amount": 1100}))
    assert over.message == "Refund amount ($11.00) is greater than charge amount ($10.00)"
    low = await refused(refunds.create(ctx, {}, {"charge": charge["id"], "amount": -1}))
    assert (low.code, low.param) == ("parameter_invalid_integer", "amount")
    whole = await refunds.create_on_charge(ctx, {"charge": charge["id"]}, {})
    assert whole["refunded"]
    again = await refused(refunds.create(ctx, {}, {"charge": charge["id"]}))
    assert (again.code, again.message) == (
        "charge_already_refunded",
        f"Charge {charge['id']} has already been refunded.",
    )
    assert len((await refunds.index_of_charge(ctx, {"charge": charge["id"]}, {})).docs) == 2
    ids = {"refund": refund["id"]}
    assert (await refunds.update(ctx, ids, {"metadata": {"a": "1"}}))["metadata"] == {"a": "1"}
    assert (await refunds.update(ctx, ids, {}))["metadata"] == {"a": "1"}
    assert "cannot be canceled" in (await refused(refunds.cancel(ctx, ids, {}))).message


async def test_what_cannot_be_refunded(ctx):
    assert (await refused(refunds.create(ctx, {}, {}))).message == (
        "One of the following params should be provided for this request: payment_intent or charge."
    )
    waiting = await payment_intents.create(ctx, {}, {"amount": 1000, "currency": "usd"})
    none = await refused(refunds.create(ctx, {}, {"payment_intent": waiting["id"]}))
    assert none.message == f"This PaymentIntent ({waiting['id']}) does not have a successful charge to refund."
    paid = await payment_intents.create(
        ctx, {}, {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    refund = await refunds.create(ctx, {}, {"payment_intent": paid["id"]})
    assert refund["payment_intent"] == paid["id"]
    assert refund["id"].split("_")[1][:-7] == paid["id"].split("_")[1][:-7]
    disputed = await charged(ctx)
    ctx.put("charge", {**disputed, "disputed": True})
    assert (await refused(refunds.create(ctx, {}, {"charge": disputed["id"]}))).code == "charge_disputed"
    ctx.put("charge", {**disputed, "status": "failed"})
    assert "successful charge" in (await refused(refunds.create(ctx, {}, {"charge": disputed["id"]}))).message


async def owed(ctx, method, **more):
    return await collect.collect(
        ctx, amount=1000, currency="eur", customer="cus_1", payment_method=method, description="Subscription creation",
        invoice="in_1SRzqtKXBGcbgpbZ8kne01Xe", **more,
    )  # fmt: skip


async def test_what_is_owed_is_collected_or_waits(ctx, customer):
    method = await pm.join(ctx, await pm.resolve(ctx, "pm_card_visa"), "cus_1")
    outcome = await owed(ctx, method["id"], metadata={"a": "1"})
    intent = outcome.payment_intent
    assert (outcome.status, outcome.error) == ("succeeded", None)
    assert intent["payment_details"]["order_reference"] == "in_1SRzqtKXBGcbgpbZ8kne01"
    assert (intent["setup_future_usage"], intent["description"]) == ("off_session", "Subscription creation")
    assert outcome.charge["description"] == "Subscription creation"
    assert (await owed(ctx, None)).status == "requires_payment_method"
    assert (await owed(ctx, method["id"], confirm=False)).status == "requires_confirmation"


async def test_collect_that_fails_and_is_tried_again(ctx, customer):
    bad = await pm.join(ctx, await pm.resolve(ctx, "pm_card_chargeCustomerFail"), "cus_1")
    outcome = await owed(ctx, bad["id"])
    assert (outcome.status, outcome.error.code, outcome.charge["status"]) == (
        "requires_payment_method",
        "card_declined",
        "failed",
    )
    good = await pm.join(ctx, await pm.resolve(ctx, "pm_card_visa"), "cus_1")
    again = await collect.retry(ctx, outcome.payment_intent, good["id"])
    assert (again.status, again.payment_intent["id"]) == ("succeeded", outcome.payment_intent["id"])
    assert again.charge is not None
    assert again.charge["id"] != outcome.charge["id"]


async def test_collect_from_a_legacy_card_and_a_bank_account(ctx, customer):
    card = await sources.create(ctx, {"customer": "cus_1"}, {"source": "tok_visa"})
    outcome = await owed(ctx, card["id"])
    assert (outcome.status, outcome.payment_intent["payment_method"]) == ("succeeded", card["id"])
    bank = await pm.create(ctx, {}, {"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}})
    bank = await pm.join(ctx, bank, "cus_1")
    refused = await owed(ctx, bank["id"])
    assert (refused.status, refused.error.code) == ("requires_confirmation", "billing_invalid_mandate")
    mandates.given(ctx, bank, {})
    outcome = await owed(ctx, bank["id"])
    assert (outcome.status, outcome.charge["status"]) == ("processing", "pending")
    assert outcome.charge["payment_method_details"]["type"] == "sepa_debit"
    row = await ctx.need(debits.PENDING, outcome.payment_intent["id"], "x")
    await debits.answer(ctx, row)
    charge = await ctx.need("charge", outcome.charge["id"], "x")
    transaction = await ctx.need("balance_transaction", charge["balance_transaction"], "x")
    assert (charge["status"], transaction["type"]) == ("succeeded", "payment")


async def test_default_method_in_order(ctx, customer):
    bare = {"default_payment_method": None, "default_source": None}
    assert await collect.default_method(ctx, customer, None) is None
    customer = {**customer, "default_source": "card_1"}
    assert await collect.default_method(ctx, customer, bare) == "card_1"
    customer = {**customer, "invoice_settings": {"default_payment_method": "pm_1"}}
    assert await collect.default_method(ctx, customer, bare) == "pm_1"
    assert await collect.default_method(ctx, customer, {**bare, "default_source": "card_2"}) == "card_2"
    assert await collect.default_method(ctx, customer, {**bare, "default_payment_method": "pm_2"}) == "pm_2"


def test_operations_are_functions():
    assert all(callable(function) for function in rooms.operations("payments").values())
