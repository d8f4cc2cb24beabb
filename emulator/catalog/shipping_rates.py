"""Decides what a new shipping rate is: in use at once, and of a fixed amount, which has to be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.kernel.errors import missing_param
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND: Final = "shipping_rate"
DEFAULTS: Final = {"tax_behavior": "unspecified", "type": "fixed_amount"}  # docs.stripe.com/api/shipping_rates/create


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a shipping rate (``POST /v1/shipping_rates``)."""
    del ids
    return await made(ctx, params)


async def made(ctx: Context, given: Doc, place: str = "") -> Doc:
    """Store and return a shipping rate; ``place`` is the parameter that describes it, if it is not the whole call.

    Raises the refusal of a rate without an amount.
    """
    if given.get("fixed_amount") is None:  # the only type there is (the API description) has an amount
        raise missing_param(f"{place}[fixed_amount]" if place else "fixed_amount")
    return await generic.create(ctx, KIND, {**DEFAULTS, **_told(given), "active": True})


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change whether it is in use, its amounts in other currencies, its tax behavior (``POST /v1/shipping_rates/{id}``).

    Raises the 404 of the rate.
    """
    name = "shipping_rate_token"
    rate = await ctx.at_path(KIND, ids[name], name=name)
    return await generic.update(ctx, KIND, rate, _told(params))


def _told(given: Doc) -> Doc:
    """Return parameters whose amounts in other currencies say how they are taxed, unspecified by default."""
    amount = given.get("fixed_amount") or {}
    options = amount.get("currency_options")
    if not options:
        return given
    behavior = DEFAULTS["tax_behavior"]
    told = {currency: {"tax_behavior": behavior, **option} for currency, option in options.items()}
    return {**given, "fixed_amount": {**amount, "currency_options": told}}
