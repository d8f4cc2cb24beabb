"""Decides what a change of a subscription does: fields, planned end, trial, discounts, items and their prorations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import (
    cancellations,
    errors,
    item_changes,
    lines,
    periods,
    proration_items,
    selection,
    settlement,
    shapes,
    subscriptions,
    timing,
)
from emulator.payments import collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

WHEN_CANCELED = frozenset({"cancellation_details", "metadata", "expand"})
WHEN_INCOMPLETE = frozenset({"metadata", "description", "default_payment_method", "default_source", "expand"})


class Wish(NamedTuple):
    """How a change is to be billed."""

    behavior: str  # create_prorations | always_invoice | none
    payment: str
    at: int  # the proration date
    anchor_now: bool

    def invoices(self, *, reset: bool, flexible: bool) -> bool:
        """Say whether the change itself makes an invoice (facts billing 6.7, 6.10)."""
        return self.behavior == "always_invoice" or (reset and not flexible)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a subscription (``POST /v1/subscriptions/{id}``, facts billing 6.3 to 6.10)."""
    subscription = await ctx.at_path("subscription", ids["subscription_exposed_id"])
    return await change(ctx, subscription, params)


async def change(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Return ``subscription`` changed and stored; raises the refusals of facts billing 6.3 and 6.8."""
    _refuse(subscription, params)
    customer = await ctx.need("customer", subscription["customer"], "customer")
    after = await subscriptions.with_settings(ctx, subscription, params, customer)
    if "collection_method" in params or "days_until_due" in params:
        subscriptions.check_collection(after["collection_method"], after["days_until_due"], customer)
    if "pause_collection" in params:
        pause = params["pause_collection"]
        after = {**after, "pause_collection": pause and {"resumes_at": None, **pause}}
    after = _ending(ctx, after, params)
    after = await _discounts(ctx, after, params, customer)
    after = await _billed(ctx, subscription, after, params, customer)
    if after == subscription:
        return subscription
    return ctx.put("subscription", after)


def _refuse(subscription: Doc, params: Doc) -> None:
    status = subscription["status"]
    if status in {"canceled", "incomplete_expired"} and not set(params) <= WHEN_CANCELED:
        raise errors.canceled_subscription()
    if status == "incomplete":
        for name in sorted(set(params) - WHEN_INCOMPLETE):
            raise errors.incomplete_subscription(name)
    if status == "paused" and params.get("trial_end") is not None:
        raise errors.trial_on_paused()
    if subscription["schedule"] and {"cancel_at", "cancel_at_period_end"} & set(params):
        raise errors.managed_by_schedule(subscription["schedule"])
    subscriptions.refuse_unbuilt(params, ("add_invoice_items", "billing_schedules"))


def _ending(ctx: Context, after: Doc, params: Doc) -> Doc:
    if "cancel_at" in params or "cancel_at_period_end" in params:
        after = {**after, **cancellations.planned(ctx, after, params)}
    details = params.get("cancellation_details")
    if details is not None:
        if after["canceled_at"] is None and after["status"] != "canceled":
            raise errors.details_without_cancellation()
        reason = (after["cancellation_details"] or {}).get("reason")
        after = {**after, "cancellation_details": cancellations.told(after, details, reason=reason)}
    return after


async def _discounts(ctx: Context, after: Doc, params: Doc, customer: Doc) -> Doc:
    """Return the subscription with the list of ``discounts``: it replaces, what is sent again is kept."""
    if "discounts" not in params:
        return after
    before = [one for one in [await ctx.find("discount", one) for one in after["discounts"]] if one is not None]
    found = await selection.redeemed(
        ctx, params["discounts"], customer["id"], before, currency=after["currency"], on_update=True,
        subscription=after["id"],
    )  # fmt: skip
    kept = [one["id"] for one in found]
    for one in before:
        if one["id"] not in kept:
            ctx.remove("discount", one["id"])
    return {**after, "discounts": kept}


async def delete_discount(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Remove all discounts of a subscription (``DELETE .../discount``); answers the stub of the last one."""
    subscription = await ctx.at_path("subscription", ids["subscription_exposed_id"])
    stub: Doc = {"object": "discount", "deleted": True}
    for one in subscription["discounts"]:
        before = await ctx.find("discount", one)
        ctx.remove("discount", one)
        stub = {**(before or {}), "deleted": True}
    ctx.put("subscription", {**subscription, "discounts": []})
    return stub


async def _billed(ctx: Context, before: Doc, after: Doc, params: Doc, customer: Doc) -> Doc:
    """Return the subscription after what changes what is owed: trial, items, anchor."""
    end = params.get("trial_end")
    if end == "now":
        return await _end_trial(ctx, after, params, customer)
    if end is not None:
        after = _move_trial(ctx, after, end)
    wish = _wish(ctx, before, params)
    given = params.get("items") or ()
    if not given and not wish.anchor_now:
        return after
    rows, edits = await item_changes.edited(ctx, after, given)
    after = {**after, "items": shapes.item_list(after["id"], rows)}
    return await apply_edits(ctx, before, after, edits, wish, customer)


def _wish(ctx: Context, subscription: Doc, params: Doc) -> Wish:
    anchor = params.get("billing_cycle_anchor")
    if isinstance(anchor, dict):
        anchor = anchor.get("type")
    at = params.get("proration_date")
    if at is not None:
        rows = subscription["items"]["data"]
        first, last = min(row["current_period_start"] for row in rows), cancellations.period_end(subscription)
        if not first <= at <= last:
            raise errors.proration_date_outside()
    return Wish(
        params.get("proration_behavior") or "create_prorations",
        params.get("payment_behavior") or "allow_incomplete",
        ctx.now if at is None else at,
        anchor == "now",
    )


def _move_trial(ctx: Context, after: Doc, end: int) -> Doc:
    checked = timing.checked_trial_end(end, ctx.now)
    if after["status"] != "trialing" or checked is None:
        raise errors.not_emulated("trial_end on a subscription that is not in a trial")
    rows = [{**row, "current_period_end": checked} for row in after["items"]["data"]]
    subscriptions.announce_trial_end(ctx, after, checked)
    return {
        **after,
        "trial_end": checked,
        "billing_cycle_anchor": checked,
        "items": shapes.item_list(after["id"], rows),
    }


async def _end_trial(ctx: Context, after: Doc, params: Doc, customer: Doc) -> Doc:
    """End the trial at this instant: a new period begins and is billed at once (facts billing 6.6)."""
    if after["status"] != "trialing":
        return after
    rows, _ = await item_changes.edited(ctx, after, params.get("items") or ())
    method = await collect.default_method(ctx, customer, after)
    after = {
        **after, "status": "active", "trial_end": ctx.now, "billing_cycle_anchor": ctx.now,
        "items": shapes.item_list(after["id"], rows),
    }  # fmt: skip
    after = await _restarted(ctx, after)
    identifier = ctx.new_id("invoice")
    made = await full_lines(ctx, after, identifier)
    if method is None and after["collection_method"] == "charge_automatically" and any(one["amount"] for one in made):
        raise errors.no_payment_method()
    period = shapes.Period(ctx.now, ctx.now)
    return await invoiced(ctx, after, customer, identifier, made, (), period, params.get("payment_behavior") or "")


async def apply_edits(ctx: Context, before: Doc, after: Doc, edits: Sequence[Edit], wish: Wish, customer: Doc) -> Doc:
    """Return ``after`` with the edits prorated and, where that is due, invoiced and paid."""
    prices = [await selection.currency_option(ctx, row["price"], after["currency"]) for row in after["items"]["data"]]
    item_changes.check_intervals(after, prices)
    flexible = after["billing_mode"]["type"] == "flexible"
    if before["status"] in {"trialing", "incomplete"}:
        return _trial_periods(after)
    automatic = not flexible and any(one.interval_changed or one.became_paid for one in edits)
    reset = wish.anchor_now or automatic
    touched = [one for one in edits if one.priced]
    if reset:
        touched = _all_edits(before, edits, prices, after)
        after = await _restarted(ctx, {**after, "billing_cycle_anchor": ctx.now})
    if not touched:
        return after
    credits: list[Doc] = []
    if wish.behavior != "none":
        for edit in touched:
            credits += await proration_items.of_edit(ctx, before, customer, edit, wish.at, debit=not reset)
    if not wish.invoices(reset=reset, flexible=flexible):
        for item in credits:
            ctx.put("invoiceitem", item)
        return after
    identifier = ctx.new_id("invoice")
    full = await full_lines(ctx, after, identifier) if reset else []
    start = ctx.now if reset else min(row["current_period_start"] for row in before["items"]["data"])
    return await invoiced(
        ctx, after, customer, identifier, full, credits, shapes.Period(start, ctx.now), wish.payment, wish.at
    )


def _all_edits(before: Doc, edits: Sequence[Edit], prices: Sequence[Doc], after: Doc) -> list[Edit]:
    """Return edits for all items: with a new anchor even the unchanged ones are credited and billed anew."""
    done = {one.before["id"]: one for one in edits if one.before is not None}
    by_id = {price["id"]: price for price in prices}
    result = list(edits)
    for row in before["items"]["data"]:
        if row["id"] not in done:
            price = by_id.get(row["price"])
            result.append(item_changes.Edit(row, price, row, price))
    return [one for one in result if one.before is not None or one.after in after["items"]["data"]]


def _trial_periods(after: Doc) -> Doc:
    rows = [
        {**row, "current_period_end": after["trial_end"] or row["current_period_end"]} for row in after["items"]["data"]
    ]
    return {**after, "items": shapes.item_list(after["id"], rows)}


async def _restarted(ctx: Context, after: Doc) -> Doc:
    """Return the subscription with all periods begun anew at this instant."""
    rows = []
    for row in after["items"]["data"]:
        price = await ctx.need("price", row["price"], "price")
        recurring = price["recurring"]
        end = periods.plus(ctx.now, recurring["interval"], recurring["interval_count"])
        rows.append({**row, "current_period_start": ctx.now, "current_period_end": end})
    return {**after, "items": shapes.item_list(after["id"], rows)}


async def full_lines(ctx: Context, subscription: Doc, invoice: str) -> list[Doc]:
    """Return a full line for the current period of each licensed item."""
    result = []
    for row in subscription["items"]["data"]:
        if row.get("quantity") is None:
            continue
        price = await selection.currency_option(ctx, row["price"], subscription["currency"])
        product = await ctx.need("product", price["product"], "product")
        period = shapes.Period(row["current_period_start"], row["current_period_end"])
        result.append(lines.of_period(ctx, invoice, row, price, product, period))
    return result


async def invoiced(
    ctx: Context, subscription: Doc, customer: Doc, identifier: str, full: Sequence[Doc], items: Sequence[Doc],
    period: shapes.Period, payment_behavior: str, proration_date: int | None = None,
) -> Doc:  # fmt: skip
    """Bill a change at once: pending items, ``items`` and ``full`` lines; returns the subscription with its invoice.

    Order of writes after the recorded update of facts billing 9.2: the invoice's life, the items, and by the caller the
    subscription.
    """
    waiting = await lines.pending(ctx, customer["id"], subscription["currency"], subscription["id"])
    swept = [*items, *waiting]
    made = [lines.of_pending(ctx, identifier, item) for item in swept] + list(full)
    sums = await subscriptions.summed(ctx, subscription, subscription["items"]["data"], made)
    draft = subscriptions.draft_of(ctx, identifier, customer, subscription, sums, "subscription_update", period)
    if proration_date is not None and items:
        draft["parent"]["subscription_details"]["subscription_proration_date"] = proration_date
    sent = draft["collection_method"] == "send_invoice"
    ctx.put("invoice", {**draft, "automatically_finalizes_at": ctx.now + 3601} if sent else draft)
    status = subscription["status"]
    if not sent:
        status = await _pay(ctx, draft, subscription, payment_behavior)
    for item in swept:
        ctx.put("invoiceitem", {**item, "invoice": identifier})
    return {**subscription, "latest_invoice": identifier, "status": status}


async def _pay(ctx: Context, draft: Doc, subscription: Doc, payment_behavior: str) -> str:
    """Finalize and charge; returns the subscription's status afterwards."""
    invoice = await settlement.finalize(ctx, draft, collecting=False)
    if invoice["status"] == "paid":
        return str(subscription["status"])
    if payment_behavior == "default_incomplete":
        return "past_due"
    invoice, outcome = await settlement.attempt(ctx, invoice)
    if invoice["status"] == "paid" or (outcome is not None and outcome.status == "processing"):
        return str(subscription["status"])
    if outcome is not None:
        subscriptions.refuse_incomplete(outcome, payment_behavior)
    if payment_behavior == "pending_if_incomplete":
        raise errors.not_emulated("payment_behavior=pending_if_incomplete with a payment that fails (pending updates)")
    return "past_due"


async def migrate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Move a classic subscription to flexible billing (``POST .../migrate``); there is no way back."""
    subscription = await ctx.at_path("subscription", ids["subscription"])
    if params.get("billing_mode") is None:
        raise errors.missing_param("billing_mode")
    flexible = (params["billing_mode"].get("flexible") or {}).get("proration_discounts") or "included"
    return ctx.put("subscription", {**subscription, "billing_mode": shapes.flexible_mode(ctx.now, flexible)})


async def resume(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Resume a paused subscription (``POST .../resume``): refused for others, not emulated for it."""
    subscription = await ctx.at_path("subscription", ids["subscription"])
    if subscription["status"] == "canceled":
        raise ctx.missing_at_path("subscription", subscription["id"])
    if subscription["status"] != "paused":
        raise errors.not_paused()
    raise errors.not_emulated("Resuming a paused subscription")
