"""Decides how an issuer warns of fraud, and until when something can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "radar.early_fraud_warning"
FRAUD_TYPE = "misc"  # what an issuer says of the test card (docs.stripe.com/api/radar/early_fraud_warnings)


def warn(ctx: Context, charge: Doc) -> Doc:
    """Store that the issuer takes a payment for fraud before anybody disputes it."""
    return ctx.put(KIND, {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "actionable": True,
        "charge": charge["id"],
        "created": ctx.now,
        "fraud_type": FRAUD_TYPE,
        "livemode": ctx.livemode,
        "payment_intent": charge["payment_intent"],
    })  # fmt: skip


async def settle(ctx: Context, charge: Doc) -> None:
    """Store whether something can be done about the warnings of a charge: it has no dispute and is not wholly refunded.

    Source: docs.stripe.com/api/radar/early_fraud_warnings/object, ``actionable``.
    """
    actionable = charge["dispute"] is None and not charge["refunded"]
    for warning in await ctx.select(KIND, charge=charge["id"]):
        if warning["actionable"] is not actionable:
            ctx.put(KIND, changed(warning, actionable=actionable))
