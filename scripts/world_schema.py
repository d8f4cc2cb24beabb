"""Decides what editors know of world files: the schema that loading checks, with the fields of billing's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.durations import is_time
from emulator.operations.world_files import HELD
from emulator.spec.catalogue import catalogue
from emulator.store.worlds import SCHEMA

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.spec.catalogue import Node

TYPES = {"str": "string", "int": "integer", "num": "number", "bool": "boolean"}
TIME: Doc = {
    "type": ["integer", "string"],
    "description": 'Unix seconds, or a time told from the moment of loading: "now", "-40d", "+3h", "-1mo+2d".',
}
(TABLE,) = SCHEMA["patternProperties"].values()
(ROW,) = TABLE["patternProperties"].values()
(PLACE,) = TABLE["patternProperties"]


class Editor:
    """Turns shapes of the API description into JSON Schema; each named shape is told once."""

    def __init__(self) -> None:
        self.known = catalogue()
        self.named: dict[str, Doc] = {}

    def table(self, kind: str) -> Doc:
        """Return the schema of a table of objects of a kind."""
        fields = self._fields(self.known.schema(kind))
        row = {**ROW, "properties": {**fields, "id": ROW["properties"]["id"], "object": {"const": kind}}}
        return {**TABLE, "patternProperties": {PLACE: row}}

    def _fields(self, node: Node) -> Doc:
        return {name: self._shape(self.known.node(index), name) for name, index in node["p"].items()}

    def _shape(self, node: Node, name: str = "") -> Doc:
        timely = is_time(name)
        shape = TIME if node["t"] == "int" and timely else self._plain(node)
        if not node.get("null") or not shape:
            return shape
        types = shape.get("type")
        if types is None:
            return {"anyOf": [shape, {"type": "null"}]}
        told = {**shape, "type": [*([types] if isinstance(types, str) else types), "null"]}
        return {**told, "enum": [*shape["enum"], None]} if "enum" in shape else told

    def _plain(self, node: Node) -> Doc:
        kind = node["t"]
        if kind in TYPES:
            held = "enum" in node and not node.get("open")
            return {
                "type": TYPES[kind],
                **({"enum": ["", *node["enum"]] if kind == "str" else node["enum"]} if held else {}),
            }
        if "expand" in node:
            return {"type": "string", "description": f"The id of a {node['expand'][0]}."}
        if kind == "ref":
            return self._named(node["to"])
        if kind == "arr":
            return {"type": "array", "items": self._shape(self.known.node(node["v"]))}
        if kind == "list":
            rows = {"type": "array", "items": self._shape(self.known.node(node["v"]))}
            return {"type": "object", "properties": {"data": rows}}
        if kind == "obj":
            return {"type": "object", "properties": self._fields(node)}
        return {"type": "object"} if kind == "map" else {}

    def _named(self, name: str) -> Doc:
        if name not in self.named:
            self.named[name] = {}  # a shape that holds itself finds its name
            node = self.known.schema(name)
            told = self._shape(node)
            # Objects are kept with the ids of others in their places.
            self.named[name] = {"anyOf": [told, {"type": "string"}]} if name in self.known.resources else told
        return {"$ref": f"#/$defs/{name}"}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``fixtures/world.schema.json``."""
    editor = Editor()
    tables = {kind: editor.table(kind) for kind in sorted(HELD)}
    return {**SCHEMA, "properties": {**SCHEMA["properties"], **tables}, "$defs": editor.named}
