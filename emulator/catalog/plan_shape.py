"""Decides how a recurring price looks as the legacy plan of the same id."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

_ALIKE = (
    "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product", "tiers_mode",
)  # fmt: skip


def of(price: Doc) -> Doc:
    """Return the plan that a recurring price is (facts billing 3.2: the legacy mirror)."""
    recurring = price["recurring"]
    plan = {
        "id": price["id"],
        "object": "plan",
        **{name: price[name] for name in _ALIKE},
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": recurring["meter"],
        "transform_usage": price["transform_quantity"],
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring["usage_type"],
    }
    if price.get("tiers"):
        plan["tiers"] = price["tiers"]
    return plan
