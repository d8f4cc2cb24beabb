"""Decides what becomes of the one discount that a customer as a whole may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.customers import errors
from emulator.kernel.documents import changed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the customer's discount (``GET /v1/customers/{customer}/discount``).

    Raises the 404 where there is none.
    """
    customer = await ctx.at_path("customer", ids["customer"])
    discount: Doc | None = customer["discount"]
    if discount is None:
        raise errors.no_discount(customer["id"])
    return discount


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take the discount away (``DELETE /v1/customers/{customer}/discount``); answers it with ``deleted``."""
    discount = await retrieve(ctx, ids, params)
    customer = await ctx.at_path("customer", ids["customer"])
    if await ctx.find("discount", discount["id"]) is not None:
        ctx.remove("discount", discount["id"])
    ctx.put("customer", changed(customer, discount=None))
    gone = {name: value for name, value in discount.items() if name != "end"}
    return {**gone, "deleted": True}
