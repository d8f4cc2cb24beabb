"""Makes calls that nobody should make, from the API description: misfits, unknown members, ids of nothing, long random walks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.support import samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.spec.catalogue import Catalogue, Node, Operation
    from tests.support.client import Api

Path = tuple[str | int, ...]
Rows = dict[str, list[str]]
DEEPEST = 3
SCALARS = {"int": "no number", "num": "no number", "bool": "perhaps"}
# Parameters that name an object whose kind is called otherwise.
NAMED = {
    "coupon": "coupon", "customer": "customer", "charge": "charge", "configuration": "billing_portal.configuration",
    "default_payment_method": "payment_method", "default_price": "price", "default_source": "card", "default_tax_rates": "tax_rate",
    "destination": "account", "from_subscription": "subscription", "invoice": "invoice", "invoice_item": "invoiceitem",
    "on_behalf_of": "account", "payment_intent": "payment_intent", "payment_method": "payment_method", "price": "price",
    "product": "product", "promotion_code": "promotion_code", "schedule": "subscription_schedule", "setup_intent": "setup_intent",
    "shipping_rate": "shipping_rate", "source": "card", "subscription": "subscription", "tax_rates": "tax_rate",
    "test_clock": "test_helpers.test_clock", "account_tax_ids": "tax_id",
}  # fmt: skip
# What a path names, where neither the operation's kind nor the parameter's name says it.
PATHS = {"subscription_exposed_id": "subscription", "intent": "payment_intent"}
UNWALKED = {"test_clocks", "webhook_endpoints"}  # they act by themselves between two calls
TEXTS = (
    "text", "x_nobody", "", "0", " ", "ü", "now", "min", "unset", "https://example.com", "pm_card_visa", "tok_visa", "DE123456789",
)  # fmt: skip


def resolved(known: Catalogue, index: int) -> Node:
    """Return a shape, looked up where it only names another."""
    node = known.node(index)
    while node["t"] == "ref":
        node = known.node(known.schemas[node["to"]])
    return node


def misfits(known: Catalogue, index: int, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield places of an operation's parameters with a value that does not fit there."""
    node = resolved(known, index)
    kind = node["t"]
    if kind in SCALARS:
        yield at, SCALARS[kind]
    elif kind == "str" and "enum" in node and not node.get("open"):
        yield at, "no such word"
    elif kind == "str" and at[-1:] != ("expand",):
        yield at, {"a": {"b": "c"}}
    elif kind in ("arr", "map"):
        yield at, "text"
    elif kind == "obj":
        if at:
            yield at, "text"
        if len(at) < DEEPEST:
            for name, inner in node["p"].items():
                yield from misfits(known, inner, (*at, name))


def holders(known: Catalogue, index: int, at: Path = ()) -> Iterator[Path]:
    """Yield the places of an operation's parameters that are objects."""
    node = resolved(known, index)
    if node["t"] == "obj" and node["p"]:
        yield at
        if len(at) < DEEPEST:
            for name, inner in node["p"].items():
                yield from holders(known, inner, (*at, name))


def references(known: Catalogue, index: int, at: Path = ()) -> Iterator[Path]:
    """Yield the places whose name says that they hold the id of something."""
    node = resolved(known, index)
    name = next((str(step) for step in reversed(at) if step != 0), "")
    if node["t"] == "str" and "enum" not in node and name in NAMED:
        yield at
    elif node["t"] == "arr":
        yield from references(known, node["v"], (*at, 0))
    elif node["t"] == "any":
        for inner in node["v"]:
            yield from references(known, inner, at)
    elif node["t"] == "obj" and len(at) < DEEPEST:
        for key, inner in node["p"].items():
            yield from references(known, inner, (*at, key))


def spelled(at: Path) -> str:
    """Return the full name of a parameter: ``items[0][price]``."""
    return str(at[0]) + "".join(f"[{step}]" for step in at[1:])


def placed(known: Catalogue, operation: Operation, at: Path, value: Any, rows: Rows | None = None) -> dict[str, Any]:
    """Return the required parameters with one value put at a place, and what is required around it."""
    return _placed(known, operation.input, at, value, rows or {})  # type: ignore[no-any-return]


def _placed(known: Catalogue, index: int, at: Path, value: Any, rows: Rows) -> Any:
    if not at:
        return value
    node = resolved(known, index)
    if node["t"] == "any":
        fitting = [one for one in node["v"] if _holds(resolved(known, one), at[0])]
        return _placed(known, fitting[0], at, value, rows)
    if node["t"] == "arr":
        return [_placed(known, node["v"], at[1:], value, rows)]
    result = {name: _required(known, node["p"][name], name, rows) for name in node.get("req", ())}
    inner = node["p"].get(at[0])
    result[at[0]] = value if inner is None else _placed(known, inner, at[1:], value, rows)
    return result


