"""Decides when a failed payment is tried again, and what happens when nothing is left to try.

Real retries are timed by a model of Stripe's; the days here are a choice that account settings override
(``dunning: {"retry_days": [3, 5, 7], "then": "cancel"}``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
RETRY_DAYS = (3, 5, 7)
End = Literal["cancel", "unpaid", "past_due"]


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
