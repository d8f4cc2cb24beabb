"""Decides what comes of a card payment that went through: disputes of several kinds, and warnings of fraud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import disputes
from emulator.payments.test_cards import book

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

WARNING = "radar.early_fraud_warning"
FRAUD_TYPE = "misc"  # what an issuer says of the test card (docs.stripe.com/api/radar/early_fraud_warnings)
SEVERAL = "several"  # the card whose payment is disputed more than once: here twice, by halves (a choice)


def follow(ctx: Context, charge: Doc) -> None:
    """Let happen what the test card of a captured charge stands for (docs.stripe.com/testing, disputes)."""
    details = charge["payment_method_details"].get("card")
    card = None if details is None else book().of(details)
    if card is None:
        return
    if card.fraud_warning:
        warn(ctx, charge)
    if card.dispute == SEVERAL:
        half = charge["amount"] // 2
        first = disputes.start(ctx, charge, "fraudulent", amount=half)
        charge = {**charge, "dispute": first["id"], "disputed": True}
        disputes.start(ctx, charge, "fraudulent", amount=charge["amount"] - half)
    elif card.dispute is not None:
        disputes.start(ctx, charge, card.dispute)


def warn(ctx: Context, charge: Doc) -> Doc:
    """Store that the issuer takes a payment for fraud before anybody disputes it."""
    return ctx.put(WARNING, {
        "id": ctx.new_id(WARNING),
        "object": WARNING,
        "actionable": True,
        "charge": charge["id"],
        "created": ctx.now,
        "fraud_type": FRAUD_TYPE,
        "livemode": ctx.livemode,
        "payment_intent": charge["payment_intent"],
    })  # fmt: skip
