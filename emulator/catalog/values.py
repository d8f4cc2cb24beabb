"""Decides how given values become stored ones where every resource of the catalog does it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

FIVE_YEARS = 5 * 365 * 86_400 + 2 * 86_400  # the longest that five years can be


def metadata(params: Doc) -> Doc:
    """Return the metadata of a new object: keys given as empty do not come to be (recorded 2025-12)."""
    return {key: value for key, value in (params.get("metadata") or {}).items() if value is not None}


def member(prefix: str, name: str) -> str:
    """Return the full name of a parameter: ``recurring`` and ``meter`` give ``recurring[meter]``."""
    if not prefix:
        return name
    head, bracket, tail = name.partition("[")
    return f"{prefix}[{head}]{bracket}{tail}"


def at_least(params: Doc, name: str, least: int, prefix: str = "") -> int | None:
    """Return an integer parameter, refusing one below ``least`` (facts billing 1.5)."""
    value: int | None = params.get(name)
    if value is not None and value < least:
        raise errors.too_small(str(least), param=member(prefix, name))
    return value


def within(params: Doc, name: str, least: int, most: int, prefix: str = "") -> int | None:
    """Return an integer parameter, refusing one below ``least`` or above ``most`` (facts billing 1.5)."""
    value = at_least(params, name, least, prefix)
    if value is not None and value > most:
        raise errors.too_large(str(most), value, param=member(prefix, name))
    return value


def at_most(params: Doc, name: str, most: int) -> None:
    """Refuse a list parameter of more than ``most`` elements."""
    if len(params.get(name) or ()) > most:
        raise errors.too_many(name, most)


def future(params: Doc, name: str, now: int) -> int | None:
    """Return an instant (unix seconds); raises the refusal of one that is not after ``now`` and within five years."""
    value: int | None = params.get(name)
    if value is None:
        return None
    if value <= now:
        raise errors.in_the_past(name, value)
    if value > now + FIVE_YEARS:
        raise errors.more_than_five_years(name)
    return value
