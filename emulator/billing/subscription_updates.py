"""Decides what a change of a subscription does: fields, planned end, trial, discounts, items and their prorations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import (
    cancellations,
    change_invoices,
    errors,
    extra_items,
    item_changes,
    lines,
    metered,
    pausing,
    pending_updates,
    prebilling_updates,
    proration_items,
    selection,
    shapes,
    shortening,
    subscription_errors,
    subscription_settings,
    timing,
    trial_notices,
    trials,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.item_changes import Edit
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

resume = pausing.resume
WHEN_CANCELED = frozenset({"cancellation_details", "metadata", "expand"})
REPLACING = frozenset({"items", "billing_cycle_anchor", "trial_end"})  # a change of these gives up a pending one
WHEN_INCOMPLETE = frozenset({"metadata", "description", "default_payment_method", "default_source", "expand"})


class Wish(NamedTuple):
    """How a change is to be billed."""

    behavior: str  # create_prorations | always_invoice | none
    payment: str
    at: int  # the proration date
    anchor_now: bool

    def invoices(self, *, reset: bool, flexible: bool, changed: bool = False) -> bool:
        """Say whether the change itself makes an invoice (facts billing 6.7, 6.10).

        ``changed``: items change too; a new anchor alone is not billed at once by flexible billing.
        """
        return self.behavior == "always_invoice" or (reset and (changed or not flexible))


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a subscription (``POST /v1/subscriptions/{id}``, facts billing 6.3 to 6.10)."""
    subscription = await ctx.at_path("subscription", ids["subscription_exposed_id"])
    return await change(ctx, subscription, params)


async def change(ctx: Context, subscription: Doc, params: Doc, *, formerly: Sequence[str] | None = None) -> Doc:
    """Return ``subscription`` changed and stored; raises the refusals of facts billing 6.3 and 6.8.

    ``formerly``: the discounts that it had until now, when the caller has put those in that come with the change: what
    is given back had these.
    """
    _refuse(ctx, subscription, params)
    stored = subscription
    if subscription["pending_update"] is not None and REPLACING & set(params):
        subscription = await pending_updates.dropped(ctx, subscription)
    customer = await ctx.need("customer", subscription["customer"], "customer")
    after = await subscription_settings.with_settings(ctx, subscription, params, customer)
    if "collection_method" in params or "days_until_due" in params:
        subscription_settings.check_collection(after["collection_method"], after["days_until_due"], customer)
    if "pause_collection" in params:
        pause = params["pause_collection"]
        after = {**after, "pause_collection": pause and {"resumes_at": None, **pause}}
    after = _ending(ctx, after, params)
    after, gone = await _discounts(ctx, after, params, customer)
    for item in await extra_items.made(ctx, params.get("add_invoice_items"), customer, after):
        ctx.put("invoiceitem", item)
    credited = subscription if formerly is None else {**subscription, "discounts": list(formerly)}
    after = await _billed(ctx, credited, after, params, customer)
    for one in gone:  # not before what was billed with them is given back
        ctx.remove("discount", one)
    after = await _shortened(ctx, subscription, after, params, customer)
    after = await prebilling_updates.updated(ctx, subscription, after, params, customer)
    if pending_updates.is_waiting(after):
        after = await pending_updates.held(ctx, subscription, after)
    if after == stored:
        return stored
    return ctx.put("subscription", after)


async def _shortened(ctx: Context, before: Doc, after: Doc, params: Doc, customer: Doc) -> Doc:
    """Return the subscription with its periods cut to its planned end, what that credits waiting or billed."""
    after, items = await shortening.adjusted(ctx, before, after, customer)
    behavior = params.get("proration_behavior") or "create_prorations"
    if not items or behavior == "none":
        return after
    if behavior == "create_prorations":
        for item in items:
            ctx.put("invoiceitem", item)
        return after
    start = min(row["current_period_start"] for row in before["items"]["data"])
    payment = params.get("payment_behavior") or "allow_incomplete"
    return await change_invoices.invoiced(
        ctx, after, customer, ctx.new_id("invoice"), (), items, shapes.Period(start, ctx.now), payment
    )


