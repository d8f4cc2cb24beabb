"""Decides what each control call takes and answers, in words: the calls refuse what is not here, and OpenAPI is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

Schema = dict[str, Any]
NOTHING: Final[Mapping[str, Schema]] = MappingProxyType({})


class Described(NamedTuple):
    """One call: what it does, its query and body by name, and what a good answer holds; ``free`` takes any member."""

    words: str
    query: Mapping[str, Schema] = NOTHING
    body: Mapping[str, Schema] = NOTHING
    answer: tuple[str, ...] = ()
    free: bool = False
    more: tuple[int, ...] = ()  # further statuses than 200, 400, 401 and 403
    needs: tuple[str, ...] = ()  # what the body must hold
    one_of: tuple[str, ...] = ()  # of which it must hold at least one


def text(words: str, *known: str) -> Schema:
    """Describe a text."""
    return {"type": "string", "description": words, **({"enum": list(known)} if known else {})}


def number(words: str) -> Schema:
    """Describe a whole number."""
    return {"type": "integer", "description": words}


def _any(words: str, kind: str | None = None) -> Schema:
    return {"description": words, **({"type": kind} if kind else {})}


def _types(words: str) -> Schema:
    return {"type": "array", "items": {"type": "string"}, "description": words}


TYPE = text("an event type or a family such as customer.*; several are separated by commas")
OBJECT = text("the id of the object that it is about")
CUSTOMER = text("the id of the customer that it is about, or whose object it is about")
LIMIT = number("how many rows at most, from 1 to 10000; 100 without it")
AFTER, BEFORE = number("from this instant on (unix seconds)"), number("before this instant (unix seconds)")
TIMEOUT = {"type": "number", "description": "seconds to wait at most, from 0 to 60; 10 without it"}
TIMES = {"after": AFTER, "before": BEFORE}
STATUS = text("the state of the delivery", "pending", "succeeded", "failed", "recorded")
OF_DELIVERY = {
    "type": TYPE, "object": OBJECT, "customer": CUSTOMER, "event": text("the id of the event"), "endpoint": text("the endpoint's id or URL"),
    "status": STATUS, **TIMES,
}  # fmt: skip
KEY = text("a secret key, sk_test_ANYTHING")
PAGE = ("data", "has_more")
WORLD = ("key", "fixture", "objects", "created", "account")
MAIL = ("id", "at", "to", "about", "subject", "text", "html", "links", "code")
CLOCK = ("now", "mode", "next")
DURATION = _any('seconds as a number, or "90s", "5m", "1h", "30d", "2w", "1mo", "1y"')
FAULT = ("id", "match", "action", "times", "seed", "preset", "seen", "used", "left", "until")
DELIVERY = (
    *("id", "event", "type", "endpoint", "url", "attempt", "status", "at"),
    *("latency_ms", "request", "response", "error", "order", "fault"),
)

CALLS: Final[dict[str, Described]] = {
    "GET ": Described("List the calls.", answer=("calls",)),
    "GET openapi.json": Described("Describe the calls.", answer=("openapi", "info", "paths", "components")),
    "GET health": Described("Say that the server is up, and what it is.", answer=("status", "version", "api_version", "store")),
    "GET ready": Described("Say whether the background tasks run.", answer=("status",), more=(503,)),
    "GET coverage": Described("Say what is emulated.", answer=("operations", "events")),
    "GET worlds": Described("List the open worlds.", answer=("data",)),
    "POST worlds": Described(
        "Make or replace the world of a key.",
        body={
            "key": KEY, "fixture": text("the name of a fixture world or a file"), "document": _any("a world document", "object"),
        },
        answer=WORLD, needs=("key",),
    ),
    "DELETE worlds/{key}": Described("Forget a world.", more=(404,)),
    "POST worlds/{key}/reset": Described("Bring a world back to what it was made from.", more=(404,)),
    "POST worlds/{key}/fork": Described(
        "Copy a world to another key.", body={"to": KEY}, answer=WORLD, more=(404,), needs=("to",)
    ),
    "POST worlds/{key}/snapshot": Described("Remember a world as it is.", answer=("snapshot",), more=(404,)),
    "POST worlds/{key}/restore": Described(
        "Bring a world back to a snapshot.", body={"snapshot": text("the name of the snapshot")}, more=(404,), needs=("snapshot",)
    ),
    "GET worlds/{key}/export": Described("Return a world as a document.", answer=("_meta",), more=(404,)),
    "GET clock": Described("Read the clock, and what will happen next.", answer=CLOCK),
    "POST clock": Described(
        "Move the clock; everything that is due until then has happened when the answer comes.",
        body={
            "freeze": _any("true, or the instant to stop at (unix seconds)"), "advance": DURATION,
            "advance_to": number("an instant (unix seconds)"), "real": {"type": "boolean", "description": "true: follow real time"},
        },
        answer=CLOCK, more=(409,), one_of=("freeze", "advance", "advance_to", "real"),
    ),
    "GET events": Described(
        "Read events, oldest first.",
        query={
            "type": TYPE, "object": OBJECT, "customer": CUSTOMER, "since": text("the id of the event after which to begin"), "limit": LIMIT,
            "last": number("the latest ones, this many; has_more then tells of earlier ones"), **TIMES,
        },
        answer=PAGE, more=(404,),
    ),
    "GET events/wait": Described(
        "Wait for an event.",
        query={"type": TYPE, "object": OBJECT, "customer": CUSTOMER, "since": text("the id of the event after which to begin"), "timeout": TIMEOUT},
        answer=("id", "object", "type", "created", "data"), more=(404, 408),
    ),
    "POST events/{id}/resend": Described(
        "Send an event again.", body={"endpoint": text("to this endpoint only")}, answer=("data",), more=(404,)
    ),
    "GET deliveries": Described("Read webhook deliveries, oldest first.", query={**OF_DELIVERY, "limit": LIMIT}, answer=PAGE),
    "GET deliveries/wait": Described(
        "Wait for deliveries whose attempt was made.",
        query={**OF_DELIVERY, "count": number("how many; one without it"), "timeout": TIMEOUT}, answer=PAGE, more=(408,),
    ),
    "DELETE deliveries": Described("Forget webhook deliveries; what was still to be sent is not."),
    "POST deliveries/{id}/replay": Described("Make a further attempt of a delivery at once.", answer=DELIVERY, more=(404,)),
    "POST endpoints": Described(
        "Point webhooks at a receiver, with a secret of one's own choice.",
        body={
            "url": text("http://..., https://..., or record://NAME for what is only kept"), "secret": text("whsec_..."),
            "enabled_events": _types("the types or families that it gets; all without it"), "api_version": text("the version of its events"),
        },
        answer=("id", "object", "url", "enabled_events", "status"), needs=("url", "secret"),
    ),
    "POST expectations": Described(
        "Hold what came against what was expected, as soon as that is decided; the difference comes as text.",
        body={
            "exactly": _types("these types in this order, and nothing else"), "contains": _types("these in this order, others between"),
            "any_order": _types("these in whatever order"), "none_of": _types("none of these"),
            "of": text("what is looked at; events without it", "events", "deliveries"), "object": OBJECT, "customer": CUSTOMER,
            "since": text("the id of the event after which to begin"), "endpoint": text("of deliveries: the endpoint's id or URL"),
            "within": {"type": "number", "description": "seconds that it may take, from 0 to 60; 5 without it"},
        },
        answer=("met", "diff", "came"), more=(404,), one_of=("exactly", "contains", "any_order", "none_of"),
    ),
    "GET requests": Described(
        "Read the log of API calls, oldest first.",
        query={
            "method": text("the HTTP method"), "path": text("a path, or its beginning and *"), "status": number("the HTTP status"),
            "limit": LIMIT, **TIMES,
        },
        answer=PAGE,
    ),
    "GET requests/{id}": Described(
        "Read one API call with its answer.",
        answer=("id", "at", "method", "path", "params", "status", "duration_ms", "idempotency_key", "api_version", "error",
            "truncated", "answer_bytes", "answer"),
        more=(404,),
    ),
    "DELETE requests": Described("Forget the log of API calls."),
    "GET mail": Described(
        "Read the mail that was sent, newest first; a page for browsers.",
        query={"to": text("the recipient"), "key": text("the world's key, for browsers"), "limit": LIMIT},
        answer=PAGE,
    ),
    "GET mail/wait": Described(
        "Wait for a mail: the newest, or the first after the one that is named.",
        query={
            "to": text("the recipient"), "since": text("the id of the mail after which to begin"), "timeout": TIMEOUT,
            "key": text("the world's key, for browsers"),
        },
        answer=MAIL, more=(404, 408),
    ),
    "GET mail/{id}": Described(
        "Read one mail; a page for browsers.", query={"key": text("the world's key, for browsers")},
        answer=MAIL, more=(404,),
    ),
    "DELETE mail": Described("Forget the mail that was sent.", query={"to": text("the recipient")}),
    "GET faults": Described("List the rules by which things go wrong.", answer=("data",)),
    "POST faults": Described(
        "Let something go wrong.",
        body={
            "preset": text("a rule with a name (GET /faults/presets)"),
            "match": _any("method, path, key, object, type, endpoint, nth, probability", "object"),
            "action": _any("error, latency, connection, search_lag, webhook", "object"),
            "times": number("how often it acts; always without it, once with nth"), "seed": _any("a text or a number"),
            "for": _any('real seconds that the rule lasts, as a number or as "500ms", "90s"'),
        },
        answer=FAULT, one_of=("preset", "action"),
    ),
    "DELETE faults": Described("Take all rules back."),
    "DELETE faults/{id}": Described("Take one rule back.", more=(404,)),
    "GET faults/presets": Described("List the rules that have names.", answer=("data",)),
    "GET acts": Described("List what the outside world can be made to do.", answer=("data",)),
    "POST acts/{act}": Described(
        "Let the outside world act: banks, authorities, the customer.",
        body={
            "object": text("the id of what it is about"), "outcome": text("how it ends"), "reason": text("why"),
            "code": text("of a returned debit"), "name": text("the name that was verified"), "address": text("the address that was"),
        },
        answer=("id", "object"), more=(404,), needs=("object",),
    ),
    "GET settings": Described("Read the settings of the account.", answer=("country", "default_currency")),
    "POST settings": Described("Change settings of the account.", free=True, answer=("country", "default_currency")),
}  # fmt: skip
