"""Decides what is told of an invoice beside itself, wherever it is drawn: all that its lines and sums name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.catalog import discounts
from emulator.kernel.documents import at
from emulator.portal import visits

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def instant(ctx: Context, invoice: Doc) -> int:
    """Return the time of the clock that an invoice lives on."""
    clock = await ctx.find("test_helpers.test_clock", invoice["test_clock"]) if invoice["test_clock"] else None
    return int(clock["frozen_time"]) if clock else ctx.now


async def told(ctx: Context, invoice: Doc) -> dict[str, Any]:
    """Return an invoice with all that its lines and sums name."""
    taken = [one["discount"] for one in invoice["total_discount_amounts"] or ()]
    coupons = {id: await _coupon(ctx, id) for id in taken}
    rates: dict[str, Doc | None] = {}
    for tax in invoice["total_taxes"] or ():
        id = at(tax, "tax_rate_details.tax_rate")
        if id:
            rates[id] = await ctx.find("tax_rate", id)
    products: dict[str, str] = {}
    for line in invoice["lines"]["data"]:
        id = at(line, "pricing.price_details.product")
        product = await ctx.find("product", id) if id and id not in products else None
        if product is not None:
            products[id] = product["name"]
    own = [await ctx.find("tax_id", id) for id in invoice.get("account_tax_ids") or ()]
    return {
        "account": await visits.account(ctx, invoice.get("on_behalf_of")),
        "account_tax_ids": [found for found in own if found is not None],
        "coupons": coupons,
        "invoice": invoice,
        "now": await instant(ctx, invoice),
        "products": products,
        "server_now": ctx.server_now,
        "tax_rates": rates,
    }


async def _coupon(ctx: Context, discount: str) -> Doc | None:
    """Return the coupon of a discount, None when either is gone."""
    found = await ctx.find("discount", discount)
    return await discounts.coupon_of(ctx, found) if found is not None else None
