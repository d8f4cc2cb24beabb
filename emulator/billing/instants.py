"""Decides when something happens to a billing object by itself, and what: pure functions of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from emulator.billing.transitions import ENDED, INCOMPLETE_EXPIRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc

What = Literal[
    "expire", "drop_update", "cancel", "trial_end", "renew", "resume_collection", "finalize", "retry", "announce"
]


class Instant(NamedTuple):
    """Something that happens at ``at`` (unix seconds)."""

    at: int
    what: What


def subscription(doc: Doc) -> Instant | None:
    """Return what happens next to a subscription: it expires, ends, leaves its trial, renews, or collects again.

    At one instant a pending update is given up first, and an end comes before a renewal: nothing is renewed
    (facts billing 6.5, 6.8).
    """
    status = doc["status"]
    if status in ENDED:
        return None
    if status == "incomplete":
        return Instant(doc["created"] + INCOMPLETE_EXPIRY, "expire")
    pause = doc["pause_collection"]
    if status == "active" and doc["cancel_at"] is None and doc["pending_update"] is None and not pause:
        return Instant(_first_end(doc), "renew")  # nearly always
    found: list[Instant] = []
    if doc["pending_update"] is not None:
        found.append(Instant(doc["pending_update"]["expires_at"], "drop_update"))
    if doc["cancel_at"] is not None:
        found.append(Instant(doc["cancel_at"], "cancel"))
    if status == "trialing":
        found.append(Instant(doc["trial_end"], "trial_end"))
    elif status != "paused":
        found.append(Instant(_first_end(doc), "renew"))
    if pause and pause.get("resumes_at") is not None:
        found.append(Instant(pause["resumes_at"], "resume_collection"))
    return min(found, key=lambda one: one.at) if found else None


def _first_end(doc: Doc) -> int:
    items = doc["items"]["data"]
    if len(items) == 1:
        return int(items[0]["current_period_end"])
    return int(min(item["current_period_end"] for item in items))


def invoice(doc: Doc) -> Instant | None:
    """Return what happens next to an invoice: a draft is finalized, an open one is tried again."""
    if not doc["auto_advance"]:
        return None
    if doc["status"] == "draft" and doc["automatically_finalizes_at"] is not None:
        return Instant(doc["automatically_finalizes_at"], "finalize")
    if doc["status"] == "open" and doc["next_payment_attempt"] is not None:
        return Instant(doc["next_payment_attempt"], "retry")
    return None


def trial_notice(doc: Doc) -> Instant | None:
    """Return when the end of a trial is announced."""
    return Instant(doc["at"], "announce")


def due(of: Callable[[Doc], Instant | None]) -> Callable[[Doc], int | None]:
    """Return the function that says only when, as the store wants it."""

    def at(doc: Doc) -> int | None:
        found = of(doc)
        return None if found is None else found.at

    return at


subscription_due = due(subscription)
invoice_due = due(invoice)
notice_due = due(trial_notice)
