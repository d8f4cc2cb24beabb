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
    return await generic.create(ctx, KIND, {**DEFAULTS, **given, "active": True})
