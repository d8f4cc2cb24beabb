"""Decides which objects a list answers: filters, ranges, cursors, page length (facts billing 1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel import errors
from emulator.resources.context import Page
from emulator.resources.nouns import noun
from emulator.store.port import DERIVED, Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

DEFAULT_LIMIT, MAX_LIMIT = 10, 100
OFF_CLOCK = frozenset({"test_clock", "customer", "subscription"})
PAGING = frozenset({"limit", "starting_after", "ending_before", "expand", "page"})
RANGE = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


def clamped(limit: int | None) -> int:
    """Return a page length: out of range is clamped, not refused (recorded)."""
    return DEFAULT_LIMIT if limit is None else max(1, min(MAX_LIMIT, limit))


def in_range(wanted: Any, value: Any) -> bool:
    """Say whether a time is the one wanted, or within the wanted range."""
    if isinstance(wanted, dict):
        return isinstance(value, int) and all(RANGE[name](value, bound) for name, bound in wanted.items())
    return bool(value == wanted)


def fits(wanted: Any, value: Any) -> bool:
    """Say whether a field's value is what a filter wants: ranges, one of several, nested members, equality."""
    if isinstance(wanted, dict):
        if isinstance(value, dict):
            return all(fits(inner, value.get(key)) for key, inner in wanted.items())
        return set(wanted) <= set(RANGE) and in_range(wanted, value)
    if isinstance(wanted, list):
        return value in wanted
    if isinstance(value, dict) and "id" in value:
        value = value["id"]
    return bool(value == wanted)


async def listed(
    ctx: Context, kind: str, params: Doc, url: str, *, keep: Callable[[Doc], bool] | None = None, **where: Any
) -> Page:
    """Return a page of ``kind``: every parameter that names a field of the object filters by it.

    Raises the 400 of a cursor that is no object of the kind, and of two cursors at once.
    """
    fields = ctx.catalogue.fields(kind) if kind in ctx.catalogue.schemas else {}
    tests: list[tuple[str, Any]] = []
    for name, value in params.items():
        if name in PAGING or value is None:
            continue
        if name in DERIVED.get(kind, ()) or (
            name in fields and isinstance(value, (str, int, bool)) and not name.startswith("created")
        ):
            where[name] = value
        elif name in fields:
            tests.append((name, value))
        elif name.endswith("s") and name[:-1] in fields:
            tests.append((name[:-1], value))
        elif name == "ids":
            tests.append(("id", value))

    def kept(doc: Doc) -> bool:
        return all(fits(value, doc.get(name)) for name, value in tests) and (keep is None or keep(doc))

    if ctx.clocked and "test_clock" in fields and not where.keys() & OFF_CLOCK:
        # Objects on test clocks are listed by their clock, customer or subscription only (seen with the CLI).
        tests.append(("test_clock", None))
    after, before = params.get("starting_after"), params.get("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and not await ctx.cursor(kind, cursor):
            raise errors.resource_missing(noun(kind), cursor, param=name)
    if after is not None and before is not None:
        raise errors.exclusive("starting_after", "ending_before")
    query = Query(where, clamped(params.get("limit")), after, before, kept if tests or keep else None)
    docs, more = await ctx.page(kind, query)
    return Page(docs, more, url)