def _refuse(ctx: Context, subscription: Doc, params: Doc) -> None:
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
    if status not in {"canceled", "incomplete_expired"}:
        pending_updates.check(params)
    resumes = (params.get("pause_collection") or {}).get("resumes_at")
    if resumes is not None and resumes <= ctx.now:
        raise subscription_errors.resumes_in_past(resumes)


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


async def _discounts(ctx: Context, after: Doc, params: Doc, customer: Doc) -> tuple[Doc, list[str]]:
    """Return the subscription with the list of ``discounts``, and the ids of those that it gives up.

    The list replaces, what is sent again is kept.
    """
    if "discounts" not in params:
        return after, []
    before = [one for one in [await ctx.find("discount", one) for one in after["discounts"]] if one is not None]
    found = await selection.redeemed(
        ctx, params["discounts"], customer["id"], before, currency=after["currency"], on_update=True,
        subscription=after["id"],
    )  # fmt: skip
    kept = [one["id"] for one in found]
    return {**after, "discounts": kept}, [one["id"] for one in before if one["id"] not in kept]


async def delete_discount(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Remove all discounts of a subscription (``DELETE .../discount``); answers the stub of the last one.

    Raises the 404 of a subscription without one.
    """
    subscription = await ctx.at_path("subscription", ids["subscription_exposed_id"])
    if not subscription["discounts"]:
        raise subscription_errors.no_discount(subscription)
    stub: Doc = {"object": "discount", "deleted": True}
    for one in subscription["discounts"]:
        before = await ctx.find("discount", one)
        ctx.remove("discount", one)
        stub = {**(before or {}), "deleted": True}
    ctx.put("subscription", {**subscription, "discounts": []})
    return stub


async def _billed(ctx: Context, before: Doc, after: Doc, params: Doc, customer: Doc) -> Doc:
    """Return the subscription after what changes what is owed: trial, items, anchor."""
    wish = _wish(ctx, before, params)
    given = params.get("items") or ()
    end = _trial_wish(ctx, before, params)
    if not given and not wish.anchor_now and end is None:
        return after
    rows, edits = await item_changes.edited(ctx, after, given)
    after = {**after, "items": shapes.item_list(after["id"], rows)}
    subscription_settings.check_items(ctx, after)
    if end == ctx.now:
        return await trials.ended(ctx, after, customer, wish.payment)
    if end is not None and before["status"] == "trialing":
        after = trial_notices.moved(ctx, after, end)
        if not given and not wish.anchor_now:
            return after
    elif end is not None:
        every = _all_edits(before, edits, await _prices(ctx, before), after)
        return await trials.begun(ctx, before, after, customer, end, every, wish.behavior)
    return await apply_edits(ctx, before, after, edits, wish, customer)


def _trial_wish(ctx: Context, before: Doc, params: Doc) -> int | None:
    """Return when a trial is to end: this instant when it ends at once, None when nothing is wished."""
    end = params.get("trial_end")
    if end is None:
        return None
    if end == "now":
        return ctx.now if before["status"] == "trialing" else None
    return timing.checked_trial_end(end, ctx.now)


async def _prices(ctx: Context, subscription: Doc) -> list[Doc]:
    rows = subscription["items"]["data"]
    return [await selection.currency_option(ctx, row["price"], subscription["currency"]) for row in rows]


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


async def apply_edits(ctx: Context, before: Doc, after: Doc, edits: Sequence[Edit], wish: Wish, customer: Doc) -> Doc:
    """Return ``after`` with the edits prorated and, where that is due, invoiced and paid."""
    prices = await _prices(ctx, after)
    selection.check_intervals(prices, after["billing_mode"]["type"])
    flexible = after["billing_mode"]["type"] == "flexible"
    if before["status"] in {"trialing", "incomplete"}:
        return await _in_trial(ctx, before, _trial_periods(after), edits, wish, customer)
    automatic = not flexible and any(one.interval_changed or one.became_paid for one in edits)
    reset = wish.anchor_now or automatic
    touched = [one for one in edits if one.priced]
    at_once = wish.invoices(reset=reset, flexible=flexible, changed=bool(touched))
    if reset:
        touched = _all_edits(before, edits, prices, after)
        after = await change_invoices.restarted(ctx, {**after, "billing_cycle_anchor": ctx.now})
        touched = [_in_new_period(one, after) for one in touched]
    if not touched:
        return after
    # A new period that is billed at once has a line of its own, else it waits as a debit.
    items = await _prorations(ctx, before, after, touched, wish, customer, debit=not (reset and at_once))
    items += await _usage(ctx, before, touched, wish, customer)
    if not at_once:
        for item in items:
            ctx.put("invoiceitem", item)
        return after
    identifier = ctx.new_id("invoice")
    full = await change_invoices.full_lines(ctx, after, identifier) if reset else []
    if not flexible:
        full += await change_invoices.empty_lines(ctx, after, identifier, _added(touched))
    takes_along = flexible or not reset
    if not items and not full and not (takes_along and await _waits(ctx, after)):
        return after  # an empty invoice is not made (facts billing 6.16)
    start = ctx.now if reset else min(row["current_period_start"] for row in before["items"]["data"])
    return await change_invoices.invoiced(
        ctx, after, customer, identifier, full, items, shapes.Period(start, ctx.now), wish.payment, wish.at,
        with_pending=takes_along,
    )  # fmt: skip


def _added(edits: Sequence[Edit]) -> list[str]:
    """Return the ids of the items that edits add."""
    return [one.after["id"] for one in edits if one.before is None and one.after is not None]


async def _waits(ctx: Context, subscription: Doc) -> bool:
    """Say whether anything waits for the subscription's next invoice."""
    return bool(await lines.pending(ctx, subscription["customer"], subscription["currency"], subscription["id"]))


async def _in_trial(ctx: Context, before: Doc, after: Doc, edits: Sequence[Edit], wish: Wish, customer: Doc) -> Doc:
    """Return a subscription changed during its trial: nothing is owed, but an invoice of nothing may be asked for.

    It tells everything again in classic mode, in flexible mode what changed (facts billing 6.16); that it is made for
    ``always_invoice`` only is a choice.
    """
    touched = {one.after["id"] for one in edits if one.priced and one.after is not None}
    if before["status"] != "trialing" or wish.behavior != "always_invoice" or not touched:
        return after
    identifier = ctx.new_id("invoice")
    flexible = after["billing_mode"]["type"] == "flexible"
    free = await change_invoices.trial_lines(ctx, after, identifier, touched if flexible else None)
    if not free:
        return after
    period = shapes.Period(ctx.now, ctx.now)
    return await change_invoices.invoiced(
        ctx, after, customer, identifier, free, (), period, wish.payment, with_pending=False
    )


async def _prorations(
    ctx: Context, before: Doc, after: Doc, touched: Sequence[Edit], wish: Wish, customer: Doc, *, debit: bool
) -> list[Doc]:
    """Return the credits and debits of edits, not stored."""
    result: list[Doc] = []
    if wish.behavior != "none":
        for edit in touched:
            result += await proration_items.of_edit(
                ctx, before, customer, edit, wish.at, debit=debit, rows=after["items"]["data"],
                discounts=after["discounts"],
            )  # fmt: skip
    return result


async def _usage(ctx: Context, before: Doc, touched: Sequence[Edit], wish: Wish, customer: Doc) -> list[Doc]:
    """Return what metered items used until now, where it cannot be billed with the rest of their period.

    Flexible billing bills it: of a removed item as prorations are, of one with another price always, for each use has
    the price of its time. Classic billing bills neither (facts billing 6.16). A new period ends the one before for both.
    """
    result: list[Doc] = []
    flexible = before["billing_mode"]["type"] == "flexible"
    for edit in touched:
        if edit.before is None or not metered.is_metered(edit.before):
            continue
        same = edit.after is not None and edit.after["price"] == edit.before["price"]
        if same or (flexible and (edit.after is not None or wish.behavior != "none")):
            result += await metered.of_item(ctx, before, customer, edit.before)
        if edit.after is not None and not same:
            metered.repriced(ctx, edit.after["id"])
    return result


def _in_new_period(edit: Edit, after: Doc) -> Edit:
    """Return an edit whose item is in the period that begins now."""
    if edit.after is None:
        return edit
    row = next(row for row in after["items"]["data"] if row["id"] == edit.after["id"])
    return edit._replace(after=row)


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
