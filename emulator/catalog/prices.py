"""Decides which prices can be made, what of them may change, and which may be sold at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import errors, price_terms, products
from emulator.catalog.values import at_most
from emulator.kernel.documents import changed
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

MOST_KEYS = 10  # facts billing 3.2

_NOT_COPIED = ("currency_options", "transfer_lookup_key")


async def active(ctx: Context, price_id: str, param: str) -> Doc:
    """Return a price that may be sold at; refuses unknown (400) and archived ones, naming ``param``."""
    price = await ctx.need("price", price_id, param)
    if not price["active"]:
        raise errors.price_inactive(param)
    return price


async def sellable(ctx: Context, price_id: str, param: str) -> Doc:
    """Return a price that a subscription or a Checkout may begin with: its product is not archived (facts billing 3.1).

    Raises the refusal of one whose product is.
    """
    price = await active(ctx, price_id, param)
    product = await ctx.find("product", price["product"])
    if product is not None and not product["active"]:
        raise errors.product_inactive(price_id, param)
    return price


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a price (``POST /v1/prices``) of an existing product or one made in the same call.

    Raises the refusals of neither and of both.
    """
    product_id, product_data = params.get("product"), params.get("product_data")
    if product_id is None and product_data is None:
        raise errors.price_needs_product()
    if product_id is not None and product_data is not None:
        raise errors.price_has_two_products()
    if product_data is not None:
        product = await products.new(ctx, product_data)
        price = await price_terms.make(ctx, params, product["id"])
        ctx.put("product", product)
    else:
        price = await price_terms.make(ctx, params, product_id or "")
        await ctx.need("product", price["product"], "product")
    await _claim_lookup_key(ctx, params, price["id"])
    return ctx.put("price", price)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change what may change of a price (``POST /v1/prices/{price}``): never what it costs in its own currency.

    Raises the refusals of another tax behavior once there is one, and of archiving the default price of its
    product.
    """
    price = await ctx.at_path("price", ids["price"])
    changes = {name: value for name, value in params.items() if name not in _NOT_COPIED}
    tax_behavior = changes.get("tax_behavior")
    if tax_behavior and price["tax_behavior"] not in ("unspecified", None, tax_behavior):
        raise errors.tax_behavior_fixed()
    if changes.get("active") is False and price["active"]:
        product = await ctx.find("product", price["product"])
        if product is not None and product["default_price"] == price["id"]:
            raise errors.price_is_default()
    await _claim_lookup_key(ctx, params, price["id"])
    result = updates.apply(price, changes)
    if "currency_options" in params or tax_behavior:
        result = changed(result, currency_options=_options(result, params))
    return ctx.put("price", result)


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return prices (``GET /v1/prices``), at most ten of them looked for by key (docs.stripe.com/api/prices/list)."""
    del ids
    at_most(params, "lookup_keys", MOST_KEYS)
    return await listed(ctx, "price", params, "/v1/prices")


def _options(price: Doc, params: Doc) -> Doc:
    """Return the currencies of a price after an update; the own currency always says what the price says."""
    given = params.get("currency_options")
    kept = {} if "currency_options" in params and given is None else price.get("currency_options") or {}
    return {**kept, **price_terms.options(given), price["currency"]: price_terms.own_option(price)}


async def _claim_lookup_key(ctx: Context, params: Doc, price_id: str) -> None:
    """Make sure nobody else holds the lookup key; a transfer first takes it from its holder (facts billing 3.2)."""
    key = params.get("lookup_key")
    if key is None:
        return
    for holder in await ctx.select("price", limit=2, lookup_key=key):
        if holder["id"] == price_id:
            continue
        if not params.get("transfer_lookup_key"):
            raise errors.lookup_key_taken(holder["id"])
        ctx.put("price", changed(holder, lookup_key=None))
