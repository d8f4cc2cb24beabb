"""Decides what the hosted pages of Checkout and of payment links are told, and what brings an expired session back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.checkout import errors, links, sessions
from emulator.checkout.completion import payable_with_nothing

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# What an expired session hands on to the one that takes its place.
HANDED_ON = (
    "billing_address_collection", "cancel_url", "client_reference_id", "consent_collection", "custom_text", "locale",
    "metadata", "mode", "phone_number_collection", "shipping_address_collection", "submit_type", "success_url",
    "tax_id_collection",
)  # fmt: skip
DATA = ("payment_intent_data", "subscription_data")


async def page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``checkout:page`` (session): what the page of a session draws; raises 404.

    ``codes`` are the texts of the promotion codes in use, ``free`` says that nothing to pay with is asked for, ``intent``
    is what was begun to pay or to set up, ``trial`` the days or the end (unix seconds) of a trial.
    """
    session = await ctx.at_path(sessions.KIND, params["session"], name="session")
    behind = await ctx.need(sessions.BEHIND, session["id"], "session")
    data = behind["subscription_data"] or {}
    intent = await ctx.find("payment_intent", behind["payment_intent"] or "")
    return {
        "codes": await _codes(ctx, session),
        "customer": await ctx.find("customer", session["customer"] or ""),
        "free": payable_with_nothing(session),
        "intent": intent or await ctx.find("setup_intent", behind["setup_intent"] or ""),
        "items": (session.get("line_items") or {"data": []})["data"],
        "kept": session["mode"] != "payment" or bool((behind["payment_intent_data"] or {}).get("setup_future_usage")),
        "link": await ctx.find(links.KIND, session["payment_link"] or ""),
        "session": session,
        "shipping_rates": await _shipping(ctx, session),
        "trial": {"days": data.get("trial_period_days"), "end": data.get("trial_end")},
    }


async def _codes(ctx: Context, session: Doc) -> list[str]:
    found = [await ctx.find("promotion_code", one["promotion_code"] or "") for one in session["discounts"] or ()]
    return [one["code"] for one in found if one is not None]


async def _shipping(ctx: Context, session: Doc) -> list[Doc]:
    """Return the ways of shipping on offer: id, name, amount (minor units)."""
    result = []
    for one in session["shipping_options"]:
        rate = await ctx.find("shipping_rate", one["shipping_rate"])
        name = rate["display_name"] if rate else None
        result.append({"amount": one["shipping_amount"], "id": one["shipping_rate"], "name": name})
    return result


async def link(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``checkout:link`` (payment_link): what is said after a purchase by a link; raises 404."""
    found = await ctx.at_path(links.KIND, params["payment_link"], name="payment_link")
    told = found["after_completion"].get("hosted_confirmation") or {}
    return {"custom_message": told.get("custom_message"), "livemode": found["livemode"]}


async def recover(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``checkout:recover`` (session): return a new session in the place of an expired one that allows that.

    Raises 404 for all others, and after the time of the recovery (docs.stripe.com/payments/checkout/abandoned-carts).
    """
    session = await ctx.at_path(sessions.KIND, params["session"], name="session")
    recovery = (session["after_expiration"] or {}).get("recovery") or {}
    if not recovery.get("url") or recovery["expires_at"] <= ctx.server_now:
        raise errors.not_recoverable(session["id"])
    behind = await ctx.need(sessions.BEHIND, session["id"], "session")
    wish: Doc = {name: session[name] for name in HANDED_ON if session.get(name)}
    if session["mode"] == "payment" and session["customer"] is None:
        wish["customer_creation"] = session["customer_creation"]
    email = (session["customer_details"] or {}).get("email")
    wish |= {"customer": session["customer"], "customer_email": None if session["customer"] else email}
    wish |= {name: behind[name] for name in DATA if behind[name]}
    # A price that was described in the call was used up by it: it is described again.
    wish["line_items"] = [
        {
            **row["params"],
            "quantity": row["quantity"],
            **({} if row["params"].get("price_data") else {"price": row["price"]}),
        }
        for row in behind["picks"]
    ]
    wish["allow_promotion_codes"] = recovery["allow_promotion_codes"] or None
    return await sessions.offer(ctx, wish, recovered_from=session["id"])
