"""Decides what a customer's cash balance holds: money of bank transfers, by currency, and every move of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.kernel.documents import changed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# The object has no id of its own: it is kept under the customer's, which is left out of answers.
KIND: Final = "cash_balance"
TRANSACTION: Final = "customer_cash_balance_transaction"
MERCHANT_DEFAULT: Final = "automatic"  # docs.stripe.com/api/cash_balance


async def _stored(ctx: Context, customer: Doc) -> Doc:
    return await ctx.find(KIND, customer["id"]) or {
        "id": customer["id"],
        "object": "cash_balance",
        "available": None,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": ctx.livemode,
        "settings": {"reconciliation_mode": MERCHANT_DEFAULT, "using_merchant_default": True},
    }


async def of(ctx: Context, customer: Doc) -> Doc:
    """Return the cash balance of a customer as it is shown."""
    return {name: value for name, value in (await _stored(ctx, customer)).items() if name != "id"}


async def change(ctx: Context, customer: Doc, given: Doc) -> None:
    """Keep the reconciliation mode; ``merchant_default`` goes back to the account's."""
    mode = (given.get("settings") or {}).get("reconciliation_mode")
    if mode is None:
        return
    default = mode == "merchant_default"
    settings = {"reconciliation_mode": MERCHANT_DEFAULT if default else mode, "using_merchant_default": default}
    ctx.put(KIND, changed(await _stored(ctx, customer), settings=settings))


async def available(ctx: Context, customer: str, currency: str) -> int:
    """Return how much money of a currency waits in a customer's cash balance, in minor units."""
    found = await ctx.find(KIND, customer)
    return int(((found or {}).get("available") or {}).get(currency, 0))


async def is_automatic(ctx: Context, customer: str) -> bool:
    """Say whether money is applied to what the customer owes by itself."""
    found = await ctx.find(KIND, customer)
    mode = found["settings"]["reconciliation_mode"] if found is not None else MERCHANT_DEFAULT
    return bool(mode == "automatic")


async def move(ctx: Context, customer: str, currency: str, amount: int, type: str, **details: Doc) -> Doc:
    """Store a move of a customer's cash balance and return its transaction; ``amount`` is negative for what goes out."""
    owner = await ctx.need("customer", customer, "customer")
    balance = await _stored(ctx, owner)
    ending = (balance["available"] or {}).get(currency, 0) + amount
    ctx.put(KIND, changed(balance, available={**(balance["available"] or {}), currency: ending}))
    return ctx.put(TRANSACTION, {
        "id": ctx.new_id(TRANSACTION),
        "object": TRANSACTION,
        "created": ctx.now,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "ending_balance": ending,
        "livemode": ctx.livemode,
        "net_amount": amount,
        "type": type,
        **details,
    })  # fmt: skip


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a customer's cash balance (``GET /v1/customers/{customer}/cash_balance``)."""
    return await of(ctx, await ctx.at_path("customer", ids["customer"], "customer"))


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a customer's cash balance settings (``POST /v1/customers/{customer}/cash_balance``)."""
    customer = await ctx.at_path("customer", ids["customer"], "customer")
    await change(ctx, customer, params)
    return await of(ctx, customer)
