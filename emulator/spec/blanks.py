"""Decides what an object looks like before anything is said of it: every field that is always there, at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.spec.catalogue import Catalogue, Node


class Blanks:
    """Makes schema-complete objects; the skeleton of a kind is worked out once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._made: dict[str, Doc] = {}

    def blank(self, kind: str) -> Doc:
        """Return a new object of ``kind`` without an id: nulls, empty lists, false and 0 where nothing is said.

        Nested values are shared between all blanks of a kind: documents are never changed in place.
        """
        skeleton = self._made.get(kind)
        if skeleton is None:
            skeleton = self._made[kind] = self._object(self.catalogue.schema(kind), (kind,))
        return dict(skeleton)

    def nested(self, index: int) -> Any:
        """Return the blank of a shape, for a nested object that is given for the first time."""
        return self._value(self.catalogue.node(index), ())

    def _object(self, node: Node, within: tuple[str, ...]) -> Any:
        if node["t"] in ("any", "ref", "map", "arr", "list"):
            return self._value(node, within)
        required = set(node.get("req", ()))
        properties = node["p"]
        # Stripe prints the id and the object's name first, the rest by the alphabet.
        first = [name for name in ("id", "object") if name in properties]
        result: Doc = {}
        for name in (*first, *(name for name in properties if name not in first)):
            index = properties[name]
            inner = self.catalogue.node(index)
            if inner.get("null"):
                result[name] = None
            elif name in required and (name != "id" or len(within) > 1):
                result[name] = self._value(inner, within)
        return result

    def _value(self, node: Node, within: tuple[str, ...]) -> Any:
        kind = node["t"]
        if node.get("null") and kind != "obj":
            return None
        if kind == "str":
            return (
                node["enum"][0]
                if node.get("enum")
                else "1970-01-01T00:00:00.000Z"
                if node.get("f") == "date-time"
                else ""
            )
        if kind in ("int", "num", "bool"):
            return False if kind == "bool" else node.get("enum", [0])[0]
        if kind in ("arr", "map"):
            return [] if kind == "arr" else {}
        if kind == "list":
            return {"object": "list", "data": [], "has_more": False, "url": ""}
        if kind == "ref":
            # A kind that contains itself stops at an id.
            return (
                "" if node["to"] in within else self._object(self.catalogue.schema(node["to"]), (*within, node["to"]))
            )
        if kind == "any":
            return self._value(self.catalogue.node(node["v"][0]), within)
        return self._object(node, within)
