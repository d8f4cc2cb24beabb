"""Decides how a control call reads its key, its query and its JSON body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from emulator.control import errors
from emulator.control.description import Described
from emulator.kernel import durations
from emulator.kernel.documents import Doc

PREFIX = "/_emulator"
DEFAULT_KEY = "sk_test_demo"
LIMIT, MOST = 100, 10_000


class Call:
    """One request to the control API."""

    def __init__(
        self, request: web.Request, places: Mapping[str, str], body: bytes, described: Described | None = None
    ) -> None:
        self.request = request
        self.places = places
        self._body = body
        self._described = described or Described("")

    @property
    def key(self) -> str:
        """Return the key of the world that the call is about."""
        return key_of(self.request.headers.get("Authorization"))

    def query(self, *known: str) -> dict[str, str]:
        """Return the query; refuses parameters that are neither described nor ``known``."""
        known = known or tuple(self._described.query)
        given = dict(self.request.query)
        if unknown := [name for name in given if name not in known]:
            raise errors.unknown_members(unknown, list(known))
        return given

    def body(self, *known: str) -> Doc:
        """Return the JSON object of the body, {} when it is empty; refuses members neither described nor ``known``."""
        known = known or tuple(self._described.body)
        if not self._body.strip():
            return {}
        try:
            given = orjson.loads(self._body)
        except orjson.JSONDecodeError as error:
            raise errors.ControlError(f"the body is not JSON: {error}") from None
        if not isinstance(given, dict):
            raise errors.ControlError("the body must be a JSON object")
        if not self._described.free and (unknown := [name for name in given if name not in known]):
            raise errors.unknown_members(unknown, list(known))
        return given


def key_of(header: str | None) -> str:
    """Return the key of an Authorization header, Bearer or Basic as the API takes it; the demo key without one.

    Raises ControlError for a header that holds none.
    """
    if not header:
        return DEFAULT_KEY
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            value = ""
    elif scheme.lower() != "bearer":
        value = ""
    if not value:
        raise errors.ControlError(
            "the Authorization header holds no key", status=401, hint="send Authorization: Bearer sk_test_ANYTHING"
        )
    return value


def limit_of(query: Mapping[str, str], default: int = LIMIT, name: str = "limit") -> int:
    """Return how many rows a list is to show, by the parameter of a name; raises ControlError for what is no such number."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST:
        raise errors.bad_value(name, f"a number from 1 to {MOST}")
    return int(text)


def within(query: Mapping[str, str]) -> Callable[[int], bool]:
    """Return the test of ``after`` (inclusive) and ``before`` (exclusive), instants in unix seconds; raises ControlError."""
    bounds: dict[str, int] = {}
    for name in ("after", "before"):
        text = query.get(name)
        if text is not None:
            if not text.isascii() or not text.isdigit():
                raise errors.bad_value(name, "a time in unix seconds")
            bounds[name] = int(text[:12])
    first, end = bounds.get("after", 0), bounds.get("before", durations.END_OF_TIME + 1)
    return lambda at: first <= at < end


def seconds_of(value: str | float | None, name: str, default: float, most: float) -> float:
    """Return how long to wait (seconds), given as a number or its text; raises ControlError for too long a time."""
    if value is None:
        return default
    try:
        seconds = -1.0 if isinstance(value, bool) else float(value)
    except (ValueError, TypeError):
        seconds = -1.0
    if not 0 <= seconds <= most:
        raise errors.bad_value(name, f"seconds from 0 to {most:g}")
    return seconds


def text_of(body: Doc, name: str, *, hint: str | None = None) -> str:
    """Return a member that must be a text with something in it; raises ControlError."""
    value = body.get(name)
    if value is None:
        raise errors.missing(name, hint=hint)
    if not isinstance(value, str) or not value:
        raise errors.bad_value(name, "a text", hint=hint)
    return value


def time_of(value: Any, name: str) -> int:
    """Return a member that must be a unix time in seconds; raises ControlError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= durations.END_OF_TIME:
        raise errors.bad_value(name, "a time in unix seconds")
    return value


def reply(data: Any, status: int = 200) -> web.Response:
    """Return a JSON answer, indented as the API's are."""
    body = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
    return web.Response(
        body=body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
