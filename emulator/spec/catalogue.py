"""Decides which operation a method and a path name, and answers questions about the API description."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import orjson

from emulator import API_VERSION
from emulator.kernel.data import data_path
from emulator.spec import unlisted

if TYPE_CHECKING:
    from pathlib import Path

Form = Literal["list", "search", "retrieve", "create", "update", "delete", "action", "read"]
Node = dict[str, Any]
Tree = dict[str, Any]  # what follows by segment, "{}" for a parameter; under "" the operations of a path by method


class Operation:
    """One operation of the API description; what follows from its row and its neighbours is worked out when asked for."""

    __slots__ = (
        "_place",
        "body",
        "form",
        "id",
        "input",
        "kind",
        "kinds",
        "method",
        "names",
        "out",
        "path",
        "segments",
        "v2",
    )
    form: Form
    kind: str
    kinds: list[str]
    names: tuple[str, ...]
    v2: bool

    def __init__(self, id: str, row: dict[str, Any], tree: Tree) -> None:
        self.id = id
        self.method: str = row["m"]
        self.path: str = row["p"]
        self.input: int = row["in"]
        self.out: dict[str, list[str]] = row["out"]
        self.body: str = row.get("body", "")
        self.segments = tuple(self.path.strip("/").split("/"))
        for segment in self.segments:
            tree = tree.setdefault("{}" if segment[0] == "{" else segment, {})
        tree.setdefault("", {})[self.method] = self
        self._place = tree

    def __getattr__(self, name: str) -> Any:
        """Work out what is not known yet: a server that starts needs it of hardly any operation."""
        if name not in {"form", "kind", "kinds", "names", "v2"}:
            raise AttributeError(name)
        self.names = tuple(part[1:-1] for part in self.segments if part[0] == "{")
        self.v2 = self.segments[0] == "v2"
        self.kinds = next(iter(self.out.values()), []) if "file" not in self.out else []
        self.kind = next((kind for kind in self.kinds if not kind.startswith(("deleted_", "v2.deleted"))), "")
        if not self.kind and self.kinds:
            self.kind = self.kinds[0].removeprefix("deleted_")
        self.form = _form(self, self._place)
        reading = self._place[""].get("GET")
        if self.form == "delete" and self.ends_in_id and reading is not None:
            self.kind = reading.kind  # the answer is a stub, the object is what is read there
        return getattr(self, name)

    @property
    def ends_in_id(self) -> bool:
        """Say whether the path's last segment is a parameter."""
        return bool(self.segments[-1].startswith("{"))


class Catalogue:
    """The compiled API description of one version, with a router made from it."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.version: str = tables["version"]
        self.shapes: list[Node] = tables["shapes"]
        self.schemas: dict[str, int] = tables["schemas"]
        self.resources = frozenset(tables["resources"])
        self.events: dict[str, str] = tables["events"]
        self.prefixes: dict[str, str] = tables["prefixes"]
        self.includable: dict[str, list[str]] = tables["includable"]
        self._tree: Tree = {}
        self.operations = {id: Operation(id, row, self._tree) for id, row in tables["operations"].items()}
        self._add_unlisted()

    def _add_unlisted(self) -> None:
        """Take in what is beside the description: it can be called and given, and is no part of what the description says."""
        for id, places in unlisted.PARAMETERS.items():
            operation = self.operations[id]
            operation.input = unlisted.extended(self.shapes, operation.input, places)
        self.schemas |= {kind: unlisted.appended(self.shapes, shape) for kind, shape in unlisted.SCHEMAS.items()}
        self.unlisted = {id: Operation(id, row, self._tree) for id, row in unlisted.added(self.shapes).items()}

    def route(self, path: str) -> tuple[dict[str, Operation], list[str]] | None:
        """Return the operations of ``path`` by method and the values of its parameters, or None.

        A literal segment wins over a parameter; an empty segment matches nothing.
        """
        branch = self._tree
        values: list[str] = []
        for segment in path[1:].split("/"):
            nearer = branch.get(segment) if segment and segment != "{}" else None
            if nearer is None:
                nearer = branch.get("{}") if segment else None
                if nearer is None:
                    return None
                values.append(segment)
            branch = nearer
        methods = branch.get("")
        return None if methods is None else (methods, values)

    def node(self, index: int) -> Node:
        """Return a shape by its index."""
        return self.shapes[index]

    def schema(self, name: str) -> Node:
        """Return the shape of a schema by name."""
        return self.shapes[self.schemas[name]]

    def fields(self, kind: str) -> dict[str, int]:
        """Return the properties of a kind; of a union, those of its first object."""
        node = self.schema(kind)
        while node["t"] in ("any", "ref"):
            node = self.schema(node["to"]) if node["t"] == "ref" else self.shapes[node["v"][0]]
        properties: dict[str, int] = node.get("p", {})
        return properties

    def object_name(self, kind: str) -> str:
        """Return the value of ``object`` for a kind."""
        index = self.fields(kind).get("object") if kind in self.schemas else None
        values = self.shapes[index].get("enum") if index is not None else None
        return str(values[0]) if values else kind

    def prefix(self, kind: str) -> str:
        """Return the id prefix of a kind; a kind without a known one gets a short form of its name (choice)."""
        known = self.prefixes.get(kind)
        if known is not None:
            return known
        return "".join(part[:4] for part in kind.rsplit(".", 1)[-1].split("_"))


ONE_SHOT = frozenset(
    {"v1/tokens", "v1/account_links", "v1/account_sessions", "v1/customer_sessions", "v1/billing_portal/sessions"}
)


def _form(operation: Operation, place: Tree) -> Form:
    """Classify an operation by its method, path and answer, and by what else is at its place in the tree and below."""
    out = next(iter(operation.out), "")
    if operation.method == "DELETE":
        return "delete"
    if operation.method == "GET":
        if out in ("list", "page"):
            return "list"
        if out == "search":
            return "search"
        return "retrieve" if operation.ends_in_id else "read"
    if operation.ends_in_id:
        return "update"
    siblings = place[""]
    collection = "GET" in siblings and next(iter(siblings["GET"].out), "") in ("list", "page")
    children = "" in place.get("{}", {})
    if out == "one" and (collection or (children and not operation.segments[-2].startswith("{"))):
        return "create"
    if "GET" in siblings and out == "one":
        return "update"  # a singleton such as /v1/tax/settings or a sub-object such as cash_balance
    single = len([part for part in operation.segments if part[0] == "{"]) == 0
    return "create" if single and operation.kind and "/".join(operation.segments) in ONE_SHOT else "action"


def load_tables(path: Path) -> Catalogue:
    """Read compiled tables from a file."""
    return Catalogue(orjson.loads(path.read_bytes()))


@cache
def catalogue() -> Catalogue:
    """Return the description that this emulator speaks, read once."""
    return load_tables(data_path("api_specs", f"{API_VERSION}.json"))
