"""Decides how much of the account's money is available, and how each movement of it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import funds_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "balance_transaction"
# A payment whose money is there at once (docs.stripe.com/testing, available balance) is told of in a moment of its own.
ARRIVED = "_available"


def is_available(entry: Doc, now: int) -> bool:
    """Say whether the money of a balance transaction can be moved on at ``now``."""
    return bool(entry["status"] == "available" or entry["available_on"] <= now)


async def balance(ctx: Context) -> Doc:
    """Return the account's balance: what its balance transactions come to by currency, available and pending."""
    sums: dict[bool, dict[str, int]] = {True: {}, False: {}}
    entries = await ctx.select(KIND)
    for currency in dict.fromkeys([*(one["currency"] for one in entries)] or [ctx.settings["default_currency"]]):
        sums[True][currency] = sums[False][currency] = 0
    for one in entries:
        sums[is_available(one, ctx.server_now)][one["currency"]] += one["net"]
    available, pending = (
        [{"amount": net, "currency": currency, "source_types": {"card": net}} for currency, net in one.items()]
        for one in (sums[True], sums[False])
    )
    return {"object": "balance", "available": available, "livemode": ctx.livemode, "pending": pending}


async def check(ctx: Context, amount: int, currency: str) -> None:
    """Refuse to move nothing, or more than is available."""
    if amount < 1:
        raise funds_errors.too_little()
    entries = await ctx.select(KIND)
    there = sum(one["net"] for one in entries if one["currency"] == currency and is_available(one, ctx.server_now))
    if amount > there:
        raise funds_errors.not_enough()


def moved(
    ctx: Context, source: Doc, amount: int, kind: str, *, category: str | None = None, like: Doc | None = None,
    fees: Sequence[Doc] = (),
) -> str:  # fmt: skip
    """Write down that money came in (or went out: negative), less ``fees``; returns the transaction's id.

    It is available at once, or when that of another transaction is (``like``).
    """
    when = {"available_on": ctx.server_now, "status": "available"} if like is None else like
    fee = sum(one["amount"] for one in fees)
    entry = {
        **ctx.blank(KIND),
        "id": ctx.new_id(KIND),
        "amount": amount,
        "available_on": when["available_on"],
        "balance_type": "payments",
        "created": ctx.now,
        "currency": source["currency"],
        "description": source.get("description"),
        "fee": fee,
        "fee_details": list(fees),
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source["id"],
        "status": when["status"],
        "type": kind,
    }
    ctx.put(KIND, entry)
    return str(entry["id"])


async def entry_of(ctx: Context, source: Doc) -> Doc | None:
    """Return the balance transaction of a charge, transfer or fee: what comes back of it is available when it is itself."""
    id = source["balance_transaction"]
    return None if id is None else await ctx.find(KIND, id)


def at_once(ctx: Context, entry: Doc) -> Doc:
    """Return the balance transaction of a payment whose money need not be waited for; ``balance.available`` follows."""
    ctx.put(ARRIVED, {"id": entry["id"], "due": ctx.server_now})
    return changed(entry, available_on=ctx.server_now, status="available")


async def announce(ctx: Context, row: Doc) -> None:
    """Tell that the balance can be paid out."""
    ctx.remove(ARRIVED, row["id"])
    ctx.note("balance.available", await balance(ctx))


def due(row: Doc) -> int:
    """Return when an arrival is told of."""
    return int(row["due"])
