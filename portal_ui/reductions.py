"""Decides how a discount is told: what it takes off, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from emulator.kernel.documents import Doc
from portal_ui.i18n import Words


def off(words: Words, coupon: Doc, currency: str) -> str:
    """Return what a coupon takes off: ``20% off``, ``$5.00 off``."""
    if coupon.get("percent_off"):
        percent = words.percent(Decimal(str(coupon["percent_off"])))
        return words.gettext("%(percent)s off", percent=percent)
    amount = coupon["amount_off"]
    if coupon["currency"] != currency:
        amount = coupon["currency_options"][currency]["amount_off"]
    return words.gettext("%(amount)s off", amount=words.money(amount, currency))


def running(words: Words, found: Iterable[Doc], currency: str) -> tuple[str, ...]:
    """Return the discounts that a subscription has, each with its coupon's name: ``Summer: 25% off until March 1, 2027``."""
    return tuple(_told(words, one, currency) for one in found)


def _told(words: Words, one: Doc, currency: str) -> str:
    coupon = one["coupon"]
    told = off(words, coupon, currency)
    if one["end"] is not None:
        told = words.gettext("%(offer)s until %(date)s", offer=told, date=words.long_day(one["end"]))
    elif coupon["duration"] == "once":
        told = words.gettext("%(offer)s your next invoice", offer=told)
    return words.gettext("%(name)s: %(offer)s", name=coupon["name"], offer=told) if coupon.get("name") else told
