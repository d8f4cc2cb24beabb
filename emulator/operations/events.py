"""Decides which events are read back: newest first, by type, several types or wildcard (docs.stripe.com/api/events/list)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, bad_param
from emulator.resources.context import Page
from emulator.resources.listing import listed as page_of

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MAX_TYPES = 20
KEPT = 30 * 86400  # seconds an event can be read (docs.stripe.com/api/events)


def wanted(pattern: str, type: str) -> bool:
    """Say whether an event type is a pattern's: exact, or all of a family as in ``invoice.*``."""
    return pattern in (type, "*") or (pattern.endswith("*") and type.startswith(pattern[:-1]))


async def listed(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return a page of the account's events of the last 30 days.

    Raises the refusals of ``type`` beside ``types`` and of too many types.
    """
    del ids
    patterns = [params["type"]] if params.get("type") else params.get("types") or []
    if params.get("type") and params.get("types"):
        raise bad_param("You may only specify one of these parameters: type, types.", param="type")
    if len(patterns) > MAX_TYPES:
        raise bad_param(f"Array types exceeded maximum {MAX_TYPES} allowed elements.", param="types")
    delivered = params.get("delivery_success")

    def keep(event: Doc) -> bool:
        if patterns and not any(wanted(pattern, event["type"]) for pattern in patterns):
            return False
        if delivered is not None and (event["pending_webhooks"] == 0) is not delivered:
            return False
        return bool(event["created"] > ctx.now - KEPT)

    rest = {
        key: value for key, value in params.items() if key in ("limit", "starting_after", "ending_before", "created")
    }
    exact = {"type": patterns[0]} if len(patterns) == 1 and not patterns[0].endswith("*") else {}
    return await page_of(ctx, "event", rest, "/v1/events", keep=keep, **exact)


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return one event; raises the 404 of an unknown id."""
    del params
    event = await ctx.find("event", ids["id"])
    if event is None:
        raise StripeError(f"No such event: '{ids['id']}'", status=404, code="resource_missing", param="id")
    return event
