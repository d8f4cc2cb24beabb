"""Decides what a token holds: something private that was typed once and can be used once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import missing_param
from emulator.payments import bank_sources, cards, charge_errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "token"
# What a token's id begins with, by its type (docs.stripe.com/api/tokens).
PREFIXES = {
    "account": "ct",
    "bank_account": "btok",
    "card": "tok",
    "cvc_update": "cvctok",
    "person": "cpt",
    "pii": "pii",
}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/tokens: a card, a bank account, or what only the id stands for afterwards.

    Raises the refusals of two things at once and of none.
    """
    given = [name for name in PREFIXES if params.get(name) is not None]
    if len(given) > 1:
        raise charge_errors.one_thing_per_token(given)
    if not given:
        if params.get("customer") is None:
            raise missing_param("card")
        given = ["card"]
    type = given[0]
    # The id is one of the usual family behind a prefix that tells what it is.
    id = f"{PREFIXES[type]}_{ctx.new_id(KIND).partition('_')[2]}"
    token: Doc = {
        "id": id,
        "object": KIND,
        "client_ip": "127.0.0.1",
        "created": ctx.now,
        "livemode": ctx.livemode,
        "type": type,
        "used": False,
    }
    if type == "card":
        token["card"] = await _card(ctx, params)
    elif type == "bank_account":
        token["bank_account"] = await _bank_account(ctx, params["bank_account"])
    return ctx.put(KIND, {key: token[key] for key in ("id", "object", *sorted(token.keys() - {"id", "object"}))})


async def _card(ctx: Context, params: Doc) -> Doc:
    given = params.get("card")
    if isinstance(given, dict):
        return cards.legacy(ctx, cards.typed(ctx, given), None)
    if given is None:
        customer = await ctx.need("customer", params["customer"], "customer")
        given = customer["default_source"]
        if given is None:
            raise charge_errors.no_card()
    return {**await ctx.need("card", given, "card"), "customer": None}


async def _bank_account(ctx: Context, given: str | Doc) -> Doc:
    if isinstance(given, dict):
        return bank_sources.typed(ctx, given)
    return {**await ctx.need(bank_sources.KIND, given, "bank_account"), "customer": None}
