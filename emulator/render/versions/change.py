"""Decides what a change between two API versions is: when it came, what it touches, and the two ways across it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.kernel.documents import Doc

EVERY_OPERATION = "*"


class Change:
    """One visible difference of a release; ``down`` and ``up`` are pure and leave untouched input as it is.

    ``down`` may get a part of an object (``previous_attributes`` of an event): it acts only on what is there.
    """

    since: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ()
    operations: ClassVar[tuple[str, ...]] = ()
    # References that the older shape carried as objects: kind -> paths to expand before going down.
    embeds: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # Newer parameter name -> the name that the older caller used, for the `param` of errors.
    names: ClassVar[Mapping[str, str]] = {}

    def down(self, doc: Doc) -> Doc:
        """Return the object as it was before this change."""
        return doc

    def up(self, operation_id: str, params: Doc, /) -> Doc:  # noqa: ARG002 - not all of them look at it
        """Return raw request parameters of a caller from before this change in the words that hold since."""
        return params


class Retired(Change):
    """Parameters that older callers may still send and that nothing reads any more: they are taken and dropped."""

    dropped: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def up(self, operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters without the retired ones of this operation."""
        for path in self.dropped[operation_id]:
            params = without(params, path)
        return params


def replaced(doc: Doc, path: str, value: Any) -> Doc:
    """Return ``doc`` with the value at a dotted path replaced, making the dictionaries on the way where absent."""
    first, _, rest = path.partition(".")
    if not rest:
        return {**doc, first: value}
    inner = doc.get(first)
    return {**doc, first: replaced(inner if isinstance(inner, dict) else {}, rest, value)}


def without(doc: Doc, path: str) -> Doc:
    """Return ``doc`` without the key at a dotted path; ``name[]`` goes through every element of an array.

    Raw arrays come as lists or, with indices written out, as dictionaries of index to element: both are walked.
    """
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    if name not in doc:
        return doc
    inner = doc[name]
    if not rest:
        return {key: value for key, value in doc.items() if key != name}
    if first != name:
        if isinstance(inner, list):
            return {**doc, name: [without(one, rest) if isinstance(one, dict) else one for one in inner]}
        if isinstance(inner, dict):
            each = {key: without(one, rest) if isinstance(one, dict) else one for key, one in inner.items()}
            return {**doc, name: each}
        return doc
    return {**doc, name: without(inner, rest)} if isinstance(inner, dict) else doc


def renamed(params: Doc, old: str, new: str) -> Doc:
    """Return the parameters with a top-level name replaced, its place in the order kept; ``new`` wins if both came."""
    if old not in params:
        return params
    if new in params:
        return without(params, old)
    return {new if key == old else key: value for key, value in params.items()}


def collapsed(doc: Doc, path: str) -> Doc:
    """Return ``doc`` with an expanded object at a dotted path put back to its id."""
    first, _, rest = path.partition(".")
    inner = doc.get(first)
    if not isinstance(inner, dict):
        return doc
    if not rest:
        return {**doc, first: inner.get("id")}
    after = collapsed(inner, rest)
    return doc if after is inner else {**doc, first: after}


def section(params: Doc, name: str) -> Doc | None:
    """Return a hash of raw parameters, ``{}`` where it is absent, or None where something else stands in its place."""
    inner = params.get(name, {})
    return inner if isinstance(inner, dict) else None
