"""Decides how a change that waits for the end of the period is kept, told and taken back: by a schedule of our own.

Phase one is what the subscription is until its period ends, phase two the new plan; then the schedule lets go
(facts portal 5.4). A note by the schedule's id (``subjects.PORTAL_CHANGE``) tells ours from the merchant's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import lines, schedule_ends, schedule_phases, schedule_steps, schedules, selection
from emulator.portal import errors, permissions
from emulator.portal.permissions import Reason
from emulator.portal.subscriptions.subjects import PORTAL_CHANGE, SCHEDULE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.portal.subscriptions.deferral import Terms
    from emulator.resources.context import Context

# What a phase of the same subscription goes on saying.
KEPT = (*schedule_phases.SHARED, "collection_method", "invoice_settings", "metadata")
NO_PRORATION = "none"  # nothing is left of the old period when the new one begins


class Pending(NamedTuple):
    """A change to come: when, to what, and whether the portal made it."""

    at: int
    price: str
    quantity: int | None
    own: bool


async def found(ctx: Context, subscription: Doc) -> Pending | None:
    """Return what a subscription will change to by its schedule, None when nothing of its one item will."""
    schedule = await _open_schedule(ctx, subscription)
    if schedule is None:
        return None
    phase = next((one for one in schedule["phases"] if one["start_date"] > ctx.now), None)
    rows = subscription["items"]["data"]
    if phase is None or len(phase["items"]) != 1 or len(rows) != 1:
        return None
    item = phase["items"][0]
    if (item["price"], item.get("quantity")) == (rows[0]["price"], rows[0].get("quantity")):
        return None
    own = await ctx.find(PORTAL_CHANGE, schedule["id"]) is not None
    return Pending(phase["start_date"], item["price"], item.get("quantity"), own)


async def told(ctx: Context, subscription: Doc) -> Doc | None:
    """Return a change to come as pages draw it, its price with the product and in the subscription's currency."""
    change = await found(ctx, subscription)
    if change is None:
        return None
    price = await selection.currency_option(ctx, change.price, subscription["currency"])
    product = await ctx.find("product", price["product"])
    shown = {**price, "product": product or {"id": price["product"], "name": ""}}
    return {"at": change.at, "own": change.own, "price": shown, "quantity": change.quantity}


async def prorated(ctx: Context, subscription: Doc) -> bool:
    """Say whether the next invoice bills a change as well: prorations wait for it."""
    waiting = await lines.pending(ctx, subscription["customer"], subscription["currency"], subscription["id"])
    return any(item["proration"] for item in waiting)


async def comes(ctx: Context, subscription: Doc, price: str, quantity: int | None) -> bool:
    """Say whether a phase to come is of this price and quantity: what was asked for already."""
    rows = [phase["items"] for phase in await _phases(ctx, subscription) if phase["start_date"] > ctx.now]
    return any(len(row) == 1 and (row[0]["price"], row[0].get("quantity")) == (price, quantity) for row in rows)


async def begins(ctx: Context, subscription: Doc) -> int:
    """Return when a change that is put off now would begin: after the period, and after what waits already."""
    ends = [row["current_period_end"] for row in subscription["items"]["data"]]
    change = await found(ctx, subscription)
    phases = await _phases(ctx, subscription) if change is not None and change.own else []
    last: int = max([*ends, *(phase["end_date"] for phase in phases)])
    return last


