"""Decides which codes customers may type for a coupon, for whom, and until when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from emulator.catalog import coupons, currencies, discount_errors
from emulator.catalog.values import at_least, future, member, metadata
from emulator.kernel.documents import changed
from emulator.kernel.ids import UPPER
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

CODE_LENGTH: Final = 8  # upper-case letters and digits (facts billing 3.5)
# Who has a code, whatever its case: one small document per lower-cased code holds the ids of its promotion codes.
_HOLDERS: Final = "_promotion_code_text"
_CODE = re.compile(r"[a-zA-Z0-9\-_]+\Z")


async def by_code(ctx: Context, code: str) -> list[Doc]:
    """Return the promotion codes with this text in any case, newest first."""
    holders = await ctx.find(_HOLDERS, code.lower())
    found = {doc["id"]: doc for doc in await ctx.select("promotion_code", code=code)}
    for id in holders["codes"] if holders else ():
        doc = found.get(id) or await ctx.find("promotion_code", id)
        if doc is not None:
            found[id] = doc
    return sorted(found.values(), key=lambda doc: doc["created"], reverse=True)


async def _claim(ctx: Context, code: str, customer: str | None, id: str) -> None:
    """Take a code: it is unique among the active codes of the same customer or of everybody (facts billing 3.5)."""
    same = await by_code(ctx, code)
    if any(doc["active"] and doc["customer"] == customer and doc["id"] != id for doc in same):
        raise discount_errors.promotion_code_taken(code)
    ctx.put(_HOLDERS, {"id": code.lower(), "codes": [*(doc["id"] for doc in same if doc["id"] != id), id]})


def ended(code: Doc, coupon: Doc | None, now: int) -> bool:
    """Say whether a promotion code is over for good: by its coupon, its last instant or its number of uses."""
    if coupon is None or not coupons.valid(coupon, now):
        return True
    last, most = code["expires_at"], code["max_redemptions"]
    return (last is not None and now >= last) or (most is not None and code["times_redeemed"] >= most)


def next_instant(code: Doc) -> int | None:
    """Return when an active promotion code ends by itself, or None."""
    instant: int | None = code["expires_at"] if code["active"] else None
    return instant


async def expire(ctx: Context, code: Doc) -> None:
    """End a promotion code at its last instant."""
    ctx.put("promotion_code", changed(code, active=False))


def _restrictions(given: Doc | None) -> Doc:
    given = given or {}
    amount, currency = given.get("minimum_amount"), given.get("minimum_amount_currency")
    at_least(given, "minimum_amount", 1, "restrictions")
    if amount is not None and currency is None:
        raise discount_errors.promotion_needs_minimum_currency()
    stored: Doc = {
        "first_time_transaction": given.get("first_time_transaction") or False,
        "minimum_amount": amount,
        "minimum_amount_currency": currency and currencies.check(currency, "restrictions[minimum_amount_currency]"),
    }
    if given.get("currency_options"):
        stored["currency_options"] = _options(given["currency_options"])
    return stored


def _options(given: Doc) -> Doc:
    prefix = member("restrictions", "currency_options")
    currencies.check_map(given, prefix)
    return {code: {"minimum_amount": entry.get("minimum_amount")} for code, entry in given.items()}


def _limits(params: Doc, coupon: Doc, now: int) -> Doc:
    """Return until when and how often: never beyond what the coupon allows (facts billing 3.5)."""
    expires_at = future(params, "expires_at", now)
    if coupon["redeem_by"] is not None:
        if expires_at is not None and expires_at > coupon["redeem_by"]:
            raise discount_errors.promotion_outlives_coupon()
        expires_at = expires_at or coupon["redeem_by"]
    most = at_least(params, "max_redemptions", 1)
    if most is not None and coupon["max_redemptions"] is not None and most > coupon["max_redemptions"]:
        raise discount_errors.promotion_exceeds_coupon()
    return {"expires_at": expires_at, "max_redemptions": most}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a promotion code of a coupon (``POST /v1/promotion_codes``).

    Raises the refusals of a missing coupon and of characters that no code has.
    """
    coupon_id = params["promotion"].get("coupon")
    if coupon_id is None:
        raise discount_errors.promotion_needs_coupon()
    coupon = await ctx.need("coupon", coupon_id, "promotion[coupon]")
    customer = params.get("customer")
    if customer is not None:
        await ctx.need("customer", customer, "customer")
    text = params.get("code")
    if text is not None and not _CODE.match(text):
        raise discount_errors.promotion_code_characters(text)
    code = text or ctx.token(CODE_LENGTH, UPPER)
    active = params.get("active")
    doc: Doc = {
        "id": ctx.new_id("promotion_code"),
        "object": "promotion_code",
        "active": True if active is None else active,
        "code": code,
        "created": ctx.now,
        "customer": customer,
        "customer_account": params.get("customer_account"),
        "livemode": ctx.livemode,
        "metadata": metadata(params),
        "promotion": {"coupon": coupon_id, "type": "coupon"},
        "restrictions": _restrictions(params.get("restrictions")),
        "times_redeemed": 0,
        **_limits(params, coupon, ctx.now),
    }
    if doc["active"]:
        await _claim(ctx, code, customer, doc["id"])
    return ctx.put("promotion_code", doc)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change active, metadata or further minimum amounts (``POST /v1/promotion_codes/{promotion_code}``).

    Raises the refusal of activating one that is used up or over.
    """
    code = await ctx.at_path("promotion_code", ids["promotion_code"])
    if params.get("active") and not code["active"]:
        if ended(code, await ctx.find("coupon", code["promotion"]["coupon"]), ctx.now):
            raise discount_errors.promotion_cannot_reactivate()
        await _claim(ctx, code["code"], code["customer"], code["id"])
    changes = dict(params)
    options = (changes.pop("restrictions", None) or {}).get("currency_options")
    if options:
        before = code["restrictions"].get("currency_options") or {}
        changes["restrictions"] = {"currency_options": {**before, **_options(options)}}
    return ctx.put("promotion_code", updates.apply(code, changes))


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return promotion codes (``GET /v1/promotion_codes``) by active, code in any case, coupon, customer, created."""
    rest = {name: value for name, value in params.items() if name not in ("code", "coupon")}
    text, coupon = params.get("code"), params.get("coupon")
    wanted = text.lower() if text is not None else None

    def keep(doc: Doc) -> bool:
        return (wanted is None or doc["code"].lower() == wanted) and (
            coupon is None or doc["promotion"]["coupon"] == coupon
        )

    return await listed(ctx, "promotion_code", rest, "/v1/promotion_codes", keep=keep if wanted or coupon else None)
