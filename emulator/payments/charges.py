"""Decides what the older Charges API does: a card is charged at once, without an intent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import missing_param, not_emulated
from emulator.payments import (
    aftermath,
    attempts,
    cards,
    charge_errors,
    errors,
    funds_errors,
    intent_params,
    payment_methods,
    shapes,
    sharing,
)
from emulator.payments.test_cards import book
from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "charge"
KEPT = (
    "application_fee_amount",
    "description",
    "on_behalf_of",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges: a source, or the customer's default source (recorded 2025-12).

    Raises the refusals of a missing amount or currency, and the decline, which keeps its charge.
    """
    for name in ("amount", "currency"):
        if params.get(name) is None:
            raise missing_param(name)
    currency = params["currency"].lower()
    intent_params.check_amount(params["amount"], currency)
    params = await _shared(ctx, params)
    sharing.check(ctx, params, {}, params["amount"])
    source = await _source(ctx, params)
    plastic = cards.of_stored(source)
    method = shapes.card_as_method(source, plastic.card, now=ctx.now, livemode=ctx.livemode)
    more = {
        "id": ctx.new_id(KIND),
        "amount": params["amount"],
        "currency": currency,
        "customer": params.get("customer"),
        "metadata": updates.merge_map({}, params.get("metadata")),
        "shipping": shapes.shipping(params.get("shipping")),
        "source": source,
        **{name: params[name] for name in KEPT if name in params},
    }
    forced = ctx.forced_decline(more["customer"], source["id"])
    decline = plastic.card.charge if forced is None else book().declines[forced]
    if decline is not None:
        charge = attempts.refuse(ctx, method, plastic.card, decline, more)
        raise errors.declined(decline, keep=True, charge=charge["id"])
    hold = params.get("capture") is False
    charge = attempts.approve(ctx, method, plastic.card, hold=hold, more=more)
    if not hold:
        await aftermath.follow(ctx, charge)
    return charge


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/charges/{charge}; an unknown one is blamed on ``id`` (recorded 2023-10)."""
    return await ctx.at_path(KIND, ids["charge"])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges/{charge}."""
    charge = await ctx.at_path(KIND, ids["charge"])
    given = {name: value for name, value in params.items() if name in charge}
    return ctx.put(KIND, {**updates.apply(charge, given), **intent_params.kept(params, charge, ())})


async def capture(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges/{charge}/capture.

    Raises the refusals of a captured charge, and of less than one or more than the charge.
    """
    charge = await ctx.at_path(KIND, ids["charge"])
    if charge["captured"]:
        raise charge_errors.already_captured(charge["id"])
    amount: int = charge["amount"] if params.get("amount") is None else params["amount"]
    if amount < 1:
        raise errors.amount_below_one()
    if amount > charge["amount"]:
        raise charge_errors.capture_over_charge(charge["id"])
    params = _legacy_fee(params)
    sharing.check(ctx, params, charge, amount)
    share = {sharing.FEE: params[sharing.FEE]} if params.get(sharing.FEE) is not None else {}
    if params.get(sharing.DATA) and charge[sharing.DATA]:
        share[sharing.DATA] = {**charge[sharing.DATA], **params[sharing.DATA]}
    charge = attempts.capture(ctx, charge, amount, share)
    await aftermath.follow(ctx, charge)
    return await ctx.at_path(KIND, charge["id"])


def _legacy_fee(params: Doc) -> Doc:
    """Return parameters with the fee under the name that it has had since 2018 (docs.stripe.com/upgrades)."""
    fee = params.get("application_fee")
    return params if fee is None else {sharing.FEE: fee, **params}


async def _shared(ctx: Context, params: Doc) -> Doc:
    """Return parameters with the destination under the name that it has had since 2018 (docs.stripe.com/upgrades)."""
    params = _legacy_fee(params)
    given = params.get("destination")
    if given is None:
        return params
    account = given.get("account") if isinstance(given, dict) else given
    if account is None:
        raise missing_param("destination[account]")
    if await ctx.find("account", account) is None:
        raise funds_errors.no_destination(account)
    amount = given.get("amount") if isinstance(given, dict) else None
    return {**params, sharing.DATA: {"destination": account, **({} if amount is None else {"amount": amount})}}


async def _source(ctx: Context, params: Doc) -> Doc:
    """Return the card to charge; one that was not stored before is made, but not kept."""
    given = params.get("source") or params.get("card")
    customer_id = params.get("customer")
    customer = None if customer_id is None else await ctx.need("customer", customer_id, "customer")
    if isinstance(given, dict):
        return cards.legacy(ctx, cards.typed(ctx, given), customer_id)
    if given is None and customer is None:
        raise charge_errors.source_or_customer()
    given = given or (customer or {}).get("default_source")
    if given is None:
        raise charge_errors.no_card()
    if given.startswith("tok_"):
        return cards.legacy(ctx, await cards.from_token(ctx, given), customer_id)
    if given.startswith(payment_methods.LEGACY_PREFIXES):
        source = await ctx.find("card", given)
        if source is not None and source["customer"] == customer_id:
            return source
        raise charge_errors.unknown_source(given, param="source", status=400)
    raise not_emulated(f"Charging {given}")
