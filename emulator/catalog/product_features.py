"""Decides which entitlement features a product carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import resource_missing
from emulator.resources.context import Page
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# The objects do not name their product, so each product's features are kept in a small document of its own.
_OF_PRODUCT = "_product_features"


async def _fresh(ctx: Context, doc: Doc) -> Doc:
    """Return a product feature with the feature as it is now."""
    feature = await ctx.find("entitlements.feature", doc["entitlement_feature"]["id"])
    return doc if feature is None else changed(doc, entitlement_feature=feature)


async def _ids(ctx: Context, product: str) -> list[str]:
    await ctx.at_path("product", product)
    known = await ctx.find(_OF_PRODUCT, product)
    return list(known["features"]) if known is not None else []


async def of_product(ctx: Context, product: str) -> list[Doc]:
    """Return the features (``entitlements.feature``) that a product carries; none of a product that is gone."""
    known = await ctx.find(_OF_PRODUCT, product)
    found = [await ctx.find("product_feature", id) for id in (known or {}).get("features", ())]
    return [(await _fresh(ctx, one))["entitlement_feature"] for one in found if one is not None]


async def _at_path(ctx: Context, ids: dict[str, str]) -> Doc:
    doc = await ctx.find("product_feature", ids["id"])
    if doc is None or ids["id"] not in await _ids(ctx, ids["product"]):
        raise resource_missing("product_feature", ids["id"], param="id", status=404)
    return doc


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Attach a feature to a product (``POST /v1/products/{product}/features``)."""
    features = await _ids(ctx, ids["product"])
    feature = await ctx.need("entitlements.feature", params["entitlement_feature"], "entitlement_feature")
    doc: Doc = {
        "id": ctx.new_id("product_feature"),
        "object": "product_feature",
        "entitlement_feature": feature,
        "livemode": ctx.livemode,
    }
    ctx.put(_OF_PRODUCT, {"id": ids["product"], "features": [*features, doc["id"]]})
    return ctx.put("product_feature", doc)


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return one feature of a product."""
    return await _fresh(ctx, await _at_path(ctx, ids))


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return the features of a product, newest first."""
    wanted = frozenset(await _ids(ctx, ids["product"]))
    url = f"/v1/products/{ids['product']}/features"
    page = await listed(ctx, "product_feature", params, url, keep=lambda doc: doc["id"] in wanted)
    return Page([await _fresh(ctx, doc) for doc in page.docs], page.more, page.url)


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Detach a feature from a product."""
    doc = await _at_path(ctx, ids)
    features = [one for one in await _ids(ctx, ids["product"]) if one != doc["id"]]
    ctx.put(_OF_PRODUCT, {"id": ids["product"], "features": features})
    return ctx.remove("product_feature", doc["id"])
