"""Decides what a debit, or a voucher, does: the payment is on its way first, and the bank answers later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import (
    attempts,
    charge_shapes,
    debit_errors,
    disputes,
    mandates,
    payment_methods,
    sharing,
    transitions,
)
from emulator.payments.test_accounts import Account, book

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Then = Callable[[Context, Doc], Awaitable[object]]

# What a bank has still to answer: rows of (payment intent, instant). They carry the test clock they live on.
PENDING = "_pending_payment"
VOUCHER = "boleto"
VOUCHER_NUMBER = "01010101010101010101010101010101010101010101010"


async def start(ctx: Context, intent: Doc, method: Doc) -> attempts.Attempt:
    """Send the debit to the bank, or hand out the voucher, and store what is known until the answer."""
    account = book().of(method)
    if method["type"] == VOUCHER:
        attempt = attempts.wait(ctx, intent, method, voucher(ctx, intent, account))
    else:
        attempt = await _debit(ctx, intent, method)
    await later(ctx, PENDING, attempt.intent, account)
    return attempt


async def later(ctx: Context, kind: str, intent: Doc, account: Account) -> None:
    """Remember when the bank answers about an intent; never, for an account that stays silent."""
    if account.wait is not None:
        clock = await clock_of(ctx, intent["customer"])
        ctx.put(kind, {"id": intent["id"], "due": ctx.now + account.wait, "test_clock": clock})


async def clock_of(ctx: Context, customer: str | None) -> str | None:
    """Return the test clock that a customer lives on."""
    owner = None if customer is None else await ctx.find("customer", customer)
    clock: str | None = None if owner is None else owner.get("test_clock")
    return clock


def due(row: Doc) -> int:
    """Return when the bank answers (unix seconds)."""
    instant: int = row["due"]
    return instant


async def answer(ctx: Context, row: Doc, following: Sequence[Then] = (), *, as_if: Account | None = None) -> None:
    """Store what the bank says, when it does: paid or returned, and what follows from it in rooms above.

    ``as_if`` lets another test account decide than the one that the money comes from.
    """
    ctx.remove(PENDING, row["id"])
    intent = await ctx.find("payment_intent", row["id"])
    if intent is None or intent["status"] not in (transitions.PROCESSING, transitions.REQUIRES_ACTION):
        return
    method = await payment_methods.resolve(ctx, intent["payment_method"])
    account = as_if or book().of(method)
    intent = await (_returned(ctx, intent, method, account) if account.failure else _paid(ctx, intent, method))
    for then in following:
        await then(ctx, intent)
    if account.dispute is not None:
        await disputes.start(ctx, await ctx.need("charge", intent["latest_charge"], "charge"), account.dispute)


async def stop(ctx: Context, intent: Doc) -> None:
    """Forget what the bank has still to answer about an intent that is canceled."""
    if await ctx.find(PENDING, intent["id"]) is not None:
        ctx.remove(PENDING, intent["id"])


def voucher(ctx: Context, intent: Doc, account: Account) -> Doc:
    """Return the ``next_action`` of a voucher that the customer pays elsewhere."""
    url = f"{ctx.base_url}/vouchers/{intent['client_secret']}"
    details = {
        "expires_at": ctx.now + max(account.wait or 0, 3 * 86_400),
        "hosted_voucher_url": url,
        "number": VOUCHER_NUMBER,
        "pdf": f"{url}/pdf",
    }
    return {"boleto_display_details": details, "type": "boleto_display_details"}


async def _debit(ctx: Context, intent: Doc, method: Doc) -> attempts.Attempt:
    mandate = await mandates.of_payment(ctx, intent, method)
    more = attempts.of_intent(ctx, intent, method)
    facts = {
        "amount_captured": intent["amount"],
        "calculated_statement_descriptor": attempts.descriptor(ctx, more),
        "captured": True,
        "outcome": charge_shapes.unassessed("Payment processing."),
        "payment_method_details": charge_shapes.other_details(method, mandate),
        "status": "pending",
    }
    charge = attempts.stored_charge(ctx, method, facts, more)
    after = changed(
        intent,
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status=transitions.PROCESSING,
    )
    attempts.settle_method(ctx, intent, method)
    return attempts.Attempt(ctx.put("payment_intent", after), charge)


async def _paid(ctx: Context, intent: Doc, method: Doc) -> Doc:
    charge = await ctx.find("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "pending":
        charge = attempts.approve(ctx, method, None, hold=False, more=attempts.of_intent(ctx, intent, method))
    else:
        transaction = attempts.related_id(charge["id"], "txn", ctx)
        charge = ctx.put(
            "charge",
            changed(
                {**charge, **sharing.promised(ctx, charge)},
                balance_transaction=transaction,
                outcome=charge_shapes.unassessed(),
                paid=True,
                receipt_url=f"{ctx.base_url}/receipts/payment/{charge['id']}",
                status="succeeded",
            ),
        )
        attempts.arrived(ctx, charge, charge["amount"])
    return ctx.put(
        "payment_intent",
        changed(
            intent,
            amount_received=intent["amount"],
            latest_charge=charge["id"],
            next_action=None,
            status=transitions.SUCCEEDED,
        ),
    )


async def _returned(ctx: Context, intent: Doc, method: Doc, account: Account) -> Doc:
    code = str(account.failure)
    message = book().failures[code]
    charge = await ctx.find("charge", intent["latest_charge"] or "")
    more: Doc = {"payment_method": method}
    if charge is not None and charge["status"] == "pending":
        ctx.put(
            "charge",
            changed(
                charge,
                amount_captured=0,
                failure_code=code,
                failure_message=message,
                outcome=charge_shapes.returned(code),
                status="failed",
            ),
        )
        more["charge"] = charge["id"]
    if account.mandate is not None:
        await mandates.revoke(ctx, method, account.mandate)
    return ctx.put(
        "payment_intent",
        changed(
            intent,
            last_payment_error=debit_errors.failure(code, message, **more),
            next_action=None,
            payment_method=None,
            status=transitions.REQUIRES_PAYMENT_METHOD,
        ),
    )
