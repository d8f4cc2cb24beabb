"""Decides how documents change: never in place, always as new values that share what stayed the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Doc = dict[str, Any]


def changed(doc: Doc, **fields: Any) -> Doc:
    """Return a shallow copy of ``doc`` with ``fields`` replaced."""
    return {**doc, **fields}


def patched(doc: Doc, changes: Mapping[str, Any]) -> Doc:
    """Return ``doc`` with ``changes`` merged in depth; lists and scalars replace, untouched parts are shared."""
    result = dict(doc)
    for key, value in changes.items():
        before = result.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            result[key] = patched(before, value)
        else:
            result[key] = value
    return result


def at(doc: Any, path: str) -> Any:
    """Return the value at a dotted ``path`` of nested documents, or None where the way ends early."""
    for step in path.split("."):
        if not isinstance(doc, dict):
            return None
        doc = doc.get(step)
    return doc
