"""Decides how much of a charge can go back, and what a refund leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from emulator.kernel.documents import changed
from emulator.payments import (
    attempts,
    bank_transfers,
    cash_returns,
    charge_errors,
    charge_shapes,
    debits,
    disputes,
    errors,
    fraud_warnings,
    sharing,
)
from emulator.payments.test_accounts import SHORT
from emulator.payments.test_cards import book
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "refund"
# What a bank has still to say about a refund: rows of (refund, instant), with the test clock they live on.
PENDING = "_pending_refund"
# How the refunds of some test cards end, later than others (docs.stripe.com/testing, refunds).
SUCCEEDS_LATER = "pending"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/refunds and its older forms under a charge (facts billing 5.5)."""
    if params.get("origin") is not None:
        return await _waiting(ctx, await cash_returns.create(ctx, params))
    charge = await _charge(ctx, ids.get("charge") or params.get("charge"), params.get("payment_intent"))
    amount = _amount(charge, params.get("amount"))
    back = await sharing.returning(ctx, charge, params)
    refund = make(ctx, charge, amount, params, back)
    await sharing.take_back(ctx, back, charge, refund)
    after = await ctx.need("charge", charge["id"], "charge")
    await disputes.refunded(ctx, after)
    await fraud_warnings.settle(ctx, after)
    refund = await bank_transfers.refunded(ctx, refund, charge)
    return refund if _later(charge) is None else await _waiting(ctx, refund)


async def _waiting(ctx: Context, refund: Doc) -> Doc:
    """Store that a bank has still to say how a refund ends, and return the refund."""
    clock = await debits.clock_of(ctx, refund["customer"])
    ctx.put(PENDING, {"id": refund["id"], "due": ctx.now + SHORT, "test_clock": clock})
    return refund


async def answer(ctx: Context, row: Doc) -> None:
    """Store what the bank says of a refund in the end: done, or sent back."""
    ctx.remove(PENDING, row["id"])
    refund = await ctx.need(KIND, row["id"], KIND)
    if refund["status"] == "pending":
        details = refund["destination_details"]
        type = details["type"]
        known = {"reference": f"{crc32(refund['id'].encode()):011}", "reference_status": "available"}
        after = changed(refund, destination_details={**details, type: {**details[type], **known}}, status="succeeded")
        ctx.put(KIND, {key: value for key, value in after.items() if key != "pending_reason"})
        return
    await fail(ctx, refund)


async def fail(ctx: Context, refund: Doc, reason: str = "expired_or_canceled_card") -> Doc:
    """Store that a refund came back, and that its money is the account's again (or the customer's cash); returns it."""
    if refund["charge"] is None:
        return await cash_returns.fail(ctx, refund, reason)
    transaction = attempts.related_id(refund["id"], "txn", ctx)
    after = changed(refund, failure_balance_transaction=transaction, failure_reason=reason, status="failed")
    ctx.put(KIND, after)
    ctx.put("balance_transaction", charge_shapes.failed_refund_transaction(transaction, refund, now=ctx.now))
    charge = await ctx.need("charge", refund["charge"], "charge")
    left = charge["amount_refunded"] - refund["amount"]
    charge = ctx.put("charge", changed(charge, amount_refunded=left, refunded=False))
    await fraud_warnings.settle(ctx, charge)
    return after


def make(ctx: Context, charge: Doc, amount: int, params: Doc, back: sharing.Returning = sharing.NOTHING) -> Doc:
    """Store a refund of ``amount`` with its balance transaction and the charge it changes; returns the refund.

    ``back`` is what of the charge's shares goes with it, which the caller stores next.
    """
    type = charge["payment_method_details"]["type"]
    id = attempts.related_id(charge["id"], "re" if type == "card" else "pyr", ctx)
    transaction = attempts.related_id(charge["id"], "txn", ctx)
    details = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    refund = {
        "id": id,
        "object": KIND,
        "amount": amount,
        "balance_transaction": transaction,
        "charge": charge["id"],
        "created": ctx.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {type: details if type == "card" else {}, "type": type},
        "metadata": updates.merge_map({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None if back.transfer is None else ctx.new_id("transfer_reversal"),
    }
    if _later(charge) == SUCCEEDS_LATER:
        refund |= {"pending_reason": "processing", "status": "pending"}
    if params.get("instructions_email") is not None:
        refund["instructions_email"] = params["instructions_email"]
    ctx.put(KIND, refund)
    words = f"REFUND FOR CHARGE ({charge['description']})" if charge["description"] else "REFUND FOR CHARGE"
    ctx.put(
        "balance_transaction",
        charge_shapes.refund_transaction(
            transaction,
            refund,
            now=ctx.now,
            description=words,
            returned=sharing.returned_details(ctx, back, charge, amount),
        ),
    )
    back = charge["amount_refunded"] + amount
    ctx.put("charge", changed(charge, amount_refunded=back, refunded=back == charge["amount"]))
    return refund


async def create_on_charge(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges/{charge}/refund: the older form, which answers the charge."""
    await create(ctx, ids, params)
    return await ctx.at_path("charge", ids["charge"])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/refunds/{refund}: metadata only."""
    refund = await ctx.at_path(KIND, ids["refund"])
    if "metadata" not in params:
        return refund
    return ctx.put(KIND, updates.apply(refund, {"metadata": params["metadata"]}))


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/refunds/{refund}/cancel: refunds of cards are through at once, so this is always refused."""
    refund = await ctx.at_path(KIND, ids["refund"])
    raise charge_errors.refund_not_cancelable(refund["id"], refund["status"])


async def index_of_charge(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/charges/{charge}/refunds."""
    charge = await ctx.at_path("charge", ids["charge"])
    return await listed(ctx, KIND, params, f"/v1/charges/{charge['id']}/refunds", charge=charge["id"])


def _later(charge: Doc) -> str | None:
    """Return how the refund of a card ends later on, None for one that is through at once."""
    details = charge["payment_method_details"].get("card")
    card = None if details is None else book().of(details)
    return None if card is None else card.refund


async def _charge(ctx: Context, charge_id: str | None, intent_id: str | None) -> Doc:
    if charge_id is None and intent_id is None:
        raise charge_errors.nothing_to_refund()
    if charge_id is not None:
        charge = await ctx.need("charge", charge_id, "charge")
        if charge["status"] == "failed":
            raise charge_errors.no_successful_charge(charge["payment_intent"] or charge_id)
        return charge
    intent = await ctx.need("payment_intent", str(intent_id), "payment_intent")
    latest = await ctx.find("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    if latest is None or latest["status"] != "succeeded":
        raise charge_errors.no_successful_charge(intent["id"])
    return latest


def _amount(charge: Doc, wanted: int | None) -> int:
    """Return how much is to go back; raises when it is too much, too little, or nothing is left."""
    left: int = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise charge_errors.charged_back(charge["id"])
    if left == 0:
        raise charge_errors.already_refunded(charge["id"])
    if wanted is None:
        return left
    if wanted < 1:
        raise errors.amount_below_one()
    if wanted > charge["amount"]:
        raise charge_errors.refund_over(wanted, charge["amount"], charge["currency"], unrefunded=False)
    if wanted > left:
        raise charge_errors.refund_over(wanted, left, charge["currency"], unrefunded=True)
    return wanted
