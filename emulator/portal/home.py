"""Decides what the portal's home page is told: the documents of one customer with their prices and products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.portal import blocks
from emulator.portal.methods import wallet
from emulator.portal.subscriptions import subjects
from emulator.portal.visits import belongs
from emulator.store.port import Query

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

FIRST_INVOICES = 10  # choice: rows before "View more"
# Choice (facts portal 8 has no source): a draft is nobody's business yet, everything that was finalized is shown.
SHOWN_INVOICES = frozenset({"open", "paid", "uncollectible", "void"})


async def home(ctx: Context, visit: Visit, invoices_limit: int | None) -> Doc:
    """Return everything the home page draws; subscriptions and invoices newest first."""
    purse = await wallet.open_wallet(ctx, visit)
    subscriptions = [
        await blocks.block(ctx, visit, await subjects.subject(ctx, subscription, visit.configuration, visit.customer))
        for subscription in purse.subscriptions
        if belongs(visit, subscription)
    ]
    return {
        **await blocks.common(ctx, visit),
        **await wallet.told(ctx, visit, purse),
        "editable": list(visit.editable),
        "invoices": await _invoices(ctx, visit, invoices_limit or FIRST_INVOICES),
        "subscriptions": subscriptions,
        "tax_ids": await ctx.select("tax_id", customer=visit.customer["id"]),
    }


async def _invoices(ctx: Context, visit: Visit, limit: int) -> dict[str, Any]:
    if not visit.configuration["features"]["invoice_history"]["enabled"]:
        return {"data": [], "has_more": False}

    def shown(invoice: Doc) -> bool:
        return invoice["status"] in SHOWN_INVOICES and belongs(visit, invoice)

    found, more = await ctx.page("invoice", Query({"customer": visit.customer["id"]}, limit, keep=shown))
    return {"data": found, "has_more": more}
