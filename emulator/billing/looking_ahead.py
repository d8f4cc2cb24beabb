"""Decides what looks ahead: previews and announced invoices let happen what happens by itself, and throw it away."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.billing import preview, upcoming
from emulator.billing.operations import WAKEUPS
from emulator.kernel.named import named

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Discarded


@cache
def happening() -> dict[str, tuple[Any, Any]]:
    """Return what happens to billing's objects by themselves: kind -> (next instant, what is done then)."""
    return {kind: (named("billing", when), named("billing", act)) for kind, (when, act) in WAKEUPS.items()}


async def create_preview(ctx: Context, ids: dict[str, str], params: Doc) -> Discarded:
    """Preview an invoice (``POST /v1/invoices/create_preview``; see ``preview.create``)."""
    return await preview.create(happening(), ctx, ids, params)


async def announce_upcoming(ctx: Context, notice: Doc) -> Discarded | None:
    """Announce an invoice some days before it is made (see ``upcoming.wake``)."""
    return await upcoming.wake(happening(), ctx, notice)
