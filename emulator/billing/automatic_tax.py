"""Decides what automatic tax takes: one simple rate by the customer's place, from a table that is an emulator's own."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.billing import errors, tax_settings
from emulator.catalog import held
from emulator.customers import tax
from emulator.kernel.data import data_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

RATES = "_automatic_tax_rate"  # place and behaviour -> the tax rate that was made for it
REASON = "_reason"  # beside a rate while an invoice is summed: why it takes what it takes
WAIVED = "_waived"  # beside a rate: it is worked out, but an exempt customer does not pay it
# What a price without tax behaviour means: the account's setting, this when there is none (a choice).
DEFAULT_BEHAVIOR = "exclusive"
NOTHING: Mapping[str, Any] = {"percentage": 0, "display_name": "Tax", "tax_type": None}
EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}
# Why tax is off where the customer's place got lost (docs.stripe.com/tax/customer-locations).
LOST_BY_INVOICE = "finalization_requires_location_inputs"
LOST = "requires_location_inputs"


@cache
def table() -> Mapping[str, Any]:
    """Return the table of rates."""
    loaded: Mapping[str, Any] = json.loads(data_path("fixtures", "tax_rates.json").read_text())
    return loaded


def entry(country: str, state: str | None) -> Mapping[str, Any] | None:
    """Return the standard rate of a place, None where the account does not collect."""
    states = table()["states"].get(country)
    found: Mapping[str, Any] | None = states.get(state) if states is not None else table()["countries"].get(country)
    return found


async def located(ctx: Context, customer: Doc) -> Doc | None:
    """Return where a customer is for tax, None when nobody can tell."""
    place: Doc | None = (await tax.of(ctx, customer))["location"]
    return place


async def check(ctx: Context, customer: Doc, given: Doc | None) -> None:
    """Refuse ``automatic_tax[enabled]=true`` for a customer whose place is unknown (facts billing 14)."""
    if given and given.get("enabled") and await located(ctx, customer) is None:
        raise errors.tax_location_invalid()


def of_invoice(given: Doc | None, *, known: bool = True) -> Doc:
    """Return ``automatic_tax`` as an invoice shows it."""
    enabled = bool(given and given.get("enabled"))
    status = ("complete" if known else "requires_location_inputs") if enabled else None
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": (given or {}).get("liability") or ({"type": "self"} if enabled else None),
        "provider": "stripe" if enabled else None,
        "status": status,
    }


def of_subscription(given: Doc | None) -> Doc:
    """Return ``automatic_tax`` as a subscription shows it."""
    enabled = bool(given and given.get("enabled"))
    liability = (given or {}).get("liability") or ({"type": "self"} if enabled else None)
    return {"disabled_reason": None, "enabled": enabled, "liability": liability}


def lost_by_invoice() -> Doc:
    """Return ``automatic_tax`` of an invoice that was finalized without it; that its status stays is a choice."""
    return {**of_invoice(None), "disabled_reason": LOST_BY_INVOICE, "status": LOST}


async def give_up(ctx: Context, subscription_id: str) -> None:
    """Turn automatic tax off where nobody can tell the customer's place any more, and say why.

    On the subscription, and on the current phase and the default settings of its schedule
    (docs.stripe.com/tax/customer-locations).
    """
    off = {**of_subscription(None), "disabled_reason": LOST}
    subscription = await ctx.need("subscription", subscription_id, "subscription")
    ctx.put("subscription", {**subscription, "automatic_tax": off})
    schedule = await ctx.find("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None:
        return
    current = (schedule["current_phase"] or {}).get("start_date")
    phases = [
        {**one, "automatic_tax": off} if one["start_date"] == current else one for one in schedule["phases"]
    ]  # fmt: skip
    settings = {**schedule["default_settings"], "automatic_tax": off}
    ctx.put("subscription_schedule", {**schedule, "phases": phases, "default_settings": settings})


async def as_stored(ctx: Context, subscription: Doc) -> Doc:
    """Return a subscription that is about to be stored with what finalizing an invoice made of its automatic tax."""
    if not subscription["automatic_tax"]["enabled"]:
        return subscription
    stored = await ctx.find("subscription", subscription["id"])
    kept = stored["automatic_tax"] if stored is not None else None
    return {**subscription, "automatic_tax": kept} if kept and kept["disabled_reason"] else subscription


def exempted(status: str | None, rates: Sequence[Doc]) -> Sequence[Doc]:
    """Return manual rates as they work for a customer of this ``tax_exempt``: for the exempt they take nothing.

    They are worked out all the same, and what is inside a price is let off (docs.stripe.com/tax/tax-rates, tax exempt
    and reverse charge). That lines say the reasons of automatic tax is a choice.
    """
    reason = EXEMPT.get(status or "none")
    return [{**one, REASON: reason, WAIVED: True} for one in rates] if reason else rates


async def rates(ctx: Context, customer: Doc, line: Doc) -> list[Doc]:
    """Return the rate for a line as tax rates are applied, with the reason beside it; none for an unknown place.

    ``tax_exempt`` customers pay nothing, and the reason says why (facts billing 14).
    """
    place = await located(ctx, customer)
    if place is None:
        return []
    found = entry(place["country"], place["state"])
    reason = EXEMPT.get(customer["tax_exempt"]) or ("standard_rated" if found else "not_collecting")
    if reason != "standard_rated":
        found = {**(found or NOTHING), "percentage": 0}
    inclusive = await _inclusive(ctx, line)
    return [{**await _rate(ctx, place, found or NOTHING, inclusive=inclusive), REASON: reason}]


async def _inclusive(ctx: Context, line: Doc) -> bool:
    details = (line["pricing"] or {}).get("price_details")
    price = await held.find(ctx, details["price"]) if details else None
    behavior = (price or {}).get("tax_behavior") or "unspecified"
    if behavior == "unspecified":
        told = await tax_settings.behavior(ctx, (price or line)["currency"])
        behavior = told or ctx.settings.get("tax_behavior") or DEFAULT_BEHAVIOR
    return bool(behavior == "inclusive")


async def _rate(ctx: Context, place: Doc, found: Mapping[str, Any], *, inclusive: bool) -> Doc:
    """Return the tax rate of a place: made when it is first needed, archived at once as nobody should pick it."""
    key = f"{place['country']}:{place['state'] or ''}:{found['percentage']}:{inclusive}"
    kept = await ctx.find(RATES, key)
    known = await ctx.find("tax_rate", kept["tax_rate"]) if kept is not None else None
    if known is not None:
        return known
    rate: Doc = {
        "id": ctx.new_id("tax_rate"),
        "object": "tax_rate",
        "active": False,
        "country": place["country"],
        "created": ctx.now,
        "description": None,
        "display_name": found["display_name"],
        "effective_percentage": float(found["percentage"]),
        "flat_amount": None,
        "inclusive": inclusive,
        "jurisdiction": place["state"] or place["country"],
        "jurisdiction_level": "state" if place["state"] else "country",
        "livemode": ctx.livemode,
        "metadata": {},
        "percentage": float(found["percentage"]),
        "rate_type": "percentage",
        "state": place["state"],
        "tax_type": found["tax_type"],
    }
    ctx.put(RATES, {"id": key, "tax_rate": rate["id"]})
    return ctx.put("tax_rate", rate)
