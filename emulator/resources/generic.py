"""Decides what happens to objects without behaviour of their own: stored, read, changed, listed and removed by description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.resources import updates
from emulator.resources.context import Page, timestamp
from emulator.resources.listing import listed
from emulator.spec import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context
    from emulator.spec.catalogue import Node, Operation

# Kinds whose deleted objects go on answering three keys on GET; all others are simply gone (recorded).
SOFT = frozenset({"customer", "account", "v2.core.account"})


# What a new object says where its blank would say otherwise (docs.stripe.com/api, the page of each).
NEW: dict[str, Doc] = {
    "billing.alert": {"status": "active"},
    "entitlements.feature": {"active": True},
    "issuing.dispute": {"status": "unsubmitted"},
    "payment_method_domain": {"enabled": True},
    "product_catalog.trial_offer": {"active": True},
}
# Filters of lists that no field of the object has the name of: kind -> parameter -> whether an object fits the value.
FILTERS: dict[str, dict[str, Callable[[Doc, Any], bool]]] = {
    # What a payout paid out is told of automatic ones only (docs.stripe.com/api/balance_transactions/list): here they are by hand.
    "balance_transaction": {"payout": lambda _doc, _payout: False},
    "billing.alert": {"meter": lambda doc, meter: (doc["usage_threshold"] or {}).get("meter") == meter},
    "entitlements.feature": {"archived": lambda doc, archived: doc["active"] is not archived},
    "shipping_rate": {"currency": lambda doc, currency: doc["fixed_amount"]["currency"] == currency},
}


async def create(ctx: Context, kind: str, params: Doc, **fixed: Any) -> Doc:
    """Store a new object: the blank, what was given of its own fields, an id, ``fixed``."""
    blank = {**ctx.blank(kind), **NEW.get(kind, {})}
    fields = ctx.catalogue.fields(kind)
    if "metadata" in blank and blank["metadata"] is None:
        blank["metadata"] = {}
    given = await _fitting(ctx, {name: value for name, value in params.items() if value is not None}, fields)
    doc = updates.apply(blank, given, lambda name: ctx.nested_blank(kind, name))
    if "id" in fields:
        doc = {"id": params.get("id") or ctx.new_id(kind), **doc}
        doc["id"] = doc["id"] or ctx.new_id(kind)
    doc = _shown(ctx, kind, doc, given)
    doc.update(fixed)
    return ctx.put(kind, doc) if "id" in doc else doc


async def _fitting(ctx: Context, params: Doc, fields: dict[str, int]) -> Doc:
    """Return the parameters that are fields of the object in the field's own form.

    An id where the object embeds another one becomes that object, ``now`` where it has a time this instant; what has
    another form than the field is no value of it.
    """
    result: Doc = {}
    for name, value in params.items():
        if name not in fields or value is None:
            continue
        node = ctx.catalogue.node(fields[name])
        if node["t"] == "ref" and isinstance(value, str):
            value = await ctx.need(node["to"], value, name)  # noqa: PLW2901 - the embedded object
        elif value == "now" and node.get("f") == "unix-time":
            value = ctx.now  # noqa: PLW2901 - the instant that it names
        if fits_form(ctx, node, value):
            result[name] = value
    return result


FORMS: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "num": (int, float), "bool": (bool,), "arr": (list,), "obj": (dict,), "map": (dict,), "list": (),
}  # fmt: skip


def fits_form(ctx: Context, node: Doc, value: object) -> bool:
    """Say whether a value could stand in a field: of its type, its members too."""
    if node["t"] == "any":
        return any(fits_form(ctx, ctx.catalogue.node(one), value) for one in node["v"])
    if node["t"] == "ref":
        return isinstance(value, dict) and fits_form(ctx, ctx.catalogue.schema(node["to"]), value)
    if not isinstance(value, FORMS[node["t"]]):
        return False
    if isinstance(value, list):
        return all(fits_form(ctx, ctx.catalogue.node(node["v"]), one) for one in value)
    if isinstance(value, dict) and node["t"] == "obj":
        members = node["p"]
        return all(
            name in members and (one is None or fits_form(ctx, ctx.catalogue.node(members[name]), one))
            for name, one in value.items()
        )
    return True


def _nullable(node: Node) -> bool:
    return bool(node.get("null")) or node["t"] == "any" or "expand" in node


def without_nulls(ctx: Context, node: Node, value: Any) -> Any:
    """Return a value of a shape without the members that were cleared and are never null."""
    if node["t"] == "ref":
        return without_nulls(ctx, ctx.catalogue.schema(node["to"]), value)
    if node["t"] == "arr" and isinstance(value, list):
        return [without_nulls(ctx, ctx.catalogue.node(node["v"]), one) for one in value]
    if node["t"] != "obj" or not isinstance(value, dict):
        return value
    members, required = node["p"], node.get("req", ())
    result = {}
    for name, one in value.items():
        inner = ctx.catalogue.node(members[name]) if name in members else None
        if one is None and inner is not None and name not in required and not _nullable(inner):
            continue
        result[name] = one if inner is None else without_nulls(ctx, inner, one)
    return result


def completed(ctx: Context, node: Node, value: Any) -> Any:
    """Return a value of a shape with all members that are always there, at rest where nothing was said of them."""
    if node["t"] == "ref":
        return completed(ctx, ctx.catalogue.schema(node["to"]), value)
    if node["t"] == "arr" and isinstance(value, list):
        return [completed(ctx, ctx.catalogue.node(node["v"]), one) for one in value]
    if not isinstance(value, dict) or node["t"] not in ("obj", "map"):
        return value
    if node["t"] == "map":
        return {name: completed(ctx, ctx.catalogue.node(node["v"]), one) for name, one in value.items()}
    members = node["p"]
    missing = {name: ctx.blank_value(members[name]) for name in node.get("req", ()) if name not in value}
    return {
        **{
            name: completed(ctx, ctx.catalogue.node(members[name]), one) if name in members else one
            for name, one in value.items()
        },
        **missing,
    }


def _shown(ctx: Context, kind: str, doc: Doc, given: Doc) -> Doc:
    """Return an object as it is stored: without what was cleared and is never null, what was ``given`` of it whole."""
    if kind not in ctx.catalogue.schemas:
        return doc
    result: Doc = without_nulls(ctx, ctx.catalogue.schema(kind), doc)
    fields = ctx.catalogue.fields(kind)
    for name, value in given.items():
        if isinstance(value, (dict, list)) and name in result and name in fields:
            result[name] = completed(ctx, ctx.catalogue.node(fields[name]), result[name])
    return result


def _cleared(ctx: Context, kind: str, fields: dict[str, int], params: Doc) -> Doc:
    """Return the parameters that unset something; raises the refusal of what cannot be unset."""
    required = ctx.catalogue.schema(kind).get("req", ()) if kind in ctx.catalogue.schemas else ()
    gone: Doc = {name: None for name, value in params.items() if value is None}
    for name in gone:
        always = name in required and name in fields and name not in updates.MAPS
        if always and not _nullable(ctx.catalogue.node(fields[name])):
            raise wording.empty(name)
    return gone


async def update(ctx: Context, kind: str, doc: Doc, params: Doc) -> Doc:
    """Store an object after Stripe's update rule; what the object has no field for is left out.

    Raises the refusal of an empty text for what is never null.
    """
    fields = ctx.catalogue.fields(kind)
    given = {name: value for name, value in params.items() if name in fields or name in doc}
    given = {**_cleared(ctx, kind, fields, given), **await _fitting(ctx, given, fields)}
    after = _shown(ctx, kind, updates.apply(doc, given, lambda name: ctx.nested_blank(kind, name)), given)
    if "updated" in fields:
        after["updated"] = timestamp(ctx.now) if isinstance(after.get("updated"), str) else ctx.now
    return ctx.put(kind, after)


async def retrieve(ctx: Context, kind: str, id: str, name: str = "id") -> Doc:
    """Return an object of a path, or its three keys when it was deleted softly; raises the 404 of its kind."""
    doc = await ctx.find(kind, id)
    if doc is None:
        doc = await ctx.stub(kind, id)
    if doc is None:
        raise ctx.missing_at_path(kind, id, name=name)
    return doc


async def delete(ctx: Context, kind: str, id: str, name: str = "id") -> Doc:
    """Remove an object of a path and return its stub."""
    await ctx.at_path(kind, id, name=name)
    return ctx.remove(kind, id, stub=kind in SOFT)


def parent_fields(operation: Operation, ids: dict[str, str], fields: dict[str, int]) -> Doc:
    """Return the fields of a child that its path decides: ``/v1/customers/{customer}/tax_ids`` sets ``customer``."""
    return {name: value for name, value in ids.items() if name in fields and name != "id"}


async def listed_children(ctx: Context, operation: Operation, ids: dict[str, str], params: Doc) -> Page:
    """Return the objects of a collection, those of the path's parents only; raises the 400 of a bad cursor."""
    fields = ctx.catalogue.fields(operation.kind)
    tests = [
        (test, params[name]) for name, test in FILTERS.get(operation.kind, {}).items() if params.get(name) is not None
    ]

    def keep(doc: Doc) -> bool:
        return all(test(doc, value) for test, value in tests)

    url = operation.path
    for name, value in ids.items():
        url = url.replace("{" + name + "}", value)
    shown = parent_fields(operation, ids, fields)
    return await listed(ctx, operation.kind, params, url, keep=keep if tests else None, **shown)
