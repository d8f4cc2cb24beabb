"""Decides how a payment intent moves: made, changed, confirmed, authenticated, captured, canceled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import (
    aftermath,
    attempts,
    bank_transfers,
    confirmation_tokens,
    confirming,
    debit_errors,
    debits,
    errors,
    intent_params,
    microdeposits,
    payment_methods,
    shapes,
    sharing,
    taking,
    transitions,
)
from emulator.spec import wording

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "payment_intent"
# What a caller may give; other reasons are the invoice's own (docs.stripe.com/api/payment_intents/cancel, in its order).
CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")


def made(ctx: Context, amount: int, currency: str, members: Doc) -> Doc:
    """Return a new payment intent with ``members`` set; it is not stored yet."""
    id = ctx.new_id(KIND)
    secret = f"{id}_secret_{ctx.token(25)}"
    doc = shapes.payment_intent(id, amount=amount, currency=currency, now=ctx.now, livemode=ctx.livemode, secret=secret)
    doc.update(members)
    return doc


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents (facts billing 5.5); a decline on ``confirm`` leaves the intent behind."""
    currency = params["currency"].lower()
    intent_params.check_amount(params["amount"], currency)
    sharing.check(ctx, params, {"object": KIND}, params["amount"])
    if params.get("customer") is not None:
        await ctx.need("customer", params["customer"], "customer")
    params = await confirmation_tokens.applied(ctx, params)
    method = await intent_params.given_method(ctx, params)
    customer = params.get("customer")
    if method is not None:
        confirming.check_owner(KIND, method, customer)
    owner = {"customer": customer, "customer_account": params.get("customer_account")}
    intent = made(ctx, params["amount"], currency, owner)
    intent |= await intent_params.method_types(ctx, params, method, currency)
    intent |= intent_params.kept(params, intent, intent_params.PAYMENT_FIELDS)
    if method is not None:
        intent_params.check_type(intent, method)
        intent |= {"payment_method": method["id"], "status": transitions.REQUIRES_CONFIRMATION}
    ctx.put(KIND, intent)
    if not params.get("confirm"):
        return intent
    return await _confirm(ctx, intent, method, params, by_call=True)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents/{intent}: the amount and the method only before the payment is under way.

    Raises the refusals of both after that, and of the amount of an invoice's payment.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    changes: Doc = {}
    open_ = intent["status"] in transitions.AMOUNT_EDITABLE
    if params.get("amount") is not None or params.get("currency") is not None:
        if not open_:
            raise errors.cannot_update(intent, "amount")
        if _of_invoice(intent):
            raise errors.edit_of_invoice(intent)
        amount = intent["amount"] if params.get("amount") is None else params["amount"]
        currency = (params.get("currency") or intent["currency"]).lower()
        intent_params.check_amount(amount, currency)
        changes |= {"amount": amount, "currency": currency}
    sharing.check(ctx, params, intent, {**intent, **changes}["amount"])
    if "customer" in params:
        if params["customer"] is not None:
            await ctx.need("customer", params["customer"], "customer")
        changes["customer"] = params["customer"]
    method = await intent_params.given_method(ctx, params)
    if method is not None:
        if not open_:
            raise errors.cannot_update(intent, "payment method")
        confirming.check_owner(KIND, method, changes.get("customer", intent["customer"]), intent)
        if intent["allowed_payment_method_types"]:
            intent_params.check_type(intent, method)
        changes["payment_method"] = method["id"]
        changes["status"] = transitions.after_payment_method(intent["status"], method["id"])
        changes["next_action"] = None
    changes |= intent_params.kept(params, intent, intent_params.PAYMENT_FIELDS)
    return ctx.put(KIND, {**intent, **changes})


async def confirm(ctx: Context, ids: dict[str, str], params: Doc, *, by_call: bool = False) -> Doc:
    """POST /v1/payment_intents/{intent}/confirm (facts billing 5.5).

    Raises the refusal of a status that cannot be confirmed, and a decline.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    if intent["status"] not in transitions.CONFIRMABLE:
        raise errors.cannot_confirm(intent)
    params = await confirmation_tokens.applied(ctx, params)
    changes = intent_params.kept(params, intent, intent_params.PAYMENT_FIELDS)
    intent = {**intent, **changes}
    method = await intent_params.given_method(ctx, params)
    if method is not None and intent["allowed_payment_method_types"]:
        intent_params.check_type(intent, method)
    return await _confirm(ctx, intent, method, params, by_call=by_call)


async def confirm_by_call(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Confirm as callers of the API do, who have to say that the customer agreed (see ``mandates.agree``)."""
    return await confirm(ctx, ids, params, by_call=True)


async def authenticate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Answer 3D Secure for the customer: ``outcome`` is "succeed" or "fail" (an operation of this emulator).

    Raises the refusal of an intent that awaits no answer.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    if intent["status"] != transitions.REQUIRES_ACTION:
        raise errors.not_awaiting("PaymentIntent", intent)
    method = await payment_methods.resolve(ctx, intent["payment_method"])
    if params.get("outcome", "succeed") == "fail":
        return attempts.fail_authentication(ctx, intent, method).intent
    # A decline after the challenge is the customer's news, not an error of this call.
    return (await taking.take(ctx, intent, method, attempts.Manner(authenticated=True))).intent


