"""Decides what the next invoice would be: the real code runs in a unit of work that is thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    cancellations,
    errors,
    invoice_items,
    invoices,
    pausing,
    preview_shape,
    schedule_ends,
    schedule_errors,
    schedules,
    selection,
    subscription_settings,
    subscriptions,
)
from emulator.billing import subscription_updates as changes
from emulator.billing.transitions import ENDED
from emulator.customers import customers
from emulator.kernel.errors import StripeError
from emulator.resources import updates
from emulator.resources.context import Discarded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Wakeups = Mapping[str, tuple[Callable[[Doc], int | None], Callable[[Context, Doc], Awaitable[object]]]]

MOST_STEPS = 40  # wake-ups that are looked through for the next invoice; a choice
# Members of ``subscription_details`` that mean what they mean at a change of the subscription.
AS_UPDATE = (
    "items", "proration_behavior", "proration_date", "billing_cycle_anchor", "billing_schedules", "cancel_at",
    "cancel_at_period_end", "default_tax_rates", "trial_end", "metadata",
)  # fmt: skip
AS_CREATE = (
    "items", "proration_behavior", "billing_mode", "billing_schedules", "cancel_at", "cancel_at_period_end",
    "default_tax_rates", "trial_end", "metadata",
)  # fmt: skip
AS_RESUME = ("billing_cycle_anchor", "proration_behavior", "proration_date")


async def create(wakeups: Wakeups, ctx: Context, ids: dict[str, str], params: Doc) -> Discarded:
    """Preview an invoice (``POST /v1/invoices/create_preview``, facts billing 7.4); nothing of it stays.

    ``wakeups`` are what happens by itself to subscriptions and schedules. Raises 404 ``invoice_upcoming_none`` when
    nothing will be billed, and what the real change would raise.
    """
    try:
        return Discarded(await of(wakeups, ctx, params))
    except StripeError as refusal:
        raise errors.kept(refusal, keep=False) from None


async def of(wakeups: Wakeups, ctx: Context, params: Doc) -> Doc:
    """Return the preview; its writes are in the unit of work of ``ctx`` and must be thrown away.

    Raises the refusal where no invoice comes.
    """
    subscription = await _subscription(ctx, params)
    customer = await _customer(ctx, params, subscription)
    subscription, found = await _of_schedule(wakeups, ctx, params, subscription, customer)
    known = len(ctx.journal)
    if found is None:
        found = await _made(wakeups, ctx, params, subscription, customer)
    if found is None:
        found = first_invoice(ctx, known)
    if found is None:
        raise errors.nothing_upcoming(customer["id"])
    return preview_shape.shown(found, subscription)


async def _subscription(ctx: Context, params: Doc) -> Doc | None:
    if params.get("subscription") is not None:
        return await subscription_settings.owned(ctx, params["subscription"], params.get("customer"))
    if params.get("schedule") is not None:
        schedule = await ctx.need("subscription_schedule", params["schedule"], "schedule")
        if params.get("customer") not in (None, schedule["customer"]):
            raise schedule_errors.foreign(schedule["id"], params["customer"])
        return await ctx.find("subscription", schedule["subscription"]) if schedule["subscription"] else None
    if params.get("customer") is None and not (params.get("customer_details") or params.get("schedule_details")):
        raise errors.preview_of_nobody()
    return None


async def _customer(ctx: Context, params: Doc, subscription: Doc | None) -> Doc:
    """Return the customer as the preview sees it: with ``customer_details`` put in, or made up of them."""
    name = params.get("customer") or (subscription or {}).get("customer")
    if name is None and params.get("schedule") is not None:
        name = (await ctx.need("subscription_schedule", params["schedule"], "schedule"))["customer"]
    if name is None:
        customer = await customers.create(ctx, {}, {})
    else:
        customer = await ctx.need("customer", name, "customer")
    details = params.get("customer_details") or {}
    given = {one: value for one, value in details.items() if one in {"address", "shipping", "tax_exempt"}}
    if given:
        customer = ctx.put("customer", updates.apply(customer, given))
    return customer


async def _of_schedule(
    wakeups: Wakeups, ctx: Context, params: Doc, subscription: Doc | None, customer: Doc
) -> tuple[Doc | None, Doc | None]:
    """Return the subscription of a schedule, and the invoice that its wishes or its beginning make.

    The schedule is made or changed as ``schedule_details`` say; one that has not begun is begun ahead.
    """
    details = params.get("schedule_details")
    if params.get("schedule") is None and not details:
        return subscription, None
    known = len(ctx.journal)
    if params.get("schedule") is None:
        schedule = await _new_schedule(ctx, customer, details or {})
    elif details:
        schedule = await schedules.update(ctx, {"schedule": params["schedule"]}, details)
    else:
        schedule = await ctx.need("subscription_schedule", params["schedule"], "schedule")
    if schedule["status"] == "not_started":
        step = await ctx.need(schedule_ends.STEP, schedule["id"], "schedule")
        await _wake(wakeups, ctx, schedule_ends.STEP, step)
        schedule = await ctx.need("subscription_schedule", schedule["id"], "schedule")
    identifier = schedule["subscription"] or schedule["released_subscription"]
    subscription = await ctx.find("subscription", identifier) if identifier else None
    return subscription, first_invoice(ctx, known)


async def _new_schedule(ctx: Context, customer: Doc, details: Doc) -> Doc:
    """Return a schedule that ``schedule_details`` describe; its first phase says when it starts, else it does now."""
    phases = details.get("phases") or [{}]
    wish = {name: details[name] for name in ("phases", "end_behavior", "billing_mode") if details.get(name)}
    start = phases[0].get("start_date")
    return await schedules.create(
        ctx, {}, {**wish, "customer": customer["id"], "start_date": "now" if start is None else start}
    )


async def _made(
    wakeups: Wakeups, ctx: Context, params: Doc, subscription: Doc | None, customer: Doc
) -> Doc | None:  # fmt: skip
    """Return the invoice that the wishes make at once, or else the next one; None when there is none."""
    details = params.get("subscription_details") or {}
    known = len(ctx.journal)
    if subscription is None and details.get("items"):
        await _add_items(ctx, params, customer, None)
        return await _of_new(wakeups, ctx, params, details, customer)
    if subscription is None:
        await _add_items(ctx, params, customer, None)
        return await _of_customer(wakeups, ctx, params, customer)
    if subscription["status"] in ENDED:
        return None
    await _add_items(ctx, params, customer, subscription)
    formerly = subscription["discounts"]
    await _change(ctx, await _with_wishes(ctx, params, subscription), details, formerly)
    found = first_invoice(ctx, known) or await _ahead(wakeups, ctx, subscription["id"], params)
    return found if found is not None or details.get("cancel_at") is None else await _left(ctx, subscription["id"])


async def _left(ctx: Context, subscription: str) -> Doc | None:
    """Return an invoice of what waits when a planned end comes before the next one, None when nothing does.

    Such an end credits the rest of its period; that the preview shows this credit is a choice.
    """
    known = len(ctx.journal)
    await cancellations.final_invoice(ctx, await ctx.need("subscription", subscription, "subscription"))
    return first_invoice(ctx, known)


async def _with_wishes(ctx: Context, params: Doc, subscription: Doc) -> Doc:
    """Return the subscription with the discounts and the automatic tax that the preview asks for."""
    wishes: Doc = {}
    if "discounts" in params:
        found = await selection.redeemed(
            ctx, params["discounts"], subscription["customer"], await _discounts_of(ctx, subscription),
            currency=subscription["currency"], subscription=subscription["id"],
        )  # fmt: skip
        wishes["discounts"] = [one["id"] for one in found]
    if params.get("automatic_tax") is not None:
        wishes["automatic_tax"] = {**subscription["automatic_tax"], "enabled": params["automatic_tax"]["enabled"]}
    return ctx.put("subscription", {**subscription, **wishes}) if wishes else subscription


async def _discounts_of(ctx: Context, subscription: Doc) -> list[Doc]:
    return [one for one in [await ctx.find("discount", id) for id in subscription["discounts"]] if one is not None]


async def _change(ctx: Context, subscription: Doc, details: Doc, formerly: Sequence[str]) -> None:
    """Change the subscription as the real call would, but stop at the draft: nothing is charged for a preview.

    The subscription sends its invoices meanwhile, for these wait as drafts. ``formerly``: the discounts that it has
    without the preview's wishes.
    """
    if details.get("cancel_now"):
        prorate = details.get("proration_behavior") != "none"
        await cancellations.cancel_now(ctx, subscription, prorate=prorate, invoice_now=True)
        return
    if details.get("pause"):
        # What waits as pending items makes no invoice: then there is nothing to preview (docs.stripe.com pause).
        await pausing.pause(ctx, {"subscription": subscription["id"]}, details["pause"])
        return
    given = {name: details[name] for name in AS_UPDATE if name in details}
    if details.get("resume_at"):
        wish = {name: given.pop(name) for name in AS_RESUME if name in given}
        subscription = await pausing.resume(ctx, {"subscription": subscription["id"]}, wish)
    if not given:
        return
    terms = {name: subscription[name] for name in ("collection_method", "days_until_due")}
    sending = {"collection_method": "send_invoice", "days_until_due": terms["days_until_due"] or 0}
    sender = ctx.put("subscription", {**subscription, **sending})
    after = await changes.change(ctx, sender, given, formerly=formerly)
    ctx.put("subscription", {**after, **terms})


async def _add_items(ctx: Context, params: Doc, customer: Doc, subscription: Doc | None) -> None:
    """Store the pending items that the preview adds or changes."""
    for index, entry in enumerate(params.get("invoice_items") or ()):
        given = {name: value for name, value in entry.items() if name not in {"invoiceitem", "price", "unit_amount"}}
        if entry.get("price") is not None:
            given["pricing"] = {"price": entry["price"]}
        if entry.get("unit_amount") is not None:
            given["unit_amount_decimal"] = str(entry["unit_amount"])
        if entry.get("invoiceitem") is not None:
            await ctx.need("invoiceitem", entry["invoiceitem"], f"invoice_items[{index}][invoiceitem]")
            await invoice_items.update(ctx, {"invoiceitem": entry["invoiceitem"]}, given)
            continue
        given["customer"] = customer["id"]
        if subscription is not None:
            given["subscription"] = subscription["id"]
            given.setdefault("currency", subscription["currency"])
        await invoice_items.create(ctx, {}, given)


async def _of_new(wakeups: Wakeups, ctx: Context, params: Doc, details: Doc, customer: Doc) -> Doc | None:
    """Return the first invoice of a subscription that does not exist yet."""
    known = len(ctx.journal)
    wish = {name: details[name] for name in AS_CREATE if details.get(name) is not None}
    wish |= {"customer": customer["id"], "payment_behavior": "default_incomplete"}
    wish |= {name: params[name] for name in ("currency", "discounts", "automatic_tax") if params.get(name) is not None}
    anchor = details.get("billing_cycle_anchor") or {}
    if anchor.get("timestamp") is not None:
        wish["billing_cycle_anchor"] = anchor["timestamp"]
    begin = details.get("start_date") or ctx.now
    if begin < ctx.now:
        wish["backdate_start_date"] = begin
    made = await subscriptions.create(ctx.at(max(begin, ctx.now)), {}, wish)
    return first_invoice(ctx, known) or await _ahead(wakeups, ctx, made["id"], params)


async def _of_customer(wakeups: Wakeups, ctx: Context, params: Doc, customer: Doc) -> Doc | None:
    """Return the earliest next invoice of a customer's subscriptions, or the one of its pending items."""
    live = [one for one in await ctx.select("subscription", customer=customer["id"]) if one["status"] not in ENDED]
    due = wakeups["subscription"][0]
    for one in sorted(live, key=lambda doc: due(doc) or 0):
        found = await _ahead(wakeups, ctx, (await _with_wishes(ctx, params, one))["id"], params)
        if found is not None:
            return found
    wish = {"customer": customer["id"], "pending_invoice_items_behavior": "include"}
    wish |= {name: params[name] for name in ("currency", "discounts", "automatic_tax") if params.get(name) is not None}
    known = len(ctx.journal)
    try:
        await invoices.create(ctx, {}, wish)
    except StripeError as refusal:
        if refusal.code == "invoice_no_customer_line_items":
            return None
        raise
    return first_invoice(ctx, known)


