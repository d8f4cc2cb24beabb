"""Decides how money goes to connected accounts and is taken back from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.payments import application_fees, funds, funds_errors, received, returns
from emulator.payments.amounts import spoken
from emulator.resources.listing import listed
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND, REVERSAL = "transfer", "transfer_reversal"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Send available money, or that of one charge, to a connected account (docs.stripe.com/api/transfers/create).

    Raises the refusals of what is no connected account and of a missing amount.
    """
    del ids
    destination = params["destination"]
    if destination == ctx.account or await ctx.find("account", destination) is None:
        raise funds_errors.no_destination(destination)
    amount = params.get("amount")
    origin: Doc | None = None
    if params.get("source_transaction") is not None:
        origin = await ctx.need("charge", params["source_transaction"], "source_transaction")
        amount = origin["amount"] if amount is None else amount
        await _check_source(ctx, origin, amount)
    elif amount is None:
        raise missing_param("amount")
    else:
        await funds.check(ctx, amount, params["currency"])
    wanted = params.get("transfer_group")
    group = wanted or (None if origin is None else origin["transfer_group"] or group_of(origin))
    return sent(
        ctx, id=ctx.new_id(KIND), amount=amount, origin=origin,
        members={**params, "metadata": merge_map({}, params.get("metadata")), "transfer_group": group},
        like=None if origin is None else await funds.entry_of(ctx, origin),
    )  # fmt: skip


async def _check_source(ctx: Context, charge: Doc, amount: int) -> None:
    """Refuse to send on nothing, or more of a charge than it brought."""
    if amount < 1:
        raise funds_errors.too_little()
    earlier = [
        one["amount"] - one["amount_reversed"] for one in await ctx.select(KIND, source_transaction=charge["id"])
    ]
    if amount + sum(earlier) > charge["amount"]:
        currency = charge["currency"]
        raise funds_errors.over_source(
            spoken(charge["amount"], currency), spoken(sum(earlier), currency) if earlier else None, len(earlier)
        )


def group_of(charge: Doc) -> str:
    """Return the group that the transfers of a charge are in unless they were given another one (docs.stripe.com/connect)."""
    return f"group_{charge['payment_intent'] or charge['id']}"


def sent(
    ctx: Context, *, id: str, amount: int, members: Doc, origin: Doc | None = None, like: Doc | None = None,
    fee: tuple[str, int] | None = None,
) -> Doc:  # fmt: skip
    """Store a transfer and have its money arrive as a payment of the connected account; returns it.

    ``members`` names destination and currency; ``origin`` is the charge whose money it is, available when that of the
    transaction ``like`` is; ``fee`` (id, amount) is what the platform takes of it again.
    """
    payment = received.PREFIX + ctx.new_id("charge")[2:]
    blank = ctx.blank(KIND)
    given = {name: value for name, value in members.items() if name in blank and value is not None}
    transfer: Doc = {
        **blank,
        **given,
        "id": id,
        "amount": amount,
        "destination_payment": payment,
        "metadata": members.get("metadata") or {},
        "reversals": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/transfers/{id}/reversals"},
        "source_transaction": None if origin is None else origin["id"],
        "source_type": members.get("source_type") or "card",
    }  # fmt: skip
    transfer["balance_transaction"] = funds.moved(ctx, transfer, -amount, KIND, like=like)
    ctx.put(KIND, transfer)
    application = application_fees.application_of(ctx.account)

    async def arrive(there: Context) -> None:
        received.payment(there, transfer, application, like=like, fee=fee)

    ctx.elsewhere(transfer["destination"], arrive)
    return transfer


async def reverse(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take a transfer back, the rest of it or a part (docs.stripe.com/api/transfer_reversals/create).

    Raises the refusals of one that is reversed wholly, and of less than one or more than is left.
    """
    transfer = await ctx.at_path(KIND, ids["id"])
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise funds_errors.already_reversed(transfer["id"])
    amount = left if params.get("amount") is None else params["amount"]
    if amount < 1:
        raise funds_errors.too_little()
    if amount > left:
        currency = transfer["currency"]
        raise funds_errors.over_transfer(spoken(amount, currency), spoken(left, currency))
    return await taken_back(ctx, transfer, amount, id=ctx.new_id(REVERSAL), metadata=params.get("metadata"))


async def taken_back(
    ctx: Context, transfer: Doc, amount: int, *, id: str, metadata: Doc | None = None, refund: str | None = None
) -> Doc:
    """Store that a part of a transfer comes back, because of a ``refund`` or not; returns the reversal."""
    payment = received.REFUND_PREFIX + ctx.new_id("refund")[2:]
    reversal: Doc = {
        **ctx.blank(REVERSAL),
        "id": id,
        "amount": amount,
        "currency": transfer["currency"],
        "destination_payment_refund": payment,
        "metadata": merge_map({}, metadata),
        "source_refund": refund,
        "transfer": transfer["id"],
    }
    like = await funds.entry_of(ctx, transfer)
    reversal["balance_transaction"] = funds.moved(
        ctx, {**transfer, "id": id}, amount, "transfer_refund", category="transfer_reversal", like=like
    )
    ctx.put(REVERSAL, reversal)
    known = transfer["reversals"]
    shown = {**known, "data": [reversal, *known["data"]], "total_count": known["total_count"] + 1}
    total = transfer["amount_reversed"] + amount
    ctx.put(KIND, changed(transfer, amount_reversed=total, reversed=total == transfer["amount"], reversals=shown))

    async def leave(there: Context) -> None:
        await received.give_back(there, transfer["destination_payment"], payment, reversal, like)

    ctx.elsewhere(transfer["destination"], leave)
    return reversal


async def update_reversal(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/transfers/{transfer}/reversals/{id}: metadata, which the transfer's own list shows too."""
    transfer = await ctx.at_path(KIND, ids["transfer"], name="transfer")
    return await returns.update(
        ctx, returns.Shown(REVERSAL, "reversals", "transfer"), KIND, transfer, ids["id"], params
    )


async def reversals(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return what was taken back of a transfer, newest first."""
    transfer = await ctx.at_path(KIND, ids["id"])
    return await listed(ctx, REVERSAL, params, f"/v1/transfers/{transfer['id']}/reversals", transfer=transfer["id"])
