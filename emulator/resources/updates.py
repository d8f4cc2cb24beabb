"""Decides how given parameters change an object: absent is untouched, None clears, nested objects merge, lists replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc

MAPS = frozenset({"metadata"})


def merge_map(before: Doc | None, given: Doc | None) -> Doc:
    """Return metadata after an update: merged per key, None deletes a key, a cleared map is empty."""
    if given is None:
        return {}
    result = dict(before or {})
    for key, value in given.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def apply(doc: Doc, params: Doc, blank: Callable[[str], Any] | None = None) -> Doc:
    """Return ``doc`` after Stripe's update rule.

    ``blank`` gives the empty value of a top-level field, for nested objects that are given for the first time.
    """
    result = dict(doc)
    for key, value in params.items():
        if key in MAPS:
            result[key] = merge_map(result.get(key), value)
        elif isinstance(value, dict):
            before = result.get(key)
            if not isinstance(before, dict) and blank is not None:
                before = blank(key)
            result[key] = merged(before, value) if isinstance(before, dict) else value
        else:
            result[key] = value
    return result


def merged(before: Doc, given: Doc) -> Doc:
    """Return a nested object after an update: leaf by leaf."""
    result = dict(before)
    for key, value in given.items():
        old = result.get(key)
        if key in MAPS:
            result[key] = merge_map(old, value)
        else:
            result[key] = merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
    return result