def _holds(node: Node, step: str | int) -> bool:
    return node["t"] == "arr" if step == 0 else step in node.get("p", {})


def _required(known: Catalogue, index: int, name: str, rows: Rows) -> Any:
    found = rows.get(NAMED.get(name, name))
    return found[0] if found else samples.sample(known, index, name)


async def ids(api: Api) -> Rows:
    """Return the ids of a world by kind, the newest first."""
    dump = await api.engine.store.dump((await api.space()).store_name)
    rows = {kind: [doc["id"] for doc in docs][::-1] for kind, docs in dump.items() if kind[0] != "_" and docs}
    items = [item["id"] for one in dump.get("subscription", []) for item in one["items"]["data"]]
    return {**rows, "subscription_item": items}


def path(known: Catalogue, operation: Operation, rows: Rows, draw: random.Random | None = None) -> str:
    """Return a path of an operation on objects that exist."""
    steps = []
    for place, step in enumerate(operation.segments):
        if step[0] != "{":
            steps.append(step)
            continue
        found = known.route("/" + "/".join((*operation.segments[:place], "x")))
        reading = found[0].get("GET") if found else None
        name = step[1:-1]
        kind = PATHS.get(name) or (reading.kind if reading else name)
        some = rows.get(kind) or rows.get(name) or ["x_unknown"]
        steps.append(quote(draw.choice(some) if draw else some[0], safe=""))
    return "/" + "/".join(steps)


class Walk:
    """Draws calls that are mostly possible, from a fixed seed."""

    def __init__(self, known: Catalogue, operations: Sequence[Operation], *, seed: str) -> None:
        self.known = known
        self.operations = [one for one in operations if not UNWALKED & set(one.segments)]
        self.draw = random.Random(seed)
        self.rows: Rows = {}
        self.now = 0

    def choose(self, among: Sequence[Any]) -> Any:
        """Draw one of several."""
        return self.draw.choice(among)

    async def look(self, api: Api) -> None:
        """Learn what there is in the world now."""
        self.rows = await ids(api)
        self.now = (await api.space()).clock.now()

    def call(self) -> tuple[str, str, Any]:
        """Draw a call: method, path, parameters."""
        operation = self.choose(self.operations)
        share = self.choose((0, 0.15, 0.3, 0.7))
        params = self._value(operation.input, "", 0, share)
        return operation.method, path(self.known, operation, self.rows, self.draw), params

    def _value(self, index: int, name: str, deep: int, share: float) -> Any:
        node = resolved(self.known, index)
        kind = node["t"]
        if kind == "any":
            return self._value(self.choose(node["v"]), name, deep, share)
        if kind == "arr":
            return [self._value(node["v"], name, deep + 1, share) for _ in range(self.choose((0, 1, 1, 1, 2)))]
        if kind == "map":
            return {self.choose(("a", "usd", "eur")): self._value(node["v"], name, deep + 1, share)}
        if kind != "obj":
            return self._scalar(node, name)
        required = node.get("req", ())
        names = [
            key for key in node["p"] if key in required or (key != "expand" and self.draw.random() < share / (1 + deep))
        ]
        return {key: self._value(node["p"][key], key, deep + 1, share) for key in names}

    def _scalar(self, node: Node, name: str) -> Any:
        kind = node["t"]
        if kind == "bool":
            return self.choose((True, False))
        if kind == "num":
            return self.choose(("0", "1", "12.5", "100", "101", "-1", "0.0001"))
        if kind == "int" and node.get("f") == "unix-time":
            return self.now + self.choose((-40, 0, 1, 40, 400)) * 86400 + self.choose((-10, 0, 10))
        if kind == "int":
            return self.choose((0, 1, 1, 2, 3, 12, 100, 1000, -1, 10**12))
        if "enum" in node:
            return self.choose(node["enum"])
        if node.get("f") == "decimal":
            return self.choose(("1", "1.5", "0.000000000001", "-3"))
        if "currency" in name:
            return self.choose(("usd", "usd", "eur", "jpy", "xyz"))
        found = self.rows.get(NAMED.get(name, name))
        if found and self.draw.random() < 0.93:
            return self.choose(found)
        return samples.TEXT.get(name) or self.choose(TEXTS)
