"""Makes parameters that an operation's shape accepts: the required ones, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.spec.catalogue import Catalogue, Operation

TEXT = {
    "email": "jo@example.com",
    "url": "https://example.com/hook",
    "currency": "usd",
    "country": "US",
    "query": "created>0",
}


def sample(catalogue: Catalogue, index: int, name: str = "", *, deep: int = 0) -> Any:
    """Return a value of a shape."""
    node = catalogue.node(index)
    kind = node["t"]
    if kind == "str":
        return node["enum"][0] if "enum" in node else _text(node, name)
    if kind in ("int", "num"):
        return 1
    if kind == "bool":
        return True
    if kind == "arr":
        return [sample(catalogue, node["v"], name, deep=deep + 1)]
    if kind == "map":
        return {"key": sample(catalogue, node["v"], name, deep=deep + 1)}
    if kind == "any":
        return sample(catalogue, node["v"][0], name, deep=deep)
    if kind == "ref":
        return sample(catalogue, catalogue.schemas[node["to"]], name, deep=deep)
    return {key: sample(catalogue, node["p"][key], key, deep=deep + 1) for key in node.get("req", ())}


def _text(node: dict[str, Any], name: str) -> str:
    if node.get("f") == "decimal":
        return "1"
    text = next((value for key, value in TEXT.items() if key in name), "text")
    return text[: node.get("max", len(text))]


def required(catalogue: Catalogue, operation: Operation) -> dict[str, Any]:
    """Return the required parameters of an operation."""
    result: dict[str, Any] = sample(catalogue, operation.input)
    return result


def path(operation: Operation, value: str = "x_unknown") -> str:
    """Return a path of an operation with one value for every parameter."""
    return "/" + "/".join(value if segment[0] == "{" else segment for segment in operation.segments)
