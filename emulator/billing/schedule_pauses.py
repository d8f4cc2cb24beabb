"""Decides when a schedule pauses its subscription and lets it run again (``pause_schedules``).

Source: docs.stripe.com/billing/subscriptions/pause/schedules, changelog endive/2026-09-30. Choices: a list replaces
the one before, entries that have happened stay as they are; pauses do not move phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, pausing, periods, schedule_errors, settlement
from emulator.billing.schedule_ends import KIND, PAUSE, next_pause, stored
from emulator.kernel.errors import StripeError, missing_param

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SCHEDULED: Doc = {"type": "scheduled"}
SUCCEEDED: Doc = {"type": "succeeded"}
BILL_FOR = ("outstanding_usage_through", "unused_time_from")
KEY_LENGTH = 16  # of an entry that was given none (a choice)
RESUMING: Doc = {
    "billing_cycle_anchor": "resume_at",
    "payment_behavior": pausing.ON_ATTEMPT,
    "proration_behavior": "create_prorations",
}


def check(schedule: Doc) -> None:
    """Refuse pauses of a schedule that bills classically or sends invoices."""
    if not schedule["pause_schedules"]:
        return
    if schedule["billing_mode"]["type"] != "flexible":
        raise schedule_errors.pause_not_flexible()
    fallback = schedule["default_settings"]["collection_method"]
    methods = {phase["collection_method"] or fallback for phase in schedule["phases"]}
    if methods - {"charge_automatically"}:
        raise schedule_errors.pause_sends()


def laid_out(
    ctx: Context, given: Sequence[Doc] | None, known: Sequence[Doc] = (), subscription: Doc | None = None
) -> list[Doc]:
    """Return the entries of ``pause_schedules``; what of ``known`` has happened stays.

    ``subscription``: one that is paused already may be given a time to resume alone. Raises the refusal of a key that stands twice.
    """
    before = {entry["key"]: entry for entry in known}
    result: list[Doc] = []
    for index, one in enumerate(given or ()):
        key = one.get("key") or ctx.text(KEY_LENGTH)
        if any(entry["key"] == key for entry in result):
            raise schedule_errors.pause_twice(key)
        result.append(_entry(ctx, key, one, before.get(key), subscription, f"pause_schedules[{index}]"))
    return result


def _entry(ctx: Context, key: str, one: Doc, before: Doc | None, subscription: Doc | None, place: str) -> Doc:
    pause = _pause(ctx, one.get("pause"), before, subscription, place)
    wish = one.get("resume")
    resume = before["resume"] if before is not None else None
    if "resume" in one and (resume is None or resume["status"]["type"] == "scheduled"):
        resume = None if wish is None else _resume(ctx, wish, resume, pause["pause_at"], place)
    return {"key": key, "pause": pause, "resume": resume}


def _pause(ctx: Context, wish: Doc | None, before: Doc | None, subscription: Doc | None, place: str) -> Doc:
    if before is not None and (wish is None or before["pause"]["status"]["type"] != "scheduled"):
        found: Doc = before["pause"]
        return found
    if wish is None and subscription is not None and subscription["status"] == "paused":
        since = subscription["status_details"]["paused"]["transitioned_at"]
        return {"pause_at": since, "settings": None, "status": SUCCEEDED}
    if wish is None:
        raise missing_param(f"{place}[pause]")
    old = before["pause"] if before is not None else {}
    at = _instant(ctx, wish.get("pause_at"), old.get("pause_at"), f"{place}[pause][pause_at][timestamp]")
    settings = wish.get("settings")
    if settings is None:
        return {"pause_at": at, "settings": old.get("settings"), "status": SCHEDULED}
    bill = settings.get("bill_for") or {}
    return {
        "pause_at": at,
        "settings": {
            "bill_for": {name: {"type": (bill.get(name) or {}).get("type") or "pause_at"} for name in BILL_FOR},
            "invoicing_behavior": settings.get("invoicing_behavior") or "pending_invoice_item",
            "type": "subscription",
        },
        "status": SCHEDULED,
    }


def _resume(ctx: Context, wish: Doc, old: Doc | None, paused_at: int, place: str) -> Doc:
    given = wish.get("resume_at")
    if given is not None and given["type"] == "duration":
        length = given.get("duration")
        if length is None:
            raise missing_param(f"{place}[resume][resume_at][duration]")
        at = periods.plus(paused_at, length["interval"], length.get("interval_count") or 1)
    else:
        known = old["resume_at"] if old is not None else None
        at = _instant(ctx, given, known, f"{place}[resume][resume_at][timestamp]")
    if at <= paused_at:
        raise schedule_errors.resume_before_pause(place)
    settings = {**RESUMING, **(old["settings"] if old is not None else {}), **(wish.get("settings") or {})}
    return {"resume_at": at, "settings": settings, "status": SCHEDULED}


def _instant(ctx: Context, given: Doc | None, known: int | None, place: str) -> int:
    """Return the instant that ``pause_at`` or ``resume_at`` names; raises for one that is past or missing."""
    if given is None:
        if known is None:
            raise missing_param(place.removesuffix("[timestamp]"))
        return known
    if given["type"] == "now":
        return ctx.now
    at: int | None = given.get("timestamp")
    if at is None:
        raise missing_param(place)
    if at < ctx.now:
        raise errors.past_timestamp(place, at)
    return at


async def wake(ctx: Context, row: Doc) -> None:
    """Pause or resume what is due at ``ctx.now``."""
    schedule = await ctx.find(KIND, row["id"])
    if schedule is None or next_pause(schedule) is None:
        ctx.remove(PAUSE, row["id"])
        return
    await run(ctx, schedule)


async def run(ctx: Context, schedule: Doc) -> Doc:
    """Do what is due of a schedule's pauses, store what came of it, and return the schedule."""
    done = []
    for entry in schedule["pause_schedules"]:
        pause, resume = entry["pause"], entry["resume"]
        if pause["status"] == SCHEDULED and pause["pause_at"] <= ctx.now:
            pause = {**pause, "status": await _paused(ctx, schedule, pause["settings"])}
        elif pause["status"] == SUCCEEDED and _is_due(resume, ctx.now):
            resume = {**resume, "status": await _resumed(ctx, schedule, resume["settings"])}
        done.append({**entry, "pause": pause, "resume": resume})
    if done == schedule["pause_schedules"]:
        return schedule
    # What was done may have changed the schedule itself: only its pauses are replaced.
    now = await ctx.need(KIND, schedule["id"], "schedule")
    return stored(ctx, {**now, "pause_schedules": done})


