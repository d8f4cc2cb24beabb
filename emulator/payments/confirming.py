"""Decides whether an intent, of a payment or of a setup, may be confirmed with a payment method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.payments import confirmation_tokens, debit_errors, errors, mandates, payment_methods, taking

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# How a customer's method without the customer is refused, by the kind of the intent.
LEFT_OUT: Final = {"payment_intent": errors.customer_left_out, "setup_intent": errors.setup_customer_left_out}


def check_owner(kind: str, method: Doc, customer: str | None, intent: Doc | None = None) -> None:
    """Raise when the method belongs to someone else than the customer of an intent of ``kind``; a new one is not shown."""
    owner = method["customer"]
    if owner is None or owner == customer:
        return
    shown = {} if intent is None else {kind: intent}
    if customer is None:
        raise LEFT_OUT[kind](method["id"], owner, **shown)
    raise errors.wrong_customer(method["id"], customer, **shown)


async def admit(ctx: Context, intent: Doc, method: Doc, params: Doc, *, by_call: bool) -> None:
    """Keep what the confirmation says of the customer's agreement, and that its token is used.

    Raises, in this order, the refusals of somebody else's method, of one that is used up, of a debit that nobody agreed to,
    and of a missing ``return_url``.
    """
    check_owner(intent["object"], method, intent["customer"], intent)
    if method["customer"] is None and await payment_methods.is_spent(ctx, method["id"]):
        raise errors.spent()
    await mandates.agree(ctx, intent, method, params, by_call=by_call)
    await confirmation_tokens.claim(ctx, params, intent)
    if taking.needs_return_url(intent, params):
        raise debit_errors.return_url_missing(intent)
