"""Decides how subscription schedules are made, changed, released and cancelled, and how they appear in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import cancellations, errors, schedule_errors, schedule_phases, schedule_steps, shapes
from emulator.billing.schedule_steps import KIND
from emulator.billing.transitions import ENDED
from emulator.kernel.errors import missing_param
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]
    Wakeup = tuple[Callable[[Doc], int | None], Callable[[Context, Doc], Awaitable[None]]]

BESIDE_SUBSCRIPTION = frozenset({"from_subscription", "billing_mode"})
END_BEHAVIORS = frozenset({"cancel", "none", "release"})


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a schedule (``POST /v1/subscription_schedules``, facts billing 6.14).

    Of a subscription that is there, or of phases; one that starts now begins its subscription at once.
    """
    if params.get("from_subscription") is not None:
        return await _of_subscription(ctx, params)
    if params.get("customer") is None:
        raise errors.customer_or_account_missing()
    customer = await ctx.need("customer", params["customer"], "customer")
    for name in ("phases", "start_date"):
        if not params.get(name):
            raise missing_param(name)
    start = schedule_phases.instant(ctx, params["start_date"]) or ctx.now
    schedule = {
        **_blank(ctx),
        "billing_mode": _mode(ctx, params.get("billing_mode")),
        "customer": customer["id"],
        "default_settings": schedule_phases.default_settings(ctx, params.get("default_settings")),
        "end_behavior": _end_behavior(params, "release"),
        "metadata": params.get("metadata") or {},
        "phases": await schedule_phases.laid_out(ctx, params["phases"], start),
        "status": "not_started",
        "test_clock": customer.get("test_clock"),
    }
    _refuse_unbuilt(params)
    if start > ctx.now:
        return schedule_steps.stored(ctx, schedule)
    return await schedule_steps.start(ctx, schedule)


def _blank(ctx: Context) -> Doc:
    return {"id": ctx.new_id(KIND), **ctx.blank(KIND)}


def _mode(ctx: Context, given: Doc | None) -> Doc:
    if given is None:
        return shapes.default_mode(ctx)
    if given["type"] == "classic":
        return {"type": "classic"}
    return shapes.flexible_mode(ctx.now, (given.get("flexible") or {}).get("proration_discounts") or "included")


def _end_behavior(params: Doc, fallback: str) -> str:
    wanted: str = params.get("end_behavior") or fallback
    if wanted not in END_BEHAVIORS:
        raise errors.not_emulated(f"end_behavior={wanted}")
    return wanted


def _refuse_unbuilt(params: Doc) -> None:
    if params.get("pause_schedules"):
        raise errors.not_emulated("The parameter pause_schedules of subscription schedules")


async def _of_subscription(ctx: Context, params: Doc) -> Doc:
    """Put a subscription under a schedule of one phase: what it is now, until its period, trial or life ends."""
    for name in params:
        if name not in BESIDE_SUBSCRIPTION and params[name] is not None:
            raise schedule_errors.set_with_subscription(name)
    subscription = await ctx.need("subscription", params["from_subscription"], "from_subscription")
    if subscription["schedule"]:
        raise schedule_errors.already_scheduled(subscription["schedule"])
    if subscription["status"] in ENDED or subscription["status"] == "incomplete":
        raise schedule_errors.subscription_over(subscription["status"])
    last = subscription["cancel_at"]
    phase = await schedule_phases.of_subscription(ctx, subscription, last or cancellations.period_end(subscription))
    settings = schedule_phases.default_settings(ctx, {
        "collection_method": subscription["collection_method"],
        "default_payment_method": subscription["default_payment_method"],
        "invoice_settings": {"days_until_due": subscription["days_until_due"]},
    })  # fmt: skip
    schedule = schedule_steps.stored(ctx, {
        **_blank(ctx),
        "billing_mode": subscription["billing_mode"],
        "current_phase": {"end_date": phase["end_date"], "start_date": phase["start_date"]},
        "customer": subscription["customer"],
        "default_settings": settings,
        "end_behavior": "cancel" if last else "release",
        "metadata": {},
        "phases": [phase],
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    })  # fmt: skip
    ctx.put("subscription", {**subscription, "schedule": schedule["id"]})
    return schedule


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List schedules; ``scheduled`` means those that have not started yet."""
    if params.get("customer") is not None:
        await ctx.need("customer", params["customer"], "customer")
    waiting = params.get("scheduled")
    rest = {name: value for name, value in params.items() if name != "scheduled"}
    return await listed(
        ctx, KIND, rest, "/v1/subscription_schedules",
        keep=lambda doc: waiting is not True or doc["status"] == "not_started",
    )  # fmt: skip


async def _open(ctx: Context, ids: dict[str, str], act: str) -> Doc:
    schedule = await ctx.at_path(KIND, ids["schedule"], name="schedule")
    if schedule_steps.next_step(schedule) is None:
        raise schedule_errors.wrong_status(act, schedule["status"])
    return schedule


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a schedule (``POST /v1/subscription_schedules/{schedule}``).

    ``phases`` replaces the current and the future ones; past ones may be left out. What that changes of the current
    phase changes the subscription now, billed as ``proration_behavior`` says.
    """
    before = await _open(ctx, ids, "update")
    _refuse_unbuilt(params)
    after = {**before, "end_behavior": _end_behavior(params, before["end_behavior"])}
    if "metadata" in params:
        after["metadata"] = updates.merge_map(before["metadata"], params["metadata"])
    after["default_settings"] = schedule_phases.with_settings(
        before["default_settings"], params.get("default_settings")
    )
    if "phases" in params:
        after["phases"] = await _new_phases(ctx, before, params["phases"] or [])
        if before["status"] == "active":
            after["current_phase"] = _current_of(ctx, after)
    if after == before:
        return before
    schedule_steps.stored(ctx, after)
    if before["status"] == "active":
        await _apply(ctx, before, after, params.get("proration_behavior") or "create_prorations")
    elif after["phases"][0]["start_date"] <= ctx.now:
        return await schedule_steps.start(ctx, after)
    return after


