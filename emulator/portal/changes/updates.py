"""Decides what changing the plan in the portal does: at once with its payment, or at the end of the period.

Sources: docs.stripe.com/api/customer_portal/configurations, docs.stripe.com/customer-management/portal-deep-links;
facts portal 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import consequences, pending_updates, selection, settlement, subscription_updates
from emulator.billing.errors import no_payment_method
from emulator.kernel.documents import at, changed
from emulator.kernel.errors import StripeError
from emulator.payments import collect
from emulator.portal import blocks, errors, permissions, visits
from emulator.portal.changes import errors as update_errors
from emulator.portal.changes import offers, wishes
from emulator.portal.permissions import Reason
from emulator.portal.subscriptions import pending_changes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.changes.wishes import Wish
    from emulator.portal.permissions import Subject
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

# Choice (facts portal 5.6 has no source): a change is not applied while its payment fails. Worlds may want another of
# the API's behaviors.
PAYMENT_BEHAVIOR = pending_updates.BEHAVIOR
SETTING = "portal_payment_behavior"
# How old a preview may be to be charged to the second as it was shown (a choice).
SHOWN_SECONDS = 15 * 60
NEEDS_ACTION = "invoice_payment_intent_requires_action"


class Order(NamedTuple):
    """One change to carry out: of what, to what, paid with which method, prorated at which instant."""

    visit: Visit
    subject: Subject
    wish: Wish
    method: str | None
    at: int | None


async def options(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:update_options`` (token, subscription): what the plan can become, and a change that waits already.

    Raises 403 where nothing can be changed.
    """
    visit = await visits.enter(ctx, params["token"])
    subject = await wishes.subject(ctx, visit, params)
    return {
        **await page(ctx, visit, subject.subscription),
        **await offers.of(ctx, subject, visit.configuration["features"]["subscription_update"]),
    }


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:update`` (token, subscription, price, quantity, promotion_code, payment_method, shown_at): do it.

    What is asked for twice is done once. ``authenticate`` of the answer is the client secret of a payment that its
    bank asks about, else None. Raises 402 for a decline, which leaves the change undone (``PAYMENT_BEHAVIOR``).
    """
    visit = await visits.enter(ctx, params["token"])
    subject = await wishes.subject(ctx, visit, params)
    wish = await wishes.read(ctx, visit, subject, params)
    method = await _method(ctx, visit, params.get("payment_method"))
    before = subject.subscription
    if await asked_already(ctx, subject, wish):
        return await page(ctx, visit, before)
    await in_turn(ctx, visit, subject)
    if not wish.changes:
        return await page(ctx, visit, before)
    if wish.waits:
        return await page(ctx, visit, await pending_changes.make(ctx, before, wish.after, wish.discounts))
    before = await pending_changes.released(ctx, before)
    order = Order(visit, subject, wish, method, _shown_at(ctx, before, params.get("shown_at")))
    after = await (_pay_again if is_waiting(before, wish) else _change)(ctx, before, order)
    return {**await page(ctx, visit, after), "authenticate": await _question(ctx, after)}


async def asked_already(ctx: Context, subject: Subject, wish: Wish) -> bool:
    """Say whether this very change waits for its time."""
    return await pending_changes.comes(ctx, subject.subscription, wish.after.price["id"], wish.after.quantity)


async def in_turn(ctx: Context, visit: Visit, subject: Subject) -> None:
    """Raise 403 while another change waits: pages only offer to take it back, as the real ones do (facts portal 3.5).

    The merchant's link to confirm a change goes on: what is put off comes after what waits (facts portal 5.4), what is
    done at once takes its place (a choice: a cancellation does so).
    """
    waiting = await pending_changes.found(ctx, subject.subscription)
    if waiting is not None and not (waiting.own and wishes.linked(visit, subject) is not None):
        raise update_errors.change_waits()


async def cancel_change(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:cancel_change`` (token, subscription): take back a change that waits for the end of the period.

    Raises the refusal where changes are switched off.
    """
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params.get("subscription"))
    if not visit.configuration["features"]["subscription_update"]["enabled"]:
        raise errors.not_permitted("updated", Reason.FEATURE_DISABLED)
    return await page(ctx, visit, await pending_changes.cancel(ctx, before))


async def page(ctx: Context, visit: Visit, subscription: Doc) -> Doc:
    """Return what pages about a change draw: the subscription, what waits, and what it can be paid with."""
    saved = await ctx.select("payment_method", customer=visit.customer["id"])
    return {
        **await blocks.subscription_page(ctx, visit, subscription),
        "authenticate": None,
        "default_payment_method": await collect.default_method(ctx, visit.customer, subscription),
        "payment_methods": [one for one in saved if one["type"] in permissions.SUPPORTED_METHODS],
    }


def wanted(subject: Subject, feature: Doc, wish: Wish, behavior: str) -> Doc:
    """Return the parameters of the API's own update that a change means (facts portal 1.4, 5.3)."""
    item = {"id": subject.items[0]["id"], "price": wish.after.price["id"], "quantity": wish.after.quantity}
    params: Doc = {"items": [item], "payment_behavior": behavior, "proration_behavior": feature["proration_behavior"]}
    if feature["billing_cycle_anchor"] == "now":
        params["billing_cycle_anchor"] = "now"
    if ends_trial(subject.subscription, feature):
        params["trial_end"] = "now"
    return params


def ends_trial(subscription: Doc, feature: Doc) -> bool:
    """Say whether a change that does not wait ends the trial."""
    return bool(subscription["status"] == "trialing" and feature["trial_update_behavior"] == "end_trial")


