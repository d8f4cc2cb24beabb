"""Decides which endpoints an event goes to, and the rows that remember it (pure; written with the event itself)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from emulator.kernel.documents import Doc

KIND = "_delivery"
PREFIX = "dlv"
PENDING, SUCCEEDED, FAILED, RECORDED = "pending", "succeeded", "failed", "recorded"
# "*" means all but those that an endpoint has to name (docs.stripe.com/api/webhook_endpoints/create).
EXPLICIT = frozenset({"reporting.report_type.updated"})
_RECORD = "record://"


def wants(endpoint: Doc, event: Doc) -> bool:
    """Say whether ``endpoint`` is to get ``event``: enabled, of the right account, and asking for the type."""
    if endpoint["status"] != "enabled":
        return False
    # Endpoints made with `connect` get the events of connected accounts only; an account's own are those beside it.
    if endpoint.get("application") is not None and "account" not in event:
        return False
    names = endpoint["enabled_events"]
    return event["type"] in names or ("*" in names and event["type"] not in EXPLICIT)


def pending(event: Doc, endpoints: Iterable[Doc]) -> int:
    """Return ``pending_webhooks`` of a new event: endpoints that have yet to answer 2xx; record-only ones never do."""
    return sum(1 for endpoint in endpoints if not recorded(endpoint) and wants(endpoint, event))


def rows(events: Sequence[Doc], endpoints: Sequence[Doc], now: int, new_id: Callable[[str], str]) -> list[Doc]:
    """Return the delivery rows of ``events``, in their order; ``new_id`` makes an id of a prefix."""
    return [
        row(event, endpoint, new_id(PREFIX), now, attempt=1, automatic=endpoint.get("retried", True))
        for event in events
        for endpoint in endpoints
        if wants(endpoint, event)
    ]


def row(event: Doc, endpoint: Doc, id: str, now: int, *, attempt: int, automatic: bool = True) -> Doc:
    """Return the row of one attempt still to be made; ``automatic`` is false for one that a person asked for."""
    subject = event["data"]["object"]
    return {
        "id": id,
        "object": KIND,
        "created": now,
        "event": event["id"],
        "type": event["type"],
        "subject": subject.get("id"),
        "endpoint": endpoint["id"],
        "url": endpoint["url"],
        "attempt": attempt,
        "automatic": automatic,
        "status": RECORDED if recorded(endpoint) else PENDING,
        "at": now,
        "due": None,
        "latency_ms": None,
        "request": None,
        "response": None,
        "error": None,
        "order": None,  # grows with every attempt of the world: the order in which deliveries really left
        "fault": None,  # the rule of a test that disturbed it
    }


def recorded(endpoint: Doc) -> bool:
    """Say whether deliveries to an endpoint (or of a row) are kept instead of sent."""
    return bool(endpoint["url"].startswith(_RECORD))
