"""Decides what a schedule does at its instants: it begins its subscription, moves it to the next phase, lets go of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import (
    automatic_tax,
    cancellations,
    item_changes,
    lines,
    schedule_extras,
    schedule_phases,
    settlement,
    shapes,
    shortening,
    subscription_updates,
    subscriptions,
    trial_notices,
)
from emulator.billing.schedule_ends import KIND, NOTICE, STEP, canceled, next_step, stored
from emulator.billing.transitions import ENDED
from emulator.kernel.errors import StripeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

HOUR = 3600
CEIL = 1  # as for renewals: a draft is finalized 3601 s after its creation


async def wake(ctx: Context, step: Doc) -> None:
    """Do what is due for a schedule at ``ctx.now``."""
    schedule = await ctx.find(KIND, step["id"])
    at = None if schedule is None else next_step(schedule)
    if schedule is None or at is None or at > ctx.now:
        ctx.remove(STEP, step["id"])
    elif schedule["status"] == "not_started":
        try:
            await start(ctx, schedule)
        except StripeError:
            # The customer or a price is gone meanwhile: nothing can begin (choice).
            canceled(ctx, schedule)
    else:
        await next_phase(ctx, schedule)


async def wake_notice(ctx: Context, notice: Doc) -> None:
    """Announce that a schedule ends in seven days."""
    ctx.remove(NOTICE, notice["id"])
    schedule = await ctx.find(KIND, notice["id"])
    if schedule is not None and next_step(schedule) is not None:
        ctx.note("subscription_schedule.expiring", schedule)


async def start(ctx: Context, schedule: Doc) -> Doc:
    """Begin the subscription of a schedule and return the schedule, stored as active.

    Nothing is paid at once: the first invoice waits for an hour as a draft. Order as seen in 2021:
    customer.subscription.created, invoice.created, subscription_schedule.created.
    """
    phase = schedule["phases"][0]
    wish = _create_params(ctx, schedule, phase)
    wish["add_invoice_items"] = await schedule_extras.params(ctx, phase, phase["add_invoice_items"], None)
    begin = await subscriptions.decided(ctx, wish)
    subscription = {**begin.subscription, "schedule": schedule["id"], "test_clock": schedule["test_clock"]}
    begin = begin._replace(subscription=subscription)
    identifier = ctx.new_id("invoice")
    first = await subscriptions.first_invoice(ctx, begin, identifier)
    billed = bool(first.draft["lines"]["data"])
    ctx.put("customer", begin.customer)
    subscription = ctx.put("subscription", {**subscription, "latest_invoice": identifier if billed else None})
    if subscription["trial_end"] is not None:
        trial_notices.announce(ctx, subscription, subscription["trial_end"])
    lines.sweep(ctx, first.swept, identifier)
    if billed:
        await _first_draft(ctx, first.draft)
    return stored(ctx, {
        **schedule, "status": "active", "current_phase": _current(phase), "subscription": subscription["id"],
    })  # fmt: skip


async def _first_draft(ctx: Context, draft: Doc) -> None:
    charged = draft["collection_method"] == "charge_automatically"
    if draft["total"] <= 0:
        ctx.put("invoice", draft)
        await settlement.finalize(ctx, draft, collecting=False)
        return
    ctx.put("invoice", {
        **draft, "auto_advance": True, "automatically_finalizes_at": ctx.now + HOUR + CEIL,
        "next_payment_attempt": ctx.now + HOUR if charged else None,
    })  # fmt: skip


def _create_params(ctx: Context, schedule: Doc, phase: Doc) -> Doc:
    """Return the parameters of ``POST /v1/subscriptions`` that begin a schedule's subscription."""
    params = schedule_phases.wishes(schedule, phase)
    params |= {
        "cancel_at": _planned_end(schedule),
        "customer": schedule["customer"],
        "currency": phase["currency"],
        "items": [schedule_phases.item_params(item) for item in phase["items"]],
        "billing_mode": schedule["billing_mode"],
        "trial_end": phase["trial_end"],
    }
    if phase["start_date"] < ctx.now:
        params["backdate_start_date"] = phase["start_date"]
    return {name: value for name, value in params.items() if value is not None}


def _current(phase: Doc) -> Doc:
    return {"end_date": phase["end_date"], "start_date": phase["start_date"]}


def _planned_end(schedule: Doc) -> int | None:
    return int(schedule["phases"][-1]["end_date"]) if schedule["end_behavior"] == "cancel" else None


async def with_end(ctx: Context, subscription: Doc, at: int | None) -> Doc:
    """Return a subscription, not stored, that its schedule ends ``at`` a time or not at all.

    A period that this cuts or lengthens is credited or debited by pending items.
    """
    if at == subscription["cancel_at"]:
        return subscription
    fields: Doc = {
        "cancel_at": at,
        "cancel_at_period_end": False,
        "canceled_at": subscription["canceled_at"] or ctx.now,
        "cancellation_details": cancellations.told(subscription, None),
    }
    wanted = {**subscription, **(cancellations.unplanned(subscription) if at is None else fields)}
    customer = await ctx.need("customer", subscription["customer"], "customer")
    after, made = await shortening.adjusted(ctx, subscription, wanted, customer)
    for item in made:
        ctx.put("invoiceitem", item)
    return after


