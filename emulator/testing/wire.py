"""Decides how a test talks to a server: one kept connection per thread, JSON for control calls, forms for the API."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

TOLD = 10  # events that a wait in vain tells of
TIMEOUT = 120.0  # seconds: a year of a big world may pass in one call


class RefusedError(Exception):
    """A call that the server refused; ``status`` and ``error`` hold what it said."""

    def __init__(self, status: int, error: dict[str, Any], call: str) -> None:
        self.status = status
        self.error = error
        hint = f" ({error['hint']})" if error.get("hint") else ""
        super().__init__(f"{call}: {error.get('message', status)}{hint}")


def pairs(params: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested parameters as Stripe's form encoding has them."""
    if isinstance(params, dict):
        for key, value in params.items():
            yield from pairs(value, f"{name}[{key}]" if name else str(key))
    elif isinstance(params, (list, tuple)):
        for place, value in enumerate(params):
            yield from pairs(value, f"{name}[{place}]")
    elif isinstance(params, bool):
        yield name, "true" if params else "false"
    else:
        yield name, "" if params is None else str(params)


class Wire:
    """Calls one server as one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._local = threading.local()
        self._opened: list[http.client.HTTPConnection] = []  # of all threads: waiting is done in others

    def control(self, method: str, path: str, body: Any = None, /, **query: Any) -> dict[str, Any]:
        """Make a control call such as ``GET /clock``; raises RefusedError."""
        __tracebackhide__ = True
        given = {name: str(value) for name, value in query.items() if value is not None}
        url = f"/_emulator{path}" + (f"?{urlencode(given)}" if given else "")
        data = None if body is None else orjson.dumps(body)
        return self._call(method, url, data, "application/json")

    def awaited(self, path: str, **query: Any) -> dict[str, Any]:
        """Make a control call that waits; RefusedError of one that waited in vain tells of what came instead."""
        __tracebackhide__ = True
        try:
            return self.control("GET", path, **query)
        except RefusedError as late:
            if late.status == HTTPStatus.REQUEST_TIMEOUT:
                types = [row["type"] for row in self.control("GET", "/events", last=TOLD)["data"]]
                late.add_note(f"the latest events: {', '.join(types)}" if types else "no events at all")
            raise

    def api(self, method: str, path: str, params: Any = None, **headers: str) -> dict[str, Any]:
        """Make an API call such as ``POST /v1/customers``; raises RefusedError with Stripe's own words."""
        __tracebackhide__ = True
        form = urlencode(list(pairs(params or {})))
        if method in ("GET", "DELETE"):
            return self._call(method, f"{path}?{form}" if form else path, None, "", **headers)
        return self._call(method, path, form.encode(), "application/x-www-form-urlencoded", **headers)

    def _call(self, method: str, url: str, data: bytes | None, type: str, **headers: str) -> dict[str, Any]:
        __tracebackhide__ = True
        sent = {
            "Authorization": f"Bearer {self.key}",
            **({"Content-Type": type} if data is not None else {}),
            **headers,
        }
        status, raw = self._exchange(method, quote(url, safe="/?&=%[]:.,+*~-_{}"), data, sent)
        content: Any = orjson.loads(raw) if raw[:1] in (b"{", b"[") else {}
        if status != 200 or not isinstance(content, dict):
            told = content.get("error") if isinstance(content, dict) else None
            raise RefusedError(status, told if isinstance(told, dict) else {}, f"{method} {url}")
        return content

    def _exchange(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send a request over this thread's connection; one that was closed while it was idle is opened anew."""
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            try:
                return self._on(kept, method, url, data, headers)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                kept.close()
        address = urlsplit(self.url)
        opened = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=TIMEOUT)
        self._local.connection = opened
        self._opened.append(opened)
        return self._on(opened, method, url, data, headers)

    def _on(
        self, line: http.client.HTTPConnection, method: str, url: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        try:
            line.request(method, url, data, headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self._local.connection = None
            line.close()
            raise

    def close(self) -> None:
        """Close the connections of all threads; a call after that opens a new one."""
        self._local = threading.local()
        while self._opened:
            self._opened.pop().close()
