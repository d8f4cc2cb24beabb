"""Decides what has to be known of a subscription before the portal's rules can speak about it, and gathers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import collect
from emulator.portal import permissions

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SCHEDULE = "subscription_schedule"
PORTAL_CHANGE = "_portal_change"  # one per schedule that the portal itself made, by the schedule's id
TAX_RULE = "portal_tax_behavior_rule"  # world setting: one of permissions.TAX_RULES


async def subject(ctx: Context, subscription: Doc, configuration: Doc, customer: Doc) -> permissions.Subject:
    """Return the subscription with its prices, the type of its payment method, and whether a schedule blocks it."""
    feature = configuration["features"]["subscription_update"]
    wanted = [item["price"] for item in subscription["items"]["data"]]
    if feature["enabled"]:
        wanted += [price for entry in feature["products"] or [] for price in entry["prices"]]
    prices = {}
    for id_ in dict.fromkeys(wanted):
        prices[id_] = await ctx.need("price", id_, "price")
    return permissions.Subject(
        subscription=subscription,
        now=ctx.now,
        prices=prices,
        method_type=await _method_type(ctx, subscription, customer),
        blocked=await _blocked(ctx, subscription),
        tax_rule=str(ctx.settings.get(TAX_RULE, permissions.EQUAL)),
    )


async def _method_type(ctx: Context, subscription: Doc, customer: Doc) -> str | None:
    id_ = await collect.default_method(ctx, customer, subscription)
    if id_ is None:
        return None
    method = await ctx.find("payment_method", id_)
    if method is None:  # a legacy card or source
        return "card"
    kind: str = method["type"]
    return kind


async def _blocked(ctx: Context, subscription: Doc) -> bool:
    if subscription["schedule"] is None:
        return False
    schedule = await ctx.find(SCHEDULE, subscription["schedule"])
    own = await ctx.find(PORTAL_CHANGE, subscription["schedule"]) is not None
    return permissions.schedule_blocks(schedule, ctx.now, made_by_portal=own)
