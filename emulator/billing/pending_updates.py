"""Decides how a change waits for its payment: what may wait, until when, and what becomes of it (facts billing 6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import invoices, shapes, subscription_errors, used_discounts
from emulator.billing.transitions import INCOMPLETE_EXPIRY
from emulator.catalog import plan_shape
from emulator.catalog.held import need as held_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

ALLOWED = frozenset({
    "add_invoice_items", "billing_cycle_anchor", "expand", "items", "off_session", "payment_behavior",
    "proration_behavior", "proration_date", "trial_end", "trial_from_plan",
})  # fmt: skip
BEHAVIOR = "pending_if_incomplete"
# Stands in ``pending_update`` of a changed subscription whose invoice could not be paid, until ``held`` replaces it.
WAITING: Doc = {"expires_at": 0}
# Subscription -> the discounts that came with the change that waits: they leave with it when it is given up.
BROUGHT = "_pending_discounts"


def check(params: Doc) -> None:
    """Refuse parameters that cannot wait."""
    if params.get("payment_behavior") == BEHAVIOR:
        for name in sorted(set(params) - ALLOWED):
            raise subscription_errors.not_in_pending_update(name)


def is_waiting(subscription: Doc) -> bool:
    """Say whether a change was just billed in vain and is to wait."""
    return subscription["pending_update"] is WAITING


async def held(ctx: Context, before: Doc, after: Doc) -> Doc:
    """Return ``before`` with the change to ``after`` waiting in ``pending_update``."""
    ends = [row["current_period_end"] for row in before["items"]["data"]]
    if before["status"] == "trialing":
        ends.append(before["trial_end"])
    update = {
        "billing_cycle_anchor": _new(before, after, "billing_cycle_anchor"),
        "expires_at": min([ctx.now + INCOMPLETE_EXPIRY, *(end for end in ends if end > ctx.now)]),
        "subscription_items": [await _shown(ctx, row) for row in after["items"]["data"]],
        "trial_end": _new(before, after, "trial_end"),
        "trial_from_plan": None,
    }
    return {**before, "latest_invoice": after["latest_invoice"], "pending_update": update}


def _new(before: Doc, after: Doc, field: str) -> int | None:
    value: int | None = after[field]
    return None if value == before[field] else value


async def _shown(ctx: Context, row: Doc) -> Doc:
    """Return an item as it is printed: what waits is a picture, no part of the subscription yet."""
    price = await held_price(ctx, row["price"])
    hidden = {path.partition(".")[0] for path in ctx.catalogue.includable.get("price", ())}
    return {
        **row,
        "plan": plan_shape.of(price),
        "price": {key: value for key, value in price.items() if key not in hidden},
    }


async def brought(ctx: Context, subscription: str) -> list[str]:
    """Return the discounts that a subscription has only while its pending update waits."""
    row = await ctx.find(BROUGHT, subscription)
    return [] if row is None else list(row["discounts"])


async def bring(ctx: Context, subscription: str, found: Sequence[str]) -> None:
    """Remember that these discounts, and no others, leave when the pending update of a subscription is given up."""
    if found:
        ctx.put(BROUGHT, {"id": subscription, "discounts": list(found)})
    elif await ctx.find(BROUGHT, subscription) is not None:
        ctx.remove(BROUGHT, subscription)


async def applied(ctx: Context, subscription: Doc) -> Doc:
    """Return a subscription with its pending update in force, which is announced; what came with it stays."""
    await bring(ctx, subscription["id"], ())
    update = subscription["pending_update"]
    rows = [_stored(row) for row in update["subscription_items"]]
    after = {**subscription, "items": shapes.item_list(subscription["id"], rows), "pending_update": None}
    if update["billing_cycle_anchor"] is not None:
        after["billing_cycle_anchor"] = update["billing_cycle_anchor"]
    end = update["trial_end"]
    if end is not None:
        after |= {"trial_end": end, "status": "trialing" if end > ctx.now else "active"}
        after["trial_start"] = ctx.now if subscription["status"] != "trialing" else subscription["trial_start"]
    ctx.note("customer.subscription.pending_update_applied", after)
    return after


def _stored(row: Doc) -> Doc:
    price = row["price"]
    kept = {key: value for key, value in row.items() if key != "plan"}
    return {**kept, "price": price["id"] if isinstance(price, dict) else price}


async def dropped(ctx: Context, subscription: Doc) -> Doc:
    """Return a subscription, not stored, whose pending update gives way to something else.

    Its invoice is voided; discounts that came with it leave, which is announced (a choice: a code counts as redeemed).
    """
    if subscription["pending_update"] is None:
        return subscription
    invoice = await ctx.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["status"] == "open":
        await invoices.voided(ctx, invoice)
    gone = await brought(ctx, subscription["id"])
    if gone:
        used_discounts.announce(
            ctx, [doc for doc in [await ctx.find("discount", one) for one in gone] if doc is not None]
        )
        await bring(ctx, subscription["id"], ())
    return {**used_discounts.without(subscription, gone), "pending_update": None}


async def expire(ctx: Context, subscription: Doc) -> None:
    """Store a subscription whose pending update was not paid in time, or never will be; it is announced."""
    after = await dropped(ctx, subscription)
    ctx.note("customer.subscription.pending_update_expired", after)
    ctx.put("subscription", after)
