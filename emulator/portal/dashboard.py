"""Decides what the account's owner is told and may do on the settings and customers pages, beside the API's operations.

Source: docs.stripe.com/customer-management/configure-portal and activate-no-code-customer-portal; facts portal 1.6, 2, 13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import coupons
from emulator.customers import settings as customer_settings
from emulator.portal import urls, visits
from emulator.portal.settings import brands, catalogue, configurations, feedback_options
from emulator.portal.subscriptions import retention
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SAVED = "portal_default_configuration"  # world setting: False while the owner has not saved the settings (E1)
ROWS = 20  # customers of one page (choice)
RUNNING = frozenset({"active", "trialing", "past_due"})
MOST_OFFERED = 100  # products that the settings page lists (choice)
# Choice: who is shown in the preview of a world without customers.
SAMPLE = {"id": "cus_preview", "name": "Sam Sample", "email": "sam@example.com"}


async def settings(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:settings``: what the settings page draws; ``saved`` is False while there is no default configuration.

    ``plans`` are the products with the prices that a portal may offer, ``coupons`` those that can still be redeemed.
    """
    found = await _default(ctx)
    return {
        "account": await brands.account(ctx),
        "configuration": found or configurations.seed_default("", ctx.now, livemode=ctx.livemode),
        "coupons": [one for one in await ctx.select("coupon") if coupons.valid(one, ctx.now)],
        "feedback_options": [one for one in await ctx.select(feedback_options.KIND) if one["status"] == "active"],
        "plans": await _plans(ctx, found),
        "retention_coupon": ctx.settings.get(retention.SETTING),
        "saved": found is not None,
    }


async def save(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:save`` (configuration, retention_coupon): change the default configuration, or make it.

    ``configuration`` are the checked parameters of the API's update; ``retention_coupon`` an id, None, or absent.
    """
    coupon = params.get("retention_coupon")
    if coupon is not None:
        await ctx.need("coupon", coupon, "retention_coupon")
    found = await ctx.select(configurations.KIND, 1, is_default=True)
    if found:
        return await configurations.update(ctx, {"configuration": found[0]["id"]}, params["configuration"])
    return await configurations.create_default(ctx, params["configuration"])


async def customers(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:customers`` (search, after, before): a page of customers, newest first, with their subscriptions.

    ``search`` is a part of a name, an e-mail address or an id; ``after`` and ``before`` are ids of customers.
    """
    text = str(params.get("search") or "").strip().casefold()
    found = [one for one in await ctx.select("customer") if _matches(one, text)]
    start = _start([one["id"] for one in found], params)
    rows = [
        {"customer": one, "subscriptions": await ctx.select("subscription", customer=one["id"])}
        for one in found[start : start + ROWS]
    ]
    return {
        "account": await brands.account(ctx),
        "customers": rows,
        "has_earlier": start > 0,
        "has_more": start + ROWS < len(found),
        "total": len(found),
    }


async def preview(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:preview``: a session that only shows the portal; returns it. Raises E1 while nothing is saved.

    It is no object of the API: looking at the settings makes no event.
    """
    configuration = await configurations.default(ctx)
    customer = await _sample(ctx)
    token = urls.token(ctx.linked, ctx.token(urls.SECRET_LENGTH + urls.TAIL_LENGTH), urls.SESSION_MARK)
    session = {
        **ctx.blank(visits.SESSION),
        "id": ctx.new_id(visits.SESSION),
        "configuration": configuration["id"],
        "customer": customer["id"],
        "flow": None,
        "url": urls.session_url(ctx.base_url, token, livemode=ctx.livemode),
    }
    visits.begin(ctx, session, token, preview=customer)
    return session


async def sample(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:sample`` (customer): that customer where there is one, else whom the preview shows."""
    return await ctx.find("customer", params["customer"]) or await _sample(ctx)


async def _default(ctx: Context) -> Doc | None:
    if not ctx.settings.get(SAVED, True):
        return None
    found = await ctx.select(configurations.KIND, 1, is_default=True)
    return found[0] if found else None


async def _plans(ctx: Context, configuration: Doc | None) -> list[Doc]:
    """Return products with the prices that can be offered, those of the configuration too when they cannot any more."""
    update = configuration["features"]["subscription_update"] if configuration else {"products": []}
    listed_now = {price for entry in update["products"] or [] for price in entry["prices"]}
    page = await listed(ctx, "product", {"limit": MOST_OFFERED}, "/v1/products", keep=lambda one: bool(one["active"]))
    known = {one["id"] for one in page.docs}
    more = [await ctx.find("product", entry["product"]) for entry in update["products"] or []]
    plans = []
    for product in [*page.docs, *(one for one in more if one is not None and one["id"] not in known)]:
        prices = [
            one
            for one in await ctx.select("price", product=product["id"])
            if one["id"] in listed_now or catalogue.offerable(one)
        ]
        if prices:
            plans.append({"prices": prices[::-1], "product": product})
    return plans


def _matches(customer: Doc, text: str) -> bool:
    return not text or any(text in str(customer.get(name) or "").casefold() for name in ("name", "email", "id"))


def _start(ids: list[str], params: Doc) -> int:
    """Return where a page begins; an id that is not in the list begins at the first."""
    after, before = params.get("after"), params.get("before")
    if after in ids:
        return ids.index(after) + 1
    return max(0, ids.index(before) - ROWS) if before in ids else 0


async def _sample(ctx: Context) -> Doc:
    """Return whom the preview shows: who subscribed last, else who came last, else a customer that is nobody."""
    for subscription in await ctx.select("subscription"):
        if subscription["status"] in RUNNING:
            found = await ctx.find("customer", subscription["customer"])
            if found is not None:
                return found
    newest = await ctx.select("customer", 1)
    return newest[0] if newest else _nobody(ctx)


def _nobody(ctx: Context) -> Doc:
    """Return a customer that is stored nowhere and has nothing."""
    nothing = (
        "address",
        "currency",
        "customer_account",
        "default_source",
        "discount",
        "phone",
        "shipping",
        "test_clock",
    )
    rest = {"invoice_settings": customer_settings.EMPTY, "metadata": {}, "preferred_locales": [], "tax_exempt": "none"}
    return {**ctx.blank("customer"), **dict.fromkeys(nothing), **rest, **SAMPLE}
