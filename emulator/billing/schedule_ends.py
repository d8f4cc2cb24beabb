"""Decides when a subscription schedule acts, and what becomes of it when its subscription ends without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "subscription_schedule"
# When a schedule acts. The name makes it come before the subscription at the same instant, whose renewal then bills
# what the new phase says: wake-ups of one instant come in the order of their kinds' names.
STEP = "_schedule_step"
NOTICE = "_schedule_notice"
PAUSE = "_schedule_pause"  # what pauses or resumes comes before a step at the same instant (a choice)
WEEK = 7 * 86_400  # subscription_schedule.expiring comes this long before the end (docs.stripe.com/api/events/types)
DELINQUENT = "payment_failed"


def stored(ctx: Context, schedule: Doc) -> Doc:
    """Store a schedule and when it acts next."""
    ctx.put(KIND, schedule)
    at = next_step(schedule)
    over = None if at is None else schedule["phases"][-1]["end_date"] - WEEK
    told = None if over is None or over <= ctx.now else over
    for kind, instant in ((STEP, at), (NOTICE, told), (PAUSE, None if at is None else next_pause(schedule))):
        ctx.put(kind, {"id": schedule["id"], "at": instant, "test_clock": schedule["test_clock"]})
    return schedule


def next_step(schedule: Doc) -> int | None:
    """Return when a schedule acts by itself: at its start, at the end of its current phase."""
    if schedule["status"] == "not_started":
        return int(schedule["phases"][0]["start_date"])
    if schedule["status"] == "active":
        return int(schedule["current_phase"]["end_date"])
    return None


def next_pause(schedule: Doc) -> int | None:
    """Return when a schedule pauses or resumes its subscription next."""
    instants = []
    for entry in schedule.get("pause_schedules") or ():
        pause, resume = entry["pause"], entry["resume"]
        if pause["status"]["type"] == "scheduled":
            instants.append(pause["pause_at"])
        elif resume is not None and {pause["status"]["type"], resume["status"]["type"]} == {"succeeded", "scheduled"}:
            instants.append(resume["resume_at"])
    return min(instants, default=None)


def due(doc: Doc) -> int | None:
    """Return when a step or a notice is due."""
    return doc["at"]  # type: ignore[no-any-return]


def canceled(ctx: Context, schedule: Doc) -> Doc:
    """Store a schedule as canceled and return it."""
    return stored(ctx, {**schedule, "status": "canceled", "canceled_at": ctx.now, "current_phase": None})


async def subscription_ended(ctx: Context, subscription: Doc) -> None:
    """End the schedule of a subscription that has just ended.

    Where the schedule itself planned this end it is completed, else canceled; aborted too when nobody paid
    (docs.stripe.com/api/events/types, facts billing 9.2).
    """
    schedule = await ctx.find(KIND, subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None or next_step(schedule) is None:
        return
    if schedule["end_behavior"] == "cancel" and schedule["phases"][-1]["end_date"] <= ctx.now:
        stored(ctx, {**schedule, "status": "completed", "completed_at": ctx.now, "current_phase": None})
        return
    schedule = canceled(ctx, schedule)
    if (subscription["cancellation_details"] or {}).get("reason") == DELINQUENT:
        ctx.note("subscription_schedule.aborted", schedule)


async def customer_gone(ctx: Context, customer: str) -> None:
    """Cancel the schedules of a deleted customer that have not begun: nobody is there to subscribe (a choice)."""
    for schedule in await ctx.select(KIND, customer=customer):
        if schedule["status"] == "not_started":
            canceled(ctx, schedule)
