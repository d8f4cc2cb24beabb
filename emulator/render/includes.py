"""Decides what stands in fields that are shown only when asked for and are not stored in their object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.customers import cash_balance, tax

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Include = Callable[[Context, Doc], Awaitable[Any]]

EMBEDDED_LIMIT = 10
ENDED = ("canceled", "incomplete_expired")


def sublist(docs: list[Doc], url: str) -> Doc:
    """Return an embedded list of at most ten objects."""
    return {
        "object": "list",
        "data": docs[:EMBEDDED_LIMIT],
        "has_more": len(docs) > EMBEDDED_LIMIT,
        "total_count": len(docs),
        "url": url,
    }


async def subscriptions(ctx: Context, customer: Doc) -> Doc:
    """The subscriptions of a customer that have not ended."""
    found = [one for one in await ctx.select("subscription", customer=customer["id"]) if one["status"] not in ENDED]
    return sublist(found, f"/v1/customers/{customer['id']}/subscriptions")


async def sources(ctx: Context, customer: Doc) -> Doc:
    """The legacy cards and bank accounts of a customer."""
    found = [
        *await ctx.select("card", customer=customer["id"]),
        *await ctx.select("bank_account", customer=customer["id"]),
    ]
    return sublist(found, f"/v1/customers/{customer['id']}/sources")


async def tax_ids(ctx: Context, customer: Doc) -> Doc:
    """The tax ids of a customer."""
    found = await ctx.select("tax_id", customer=customer["id"])
    return sublist(found, f"/v1/customers/{customer['id']}/tax_ids")


async def invoice_credit_balance(ctx: Context, customer: Doc) -> Doc:
    """The balance by currency; here a positive number is credit (docs.stripe.com/api/customers/object)."""
    del ctx
    currency, balance = customer.get("currency"), -(customer.get("balance") or 0)
    return {currency: balance} if currency else {}


async def payments(ctx: Context, invoice: Doc) -> Doc:
    """The payments of an invoice."""
    found = await ctx.select("invoice_payment", invoice=invoice["id"])
    return {
        "object": "list",
        "data": found,
        "has_more": False,
        "total_count": len(found),
        "url": "/v1/invoices/payments",
    }


async def confirmation_secret(ctx: Context, invoice: Doc) -> Doc | None:
    """The secret of the payment intent that pays an open invoice."""
    found = await ctx.select("invoice_payment", invoice=invoice["id"])
    intent = next((one["payment"].get("payment_intent") for one in found if one["is_default"]), None)
    doc = await ctx.find("payment_intent", intent) if intent else None
    return {"client_secret": doc["client_secret"], "type": "payment_intent"} if doc else None


async def refunds(ctx: Context, charge: Doc) -> Doc:
    """The refunds of a charge."""
    found = await ctx.select("refund", charge=charge["id"])
    return sublist(found, f"/v1/charges/{charge['id']}/refunds")


async def billed_until(ctx: Context, item: Doc) -> int | None:
    """Until when an item is billed; nothing is billed in advance for what is used."""
    del ctx
    until: int | None = item.get("billed_until") or item.get("current_period_end")
    return None if item.get("quantity") is None else until


INCLUDES: dict[tuple[str, str], Include] = {
    ("customer", "subscriptions"): subscriptions,
    ("customer", "sources"): sources,
    ("customer", "tax_ids"): tax_ids,
    ("customer", "tax"): tax.of,
    ("customer", "cash_balance"): cash_balance.of,
    ("customer", "invoice_credit_balance"): invoice_credit_balance,
    ("invoice", "payments"): payments,
    ("invoice", "confirmation_secret"): confirmation_secret,
    ("charge", "refunds"): refunds,
    ("subscription_item", "billed_until"): billed_until,
}
# Kinds of the members of included lists, so that they are presented and expanded further.
MEMBERS = {
    ("customer", "subscriptions"): "subscription",
    ("customer", "sources"): "card",
    ("customer", "tax_ids"): "tax_id",
    ("invoice", "payments"): "invoice_payment",
    ("charge", "refunds"): "refund",
    ("checkout.session", "line_items"): "item",
    ("tax.calculation", "line_items"): "tax.calculation_line_item",
    ("payment_link", "line_items"): "item",
    ("quote", "line_items"): "item",
    ("quote", "computed.upfront.line_items"): "item",
}
