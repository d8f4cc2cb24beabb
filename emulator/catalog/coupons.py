"""Decides what a coupon takes off, how long it counts as valid, and what happens when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.catalog import currencies, discount_errors, errors
from emulator.catalog.values import at_least, future, member, metadata, within
from emulator.kernel.documents import changed
from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MOST_MONTHS: Final = 1200  # nobody says how many: those of a hundred years can be counted (choice)
ID_LENGTH: Final = 8  # mixed case and digits (facts billing 2)
# Where deleted coupons stay readable: discounts made of them go on working (facts billing 3.3).
DELETED: Final = "_deleted_coupon"


def valid(coupon: Doc, now: int) -> bool:
    """Say whether a coupon can still be redeemed at ``now`` (facts billing 3.3)."""
    last, most = coupon["redeem_by"], coupon["max_redemptions"]
    return (last is None or now < last) and (most is None or coupon["times_redeemed"] < most)


def next_instant(coupon: Doc) -> int | None:
    """Return when a valid coupon ends by itself, or None."""
    instant: int | None = coupon["redeem_by"] if coupon["valid"] else None
    return instant


async def expire(ctx: Context, coupon: Doc) -> None:
    """End a coupon at its last instant: it turns invalid, and its promotion codes with it."""
    ctx.put("coupon", changed(coupon, valid=False))
    await end_codes(ctx, coupon["id"])


async def end_codes(ctx: Context, coupon_id: str) -> None:
    """Switch off the promotion codes of a coupon that is no longer valid (facts billing 3.5)."""
    for code in await ctx.select("promotion_code", active=True):
        if code["promotion"]["coupon"] == coupon_id:
            ctx.put("promotion_code", changed(code, active=False))


def _value(params: Doc) -> Doc:
    """Return what the coupon takes off; raises the refusals of facts billing 3.3."""
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if percent is None and amount is None:
        raise discount_errors.coupon_needs_value()
    if percent is not None and amount is not None:
        raise discount_errors.coupon_two_values()
    if percent is not None:
        if percent < 0.01:
            raise errors.percent_too_small(float(percent))
        if percent > 100:
            raise errors.too_large("100", float(percent), param="percent_off")
        if params.get("currency_options"):
            raise discount_errors.coupon_options_with_percent()
        return {"amount_off": None, "currency": None, "percent_off": float(percent)}
    at_least(params, "amount_off", 1)
    if params.get("currency") is None:
        raise discount_errors.coupon_needs_currency()
    currency = currencies.check(params["currency"])
    return {
        "amount_off": amount,
        "currency": currency,
        "currency_options": {**_options(params), currency: {"amount_off": amount}},
        "percent_off": None,
    }


def _options(params: Doc) -> Doc:
    given = params.get("currency_options") or {}
    currencies.check_map(given)
    for code, entry in given.items():
        at_least(entry, "amount_off", 1, member("currency_options", code))
    return {code: {"amount_off": entry["amount_off"]} for code, entry in given.items()}


def _duration(params: Doc) -> Doc:
    duration, months = params.get("duration") or "once", params.get("duration_in_months")
    if duration == "repeating":
        if months is None:
            raise discount_errors.coupon_needs_months()
        within(params, "duration_in_months", 1, MOST_MONTHS)
    elif months is not None:
        raise discount_errors.coupon_months_not_repeating()
    return {"duration": duration, "duration_in_months": months}


async def _products(ctx: Context, params: Doc) -> Doc:
    """Return ``applies_to`` when the coupon is for some products only; it is printed when expanded."""
    products = (params.get("applies_to") or {}).get("products")
    if not products:
        return {}
    for position, product in enumerate(products):
        await ctx.need("product", product, f"applies_to[products][{position}]")
    return {"applies_to": {"products": products}}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a coupon (``POST /v1/coupons``).

    Raises the refusals of an id that is taken and of terms that do not go together.
    """
    id = params.get("id")
    if id is not None and await ctx.find("coupon", id) is not None:
        raise discount_errors.coupon_exists()
    value, duration = _value(params), _duration(params)
    at_least(params, "max_redemptions", 1)
    return ctx.put(
        "coupon",
        {
            "id": id or ctx.token(ID_LENGTH),
            "object": "coupon",
            "created": ctx.now,
            "livemode": ctx.livemode,
            "max_redemptions": params.get("max_redemptions"),
            "metadata": metadata(params),
            "name": params.get("name"),
            "redeem_by": future(params, "redeem_by", ctx.now),
            "times_redeemed": 0,
            "valid": True,
            **value,
            **duration,
            **await _products(ctx, params),
        },
    )


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change name, metadata and further currencies of a coupon (``POST /v1/coupons/{coupon}``).

    Raises the refusal of currencies where it is a percentage.
    """
    coupon = await ctx.at_path("coupon", ids["coupon"])
    changes = dict(params)
    if "currency_options" in changes:
        if coupon["percent_off"] is not None:
            raise discount_errors.coupon_options_with_percent()
        own = {coupon["currency"]: {"amount_off": coupon["amount_off"]}}
        changes["currency_options"] = {**_options(params), **own}
    return ctx.put("coupon", updates.apply(coupon, changes))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a coupon (``DELETE /v1/coupons/{coupon}``): no new redemptions, existing discounts stay."""
    coupon = await ctx.at_path("coupon", ids["coupon"])
    ctx.remove("coupon", coupon["id"])
    ctx.put(DELETED, changed(coupon, valid=False))
    await end_codes(ctx, coupon["id"])
    return {"id": coupon["id"], "object": "coupon", "deleted": True}
