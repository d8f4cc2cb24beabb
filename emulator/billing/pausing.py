"""Decides how a subscription pauses and resumes: what is credited, what is billed, when it runs again (facts billing 13).

docs.stripe.com/api/subscriptions/pause and /resume, changelog endive/2026-09-30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from emulator.billing import (
    change_invoices,
    dunning,
    errors,
    item_changes,
    metered,
    pending_updates,
    periods,
    prebilling,
    proration_items,
    selection,
    settlement,
    shapes,
    subscription_errors,
    subscriptions,
    used_discounts,
)
from emulator.billing.transitions import INCOMPLETE_EXPIRY, subscription_after
from emulator.payments import collect

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Why = Literal[
        "pause_requested", "trial_end_without_payment_method", "first_payment_failure", "final_payment_failure"
    ]

FAILURES = frozenset({"first_payment_failure", "final_payment_failure"})
RESUMPTION = "_resumption"  # the invoice that a paused subscription must pay to run again
PAUSED_ENDS = "_paused_ends"  # when the items' periods would have ended: a pause cuts them (docs.stripe.com billing/subscriptions/pause)
ON_ATTEMPT, ON_SUCCESS = "resume_on_payment_attempt", "resume_on_payment_success"
PAUSABLE = frozenset({"active", "past_due", "unpaid"})  # docs.stripe.com billing/subscriptions/pause
ENDIVE = "2026-09-30"  # before this version a resumed subscription waits for its payment, tried at once


def paused(ctx: Context, subscription: Doc, why: Why) -> Doc:
    """Return a subscription paused at this instant, with the reason in ``status_details``."""
    return {
        **subscription,
        "status": subscription_after(subscription["status"], "paused"),
        "status_details": {
            "paused": {"subscription": {"type": why}, "transitioned_at": ctx.now, "type": "subscription"}
        },
    }


def failed(subscription: Doc) -> bool:
    """Say whether a subscription paused because a payment failed."""
    details = subscription.get("status_details") or {}
    return subscription["status"] == "paused" and details["paused"]["subscription"]["type"] in FAILURES


def running(subscription: Doc, status: str = "active") -> Doc:
    """Return a paused subscription that runs again."""
    after = {key: value for key, value in subscription.items() if key != "status_details"}
    return {**after, "status": status, "pending_update": None}


async def pause(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Pause a subscription (``POST .../pause``): credits and usage wait or are invoiced, no period begins any more.

    Raises the refusal of one that a schedule leads.
    """
    subscription = await ctx.at_path("subscription", ids["subscription"])
    if subscription["schedule"]:
        raise subscription_errors.pause_scheduled()
    return await pause_now(ctx, subscription, params)


