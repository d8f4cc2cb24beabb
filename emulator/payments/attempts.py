"""Decides how one attempt to take money ends: approved, held, declined, or waiting for the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from emulator.kernel.documents import changed
from emulator.payments import charge_shapes, errors, funds, payment_methods, shapes, sharing, transitions
from emulator.payments.test_cards import Decline, MagicCard, book, must_authenticate

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context

STATEMENT_DESCRIPTOR = "Stripe"  # of an account that has not said anything else (recorded 2026-05)
# The page on which a person answers 3D Secure (a choice: Stripe's own pages are at hooks.stripe.com).
CHALLENGE_PATH = "/3d_secure/"
# Nobody keeps these for later: the customer sends money each time.
UNKEPT = frozenset({"customer_balance"})


class Manner(NamedTuple):
    """How money is asked for.

    ``off_session``: the customer is not there to act. ``authenticated``: they have acted. Without ``waiting_allowed`` the
    caller wants a refusal rather than a payment that waits for an answer. ``return_url`` is where the customer comes
    back to. What is ``invoiced`` waits for an absent customer too, who is asked by other ways (facts billing 6.3, 7.1).
    """

    off_session: bool = False
    authenticated: bool = False
    waiting_allowed: bool = True
    return_url: str | None = None
    invoiced: bool = False


class Attempt(NamedTuple):
    """How an attempt ended: the intent as stored, its charge if one was made, the refusal if there was one."""

    intent: Doc
    charge: Doc | None = None
    error: StripeError | None = None


def related_id(id: str, prefix: str, ctx: Context) -> str:
    """Return an id for what belongs to a payment: all but the last seven characters are shared (facts billing 2)."""
    return prefix + id[id.index("_") : -7] + ctx.text(7)


def challenge(ctx: Context, intent: Doc, return_url: str | None) -> Doc:
    """Return the ``next_action`` that asks the customer for 3D Secure."""
    url = f"{ctx.base_url}{CHALLENGE_PATH}{intent['client_secret']}"
    if return_url is not None:
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}


async def run(ctx: Context, intent: Doc, method: Doc, manner: Manner) -> Attempt:
    """Try to take the money of ``intent`` with ``method``; what happened is stored in the order it is announced."""
    card = payment_methods.card_of(method)
    if (
        card is not None
        and card.challenge != "never"
        and not manner.authenticated
        and await _must_authenticate(ctx, card, method, off_session=manner.off_session)
    ):
        if manner.off_session and not manner.invoiced:
            return _fail(ctx, intent, method, card, book().declines["authentication_required"], charged=False)
        if not manner.waiting_allowed:
            return refuse_action(ctx, intent, method)
        return wait(ctx, intent, method, challenge(ctx, intent, manner.return_url))
    forced = ctx.forced_decline(intent["id"], intent["customer"], method["id"])
    if forced is not None:
        return _fail(ctx, intent, method, card, book().declines[forced])
    if card is not None and card.charge is not None:
        return _fail(ctx, intent, method, card, card.charge)
    return await _succeed(ctx, intent, method, card)


def refuse_action(ctx: Context, intent: Doc, method: Doc) -> Attempt:
    """Store that the customer would have to act, which the caller does not want (docs.stripe.com/error-codes)."""
    decline = book().declines["authentication_not_handled"]
    return _fail(ctx, intent, method, payment_methods.card_of(method), decline, charged=False)


def wait(ctx: Context, intent: Doc, method: Doc, next_action: Doc) -> Attempt:
    """Store that the customer has to do something before the money can be taken."""
    waiting = changed(
        intent,
        status=transitions.REQUIRES_ACTION,
        payment_method=method["id"],
        next_action=next_action,
        last_payment_error=None,
    )
    return Attempt(ctx.put("payment_intent", waiting))


def fail_authentication(ctx: Context, intent: Doc, method: Doc) -> Attempt:
    """Store that the customer did not pass 3D Secure (docs.stripe.com/error-codes)."""
    error: Doc = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": errors.AUTHENTICATION_FAILED,
        "payment_method": method,
        "type": "invalid_request_error",
    }
    after = changed(
        intent,
        status=transitions.after_authentication(passed=False),
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    return Attempt(ctx.put("payment_intent", after))


def capture(ctx: Context, charge: Doc, amount: int, share: Doc) -> Doc:
    """Store that a held charge is taken, all or a part; the rest is let go. ``share`` is what is newly said of fee and transfer."""
    transaction = related_id(charge["id"], "txn", ctx)
    charge = {**charge, **share}
    captured = changed(
        {**charge, **sharing.promised(ctx, charge)},
        amount_captured=amount,
        # What is not captured counts as refunded (a choice: partial captures are not recorded).
        amount_refunded=charge["amount"] - amount,
        captured=True,
        balance_transaction=transaction,
    )
    ctx.put("charge", captured)
    arrived(ctx, captured, amount)
    return captured


def arrived(ctx: Context, charge: Doc, amount: int, *, at_once: bool = False) -> None:
    """Store that the money of a charge came in, and what of it goes on to other accounts."""
    fees = sharing.fee_details(ctx, charge, amount)
    entry = charge_shapes.charge_transaction(
        charge["balance_transaction"], charge, amount=amount, now=ctx.now, fees=fees
    )
    entry = ctx.put("balance_transaction", funds.at_once(ctx, entry) if at_once else entry)
    sharing.carry_out(ctx, charge, entry, amount)


def approve(ctx: Context, method: Doc, card: MagicCard | None, *, hold: bool, more: Doc) -> Doc:
    """Store and return an approved charge with its balance transaction; ``more`` names id, amount and currency too."""
    id, amount = more["id"], more["amount"]
    transaction = None if hold else related_id(id, "txn", ctx)
    details = charge_shapes.charge_details(
        method,
        card,
        amount=amount,
        code=_approval(id),
        hold_until=ctx.now + charge_shapes.HOLD if hold else None,
    )
    facts: Doc = {
        "amount_captured": 0 if hold else amount,
        "balance_transaction": transaction,
        "calculated_statement_descriptor": descriptor(ctx, more),
        "captured": not hold,
        "outcome": charge_shapes.approved(card.risk if card else "normal"),
        "paid": True,
        "payment_method_details": details,
        "receipt_url": f"{ctx.base_url}/receipts/payment/{id}",
        "status": "succeeded",
    }
    if not hold:
        facts.update(sharing.promised(ctx, more))
    charge = stored_charge(ctx, method, facts, more)
    if transaction is not None:
        arrived(ctx, charge, amount, at_once=card is not None and card.available)
    return charge


def refuse(ctx: Context, method: Doc, card: MagicCard | None, decline: Decline, more: Doc) -> Doc:
    """Store and return a declined charge."""
    details = charge_shapes.charge_details(method, card, amount=more["amount"], code=None, hold_until=None)
    facts = {
        "calculated_statement_descriptor": descriptor(ctx, more),
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": charge_shapes.refused(decline, card.risk if card else "normal"),
        "payment_method_details": details,
    }
    return stored_charge(ctx, method, facts, more)


def descriptor(ctx: Context, more: Doc) -> str:
    """Return what the customer's bank statement says."""
    base = more.get("statement_descriptor") or ctx.settings.get("statement_descriptor") or STATEMENT_DESCRIPTOR
    suffix = more.get("statement_descriptor_suffix")
    return f"{base}* {suffix}"[:22] if suffix else str(base)


