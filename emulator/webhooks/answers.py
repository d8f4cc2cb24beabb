"""Decides what is known of one attempt when it is over, and how long one is waited for."""

from __future__ import annotations

from typing import NamedTuple

from emulator.kernel.documents import Doc

# Not documented by Stripe; observed between 10 and 20 s (facts billing 9.3).
TIMEOUT = 20.0


class Answer(NamedTuple):
    """What came of one request: ``good`` is any 2xx."""

    good: bool
    latency_ms: int
    response: Doc | None
    error: str | None
