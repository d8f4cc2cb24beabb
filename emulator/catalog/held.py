"""Decides what becomes of a price whose plan is deleted: those who have it keep it, new ones do not find it.

Deleting a plan only keeps new subscribers away (docs.stripe.com/api/plans/delete).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

GONE: Final = "_deleted_price"


def retire(ctx: Context, price: Doc) -> None:
    """Remove a price from what can be named, and keep it for those who have it."""
    ctx.put(GONE, price)
    ctx.remove("price", price["id"])


async def find(ctx: Context, id: str) -> Doc | None:
    """Return the price of something that has it already, also a deleted one."""
    return await ctx.find("price", id) or await ctx.find(GONE, id)


async def need(ctx: Context, id: str) -> Doc:
    """Return the price of something that has it already; raises resource_missing when it never was."""
    return await find(ctx, id) or await ctx.need("price", id, "price")


async def names_needed(ctx: Context, product: str) -> bool:
    """Say whether a subscription still has a deleted price of a product, whose name its invoices need (a choice)."""
    gone = {price["id"] for price in await ctx.select(GONE, product=product)}
    return bool(gone) and any(
        item["price"] in gone for one in await ctx.select("subscription") for item in one["items"]["data"]
    )
