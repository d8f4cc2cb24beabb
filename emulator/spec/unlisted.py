"""Decides what is answered although the API description does not list it: calls, parameters and kinds that callers use all the same.

Sources: the fixtures of the official command line (``trigger checkout.session.completed`` and its siblings, which complete a session
by two calls on its page), ``trigger issuing_authorization.request`` and ``events resend`` of the same (facts stripe-listen); for the
parameters and for SKUs what stands beside them.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

Shape = dict[str, Any]
TEXT: Final[Shape] = {"t": "str", "max": 5000}
NUMBER: Final[Shape] = {"t": "int"}
DECIMAL: Final[Shape] = {"t": "num"}
SWITCH: Final[Shape] = {"t": "bool"}
TEXTS: Final[Shape] = {"t": "arr", "v": TEXT}
MAP: Final[Shape] = {"t": "map", "v": TEXT}
# How a card is presented (the API description's ``issuing.authorization``).
PRESENTED: Final[Shape] = {"t": "str", "enum": ["chip", "contactless", "keyed_in", "online", "swipe"]}
GOOD_OR_SERVICE: Final[Shape] = {"t": "str", "enum": ["good", "service"]}
PAGING: Final[dict[str, Shape]] = {"ending_before": TEXT, "limit": NUMBER, "starting_after": TEXT}


class Call(NamedTuple):
    """A call beside the description: its parameters by name, the kind of its answer, what must be given."""

    method: str
    path: str
    parameters: dict[str, Shape]
    kind: str
    form: str = "one"
    required: tuple[str, ...] = ()


# What came before prices for goods. Shapes: github.com/stripe/stripe-node, types/2020-08-27/SKUs.d.ts.
STOCK: Final[Shape] = {
    "t": "obj",
    "p": {
        "quantity": NUMBER,
        "type": {"t": "str", "enum": ["bucket", "finite", "infinite"]},
        "value": {"t": "str", "enum": ["in_stock", "limited", "out_of_stock"], "clear": 1},
    },
}
MEASURES: Final[Shape] = {
    "t": "obj", "clear": 1,
    "p": dict.fromkeys(("height", "length", "weight", "width"), DECIMAL), "req": ["height", "length", "weight", "width"],
}  # fmt: skip
SKU: Final[dict[str, Shape]] = {
    "active": SWITCH, "attributes": MAP, "currency": {"t": "str", "f": "currency"}, "image": TEXT, "inventory": STOCK,
    "metadata": {**MAP, "clear": 1}, "package_dimensions": MEASURES, "price": NUMBER, "product": TEXT,
}  # fmt: skip
SKU_FILTERS: Final[dict[str, Shape]] = {
    "active": SWITCH, "attributes": MAP, "ids": TEXTS, "in_stock": SWITCH, "product": TEXT, **PAGING,
}  # fmt: skip
NEW_SKU: Final = {**SKU, "id": TEXT, "inventory": {**STOCK, "req": ["type"]}}

CALLS: Final[dict[str, Call]] = {
    "payment_pages:retrieve": Call("GET", "/v1/payment_pages/{session}", {}, "checkout.session"),
    "payment_pages:confirm": Call(
        "POST",
        "/v1/payment_pages/{session}/confirm",
        {"payment_method": TEXT, "expected_amount": NUMBER, "expected_payment_method_type": TEXT, "email": TEXT},
        "checkout.session",
    ),
    "issuing:authorize_on_card": Call(
        "POST", "/v1/issuing/cards/{card}/test/authorizations",
        {"authorization_method": PRESENTED, "held_amount": NUMBER, "held_currency": TEXT}, "issuing.authorization",
    ),
    "events:retry": Call(
        "POST", "/v1/events/{id}/retry", {"account": TEXT, "for_stripecli": SWITCH, "webhook_endpoint": TEXT}, "event"
    ),
    "skus:create": Call("POST", "/v1/skus", NEW_SKU, "sku", required=("currency", "inventory", "price", "product")),
    "skus:list": Call("GET", "/v1/skus", SKU_FILTERS, "sku", "list"),
    "skus:retrieve": Call("GET", "/v1/skus/{id}", {}, "sku"),
    "skus:update": Call("POST", "/v1/skus/{id}", SKU, "sku"),
    "skus:delete": Call("DELETE", "/v1/skus/{id}", {}, "deleted_sku"),
}  # fmt: skip

# Since when a call is unknown to callers who name their version: the official SDKs dropped SKUs with 2022-11-15 (stripe-go 74.0.0,
# stripe-dotnet 41). Callers of older versions, and who name none, still reach them; what newer ones are told is a choice.
GONE: Final[dict[str, str]] = {id: "2022-11-15" for id in CALLS if id.startswith("skus:")}

# Parameters of described calls. A customer's id: "does work and we don't plan to remove this" (Stripe on github.com/stripe/stripe-node
# pull 968; stripe-dotnet 2895). A product's type: left out of the description and "still supported" (github.com/stripe/openapi 68).
# The others, like the type, are in the official SDKs of this very version (stripe-python 16.1.0).
PARAMETERS: Final[dict[str, dict[str, Shape]]] = {
    "PostCustomers": {"id": TEXT},
    "PostProducts": {"type": GOOD_OR_SERVICE},
    "GetProducts": {"type": GOOD_OR_SERVICE},
    "PostPrices": {"recurring.trial_period_days": NUMBER},
    "GetSubscriptions": {"plan": TEXT},
}

# Kinds of the calls above.
SCHEMAS: Final[dict[str, Shape]] = {
    "sku": {
        "t": "obj",
        "p": {
            "active": SWITCH, "attributes": MAP, "created": {"t": "int", "f": "unix-time"}, "currency": {"t": "str", "f": "currency"},
            "id": TEXT, "image": {**TEXT, "null": 1},
            "inventory": {
                "t": "obj", "p": {"quantity": {**NUMBER, "null": 1}, "type": TEXT, "value": {**TEXT, "null": 1}}, "req": ["type"],
            },
            "livemode": SWITCH, "metadata": MAP, "object": {"t": "str", "enum": ["sku"]},
            "package_dimensions": {"t": "ref", "to": "package_dimensions", "null": 1}, "price": NUMBER,
            "product": {"t": "any", "v": [TEXT, {"t": "ref", "to": "product"}], "expand": ["product"]},
            "updated": {"t": "int", "f": "unix-time"},
        },
        "req": [
            "active", "attributes", "created", "currency", "id", "inventory", "livemode", "metadata", "object", "price", "product",
            "updated",
        ],
    },
    "deleted_sku": {
        "t": "obj", "p": {"deleted": SWITCH, "id": TEXT, "object": {"t": "str", "enum": ["sku"]}}, "req": ["deleted", "id", "object"],
    },
}  # fmt: skip


def added(shapes: list[Shape]) -> dict[str, Shape]:
    """Return the rows of operations, and append the shapes of their parameters to ``shapes``."""
    rows: dict[str, Shape] = {}
    for id, call in CALLS.items():
        shape = {"t": "obj", "p": {**call.parameters, "expand": TEXTS}, "req": list(call.required)}
        index = appended(shapes, shape)
        rows[id] = {"m": call.method, "p": call.path, "in": index, "out": {call.form: [call.kind]}, "body": "form"}
    return rows


def appended(shapes: list[Shape], shape: Shape) -> int:
    """Return the index of a shape that is put behind the others, what it is made of before it."""
    own = dict(shape)
    if "p" in own:
        own["p"] = {name: appended(shapes, inner) for name, inner in own["p"].items()}
    if isinstance(own.get("v"), dict):
        own["v"] = appended(shapes, own["v"])
    elif isinstance(own.get("v"), list):
        own["v"] = [appended(shapes, inner) for inner in own["v"]]
    shapes.append(own)
    return len(shapes) - 1


def extended(shapes: list[Shape], index: int, places: dict[str, Shape]) -> int:
    """Return the index of an object's shape with more members, which ``places`` names (``recurring.meter``); the old one stays."""
    members: dict[str, int] = dict(shapes[index]["p"])
    for place, shape in places.items():
        name, _, rest = place.partition(".")
        members[name] = extended(shapes, members[name], {rest: shape}) if rest else appended(shapes, shape)
    shapes.append({**shapes[index], "p": members})
    return len(shapes) - 1