async def discounted(ctx: Context, subscription: Doc, wish: Wish) -> tuple[Doc, list[str]]:
    """Return a subscription, not stored, with the new discounts beside those that it has, and what it had formerly.

    What came with another change that waits for its payment leaves with that one, but for the code that is given again.
    """
    there = [one for one in [await ctx.find("discount", id_) for id_ in subscription["discounts"]] if one is not None]
    brought = await pending_updates.brought(ctx, subscription["id"])
    formerly = [one["id"] for one in there if one["id"] not in brought]
    if brought:
        there = [one for one in there if one["id"] in formerly or await _is_of(ctx, one, wish.code)]
        kept = {one["id"] for one in there}
        await pending_updates.bring(ctx, subscription["id"], [one for one in brought if one not in kept])
    if not wish.discounts:
        return changed(subscription, discounts=[one["id"] for one in there]), formerly
    entries = [*({"discount": one["id"]} for one in there), *wish.discounts]
    found = await selection.redeemed(
        ctx, entries, subscription["customer"], there, currency=subscription["currency"],
        amount=wish.after.charged, subscription=subscription["id"],
    )  # fmt: skip
    return changed(subscription, discounts=list(dict.fromkeys(one["id"] for one in found))), formerly


async def _is_of(ctx: Context, discount: Doc, code: str | None) -> bool:
    """Say whether a discount was had by this promotion code."""
    found = await ctx.find("promotion_code", discount["promotion_code"] or "") if code is not None else None
    return found is not None and found["code"] == code


async def _change(ctx: Context, before: Doc, order: Order) -> Doc:
    """Change the subscription now, paid at once where the configuration bills at once."""
    feature = order.visit.configuration["features"]["subscription_update"]
    params = wanted(order.subject, feature, order.wish, ctx.settings.get(SETTING) or PAYMENT_BEHAVIOR)
    if order.at is not None:
        params["proration_date"] = order.at
    present = await collect.default_method(ctx, order.visit.customer, before)
    subscription = before
    if order.method not in {None, present}:
        # What the customer pays a change with pays the plan from then on (choice).
        subscription = ctx.put("subscription", changed(before, default_payment_method=order.method))
    wanting, formerly = await discounted(ctx, subscription, order.wish)
    after = await subscription_updates.change(ctx, wanting, params, formerly=formerly)
    if after["pending_update"] is None:
        return after
    await pending_updates.bring(ctx, after["id"], [one for one in after["discounts"] if one not in formerly])
    intent = await _intent(ctx, after)
    if intent is None:
        raise no_payment_method()
    if intent["status"] != "requires_action":
        if subscription is not before:
            ctx.put("subscription", changed(after, default_payment_method=before["default_payment_method"]))
        # A code that was not used is not spent: then nothing of the attempt is kept (choice).
        raise update_errors.declined(intent["last_payment_error"], keep=not order.wish.discounts)
    return after


def is_waiting(subscription: Doc, wish: Wish) -> bool:
    """Say whether this very change was billed already and waits for its payment."""
    rows: list[Doc] = at(subscription, "pending_update.subscription_items") or []
    return len(rows) == 1 and not wish.is_not(rows[0]["price"]["id"], rows[0].get("quantity"))


async def _pay_again(ctx: Context, before: Doc, order: Order) -> Doc:
    """Pay the invoice of a change whose payment failed, and return the subscription; raises the next decline."""
    pay: Doc = {"off_session": False}
    if order.method is not None:
        pay["payment_method"] = order.method
    try:
        await consequences.pay(ctx, {"invoice": before["latest_invoice"]}, pay)
    except StripeError as refusal:
        if refusal.code != NEEDS_ACTION:
            raise
    after = await ctx.need("subscription", before["id"], "subscription")
    if order.method not in {None, await collect.default_method(ctx, order.visit.customer, after)}:
        after = ctx.put("subscription", changed(after, default_payment_method=order.method))
    return after


async def _question(ctx: Context, subscription: Doc) -> str | None:
    """Return the client secret of the payment that waits for its bank's answer."""
    intent = await _intent(ctx, subscription) if subscription["pending_update"] is not None else None
    return intent["client_secret"] if intent is not None and intent["status"] == "requires_action" else None


async def _intent(ctx: Context, subscription: Doc) -> Doc | None:
    """Return the PaymentIntent of what a change was billed by."""
    link = await settlement.open_payment(ctx, subscription["latest_invoice"])
    return await ctx.find("payment_intent", link["payment"]["payment_intent"]) if link else None


async def failure(ctx: Context, subscription: Doc, wish: Wish) -> Doc | None:
    """Return why the last payment of this very change failed, None when it did not or was not tried."""
    intent = await _intent(ctx, subscription) if is_waiting(subscription, wish) else None
    return intent["last_payment_error"] if intent is not None else None


async def _method(ctx: Context, visit: Visit, given: object) -> str | None:
    """Return the saved method that the customer chose; raises 403 for one that is not theirs."""
    if given is None or given == "":
        return None
    found = await ctx.find("payment_method", given) if isinstance(given, str) else None
    if found is None or found["customer"] != visit.customer["id"] or found["type"] not in permissions.SUPPORTED_METHODS:
        raise update_errors.method_not_saved(str(given))
    return str(found["id"])


def _shown_at(ctx: Context, subscription: Doc, given: object) -> int | None:
    """Return the instant that the customer saw the amounts of, when it is recent and of this period."""
    text = str(given) if isinstance(given, (int, str)) else ""
    if not (text.isascii() and text.isdecimal()):
        return None
    start = min(row["current_period_start"] for row in subscription["items"]["data"])
    return int(text) if max(start, ctx.now - SHOWN_SECONDS) <= int(text) <= ctx.now else None