def _is_due(resume: Doc | None, now: int) -> bool:
    return resume is not None and resume["status"] == SCHEDULED and resume["resume_at"] <= now


async def _paused(ctx: Context, schedule: Doc, settings: Doc | None) -> Doc:
    bill = (settings or {}).get("bill_for") or {}
    kinds = {name: (bill.get(name) or {}).get("type", "pause_at") for name in BILL_FOR}
    params = {
        "bill_for": {name: {"type": "now" if kind == "pause_at" else kind} for name, kind in kinds.items()},
        "invoicing_behavior": (settings or {}).get("invoicing_behavior"),
    }
    try:
        await pausing.pause_now(ctx, await _subscription(ctx, schedule), params)
    except StripeError as refusal:
        return _error(refusal)
    return SUCCEEDED


async def _resumed(ctx: Context, schedule: Doc, settings: Doc) -> Doc:
    anchor = "unchanged" if settings["billing_cycle_anchor"] == "unchanged" else "now"
    try:
        after = await pausing.begin_again(
            ctx, await _subscription(ctx, schedule), {**settings, "billing_cycle_anchor": {"type": anchor}}
        )
    except StripeError as refusal:
        return _error(refusal)
    if after["status"] != "paused":
        return SUCCEEDED
    link = await settlement.open_payment(ctx, after["latest_invoice"])
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"]) if link else None
    asks = intent is not None and intent["status"] == "requires_action"
    return {"type": "requires_action" if asks else "pending"}


async def _subscription(ctx: Context, schedule: Doc) -> Doc:
    return await ctx.need("subscription", schedule["subscription"] or "", "subscription")


def _error(refusal: StripeError) -> Doc:
    error: Doc = {"message": refusal.message}
    if refusal.code:
        error["code"] = refusal.code
    return {"type": "error", "error": error}


async def after_resumption(ctx: Context, subscription: Doc) -> None:
    """Store that a resumption that waited for its payment is over."""
    schedule = await ctx.find(KIND, subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None or not schedule["pause_schedules"]:
        return
    entries = []
    for entry in schedule["pause_schedules"]:
        resume = entry["resume"]
        waits = resume is not None and resume["status"]["type"] in {"pending", "requires_action"}
        entries.append({**entry, "resume": {**resume, "status": SUCCEEDED}} if waits else entry)
    if entries != schedule["pause_schedules"]:
        stored(ctx, {**schedule, "pause_schedules": entries})
