"""Decides what a platform earns of its connected accounts' payments: application fees, and what of them is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.ids import fingerprint
from emulator.payments import funds, funds_errors, returns
from emulator.payments.amounts import spoken
from emulator.resources.listing import listed
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND, REFUND = "application_fee", "fee_refund"
EARNED, GIVEN_BACK = "platform_earning", "platform_earning_refund"  # docs.stripe.com/reports/reporting-categories
TYPE = "application_fee"
WORDS = "Application fee"  # of an account's statement (a choice: the platform's own name stands there)


def application_of(account: str) -> str:
    """Return the id of a platform's application (``ca_``)."""
    return f"ca_{fingerprint(account)[:32]}"


def detail(amount: int, currency: str, application: str) -> Doc:
    """Return how a fee stands in the ``fee_details`` of the payment that it was taken from."""
    return {"amount": amount, "application": application, "currency": currency, "description": WORDS, "type": TYPE}


def earned(
    ctx: Context, *, id: str, amount: int, currency: str, account: str, charge: str, originating: str | None, like: Doc
) -> Doc:
    """Store the fee that the platform takes of a payment of ``account`` (docs.stripe.com/api/application_fees)."""
    fee = {
        **ctx.blank(KIND),
        "id": id,
        "account": account,
        "amount": amount,
        "application": application_of(ctx.account),
        "charge": charge,
        "currency": currency,
        "fee_source": {"charge": charge, "type": "charge"},
        "originating_transaction": originating,
        "refunds": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/application_fees/{id}/refunds"},
    }  # fmt: skip
    fee["balance_transaction"] = funds.moved(ctx, fee, amount, KIND, category=EARNED, like=like)
    return ctx.put(KIND, fee)


async def give_back(ctx: Context, fee: Doc, amount: int, metadata: Doc | None = None, *, arriving: bool = True) -> Doc:
    """Store that a part of a fee goes back to the account that it was taken from; returns the fee's refund.

    Not ``arriving``: the account has counted the money already, with the refund of its charge.
    """
    refund: Doc = {
        "id": ctx.new_id(REFUND),
        "object": REFUND,
        "amount": amount,
        "balance_transaction": None,
        "created": ctx.now,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": merge_map({}, metadata),
    }
    kind, like = "application_fee_refund", await funds.entry_of(ctx, fee)
    refund["balance_transaction"] = funds.moved(ctx, refund, -amount, kind, category=GIVEN_BACK, like=like)
    ctx.put(REFUND, refund)
    total = fee["amount_refunded"] + amount
    known = fee["refunds"]
    refunds = {**known, "data": [refund, *known["data"]], "total_count": known["total_count"] + 1}
    ctx.put(KIND, changed(fee, amount_refunded=total, refunded=total == fee["amount"], refunds=refunds))

    async def arrive(there: Context) -> None:
        funds.moved(there, refund, amount, kind, category=GIVEN_BACK, like=like)

    if arriving:
        ctx.elsewhere(fee["account"], arrive)
    return refund


async def create_refund(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/application_fees/{id}/refunds: the rest of the fee, or a part of it."""
    fee = await ctx.at_path(KIND, ids["id"])
    return await give_back(ctx, fee, _amount(fee, params.get("amount")), params.get("metadata"))


async def refund(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/application_fees/{id}/refund: the older form, which answers the fee."""
    await create_refund(ctx, ids, params)
    return await ctx.at_path(KIND, ids["id"])


async def refunds(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return what was given back of a fee, newest first."""
    fee = await ctx.at_path(KIND, ids["id"])
    return await listed(ctx, REFUND, params, f"/v1/application_fees/{fee['id']}/refunds", fee=fee["id"])


async def update_refund(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/application_fees/{fee}/refunds/{id}: metadata, which the fee's own list shows too."""
    fee = await ctx.at_path(KIND, ids["fee"], name="fee")
    return await returns.update(ctx, returns.Shown(REFUND, "refunds", "fee"), KIND, fee, ids["id"], params)


def _amount(fee: Doc, wanted: int | None) -> int:
    """Return how much of a fee is to go back; raises when it is too much, too little, or nothing is left."""
    left: int = fee["amount"] - fee["amount_refunded"]
    if left == 0:
        raise funds_errors.fee_refunded(fee["id"])
    amount = left if wanted is None else wanted
    if amount < 1:
        raise funds_errors.too_little()
    if amount > left:
        raise funds_errors.over_fee(spoken(amount, fee["currency"]), spoken(left, fee["currency"]))
    return amount