async def next_phase(ctx: Context, schedule: Doc) -> None:
    """Leave the current phase: for the next one, or for good."""
    subscription = await ctx.find("subscription", schedule["subscription"])
    if subscription is None or subscription["status"] in ENDED:
        canceled(ctx, schedule)
        return
    end = schedule["current_phase"]["end_date"]
    phase = next((one for one in schedule["phases"] if one["start_date"] >= end), None)
    if phase is None:
        await _complete(ctx, schedule, subscription)
        return
    schedule = stored(ctx, {**schedule, "current_phase": _current(phase)})
    added = phase["add_invoice_items"]
    try:
        await enter(ctx, schedule, phase, subscription, Entering(phase["proration_behavior"], added))
    except StripeError:
        # What the phase wants cannot be had any more: the subscription goes on as it is (choice).
        canceled(ctx, schedule)


async def _complete(ctx: Context, schedule: Doc, subscription: Doc) -> None:
    """End a schedule after its last phase: it completes, and unless it cancels it lets the subscription go.

    Facts billing 6.14: completed, and released too when that is its end behaviour; the status that stays is the last.
    """
    if schedule["end_behavior"] == "cancel":
        await cancellations.end_as_planned(ctx, subscription)
        return
    schedule = stored(ctx, {**schedule, "current_phase": None, "completed_at": ctx.now, "status": "completed"})
    await release(ctx, schedule, subscription, keep_date=True)


async def release(ctx: Context, schedule: Doc, subscription: Doc | None, *, keep_date: bool) -> Doc:
    """Part a schedule from its subscription, which goes on as it is; its planned end is forgotten with the schedule."""
    if subscription is not None:
        kept = subscription if keep_date else await with_end(ctx, subscription, None)
        ctx.put("subscription", {**kept, "schedule": None})
    return stored(ctx, {
        **schedule, "status": "released", "released_at": ctx.now, "current_phase": None, "subscription": None,
        "released_subscription": schedule["subscription"],
    })  # fmt: skip


class Entering(NamedTuple):
    """How a phase is entered: how a change within a period is billed, and which one-time items are new."""

    behavior: str
    added: Sequence[Doc] = ()


async def _possible(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Return what a phase wants without what cannot be had any more: a method that is gone, taxes of nowhere."""
    customer = await ctx.need("customer", subscription["customer"], "customer")
    method = await ctx.find("payment_method", params.get("default_payment_method") or "")
    if method is None or method["customer"] != customer["id"]:
        params = {name: value for name, value in params.items() if name != "default_payment_method"}
    taxed = params["automatic_tax"]["enabled"]
    if taxed and await automatic_tax.located(ctx, customer) is None:
        params = {name: value for name, value in params.items() if name != "automatic_tax"}
    return params


async def enter(ctx: Context, schedule: Doc, phase: Doc, subscription: Doc, how: Entering) -> Doc:
    """Make a subscription what a phase says and return it.

    Where all periods end at this instant nothing is prorated: the renewal that follows bills the new items.
    """
    base = await with_end(ctx, subscription, _planned_end(schedule))
    params = await _possible(ctx, subscription, schedule_phases.wishes(schedule, phase))
    if phase["trial_end"] is not None and phase["trial_end"] > ctx.now:
        params["trial_end"] = phase["trial_end"]
    entries = schedule_phases.matched(subscription["items"]["data"], phase)
    anchor = phase["billing_cycle_anchor"] or schedule["default_settings"]["billing_cycle_anchor"]
    restart = anchor == "phase_start" and phase["start_date"] == ctx.now
    extra = await schedule_extras.params(ctx, phase, how.added, subscription)
    if extra:
        params["add_invoice_items"] = extra
    if all(row["current_period_end"] <= ctx.now for row in subscription["items"]["data"]):
        params["proration_behavior"] = "none"  # nothing of a period is left to be credited
        base = base | await _at_boundary(ctx, base, entries, restart=restart)
    else:
        params |= {"items": entries, "proration_behavior": how.behavior}
        if restart:
            params["billing_cycle_anchor"] = {"type": "now"}
    after = await subscription_updates.change(ctx, base, params)
    # A change that finds nothing to do stores nothing: then what was prepared here is stored.
    return ctx.put("subscription", after) if after is base and after != subscription else after


async def _at_boundary(ctx: Context, base: Doc, entries: Sequence[Doc], *, restart: bool) -> Doc:
    """Return the fields of a subscription whose items change between two periods, which the renewal will begin."""
    rows, edits = await item_changes.edited(ctx, base, entries)
    before = {row["id"]: row for row in base["items"]["data"]}
    ended = []
    for row in rows:
        old = before.get(row["id"])
        begin = ctx.now if old is None else old["current_period_start"]
        ended.append({**row, "current_period_start": begin, "current_period_end": ctx.now})
    fields: Doc = {"items": shapes.item_list(base["id"], ended)}
    classic = base["billing_mode"]["type"] == "classic"
    if restart or (classic and any(one.interval_changed or one.became_paid for one in edits)):
        fields["billing_cycle_anchor"] = ctx.now
    return fields


async def move_end(ctx: Context, schedule: Doc, subscription: Doc) -> None:
    """Store the subscription's planned end after its schedule's last phase or end behaviour changed."""
    after = await with_end(ctx, subscription, _planned_end(schedule))
    if after is not subscription:
        ctx.put("subscription", after)
