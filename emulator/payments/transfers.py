"""Decides how money goes to connected accounts and is taken back from them.

What the connected account sees of it (its payment and its balance) is not emulated: ``destination_payment`` is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.payments import funds, funds_errors
from emulator.payments.amounts import spoken
from emulator.resources import generic
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND, REVERSAL = "transfer", "transfer_reversal"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Send available money, or that of one charge, to a connected account (docs.stripe.com/api/transfers/create)."""
    del ids
    destination = params["destination"]
    if destination == ctx.account or await ctx.find("account", destination) is None:
        raise funds_errors.no_destination(destination)
    amount = params.get("amount")
    if params.get("source_transaction") is not None:
        charge = await ctx.need("charge", params["source_transaction"], "source_transaction")
        amount = charge["amount"] if amount is None else amount
    elif amount is None:
        raise missing_param("amount")
    else:
        await funds.check(ctx, amount, params["currency"])
    id = ctx.new_id(KIND)
    source = {**params, "id": id}
    made = await generic.create(
        ctx, KIND, {**params, "amount": amount},
        id=id,
        balance_transaction=funds.moved(ctx, source, -amount, KIND),
        reversals={"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/transfers/{id}/reversals"},
        source_type=params.get("source_type") or "card",
    )  # fmt: skip
    return ctx.put(KIND, {name: value for name, value in made.items() if name != "destination_payment"})


async def reverse(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take a transfer back, the rest of it or a part (docs.stripe.com/api/transfer_reversals/create)."""
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
    id = ctx.new_id(REVERSAL)
    back = funds.moved(ctx, {**transfer, "id": id}, amount, "transfer_refund", category="transfer_reversal")
    made = await generic.create(
        ctx, REVERSAL, params, id=id, amount=amount, balance_transaction=back, currency=transfer["currency"], transfer=transfer["id"]
    )  # fmt: skip
    known = transfer["reversals"]
    reversals = {**known, "data": [made, *known["data"]], "total_count": known["total_count"] + 1}
    total = transfer["amount_reversed"] + amount
    ctx.put(KIND, changed(transfer, amount_reversed=total, reversed=total == transfer["amount"], reversals=reversals))
    return made


async def reversals(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return what was taken back of a transfer, newest first."""
    transfer = await ctx.at_path(KIND, ids["id"])
    return await listed(ctx, REVERSAL, params, f"/v1/transfers/{transfer['id']}/reversals", transfer=transfer["id"])


OPERATIONS = {
    "PostTransfers": create,
    "PostTransfersIdReversals": reverse,
    "GetTransfersIdReversals": reversals,
}
