"""Decides how subscription schedules are made, changed, released and cancelled, and how they appear in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    cancellations,
    connect,
    errors,
    periods,
    prebilling,
    prebilling_errors,
    schedule_ends,
    schedule_errors,
    schedule_pauses,
    schedule_phases,
    schedule_steps,
    shapes,
    subscription_settings,
)
from emulator.billing.schedule_ends import KIND
from emulator.billing.transitions import ENDED
from emulator.catalog import held
from emulator.kernel.errors import missing_param
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.billing.schedule_phases import Owner
    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context, Page

BESIDE_SUBSCRIPTION = frozenset({"from_subscription", "billing_mode", "pause_schedules"})
# What a schedule may be told to do at its end, and what is stored of it: ``none`` is an older word for ``cancel``, and
# ``renew`` can be read but no longer set (docs.stripe.com/changelog/2019-10-17/updates-subscription-renewal-properties).
END_BEHAVIORS = {"cancel": "cancel", "none": "cancel", "release": "release"}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a schedule (``POST /v1/subscription_schedules``, facts billing 6.14).

    Of a subscription that is there, or of phases; one that starts now begins its subscription at once. Raises the
    refusals of neither, and of a missing customer or start.
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
    settings = await _settings(ctx, customer, params.get("default_settings"))
    mode = _mode(ctx, params.get("billing_mode"))
    schedule = {
        **_blank(ctx),
        "billing_mode": mode,
        "customer": customer["id"],
        "default_settings": settings,
        "end_behavior": _end_behavior(params, "release"),
        "metadata": updates.merge_map(None, params.get("metadata")),
        "pause_schedules": schedule_pauses.laid_out(ctx, params.get("pause_schedules")),
        "phases": await schedule_phases.laid_out(
            ctx, schedule_phases.Owner(customer, settings, mode), params["phases"], start
        ),
        "status": "not_started",
        "test_clock": customer.get("test_clock"),
    }
    schedule_pauses.check(schedule)
    await subscription_settings.check_limits(ctx, customer)
    if start > ctx.now:
        return schedule_ends.stored(ctx, schedule)
    return await schedule_pauses.run(ctx, await schedule_steps.start(ctx, schedule))


async def _settings(ctx: Context, customer: Doc, given: Doc | None) -> Doc:
    """Return the default settings of a new schedule; raises for a payment method that is not the customer's."""
    method = (given or {}).get("default_payment_method")
    await schedule_phases.check_method(ctx, customer, method, "default_settings[default_payment_method]")
    await connect.check(ctx, given or {}, "default_settings")
    return schedule_phases.default_settings(ctx, given)


def _blank(ctx: Context) -> Doc:
    return {"id": ctx.new_id(KIND), **ctx.blank(KIND)}


def _mode(ctx: Context, given: Doc | None) -> Doc:
    if given is None:
        return shapes.default_mode(ctx)
    if given["type"] == "classic":
        return {"type": "classic"}
    return shapes.flexible_mode(ctx.now, (given.get("flexible") or {}).get("proration_discounts") or "included")


