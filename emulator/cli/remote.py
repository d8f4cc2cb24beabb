"""Decides how a world moves between a running server and a file."""

from __future__ import annotations

from typing import Any

import requests

from emulator.cli.output import UsageError, say
from emulator.store import worlds

SECONDS = 30


def save(url: str, key: str, file: str) -> int:
    """Write the world of ``key`` to ``file``; raises UsageError."""
    try:
        worlds.writable(file)
        call(url, key, "GET", "/clock")  # opens the world where the key is new
        document = call(url, key, "GET", f"/worlds/{key}/export")
        worlds.save(file, document)
    except worlds.WorldError as error:
        raise UsageError(str(error)) from None
    say(f"saved {_size(document)} of {key} to {file}")
    return 0


def load(url: str, key: str, source: str) -> int:
    """Make the world of ``key`` from a file or a fixture's name; raises UsageError for what is no world."""
    try:
        document = worlds.read(source)
        worlds.check(document, source)
    except worlds.WorldError as error:
        raise UsageError(str(error)) from None
    make(url, key, key, source, document)
    say(f"loaded {_size(document)} from {source} into {key}")
    return 0


def make(url: str, key: str, name: str, source: str, document: dict[str, Any]) -> dict[str, Any]:
    """Make the world ``name`` from what was read of ``source``; raises UsageError, with the file's name where it is at fault."""
    what: dict[str, Any] = {"fixture": source} if source in worlds.names() else {"document": document}
    try:
        return call(url, key, "POST", "/worlds", {"key": name, **what})
    except RefusedError as refused:
        if refused.words.startswith("document: "):
            raise UsageError(worlds.named(refused.words, source)) from None
        raise


def _size(document: dict[str, Any]) -> str:
    return f"{sum(len(table) for kind, table in document.items() if not kind.startswith('_'))} objects"


class RefusedError(UsageError):
    """A call that the server refused, with the status of its answer; ``words`` are the server's alone."""

    def __init__(self, base: str, words: str, status: int, hint: str | None = None) -> None:
        super().__init__(f"{base} refused: {words}" + (f" ({hint})" if hint else ""))
        self.words = words
        self.status = status


def call(
    url: str,
    key: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: dict[str, Any] | None = None,
    form: dict[str, str] | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Make a control call (or an API call, for a path from ``/v1`` on) and return its answer.

    Whatever goes wrong is a UsageError of one line; what the server refuses, a RefusedError.
    """
    base = url.rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise UsageError(f"an address begins with http:// or https://: {url!r}")
    headers = {"Authorization": f"Bearer {key}"}
    target = base + (path if path.startswith("/v1/") else f"/_emulator{path}")
    params = {name: value for name, value in (query or {}).items() if value is not None}
    try:
        answer = requests.request(method, target, json=body, data=form, params=params, headers=headers, timeout=seconds)
        content = answer.json()
    except requests.Timeout:
        raise UsageError(f"no answer from {base} within {seconds:g} s") from None
    except requests.ConnectionError:
        raise UsageError(f"nothing answers at {base}; is the server running?") from None
    except (requests.RequestException, ValueError) as error:
        raise UsageError(f"{base} is no stripe-emulator: {str(error)[:200]}") from None
    if not isinstance(content, dict) or not answer.ok:
        told = content.get("error") if isinstance(content, dict) else None
        told = told if isinstance(told, dict) else {}
        raise RefusedError(base, told.get("message") or str(answer.status_code), answer.status_code, told.get("hint"))
    return content
