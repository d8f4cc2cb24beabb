"""Decides what the world outside does when a test says so: banks, networks, authorities and customers answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from emulator.customers import tax_ids
from emulator.kernel.documents import changed
from emulator.kernel.errors import StripeError, invalid_request, resource_missing
from emulator.operations.compose import after_debit
from emulator.payments import debits, disputes, payment_intents, payment_methods, refunds, test_accounts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

REASONS: Final = (
    "bank_cannot_process", "credit_not_processed", "customer_initiated", "debit_not_authorized", "duplicate", "fraudulent",
    "general", "incorrect_account_details", "inquiry", "insufficient_funds", "product_not_received",
    "product_unacceptable", "subscription_canceled", "unrecognized",
)  # fmt: skip
VERDICTS: Final = ("won", "lost", "warning_closed")
# docs.stripe.com/refunds, failed refunds.
REFUND_FAILURES: Final = (
    "lost_or_stolen_card", "expired_or_canceled_card", "charge_for_pending_refund_disputed", "insufficient_funds",
    "declined", "merchant_request", "unknown",
)  # fmt: skip
TAX_ANSWERS: Final = ("verified", "unverified", "unavailable")
OUTCOMES: Final = ("succeed", "fail")


def _not(object: str, what: str) -> StripeError:
    return invalid_request(f"{object} {what}", param="object")


def _choice(params: Doc, name: str, known: tuple[str, ...], default: str) -> str:
    value = params.get(name, default)
    if not isinstance(value, str) or value not in known:
        raise invalid_request(f"{name} must be one of {', '.join(known)}", param=name)
    return value


# ------------------------------------------------------------------------------------------------ finding
async def _charge(ctx: Context, id: str) -> Doc:
    """Return the charge that an id means: its own, the latest of a payment intent, or that of a paid invoice."""
    charge = await ctx.find("charge", id)
    if charge is None:
        intent = await _intent(ctx, id)
        charge = await ctx.find("charge", intent.get("latest_charge") or "")
    if charge is None or charge["status"] != "succeeded":
        raise _not(id, "has no charge that succeeded")
    return charge


async def _intent(ctx: Context, id: str) -> Doc:
    """Return the payment or setup intent that an id means; an invoice or subscription leads to the one it waits for."""
    for kind in ("payment_intent", "setup_intent"):
        if (doc := await ctx.find(kind, id)) is not None:
            return doc
    subscription = await ctx.find("subscription", id)
    if subscription is not None:
        setup = await ctx.find("setup_intent", subscription.get("pending_setup_intent") or "")
        if setup is not None:
            return setup
        id = subscription["latest_invoice"] or id
    for payment in await ctx.select("invoice_payment", invoice=id):
        intent = await ctx.find("payment_intent", payment["payment"].get("payment_intent") or "")
        if intent is not None:
            return intent
    raise resource_missing("charge, payment, setup, invoice or subscription", id, param="object", status=404)


# ------------------------------------------------------------------------------------------------ acting
async def open_dispute(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the customer's bank contest a charge, for ``reason``; "inquiry" asks first.

    Raises the refusals of what has no charge and of a charge that is disputed.
    """
    charge = await _charge(ctx, params["object"])
    if charge["dispute"] is not None:
        raise _not(params["object"], f"is disputed already, by {charge['dispute']}")
    return await disputes.start(ctx, charge, _choice(params, "reason", REASONS, "fraudulent"))


async def close_dispute(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the bank decide a dispute: "won", "lost", or "warning_closed" for an inquiry.

    Raises the refusals of a charge that is not disputed, of a dispute that is decided, and of what it cannot
    become.
    """
    dispute = await ctx.find("dispute", params["object"])
    if dispute is None:
        charge = await _charge(ctx, params["object"])
        dispute = await ctx.find("dispute", charge["dispute"] or "")
    if dispute is None:
        raise _not(params["object"], "is not disputed")
    inquiry = dispute["status"].startswith("warning")
    status = _choice(params, "outcome", VERDICTS, "warning_closed" if inquiry else "lost")
    if dispute["status"] in VERDICTS:
        raise _not(dispute["id"], f"is decided already: {dispute['status']}")
    if (status == "warning_closed") != inquiry and status != "lost":
        raise invalid_request(f"a dispute that is {dispute['status']} cannot become {status}", param="outcome")
    return await disputes.decide(ctx, dispute, status)


async def fail_refund(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a refund come back from the customer's bank.

    Raises the 404 of an unknown refund and the refusal of one that did not leave.
    """
    refund = await ctx.find("refund", params["object"])
    if refund is None:
        raise resource_missing("refund", params["object"], param="object", status=404)
    if refund["status"] not in ("succeeded", "pending"):
        raise _not(refund["id"], f"is {refund['status']}")
    reason = _choice(params, "reason", REFUND_FAILURES, "expired_or_canceled_card")
    if await ctx.find(refunds.PENDING, refund["id"]) is not None:
        ctx.remove(refunds.PENDING, refund["id"])
    return await refunds.fail(ctx, refund, reason)


async def verify_tax_id(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the authority answer about a tax id: "verified" (with ``name`` and ``address``), "unverified", "unavailable".

    Raises the 404 of an unknown one.
    """
    doc = await ctx.find("tax_id", params["object"])
    if doc is None:
        raise resource_missing("tax id", params["object"], param="object", status=404)
    status = _choice(params, "outcome", TAX_ANSWERS, "verified")
    if await ctx.find(tax_ids.CHECK, doc["id"]) is not None:
        ctx.remove(tax_ids.CHECK, doc["id"])
    told = {"status": status, "verified_address": params.get("address"), "verified_name": params.get("name")}
    return ctx.put("tax_id", changed(doc, verification=told))


async def complete_3ds(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the customer answer 3D Secure, for a payment, a setup, an invoice or a subscription: "succeed" or "fail"."""
    from emulator.operations.table import behaviour

    intent = await _intent(ctx, params["object"])
    outcome = {"outcome": _choice(params, "outcome", OUTCOMES, "succeed")}
    name = "payment" if intent["object"] == payment_intents.KIND else "setup"
    done: Any = await behaviour(f"payments:authenticate_{name}")(ctx, {"intent": intent["id"]}, outcome)
    return cast("Doc", done)


async def settle_payment(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the bank behind a delayed payment answer now: "succeed", or "fail" with a ``code`` of a returned debit.

    Raises the refusal of an intent that waits for no bank.
    """
    intent = await _intent(ctx, params["object"])
    waiting = intent["status"] in ("processing", "requires_action") and intent["object"] == payment_intents.KIND
    method = await payment_methods.resolve(ctx, intent["payment_method"]) if waiting else {"type": ""}
    if method["type"] not in test_accounts.DELAYED:
        raise _not(intent["id"], "is no delayed payment that is on its way")
    outcome = _choice(params, "outcome", OUTCOMES, "succeed")
    codes = tuple(test_accounts.book().failures)
    code = _choice(params, "code", codes, "insufficient_funds") if outcome == "fail" else None
    account = replace(test_accounts.book().of(method), failure=code, dispute=None)
    await debits.answer(ctx, {"id": intent["id"]}, after_debit(), as_if=account)
    return await ctx.need(payment_intents.KIND, intent["id"], "object")


# What `POST /_emulator/acts/NAME` runs.
ACTS: dict[str, Callable[[Context, dict[str, str], Doc], Awaitable[Doc]]] = {
    "open_dispute": open_dispute,
    "close_dispute": close_dispute,
    "fail_refund": fail_refund,
    "verify_tax_id": verify_tax_id,
    "complete_3ds": complete_3ds,
    "settle_payment": settle_payment,
}
