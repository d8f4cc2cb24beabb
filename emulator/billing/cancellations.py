"""Decides how a subscription is cancelled: now, at the end of its period, at a date, and how that is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    automatic_tax,
    drafts,
    errors,
    item_changes,
    lines,
    metered,
    pending_updates,
    prebilling,
    proration_items,
    schedule_ends,
    selection,
    settlement,
    shapes,
    unset,
)
from emulator.billing.transitions import ENDED, subscription_after

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

REQUESTED = "cancellation_requested"


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Cancel a subscription now (``DELETE /v1/subscriptions/{id}``, facts billing 6.8); a second time it is unknown."""
    identifier = ids["subscription_exposed_id"]
    subscription = await ctx.at_path("subscription", identifier)
    if subscription["status"] in ENDED:
        raise ctx.missing_at_path("subscription", identifier)
    refuse_scheduled(subscription)
    return await cancel_now(
        ctx, subscription, prorate=bool(params.get("prorate")), invoice_now=bool(params.get("invoice_now")),
        details=params.get("cancellation_details"),
        drop_prorations=params.get("prorate") is False and params.get("invoice_now") is False,
    )  # fmt: skip


async def cancel_now(
    ctx: Context, subscription: Doc, *, prorate: bool, invoice_now: bool, details: Doc | None = None,
    reason: str | None = REQUESTED, drop_prorations: bool = False,
) -> Doc:  # fmt: skip
    """End a subscription at this instant and return it.

    ``prorate`` leaves a pending credit for the unused time, ``invoice_now`` bills what is pending on a last invoice,
    ``drop_prorations`` forgets pending prorations when neither is wanted.
    Automatic collection of its open and draft invoices stops (docs.stripe.com billing/subscriptions/cancel).
    """
    subscription = await pending_updates.dropped(ctx, subscription)
    if invoice_now:
        await _usage(ctx, subscription)
    if prorate:
        await _unused(ctx, subscription)
    elif drop_prorations and not invoice_now:
        await _drop_prorations(ctx, subscription)
    final = await final_invoice(ctx, subscription) if invoice_now else None
    await _stop_collection(ctx, subscription, final)
    return await _ended(ctx, {
        **subscription,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": subscription["canceled_at"] or ctx.now,
        "cancellation_details": told(subscription, details, reason=reason),
        "ended_at": ctx.now,
        "latest_invoice": final["id"] if final else subscription["latest_invoice"],
        "status": subscription_after(subscription["status"], "canceled"),
    })  # fmt: skip


async def end_as_planned(ctx: Context, subscription: Doc) -> Doc:
    """End a subscription whose planned end has come; its flag stays set (facts billing 6.8: unsourced).

    What metered items used in the last period is billed on a last invoice.
    """
    subscription = await pending_updates.dropped(ctx, subscription)
    used = subscription["status"] != "paused" and await _usage(ctx, subscription)
    final = await final_invoice(ctx, subscription) if used else None
    await _stop_collection(ctx, subscription, final)
    return await _ended(ctx, {
        **subscription,
        "latest_invoice": final["id"] if final else subscription["latest_invoice"],
        "canceled_at": subscription["canceled_at"] or ctx.now,
        "ended_at": ctx.now,
        "status": subscription_after(subscription["status"], "canceled"),
    })  # fmt: skip


async def _ended(ctx: Context, subscription: Doc) -> Doc:
    """Store a subscription that is over and what that means for its schedule."""
    subscription = await automatic_tax.as_stored(ctx, subscription)
    ctx.put("subscription", subscription)
    await schedule_ends.subscription_ended(ctx, subscription)
    return subscription


async def cancel_at_period_end(ctx: Context, subscription: Doc, *, details: Doc | None = None) -> Doc:
    """Plan the end as the portal does: classic sets the flag, flexible only the date (facts portal 4.1)."""
    end = period_end(subscription)
    fields = at_period_end(ctx, subscription)
    if subscription["billing_mode"]["type"] == "flexible":
        fields |= {"cancel_at": end, "cancel_at_period_end": False}
    fields["cancellation_details"] = told(subscription, details)
    return ctx.put("subscription", {**subscription, **fields})


async def undo_cancel(ctx: Context, subscription: Doc) -> Doc:
    """Take a planned end back: no trace of it is left (facts billing 6.8, portal 4.2)."""
    return ctx.put("subscription", {**subscription, **unplanned(subscription)})


def refuse_scheduled(subscription: Doc) -> None:
    """Refuse to plan the end of a subscription that a schedule manages."""
    if subscription["schedule"]:
        raise errors.managed_by_schedule(subscription["schedule"])


def period_ends(subscription: Doc) -> list[int]:
    """Return when the items' current periods end."""
    return [int(item["current_period_end"]) for item in subscription["items"]["data"]]


def period_end(subscription: Doc) -> int:
    """Return when the last of the items' current periods ends."""
    return max(period_ends(subscription))


def at_period_end(ctx: Context, subscription: Doc) -> Doc:
    """Return the fields of an end at the end of the period, as the API sets them."""
    return {
        "cancel_at": period_end(subscription),
        "cancel_at_period_end": True,
        "canceled_at": subscription["canceled_at"] or ctx.now,
        "cancellation_details": told(subscription, None),
    }


