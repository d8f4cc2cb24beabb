"""Decides what happens to subscriptions and invoices by themselves, each wake-up at its own instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    cancellations,
    consequences,
    drafts,
    dunning,
    giving_up,
    instants,
    invoices,
    lines,
    metered,
    pausing,
    pending_updates,
    periods,
    prebilling,
    selection,
    settlement,
    shapes,
    used_discounts,
)
from emulator.billing.transitions import subscription_after
from emulator.payments import collect

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

HOUR = 3600
CEIL = 1  # recorded 2026-09: a draft is finalized 3601 s after its creation, its payment attempt is shown at 3600 s


async def wake_subscription(ctx: Context, subscription: Doc) -> None:
    """Do what is due for a subscription at ``ctx.now``."""
    due = instants.subscription(subscription)
    if due is None or due.at > ctx.now:
        return
    if due.what == "expire":
        await _expire(ctx, subscription)
    elif due.what == "drop_update":
        await pending_updates.expire(ctx, subscription)
    elif due.what == "cancel":
        await cancellations.end_as_planned(ctx, subscription)
    elif due.what == "trial_end":
        await _end_trial(ctx, subscription)
    elif due.what == "resume_collection":
        ctx.put("subscription", {**subscription, "pause_collection": None})
    else:
        await renew(ctx, subscription)


async def wake_invoice(ctx: Context, invoice: Doc) -> None:
    """Do what is due for an invoice at ``ctx.now``: finalize a draft, or try again to collect it."""
    due = instants.invoice(invoice)
    if due is None or due.at > ctx.now:
        return
    if due.what == "finalize":
        await _finalize(ctx, invoice)
    else:
        await _retry(ctx, invoice)
    after = await ctx.find("invoice", invoice["id"])
    if after is not None and after["status"] == "paid":
        await consequences.after_invoice(ctx, after)


async def _expire(ctx: Context, subscription: Doc) -> None:
    """End a subscription whose first payment did not come in 23 hours: its invoice is voided (facts billing 6.13)."""
    invoice = await ctx.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["status"] == "open":
        await invoices.voided(ctx, invoice)
    status = subscription_after(subscription["status"], "expired")
    ctx.put("subscription", {**subscription, "status": status, "ended_at": ctx.now})


async def _end_trial(ctx: Context, subscription: Doc) -> None:
    """Leave the trial: without a payment method as ``trial_settings`` says (facts billing 6.6)."""
    customer = await ctx.need("customer", subscription["customer"], "customer")
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    missing = await collect.default_method(ctx, customer, subscription) is None
    if missing and subscription["collection_method"] == "charge_automatically":
        if behavior == "cancel":
            await cancellations.cancel_now(ctx, subscription, prorate=False, invoice_now=False)
            return
        if behavior == "pause":
            ctx.put("subscription", pausing.paused(ctx, subscription, "trial_end_without_payment_method"))
            return
    await renew(ctx, {**subscription, "status": subscription_after("trialing", "trial_ended")})


async def renew(ctx: Context, subscription: Doc) -> Doc:
    """Begin the items' next periods and make their invoice, a draft for an hour (facts billing 6.11).

    Writes the subscription first and then the draft, as recorded deliveries come.
    """
    customer = await ctx.need("customer", subscription["customer"], "customer")
    identifier = ctx.new_id("invoice")
    rows, made = await _next_periods(ctx, subscription, identifier)
    ended = min(row["current_period_start"] for row in subscription["items"]["data"])
    swept = await lines.pending(ctx, customer["id"], subscription["currency"], subscription["id"])
    made = [lines.of_pending(ctx, identifier, item) for item in swept] + made
    after = prebilling.over({**subscription, "items": shapes.item_list(subscription["id"], rows)}, ctx.now)
    gone = await used_discounts.over(ctx, subscription, _renewed(ctx, subscription))
    if not made:
        gone = used_discounts.ended(ctx, gone)
        used_discounts.announce(ctx, gone)
        return ctx.put("subscription", used_discounts.without(after, {one["id"] for one in gone}))
    sums = await drafts.summed(ctx, subscription, subscription["items"]["data"], made)
    after = used_discounts.without({**after, "latest_invoice": identifier}, {one["id"] for one in gone})
    draft = await drafts.of_subscription(
        ctx, identifier, customer, subscription, sums, "subscription_cycle", shapes.Period(ended, ctx.now)
    )
    charged = draft["collection_method"] == "charge_automatically"
    waits = subscription["status"] == "unpaid" or _paused(subscription) == "keep_as_draft"
    draft |= {
        "auto_advance": not waits,
        "automatically_finalizes_at": None if waits else ctx.now + HOUR + CEIL,
        "next_payment_attempt": ctx.now + HOUR if charged and not waits else None,
    }
    used_discounts.announce(ctx, gone)
    ctx.put("subscription", after)
    ctx.put("invoice", draft)
    lines.sweep(ctx, swept, identifier)
    return after


async def _next_periods(ctx: Context, subscription: Doc, invoice: str) -> tuple[list[Doc], list[Doc]]:
    """Return all items, those whose period is over in their next one, and the lines of these."""
    rows, made = [], []
    for row in subscription["items"]["data"]:
        if row["current_period_end"] > ctx.now:
            rows.append(row)
            continue
        price = await selection.currency_option(ctx, row["price"], subscription["currency"])
        recurring = price["recurring"]
        start, end = periods.period_at(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"],
            row["current_period_end"],
        )  # fmt: skip
        natural, start = end - start, row["current_period_end"]
        last = subscription["cancel_at"]
        if last is not None and start < last < end:
            end = last  # the last period is cut, and so is its line (facts billing 6.8)
        after = {**row, "current_period_start": start, "current_period_end": end}
        if metered.is_metered(row):
            # In arrears: what was used in the period that is over; a trial's usage is free.
            if ctx.now != subscription["trial_end"]:
                used = shapes.Period(row["current_period_start"], row["current_period_end"])
                made.append(await metered.line(ctx, invoice, subscription, row, price, used))
            rows.append(after)
            continue
        product = await ctx.need("product", price["product"], "product")
        known = max(start, row.get("billed_until") or 0)  # a period may be billed ahead, wholly or in part
        if known < end:
            made.append(lines.of_period(ctx, invoice, after, price, product, shapes.Period(known, end), natural))
        since, until = max(known, end), prebilling.target(subscription, row) or 0
        if until > since:
            made += prebilling.ahead(ctx, subscription, invoice, after, price, product, since, until)
        rows.append(prebilling.with_billed(after, max(since, until)))
    return rows, made


def _renewed(ctx: Context, subscription: Doc) -> list[Doc]:
    """Return the items whose period is over: only these are billed now."""
    return [row for row in subscription["items"]["data"] if row["current_period_end"] <= ctx.now]


async def _finalize(ctx: Context, invoice: Doc) -> None:
    subscription = await settlement.subscription_of(ctx, invoice)
    if subscription is not None:
        invoice = await _with_late_usage(ctx, subscription, invoice)
    paused = _paused(subscription) if subscription is not None else None
    done = await settlement.finalize(ctx, invoice, collecting=paused is None)
    if done["status"] != "open":
        return
    if paused == "void":
        await invoices.voided(ctx, done)
    elif paused == "mark_uncollectible":
        await invoices.mark_uncollectible(ctx, {"invoice": done["id"]}, {})
    else:
        await giving_up.after_failure(ctx, done)


async def _with_late_usage(ctx: Context, subscription: Doc, draft: Doc) -> Doc:
    """Return a draft with the usage counted in that was reported within its hour (facts billing 6.15)."""
    made = await metered.refreshed(ctx, subscription, draft)
    if made is None:
        return draft
    owner = {**subscription, "discounts": draft["discounts"]}
    then = ctx.at(draft["created"])  # what the draft was made with works on it, also when its months are over
    sums = await drafts.summed(then, owner, subscription["items"]["data"], made)
    due = max(0, sums.fields["total"] + draft["starting_balance"])
    return ctx.put("invoice", {
        **draft, **sums.fields, "amount_due": due, "amount_remaining": due,
        "lines": shapes.embedded(sums.lines, draft["lines"]["url"]),
    })  # fmt: skip


def _paused(subscription: Doc) -> str | None:
    pause = subscription["pause_collection"]
    return pause["behavior"] if pause else None


async def _retry(ctx: Context, invoice: Doc) -> None:
    """Try again; when that was the last time, the account's setting decides about the subscription."""
    if await _hopeless(ctx, invoice):
        after = await settlement.failed(ctx, invoice, automatic=True)
    else:
        after, _ = await settlement.attempt(ctx, invoice, automatic=True)
    await giving_up.after_failure(ctx, after)


async def _hopeless(ctx: Context, invoice: Doc) -> bool:
    """Say whether the bank ruled out another try with the very method that would be charged now.

    Such tries are counted, but nobody is charged (docs.stripe.com smart-retries).
    """
    link = await settlement.open_payment(ctx, invoice["id"])
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"]) if link else None
    if intent is None:
        return False
    if intent["status"] == "requires_action":  # who was asked for 3D Secure has still to answer
        charged = intent["payment_method"]
    elif dunning.is_hard(intent["last_payment_error"]):
        charged = (intent["last_payment_error"].get("payment_method") or {}).get("id")
    else:
        return False
    return bool(await settlement.method_of(ctx, invoice) == charged)
