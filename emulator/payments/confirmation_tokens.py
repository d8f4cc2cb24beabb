"""Decides what a confirmation token carries: how a customer wants to pay, gathered before the intent is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.payments import debit_errors, payment_methods, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "confirmation_token"
PARAM = KIND
# The payment method that a token stands for is shown as a preview only: rows of (token, payment method).
METHOD = "_confirmation_token_method"
# docs.stripe.com/api/confirmation_tokens: a token can be used for twelve hours.
LIFE = 12 * 3600
CARRIED = ("mandate_data", "return_url", "setup_future_usage", "shipping")
HIDDEN = ("id", "object", "created", "livemode", "metadata", "shared_payment_granted_token")


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/test_helpers/confirmation_tokens: what a payment form does in a browser.

    Raises the refusal of one without a payment method.
    """
    if params.get("payment_method_data"):
        method = await payment_methods.build(ctx, params["payment_method_data"])
    elif params.get("payment_method") is not None:
        method = await payment_methods.resolve(ctx, params["payment_method"])
    else:
        raise missing_param("payment_method_data")
    token: Doc = {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "created": ctx.now,
        "expires_at": ctx.now + LIFE,
        "livemode": ctx.livemode,
        "mandate_data": None,
        "metadata": None,
        "payment_intent": None,
        "payment_method_options": None,
        "payment_method_preview": {name: value for name, value in method.items() if name not in HIDDEN},
        "return_url": params.get("return_url"),
        "setup_future_usage": params.get("setup_future_usage"),
        "setup_intent": None,
        "shipping": _shipping(params.get("shipping")),
        "use_stripe_sdk": True,
    }
    ctx.put(METHOD, {"id": token["id"], "payment_method": method["id"]})
    return ctx.put(KIND, token)


async def applied(ctx: Context, params: Doc) -> Doc:
    """Return the parameters of an intent with what its confirmation token carries; what the call says wins.

    Raises the refusal of a token that is unknown, was used, or is too old.
    """
    id = params.get(PARAM)
    if id is None:
        return params
    token = await ctx.need(KIND, id, PARAM)
    if token["payment_intent"] is not None or token["setup_intent"] is not None:
        raise debit_errors.confirmation_token_used(id)
    if ctx.now >= token["expires_at"]:
        raise debit_errors.confirmation_token_expired(id)
    row = await ctx.need(METHOD, id, PARAM)
    carried = {name: token[name] for name in CARRIED if token[name] is not None}
    return {"payment_method": row["payment_method"], **carried, **params}


async def claim(ctx: Context, params: Doc, intent: Doc) -> None:
    """Store which intent used a confirmation token; it serves no other."""
    id = params.get(PARAM)
    if id is not None:
        token = await ctx.need(KIND, id, PARAM)
        ctx.put(KIND, changed(token, **{intent["object"]: intent["id"]}))


def _shipping(given: Doc | None) -> Doc | None:
    if not given:
        return None
    address = {**shapes.ADDRESS, **(given.get("address") or {})}
    return {"address": address, "name": given.get("name") or "", "phone": given.get("phone")}
