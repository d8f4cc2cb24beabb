"""Decides with what, and how, an amount that is owed is taken from a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.kernel.documents import changed
from emulator.payments import attempts, debit_errors, mandates, payment_intents, payment_methods, taking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context

# A payment names the invoice it is for by the first characters of its id (recorded 2025-10).
ORDER_REFERENCE = 25


class Outcome(NamedTuple):
    """How a collection ended; ``error`` is what a caller who asked for the money at once would be told."""

    payment_intent: Doc
    charge: Doc | None
    status: str
    error: StripeError | None


async def collect(
    ctx: Context,
    *,
    amount: int,
    currency: str,
    customer: str,
    payment_method: str | None,
    description: str,
    invoice: str,
    off_session: bool = True,
    metadata: Mapping[str, str] | None = None,
    confirm: bool = True,
    more: Mapping[str, Any] | None = None,
) -> Outcome:
    """Make a payment intent of ``amount`` minor units for an invoice and, with ``confirm``, take the money.

    ``payment_method`` may be a legacy card. Without one, or without ``confirm``, the intent waits. Never
    raises a decline: it is in the outcome. Members of the intent: facts billing 2; ``more`` of them are of other
    accounts.
    """
    members: dict[str, Any] = {
        "capture_method": "automatic",
        "customer": customer,
        "description": description,
        "metadata": dict(metadata or {}),
        "payment_details": {"customer_reference": None, "order_reference": invoice[:ORDER_REFERENCE]},
        "setup_future_usage": "off_session",
    }
    if more:
        members.update(more)
    intent = payment_intents.made(ctx, amount, currency, members)
    if payment_method is None:
        return _outcome(attempts.Attempt(ctx.put(payment_intents.KIND, intent)))
    method = await payment_methods.resolve(ctx, payment_method)
    intent["payment_method"] = method["id"]
    intent["status"] = "requires_confirmation"
    if method["type"] != "card":
        intent["payment_method_types"] = ["card", method["type"]]
    ctx.put(payment_intents.KIND, intent)
    if not confirm:
        return _outcome(attempts.Attempt(intent))
    return await _taken(ctx, intent, method, off_session=off_session)


async def retry(ctx: Context, intent: Doc, payment_method: str, *, off_session: bool = True) -> Outcome:
    """Try again to take the money of an open payment intent, with this method or another; never raises a decline."""
    method = await payment_methods.resolve(ctx, payment_method)
    return await _taken(ctx, intent, method, off_session=off_session)


async def _taken(ctx: Context, intent: Doc, method: Doc, *, off_session: bool) -> Outcome:
    """Take the money; an account that nobody may debit leaves the intent waiting for a confirmation with a mandate.

    Seen by clients of the real API: nothing is debited at a renewal, whose intent stays at ``requires_confirmation``.
    """
    if ctx.request.actor in mandates.UNASKED and await mandates.lacking(ctx, method):
        waiting = changed(intent, next_action=None, payment_method=method["id"], status="requires_confirmation")
        ctx.put(payment_intents.KIND, waiting)
        return _outcome(attempts.Attempt(waiting, error=debit_errors.billed_without_mandate(waiting)))
    return _outcome(await taking.take(ctx, intent, method, attempts.Manner(off_session=off_session, invoiced=True)))


async def default_method(ctx: Context, customer: Doc, subscription: Doc | None) -> str | None:
    """Return the id of what a customer pays with, None when there is nothing (order of facts billing 6.12).

    The subscription's own method and source come before the customer's. A legacy default is a ``card_`` id.
    """
    if subscription is not None:
        own = subscription["default_payment_method"] or subscription.get("default_source")
        if own is not None:
            return str(own)
    theirs = customer["invoice_settings"]["default_payment_method"] or customer["default_source"]
    return None if theirs is None else str(theirs)


def _outcome(attempt: attempts.Attempt) -> Outcome:
    return Outcome(attempt.intent, attempt.charge, attempt.intent["status"], attempt.error)
