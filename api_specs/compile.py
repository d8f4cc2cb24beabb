"""Turns an OpenAPI document of Stripe into the compact tables that the emulator reads: facts only, no prose.

    python api_specs/compile.py DOCUMENT [--events events.txt] [--prefixes id_prefixes.tsv]

writes ``<version>.json`` and ``PIN.toml`` beside this file. The format is told in SOURCES.md.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REF = "#/components/schemas/"
PROSE = {"description", "title", "summary", "deprecated", "x-derived", "x-resourceId", "pattern"}
KNOWN = PROSE | {
    "type", "enum", "nullable", "maxLength", "format", "properties", "required", "items", "anyOf", "$ref",
    "additionalProperties", "x-expandableFields", "x-expansionResources", "x-stripeBypassValidation",
}  # fmt: skip
FORMATS = {"unix-time", "currency", "decimal", "date-time", "int64", "binary"}
TYPES = {"string": "str", "integer": "int", "number": "num", "boolean": "bool"}


class RefusedError(Exception):
    """The document says something that the tables cannot hold."""


class Compiler:
    """Interns every distinct schema node once; nodes refer to each other by index."""

    def __init__(self, document: dict[str, Any], overlays: list[dict[str, Any]]) -> None:
        self.document = document
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        self.overlays = overlays
        self.enum_order = {frozenset(order): order for one in overlays for order in one.get("enum_order", [])}
        self.shapes: list[dict[str, Any]] = []
        self.seen: dict[str, int] = {}

    def intern(self, node: dict[str, Any]) -> int:
        """Return the index of a node, kept once."""
        key = json.dumps(node, sort_keys=True)
        if key not in self.seen:
            self.seen[key] = len(self.shapes)
            self.shapes.append(node)
        return self.seen[key]

    def node(self, schema: dict[str, Any], where: str) -> int:
        """Return the index of a schema; raises RefusedError for what the tables cannot hold."""
        if unknown := set(schema) - KNOWN:
            msg = f"{where}: unknown schema keywords {sorted(unknown)}"
            raise RefusedError(msg)
        node = self.bare(schema, where)
        if schema.get("nullable"):
            node["null"] = 1
        if schema.get("x-stripeBypassValidation"):
            node["open"] = 1
        if expansion := schema.get("x-expansionResources"):
            node["expand"] = [one["$ref"].removeprefix(REF) for one in expansion["oneOf"]]
        return self.intern(node)

    def bare(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Return a schema's own facts."""
        if "$ref" in schema:
            return {"t": "ref", "to": schema["$ref"].removeprefix(REF)}
        if "anyOf" in schema:
            return self.union(schema["anyOf"], where)
        kind = schema.get("type")
        if kind == "object":
            return self.object(schema, where)
        if kind == "array":
            return {"t": "arr", "v": self.node(schema["items"], where + "[]")}
        if kind in TYPES:
            return self.scalar(schema, kind, where)
        if kind is None and set(schema) <= PROSE | {"nullable"}:
            return {"t": "obj", "p": {}}
        msg = f"{where}: type {kind!r}"
        raise RefusedError(msg)

    def scalar(self, schema: dict[str, Any], kind: str, where: str) -> dict[str, Any]:
        """Return the facts of text, a number or a boolean."""
        node: dict[str, Any] = {"t": TYPES[kind]}
        if form := schema.get("format"):
            if form not in FORMATS:
                msg = f"{where}: format {form!r}"
                raise RefusedError(msg)
            node["f"] = form
        if "maxLength" in schema:
            node["max"] = schema["maxLength"]
        if "enum" in schema:
            values = [value for value in schema["enum"] if value != ""]
            if len(values) < len(schema["enum"]):
                node["clear"] = 1
            if values:
                node["enum"] = self.enum_order.get(frozenset(values), values)
        return node

    def union(self, options: list[dict[str, Any]], where: str) -> dict[str, Any]:
        """Return one of several shapes; an empty-string option means that it may be cleared."""
        clear = [one for one in options if one.get("enum") == [""]]
        rest = [one for one in options if one.get("enum") != [""]]
        several: dict[str, Any] = {"t": "any", "v": [self.node(one, where) for one in rest]}
        node = dict(self.shapes[self.node(rest[0], where)]) if len(rest) == 1 else several
        if clear:
            node["clear"] = 1
        return node

    def object(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Return the facts of an object, a map or an embedded list."""
        more = schema.get("additionalProperties")
        properties = schema.get("properties")
        if not properties and isinstance(more, dict):
            return {"t": "map", "v": self.node(more, where + "{}")}
        if properties and set(properties) >= {"data", "has_more", "object", "url"}:
            data = properties["data"]
            return {"t": "list", "v": self.node(data["items"], where + ".data[]")}
        node: dict[str, Any] = {
            "t": "obj",
            "p": {k: self.node(v, f"{where}.{k}") for k, v in (properties or {}).items()},
        }
        if schema.get("required"):
            node["req"] = sorted(schema["required"])
        if schema.get("x-expandableFields"):
            node["x"] = sorted(schema["x-expandableFields"])
        return node

    def parameters(self, operation: dict[str, Any], name: str) -> tuple[int, str]:
        """Return the merged node of query and body, and how the body is written."""
        properties: dict[str, int] = {}
        required: list[str] = []
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            properties[parameter["name"]] = self.node(parameter["schema"], f"{name}.{parameter['name']}")
            if parameter.get("required"):
                required.append(parameter["name"])
        encoding = ""
        for content_type, content in (operation.get("requestBody") or {}).get("content", {}).items():
            encoding = {
                "application/x-www-form-urlencoded": "form",
                "application/json": "json",
                "multipart/form-data": "multipart",
            }[content_type]
            schema = content["schema"]
            if "$ref" in schema:
                schema = self.schemas[schema["$ref"].removeprefix(REF)]
            for key, value in schema.get("properties", {}).items():
                properties[key] = self.node(value, f"{name}.{key}")
            required += schema.get("required", [])
        node: dict[str, Any] = {"t": "obj", "p": properties}
        if required:
            node["req"] = sorted(set(required))
        return self.intern(node), encoding

    def answer(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Say what an operation returns: one resource, one of several, a list or a search of one kind, a file."""
        content = operation["responses"]["200"].get("content", {})
        if "application/json" not in content:
            return {"file": next(iter(content), "")}
        schema = content["application/json"]["schema"]
        if "$ref" in schema:
            return {"one": [schema["$ref"].removeprefix(REF)]}
        if "anyOf" in schema:
            return {"one": [part["$ref"].removeprefix(REF) for part in schema["anyOf"]]}
        properties = schema.get("properties", {})
        if "data" in properties:
            items = properties["data"]["items"]
            kinds = [items] if "$ref" in items else items["anyOf"]
            form = "page" if "next_page_url" in properties else "search" if "next_page" in properties else "list"
            return {form: [one["$ref"].removeprefix(REF) for one in kinds]}
        return {"one": []}

    def operations(self) -> dict[str, Any]:
        """Return every operation's row."""
        table: dict[str, Any] = {}
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                name = operation["operationId"]
                node, encoding = self.parameters(operation, name)
                row: dict[str, Any] = {"m": method.upper(), "p": path, "in": node, "out": self.answer(operation)}
                if encoding:
                    row["body"] = encoding
                table[name] = row
        return table

    def tables(self, events: dict[str, str], prefixes: dict[str, str]) -> dict[str, Any]:
        """Return the whole of the tables."""
        operations = self.operations()
        schemas = {}
        for name, schema in self.schemas.items():
            if not name.startswith("v2.error."):
                schemas[name] = self.node({k: v for k, v in schema.items() if k != "nullable"}, name)
        includable: dict[str, list[str]] = {}
        for overlay in self.overlays:
            prefixes.update(overlay.get("prefixes", {}))
            for kind, fields in overlay.get("includable", {}).items():
                includable.setdefault(kind, []).extend(fields)
        resources = sorted(name for name, schema in self.schemas.items() if "x-resourceId" in schema)
        return {
            "version": self.document["info"]["version"],
            "operations": operations,
            "resources": resources,
            "schemas": schemas,
            "shapes": self.shapes,
            "events": events,
            "prefixes": prefixes,
            "includable": {kind: sorted(set(fields)) for kind, fields in sorted(includable.items())},
        }


def columns(path: Path | None) -> dict[str, str]:
    """Read the first two columns of a tab separated file."""
    if path is None:
        return {}
    rows = (line.split("\t") for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


def main() -> int:
    """Compile the document named on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Compile an OpenAPI document of Stripe into api_specs/<version>.json")
    parser.add_argument("document", type=Path)
    parser.add_argument("--events", type=Path, help="event types and the kinds they carry, tab separated")
    parser.add_argument("--prefixes", type=Path, help="id prefix of each resource, tab separated")
    parser.add_argument("--source", default="", help="what PIN.toml says of where the document is from")
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args()
    raw = given.document.read_bytes()
    document = json.loads(gzip.decompress(raw) if given.document.suffix == ".gz" else raw)
    overlays = [json.loads(path.read_text()) for path in sorted((HERE / "overlays").glob("*.json"))]
    prefixes = {kind: value.rstrip("_") for kind, value in columns(given.prefixes).items() if value not in ("", "obj_")}
    try:
        tables = Compiler(document, overlays).tables(columns(given.events), prefixes)
    except RefusedError as refusal:
        print(f"refused: {refusal}", file=sys.stderr)
        return 2
    version = tables["version"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(\.\w+)?", version):
        print(f"refused: version {version!r}", file=sys.stderr)
        return 2
    text = json.dumps(tables, separators=(",", ":"), sort_keys=False) + "\n"
    (given.out / f"{version}.json").write_text(text)
    sha = hashlib.sha256(text.encode()).hexdigest()
    source_sha = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    (given.out / "PIN.toml").write_text(
        f'version = "{version}"\ntables = "{version}.json"\ntables_sha256 = "{sha}"\n'
        f'document_sha256 = "{source_sha}"\nsource = "{given.source}"\n'
        f"operations = {len(tables['operations'])}\nschemas = {len(tables['schemas'])}\nevents = {len(tables['events'])}\n"
    )
    print(
        f"{version}: {len(tables['operations'])} operations, {len(tables['schemas'])} schemas, {len(text) // 1024} KiB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
