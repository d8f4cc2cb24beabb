"""Decides how the log of API calls is read: the latest of them, oldest first, and one with its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.control import errors
from emulator.control.call import limit_of, within
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.request_log import RequestRecord
from emulator.operations.space import Space


def listed(engine: Engine, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /requests`` answers: calls of the world's keys, the latest ``limit`` of those that match.

    ``path`` matches exactly, or the start of a path when it ends with ``*``. Raises the refusal of a status that is
    no number.
    """
    limit = limit_of(query)
    status = query.get("status")
    if status is not None and not (status.isascii() and status.isdigit()):
        raise errors.bad_value("status", "a status code")
    during = within(query)
    method, path = query.get("method", "").upper(), query.get("path", "")
    matching = [
        _shown(record)
        for record in engine.requests
        if record.key == space.key
        and (not method or record.method == method)
        and (not path or _is_path(record.path, path))
        and (status is None or record.status == int(status))
        and during(record.at)
    ]
    return {"data": matching[-limit:], "has_more": len(matching) > limit}


def _is_path(path: str, pattern: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _shown(record: RequestRecord) -> Doc:
    row: Doc = dict(record._asdict())
    row["duration_ms"] = round(row["duration_ms"], 3)
    row["truncated"] = record.truncated
    del row["key"], row["answer"], row["params_cut"]
    return row


def one(engine: Engine, space: Space, id: str) -> Doc:
    """Return one call with the body that it was answered with; raises 404.

    The answer is its JSON; of one that was too long for the log, its beginning as a text, and None once that is forgotten.
    """
    record = next((one for one in engine.requests if one.id == id and one.key == space.key), None)
    if record is None:
        raise errors.ControlError(f"no such request: {id}", status=404, hint="only the latest requests are kept")
    return {**_shown(record), "answer": _answer(record)}


def _answer(record: RequestRecord) -> Any:
    body = record.body
    if "answer" in record.truncated:
        return body.decode(errors="ignore") or None
    return orjson.loads(body) if body[:1] in (b"{", b"[") else None


def clear(engine: Engine, space: Space) -> None:
    """Forget the calls of a world."""
    engine.requests.forget(space.key)
