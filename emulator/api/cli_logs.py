"""Decides which API calls ``stripe logs tail`` hears of, and what it is told of each (facts stripe-listen)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from emulator.kernel.errors import invalid_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.operations.engine import Engine
    from emulator.operations.request_log import RequestRecord

LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})  # where all callers of an emulator are (choice)
SUCCEEDED: Final = frozenset({200, 201, 202})
ERROR_SHOWN: Final = ("type", "charge", "code", "decline_code", "message", "param")
FILTERS: Final = frozenset(
    {
        "filter_account", "filter_http_method", "filter_ip_address", "filter_request_path", "filter_request_status",
        "filter_source", "filter_status_code", "filter_status_code_type",
    }
)  # fmt: skip


def bad_filters() -> StripeError:
    """Build the refusal of filters that are none; words are a choice."""
    return invalid_request("Invalid filters: must be a JSON object of lists of text.", param="filters")


def filters_of(text: str | None) -> dict[str, frozenset[str]]:
    """Return the filters of a session, in upper case, without empty ones; raises the refusal of what is no such object."""
    if not text:
        return {}
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad_filters() from None
    if not isinstance(given, dict) or not all(_is_list(value) for value in given.values()):
        raise bad_filters()
    return {name: frozenset(one.upper() for one in given[name]) for name in FILTERS if given.get(name)}


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


class Tail(NamedTuple):
    """One session that hears of the calls of a key; ``hear`` takes a message."""

    key: str
    livemode: bool
    filters: dict[str, frozenset[str]]
    hear: Callable[[str], None]

    def wants(self, record: RequestRecord) -> bool:
        """Say whether a call is one of the key's, on its account or a connected one, and passes the filters."""
        own, _, connected = record.key.partition("/")
        return own == self.key and all(value & _about(name, record, connected) for name, value in self.filters.items())


def _about(name: str, record: RequestRecord, connected: str) -> frozenset[str]:
    """Return what a filter may say to let a call pass."""
    status = record.status
    match name:
        case "filter_account":
            return frozenset({"CONNECT_OUT"} if connected else {"SELF"})
        case "filter_http_method":
            return frozenset({record.method})
        case "filter_ip_address":
            return frozenset(one.upper() for one in LOCAL)
        case "filter_request_path":
            return frozenset({record.path.upper()})
        case "filter_request_status":
            return frozenset({"SUCCEEDED" if status in SUCCEEDED else "FAILED"})
        case "filter_source":
            return frozenset({"API"})
        case "filter_status_code":
            return frozenset({str(status)})
        case _:
            return frozenset({f"{status // 100}00", f"{status // 100}XX"})


def message(record: RequestRecord, *, livemode: bool) -> str:
    """Return what a tail is told of a call."""
    payload = {
        "created_at": record.at,
        "livemode": livemode,
        "method": record.method,
        "request_id": record.id,
        "status": record.status,
        "url": record.path,
        "error": _error(record),
    }
    text = orjson.dumps(payload).decode()
    return orjson.dumps({"type": "request_log_event", "event_payload": text, "request_log_id": record.id}).decode()


def _error(record: RequestRecord) -> Doc:
    if record.status < 400 or record.body[:1] != b"{" or record.truncated:
        return {}
    members = orjson.loads(record.body).get("error")
    if not isinstance(members, dict):
        return {}
    return {name: members[name] for name in ERROR_SHOWN if isinstance(members.get(name), str)}


class Tails:
    """All who follow the log; while there are none, logging a call costs nothing more."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tails: list[Tail] = []

    def add(self, tail: Tail) -> None:
        """Tell a session of every call from now on."""
        self._tails.append(tail)
        self._engine.requests.hear = self._tell

    def remove(self, tail: Tail) -> None:
        """Tell a session no more."""
        self._tails.remove(tail)
        if not self._tails:
            self._engine.requests.hear = None

    def _tell(self, record: RequestRecord) -> None:
        for tail in self._tails:
            if tail.wants(record):
                tail.hear(message(record, livemode=tail.livemode))
