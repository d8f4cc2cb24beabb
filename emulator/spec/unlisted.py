"""Decides which calls are answered although the API description does not list them: what official tools call all the same.

Source: the fixtures of the official command line (``trigger checkout.session.completed`` and its siblings), which complete
a session by two calls on the session's page; ``trigger issuing_authorization.request`` and ``events resend`` of the same (facts stripe-listen).
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final[dict[str, Any]] = {"t": "str", "max": 5000}
NUMBER: Final[dict[str, Any]] = {"t": "int"}
SWITCH: Final[dict[str, Any]] = {"t": "bool"}
# How a card is presented (the API description's ``issuing.authorization``).
PRESENTED: Final[dict[str, Any]] = {"t": "str", "enum": ["chip", "contactless", "keyed_in", "online", "swipe"]}
# id -> (method, path, parameters by name, kind of the answer)
ROWS: Final[dict[str, tuple[str, str, dict[str, dict[str, Any]], str]]] = {
    "payment_pages:retrieve": ("GET", "/v1/payment_pages/{session}", {}, "checkout.session"),
    "payment_pages:confirm": (
        "POST",
        "/v1/payment_pages/{session}/confirm",
        {"payment_method": TEXT, "expected_amount": NUMBER, "expected_payment_method_type": TEXT, "email": TEXT},
        "checkout.session",
    ),
    "issuing:authorize_on_card": (
        "POST", "/v1/issuing/cards/{card}/test/authorizations",
        {"authorization_method": PRESENTED, "held_amount": NUMBER, "held_currency": TEXT}, "issuing.authorization",
    ),
    "events:retry": (
        "POST", "/v1/events/{id}/retry", {"account": TEXT, "for_stripecli": SWITCH, "webhook_endpoint": TEXT}, "event"
    ),
}  # fmt: skip


def added(shapes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows of operations, and append the shapes of their parameters to ``shapes``."""
    rows: dict[str, dict[str, Any]] = {}
    text = _appended(shapes, TEXT)
    expand = _appended(shapes, {"t": "arr", "v": text})
    for id, (method, path, parameters, kind) in ROWS.items():
        members = {name: _appended(shapes, shape) for name, shape in parameters.items()}
        index = _appended(shapes, {"t": "obj", "p": {**members, "expand": expand}})
        rows[id] = {"m": method, "p": path, "in": index, "out": {"one": [kind]}, "body": "form"}
    return rows


def _appended(shapes: list[dict[str, Any]], shape: dict[str, Any]) -> int:
    shapes.append(dict(shape))
    return len(shapes) - 1
