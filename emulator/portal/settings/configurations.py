"""Decides what a portal configuration holds: parameters, defaults, partial updates, and what is refused.

Source: docs.stripe.com/api/customer_portal/configurations; facts portal 1.2-1.6.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed, patched
from emulator.kernel.ids import application_of
from emulator.portal import errors, urls
from emulator.portal.settings import catalogue
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "billing_portal.configuration"
HEADLINE_LIMIT = 60
# Recorded: the options of a configuration that does not name any, even with the question off.
REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "other"]
# What a feature is when the call does not speak of it (recorded reply to a minimal create; facts portal 1.3).
FEATURES: Doc = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "feedback_options": [], "options": REASONS},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": [],
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
# The switches of a default configuration just saved (docs.stripe.com/customer-management/configure-portal).
DEFAULT_FEATURES: Doc = {
    "customer_update": {"allowed_updates": ["name", "email", "address", "phone"], "enabled": True},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"cancellation_reason": {"enabled": True}, "enabled": True},
}
# Lists that the empty string empties: they come as None and are stored as [] (facts portal 1.3).
LISTS = (
    ("features", "customer_update", "allowed_updates"),
    ("features", "subscription_cancel", "cancellation_reason", "feedback_options"),
    ("features", "subscription_cancel", "cancellation_reason", "options"),
    ("features", "subscription_pause", "duration", "interval_options"),
    ("features", "subscription_update", "default_allowed_updates"),
    ("features", "subscription_update", "products"),
    ("features", "subscription_update", "schedule_at_period_end", "conditions"),
)


def seed_default(id: str, now: int, *, livemode: bool = False, **fields: Any) -> Doc:
    """Return the configuration that saving the portal's settings page makes, for new worlds (facts portal 1.6).

    ``now`` in unix seconds; ``fields`` are merged over it in depth (for worlds that want a name or other features).
    """
    features = patched(copy.deepcopy(FEATURES), DEFAULT_FEATURES)
    made = {"id": id, **_empty(now), "features": features, "is_default": True, "livemode": livemode}
    return patched(made, fields)


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make a configuration; it is active and never the default (facts portal 1.2, 1.6)."""
    # An account's configuration names the application of the platform that made it (facts portal 12).
    application = None if ctx.platform is None else application_of(ctx.platform)
    blank = {"id": ctx.new_id(KIND), **_empty(ctx.now), "application": application, "livemode": ctx.livemode}
    return ctx.put(KIND, await _settled(ctx, blank, params))


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a configuration; its products are drawn only when expanded."""
    return await ctx.at_path(KIND, ids["configuration"])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change what the call names and nothing else; each change moves ``updated`` (facts portal 1.3)."""
    before = await ctx.at_path(KIND, ids["configuration"])
    after = await _settled(ctx, before, params)
    if after == before:
        return before
    return ctx.put(KIND, changed(after, updated=ctx.now))


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List configurations, newest first; filters ``active`` and ``is_default``."""
    return await listed(ctx, KIND, params, "/v1/billing_portal/configurations")


async def create_default(ctx: Context, params: Doc) -> Doc:
    """Make the default configuration as saving the settings page does: its switches, then what was chosen."""
    blank = seed_default(ctx.new_id(KIND), ctx.now, livemode=ctx.livemode)
    return ctx.put(KIND, await _settled(ctx, blank, params))


async def default(ctx: Context) -> Doc:
    """Return the default configuration of this mode; raises E1 while the owner has not saved one, or the world says so."""
    if ctx.settings.get("portal_default_configuration", True):
        found = await ctx.select(KIND, 1, is_default=True)
        if found:
            return found[0]
    raise errors.no_default(livemode=ctx.livemode)


def _empty(now: int) -> Doc:
    return {
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": now,
        "default_return_url": None,
        "features": copy.deepcopy(FEATURES),
        "is_default": False,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": now,
    }


async def _settled(ctx: Context, before: Doc, params: Doc) -> Doc:
    """Return ``before`` with the call's parameters in it, or refuse."""
    _check_texts(params)
    if params.get("active") is False and before["is_default"]:
        raise errors.default_stays_active()
    login = params.get("login_page") or {}
    after = updates.apply(before, {key: value for key, value in _emptied(params).items() if key != "login_page"})
    after = changed(after, features=await _features(ctx, before, after["features"], params.get("features") or {}))
    return changed(after, login_page=_login_page(ctx, before["login_page"], login.get("enabled")))


def _check_texts(params: Doc) -> None:
    profile = params.get("business_profile") or {}
    headline = profile.get("headline")
    if headline is not None and len(headline) > HEADLINE_LIMIT:
        raise errors.too_long(headline, HEADLINE_LIMIT, "business_profile[headline]")
    for name in ("privacy_policy_url", "terms_of_service_url"):
        urls.check_url(profile.get(name), f"business_profile[{name}]")
    urls.check_url(params.get("default_return_url"), "default_return_url")


async def _features(ctx: Context, before: Doc, features: Doc, given: Doc) -> Doc:
    cancel, update, pause = (features[f"subscription_{name}"] for name in ("cancel", "update", "pause"))
    if cancel["proration_behavior"] == "always_invoice":
        raise errors.cancel_proration_not_allowed()
    if update["enabled"] and not features["payment_method_update"]["enabled"]:
        raise errors.updates_need_payment_methods()
    if update["enabled"] and not update["products"]:
        raise errors.products_missing()
    # Recorded: every save of the default configuration checks its whole list. Choice: others when the call touches it.
    products = update["products"]
    touched = given.get("subscription_update") or {}
    if before["is_default"] or "products" in touched or touched.get("enabled"):
        products = await catalogue.products(ctx, products)
    method_configuration = (given.get("payment_method_update") or {}).get("payment_method_configuration")
    if method_configuration is not None:
        param = "features[payment_method_update][payment_method_configuration]"
        await ctx.need("payment_method_configuration", method_configuration, param)
    reason = cancel["cancellation_reason"]
    listed = before["features"]["subscription_cancel"]["cancellation_reason"]["feedback_options"] or []
    options = await catalogue.feedback_options(ctx, reason["feedback_options"] or [], listed)
    return patched(
        features,
        {
            "subscription_cancel": {"cancellation_reason": {"feedback_options": options}},
            "subscription_pause": {"duration": catalogue.pause_duration(pause["duration"])},
            "subscription_update": {"products": products},
        },
    )


def _login_page(ctx: Context, before: Doc, enabled: bool | None) -> Doc:
    """Keep the address while enabled; switching off kills it, switching on again makes a new one (facts portal 13)."""
    if enabled is None or enabled == before["enabled"]:
        return before
    if not enabled:
        return {"enabled": False, "url": None}
    secret = ctx.token(urls.SECRET_LENGTH + urls.TAIL_LENGTH)
    token = urls.token(ctx.linked, secret, urls.LOGIN_MARK)
    return {"enabled": True, "url": urls.login_url(ctx.base_url, token, livemode=ctx.livemode)}


def _emptied(params: Doc) -> Doc:
    for path in LISTS:
        params = _with_list(params, path)
    return params


def _with_list(params: Doc, path: tuple[str, ...]) -> Doc:
    head, rest = path[0], path[1:]
    if head not in params:
        return params
    value = params[head]
    if not rest:
        return params if value is not None else {**params, head: []}
    return {**params, head: _with_list(value, rest)} if isinstance(value, dict) else params
