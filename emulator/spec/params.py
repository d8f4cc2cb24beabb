"""Decides which parameters a call may have and what they are: checked and coerced in one pass, with Stripe's words.

A checker is a closure made from a shape of the API description, when its operation is called for the first time. It takes
the raw value (text from a form, or typed JSON) and the parameter's full name, and returns the coerced value; a value that
was given as the empty string comes back as None, which means: clear it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.kernel import errors
from emulator.kernel.durations import END_OF_TIME
from emulator.spec import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.spec.catalogue import Catalogue, Node

Check = "Callable[[Any, str], Any]"
_INTEGER = re.compile(r"-?\d{1,19}\Z")
_DECIMAL = re.compile(r"-?(\d+(\.\d*)?|\.\d+)\Z")
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500  # docs.stripe.com/api/metadata


def child(name: str, key: object) -> str:
    """Return the full name of a member: ``items`` and 0 give ``items[0]``."""
    return f"{name}[{key}]" if name else str(key)


NO_LIMIT = 1 << 60  # of plain text for which the description has none


class Checkers:
    """Builds checkers of shapes, each once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.made: dict[int, Callable[[Any, str], Any]] = {}
        self.tops: dict[int, Callable[[Any], dict[str, Any]]] = {}

    def operation(self, input: int) -> Callable[[Any], dict[str, Any]]:
        """Return the checker of an operation's parameters."""
        check = self.tops.get(input)
        if check is None:
            check = self.tops[input] = self._object(self.catalogue.node(input))
        return check

    def shape(self, index: int) -> Callable[[Any, str], Any]:
        """Return the checker of one shape."""
        if index not in self.made:
            # A shape may contain itself: the name is bound before its members are looked at.
            self.made[index] = lambda raw, name: self.made[index](raw, name)  # noqa: PLW0108 - looked up when called
            node = self.catalogue.node(index)
            self.made[index] = _clearable(node, self._bare(node))
        return self.made[index]

    def _bare(self, node: Node) -> Callable[[Any, str], Any]:
        kind = node["t"]
        if kind == "obj":
            return self._object(node) if node["p"] else _any_object
        if kind == "arr":
            return _array(self.shape(node["v"]))
        if kind == "map":
            inner = self.catalogue.node(node["v"])
            return _metadata if inner["t"] == "str" else _map(self.shape(node["v"]))
        if kind == "any":
            return self._union(node)
        if kind == "ref":
            return self.shape(self.catalogue.schemas[node["to"]])
        return _scalar(node)

    def _object(self, node: Node) -> Callable[..., Any]:
        indexes: dict[str, int] = node["p"]
        required: list[str] = node.get("req", [])
        checks: dict[str, Callable[[Any, str], Any]] = {}
        texts: dict[str, int] = {}  # how long the members are that are plain text: most of them, and checked here

        def check(raw: Any, name: str = "") -> dict[str, Any]:
            if type(raw) is not dict:
                raise wording.invalid_object(raw, name)
            result = {}
            for key, value in raw.items():
                most = texts.get(key)
                if most is not None and type(value) is str and len(value) <= most:
                    result[key] = value or None
                    continue
                inner = checks.get(key)
                if inner is None:
                    if key not in indexes:
                        raise errors.unknown_params([child(name, one) for one in raw if one not in indexes])
                    inner = checks[key] = self.shape(indexes[key])
                    member = self.catalogue.node(indexes[key])
                    if _is_text(member):
                        texts[key] = member.get("max", NO_LIMIT)
                result[key] = inner(value, f"{name}[{key}]" if name else key)
            for key in required:
                if result.get(key) is None:
                    full = child(name, key)
                    raise wording.empty(full) if key in result else errors.missing_param(full)
            return result

        return check

    def _union(self, node: Node) -> Callable[[Any, str], Any]:
        options = [(self.catalogue.node(index), self.shape(index)) for index in node["v"]]
        objects = [(one, check) for one, check in options if one["t"] in ("obj", "map", "ref")]
        arrays = [check for one, check in options if one["t"] == "arr"]
        enums = [(frozenset(one["enum"]), check) for one, check in options if "enum" in one]
        scalars = [check for one, check in options if one["t"] in ("bool", "int", "num", "str") and "enum" not in one]
        plain = [check for one, check in options if one["t"] in ("bool", "int", "num", "str")]

        def check(raw: Any, name: str) -> Any:
            if isinstance(raw, dict) and objects:
                fitting = [one for node, one in objects if node["t"] != "obj" or set(raw) <= set(node["p"])]
                return (fitting or [objects[0][1]])[0](raw, name)
            if isinstance(raw, (list, dict)) and arrays:
                return arrays[0](raw, name)
            for values, one in enums:
                if isinstance(raw, str) and raw in values:
                    return one(raw, name)
            return _first(scalars or plain or [one for _, one in options], raw, name)

        return check


def _first(checks: list[Callable[[Any, str], Any]], raw: Any, name: str) -> Any:
    """Return what the first fitting checker makes of the value, else refuse in the words of the first."""
    refusal: errors.StripeError | None = None
    for check in checks:
        try:
            return check(raw, name)
        except errors.StripeError as error:
            refusal = refusal or error
    raise refusal or wording.invalid_object(raw, name)


