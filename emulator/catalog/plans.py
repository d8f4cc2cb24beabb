"""Decides how prices look and act as the legacy plans: a plan is the recurring price of the same id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import errors, held, price_terms, products
from emulator.catalog.plan_shape import of
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param, resource_missing
from emulator.resources import updates
from emulator.resources.context import Page
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


def _price_params(params: Doc) -> Doc:
    """Return a plan's parameters in a price's words."""
    renamed = {
        "amount": "unit_amount",
        "amount_decimal": "unit_amount_decimal",
        "transform_usage": "transform_quantity",
    }
    recurring = {
        name: params.get(name) for name in ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
    }
    alike = ("active", "billing_scheme", "currency", "metadata", "nickname", "tiers", "tiers_mode")
    return {
        **{name: params[name] for name in alike if name in params},
        **{new: params[old] for old, new in renamed.items() if old in params},
        "recurring": recurring,
    }


async def _at_path(ctx: Context, id: str) -> Doc:
    price = await ctx.find("price", id)
    if price is None or price["recurring"] is None:
        raise resource_missing("plan", id, param="plan", status=404)
    return price


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a plan (``POST /v1/plans``), whose id the caller may choose; ``product`` is an id or a new product.

    Raises the refusals of a missing product, an id that is taken, and a plan that is not tiered without an amount.
    """
    given, id = params.get("product"), params.get("id")
    if given is None:
        raise missing_param("product")
    if id is not None and await ctx.find("price", id) is not None:
        raise errors.plan_exists()
    tiered = params.get("billing_scheme") == "tiered"
    if not tiered and params.get("amount") is None and params.get("amount_decimal") is None:
        raise errors.plan_needs_amount()
    if isinstance(given, dict):
        product = await products.new(ctx, given)
        price = await price_terms.make(ctx, _price_params(params), product["id"], id=id)
        ctx.put("product", product)
    else:
        product = await ctx.need("product", given, "product")
        price = await price_terms.make(ctx, _price_params(params), product["id"], id=id)
    return of(ctx.put("price", price))


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a plan (``GET /v1/plans/{plan}``)."""
    return of(await _at_path(ctx, ids["plan"]))


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a plan (``POST /v1/plans/{plan}``): active, metadata, nickname, product, trial days."""
    price = await _at_path(ctx, ids["plan"])
    changes = dict(params)
    if changes.get("product") is not None:
        await ctx.need("product", changes["product"], "product")
    if "trial_period_days" in changes:
        changes["recurring"] = {"trial_period_days": changes.pop("trial_period_days")}
    return of(ctx.put("price", updates.apply(price, changes)))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a plan (``DELETE /v1/plans/{plan}``) and the price that it is; subscriptions keep their terms."""
    price = await _at_path(ctx, ids["plan"])
    product = await ctx.find("product", price["product"])
    if product is not None and product["default_price"] == price["id"]:
        ctx.put("product", changed(product, default_price=None, updated=ctx.now))
    held.retire(ctx, price)
    return {"id": price["id"], "object": "plan", "deleted": True}


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return plans (``GET /v1/plans``): the recurring prices, by active, product and created."""
    page = await listed(ctx, "price", params, "/v1/plans", type="recurring")
    return Page([of(price) for price in page.docs], page.more, page.url)