def unplanned(subscription: Doc) -> Doc:
    """Return the fields of a subscription that goes on."""
    return {
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": unset.NO_DETAILS,
    }


def told(subscription: Doc, details: Doc | None, *, reason: str | None = REQUESTED) -> Doc:
    """Return the cancellation details with what the customer said, and the reason."""
    before = subscription["cancellation_details"] or unset.NO_DETAILS
    given = {name: value for name, value in (details or {}).items() if name in unset.NO_DETAILS}
    return {**before, **given, "reason": reason}


def planned(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Return the fields that ``cancel_at`` or ``cancel_at_period_end`` of a create or update set or clear.

    Facts billing 6.8: the flag sets date, stamp and reason; false or an empty date clears all of it.
    Raises the refusal of both at once.
    """
    at, flag = params.get("cancel_at"), params.get("cancel_at_period_end")
    if at is not None and flag:
        raise errors.cancel_both()
    if "cancel_at" in params and at is None and not flag:
        return unplanned(subscription)
    if at is not None:
        return _at_date(ctx, subscription, at)
    if flag:
        return at_period_end(ctx, subscription)
    if flag is False and (subscription["cancel_at_period_end"] or subscription["cancel_at"]):
        return unplanned(subscription)
    return {}


def _at_date(ctx: Context, subscription: Doc, at: int | str) -> Doc:
    """Return the fields of an end at a time or a named end; ``max_billed_until`` counts what is billed ahead."""
    if at == "max_billed_until":
        instant = max(prebilling.billed_until(row) for row in subscription["items"]["data"])
    elif isinstance(at, str):
        ends = period_ends(subscription)
        instant = min(ends) if at == "min_period_end" else max(ends)
    else:
        instant = at
        if instant <= ctx.now:
            raise errors.past_timestamp("cancel_at", instant)
    return {
        "cancel_at": instant,
        "cancel_at_period_end": False,
        "canceled_at": subscription["canceled_at"] or ctx.now,
        "cancellation_details": told(subscription, None),
    }


async def _usage(ctx: Context, subscription: Doc) -> bool:
    """Store what metered items used in their current periods; says whether they did."""
    customer = await ctx.need("customer", subscription["customer"], "customer")
    found = await metered.outstanding(ctx, subscription, customer)
    for item in found:
        ctx.put("invoiceitem", item)
    return bool(found)


async def _unused(ctx: Context, subscription: Doc) -> None:
    """Store the credits for the unused time of the items (facts billing 6.8)."""
    if subscription["status"] in {"trialing", "incomplete"}:
        return
    customer = await ctx.need("customer", subscription["customer"], "customer")
    for item in subscription["items"]["data"]:
        price = await selection.currency_option(ctx, item["price"], subscription["currency"])
        gone = item_changes.Edit(item, price, None, None)
        for credit in await proration_items.of_edit(ctx, subscription, customer, gone, ctx.now):
            ctx.put("invoiceitem", credit)


async def _drop_prorations(ctx: Context, subscription: Doc) -> None:
    """Remove pending prorations: neither billed nor credited any more (docs.stripe.com api/subscriptions/cancel)."""
    for item in await lines.pending(ctx, subscription["customer"], subscription["currency"], subscription["id"]):
        parent = item["parent"]
        if item["proration"] and parent and parent["subscription_details"]["subscription"] == subscription["id"]:
            ctx.remove("invoiceitem", item["id"])


async def final_invoice(ctx: Context, subscription: Doc) -> Doc | None:
    """Bill what is pending: a credit alone ends as an uncollectible draft without a number (recorded 2026-09)."""
    customer = await ctx.need("customer", subscription["customer"], "customer")
    swept = [
        item
        for item in await lines.pending(ctx, customer["id"], subscription["currency"], subscription["id"])
        if item["parent"] and item["parent"]["subscription_details"]["subscription"] == subscription["id"]
    ]
    if not swept:
        return None
    identifier = ctx.new_id("invoice")
    made = [lines.of_pending(ctx, identifier, item) for item in swept]
    rows = subscription["items"]["data"]
    sums = await drafts.summed(ctx, subscription, rows, made)
    period = shapes.Period(min(item["current_period_start"] for item in rows), ctx.now)
    draft = await drafts.of_subscription(ctx, identifier, customer, subscription, sums, "subscription_cycle", period)
    lines.sweep(ctx, swept, identifier)
    ctx.put("invoice", draft)
    if draft["total"] <= 0:
        return ctx.put("invoice", {
            **draft, "auto_advance": False, "status": "uncollectible",
            "status_transitions": {**draft["status_transitions"], "marked_uncollectible_at": ctx.now},
        })  # fmt: skip
    return await settlement.finalize(ctx, draft, collecting=True)


async def _stop_collection(ctx: Context, subscription: Doc, final: Doc | None) -> None:
    for invoice in await ctx.select("invoice", subscription=subscription["id"]):
        if invoice["status"] not in {"draft", "open"} or not invoice["auto_advance"]:
            continue
        if final is not None and invoice["id"] == final["id"]:
            continue
        ctx.put("invoice", {
            **invoice, "auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None,
        })  # fmt: skip
