"""Decides what a manual tax rate is: its percentage and inclusiveness never change."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from emulator.catalog import errors
from emulator.catalog.values import metadata
from emulator.resources import updates
from emulator.spec import wording

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MAX_DECIMALS: Final = 4  # docs.stripe.com/billing/taxes/tax-rates
_GIVEN = ("country", "description", "jurisdiction", "state", "tax_type")


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a tax rate (``POST /v1/tax_rates``).

    Raises the refusal of a percentage beyond 0 to 100 or with too many decimals.
    """
    percentage, active = params["percentage"], params.get("active")
    if not 0 <= percentage <= 100:
        raise errors.percentage_range(percentage)
    if -Decimal(str(percentage)).normalize().as_tuple().exponent > MAX_DECIMALS:  # type: ignore[operator]
        raise errors.percentage_decimals()
    return ctx.put(
        "tax_rate",
        {
            "id": ctx.new_id("tax_rate"),
            "object": "tax_rate",
            "active": True if active is None else active,
            "created": ctx.now,
            "display_name": params["display_name"],
            "effective_percentage": None,
            "flat_amount": None,
            "inclusive": params["inclusive"],
            "jurisdiction_level": None,
            "livemode": ctx.livemode,
            "metadata": metadata(params),
            "percentage": float(percentage),
            "rate_type": "percentage",
            **{name: params.get(name) for name in _GIVEN},
        },
    )


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a tax rate (``POST /v1/tax_rates/{tax_rate}``): everything but what it comes to."""
    rate = await ctx.at_path("tax_rate", ids["tax_rate"])
    if "display_name" in params and params["display_name"] is None:
        raise wording.empty("display_name")
    return ctx.put("tax_rate", updates.apply(rate, params))