async def _must_authenticate(ctx: Context, card: MagicCard, method: Doc, *, off_session: bool) -> bool:
    set_up = await payment_methods.is_set_up(ctx, method["id"])
    return must_authenticate(card, off_session=off_session, set_up=set_up)


async def _succeed(ctx: Context, intent: Doc, method: Doc, card: MagicCard | None) -> Attempt:
    status = transitions.after_authorization(intent["capture_method"])
    hold = status == transitions.REQUIRES_CAPTURE
    checked = shapes.checked(method, card)
    charge = approve(ctx, checked, card, hold=hold, more=of_intent(ctx, intent, method))
    settle_method(ctx, intent, checked)
    amount = intent["amount"]
    after = {
        **intent,
        "amount_capturable": amount if hold else 0,
        "amount_received": 0 if hold else amount,
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "status": status,
    }
    return Attempt(ctx.put("payment_intent", after), charge)


def settle_method(ctx: Context, intent: Doc, method: Doc) -> None:
    """Attach what is to be kept, use up what is not, after a payment that went through."""
    keep = intent["setup_future_usage"] is not None and method["type"] not in UNKEPT
    if method["customer"] is None:
        if keep and intent["customer"] is not None:
            ctx.put("payment_method", changed(method, customer=intent["customer"]))
        else:
            payment_methods.spend(ctx, method["id"])
    if keep and method["type"] == "card":
        card = payment_methods.card_of(method)
        if card is not None and card.challenge != "never":
            payment_methods.set_up(ctx, method["id"])


def _fail(
    ctx: Context, intent: Doc, method: Doc, card: MagicCard | None, decline: Decline, *, charged: bool = True
) -> Attempt:
    method = shapes.checked(method, card)
    charge = refuse(ctx, method, card, decline, of_intent(ctx, intent, method)) if charged else None
    charge_id = charge["id"] if charge is not None else None
    members: dict[str, Any] = {**errors.decline_members(decline), "payment_method": method}
    if charge_id is not None:
        members["charge"] = charge_id
    after = {
        **intent,
        "last_payment_error": {key: members[key] for key in sorted(members)},
        "latest_charge": charge_id or intent["latest_charge"],
        "next_action": None,
        "payment_method": None,
        "status": transitions.REQUIRES_PAYMENT_METHOD,
    }
    ctx.put("payment_intent", after)
    error = errors.declined(decline, keep=True, charge=charge_id, payment_intent=after, payment_method=method)
    return Attempt(after, charge, error)


def of_intent(ctx: Context, intent: Doc, method: Doc) -> Doc:
    """Return the members that a charge has from its payment intent; what is no card makes a payment, ``py_``."""
    return {
        "id": related_id(intent["id"], "ch" if method["type"] == "card" else "py", ctx),
        "amount": intent["amount"],
        "application_fee_amount": intent["application_fee_amount"],
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "metadata": intent["metadata"],
        "on_behalf_of": intent["on_behalf_of"],
        "payment_intent": intent["id"],
        "receipt_email": intent["receipt_email"],
        "shipping": intent["shipping"],
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "transfer_data": intent["transfer_data"],
        "transfer_group": intent["transfer_group"],
    }


def _approval(id: str) -> str:
    """Return six digits that go with a charge; drawn from its id, which is random enough and costs nothing."""
    return f"{crc32(id.encode()) % 1_000_000:06}"


def stored_charge(ctx: Context, method: Doc, facts: Doc, more: Doc) -> Doc:
    """Store and return a charge on ``method``; ``more`` names id, amount and currency too."""
    doc = charge_shapes.charge(method, now=ctx.now, livemode=ctx.livemode, more=more)
    doc.update(facts)
    doc.update(sharing.known(ctx, more))
    return ctx.put("charge", doc)
