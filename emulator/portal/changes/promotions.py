"""Decides whether a code that a customer types is good for a change of plan, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import coupons, discounts
from emulator.kernel.errors import StripeError
from emulator.portal.changes import errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.permissions import Subject
    from emulator.resources.context import Context

LONGEST = 500  # characters of a code, docs.stripe.com/api/promotion_codes
UNKNOWN, EXPIRED, USED_UP, INACTIVE = "unknown", "expired", "used_up", "inactive"
OTHER_CUSTOMER, BELOW_MINIMUM, NOT_FIRST, NOT_HERE = "other_customer", "below_minimum", "not_first", "not_here"


async def found(ctx: Context, text: str, subject: Subject, amount: int) -> Doc:
    """Return the promotion code that ``text`` spells; raises ``code_refused`` with the reason.

    ``amount`` (minor units) is what one period of the new plan costs: a code's minimum is held against it. That is a
    choice, the API refuses codes with a minimum on changes of subscriptions.
    """
    customer = subject.subscription["customer"]
    code = await _spelled(ctx, text, customer)
    if code is None:
        raise errors.code_refused(UNKNOWN)
    if await redeemed_by(ctx, subject.subscription, code["id"]):
        return code
    coupon = await ctx.find("coupon", code["promotion"]["coupon"])
    reason = _refusal(code, coupon, subject, amount, ctx.now)
    if reason is not None:
        raise errors.code_refused(reason)
    try:
        await discounts.redeemable(ctx, code["id"], customer=customer, param="promotion_code")
    except StripeError:
        raise errors.code_refused(NOT_FIRST) from None
    return code


async def redeemed_by(ctx: Context, subscription: Doc, code: str) -> bool:
    """Say whether a subscription has a discount of this promotion code already: it is not counted again."""
    there = [await ctx.find("discount", id_) for id_ in subscription["discounts"]]
    return any(one is not None and one["promotion_code"] == code for one in there)


async def _spelled(ctx: Context, text: str, customer: str) -> Doc | None:
    """Return the code, upper or lower case alike; one that works before one that does not, the customer's own first."""
    if not text or len(text) > LONGEST:
        return None
    wanted = text.casefold()
    alike = [code for code in await ctx.select("promotion_code") if code["code"].casefold() == wanted]
    return min(alike, key=lambda code: (not code["active"], code["customer"] != customer), default=None)


def _refusal(code: Doc, coupon: Doc | None, subject: Subject, amount: int, now: int) -> str | None:
    currency, rules = subject.subscription["currency"], code["restrictions"]
    least = discounts.minimum_in(code, currency)
    rows = (
        (_past(code["expires_at"], now) or (coupon is not None and _past(coupon["redeem_by"], now)), EXPIRED),
        (_full(code) or (coupon is not None and _full(coupon)), USED_UP),
        (not code["active"] or coupon is None or not coupons.valid(coupon, now), INACTIVE),
        (code["customer"] not in {None, subject.subscription["customer"]}, OTHER_CUSTOMER),
        (rules["minimum_amount"] is not None and (least is None or amount < least), BELOW_MINIMUM),
        (coupon is not None and not _in_currency(coupon, currency), NOT_HERE),
    )
    return next((reason for applies, reason in rows if applies), None)


def _past(instant: int | None, now: int) -> bool:
    return instant is not None and now >= instant


def _full(doc: Doc) -> bool:
    return doc["max_redemptions"] is not None and doc["times_redeemed"] >= doc["max_redemptions"]


def _in_currency(coupon: Doc, currency: str) -> bool:
    return coupon["amount_off"] is None or discounts.amount_in(coupon, currency) is not None
