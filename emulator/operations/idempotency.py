"""Decides what a repeated idempotency key answers (docs.stripe.com/api/idempotent_requests; facts billing 10)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from emulator.kernel.errors import StripeError
from emulator.operations.wakeups import IDEMPOTENCY

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

LIFETIME = 24 * 3600  # seconds on the world's clock after which a key is new again
MAX_LENGTH = 255


class Replay(NamedTuple):
    """A remembered answer."""

    status: int
    body: bytes
    request: str


def fingerprint(raw: Any) -> str:
    """Return what the parameters of a call are compared by."""
    return hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()[:32]


def too_long(key: str) -> StripeError:
    """Build the refusal of a key of over 255 characters (choice)."""
    return StripeError(
        f"Idempotency keys can have up to {MAX_LENGTH} characters, but you passed in one that is {len(key)} characters."
    )


def mismatch(key: str) -> StripeError:
    """Build the refusal of a key that was used with other parameters (recorded)."""
    return StripeError(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key "
        f"other than '{key}' if you meant to execute a different request.",
        type="idempotency_error",
    )


def other_endpoint(key: str, first: str, now: str) -> StripeError:
    """Build the refusal of a key that was used on another URL (choice of words)."""
    return StripeError(
        f"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{now}' vs '{first}'). "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        type="idempotency_error",
    )


def in_flight(key: str) -> StripeError:
    """Build the 409 of a key whose first call is still running."""
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and "
        f"the other request is still going through): {key}. Please try again later.",
        status=409,
        type="idempotency_error",
        code="idempotency_key_in_use",
    )


def record(key: str, path: str, print_: str, replay: Replay, now: int) -> Doc:
    """Return the row that remembers an answer."""
    return {
        "id": key,
        "created": now,
        "due": now + LIFETIME,
        "path": path,
        "print": print_,
        "status": replay.status,
        "body": replay.body.decode(),
        "request": replay.request,
    }


def recalled(row: Doc | None, key: str, path: str, print_: str, now: int) -> Replay | None:
    """Return the remembered answer of a key, or None when it is new; raises when it does not fit."""
    if row is None or now >= row["due"]:
        return None
    if row["path"] != path:
        raise other_endpoint(key, row["path"], path)
    if row["print"] != print_:
        raise mismatch(key)
    return Replay(row["status"], row["body"].encode(), row["request"])


KIND = IDEMPOTENCY