async def capture(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents/{intent}/capture: all of what is held, or a part of it.

    Raises the refusals of an intent that holds nothing, and of less than one or more than is held.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    if intent["status"] not in transitions.CAPTURABLE:
        raise errors.cannot_capture(intent)
    wanted = params.get("amount_to_capture")
    amount: int = intent["amount_capturable"] if wanted is None else wanted
    if amount < 0:
        raise errors.capture_negative(intent)
    if amount == 0:
        raise errors.amount_below_one(payment_intent=intent)
    if amount > intent["amount_capturable"]:
        raise errors.capture_too_large(intent)
    sharing.check(ctx, params, intent, amount)
    changes = intent_params.kept(params, intent, intent_params.PAYMENT_FIELDS)
    share = {name: changes[name] for name in (sharing.FEE, sharing.DATA) if name in changes}
    charge = attempts.capture(ctx, await ctx.need("charge", intent["latest_charge"], "charge"), amount, share)
    after = {**intent, **changes, "amount_capturable": 0, "amount_received": amount, "status": transitions.SUCCEEDED}
    ctx.put(KIND, after)
    await aftermath.follow(ctx, charge)
    return after


async def verify_microdeposits(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents/{intent}/verify_microdeposits: the debit starts once the account is proven."""
    intent = await ctx.at_path(KIND, ids["intent"])
    method = await microdeposits.check(ctx, intent, params)
    return (await taking.take(ctx, intent, method, attempts.Manner(authenticated=True))).intent


async def increment_authorization(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents/{intent}/increment_authorization: hold more than before.

    Only for a card hold that asked for it (docs.stripe.com/payments/incremental-authorization). Raises the refusals
    of others, and of no more than before.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    if intent["status"] not in transitions.CAPTURABLE:
        raise errors.cannot_capture(intent)
    options = (intent["payment_method_options"] or {}).get("card") or {}
    if options.get("request_incremental_authorization") != "if_available":
        raise debit_errors.not_incrementable(intent)
    amount = params["amount"]
    if amount <= intent["amount"]:
        raise debit_errors.increment_too_small(intent)
    intent_params.check_amount(amount, intent["currency"])
    charge = await ctx.need("charge", intent["latest_charge"], "charge")
    details = charge["payment_method_details"]
    held = {**details, "card": {**details["card"], "amount_authorized": amount}}
    ctx.put("charge", changed(charge, amount=amount, payment_method_details=held))
    changes = intent_params.kept(params, intent, intent_params.PAYMENT_FIELDS)
    return ctx.put(KIND, {**intent, **changes, "amount": amount, "amount_capturable": amount})


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_intents/{intent}/cancel; a held charge keeps its shape (recorded 2026-09).

    Raises the refusals of an unknown reason, of a status that cannot be canceled and of an invoice's payment.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    reason = params.get("cancellation_reason")
    if reason is not None and reason not in CANCELLATION_REASONS:
        raise wording.not_in_enum("cancellation_reason", list(CANCELLATION_REASONS))
    if intent["status"] not in transitions.PAYMENT_CANCELABLE:
        raise errors.cannot_cancel(intent)
    if _of_invoice(intent):
        raise errors.cancel_of_invoice(intent)
    await debits.stop(ctx, intent)
    await bank_transfers.release(ctx, intent)
    return abandon(ctx, intent, params.get("cancellation_reason"))


def _of_invoice(intent: Doc) -> bool:
    """Say whether an invoice made this payment intent: such are the invoice's own affair (facts billing 5.5)."""
    order = (intent.get("payment_details") or {}).get("order_reference") or ""
    return intent["automatic_payment_methods"] is None and order.startswith("in_")


def abandon(ctx: Context, intent: Doc, reason: str | None) -> Doc:
    """Store that an open payment intent is canceled, also for invoices that are voided."""
    after = changed(
        intent,
        amount_capturable=0,
        canceled_at=ctx.now,
        cancellation_reason=reason,
        next_action=None,
        status=transitions.CANCELED,
    )
    return ctx.put(KIND, after)


async def _confirm(ctx: Context, intent: Doc, method: Doc | None, params: Doc, *, by_call: bool) -> Doc:
    """Take the money with the method of the call, of the intent, or of the customer; raises the decline."""
    method = method or await _own_method(ctx, intent)
    if method is None:
        raise errors.payment_method_missing(intent)
    await confirming.admit(ctx, intent, method, params, by_call=by_call)
    manner = attempts.Manner(
        off_session=bool(params.get("off_session")),
        waiting_allowed=not params.get("error_on_requires_action"),
        return_url=params.get("return_url"),
    )
    attempt = await taking.take(ctx, intent, method, manner)
    if attempt.error is not None:
        raise attempt.error
    return attempt.intent


async def _own_method(ctx: Context, intent: Doc) -> Doc | None:
    if intent["payment_method"] is not None:
        return await payment_methods.resolve(ctx, intent["payment_method"])
    if intent["customer"] is None:
        return None
    customer = await ctx.need("customer", intent["customer"], "customer")
    default = customer["invoice_settings"]["default_payment_method"]
    return None if default is None else await payment_methods.resolve(ctx, default)