async def _new_phases(ctx: Context, before: Doc, given: list[Doc]) -> list[Doc]:
    """Return the phases after an update; raises where the current one is moved or left out."""
    starts = [schedule_phases.instant(ctx, one.get("start_date")) for one in given]
    if all(start is None for start in starts):
        raise schedule_errors.no_start()
    current = before["current_phase"]
    if current is None:
        first = starts[0] if starts[0] is not None else before["phases"][0]["start_date"]
        return await schedule_phases.laid_out(ctx, given, int(first), before["phases"])
    past = [one for one in before["phases"] if one["end_date"] <= current["start_date"]]
    known = {one["start_date"] for one in past}
    while given and starts[0] in known:  # past phases are as they were
        given, starts = given[1:], starts[1:]
    first = starts[0] if starts and starts[0] is not None else current["start_date"]
    if not given or first >= current["end_date"]:
        raise schedule_errors.current_left_out()
    if first != current["start_date"]:
        raise schedule_errors.start_moved()
    phases = await schedule_phases.laid_out(ctx, given, first, before["phases"])
    if phases[0]["end_date"] < ctx.now or (phases[0]["end_date"] == ctx.now and len(phases) == 1):
        raise schedule_errors.current_left_out()
    return past + phases


def _current_of(ctx: Context, schedule: Doc) -> Doc:
    phase = next(one for one in schedule["phases"] if one["end_date"] > ctx.now)
    return {"end_date": phase["end_date"], "start_date": phase["start_date"]}


async def _apply(ctx: Context, before: Doc, after: Doc, behavior: str) -> None:
    """Bring the subscription in line with the current phase of a changed schedule, if that changed."""
    subscription = await ctx.need("subscription", after["subscription"], "subscription")
    phase, old = _phase_now(after), _phase_now(before)
    moved = phase["start_date"] != old["start_date"]
    if moved or _content(phase) != _content(old) or before["default_settings"] != after["default_settings"]:
        way = phase["proration_behavior"] if moved else behavior
        await schedule_steps.enter(ctx, after, phase, subscription, way)
        return
    await schedule_steps.move_end(ctx, after, subscription)


def _phase_now(schedule: Doc) -> Doc:
    start = schedule["current_phase"]["start_date"]
    return next(one for one in schedule["phases"] if one["start_date"] == start)


def _content(phase: Doc) -> Doc:
    return {name: value for name, value in phase.items() if name not in {"end_date", "proration_behavior"}}


async def release(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let the subscription go on without its schedule (``POST .../release``)."""
    schedule = await _open(ctx, ids, "release")
    subscription = await ctx.find("subscription", schedule["subscription"]) if schedule["subscription"] else None
    return await schedule_steps.release(ctx, schedule, subscription, keep_date=bool(params.get("preserve_cancel_date")))


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Cancel a schedule and its subscription now (``POST .../cancel``); both flags are true unless told otherwise."""
    schedule = await _open(ctx, ids, "cancel")
    subscription = await ctx.find("subscription", schedule["subscription"]) if schedule["subscription"] else None
    if subscription is not None and subscription["status"] not in ENDED:
        await cancellations.cancel_now(
            ctx, subscription, prorate=params.get("prorate") is not False,
            invoice_now=params.get("invoice_now") is not False,
        )  # fmt: skip
    return schedule_steps.stored(ctx, {**schedule, "status": "canceled", "canceled_at": ctx.now, "current_phase": None})


def managed_by_schedule(subscription: Doc) -> StripeError | None:
    """Return the refusal of a change of a subscription's end that its schedule decides about, or None (E21)."""
    schedule = subscription["schedule"]
    return errors.managed_by_schedule(schedule) if schedule else None


OPERATIONS: dict[str, Behaviour] = {
    "PostSubscriptionSchedules": create,
    "GetSubscriptionSchedules": list_all,
    "PostSubscriptionSchedulesSchedule": update,
    "PostSubscriptionSchedulesScheduleCancel": cancel,
    "PostSubscriptionSchedulesScheduleRelease": release,
}

WAKEUPS: dict[str, Wakeup] = {
    schedule_steps.STEP: (schedule_steps.due, schedule_steps.wake),
    schedule_steps.NOTICE: (schedule_steps.due, schedule_steps.wake_notice),
}
