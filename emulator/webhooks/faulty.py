"""Decides what a disturbed delivery looks like: whom it names as disturber, and how it is signed wrongly."""

from __future__ import annotations

from typing import Final, NamedTuple

DROP, DELAY, DUPLICATE, REORDER = "drop", "delay", "duplicate", "reorder"
BAD_SIGNATURE, STALE = "bad_signature", "stale"
# Receivers accept signatures that are up to five minutes old (docs.stripe.com/webhooks/signatures).
STALE_BY: Final = 3600
WRONG_SECRET: Final = "whsec_not_the_secret_of_this_endpoint"  # noqa: S105 - nobody's secret
# Real seconds that a delivery waits for another one to overtake it (a choice); then it is sent all the same.
OVERTAKEN_WITHIN: Final = 1.0


class Verdict(NamedTuple):
    """What is to happen to one delivery, by which rule; ``seconds`` is for a delay, on the world's clock."""

    rule: str
    action: str
    seconds: int = 0


def signed(secrets: list[str], timestamp: int, action: str | None) -> tuple[list[str], int]:
    """Return the secrets and the time to sign with."""
    if action == BAD_SIGNATURE:
        return [WRONG_SECRET], timestamp
    return secrets, timestamp - STALE_BY if action == STALE else timestamp


def lost(rule: str) -> str:
    """Return what the record says of a delivery that was never sent."""
    return f"dropped by the fault {rule}"
