"""Decides what a product is, how it gets its first price, and when it may be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.catalog import errors, held, price_terms
from emulator.catalog.values import at_most, metadata
from emulator.kernel.documents import changed
from emulator.kernel.errors import unknown_param
from emulator.resources import updates
from emulator.resources.listing import listed
from emulator.spec import wording

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

MAX_IMAGES: Final = 8  # docs.stripe.com/api/products/create
MAX_FEATURES: Final = 15
SERVICE: Final = "service"  # what a product is that does not say: shown always, stored only when it is another


def _tax_details(given: Doc | None) -> Doc | None:
    if not given:
        return None
    return {name: given.get(name) for name in ("performance_location", "tax_code")}


def _check(params: Doc, type: str) -> None:
    if type != SERVICE and "statement_descriptor" in params:
        raise unknown_param("statement_descriptor")  # goods have none (github.com/stripe/stripe-dotnet issue 2046)
    at_most(params, "images", MAX_IMAGES)
    at_most(params, "marketing_features", MAX_FEATURES)


async def new(ctx: Context, params: Doc) -> Doc:
    """Return a new product, not stored yet; raises when its id is taken (facts billing 3.1)."""
    type = params.get("type") or SERVICE
    _check(params, type)
    id = params.get("id")
    if id is not None and await ctx.find("product", id) is not None:
        raise errors.product_exists()
    active = params.get("active")
    legacy = {} if type == SERVICE else {"type": type}
    return {
        "id": id or ctx.new_id("product"),
        "object": "product",
        "active": True if active is None else active,
        "created": ctx.now,
        "default_price": None,
        "description": params.get("description"),
        "images": params.get("images") or [],
        "livemode": ctx.livemode,
        "marketing_features": params.get("marketing_features") or [],
        "metadata": metadata(params),
        "name": params["name"],
        "package_dimensions": params.get("package_dimensions"),
        "shippable": params.get("shippable"),
        "statement_descriptor": params.get("statement_descriptor"),
        "tax_code": params.get("tax_code"),
        "tax_details": _tax_details(params.get("tax_details")),
        **legacy,
        "unit_label": params.get("unit_label"),
        "updated": ctx.now,
        "url": params.get("url"),
    }


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a product, and its default price in the same call (``POST /v1/products``).

    The product is announced first and already names its price (facts billing 3.1).
    """
    product = await new(ctx, params)
    price_data = params.get("default_price_data")
    if price_data is None:
        return ctx.put("product", product)
    price = await price_terms.make(ctx, price_data, product["id"], prefix="default_price_data")
    product["default_price"] = price["id"]
    ctx.put("product", product)
    ctx.put("price", price)
    return product


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a product (``POST /v1/products/{id}``); every write moves ``updated``.

    Raises the refusal of a default price that is inactive or another product's.
    """
    product = await ctx.at_path("product", ids["id"])
    _check(params, product.get("type") or SERVICE)
    if "name" in params and params["name"] is None:
        raise wording.empty("name")
    default = params.get("default_price")
    if default is not None:
        price = await ctx.need("price", default, "default_price")
        if price["product"] != product["id"]:
            raise errors.default_price_of_another_product(default, product["id"])
        if not price["active"]:
            raise errors.default_price_inactive()
    lists: Doc = {name: params[name] or [] for name in ("images", "marketing_features") if name in params}
    result = updates.apply(product, {**params, **lists})
    if params.get("tax_details"):
        result = changed(result, tax_details=_tax_details(result["tax_details"]))
    return ctx.put("product", changed(result, updated=ctx.now))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a product without prices (``DELETE /v1/products/{id}``).

    Raises the refusal of one that has prices or SKUs.
    """
    product = await ctx.at_path("product", ids["id"])
    if await ctx.select("price", limit=1, product=product["id"]) or await held.names_needed(ctx, product["id"]):
        raise errors.product_has_prices()
    if await ctx.select("sku", limit=1, product=product["id"]):
        raise errors.product_has_skus()
    ctx.remove("product", product["id"])
    return {"id": product["id"], "object": "product", "deleted": True}


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return products (``GET /v1/products``), goods or services when asked for (docs.stripe.com/changelog/2018-02-05)."""
    del ids
    type = params.get("type")

    def keep(product: Doc) -> bool:
        return (product.get("type") or SERVICE) == type

    return await listed(ctx, "product", params, "/v1/products", keep=None if type is None else keep)
