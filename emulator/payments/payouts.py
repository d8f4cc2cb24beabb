"""Decides how money leaves for the account's own bank and comes from there: payouts and top-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import funds, funds_errors
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PAYOUT, TOPUP = "payout", "topup"
# Choices: a bank takes two days for a payout, and a day until a top-up is there.
ARRIVES_AFTER, AVAILABLE_AFTER = 2 * 86_400, 86_400


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Send available money to the bank (docs.stripe.com/api/payouts/create)."""
    del ids
    await funds.check(ctx, params["amount"], params["currency"])
    return await generic.create(
        ctx, PAYOUT, params,
        **await _movement(ctx, PAYOUT, params, -params["amount"]),
        arrival_date=ctx.server_now + ARRIVES_AFTER,
        automatic=False,
        destination=await _destination(ctx, params.get("destination")),
        method=params.get("method") or "standard",
        reconciliation_status="not_applicable",
        source_type=params.get("source_type") or "card",
        status="pending",
        type="bank_account",
    )  # fmt: skip


async def _movement(ctx: Context, kind: str, params: Doc, amount: int) -> Doc:
    id = ctx.new_id(kind)
    return {"id": id, "balance_transaction": funds.moved(ctx, {**params, "id": id}, amount, kind)}


async def _destination(ctx: Context, id: str | None) -> str | None:
    """Return where a payout goes; an account without a bank account sends it nowhere in particular (choice)."""
    account = await ctx.find("account", ctx.account) or {}
    known = [one["id"] for one in (account.get("external_accounts") or {}).get("data", [])]
    if id is not None and id not in known:
        raise funds_errors.no_external_account(id)
    return id or (known[0] if known else None)


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Keep money that has not left yet (docs.stripe.com/api/payouts/cancel).

    Raises the refusal of a payout that is not pending.
    """
    del params
    payout = await ctx.at_path(PAYOUT, ids["payout"])
    if payout["status"] != "pending":
        raise funds_errors.not_pending("Payouts", payout["status"])
    back = funds.moved(ctx, payout, payout["amount"], "payout_cancel", category="payout_reversal")
    return ctx.put(PAYOUT, changed(payout, failure_balance_transaction=back, status="canceled"))


async def top_up(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Ask the bank for money (docs.stripe.com/api/topups/create); raises the refusal of less than one."""
    del ids
    if params["amount"] < 1:
        raise funds_errors.too_little()
    expected = ctx.server_now + AVAILABLE_AFTER
    return await generic.create(ctx, TOPUP, params, expected_availability_date=expected, status="pending")


async def cancel_top_up(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take a top-up back before the money is there (docs.stripe.com/api/topups/cancel).

    Raises the refusal of one that is not pending.
    """
    del params
    topup = await ctx.at_path(TOPUP, ids["topup"])
    if topup["status"] != "pending":
        raise funds_errors.not_pending("Top-ups", topup["status"])
    return ctx.put(TOPUP, changed(topup, status="canceled"))


def arrival(payout: Doc) -> int | None:
    """Return when a payout is in the bank."""
    return int(payout["arrival_date"]) if payout["status"] == "pending" else None


async def arrive(ctx: Context, payout: Doc) -> None:
    """Store that a payout is in the bank."""
    ctx.put(PAYOUT, changed(payout, status="paid"))


def availability(topup: Doc) -> int | None:
    """Return when the money of a top-up is there."""
    return int(topup["expected_availability_date"]) if topup["status"] == "pending" else None


async def come(ctx: Context, topup: Doc) -> None:
    """Store that the money of a top-up is there."""
    entry = funds.moved(ctx, topup, topup["amount"], TOPUP)
    ctx.put(TOPUP, changed(topup, balance_transaction=entry, status="succeeded"))
