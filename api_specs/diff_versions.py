"""Decides which fields of the newest shape each older API version did not know, from older API descriptions.

    python api_specs/diff_versions.py NEWEST OLDER [OLDER ...]

reads OpenAPI documents (``.json`` or ``.json.gz``) and writes

* ``emulator/render/versions/added_fields.json``: version -> kind -> paths that arrived with it;
* ``tests/contract/data/versions.json``: what the contract test needs to judge an answer in each older version.

A description says only that a field was unknown at its own version. ``added_on.json`` knows the exact release of
many fields; for the rest the field counts as known from the first release after the one that lacked it. That is a
choice: a field too many does less harm to a caller than a field too few. Facts only, no prose, leave the documents.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ADDED = HERE.parent / "emulator" / "render" / "versions" / "added_fields.json"
JUDGED = HERE.parent / "tests" / "contract" / "data" / "versions.json"
SOURCE = (
    "Difference of the API descriptions named in `compared`, dated by api_specs/added_on.json; see diff_versions.py."
)

Tree = dict[str, Any]


class Description:
    """One API description, read for the shapes of its resources."""

    def __init__(self, path: Path) -> None:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        self.document: dict[str, Any] = json.loads(text)
        self.version: str = self.document["info"]["version"]
        self.schemas: dict[str, Any] = self.document["components"]["schemas"]
        self.kinds = {kind: name for name in self.schemas if (kind := self.kind(name))}

    def kind(self, name: str) -> str | None:
        """Return the value of ``object`` that the resource of this schema carries, or None for no resource."""
        values = self.schemas[name].get("properties", {}).get("object", {}).get("enum", [])
        return values[0] if len(values) == 1 and not name.startswith("deleted_") and values[0] != "list" else None

    def tree(self, kind: str) -> Tree:
        """Return every path of a resource as nested names; ``[]`` is an element, ``*`` any key, ``@`` a resource."""
        name = self.kinds[kind]
        grown: Tree = {}
        self.grow(self.schemas[name], grown, (name,), top=True)
        return grown

    def grow(self, schema: dict[str, Any], tree: Tree, above: tuple[str, ...], *, top: bool = False) -> None:
        """Add the names below ``schema`` to ``tree``; other resources are leaves, they are compared on their own."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            if kind := self.kind(name):
                tree.setdefault("@", kind)
            elif name not in above and not name.startswith("deleted_"):
                self.grow(self.schemas[name], tree, (*above, name))
            return
        for key in ("anyOf", "oneOf", "allOf"):
            for branch in schema.get(key, ()):
                self.grow(branch, tree, above)
        for name, inner in schema.get("properties", {}).items():
            self.grow(inner, tree.setdefault(name, {}), above)
        if top or "required" in schema:
            tree["!"] = sorted(set(tree.get("!", ())) | set(schema.get("required", ())))
        if "items" in schema:
            self.grow(schema["items"], tree.setdefault("[]", {}), above)
        if isinstance(schema.get("additionalProperties"), dict):
            self.grow(schema["additionalProperties"], tree.setdefault("*", {}), above)


def unknown(new: Tree, old: Tree, path: str = "") -> list[str]:
    """Return the paths of ``new`` that ``old`` has not, the highest of each branch only."""
    found: list[str] = []
    for name, inner in new.items():
        if name in {"@", "!"}:
            continue
        here = f"{path}[]" if name == "[]" else f"{path}.{name}".lstrip(".")
        found += unknown(inner, old[name], here) if name in old else [here]
    return sorted(found)


def wanted(old: Tree, new: Tree, path: str = "") -> dict[str, list[str]]:
    """Return per path the names that ``old`` demands and ``new`` does not: what a way back has to supply."""
    found: dict[str, list[str]] = {}
    if more := sorted(set(old.get("!", ())) - set(new.get("!", ()))):
        found[path] = more
    for name, inner in old.items():
        if name not in {"@", "!"} and name in new:
            found |= wanted(inner, new[name], f"{path}[]" if name == "[]" else f"{path}.{name}".lstrip("."))
    return found


