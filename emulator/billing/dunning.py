"""Decides when a failed payment is tried again, and what happens when nothing is left to try.

Real retries are timed by a model of Stripe's; the days here are a choice that account settings override
(``dunning: {"retry_days": [3, 5, 7], "then": "cancel"}``; ``"pause_after_first": true`` pauses at the first failure; with
``"resume": "unchanged"`` or ``"now"`` a subscription that paused so runs again when that invoice is paid or written off, at its
old billing cycle anchor or at a new one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
RETRY_DAYS = (3, 5, 7)
End = Literal["cancel", "unpaid", "past_due", "pause"]
# Codes after which the same payment method is not charged again (facts billing 6.11, docs.stripe.com smart-retries).
HARD_DECLINES = frozenset({
    "authentication_required", "highest_risk_level", "incorrect_number", "lost_card", "pickup_card",
    "revocation_of_all_authorizations", "revocation_of_authorization", "stolen_card", "transaction_not_allowed",
})  # fmt: skip


def next_attempt(now: int, attempts: int, settings: Mapping[str, Any] | None = None) -> int | None:
    """Return when to try again after ``attempts`` failed ones; None when retries are exhausted."""
    days = (settings or {}).get("retry_days", RETRY_DAYS)
    if not 1 <= attempts <= len(days):
        return None
    return now + int(days[attempts - 1]) * DAY


def final_act(settings: Mapping[str, Any] | None = None) -> End:
    """Return what becomes of a subscription whose payment failed for good."""
    then: End = (settings or {}).get("then", "cancel")
    return then


def pauses_first(settings: Mapping[str, Any] | None = None) -> bool:
    """Say whether a subscription pauses when a renewal's payment failed for the first time."""
    return bool((settings or {}).get("pause_after_first"))


def resumption(settings: Mapping[str, Any] | None = None) -> Literal["unchanged", "now"] | None:
    """Return at which anchor a subscription that paused for a failed payment runs again by itself; None when it does not."""
    wish: str | None = (settings or {}).get("resume")
    return "now" if wish == "now" else "unchanged" if wish == "unchanged" else None


def is_hard(error: Mapping[str, Any] | None) -> bool:
    """Say whether the error of a payment rules out another try with the same method."""
    return error is not None and bool({error.get("decline_code"), error.get("code")} & HARD_DECLINES)
