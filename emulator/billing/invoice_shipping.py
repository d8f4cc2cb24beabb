"""Decides what shipping costs on an invoice: a shipping rate that exists or one made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import shipping_rates
from emulator.kernel.errors import missing_param

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def cost(ctx: Context, given: Doc | None, currency: str) -> Doc | None:
    """Return ``shipping_cost`` of an invoice, None when it is taken away; shipping is not taxed here (a choice).

    Raises the refusal of a cost that names no rate and describes none.
    """
    if not given:
        return None
    if given.get("shipping_rate") is not None:
        rate = await ctx.need("shipping_rate", given["shipping_rate"], "shipping_cost[shipping_rate]")
    elif given.get("shipping_rate_data") is not None:
        rate = await shipping_rates.made(ctx, given["shipping_rate_data"], "shipping_cost[shipping_rate_data]")
    else:
        raise missing_param("shipping_cost[shipping_rate]")
    amount = _amount(rate["fixed_amount"], currency)
    return {"amount_subtotal": amount, "amount_tax": 0, "amount_total": amount, "shipping_rate": rate["id"]}


def _amount(fixed: Doc, currency: str) -> int:
    if fixed["currency"] == currency:
        return int(fixed["amount"])
    option = (fixed.get("currency_options") or {}).get(currency) or {}
    return int(option.get("amount") or 0)


def credited(invoice: Doc) -> Doc | None:
    """Return the shipping cost of an invoice as a credit note gives it back: all of it."""
    return dict(invoice["shipping_cost"]) if invoice["shipping_cost"] else None
