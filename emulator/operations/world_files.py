"""Decides what is added to the objects of a world file, and what in them is refused: they are held against the API description.

A file that somebody wrote may leave out what is null, empty or false at rest and what ``USUAL`` says; whatever else an
object always has must be there, with a value that the description allows and names that exist.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from emulator.kernel import durations
from emulator.spec.blanks import Blanks
from emulator.spec.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulator.kernel.documents import Doc
    from emulator.spec.catalogue import Catalogue, Node

SCALARS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "str": ("string", str), "int": ("integer", int), "num": ("number", (int, float)), "bool": ("boolean", bool),
}  # fmt: skip
TIME = 'no time (unix seconds, or from the moment of loading "now", "-40d", "+1mo")'
CLOSE = 0.75  # two letters of four that changed places
DEEPEST = 8
CONFIGURATION = "billing_portal.configuration"
PREFIX = 8  # characters of the prefix of a customer's invoice numbers


def _customer(doc: Doc) -> Doc:
    from emulator.customers import settings

    letters = "".join(letter for letter in doc["id"].upper() if letter.isalnum())
    return {
        "balance": 0, "delinquent": False, "invoice_prefix": letters[-PREFIX:].rjust(PREFIX, "0"), "invoice_settings": settings.EMPTY,
        "next_invoice_sequence": 1, "preferred_locales": [], "tax_exempt": "none",
    }  # fmt: skip


def _price(doc: Doc) -> Doc:
    amount, recurring = doc.get("unit_amount"), doc.get("recurring")
    return {
        "active": True, "billing_scheme": "per_unit", "currency_options": {}, "tax_behavior": "unspecified",
        "type": "recurring" if recurring else "one_time", "unit_amount_decimal": None if amount is None else str(amount),
    }  # fmt: skip


def _method(_: Doc) -> Doc:
    nobody = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    return {"allow_redisplay": "unspecified", "billing_details": nobody}


def _code(_: Doc) -> Doc:
    nothing = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    return {"active": True, "restrictions": nothing, "times_redeemed": 0}


# What is added to objects of a kind where their file leaves it out: what creating them without it stores.
USUAL: Mapping[str, Callable[[Doc], Doc]] = {
    "coupon": lambda _: {"times_redeemed": 0, "valid": True},
    "customer": _customer,
    "payment_method": _method,
    "price": _price,
    "product": lambda doc: {"active": True, "updated": doc["created"]},
    "promotion_code": _code,
    "tax_rate": lambda _: {"active": True},
}
# Drawn only when they are expanded: nothing of them is kept.
UNKEPT = frozenset({"cash_balance", "confirmation_secret", "payment_record", "refunds"})
# Kinds whose objects are held against the description: those of billing. Of others a part may be kept.
HELD = frozenset({
    "balance_transaction", "billing.feedback_option", "billing.meter", "billing_portal.configuration", "charge",
    "checkout.session", "coupon", "credit_note", "customer", "customer_balance_transaction", "discount", "dispute",
    "invoice", "invoice_payment", "invoiceitem", "payment_intent", "payment_link", "payment_method", "price",
    "product", "promotion_code", "quote", "refund", "setup_intent", "shipping_rate", "subscription",
    "subscription_schedule", "tax_id", "tax_rate", "test_helpers.test_clock", "webhook_endpoint",
})  # fmt: skip
# Kinds of whose objects a file must hold those that it names.
NAMED = frozenset({
    "charge", "coupon", "customer", "invoice", "payment_intent", "payment_method", "price", "product",
    "promotion_code", "subscription",
})  # fmt: skip
RECURRING: Doc = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}


def checked(objects: Mapping[str, list[Doc]], now: int, *, saved: bool, configured: bool) -> dict[str, list[Doc]]:
    """Return a world's objects whole, by kind, as if made at ``now`` (unix seconds) where they do not say when.

    What a server ``saved`` is whole already. Where the owner has ``configured`` the portal and the file says nothing of
    it, it is as it is at first. Raises ValueError with the path of the first fault: a kind, field, value or id that does
    not exist, or something that is missing.
    """
    known, whole = catalogue(), dict(objects)
    for kind, docs in objects.items():
        if kind[0] != "_" and kind not in known.schemas:
            raise ValueError(f"no objects are called {kind!r}{_meant(kind, known.resources)}")
        if kind in HELD and not saved:
            whole[kind] = [_whole(kind, doc, now) for doc in docs]
    ids = {doc["id"] for docs in objects.values() for doc in docs}
    for kind in sorted(HELD & whole.keys()):
        node = known.schema(kind)
        for place, (doc, written) in enumerate(zip(whole[kind], objects[kind], strict=True), 1):
            path = f"{kind}.{place}"
            faults = _faults(known, node, doc, path)
            if not saved:
                faults = chain(_misspelt(node, written, path), faults, _lost(known, node, doc, ids, path))
            fault = next(iter(faults), None)
            if fault is not None:
                raise ValueError(fault)
    if configured and not saved and CONFIGURATION not in whole:
        from emulator.portal.settings.configurations import seed_default

        whole[CONFIGURATION] = [seed_default("bpc_default", now)]
    return whole


@cache
def _rest(kind: str) -> Doc:
    """Return what may be left out of an object of a kind: what is null, false, empty or without a name at rest."""
    known = catalogue()
    fields = {name: known.node(index) for name, index in known.schema(kind)["p"].items()}
    empty = {
        name: value for name, value in Blanks(known).blank(kind).items()
        if name not in UNKEPT and (value is None or fields[name]["t"] in ("bool", "arr", "map") or name == "object")
    }  # fmt: skip
    return empty | ({"metadata": {}} if "metadata" in fields else {})


def _whole(kind: str, doc: Doc, now: int) -> Doc:
    told: Doc = {"created": now} if "created" in catalogue().schema(kind)["p"] else {}
    more = USUAL[kind](told | doc) if kind in USUAL else {}
    result = {"id": doc["id"], **_rest(kind), **told, **more, **doc}
    if kind == "price" and isinstance(doc.get("recurring"), dict):
        result["recurring"] = {**RECURRING, **doc["recurring"]}
    return result


# ------------------------------------------------------------------------------------------------ faults
def _faults(known: Catalogue, node: Node, value: Any, path: str, deep: int = 0) -> Iterator[str]:
    """Yield what the description has against a value, each with its path."""
    if value is None:
        if not (node.get("null") or node["t"] == "any" or "expand" in node):
            yield f"{path}: None is not of type {_named(node)}"
        return
    kind = node["t"]
    if kind == "ref":
        held = isinstance(value, str) and node["to"] in known.resources  # objects are kept with ids in their places
        yield from () if held else _faults(known, known.schema(node["to"]), value, path, deep)
    elif kind == "any":
        found = [list(_faults(known, known.node(one), value, path, deep)) for one in node["v"]]
        yield from min(found, key=len) if all(found) else ()
    elif kind in SCALARS:
        yield from _scalar(node, value, path)
    elif kind == "arr":
        yield from _rows(known, node, value, path, deep)
    elif kind == "map":
        yield from () if isinstance(value, dict) else (f"{path}: {value!r} is not of type 'object'",)
    elif kind == "list":
        rows = value.get("data") if isinstance(value, dict) else value
        yield from _rows(known, node, rows, f"{path}.data", deep)
    else:
        yield from _object(known, node, value, path, deep)


def _misspelt(node: Node, doc: Doc, path: str) -> Iterator[str]:
    """Yield names that no object of the kind has, where they resemble one that was left out."""
    for name in doc.keys() - node["p"].keys():
        meant = _meant(name, node["p"].keys() - doc.keys())
        if meant:
            yield f"{path}: there is no {name!r}{meant}"


def _lost(known: Catalogue, node: Node, doc: Doc, ids: set[str], path: str) -> Iterator[str]:
    """Yield names of objects that the file does not hold."""
    for name, index in node["p"].items():
        kinds = NAMED & set(known.node(index).get("expand", ()))
        if kinds and isinstance(doc.get(name), str) and doc[name] not in ids:
            yield f"{path}.{name}: there is no {min(kinds)} {doc[name]!r}"


def _named(node: Node) -> str:
    return repr(SCALARS[node["t"]][0] if node["t"] in SCALARS else "array" if node["t"] == "arr" else "object")


def _scalar(node: Node, value: Any, path: str) -> Iterator[str]:
    named, wanted = SCALARS[node["t"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and named != "boolean"):
        time = named == "integer" and isinstance(value, str) and durations.is_time(path.rpartition(".")[2])
        yield f"{path}: {value!r} is {TIME if time else f'not of type {named!r}'}"
    elif "enum" in node and value not in node["enum"] and not node.get("open") and value != "":
        yield f"{path}: {value!r} is not one of {node['enum']}"


def _rows(known: Catalogue, node: Node, value: Any, path: str, deep: int) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is not of type 'array'"
        return
    for place, row in enumerate(value):
        yield from _faults(known, known.node(node["v"]), row, f"{path}.{place}", deep)


def _object(known: Catalogue, node: Node, value: Any, path: str, deep: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not of type 'object'"
        return
    if deep > DEEPEST or value.get("deleted") is True:
        return
    fields = node.get("p", {})
    for name in node.get("req", ()):
        if name not in value:
            yield f"{path}: {name!r} is a required property"
    for name, index in fields.items():
        if name in value:
            yield from _faults(known, known.node(index), value[name], f"{path}.{name}", deep + 1)


def _meant(name: str, names: Any) -> str:
    close = get_close_matches(name, names, 1, CLOSE)
    return f"; did you mean {close[0]!r}?" if close else ""
