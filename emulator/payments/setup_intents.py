"""Decides how a setup intent moves: a payment method is prepared, authenticated and given to its customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed
from emulator.payments import (
    attempts,
    confirmation_tokens,
    confirming,
    debit_errors,
    errors,
    intent_params,
    mandates,
    microdeposits,
    payment_methods,
    shapes,
    taking,
    test_accounts,
    transitions,
)
from emulator.payments.test_cards import book, must_authenticate_setup

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.payments.test_cards import Decline, MagicCard
    from emulator.resources.context import Context

KIND = "setup_intent"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/setup_intents (facts billing 5.4); ``usage`` is taken and ignored, as recorded."""
    customer = params.get("customer")
    if customer is not None:
        await ctx.need("customer", customer, "customer")
    params = await confirmation_tokens.applied(ctx, params)
    method = await intent_params.given_method(ctx, params)
    if method is not None:
        confirming.check_owner(KIND, method, customer)
    id = ctx.new_id(KIND)
    secret = f"{id}_secret_{ctx.token(31)}"
    intent = shapes.setup_intent(id, now=ctx.now, livemode=ctx.livemode, secret=secret)
    intent |= {"customer": customer, "customer_account": params.get("customer_account")}
    intent |= await intent_params.method_types(ctx, params, method)
    intent |= intent_params.kept(params, intent, intent_params.SETUP_FIELDS)
    if method is not None:
        intent_params.check_type(intent, method)
        intent |= {"payment_method": method["id"], "status": transitions.REQUIRES_CONFIRMATION}
    ctx.put(KIND, intent)
    return await _confirm(ctx, intent, method, params, by_call=True) if params.get("confirm") else intent


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/setup_intents/{intent}: the payment method only while the setup is open.

    Raises the refusal of a payment method afterwards.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    changes: Doc = {}
    if "customer" in params:
        if params["customer"] is not None:
            await ctx.need("customer", params["customer"], "customer")
        changes["customer"] = params["customer"]
    method = await intent_params.given_method(ctx, params)
    if method is not None:
        if intent["status"] not in transitions.CONFIRMABLE:
            raise errors.setup_closed("update", intent)
        confirming.check_owner(KIND, method, changes.get("customer", intent["customer"]), intent)
        if intent["allowed_payment_method_types"]:
            intent_params.check_type(intent, method)
        changes["payment_method"] = method["id"]
        changes["status"] = transitions.after_payment_method(intent["status"], method["id"])
    changes |= intent_params.kept(params, intent, intent_params.SETUP_FIELDS)
    return ctx.put(KIND, {**intent, **changes})


async def confirm(ctx: Context, ids: dict[str, str], params: Doc, *, by_call: bool = False) -> Doc:
    """POST /v1/setup_intents/{intent}/confirm; the customer's default is not used (recorded 2026-09)."""
    intent = await ctx.at_path(KIND, ids["intent"])
    params = await confirmation_tokens.applied(ctx, params)
    method = await intent_params.given_method(ctx, params)
    intent = {**intent, **intent_params.kept(params, intent, ())}
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
        raise errors.not_awaiting("SetupIntent", intent)
    method = await payment_methods.resolve(ctx, intent["payment_method"])
    if params.get("outcome", "succeed") == "fail":
        error = {
            "code": "setup_intent_authentication_failure",
            "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
            "message": errors.AUTHENTICATION_FAILED,
            "payment_method": method,
            "type": "invalid_request_error",
        }
        return _failed(ctx, intent, method, error)
    return await _succeed(ctx, intent, method, payment_methods.card_of(method), params)


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/setup_intents/{intent}/cancel; the payment method stays on it.

    Raises the refusal of a status that cannot be canceled.
    """
    intent = await ctx.at_path(KIND, ids["intent"])
    if intent["status"] not in transitions.SETUP_CANCELABLE:
        raise errors.cannot_cancel_setup(intent)
    reason = params.get("cancellation_reason")
    return ctx.put(KIND, changed(intent, cancellation_reason=reason, next_action=None, status=transitions.CANCELED))


async def verify_microdeposits(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/setup_intents/{intent}/verify_microdeposits: the account is the customer's once it is proven."""
    intent = await ctx.at_path(KIND, ids["intent"])
    method = await microdeposits.check(ctx, intent, params)
    return await _succeed(ctx, intent, method, None, params)


