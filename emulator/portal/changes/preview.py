"""Decides what a change of plan would cost: the very change, done in a unit of work that is thrown away."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.billing import (
    looking_ahead,
    preview,
    preview_shape,
    schedule_ends,
    schedule_steps,
    subscription_updates,
    totals,
    used_discounts,
)
from emulator.billing.errors import kept
from emulator.kernel.documents import changed
from emulator.kernel.errors import StripeError
from emulator.portal import blocks, visits
from emulator.portal.changes import errors, updates, wishes
from emulator.portal.invoices import telling
from emulator.portal.subscriptions import pending_changes
from emulator.resources.context import Discarded

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.changes.wishes import Wish
    from emulator.portal.permissions import Subject
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

NOTHING_UPCOMING = "invoice_upcoming_none"
ANY_BEHAVIOR = "allow_incomplete"  # nothing is paid in a preview


async def _step(ctx: Context, schedule: Doc) -> None:
    await schedule_steps.wake(ctx, {"id": schedule["id"]})


@cache
def _happening() -> dict[str, Any]:
    """Return what happens by itself to a subscription and its schedule: what is looked ahead with."""
    return {**looking_ahead.happening(), schedule_ends.KIND: (schedule_ends.next_step, _step)}


async def show(ctx: Context, ids: dict[str, str], params: Doc) -> Discarded:
    """``portal:update_preview`` (token, subscription, price, quantity, promotion_code): what a change would cost.

    ``today`` and ``next`` are invoices with what their lines name, or None; ``regular`` is the first one that only
    bills the new plan, with no discount for once any more. ``code_problem`` says why a code is left out;
    ``deferred_until`` when the change begins if it waits. Raises what `portal:update` raises, nothing stays, not even
    the visit.
    """
    visit = await visits.enter(ctx, params["token"])
    subject = await wishes.subject(ctx, visit, params)
    await updates.in_turn(ctx, visit, subject)
    wish, problem = await _read(ctx, visit, subject, params)
    if await updates.asked_already(ctx, subject, wish):
        raise errors.change_waits()
    feature = visit.configuration["features"]["subscription_update"]
    answer = {
        **await updates.page(ctx, visit, subject.subscription),
        **await _asked(ctx, subject, wish),
        "code_problem": problem,
        "failure": await updates.failure(ctx, subject.subscription, wish),
        "promotion_codes": wishes.takes_codes(feature) and wishes.linked(visit, subject) is None,
        "trial_ends": updates.ends_trial(subject.subscription, feature) and not wish.waits,
    }
    try:
        return Discarded({**answer, **await _costs(ctx, visit, subject, wish)})
    except StripeError as refusal:
        raise kept(refusal, keep=False) from None


async def _read(ctx: Context, visit: Visit, subject: Subject, params: Doc) -> tuple[Wish, str | None]:
    try:
        return await wishes.read(ctx, visit, subject, params), None
    except StripeError as refusal:
        if refusal.code != errors.CODE:
            raise
        plain = {name: value for name, value in params.items() if name != wishes.PROMOTION}
        return await wishes.read(ctx, visit, subject, plain), refusal.extra["reason"]


async def _asked(ctx: Context, subject: Subject, wish: Wish) -> Doc:
    """Return what is asked for, as pages draw it."""
    product = await ctx.find("product", wish.after.price["product"])
    price = changed(wish.after.price, product=product or {"id": wish.after.price["product"], "name": ""})
    put_off = wish.waits and wish.changes
    return {
        "changes": wish.changes,
        "code": wish.code,
        "deferred_until": await pending_changes.begins(ctx, subject.subscription) if put_off else None,
        "price": price,
        "quantity": wish.after.quantity,
    }


async def _costs(ctx: Context, visit: Visit, subject: Subject, wish: Wish) -> Doc:
    """Return the invoices that the change leads to; what is done here is thrown away."""
    if not wish.changes:
        return {"next": None, "regular": None, "today": None}
    before, today = subject.subscription, None
    if wish.waits:
        await pending_changes.make(ctx, before, wish.after, wish.discounts)
    else:
        before = await pending_changes.released(ctx, before)
        again = updates.is_waiting(before, wish)
        billed = await ctx.need("invoice", before["latest_invoice"], "invoice") if again else None
        made = await _change(ctx, visit, subject, wish, before)
        today = billed if again else made
    following = await _upcoming(ctx, before)
    regular = following
    if following is not None and await _is_special(ctx, following):
        regular = await _upcoming(ctx, before, preview_mode="recurring")
    invoices = {"next": following, "regular": regular, "today": today}
    return {name: await telling.told(ctx, found) if found else None for name, found in invoices.items()}


async def _change(ctx: Context, visit: Visit, subject: Subject, wish: Wish, before: Doc) -> Doc | None:
    """Change the subscription and return the invoice of that, as it will be asked to be paid.

    The subscription sends its invoices meanwhile: these wait as drafts, and nothing is charged.
    """
    known = len(ctx.journal)
    terms = {name: before[name] for name in ("collection_method", "days_until_due")}
    sending = changed(before, collection_method="send_invoice", days_until_due=terms["days_until_due"] or 0)
    feature = visit.configuration["features"]["subscription_update"]
    params = updates.wanted(subject, feature, wish, ANY_BEHAVIOR)
    wanting, formerly = await updates.discounted(ctx, sending, wish)
    after = await subscription_updates.change(ctx, wanting, params, formerly=formerly)
    ctx.put("subscription", {**after, **terms})
    draft = preview.first_invoice(ctx, known)
    if draft is None:
        return None
    due = totals.due(draft["total"], visit.customer["balance"], draft["currency"], chargeable=True)
    return {
        **preview_shape.shown(draft, before),
        "amount_due": due.amount_due,
        "amount_remaining": due.amount_due,
        "ending_balance": due.ending_balance,
    }


async def _upcoming(ctx: Context, subscription: Doc, **more: str) -> Doc | None:
    """Return the next invoice, None when the subscription makes none any more."""
    try:
        return await preview.of(_happening(), ctx, {"subscription": subscription["id"], **more})
    except StripeError as refusal:
        if refusal.code != NOTHING_UPCOMING:
            raise
        return None


async def _is_special(ctx: Context, invoice: Doc) -> bool:
    """Say whether the invoices after this one are others: it bills a change as well, or uses a discount for once up."""
    found = [await ctx.find("discount", one) for one in sorted(used_discounts.taken(invoice))]
    once = await used_discounts.once(ctx, [one for one in found if one is not None])
    return bool(once) or any(_prorates(line) for line in invoice["lines"]["data"])


def _prorates(line: Doc) -> bool:
    details = line["parent"]["subscription_item_details"] or line["parent"]["invoice_item_details"] or {}
    return bool(details.get("proration"))


async def upcoming(ctx: Context, ids: dict[str, str], params: Doc) -> Discarded:
    """``portal:upcoming`` (token, subscription): the next invoice with what its lines name, None without one."""
    visit = await visits.enter(ctx, params["token"])
    found = await _upcoming(ctx, await blocks.own(ctx, visit, params.get("subscription")))
    return Discarded({"session": visit.session, "upcoming": await telling.told(ctx, found) if found else None})
