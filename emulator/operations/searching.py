"""Decides what the seven search endpoints answer: matches newest first, in pages with an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, bad_param, invalid_request
from emulator.operations.query import FIELDS, parse
from emulator.resources.context import Page
from emulator.resources.listing import clamped
from emulator.store.port import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context
    from emulator.spec.catalogue import Operation

COUNTED = 10_000  # total_count is accurate up to here
SINCE = "2020-08-27"  # the first version that searches


def behaviour(operation: Operation) -> Callable[[Context, dict[str, str], Doc], Awaitable[Page]]:
    """Return the function of a search operation; raises RuntimeError for a resource without fields to search by."""
    resource = operation.segments[1]
    if resource not in FIELDS:
        msg = f"{operation.id} searches {resource}, which has no fields to search by"
        raise RuntimeError(msg)

    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
        del ids
        if ctx.version and ctx.version < SINCE:
            raise _too_old(ctx.version)
        search = parse(params["query"], resource)
        after = _after(params.get("page"))
        if after is not None and not await ctx.cursor(operation.kind, after):
            raise bad_param("Invalid page", param="page")
        query = Query({}, clamped(params.get("limit")), after, None, search.holds)
        docs, more = await ctx.page(operation.kind, query)
        every, _ = await ctx.page(operation.kind, Query({}, COUNTED, None, None, search.holds))
        following = base64.urlsafe_b64encode(docs[-1]["id"].encode()).decode() if more else ""
        return Page(docs, more, operation.path, len(every), following)

    return run


def _too_old(version: str) -> StripeError:
    """Build the refusal of a version from before searching (facts billing 1.5, quoted in public)."""
    return invalid_request(
        f"Search is not supported on api version {version}. Update your API version, or set the API Version of this "  # noqa: S608 - no SQL
        f"request to {SINCE} or greater."
    )


def _after(page: str | None) -> str | None:
    if page is None:
        return None
    try:
        return base64.urlsafe_b64decode(page.encode()).decode()
    except (binascii.Error, ValueError) as error:
        raise bad_param("Invalid page", param="page") from error
