"""Decides what an operation without behaviour of its own does: validate, touch one object or one page, render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel import errors
from emulator.resources import generic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page
    from emulator.spec.catalogue import Operation

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]

PLAIN = frozenset({"list", "search", "retrieve", "create", "update", "delete"})
# What reads or makes something that only behaviour could know: figures, money movement, documents.
NOT_GENERIC = frozenset(
    {
        "PostChargesChargeRefunds", "PostApplicationFeesIdRefunds", "PostTransfersIdReversals",
        "PostTopups", "PostTransfers", "PostPayouts", "PostTaxCalculations", "PostSigmaSavedQueriesId", "PostReportingReportRuns",
        "PostForwardingRequests", "PostThreeDSecureAuthentications", "PostSources", "PostAccountsAccountExternalAccounts",
        "PostAccountLinks", "PostAccountSessions",
    }
)  # fmt: skip


def covers(operation: Operation) -> bool:
    """Say whether the generic tier can do an operation."""
    if operation.id in NOT_GENERIC or "file" in operation.out:
        return False
    return operation.form in PLAIN or operation.form == "read"


def behaviour(operation: Operation) -> Behaviour:
    """Return the function of a generic operation, or the one that says it is not emulated."""
    if not covers(operation):
        return _refusal(operation)
    return {
        "list": _list, "retrieve": _retrieve, "create": _create, "update": _update, "delete": _delete, "read": _read,
    }[operation.form](operation)  # fmt: skip


def _last(operation: Operation, ids: dict[str, str]) -> str:
    return ids[operation.names[-1]] if operation.ends_in_id else ""


async def _parents(ctx: Context, operation: Operation, ids: dict[str, str]) -> None:
    """Refuse a path whose parent is not there: every ``/collection/{id}`` before the last pair must exist."""
    segments = operation.segments
    end = len(segments) - (1 if operation.ends_in_id else 0)
    for place in range(1, end):
        if segments[place][0] != "{":
            continue
        name = segments[place][1:-1]
        kind = parent_kind(ctx, segments[: place + 1])
        if kind and await ctx.find(kind, ids[name]) is None:
            raise ctx.missing_at_path(kind, ids[name], name)


def parent_kind(ctx: Context, segments: tuple[str, ...]) -> str:
    """Return the kind that a path prefix ending in an id retrieves, or an empty string."""
    found = ctx.catalogue.route("/" + "/".join(segments))
    operation = found[0].get("GET") if found else None
    return operation.kind if operation is not None and operation.form == "retrieve" else ""


def _list(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
        await _parents(ctx, operation, ids)
        return await generic.listed_children(ctx, operation, ids, params)

    return run


def _retrieve(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        del params
        await _parents(ctx, operation, ids)
        id = _last(operation, ids)
        for kind in operation.kinds:
            if not kind.startswith("deleted_") and await ctx.find(kind, id) is not None:
                return _of_parent(ctx, operation, ids, await ctx.at_path(kind, id))
        return await generic.retrieve(ctx, operation.kind, id, operation.names[-1])

    return run


def _of_parent(ctx: Context, operation: Operation, ids: dict[str, str], doc: Doc) -> Doc:
    """Refuse a child of another parent (recorded: 404 ``Invalid request``)."""
    for name, value in generic.parent_fields(operation, ids, ctx.catalogue.fields(operation.kind)).items():
        if doc.get(name) not in (value, None) and name != operation.names[-1]:
            raise errors.StripeError("Invalid request", status=404, param=name)
    return doc


def _create(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        await _parents(ctx, operation, ids)
        await references(ctx, operation, params)
        parents = generic.parent_fields(operation, ids, ctx.catalogue.fields(operation.kind))
        if params.get("id") and await ctx.find(operation.kind, params["id"]) is not None:
            name = operation.kind.rsplit(".", 1)[-1].replace("_", " ").capitalize()
            raise errors.invalid_request(f"{name} already exists.", code="resource_already_exists")
        return await generic.create(ctx, operation.kind, params, **parents)

    return run


def _update(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        await _parents(ctx, operation, ids)
        if not operation.ends_in_id:
            return await _write_single(ctx, operation, ids, params)
        id = _last(operation, ids)
        doc = await ctx.at_path(operation.kind, id, name=operation.names[-1])
        await references(ctx, operation, params)
        return await generic.update(ctx, operation.kind, _of_parent(ctx, operation, ids, doc), params)

    return run


def _delete(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        del params
        await _parents(ctx, operation, ids)
        if not operation.ends_in_id:
            raise ctx.missing_at_path(operation.kind, next(iter(ids.values()), ""))
        doc = await ctx.at_path(operation.kind, _last(operation, ids), name=operation.names[-1])
        _of_parent(ctx, operation, ids, doc)
        return await generic.delete(ctx, operation.kind, doc["id"])

    return run


def _single_id(operation: Operation, ids: dict[str, str]) -> str:
    return next(reversed(ids.values()), "") or operation.kind


async def _write_single(ctx: Context, operation: Operation, ids: dict[str, str], params: Doc) -> Doc:
    """Change a singleton such as ``/v1/tax/settings``, or a sub-object such as a cash balance."""
    key = _single_id(operation, ids)
    doc = await ctx.find(operation.kind, key) or {"id": key, **_single(ctx, operation, ids)}
    return _without_id(ctx, operation, await generic.update(ctx, operation.kind, doc, params))


def _single(ctx: Context, operation: Operation, ids: dict[str, str]) -> Doc:
    return {**ctx.blank(operation.kind), **generic.parent_fields(operation, ids, ctx.catalogue.fields(operation.kind))}


def _without_id(ctx: Context, operation: Operation, doc: Doc) -> Doc:
    if "id" in ctx.catalogue.fields(operation.kind):
        return doc
    return {key: value for key, value in doc.items() if key != "id"}


def _read(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        del params
        await _parents(ctx, operation, ids)
        doc = await ctx.find(operation.kind, _single_id(operation, ids))
        if doc is None and "id" in ctx.catalogue.fields(operation.kind):
            raise ctx.missing_at_path(operation.kind, _single_id(operation, ids))
        return _without_id(ctx, operation, doc or _single(ctx, operation, ids))

    return run


async def references(ctx: Context, operation: Operation, params: Doc) -> None:
    """Refuse an id of an object that is not there: a parameter that names an expandable field of the answer is a reference."""
    fields = ctx.catalogue.fields(operation.kind)
    for name, value in params.items():
        if name not in fields or not isinstance(value, str):
            continue
        kinds = [kind for kind in ctx.catalogue.node(fields[name]).get("expand", ()) if not kind.startswith("deleted_")]
        if kinds and not [kind for kind in kinds if await ctx.find(kind, value) is not None]:
            await ctx.need(kinds[0], value, name)


def _refusal(operation: Operation) -> Behaviour:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        del params
        await _parents(ctx, operation, ids)
        raise errors.not_emulated(f"{operation.method} {operation.path}")

    return run