async def _ahead(wakeups: Wakeups, ctx: Context, subscription: str, params: Doc) -> Doc | None:
    """Let happen what happens by itself until an invoice is made; None when the subscription ends before."""
    if params.get("preview_mode") == "recurring":
        await _forget_pending(ctx, subscription)
    known = len(ctx.journal)
    for _ in range(MOST_STEPS):
        doc = await ctx.find("subscription", subscription)
        if doc is None or doc["status"] in ENDED:
            return None
        step = await ctx.find(schedule_ends.STEP, doc["schedule"]) if doc["schedule"] else None
        first = _earlier(wakeups, doc, step)
        before = len(ctx.journal)
        if first is None or not await _wake(wakeups, ctx, *first):
            return None
        found = first_invoice(ctx, known)
        if found is not None:
            return found
        if len(ctx.journal) == before:
            return None
    return None


def _earlier(wakeups: Wakeups, doc: Doc, step: Doc | None) -> tuple[str, Doc] | None:
    """Return which of a subscription and its schedule has something to do first; the schedule when both have."""
    own = wakeups["subscription"][0](doc)
    theirs = wakeups[schedule_ends.STEP][0](step) if step is not None else None
    if theirs is not None and step is not None and (own is None or theirs <= own):
        return schedule_ends.STEP, step
    return None if own is None else ("subscription", doc)


async def _wake(wakeups: Wakeups, ctx: Context, kind: str, doc: Doc) -> bool:
    """Let happen what is next for an object at its instant; False when nothing is."""
    row = wakeups.get(kind)
    at = row[0](doc) if row is not None else None
    if row is None or at is None:
        return False
    await row[1](ctx.at(max(at, ctx.now)), doc)
    return True


async def _forget_pending(ctx: Context, subscription: str) -> None:
    """Remove pending items: a preview of what recurs knows no one-time amounts (docs.stripe.com create_preview)."""
    doc = await ctx.need("subscription", subscription, "subscription")
    pending: Sequence[Doc] = await ctx.select("invoiceitem", customer=doc["customer"])
    for item in pending:
        if item["invoice"] is None:
            ctx.remove("invoiceitem", item["id"])


def first_invoice(ctx: Context, since: int) -> Doc | None:
    """Return the first invoice that was made since the journal had ``since`` entries, as it was first stored."""
    for change in ctx.journal[since:]:
        if change.kind == "invoice" and change.before is None and not change.note:
            return change.after
    return None
