"""Decides what a connected account sees of money that its platform sends to it: a payment, and what of it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import application_fees, charge_shapes, funds, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PREFIX, REFUND_PREFIX = "py", "pyr"
PAID_BY = "stripe_account"  # the kind of payment method that a platform is (the API description)
DETAILS: Doc = {PAID_BY: {}, "type": PAID_BY}
NOBODY: Doc = {"id": None, "billing_details": shapes.BILLING_DETAILS}


def payment(ctx: Context, transfer: Doc, application: str, *, like: Doc | None, fee: tuple[str, int] | None) -> Doc:
    """Store the payment as which a transfer arrives, less the fee (id, amount) that the platform takes of it."""
    id, amount = transfer["destination_payment"], transfer["amount"]
    currency = transfer["currency"]
    fees = [] if fee is None else [application_fees.detail(fee[1], currency, application)]
    source = {"id": id, "currency": currency, "description": None}
    entry = funds.moved(ctx, source, amount, "payment", category="charge", like=like, fees=fees)
    charge = charge_shapes.charge(
        NOBODY, now=ctx.now, livemode=ctx.livemode,
        more={
            "id": id,
            "amount": amount,
            "currency": currency,
            "amount_captured": amount,
            "application": application,
            "application_fee": None if fee is None else fee[0],
            "application_fee_amount": None if fee is None else fee[1],
            "balance_transaction": entry,
            "captured": True,
            "outcome": charge_shapes.unassessed(),
            "paid": True,
            "payment_method_details": DETAILS,
            "source_transfer": transfer["id"],
            "status": "succeeded",
            "transfer_group": transfer["transfer_group"],
        },
    )  # fmt: skip
    return ctx.put("charge", charge)


async def give_back(ctx: Context, payment: str, id: str, reversal: Doc, like: Doc | None) -> None:
    """Store the refund as which a reversal takes money from the payment that it arrived as."""
    charge = await ctx.find("charge", payment)
    if charge is None:
        return
    amount = reversal["amount"]
    refund: Doc = {
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": payment,
        "created": ctx.now,
        "currency": reversal["currency"],
        "customer": None,
        "customer_account": None,
        "metadata": {},
        "payment_intent": None,
        "payment_method": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal["id"],
        "status": "succeeded",
        "transfer_reversal": None,
    }
    refund["balance_transaction"] = funds.moved(ctx, refund, -amount, "payment_refund", category="refund", like=like)
    ctx.put("refund", refund)
    total = charge["amount_refunded"] + amount
    ctx.put("charge", changed(charge, amount_refunded=total, refunded=total == charge["amount"]))
