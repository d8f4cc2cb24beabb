"""Decides what a customer owes or is owed: every change of the balance is a transaction that never changes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.customers import errors
from emulator.kernel.documents import changed
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

FALLBACK_CURRENCY = "usd"


def default_currency(ctx: Context) -> str:
    """Return the account's currency."""
    currency: str = ctx.settings.get("default_currency") or FALLBACK_CURRENCY
    return currency


def in_currency(customer: Doc, currency: str) -> Doc:
    """Return the customer with its currency set; raises when it already has another one (facts billing 4).

    The first money fixes the currency. Who knows that nothing of the old one is left clears it before.
    """
    has = customer["currency"]
    if has is None:
        return changed(customer, currency=currency)
    if has != currency:
        raise errors.currency_conflict(has, currency)
    return customer


def transaction(
    ctx: Context, customer: Doc, amount: int, *, type: str, description: str | None = None, metadata: Doc | None = None,
    invoice: str | None = None, credit_note: str | None = None, checkout_session: str | None = None,
) -> Doc:  # fmt: skip
    """Store a balance transaction of a customer who already has the new balance and a currency; returns it."""
    return ctx.put(
        "customer_balance_transaction",
        {
            "id": ctx.new_id("customer_balance_transaction"),
            "object": "customer_balance_transaction",
            "amount": amount,
            "checkout_session": checkout_session,
            "created": ctx.now,
            "credit_note": credit_note,
            "currency": customer["currency"],
            "customer": customer["id"],
            "customer_account": None,
            "description": description,
            "ending_balance": customer["balance"],
            "invoice": invoice,
            "livemode": ctx.livemode,
            "metadata": metadata or {},
            "type": type,
        },
    )


def move(
    ctx: Context, customer: Doc, amount: int, *, currency: str, type: str = "adjustment",
    description: str | None = None, metadata: Doc | None = None, invoice: str | None = None,
    credit_note: str | None = None,
) -> tuple[Doc, Doc]:  # fmt: skip
    """Add ``amount`` (minor units; negative is credit) to the balance; returns (the customer, the transaction)."""
    after = in_currency(customer, currency)
    after = ctx.put("customer", changed(after, balance=after["balance"] + amount))
    made = transaction(
        ctx,
        after,
        amount,
        type=type,
        description=description,
        metadata=metadata,
        invoice=invoice,
        credit_note=credit_note,
    )
    return after, made


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Adjust a balance (``POST /v1/customers/{customer}/balance_transactions``)."""
    customer = await ctx.at_path("customer", ids["customer"], "customer")
    given = {key: value for key, value in (params.get("metadata") or {}).items() if value is not None}
    _, made = move(
        ctx, customer, params["amount"], currency=params["currency"].lower(), description=params.get("description"),
        metadata=given,
    )  # fmt: skip
    return made


async def _at_path(ctx: Context, ids: dict[str, str]) -> Doc:
    await ctx.at_path("customer", ids["customer"], "customer")
    doc = await ctx.find("customer_balance_transaction", ids["transaction"])
    if doc is None or doc["customer"] != ids["customer"]:
        raise errors.no_such_balance_transaction(ids["transaction"])
    return doc


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return one transaction of a customer."""
    return await _at_path(ctx, ids)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change description or metadata, the only things that may change."""
    return ctx.put("customer_balance_transaction", updates.apply(await _at_path(ctx, ids), params))


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return a customer's transactions, newest first."""
    customer = ids["customer"]
    await ctx.at_path("customer", customer, "customer")
    url = f"/v1/customers/{customer}/balance_transactions"
    return await listed(ctx, "customer_balance_transaction", params, url, customer=customer)
