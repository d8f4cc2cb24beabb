"""Decides how the log of API calls is read: the latest of them, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.control import errors
from emulator.control.call import limit_of
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space


def listed(engine: Engine, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /requests`` answers: calls of the world's keys, the latest ``limit`` of those that match.

    ``path`` matches exactly, or the start of a path when it ends with ``*``.
    """
    limit = limit_of(query)
    status = query.get("status")
    if status is not None and not (status.isascii() and status.isdigit()):
        raise errors.bad_value("status", "a status code")
    method, path = query.get("method", "").upper(), query.get("path", "")
    matching = [
        _shown(record)
        for record in engine.requests
        if record.key == space.key
        and (not method or record.method == method)
        and (not path or _is_path(record.path, path))
        and (status is None or record.status == int(status))
    ]
    return {"data": matching[-limit:], "has_more": len(matching) > limit}


def _is_path(path: str, pattern: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _shown(record: Any) -> Doc:
    row: Doc = dict(record._asdict())
    row["duration_ms"] = round(row["duration_ms"], 3)
    del row["key"]
    return row