async def make(ctx: Context, subscription: Doc, plan: Terms, discounts: Sequence[Doc]) -> Doc:
    """Let the change to a new plan and its new discounts wait, and return the subscription; raises 403 for some.

    After a change of the portal's own that waits already it is a further phase (seen with links to confirm a change;
    facts portal 5.4, quirk 22). The merchant's own schedule is in the way, or the subscription is set to end by then
    (choices).
    """
    change = await found(ctx, subscription)
    if change is not None and change.own:
        return await _stacked(ctx, subscription, plan, discounts)
    subscription = await released(ctx, subscription)
    if subscription["schedule"] is not None:
        raise errors.not_permitted("updated", Reason.SCHEDULED)
    if permissions.canceling(subscription):
        raise errors.not_permitted("updated", Reason.ALREADY_CANCELING)
    schedule = await schedules.create(ctx, {}, {"from_subscription": subscription["id"]})
    now = schedule["phases"][0]
    ctx.put(PORTAL_CHANGE, {"created": ctx.now, "id": schedule["id"], "object": PORTAL_CHANGE})
    await schedules.update(
        ctx,
        {"schedule": schedule["id"]},
        {"end_behavior": "release", "phases": [_present(now), _next(now, plan, discounts)]},
    )
    return await ctx.need("subscription", subscription["id"], "subscription")


async def _stacked(ctx: Context, subscription: Doc, plan: Terms, discounts: Sequence[Doc]) -> Doc:
    """Add a phase after those that wait."""
    phases = await _phases(ctx, subscription)
    rows = [*(_present(phase) for phase in phases), _next(phases[-1], plan, discounts)]
    params = {"end_behavior": "release", "phases": rows}
    await schedules.update(ctx, {"schedule": subscription["schedule"]}, params)
    return await ctx.need("subscription", subscription["id"], "subscription")


async def cancel(ctx: Context, subscription: Doc) -> Doc:
    """Take a waiting change back and return the subscription; nothing happens when none waits.

    Raises 403 for one that the merchant planned.
    """
    change = await found(ctx, subscription)
    if change is None:
        return subscription
    if not change.own:
        raise errors.not_permitted("updated", Reason.SCHEDULED)
    return await released(ctx, subscription)


async def released(ctx: Context, subscription: Doc) -> Doc:
    """Part a subscription from a schedule that the portal made, if it has one, and return it."""
    id_ = subscription["schedule"]
    if id_ is None or await ctx.find(PORTAL_CHANGE, id_) is None:
        return subscription
    ctx.remove(PORTAL_CHANGE, id_)
    schedule = await _open_schedule(ctx, subscription)
    if schedule is None:
        return subscription
    await schedule_steps.release(ctx, schedule, subscription, keep_date=False)
    return await ctx.need("subscription", subscription["id"], "subscription")


async def _open_schedule(ctx: Context, subscription: Doc) -> Doc | None:
    schedule = await ctx.find(SCHEDULE, subscription["schedule"]) if subscription["schedule"] else None
    return schedule if schedule is not None and schedule_ends.next_step(schedule) is not None else None


async def _phases(ctx: Context, subscription: Doc) -> list[Doc]:
    """Return the phases of a subscription's schedule that are not over."""
    schedule = await _open_schedule(ctx, subscription)
    return [] if schedule is None else [phase for phase in schedule["phases"] if phase["end_date"] > ctx.now]


def _present(phase: Doc) -> Doc:
    """Return a phase as the parameters that leave it as it is."""
    return {
        **_kept(phase),
        "discounts": schedule_phases.named(phase["discounts"]),
        "end_date": phase["end_date"],
        "items": [schedule_phases.item_params(item) for item in phase["items"]],
        "start_date": phase["start_date"],
        "trial_end": phase["trial_end"],
    }


def _next(phase: Doc, plan: Terms, discounts: Sequence[Doc]) -> Doc:
    """Return the phase of the new plan: one period of it, then nothing is scheduled any more."""
    item = {**schedule_phases.item_params(phase["items"][0]), "price": plan.price["id"]}
    return {
        **_kept(phase),
        "discounts": [*schedule_phases.named(phase["discounts"]), *discounts],
        "items": [{**item, "quantity": plan.quantity}],
        "proration_behavior": NO_PRORATION,
    }


def _kept(phase: Doc) -> Doc:
    """Return what both phases say alike."""
    rates = [one["id"] for one in phase["default_tax_rates"] or ()]
    said = {name: phase[name] for name in KEPT if phase[name]}
    return {**said, "default_tax_rates": rates} if rates else said
