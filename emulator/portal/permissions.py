"""Decides what a customer may do with a subscription in the portal, and why not (PURE).

The rows are those of "Limitations to modifying subscriptions", docs.stripe.com/customer-management, and of facts
portal 5.1; where no source speaks the row says *choice*.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc

ENDED = frozenset({"canceled", "incomplete_expired"})
UPDATABLE = frozenset({"active", "trialing", "past_due"})  # choice: no source speaks of paused, unpaid or incomplete
PAUSABLE = frozenset({"active"})  # choice: pausing on demand is documented for running subscriptions only
# The payment method types that the portal supports (docs.stripe.com/customer-management, table of methods).
SUPPORTED_METHODS = frozenset(
    {
        "acss_debit",
        "amazon_pay",
        "au_becs_debit",
        "bacs_debit",
        "boleto",
        "card",
        "cashapp",
        "custom",
        "link",
        "nz_bank_account",
        "paypal",
        "sepa_debit",
        "us_bank_account",
    }
)
# Which prices are offered by their tax behavior. Documented is ``specified``: both are specified and equal. But portals whose
# prices never had one do offer them (github.com/nextjs/saas-starter), so that two unspecified ones count as equal here.
EQUAL, SPECIFIED, ANY = "equal", "specified", "any"
TAX_RULES = (EQUAL, SPECIFIED, ANY)


class Reason(enum.Enum):
    """Why something is not permitted."""

    FEATURE_DISABLED = "feature_disabled"
    ENDED = "ended"
    STATUS = "status"
    MULTIPLE_ITEMS = "multiple_items"
    METERED = "metered"
    INVOICED = "send_invoice"
    UNSUPPORTED_METHOD = "unsupported_payment_method"
    SCHEDULED = "scheduled"
    NOTHING_OFFERED = "nothing_offered"
    ALREADY_CANCELING = "already_canceling"
    NOT_CANCELING = "not_canceling"
    NOT_FLEXIBLE = "not_flexible"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subscription with what decides about it: ``prices`` by id (its own and the listed ones), times in unix seconds.

    ``blocked`` says that a schedule which the portal did not make has phases to come. ``tax_rule`` is one of
    `TAX_RULES`.
    """

    subscription: Doc
    now: int
    prices: Mapping[str, Doc] = field(default_factory=dict)
    method_type: str | None = None
    blocked: bool = False
    tax_rule: str = EQUAL

    @property
    def items(self) -> list[Doc]:
        """The items, their prices as ids."""
        items: list[Doc] = self.subscription["items"]["data"]
        return items

    @property
    def ended(self) -> bool:
        """Whether the subscription is over for good."""
        return self.subscription["status"] in ENDED


@dataclass(frozen=True, slots=True)
class Permissions:
    """Per act: None when permitted, else why not."""

    update: Reason | None
    cancel: Reason | None
    renew: Reason | None
    pause: Reason | None

    def as_flags(self) -> dict[str, bool]:
        """Return act -> permitted, as pages take it."""
        return {
            "update": self.update is None,
            "cancel": self.cancel is None,
            "renew": self.renew is None,
            "pause": self.pause is None,
        }


def canceling(subscription: Doc) -> bool:
    """Say whether an end is set: classic billing sets the flag, flexible billing only the date (facts portal 4.1)."""
    return bool(subscription["cancel_at_period_end"]) or subscription["cancel_at"] is not None


def decide(subject: Subject, configuration: Doc) -> Permissions:
    """Return what the customer may do with this subscription under this configuration."""
    features = configuration["features"]
    return Permissions(
        update=may_update(subject, features["subscription_update"]),
        cancel=may_cancel(subject, features["subscription_cancel"]),
        renew=may_renew(subject, features["subscription_cancel"]),
        pause=may_pause(subject, features["subscription_pause"]),
    )


def may_update(subject: Subject, feature: Doc) -> Reason | None:
    """Say why plan and quantity may not be changed, None if they may (facts portal 5.1, top to bottom)."""
    subscription = subject.subscription
    return _first(
        (not feature["enabled"], Reason.FEATURE_DISABLED),
        (subject.ended, Reason.ENDED),
        (len(subject.items) > 1, Reason.MULTIPLE_ITEMS),
        (any(_metered(subject.prices[item["price"]]) for item in subject.items), Reason.METERED),
        (subscription["collection_method"] == "send_invoice", Reason.INVOICED),
        (not _supported(subject.method_type), Reason.UNSUPPORTED_METHOD),
        (subject.blocked, Reason.SCHEDULED),
        (subscription["status"] not in UPDATABLE, Reason.STATUS),
        (not _anything_offered(subject, feature), Reason.NOTHING_OFFERED),
    )