def _clearable(node: Node, check: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Wrap a checker with what the empty string means for its shape (facts billing 1.3)."""
    # A plain string without an enum can be emptied although the description does not say so.
    if _is_text(node):
        return _text(node.get("max", NO_LIMIT))
    clears = node.get("clear") or (node["t"] == "str" and "enum" not in node) or node["t"] == "map"
    if not clears:
        enum = node["t"] == "any"

        def guarded(raw: Any, name: str) -> Any:
            if raw == "" and not enum:
                raise wording.empty(name)
            return check(raw, name)

        return guarded

    def clearing(raw: Any, name: str) -> Any:
        return None if raw == "" or raw is None else check(raw, name)

    return clearing


def _is_text(node: Node) -> bool:
    return node["t"] == "str" and "enum" not in node and node.get("f") is None


def _text(most: int) -> Callable[[Any, str], Any]:
    """Return the checker of plain text, which may always be emptied; the most common one of all."""

    def check(raw: Any, name: str) -> str | None:
        if type(raw) is str:
            if len(raw) <= most:
                return raw or None
            raise wording.too_long(raw, name, most)
        if raw is None:
            return None
        raise wording.invalid_string(raw, name)

    return check


# The description leaves many lists of values open. Of these all values are known, and the API refuses others: what a tax
# id, a coupon's duration, a meter's formula, a credit note's reason and an invoice's pending items can be (facts billing).
_KNOWN_WHOLE = frozenset({"eu_vat", "repeating", "last", "product_unsatisfactory", "exclude"})


def _scalar(node: Node) -> Callable[[Any, str], Any]:
    kind = node["t"]
    if kind == "str":
        return _decimal if node.get("f") == "decimal" else _string(node)
    if kind == "int" and node.get("f") == "unix-time":
        return _instant
    return {"int": _integer, "num": _number, "bool": _boolean}[kind]


def _string(node: Node) -> Callable[[Any, str], Any]:
    limit = node.get("max")
    values = node.get("enum") or []
    allowed = frozenset(values) if values and (not node.get("open") or _KNOWN_WHOLE & set(values)) else None
    lower = node.get("f") == "currency"

    def check(raw: Any, name: str) -> str:
        if not isinstance(raw, str):  # an upload is a text with its content at its side
            raise wording.invalid_string(raw, name)
        if limit is not None and len(raw) > limit:
            raise wording.too_long(raw, name, limit)
        if allowed is not None and raw not in allowed:
            raise wording.not_in_enum(name, values)
        return raw.lower() if lower else raw

    return check


def _integer(raw: Any, name: str) -> int:
    if type(raw) is int:
        return raw
    if type(raw) is str and _INTEGER.match(raw):
        return int(raw)
    raise wording.invalid_integer(raw, name)


def _instant(raw: Any, name: str) -> int:
    """Return a time in unix seconds; one that has no date is refused as if it were no number (choice)."""
    value = _integer(raw, name)
    if not 0 <= value <= END_OF_TIME:
        raise wording.invalid_integer(raw, name)
    return value


def _number(raw: Any, name: str) -> float | int:
    if type(raw) in (int, float):
        return raw  # type: ignore[no-any-return]
    if type(raw) is str and _DECIMAL.match(raw):
        return float(raw)
    raise wording.invalid_decimal(raw, name)


def _decimal(raw: Any, name: str) -> str:
    text = str(raw) if type(raw) in (int, float) else raw
    if type(text) is str and _DECIMAL.match(text):
        return text
    raise wording.invalid_decimal(raw, name)


def _boolean(raw: Any, name: str) -> bool:
    if raw == "true" or raw is True:
        return True
    if raw == "false" or raw is False:
        return False
    raise wording.invalid_boolean(raw, name)


def _any_object(raw: Any, name: str) -> Any:
    if isinstance(raw, dict):
        return raw
    raise wording.invalid_object(raw, name)


def _array(check: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def checked(raw: Any, name: str) -> list[Any]:
        if type(raw) is dict:
            for position, key in enumerate(raw):
                if key != str(position):
                    raise (
                        wording.bad_array_keys(list(raw), str(position), name)
                        if key.isdigit()
                        else wording.invalid_array(name)
                    )
            raw = list(raw.values())
        if type(raw) is not list:
            raise wording.invalid_array(name)
        result = [check(value, f"{name}[{position}]") for position, value in enumerate(raw)]
        if None in result:  # an element cannot be unset (facts billing 1.3)
            raise wording.empty(f"{name}[{result.index(None)}]")
        return result

    return checked


def _map(check: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def checked(raw: Any, name: str) -> dict[str, Any]:
        if type(raw) is not dict:
            raise wording.invalid_object(raw, name)
        return {key: check(value, f"{name}[{key}]") for key, value in raw.items()}

    return checked


def _metadata(raw: Any, name: str) -> dict[str, str | None]:
    """Check a map of text; an empty value comes back as None and deletes its key."""
    if type(raw) is not dict:
        raise wording.invalid_hash(name)
    if len(raw) > METADATA_KEYS:
        raise wording.metadata_count(len(raw), name)
    result: dict[str, str | None] = {}
    for key, value in raw.items():
        if type(value) is not str:
            raise wording.invalid_string(value, f"{name}[{key}]")
        if len(key) > METADATA_KEY_LENGTH:
            raise wording.metadata_key(key, name)
        if len(value) > METADATA_VALUE_LENGTH:
            raise wording.metadata_value(value, name)
        result[key] = value or None
    return result
