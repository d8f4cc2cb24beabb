"""Decides what a SKU is: the variant of a good at one price, with a stock; what goods were sold by before there were prices.

Source of shapes and rules: github.com/stripe/stripe-node, types/2020-08-27/SKUs.d.ts. No description names their events: none are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.catalog import currencies, errors
from emulator.catalog.values import at_least, metadata
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND: Final = "sku"
OUT_OF_STOCK: Final = "out_of_stock"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a SKU of a good (``POST /v1/skus``), whose id the caller may choose.

    Raises the refusal of one that is taken.
    """
    del ids
    id = params.get("id")
    if id is not None and await ctx.find(KIND, id) is not None:
        raise errors.sku_exists()
    active = params.get("active")
    return ctx.put(
        KIND,
        {
            "id": id or ctx.new_id(KIND),
            "object": "sku",
            "active": True if active is None else active,
            "attributes": params.get("attributes") or {},
            "created": ctx.now,
            "currency": currencies.check(params["currency"]),
            "image": params.get("image"),
            "inventory": _inventory(params["inventory"]),
            "livemode": ctx.livemode,
            "metadata": metadata(params),
            "package_dimensions": params.get("package_dimensions"),
            "price": at_least(params, "price", 0),
            "product": await _good(ctx, params["product"]),
            "updated": ctx.now,
        },
    )


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a SKU (``GET /v1/skus/{id}``)."""
    del params
    return await ctx.at_path(KIND, ids["id"])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a SKU (``POST /v1/skus/{id}``); what cannot be empty stays as it is when it is given empty."""
    before = await ctx.at_path(KIND, ids["id"])
    given = {name: value for name, value in params.items() if value is not None or name in _CLEARED}
    at_least(given, "price", 0)
    if "currency" in given:
        currencies.check(given["currency"])
    if "product" in given:
        await _good(ctx, given["product"])
    after = updates.apply(before, given)
    if "inventory" in given:
        after["inventory"] = _inventory(after["inventory"])
    if "attributes" in given:
        after["attributes"] = updates.merge_map(before["attributes"], given["attributes"])
    return ctx.put(KIND, changed(after, updated=ctx.now))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a SKU (``DELETE /v1/skus/{id}``): there are no orders that could have used it."""
    del params
    sku = await ctx.at_path(KIND, ids["id"])
    return ctx.remove(KIND, sku["id"])


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return SKUs (``GET /v1/skus``), by product, attributes, activity and stock."""
    del ids
    wanted = params.get("in_stock")

    def keep(sku: Doc) -> bool:
        return wanted is None or in_stock(sku["inventory"]) is wanted

    return await listed(ctx, KIND, params, "/v1/skus", keep=keep)


def in_stock(inventory: Doc) -> bool:
    """Say whether there is any left."""
    return bool(inventory["quantity"] != 0 and inventory["value"] != OUT_OF_STOCK)


_CLEARED: Final = frozenset({"attributes", "image", "metadata", "package_dimensions"})


def _inventory(given: Doc) -> Doc:
    """Return a stock: only one that is finite has a quantity, only a bucket has a word for it."""
    kind = given["type"]
    if kind == "finite" and given.get("quantity") is None:
        raise missing_param("inventory[quantity]")
    return {
        "quantity": at_least(given, "quantity", 0, "inventory") if kind == "finite" else None,
        "type": kind,
        "value": given.get("value") if kind == "bucket" else None,
    }


async def _good(ctx: Context, id: str) -> str:
    product = await ctx.need("product", id, "product")
    if product.get("type") != "good":
        raise errors.not_a_good(id)
    return id
