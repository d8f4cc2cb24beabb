"""Decides which Checkout sessions cannot be offered: what contradicts the mode, the clock or itself (facts billing 11.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.billing.errors import trial_too_long
from emulator.billing.subscription_settings import refuse_unbuilt
from emulator.billing.timing import LONGEST_TRIAL
from emulator.checkout import errors
from emulator.kernel.errors import missing_param, not_emulated, one_of
from emulator.payments.amounts import smallest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.checkout.baskets import Pick
    from emulator.kernel.documents import Doc

DAY = 86_400
SHORTEST, LONGEST = 1800, DAY  # a session's life (docs.stripe.com/api/checkout/sessions/create)
MOST_ITEMS = {"payment": 100, "subscription": 20, "setup": 0}
# What belongs to one mode only.
OF_MODE = {
    "payment_intent_data": ("payment",),
    "invoice_creation": ("payment",),
    "submit_type": ("payment", "subscription"),
    "subscription_data": ("subscription",),
    "payment_method_collection": ("subscription",),
    "setup_intent_data": ("setup",),
    "customer_creation": ("payment", "setup"),
    "discounts": ("payment", "subscription"),
    "shipping_options": ("payment",),
}


def parameters(params: Doc, now: int, server_now: int) -> str:
    """Return the mode of a session after refusing parameters that cannot stand together."""
    mode: str | None = params.get("mode")
    if mode is None:
        raise missing_param("mode")
    if mode == "setup" and params.get("line_items"):
        raise errors.items_in_setup()
    for name, modes in OF_MODE.items():
        if params.get(name) and mode not in modes:
            raise errors.not_in_mode(name, mode)
    if params.get("customer") is not None and params.get("customer_email") is not None:
        raise one_of("customer", "customer_email", param="customer_email")
    if params.get("allow_promotion_codes") is not None and params.get("discounts"):
        raise one_of("allow_promotion_codes", "discounts")
    if len(params.get("discounts") or ()) > 1:
        raise errors.too_many_discounts()
    _pages(params)
    if mode != "setup":
        if not params.get("line_items"):
            raise missing_param("line_items")
        if len(params["line_items"]) > MOST_ITEMS["payment"]:
            raise errors.too_many_items(MOST_ITEMS["payment"])
    elif params.get("currency") is None and not params.get("allowed_payment_method_types"):
        raise missing_param("currency")
    _trial(params.get("subscription_data") or {}, now)
    if mode == "subscription":
        refuse_unbuilt({"automatic_tax": params.get("automatic_tax")}, ())
    check_expiry(params.get("expires_at"), server_now)
    if (params.get("managed_payments") or {}).get("enabled"):
        raise not_emulated("managed_payments[enabled]=true")
    return mode


def check_expiry(expires_at: int | None, now: int) -> None:
    """Refuse an expiry that is not between half an hour and a day from now."""
    if expires_at is None:
        return
    if expires_at < now + SHORTEST:
        raise errors.expires_too_soon()
    if expires_at > now + LONGEST:
        raise errors.expires_too_late()


def _pages(params: Doc) -> None:
    if (params.get("ui_mode") or "hosted_page") == "hosted_page":
        if params.get("success_url") is None:
            raise missing_param("success_url")
    elif params.get("return_url") is None and params.get("redirect_on_completion") != "never":
        raise missing_param("return_url")
    for name in ("success_url", "cancel_url", "return_url"):
        if params.get(name) is not None and not is_url(params[name]):
            raise errors.not_a_url(name)


def is_url(value: str) -> bool:
    """Say whether a text is an address that a browser can be sent to."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in value)


def check_longest(data: Doc) -> None:
    """Refuse a trial that is longer than a subscription's may be (facts billing 6.2), as ``subscription_data`` says it."""
    if (data.get("trial_period_days") or 0) * DAY > LONGEST_TRIAL:
        raise trial_too_long("subscription_data[trial_period_days]")


def _trial(data: Doc, now: int) -> None:
    days, end = data.get("trial_period_days"), data.get("trial_end")
    if days is not None and end is not None:
        raise one_of("subscription_data[trial_end]", "subscription_data[trial_period_days]")
    if days is not None and days < 1:
        raise errors.trial_too_short()
    check_longest(data)
    if end is not None and end < now + 2 * DAY:
        raise errors.trial_end_too_soon()


def kinds(mode: str, picks: Sequence[Pick]) -> None:
    """Refuse prices that do not fit the mode."""
    recurring = [pick for pick in picks if pick.price["recurring"]]
    if mode == "payment" and recurring:
        raise errors.recurring_in_payment()
    if mode == "subscription":
        if not recurring:
            raise errors.nothing_recurring()
        if len(recurring) > MOST_ITEMS["subscription"]:
            raise errors.too_many_items(MOST_ITEMS["subscription"])


def total(amount: int, currency: str) -> None:
    """Refuse a total that is more than nothing and less than can be charged."""
    if 0 < amount < smallest(currency):
        raise errors.too_small(currency)
