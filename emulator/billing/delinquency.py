"""Decides whether a customer owes: since the last automatic payment failed or an invoice fell due, until one is paid or given up.

Source: docs.stripe.com/api/customers/object (``delinquent``); facts billing 4. The change alone is not announced: no recorded
list of events has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def tell(ctx: Context, invoice: Doc, *, owes: bool) -> None:
    """Write on the customer of an invoice whether money is owed since the last thing that happened to one."""
    customer = await ctx.find("customer", invoice["customer"]) if invoice["customer"] else None
    if customer is not None and not customer.get("deleted") and customer["delinquent"] is not owes:
        ctx.put("customer", changed(customer, delinquent=owes))
