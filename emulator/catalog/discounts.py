"""Decides who may redeem what: coupons and promotion codes become discounts here, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import coupons, discount_errors
from emulator.kernel.documents import changed
from emulator.kernel.durations import END_OF_TIME, add_months

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# When a discount for some months ends: a row apart from it, on the test clock of its customer.
END = "_discount_end"


async def coupon_of(ctx: Context, discount: Doc) -> Doc | None:
    """Return the coupon of a discount, also after its deletion: what was redeemed goes on working."""
    id = discount["source"]["coupon"]
    live = await ctx.find("coupon", id)
    if live is not None and live["created"] <= discount["start"]:
        return live
    return await ctx.find(coupons.DELETED, id) or live


def applicable(coupon: Doc, now: int, param: str) -> None:
    """Refuse a coupon that cannot be redeemed any more (facts billing 3.3)."""
    if coupon["redeem_by"] is not None and now >= coupon["redeem_by"]:
        raise discount_errors.coupon_expired(coupon["id"], param)
    if coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        raise discount_errors.coupon_used_up(coupon["id"], param)


def amount_in(coupon: Doc, currency: str) -> int | None:
    """Return what an amount coupon takes off in ``currency`` (minor units); None when it has no such amount."""
    if coupon["currency"] == currency:
        own: int = coupon["amount_off"]
        return own
    option = (coupon.get("currency_options") or {}).get(currency)
    return option["amount_off"] if option else None


def minimum_in(code: Doc, currency: str) -> int | None:
    """Return the least amount that a promotion code asks for in ``currency``; None when it asks for none in it."""
    rules = code["restrictions"]
    if rules["minimum_amount_currency"] == currency:
        own: int | None = rules["minimum_amount"]
        return own
    option = (rules.get("currency_options") or {}).get(currency)
    return option["minimum_amount"] if option else None


async def _known_buyer(ctx: Context, customer: str) -> bool:
    """Say whether a customer ever began to pay or had a trial (docs.stripe.com/billing/subscriptions/coupons)."""
    if await ctx.select("payment_intent", limit=1, customer=customer):
        return True
    if any(doc["status"] in ("open", "paid") for doc in await ctx.select("invoice", customer=customer)):
        return True
    return any(doc.get("trial_start") is not None for doc in await ctx.select("subscription", customer=customer))


async def redeemable(
    ctx: Context,
    promotion_code: str,
    *,
    customer: str | None,
    param: str,
    amount: int | None = None,
    currency: str | None = None,
    on_update: bool = False,
    on_item: bool = False,
) -> Doc:
    """Return a promotion code that ``customer`` may redeem now, or raise why not (facts billing 3.5).

    ``amount`` (minor units of ``currency``) is what the first payment comes to before the discount; without it the
    minimum is not looked at. ``on_update``: on a change of a subscription codes with a minimum are refused, as they are
    on a single item (``on_item``).
    """
    code = await ctx.need("promotion_code", promotion_code, param)
    if code["expires_at"] is not None and ctx.now >= code["expires_at"]:
        raise discount_errors.promotion_expired(code["code"], param)
    if code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]:
        raise discount_errors.promotion_used_up(code["code"], param)
    if not code["active"]:
        raise discount_errors.promotion_inactive(param)
    if code["customer"] is not None and code["customer"] != customer:
        raise discount_errors.promotion_other_customer(param)
    rules = code["restrictions"]
    if on_update and rules["minimum_amount"] is not None:
        raise discount_errors.promotion_minimum_on_update(param)
    if on_item and rules["minimum_amount"] is not None:
        raise discount_errors.promotion_minimum_on_item(param)
    if rules["first_time_transaction"] and customer is not None and await _known_buyer(ctx, customer):
        raise discount_errors.promotion_not_first(param)
    if rules["minimum_amount"] is not None and amount is not None and currency is not None:
        least = minimum_in(code, currency)
        if least is None or amount < least:
            raise discount_errors.promotion_below_minimum(param)
    return code


def _end(coupon: Doc, began: int) -> int | None:
    """Return when a discount of a coupon for some months ends (unix seconds): at the latest where times end."""
    if coupon["duration"] != "repeating":
        return None
    try:
        return add_months(began, coupon["duration_in_months"])
    except ValueError:
        return END_OF_TIME


async def mint(
    ctx: Context,
    *,
    coupon: str | None = None,
    promotion_code: str | None = None,
    customer: str | None = None,
    subscription: str | None = None,
    subscription_item: str | None = None,
    invoice: str | None = None,
    invoice_item: str | None = None,
    checkout_session: str | None = None,
    param: str = "discounts[0]",
    start: int | None = None,
    amount: int | None = None,
    currency: str | None = None,
    on_update: bool = False,
    store: bool = True,
) -> Doc:
    """Redeem a coupon or a promotion code and return the discount (``di_``).

    ``param`` is the place that a refusal names, completed by ``[coupon]`` or ``[promotion_code]``. ``start`` defaults
    to now and is where a repeating coupon's months count from. Counts one redemption, which may end coupon and code.
    ``store=False`` leaves the discount itself unwritten, for objects that only pass through.
    """
    if (coupon is None) == (promotion_code is None):
        raise (
            discount_errors.discount_needs_source(param)
            if coupon is None
            else discount_errors.discount_two_sources(param)
        )
    code: Doc | None = None
    if promotion_code is not None:
        place = f"{param}[promotion_code]"
        code = await redeemable(
            ctx, promotion_code, customer=customer, param=place, amount=amount, currency=currency, on_update=on_update,
            on_item=subscription_item is not None or invoice_item is not None,
        )  # fmt: skip
        source = await ctx.need("coupon", code["promotion"]["coupon"], place)
    else:
        place = f"{param}[coupon]"
        source = await ctx.need("coupon", coupon or "", place)
    applicable(source, ctx.now, place)
    if currency is not None and source["amount_off"] is not None and amount_in(source, currency) is None:
        raise discount_errors.discount_currency(source["id"], currency, place)
    began = ctx.now if start is None else start
    discount: Doc = {
        "id": ctx.new_id("discount"),
        "object": "discount",
        "checkout_session": checkout_session,
        "customer": customer,
        "customer_account": None,
        "end": _end(source, began),
        "invoice": invoice,
        "invoice_item": invoice_item,
        "promotion_code": promotion_code,
        "source": {"coupon": source["id"], "type": "coupon"},
        "start": began,
        "subscription": subscription,
        "subscription_item": subscription_item,
    }
    await _count(ctx, source, code)
    if not store:
        return discount
    await will_end(ctx, discount)
    return ctx.put("discount", discount)


async def will_end(ctx: Context, discount: Doc) -> None:
    """Remember when a discount ends that a subscription, or a customer as a whole, has for some months only."""
    if discount["end"] is None or discount["invoice"] or discount["invoice_item"] or discount["checkout_session"]:
        return
    owner = await ctx.find("customer", discount["customer"] or "")
    clock = None if owner is None else owner["test_clock"]
    ctx.put(END, {"id": discount["id"], "at": max(discount["end"], ctx.now), "test_clock": clock})


async def _count(ctx: Context, coupon: Doc, code: Doc | None) -> None:
    """Count one redemption; what is used up turns invalid, and the codes of a used-up coupon are switched off."""
    if code is not None:
        used = code["times_redeemed"] + 1
        over = code["max_redemptions"] is not None and used >= code["max_redemptions"]
        ctx.put("promotion_code", changed(code, times_redeemed=used, active=code["active"] and not over))
    used_coupon = changed(coupon, times_redeemed=coupon["times_redeemed"] + 1)
    still = coupons.valid(used_coupon, ctx.now)
    ctx.put("coupon", changed(used_coupon, valid=still))
    if not still:
        await coupons.end_codes(ctx, coupon["id"])
