"""Decides what the draft of a subscription's invoice inherits from its subscription, and what its lines come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import automatic_tax, settlement, shapes, summing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing import amounts
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def summed(ctx: Context, subscription: Doc, rows: Sequence[Doc], made: Sequence[Doc]) -> amounts.Sums:
    """Return the sums of a subscription's invoice lines after discounts and taxes."""
    customer = await ctx.need("customer", subscription["customer"], "customer")
    return await summing.of_subscription(ctx, subscription, customer, rows, made)


async def of_subscription(
    ctx: Context, invoice_id: str, customer: Doc, subscription: Doc, sums: amounts.Sums, reason: str,
    period: shapes.Period,
) -> Doc:  # fmt: skip
    """Return the draft of a subscription's invoice with what it inherits from the subscription."""
    draft = shapes.invoice(
        ctx, invoice_id, customer, subscription["currency"], sums.lines, period, reason, sums.fields,
        subscription_id=subscription["id"], subscription_metadata=subscription["metadata"],
    )  # fmt: skip
    draft["discounts"] = summing.discounts_of(subscription["discounts"], customer)
    draft["default_payment_method"] = None
    draft["on_behalf_of"] = subscription["on_behalf_of"]
    settings = subscription["invoice_settings"]
    draft["footer"] = settings["footer"]
    draft["description"] = settings["description"]
    draft["account_tax_ids"] = settings["account_tax_ids"]
    draft["custom_fields"] = settings["custom_fields"] or None
    draft["customer_tax_ids"] = await settlement.customer_tax_ids(ctx, customer["id"])
    if subscription["default_tax_rates"]:
        draft["default_tax_rates"] = subscription["default_tax_rates"]
    if subscription["automatic_tax"]["enabled"]:
        place = await automatic_tax.located(ctx, customer)
        draft["automatic_tax"] = automatic_tax.of_invoice(subscription["automatic_tax"], known=place is not None)
    if subscription["collection_method"] == "send_invoice":
        draft["collection_method"] = "send_invoice"
        draft["due_date"] = ctx.now + subscription["days_until_due"] * 86_400
    return draft
