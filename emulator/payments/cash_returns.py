"""Decides how money of a customer's cash balance is sent back to the bank that it came from (docs: customer-balance/refunding).

It is on its way for as long as other test refunds that are not through at once, and then done: a choice, as is the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.customers import cash_balance
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.payments import bank_transfer_errors, bank_transfers, errors
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND: Final = "refund"
NEEDED: Final = ("customer", "amount", "currency")


async def create(ctx: Context, params: Doc) -> Doc:
    """Take money out of a customer's cash balance and return the refund that is on its way (``origin=customer_balance``).

    Raises the refusals of an amount (minor units) below one or over what is there.
    """
    for name in NEEDED:
        if params.get(name) is None:
            raise missing_param(name)
    customer = await ctx.need("customer", params["customer"], "customer")
    currency, amount = params["currency"].lower(), params["amount"]
    type = bank_transfers.type_of(currency, None, "currency")
    if amount < 1:
        raise errors.amount_below_one()
    have = await cash_balance.available(ctx, customer["id"], currency)
    if amount > have:
        raise bank_transfer_errors.not_enough(have)
    refund = ctx.put(KIND, {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "charge": None,
        "created": ctx.now,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "destination_details": {"type": type, type: {"reference": None, "reference_status": "pending"}},
        "metadata": merge_map(None, params.get("metadata")),
        "payment_intent": None,
        "payment_method": None,
        "pending_reason": "processing",
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    })  # fmt: skip
    await cash_balance.move(ctx, customer["id"], currency, -amount, "return_initiated")
    return refund


async def fail(ctx: Context, refund: Doc, reason: str) -> Doc:
    """Store that the bank sent the money back: it is the customer's cash again; returns the refund."""
    after = ctx.put(KIND, changed(refund, failure_reason=reason, status="failed"))
    await cash_balance.move(ctx, refund["customer"], refund["currency"], refund["amount"], "return_canceled")
    return after
