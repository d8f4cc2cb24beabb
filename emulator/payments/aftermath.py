"""Decides what comes of a card payment that went through: disputes of several kinds, and warnings of fraud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import disputes, fraud_warnings
from emulator.payments.test_cards import book

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SEVERAL = "several"  # the card whose payment is disputed more than once: here twice, by halves (a choice)


async def follow(ctx: Context, charge: Doc) -> None:
    """Let happen what the test card of a captured charge stands for (docs.stripe.com/testing, disputes)."""
    details = charge["payment_method_details"].get("card")
    card = None if details is None else book().of(details)
    if card is None:
        return
    if card.fraud_warning:
        fraud_warnings.warn(ctx, charge)
    if card.dispute == SEVERAL:
        half = charge["amount"] // 2
        first = await disputes.start(ctx, charge, "fraudulent", amount=half)
        charge = {**charge, "dispute": first["id"], "disputed": True}
        await disputes.start(ctx, charge, "fraudulent", amount=charge["amount"] - half)
    elif card.dispute is not None:
        await disputes.start(ctx, charge, card.dispute)
