"""Holds answers against the API description: required fields, types, enums, nothing null that may not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.spec.catalogue import Catalogue, Node

SCALARS: dict[str, Any] = {"str": str, "int": int, "num": (int, float), "bool": bool}
# Legacy members that the real API still answers although the description lacks them (recorded).
ERROR_TYPES = {"api_error", "card_error", "idempotency_error", "invalid_request_error"}


def problems(catalogue: Catalogue, node: Node, value: Any, path: str, seen: int = 0) -> list[str]:
    """Return what is wrong with a value of a shape."""
    if value is None:
        return [] if node.get("null") or node["t"] == "any" or "expand" in node else [f"{path}: null"]
    kind = node["t"]
    if kind == "ref":
        return problems(catalogue, catalogue.schema(node["to"]), value, path, seen)
    if kind == "any":
        found = [problems(catalogue, catalogue.node(one), value, path, seen) for one in node["v"]]
        return [] if any(not one for one in found) else min(found, key=len)
    if kind in SCALARS:
        return _scalar(node, value, path)
    if kind == "arr":
        if not isinstance(value, list):
            return [f"{path}: no array"]
        return [
            one
            for place, item in enumerate(value)
            for one in problems(catalogue, catalogue.node(node["v"]), item, f"{path}[{place}]", seen)
        ]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{path}: no map"]
        return [
            one
            for key, item in value.items()
            for one in problems(catalogue, catalogue.node(node["v"]), item, f"{path}.{key}", seen)
        ]
    if kind == "list":
        return _list(catalogue, node, value, path, seen)
    return _object(catalogue, node, value, path, seen)


def _scalar(node: Node, value: Any, path: str) -> list[str]:
    wanted = SCALARS[node["t"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and node["t"] != "bool"):
        return [f"{path}: {value!r} is no {node['t']}"]
    if "enum" in node and value not in node["enum"] and not node.get("open") and value != "":
        return [f"{path}: {value!r} is none of {node['enum'][:8]}"]
    return []


def _list(catalogue: Catalogue, node: Node, value: Any, path: str, seen: int) -> list[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        return [f"{path}: no list"]
    missing = [f"{path}.{key}: missing" for key in ("data", "has_more", "url") if key not in value]
    inner = catalogue.node(node["v"])
    return missing + [
        one
        for place, item in enumerate(value.get("data", []))
        for one in problems(catalogue, inner, item, f"{path}.data[{place}]", seen)
    ]


def _object(catalogue: Catalogue, node: Node, value: Any, path: str, seen: int) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    if seen > 8:
        return []
    if value.get("deleted") is True:
        return []
    result = [f"{path}.{key}: missing" for key in node.get("req", ()) if key not in value]
    for key, index in node.get("p", {}).items():
        if key in value:
            result += problems(catalogue, catalogue.node(index), value[key], f"{path}.{key}", seen + 1)
    return result


def conforms(catalogue: Catalogue, method: str, path: str, status: int, body: Any) -> None:
    """Fail when an answer is not what the description says of its operation, or an error not of Stripe's shape."""
    if status != 200:
        assert isinstance(body, dict), f"{method} {path}: {status} {body!r}"
        assert set(body) == {"error"}, body
        assert body["error"]["type"] in ERROR_TYPES, body
        assert isinstance(body["error"].get("message"), str), body
        assert status >= 400, body
        return
    found = catalogue.route(path)
    assert found is not None, path
    operation = found[0][method]
    wrong: list[str] = []
    form = next(iter(operation.out), "")
    if form in ("list", "search", "page"):
        for place, item in enumerate(body["data"]):
            wrong += _one_of(catalogue, operation.kinds, item, f"data[{place}]")
    elif form == "one" and operation.kinds:
        wrong = _one_of(catalogue, operation.kinds, body, operation.kind)
    assert not wrong, f"{method} {path}: " + "; ".join(wrong[:12])


def _one_of(catalogue: Catalogue, kinds: list[str], value: Any, path: str) -> list[str]:
    found = [problems(catalogue, catalogue.schema(kind), value, path) for kind in kinds]
    return [] if any(not one for one in found) else min(found, key=len)