async def _confirm(ctx: Context, intent: Doc, method: Doc | None, params: Doc, *, by_call: bool) -> Doc:
    if method is None and intent["payment_method"] is not None:
        method = await payment_methods.resolve(ctx, intent["payment_method"])
    # The missing method is found before the state is looked at (recorded 2026-09).
    if method is None:
        raise errors.setup_method_missing(intent)
    if intent["status"] not in transitions.CONFIRMABLE:
        raise errors.setup_closed("confirm", intent)
    await confirming.admit(ctx, intent, method, params, by_call=by_call)
    card = payment_methods.card_of(method)
    forced = ctx.forced_decline(intent["id"], intent["customer"], method["id"])
    if forced is not None:
        raise _declined(ctx, intent, shapes.checked(method, card), book().declines[forced])
    if card is not None and card.setup is not None:
        raise _declined(ctx, intent, shapes.checked(method, card), card.setup)
    action = await _next_action(ctx, intent, method, card, params)
    if action is not None:
        waiting = changed(
            intent,
            status=transitions.REQUIRES_ACTION,
            payment_method=method["id"],
            next_action=action,
            latest_attempt=_attempt(ctx, intent, method, "requires_action"),
            last_setup_error=None,
        )
        return ctx.put(KIND, waiting)
    return await _succeed(ctx, intent, method, card, params)


async def _next_action(ctx: Context, intent: Doc, method: Doc, card: MagicCard | None, params: Doc) -> Doc | None:
    """Return what the customer has to do before the method is theirs, None when nothing."""
    return_url = params.get("return_url")
    if card is not None:
        return attempts.challenge(ctx, intent, return_url) if must_authenticate_setup(card) else None
    if await microdeposits.wanted(ctx, intent, method):
        return await microdeposits.ask(ctx, intent, method)
    if await taking.must_agree(ctx, method):
        return taking.agreement(ctx, intent, method, return_url)
    return None


async def _succeed(ctx: Context, intent: Doc, method: Doc, card: MagicCard | None, params: Doc) -> Doc:
    """Give the method to the customer and close the setup: attached first, then succeeded (facts billing 9.2)."""
    account = test_accounts.book().of(method) if method["type"] in test_accounts.DELAYED else None
    if account is not None and account.setup is not None:
        error = debit_errors.account_unusable(account.setup, intent)
        members = {"code": error.code, "message": error.message, "payment_method": method, "type": error.type}
        error.extra["setup_intent"] = _failed(ctx, intent, method, members)
        raise error
    if intent["customer"] is not None:
        await payment_methods.join(ctx, method, intent["customer"])
    else:
        payment_methods.spend(ctx, method["id"])
    if (card is not None and card.challenge != "never") or method["type"] in taking.REDIRECTED:
        payment_methods.set_up(ctx, method["id"])
    mandate = None
    if method["type"] in mandates.MANDATED:
        mandate = mandates.given(ctx, method, await mandates.said(ctx, intent, params))["id"]
    if account is not None and account.mandate == "refused":
        await mandates.revoke(ctx, method, account.mandate)
    done = changed(
        intent,
        mandate=mandate,
        status=transitions.SUCCEEDED,
        payment_method=method["id"],
        next_action=None,
        last_setup_error=None,
        latest_attempt=_attempt(ctx, intent, method, "succeeded"),
    )
    return ctx.put(KIND, done)


def _declined(ctx: Context, intent: Doc, method: Doc, decline: Decline) -> Exception:
    members: dict[str, Any] = {**errors.decline_members(decline), "payment_method": method}
    after = _failed(ctx, intent, method, {key: members[key] for key in sorted(members)})
    return errors.declined(decline, keep=True, setup_intent=after, payment_method=method)


def _failed(ctx: Context, intent: Doc, method: Doc, error: Doc) -> Doc:
    after = changed(
        intent,
        status=transitions.REQUIRES_PAYMENT_METHOD,
        payment_method=None,
        next_action=None,
        last_setup_error=error,
        latest_attempt=_attempt(ctx, intent, method, "failed", error),
    )
    return ctx.put(KIND, after)


def _attempt(ctx: Context, intent: Doc, method: Doc, status: str, error: Doc | None = None) -> str:
    """Store one try to set up, and return its id."""
    details: Doc = {"type": method["type"]}
    if method["type"] == "card":
        card = method["card"]
        names = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
        shown = {name: card[name] for name in names}
        details["card"] = {**shown, "network": card["brand"], "three_d_secure": None}
    else:
        details[method["type"]] = {}
    id = ctx.new_id("setup_attempt")
    ctx.put(
        "setup_attempt",
        {
            "id": id,
            "object": "setup_attempt",
            "application": None,
            "created": ctx.now,
            "customer": intent["customer"],
            "customer_account": None,
            "flow_directions": None,
            "livemode": ctx.livemode,
            "on_behalf_of": None,
            "payment_method": method["id"],
            "payment_method_details": details,
            "setup_error": error,
            "setup_intent": intent["id"],
            "status": status,
            "usage": intent["usage"],
        },
    )
    return id
