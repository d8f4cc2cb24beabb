"""Which endpoints get which events."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from emulator.kernel.documents import Doc
from emulator.webhooks import outbox


def endpoint(id: str, *events: str, **more: Any) -> Doc:
    return {
        "id": id, "url": f"https://{id}.test/", "enabled_events": list(events), "status": "enabled", "application": None,
        **more,
    }  # fmt: skip


def event(id: str, type: str, **more: Any) -> Doc:
    return {"id": id, "type": type, "data": {"object": {"id": "cus_1"}}, **more}


@pytest.mark.parametrize(
    "point,type,more,wanted",
    [
        (endpoint("we_1", "*"), "customer.created", {}, True),
        (endpoint("we_1", "customer.created"), "customer.created", {}, True),
        (endpoint("we_1", "customer.created"), "customer.updated", {}, False),
        (endpoint("we_1", "customer.created", "*"), "customer.updated", {}, True),
        (endpoint("we_1", "*"), "reporting.report_type.updated", {}, False),
        (endpoint("we_1", "*", "reporting.report_type.updated"), "reporting.report_type.updated", {}, True),
        (endpoint("we_1", "*", status="disabled"), "customer.created", {}, False),
        (endpoint("we_1", "*", application="ca_1"), "customer.created", {}, False),
        (endpoint("we_1", "*", application="ca_1"), "customer.created", {"account": "acct_2"}, True),
        (endpoint("we_1", "*"), "customer.created", {"account": "acct_2"}, True),  # the account's own
    ],
)
def test_which_endpoint_wants_an_event(point: Doc, type: str, more: Doc, wanted: bool) -> None:
    assert outbox.wants(point, event("evt_1", type, **more)) is wanted


def test_rows_are_in_the_order_of_events_and_hold_what_a_reader_needs() -> None:
    numbers = count(1)
    points = [endpoint("we_1", "*"), endpoint("we_2", "customer.deleted"), endpoint("we_3", "*", url="record://kept")]
    events = [event("evt_1", "customer.created"), event("evt_2", "customer.deleted")]
    rows = outbox.rows(events, points, 1000, lambda prefix: f"{prefix}_{next(numbers)}")
    assert [(row["event"], row["endpoint"], row["status"]) for row in rows] == [
        ("evt_1", "we_1", "pending"),
        ("evt_1", "we_3", "recorded"),
        ("evt_2", "we_1", "pending"),
        ("evt_2", "we_2", "pending"),
        ("evt_2", "we_3", "recorded"),
    ]
    assert rows[0] == {
        "id": "dlv_1", "object": "_delivery", "created": 1000, "event": "evt_1", "type": "customer.created",
        "subject": "cus_1", "endpoint": "we_1", "url": "https://we_1.test/", "attempt": 1, "automatic": True,
        "status": "pending", "at": 1000, "due": None, "latency_ms": None, "request": None, "response": None,
        "error": None, "order": None, "fault": None,
    }  # fmt: skip


def test_pending_webhooks_counts_those_that_will_be_called() -> None:
    points = [endpoint("we_1", "*"), endpoint("we_2", "customer.deleted"), endpoint("we_3", "*", url="record://kept")]
    assert outbox.pending(event("evt_1", "customer.created"), points) == 1
    assert outbox.pending(event("evt_1", "customer.deleted"), points) == 2
    assert outbox.pending(event("evt_1", "customer.created"), []) == 0