async def pause_now(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Pause a subscription as ``params`` of the call say, also one that a schedule pauses, and return it."""
    check_pausable(subscription)
    subscription = await pending_updates.dropped(ctx, subscription)
    customer = await ctx.need("customer", subscription["customer"], "customer")
    wish = params.get("bill_for") or {}
    items: list[Doc] = []
    if (wish.get("unused_time_from") or {}).get("type") != "none":
        since = (wish.get("unused_time_from") or {}).get("type")
        items += await _credits(ctx, subscription, customer, whole=since == "item_current_period_start")
        rows = [prebilling.with_billed(row, 0) for row in subscription["items"]["data"]]
        subscription = {**subscription, "items": shapes.item_list(subscription["id"], rows)}
    if (wish.get("outstanding_usage_through") or {}).get("type") != "none":
        items += await metered.outstanding(ctx, subscription, customer)
    after = _cut(ctx, paused(ctx, subscription, "pause_requested"))
    if items and params.get("invoicing_behavior") == "invoice":
        start = min(row["current_period_start"] for row in subscription["items"]["data"])
        billed = await change_invoices.invoiced(
            ctx, after, customer, ctx.new_id("invoice"), (), items, shapes.Period(start, ctx.now), ""
        )
        return ctx.put("subscription", {**billed, "status": "paused"})
    for item in items:
        ctx.put("invoiceitem", item)
    return ctx.put("subscription", after)


def _cut(ctx: Context, subscription: Doc) -> Doc:
    """Return a paused subscription whose periods end now, and remember how long they would have been."""
    rows = subscription["items"]["data"]
    ends = [{"id": row["id"], "current_period_end": row["current_period_end"]} for row in rows]
    ctx.put(PAUSED_ENDS, {"id": subscription["id"], "items": ends})
    cut = [{**row, "current_period_end": min(row["current_period_end"], ctx.now)} for row in rows]
    return {**subscription, "items": shapes.item_list(subscription["id"], cut)}


def check_pausable(subscription: Doc) -> None:
    """Raise why a subscription cannot be paused."""
    if subscription["billing_mode"]["type"] != "flexible":
        raise subscription_errors.pause_classic()
    if subscription["collection_method"] != "charge_automatically":
        raise subscription_errors.pause_sent()
    if subscription["status"] not in PAUSABLE:
        raise subscription_errors.pause_status(subscription["status"])


async def _credits(ctx: Context, subscription: Doc, customer: Doc, *, whole: bool) -> list[Doc]:
    """Return the credits for what is paid and not used: from now, or for the whole periods."""
    if subscription["status"] == "trialing":
        return []
    result = []
    for row in subscription["items"]["data"]:
        price = await selection.currency_option(ctx, row["price"], subscription["currency"])
        at = row["current_period_start"] if whole else ctx.now
        gone = item_changes.Edit(row, price, None, None)
        result += await proration_items.of_edit(ctx, subscription, customer, gone, at)
    return result


async def resume(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a paused subscription run again (``POST .../resume``): at once, or when its invoice is paid."""
    subscription = await ctx.at_path("subscription", ids["subscription"])
    if subscription["status"] == "canceled":
        raise ctx.missing_at_path("subscription", subscription["id"])
    return await begin_again(ctx, subscription, params)


async def begin_again(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Let a subscription run again as ``params`` of the call say and return it; still paused while it waits for money.

    Raises the refusals of one that is not paused, is sent invoices, has no payment method, or whose billing mode
    does not know ``payment_behavior``.
    """
    if subscription["status"] != "paused":
        raise errors.not_paused()
    if subscription["collection_method"] != "charge_automatically":
        raise subscription_errors.resume_sent()
    if params.get("payment_behavior") == ON_SUCCESS and subscription["billing_mode"]["type"] != "flexible":
        raise subscription_errors.resume_classic()
    subscription = await pending_updates.dropped(ctx, subscription)
    customer = await ctx.need("customer", subscription["customer"], "customer")
    anchor = params.get("billing_cycle_anchor")
    kind = anchor["type"] if isinstance(anchor, dict) else anchor
    after = running(subscription)
    identifier = ctx.new_id("invoice")
    if kind == "unchanged":
        after, items = await _continued(ctx, after, customer, params)
        full: list[Doc] = []
        if params.get("proration_behavior") != "always_invoice":
            for item in items:
                ctx.put("invoiceitem", item)
            return ctx.put("subscription", after)
    else:
        after, items = await change_invoices.restarted(ctx, {**after, "billing_cycle_anchor": ctx.now}), []
        full = await change_invoices.full_lines(ctx, after, identifier)
    if not full and not items:
        return ctx.put("subscription", after)
    waits = params.get("payment_behavior") or (ON_SUCCESS if ctx.version[:10] < ENDIVE else ON_ATTEMPT)
    if params.get("payment_behavior") == ON_SUCCESS and await collect.default_method(ctx, customer, after) is None:
        raise errors.no_payment_method()  # docs.stripe.com billing/subscriptions/pause: an error, nothing is resumed
    return await _billed(ctx, subscription, after, customer, (identifier, full, items, waits))


async def _continued(ctx: Context, after: Doc, customer: Doc, params: Doc) -> tuple[Doc, list[Doc]]:
    """Return a subscription in the periods of its old anchor, and the debits for what is left of them."""
    at = params.get("proration_date") or ctx.now
    rows, items = [], []
    for row in after["items"]["data"]:
        price = await selection.currency_option(ctx, row["price"], after["currency"])
        recurring = price["recurring"]
        start, end = periods.period_at(
            after["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], ctx.now
        )
        now = {**row, "current_period_start": start, "current_period_end": end}
        rows.append(now)
        if params.get("proration_behavior") == "none" or await _still_paid(ctx, after, row):
            continue
        back = item_changes.Edit(None, None, now, price)
        items += await proration_items.of_edit(ctx, after, customer, back, at)
    return {**after, "items": shapes.item_list(after["id"], rows)}, items


async def _still_paid(ctx: Context, subscription: Doc, row: Doc) -> bool:
    """Say whether an item's period is not over and nothing of it was credited: then it is paid for already."""
    known = await ctx.find(PAUSED_ENDS, subscription["id"])
    rows = known["items"] if known else [row]
    end = next((one["current_period_end"] for one in rows if one["id"] == row["id"]), 0)
    if end <= ctx.now:
        return False
    for item in await ctx.select("invoiceitem", customer=subscription["customer"]):
        details = item["parent"]["subscription_details"] if item["parent"] else {}
        if details.get("subscription_item") == row["id"] and item["amount"] < 0:
            return bool(item["period"]["end"] < end)
    return True


async def _billed(
    ctx: Context, before: Doc, after: Doc, customer: Doc, bill: tuple[str, list[Doc], list[Doc], str]
) -> Doc:
    """Make the invoice of a resumption; until it is paid the subscription stays paused, for 23 hours at most."""
    identifier, full, items, waits = bill
    behavior = "default_incomplete" if waits == ON_ATTEMPT else pending_updates.BEHAVIOR
    method = await collect.default_method(ctx, customer, after)
    if waits == ON_SUCCESS and method is None:
        behavior = "default_incomplete"
    start = shapes.Period(ctx.now, ctx.now)
    done = await change_invoices.invoiced(
        ctx, after, customer, identifier, full, items, start, behavior, uses_up=False
    )  # fmt: skip
    invoice = await ctx.need("invoice", identifier, "invoice")
    if invoice["status"] == "paid" or (invoice["attempted"] and not invoice["attempt_count"]):
        done = await _without_used(ctx, done, invoice)
        return ctx.put("subscription", {**done, "status": "active"})
    held = await pending_updates.held(ctx, before, {**done, "pending_update": None})
    held["pending_update"]["expires_at"] = _expiry(ctx, waits)
    if behavior != "default_incomplete" and waits == ON_SUCCESS and ctx.version[:10] >= ENDIVE:
        # The payment is tried again as others are; paid then, the subscription runs (docs.stripe.com pause).
        again = dunning.next_attempt(ctx.now, invoice["attempt_count"], ctx.settings.get("dunning"))
        ctx.put("invoice", {**invoice, "next_payment_attempt": again})
    if method is None and held["pending_setup_intent"] is None:  # recorded 2026-09: the customer is asked for one
        held["pending_setup_intent"] = (await subscriptions.asked_for_method(ctx, customer))["id"]
    ctx.put(RESUMPTION, {"id": before["id"], "invoice": identifier, "behavior": waits})
    return ctx.put("subscription", held)


def _expiry(ctx: Context, waits: str) -> int:
    """Return when a resumption that nobody pays is given up: a year where payment is tried again, else 23 hours."""
    if waits == ON_SUCCESS and ctx.version[:10] >= ENDIVE:
        return periods.plus(ctx.now, "year", 1)
    return ctx.now + INCOMPLETE_EXPIRY


async def resumes_with(ctx: Context, invoice: Doc) -> Doc | None:
    """Return the note of the resumption that an invoice pays for, if it does."""
    identifier = settlement.subscription_id_of(invoice)
    found = await ctx.find(RESUMPTION, identifier) if identifier else None
    return found if found is not None and found["invoice"] == invoice["id"] else None


async def resumed(ctx: Context, subscription: Doc, status: str = "active") -> Doc:
    """Store a subscription that runs again, its resumption paid, written off, or (past due) tried in vain."""
    note = await ctx.need(RESUMPTION, subscription["id"], "subscription")
    invoice = await ctx.need("invoice", note["invoice"], "invoice")
    ctx.remove(RESUMPTION, subscription["id"])
    after = running(await pending_updates.applied(ctx, subscription), status)
    return ctx.put("subscription", await _without_used(ctx, after, invoice))


async def _without_used(ctx: Context, subscription: Doc, invoice: Doc) -> Doc:
    """Return a subscription that runs again without the discounts that the invoice of this uses up."""
    return await used_discounts.left(ctx, subscription, invoice, await ctx.select("invoiceitem", invoice=invoice["id"]))