def _end_behavior(params: Doc, fallback: str) -> str:
    wanted = params.get("end_behavior")
    if not wanted:
        return fallback
    if wanted not in END_BEHAVIORS:
        raise schedule_errors.end_behavior_unknown()
    return END_BEHAVIORS[wanted]


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
    if prebilling.schedules(subscription):
        raise prebilling_errors.with_schedule()
    last = subscription["cancel_at"]
    phase = await schedule_phases.of_subscription(ctx, subscription, last or await _period_end(ctx, subscription))
    taxed = subscription["automatic_tax"]
    settings = schedule_phases.default_settings(ctx, {
        "automatic_tax": {"enabled": taxed["enabled"], "liability": taxed["liability"]},
        "collection_method": subscription["collection_method"],
        "default_payment_method": subscription["default_payment_method"],
        "invoice_settings": {"days_until_due": subscription["days_until_due"]},
    })  # fmt: skip
    schedule = {
        **_blank(ctx),
        "billing_mode": subscription["billing_mode"],
        "current_phase": {"end_date": phase["end_date"], "start_date": phase["start_date"]},
        "customer": subscription["customer"],
        "default_settings": settings,
        "end_behavior": "cancel" if last else "release",
        "metadata": {},
        "pause_schedules": schedule_pauses.laid_out(ctx, params.get("pause_schedules"), (), subscription),
        "phases": [phase],
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
    schedule_pauses.check(schedule)
    schedule_ends.stored(ctx, schedule)
    ctx.put("subscription", {**subscription, "schedule": schedule["id"]})
    return await schedule_pauses.run(ctx, schedule)


async def _period_end(ctx: Context, subscription: Doc) -> int:
    """Return when a subscription's period ends; a paused one's was cut, then that of its anchor (a choice)."""
    end = cancellations.period_end(subscription)
    if end > ctx.now:
        return end
    ends = []
    for row in subscription["items"]["data"]:
        recurring = (await held.need(ctx, row["price"]))["recurring"]
        anchor = subscription["billing_cycle_anchor"]
        ends.append(periods.period_at(anchor, recurring["interval"], recurring["interval_count"], ctx.now)[1])
    return max(ends)


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
    if schedule_ends.next_step(schedule) is None:
        raise schedule_errors.wrong_status(act, schedule["status"])
    return schedule


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a schedule (``POST /v1/subscription_schedules/{schedule}``).

    ``phases`` replaces the current and the future ones; past ones may be left out. What that changes of the current
    phase changes the subscription now, billed as ``proration_behavior`` says.
    """
    before = await _open(ctx, ids, "update")
    after = {**before, "end_behavior": _end_behavior(params, before["end_behavior"])}
    if "metadata" in params:
        after["metadata"] = updates.merge_map(before["metadata"], params["metadata"])
    given = params.get("default_settings")
    customer = await ctx.need("customer", before["customer"], "customer")
    method = (given or {}).get("default_payment_method")
    await schedule_phases.check_method(ctx, customer, method, "default_settings[default_payment_method]")
    await connect.check(ctx, given or {}, "default_settings")
    after["default_settings"] = schedule_phases.with_settings(before["default_settings"], given)
    if "phases" in params:
        owner = schedule_phases.Owner(customer, after["default_settings"], before["billing_mode"])
        after["phases"] = await _new_phases(ctx, owner, before, params["phases"] or [])
        if before["status"] == "active":
            after["current_phase"] = _current_of(ctx, after)
    if "pause_schedules" in params:
        subscription = await ctx.find("subscription", before["subscription"]) if before["subscription"] else None
        after["pause_schedules"] = schedule_pauses.laid_out(
            ctx, params["pause_schedules"], before["pause_schedules"], subscription
        )
    schedule_pauses.check(after)
    if after == before:
        return before
    schedule_ends.stored(ctx, after)
    if before["status"] == "active":
        await _apply(ctx, before, after, params.get("proration_behavior") or "create_prorations")
    elif after["phases"][0]["start_date"] <= ctx.now:
        after = await schedule_steps.start(ctx, after)
    return await schedule_pauses.run(ctx, after)


async def _new_phases(ctx: Context, owner: Owner, before: Doc, given: list[Doc]) -> list[Doc]:
    """Return the phases after an update; raises where the current one is moved or left out."""
    starts = [schedule_phases.instant(ctx, one.get("start_date")) for one in given]
    if all(start is None for start in starts):
        raise schedule_errors.no_start()
    current = before["current_phase"]
    if current is None:
        first = starts[0] if starts[0] is not None else before["phases"][0]["start_date"]
        return await schedule_phases.laid_out(ctx, owner, given, int(first), before["phases"])
    past = [one for one in before["phases"] if one["end_date"] <= current["start_date"]]
    known = {one["start_date"] for one in past}
    while given and starts[0] in known:  # past phases are as they were
        given, starts = given[1:], starts[1:]
    first = starts[0] if starts and starts[0] is not None else current["start_date"]
    if not given or first >= current["end_date"]:
        raise schedule_errors.current_left_out()
    if first != current["start_date"]:
        raise schedule_errors.start_moved()
    phases = await schedule_phases.laid_out(ctx, owner, given, first, before["phases"])
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
        known = [] if moved else old["add_invoice_items"]
        added = [one for one in phase["add_invoice_items"] if one not in known]
        how = schedule_steps.Entering(phase["proration_behavior"] if moved else behavior, added)
        await schedule_steps.enter(ctx, after, phase, subscription, how)
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
        return await ctx.need(KIND, schedule["id"], "schedule")
    return schedule_ends.canceled(ctx, schedule)


def managed_by_schedule(subscription: Doc) -> StripeError | None:
    """Return the refusal of a change of a subscription's end that its schedule decides about, or None (E21)."""
    schedule = subscription["schedule"]
    return errors.managed_by_schedule(schedule) if schedule else None
