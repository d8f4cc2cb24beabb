"""Decides what of a payment goes to other accounts: a transfer to its destination, a fee to the platform, and what comes back.

Two forms (docs.stripe.com/connect/charges): a destination charge is the platform's, a direct one the connected account's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.money import round_half_up
from emulator.payments import application_fees, funds_errors, sharing_errors, transfers

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

FEE, DATA = "application_fee_amount", "transfer_data"
MONEY = frozenset({FEE, DATA, "amount"})  # what of a call may make a share wrong


class Returning(NamedTuple):
    """What a refund takes back of what was shared: the transfer, the fee."""

    transfer: Doc | None
    fee: str | None


NOTHING = Returning(None, None)


def check(ctx: Context, params: Doc, before: Doc, amount: int) -> None:
    """Refuse a share that nobody can take, or that is more than the payment of ``amount``; ``before``: what was said earlier.

    Where fees may be taken: the words are known from clients of the real API (github.com/Sylius/PayumStripe issue 14).
    """
    fee = params[FEE] if FEE in params else before.get(FEE)
    data = {**(before.get(DATA) or {}), **(params.get(DATA) or {})}
    if fee is None or MONEY.isdisjoint(params):
        return
    if ctx.platform is None and not data.get("destination"):
        raise sharing_errors.nobody_for_a_fee(charge=before.get("object") != "payment_intent")
    if fee < 0:
        raise sharing_errors.fee_negative()
    if fee > amount:
        raise sharing_errors.fee_too_large()
    if fee and data.get("amount") is not None:
        raise sharing_errors.fee_or_amount()


def known(ctx: Context, more: Doc) -> Doc:
    """Return the members that say of a charge whom it is for; ``more`` holds what its payment was told."""
    data = more.get(DATA)
    result: Doc = {}
    if ctx.platform is not None:
        result["application"] = application_fees.application_of(ctx.platform)
    if data:
        result[DATA] = {"amount": None, **data}
        result["destination"] = data["destination"]
        result["transfer_group"] = more.get("transfer_group") or transfers.group_of({"payment_intent": None, **more})
    return result


def promised(ctx: Context, charge: Doc) -> Doc:
    """Return the ids that a charge gets when its money is taken: of the transfer, and of the fee, that it will make."""
    result: Doc = {}
    if charge.get(DATA):
        result["transfer"] = ctx.new_id(transfers.KIND)
    if charge.get(FEE) and (charge.get(DATA) or ctx.platform is not None):
        result["application_fee"] = ctx.new_id(application_fees.KIND)
    return result


def fee_details(ctx: Context, charge: Doc, amount: int) -> list[Doc]:
    """Return how the platform's fee stands in the balance transaction of a direct charge."""
    if ctx.platform is None or charge["application_fee"] is None:
        return []
    application = application_fees.application_of(ctx.platform)
    return [application_fees.detail(min(charge[FEE], amount), charge["currency"], application)]


def carry_out(ctx: Context, charge: Doc, entry: Doc, amount: int) -> None:
    """Store what a charge shares of the ``amount`` that came in by the balance transaction ``entry``."""
    data, fee_id = charge.get(DATA), charge["application_fee"]
    fee = min(charge[FEE] or 0, amount)
    if data:
        _destination(ctx, charge, entry, amount, fee)
    elif fee_id is not None and ctx.platform is not None:
        account, when = ctx.account, {"available_on": entry["available_on"], "status": entry["status"]}

        async def arrive(there: Context) -> None:
            application_fees.earned(
                there, id=fee_id, amount=fee, currency=charge["currency"], account=account, charge=charge["id"],
                originating=None, like=when,
            )  # fmt: skip

        ctx.elsewhere(ctx.platform, arrive)


def _destination(ctx: Context, charge: Doc, entry: Doc, amount: int, fee: int) -> None:
    data, fee_id = charge[DATA], charge["application_fee"]
    # What is to be transferred is capped at what was paid (the API description).
    share = amount if data.get("amount") is None else min(data["amount"], amount)
    transfer = transfers.sent(
        ctx, id=charge["transfer"], amount=share, origin=charge, like=entry,
        members={
            "currency": charge["currency"], "destination": data["destination"],
            "transfer_group": charge["transfer_group"],
        },
        fee=None if fee_id is None else (fee_id, fee),
    )  # fmt: skip
    if fee_id is not None:
        application_fees.earned(
            ctx, id=fee_id, amount=fee, currency=charge["currency"], account=data["destination"],
            charge=transfer["destination_payment"], originating=charge["id"], like=entry,
        )  # fmt: skip


async def returning(ctx: Context, charge: Doc, params: Doc) -> Returning:
    """Return what a refund with these parameters takes back; raises when there is nothing of the kind."""
    transfer = None
    if params.get("reverse_transfer"):
        if charge.get("transfer") is None:
            raise sharing_errors.no_transfer(charge["id"])
        transfer = await ctx.need(transfers.KIND, charge["transfer"], "transfer")
        if transfer["reversed"]:
            raise funds_errors.already_reversed(transfer["id"])
    fee = None
    if params.get("refund_application_fee"):
        fee = charge["application_fee"]
        if fee is None:
            raise sharing_errors.no_fee(charge["id"])
    return Returning(transfer, fee)


def part(whole: int, charge: Doc, refunded: int) -> int:
    """Return what of ``whole`` goes with a refund: in proportion, so that parts of a charge add up (the API description).

    ``charge`` is as it was before the refund of ``refunded`` minor units.
    """
    before, total = charge["amount_refunded"], charge["amount"]
    return round_half_up(whole * (before + refunded), total) - round_half_up(whole * before, total)


def returned_details(ctx: Context, back: Returning, charge: Doc, refunded: int) -> list[Doc]:
    """Return how a fee that comes back stands in the balance transaction of the refund of a direct charge (a choice)."""
    if ctx.platform is None or back.fee is None:
        return []
    application = application_fees.application_of(ctx.platform)
    return [application_fees.detail(-part(charge[FEE], charge, refunded), charge["currency"], application)]


async def take_back(ctx: Context, back: Returning, charge: Doc, refund: Doc) -> None:
    """Store what a refund took back; ``charge`` is as it was before."""
    transfer = back.transfer
    if transfer is not None:
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = min(part(transfer["amount"], charge, refund["amount"]), left)
        await transfers.taken_back(ctx, transfer, amount, id=refund["transfer_reversal"], refund=refund["id"])
    if back.fee is None:
        return
    wanted = part(charge[FEE], charge, refund["amount"])
    fee_id = back.fee
    if ctx.platform is None:
        await _give_back(ctx, fee_id, wanted, arriving=True)
        return

    async def give(there: Context) -> None:
        await _give_back(there, fee_id, wanted, arriving=False)

    ctx.elsewhere(ctx.platform, give)


async def _give_back(ctx: Context, fee_id: str, wanted: int, *, arriving: bool) -> None:
    fee = await ctx.find(application_fees.KIND, fee_id)
    amount = 0 if fee is None else min(wanted, fee["amount"] - fee["amount_refunded"])
    if fee is not None and amount > 0:
        await application_fees.give_back(ctx, fee, amount, arriving=arriving)