def may_cancel(subject: Subject, feature: Doc) -> Reason | None:
    """Say why the subscription may not be cancelled, None if it may."""
    return _first(
        (not feature["enabled"], Reason.FEATURE_DISABLED),
        (subject.ended, Reason.ENDED),
        (subject.blocked, Reason.SCHEDULED),
        (canceling(subject.subscription), Reason.ALREADY_CANCELING),
    )


def may_renew(subject: Subject, feature: Doc) -> Reason | None:
    """Say why a cancellation may not be taken back, None if it may: only before the end (facts portal 3.4).

    That taking back needs the cancel feature is a choice: a portal that only shows must change nothing.
    """
    end = subject.subscription["cancel_at"]
    return _first(
        (not feature["enabled"], Reason.FEATURE_DISABLED),
        (subject.ended, Reason.ENDED),
        (not canceling(subject.subscription), Reason.NOT_CANCELING),
        (subject.blocked, Reason.SCHEDULED),
        (end is not None and end <= subject.now, Reason.ENDED),
    )


def may_pause(subject: Subject, feature: Doc) -> Reason | None:
    """Say why the subscription may not be paused, None if it may (docs.stripe.com/billing/subscriptions/pause)."""
    subscription = subject.subscription
    return _first(
        (not feature["enabled"], Reason.FEATURE_DISABLED),
        (subject.ended, Reason.ENDED),
        (subscription["billing_mode"]["type"] != "flexible", Reason.NOT_FLEXIBLE),
        (subscription["schedule"] is not None, Reason.SCHEDULED),
        # The API pauses and resumes only what is charged automatically.
        (subscription["collection_method"] == "send_invoice", Reason.INVOICED),
        (subscription["status"] not in PAUSABLE, Reason.STATUS),
        (canceling(subscription), Reason.ALREADY_CANCELING),
    )


def offered_prices(subject: Subject, feature: Doc) -> list[str]:
    """Return the ids of the prices that the one item may be switched to, in the order of the configuration.

    Same tax behavior, both specified: documented. An amount in the subscription's currency, still active, not the
    present one: choice.
    """
    if "price" not in feature["default_allowed_updates"]:
        return []
    current = subject.prices[subject.items[0]["price"]]
    currency = subject.subscription.get("currency") or current["currency"]
    # A feature that is off keeps its list, but nobody looked the prices up.
    listed = [price for entry in feature["products"] or [] for price in entry["prices"] if price in subject.prices]
    return [price for price in listed if _fits(subject.prices[price], current, currency, tax_rule=subject.tax_rule)]


def quantity_bounds(subject: Subject, feature: Doc, price: str | None = None) -> tuple[int, int | None] | None:
    """Return (minimum, maximum or None) when the quantity may be edited, else None: only for listed products.

    ``price`` is the one that the subscription is to have, the present one when not given.
    """
    if "quantity" not in feature["default_allowed_updates"]:
        return None
    chosen = subject.prices.get(price or subject.items[0]["price"])
    if chosen is None:
        return None
    product = chosen["product"]
    for entry in feature["products"] or []:
        adjustable = entry["adjustable_quantity"]
        if entry["product"] == product and adjustable["enabled"]:
            return adjustable["minimum"], adjustable["maximum"]
    return None


def schedule_blocks(schedule: Doc | None, now: int, *, made_by_portal: bool) -> bool:
    """Say whether a schedule has changes to come that the customer must not touch (facts portal 5.1)."""
    if schedule is None or made_by_portal or schedule["status"] not in {"active", "not_started"}:
        return False
    return any(phase["start_date"] > now for phase in schedule["phases"])


def _first(*rows: tuple[bool, Reason]) -> Reason | None:
    return next((reason for applies, reason in rows if applies), None)


def _anything_offered(subject: Subject, feature: Doc) -> bool:
    return bool(offered_prices(subject, feature)) or quantity_bounds(subject, feature) is not None


def _metered(price: Doc) -> bool:
    recurring: Mapping[str, Any] = price["recurring"] or {}
    return recurring.get("usage_type") == "metered"


def _supported(method_type: str | None) -> bool:
    return method_type is None or method_type in SUPPORTED_METHODS


def _fits(price: Doc, current: Doc, currency: str, *, tax_rule: str) -> bool:
    if price["id"] == current["id"] or not price["active"]:
        return False
    if price["currency"] != currency and currency not in (price.get("currency_options") or {}):
        return False
    if tax_rule == ANY:
        return True
    same: bool = price["tax_behavior"] == current["tax_behavior"]
    return same and (tax_rule == EQUAL or current["tax_behavior"] in {"inclusive", "exclusive"})
