"""Decides what the payments of subscriptions and invoices say of other accounts: fees, destinations, on whose behalf."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from emulator.billing import connect_errors
from emulator.kernel import money
from emulator.spec.params import child

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# Invoice -> what its parameters said; newer invoices do not show it (docs.stripe.com/changelog/basil/2025-03-31).
TOLD = "_invoice_connect"
OF_INVOICE = ("application_fee_amount", "transfer_data")
MOST = 100
PLACES = 100  # percentages have two decimal places at most (the API description)


async def check(ctx: Context, params: Mapping[str, Any], place: str = "") -> None:
    """Refuse accounts that are not connected, and percentages that are none; ``place`` is the parameter that holds them."""
    shares = params.get("transfer_data") or {}
    destination = shares.get("destination")
    if destination is not None and await ctx.find("account", destination) is None:
        raise connect_errors.no_destination(destination, child(child(place, "transfer_data"), "destination"))
    if params.get("on_behalf_of") is not None:
        await ctx.need("account", params["on_behalf_of"], child(place, "on_behalf_of"))
    _check_percent(params.get("application_fee_percent"), child(place, "application_fee_percent"))
    _check_percent(shares.get("amount_percent"), child(child(place, "transfer_data"), "amount_percent"))


def _check_percent(percent: float | None, param: str) -> None:
    if percent is None:
        return
    if not 0 <= percent <= MOST:
        raise connect_errors.out_of_range(percent, param, least=0, most=MOST)
    if (_exact(percent) * PLACES).denominator != 1:
        raise connect_errors.too_exact(percent, param)


def _exact(percent: float) -> Fraction:
    return Fraction(str(percent))


def completed(subscription: Doc) -> Doc:
    """Return a subscription whose ``transfer_data`` has all its members."""
    data = subscription["transfer_data"]
    if data is None or "amount_percent" in data:
        return subscription
    return {**subscription, "transfer_data": {"amount_percent": None, **data}}


async def tell(ctx: Context, invoice: str, params: Mapping[str, Any]) -> None:
    """Keep what an invoice's parameters say of other accounts; None takes it back."""
    given = {name: params[name] for name in OF_INVOICE if name in params}
    if given:
        before = await ctx.find(TOLD, invoice) or {"id": invoice}
        ctx.put(TOLD, {**before, **given})


async def of_payment(ctx: Context, invoice: Doc, subscription: Doc | None) -> Doc:
    """Return the members that the PaymentIntent of an invoice takes over; what the invoice was told comes first.

    A subscription's percentages are of the invoice's total (the API description), in minor units, halves up (a choice).
    """
    told = await ctx.find(TOLD, invoice["id"]) or {}
    result: Doc = {"on_behalf_of": invoice["on_behalf_of"]} if invoice["on_behalf_of"] else {}
    fee, data = told.get("application_fee_amount"), told.get("transfer_data")
    if subscription is not None:
        percent = subscription["application_fee_percent"]
        if fee is None and percent is not None:
            fee = part(invoice["total"], percent)
        shared = subscription["transfer_data"]
        if data is None and shared is not None:
            data = {"destination": shared["destination"]}
            if shared.get("amount_percent") is not None:
                data["amount"] = part(invoice["total"], shared["amount_percent"])
    if fee is not None:
        result["application_fee_amount"] = fee
    if data is not None:
        result["transfer_data"] = data
    return result


def part(total: int, percent: float) -> int:
    """Return a percentage of an amount in minor units."""
    share = _exact(percent) * total / MOST
    return money.round_half_up(share.numerator, share.denominator)