def bare(tree: Tree) -> Any:
    """Return a tree without what only this program needs: demands go, a resource becomes its name, a leaf null."""
    inner = {name: bare(value) for name, value in tree.items() if name not in {"@", "!"}}
    return inner or (f"@{tree['@']}" if "@" in tree else None)


def released(newest: Description) -> list[str]:
    """Return all versions ever released, oldest first, from the enum of ``webhook_endpoints.api_version``."""
    body = newest.document["paths"]["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]
    versions: list[str] = next(iter(body.values()))["schema"]["properties"]["api_version"]["enum"]
    return versions


def arrivals(lacking: dict[str, dict[str, list[str]]], versions: list[str]) -> dict[str, dict[str, list[str]]]:
    """Return version -> kind -> paths that arrived with it; ``lacking`` is older version -> kind -> unknown paths."""
    dated: dict[str, dict[str, list[str]]] = json.loads((HERE / "added_on.json").read_text())["added_on"]
    arrived: dict[str, dict[str, list[str]]] = {}
    steps = [*sorted(lacking, key=versions.index), versions[-1]]
    for older, later in itertools.pairwise(steps):
        for kind, paths in lacking[older].items():
            for path in paths:
                if path in lacking.get(later, {}).get(kind, ()):
                    continue
                first = versions[versions.index(older) + 1]
                for version, kinds in dated.items():
                    named = path in kinds.get(kind, ()) or path.rsplit(".", 1)[-1] in kinds.get("*", ())
                    if named and versions.index(older) < versions.index(version) <= versions.index(later):
                        first = version
                arrived.setdefault(first, {}).setdefault(kind, []).append(path)
    return {version: dict(sorted(arrived[version].items())) for version in versions if version in arrived}


def written(path: Path, content: dict[str, Any], deep: tuple[str, ...]) -> None:
    """Write JSON with one line per kind in the parts named ``deep``, so that a later difference reads well."""
    parts = []
    for key, value in content.items():
        text = json.dumps(value)
        if key in deep:
            groups = [
                f"  {json.dumps(name)}: {{\n"
                + ",\n".join(
                    f"   {json.dumps(kind)}: {json.dumps(facts, separators=(',', ':'))}"
                    for kind, facts in group.items()
                )
                + "\n  }"
                for name, group in value.items()
            ]
            text = "{\n" + ",\n".join(groups) + "\n }"
        parts.append(f" {json.dumps(key)}: {text}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def main() -> None:
    """Compare the documents named on the command line and write both files."""
    parser = argparse.ArgumentParser(description="Write what older API versions did not know.")
    parser.add_argument("newest", type=Path)
    parser.add_argument("older", type=Path, nargs="+")
    options = parser.parse_args()
    newest = Description(options.newest)
    versions = released(newest)
    shapes = {kind: newest.tree(kind) for kind in newest.kinds}
    lacking: dict[str, dict[str, list[str]]] = {}
    demands: dict[str, dict[str, dict[str, list[str]]]] = {}
    unborn: dict[str, list[str]] = {}
    for path in options.older:
        older = Description(path)
        both = sorted(set(shapes) & set(older.kinds))
        trees = {kind: older.tree(kind) for kind in both}
        unborn[older.version] = sorted(set(shapes) - set(older.kinds))
        lacking[older.version] = {kind: paths for kind in both if (paths := unknown(shapes[kind], trees[kind]))}
        demands[older.version] = {kind: more for kind in both if (more := wanted(trees[kind], shapes[kind]))}
    compared = [newest.version, *sorted(lacking, reverse=True)]
    added = arrivals(lacking, versions)
    written(ADDED, {"source": SOURCE, "compared": compared, "added": added}, ("added",))
    touched = {kind for kinds in lacking.values() for kind in kinds}
    touched |= {kind for kinds in demands.values() for kind in kinds}
    newest_shapes = {"newest": {kind: bare(shapes[kind]) for kind in sorted(touched)}}
    judged = {
        "source": SOURCE,
        "released": versions,
        "unborn": unborn,
        "shapes": newest_shapes,
        "unknown": lacking,
        "wanted": demands,
    }
    written(JUDGED, judged, ("shapes", "unknown", "wanted"))


if __name__ == "__main__":
    main()
