"""Decides whether a customer who wants to cancel is offered a coupon first, and what accepting it does.

Source: docs.stripe.com/customer-management/cancellation-page (retention coupons) and portal-deep-links; facts portal 4.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import discounting, lines, pricing, selection, subscription_updates
from emulator.catalog import coupons
from emulator.kernel.documents import at
from emulator.portal import errors, permissions
from emulator.portal.subscriptions import subjects

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

SETTING = "portal_retention_coupon"  # world setting: the coupon of the portal's settings page, its id or None
KIND = "_portal_retention"  # which coupon a subscription was kept with, by the subscription's id
# Choice (facts portal 4.4 has no source): an offer that cannot be kept, or was accepted before, is not made.
OFFERED_TO = permissions.UPDATABLE


async def offer(ctx: Context, visit: Visit, subject: permissions.Subject) -> Doc | None:
    """Return what may be offered instead of canceling: ``coupon``, and per period ``before`` and ``after``.

    Both are minor units of the subscription's currency, None where prices depend on usage. The session's own coupon
    goes before that of the settings; None when there is nothing to offer.
    """
    subscription = subject.subscription
    id_ = _wanted(ctx, visit, subscription)
    if id_ is None or subscription["status"] not in OFFERED_TO:
        return None
    if permissions.may_cancel(subject, visit.configuration["features"]["subscription_cancel"]) is not None:
        return None
    coupon = await ctx.find("coupon", id_)
    if coupon is None or not coupons.valid(coupon, ctx.now) or not _fits(coupon, subject):
        return None
    if await _used(ctx, coupon, subscription):
        return None
    before, after = await _worth(ctx, coupon, subject)
    if before is not None and after == before:
        return None
    return {"after": after, "before": before, "coupon": coupon}


async def accept(ctx: Context, visit: Visit, subscription: Doc) -> Doc:
    """Put the offered coupon on the subscription, once; returns the subscription. Raises 403 for what is not offered."""
    kept = await ctx.find(KIND, subscription["id"])
    if kept is not None and kept["coupon"] == _wanted(ctx, visit, subscription):
        return subscription
    made = await offer(ctx, visit, await subjects.subject(ctx, subscription, visit.configuration, visit.customer))
    if made is None:
        raise errors.nothing_offered()
    coupon = made["coupon"]["id"]
    ctx.put(KIND, {"coupon": coupon, "created": ctx.now, "id": subscription["id"], "object": KIND})
    wish = [*({"discount": id_} for id_ in subscription["discounts"]), {"coupon": coupon}]
    return await subscription_updates.change(ctx, subscription, {"discounts": wish})


def _wanted(ctx: Context, visit: Visit, subscription: Doc) -> str | None:
    """Return the coupon that the flow of this subscription names, else that of the settings."""
    branch = at(visit.session, "flow.subscription_cancel") or {}
    if branch.get("subscription") == subscription["id"] and branch.get("retention"):
        own: str = branch["retention"]["coupon_offer"]["coupon"]
        return own
    return ctx.settings.get(SETTING)


def _fits(coupon: Doc, subject: permissions.Subject) -> bool:
    """Say whether a coupon takes anything off: its currency, and the products that it is for."""
    reduction = discounting.reduction("", coupon, subject.subscription["currency"])
    products = (subject.prices[item["price"]]["product"] for item in subject.items)
    return bool(reduction.percent or reduction.amount_off) and any(reduction.covers(product) for product in products)


async def _used(ctx: Context, coupon: Doc, subscription: Doc) -> bool:
    kept = await ctx.find(KIND, subscription["id"])
    if kept is not None and kept["coupon"] == coupon["id"]:
        return True
    there = [await ctx.find("discount", id_) for id_ in subscription["discounts"]]
    return any(discount and discount["source"]["coupon"] == coupon["id"] for discount in there)


async def _worth(ctx: Context, coupon: Doc, subject: permissions.Subject) -> tuple[int | None, int | None]:
    """Return what one period costs before and after, in minor units and before tax."""
    currency = subject.subscription["currency"]
    amounts, products = [], []
    for item in subject.items:
        if item.get("quantity") is None:
            return None, None
        price = await selection.currency_option(ctx, item["price"], currency)
        amounts.append(pricing.amount(price, item["quantity"]))
        products.append(price["product"])
    there = await lines.reductions(ctx, subject.subscription["discounts"], currency)
    offered = discounting.reduction("offer", coupon, currency)
    taken = [sum(shares) for shares in discounting.stacked([*there, offered], amounts, products)]
    before = sum(amounts) - sum(taken[:-1])
    return before, before - taken[-1]
