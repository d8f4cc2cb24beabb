"""Decides what a customer's legacy cards are: made of tokens, one of them the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param, not_emulated
from emulator.payments import bank_sources, cards, charge_errors, errors
from emulator.resources import updates
from emulator.resources.listing import listed
from emulator.spec import wording

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "card"
HOLDERS = ("subscription", "invoice")  # what may name a source of its own


async def made(ctx: Context, source: str | Doc, customer: str, param: str = "source") -> Doc:
    """Store and return the card that ``source`` gives a customer; the customer is left as it is.

    The id of a card that the customer has is that card. Also for ``source`` of a new customer, who is not
    stored yet. Raises the decline of a card that cannot be saved.
    """
    if isinstance(source, dict) and (source.get("object") == bank_sources.KIND or "account_number" in source):
        return await bank_sources.made(ctx, source, customer, param)
    if isinstance(source, str) and source.startswith(bank_sources.PREFIX):
        return await bank_sources.made(ctx, source, customer, param)
    if isinstance(source, dict):
        plastic = cards.typed(ctx, source, param)
    elif source.startswith("tok_"):
        plastic = await cards.from_token(ctx, source, param=param)
    elif source.startswith("src_"):
        raise not_emulated("A source object")
    else:
        own = await ctx.find(KIND, source)
        if own is None or own["customer"] != customer:
            raise charge_errors.unknown_source(source, param=param, status=400)
        return own
    if plastic.card.attach is not None:
        raise errors.declined(plastic.card.attach)
    return ctx.put(KIND, cards.legacy(ctx, plastic, customer))


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/customers/{customer}/sources and /cards; the first card becomes the default.

    Raises the refusal of a missing source.
    """
    customer = await ctx.at_path("customer", ids["customer"])
    source = params.get("source") or params.get("card") or params.get("bank_account")
    if source is None:
        raise missing_param("source")
    card = await made(ctx, source, customer["id"])
    if params.get("metadata"):
        card = ctx.put(card["object"], changed(card, metadata=updates.merge_map(None, params["metadata"])))
    if customer["default_source"] is None:
        ctx.put("customer", changed(customer, default_source=card["id"]))
    return card


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/customers/{customer}/sources/{id}."""
    return await _owned(ctx, ids)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/customers/{customer}/sources/{id}: address, name, expiry, metadata."""
    card = await _owned(ctx, ids)
    given = {name: value for name, value in params.items() if name in card}
    dated: Doc = {name: given[name] for name in ("exp_month", "exp_year") if name in given}
    for name, value in dated.items():
        if value is None:
            raise wording.empty(name)
    if dated:
        both = {**card, **dated}
        given["exp_month"], given["exp_year"] = cards.expiry(ctx, both["exp_month"], both["exp_year"])
    return ctx.put(card["object"], updates.apply(card, given))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """DELETE /v1/customers/{customer}/sources/{id}; the newest card left becomes the default."""
    card = await _owned(ctx, ids)
    gone = ctx.remove(card["object"], card["id"])
    await forget(ctx, card)
    customer = await ctx.need("customer", card["customer"], "customer")
    if customer["default_source"] == card["id"]:
        left = await ctx.select(KIND, 1, customer=customer["id"])
        ctx.put("customer", changed(customer, default_source=left[0]["id"] if left else None))
    return gone


async def forget(ctx: Context, card: Doc) -> None:
    """Clear what would be charged to a source that is gone, as detaching a payment method does (a choice)."""
    for kind in HOLDERS:
        for holder in await ctx.select(kind, customer=card["customer"]):
            if holder.get("default_source") == card["id"]:
                ctx.put(kind, changed(holder, default_source=None))


async def check_default(ctx: Context, params: Doc, customer: str) -> None:
    """Refuse a ``default_source`` that is none of the customer's."""
    source = params.get("default_source")
    if source is None:
        return
    for kind in (KIND, bank_sources.KIND):
        found = await ctx.find(kind, source)
        if found is not None and found["customer"] == customer:
            return
    raise charge_errors.unknown_source(source, param="default_source", status=400)


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/customers/{customer}/sources: the cards, or with ``object`` the bank accounts."""
    if params.get("object") == bank_sources.KIND:
        return await bank_sources.index(ctx, ids, {key: params[key] for key in params if key != "object"})
    return await _listed(ctx, ids, params, "sources")


async def index_cards(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/customers/{customer}/cards."""
    return await _listed(ctx, ids, params, "cards")


async def _listed(ctx: Context, ids: dict[str, str], params: Doc, folder: str) -> Page:
    customer = await ctx.at_path("customer", ids["customer"])
    return await listed(ctx, KIND, params, f"/v1/customers/{customer['id']}/{folder}", customer=customer["id"])


async def _owned(ctx: Context, ids: dict[str, str]) -> Doc:
    customer = await ctx.at_path("customer", ids["customer"])
    card = await ctx.find(KIND, ids["id"]) or await ctx.find(bank_sources.KIND, ids["id"])
    if card is None or card["customer"] != customer["id"]:
        raise charge_errors.unknown_source(ids["id"])
    return card
