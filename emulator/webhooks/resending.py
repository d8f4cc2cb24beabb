"""Decides where an event goes that ``stripe events resend`` sends again."""

from __future__ import annotations

from emulator.kernel.documents import Doc
from emulator.resources.context import Context
from emulator.webhooks import outbox
from emulator.webhooks.endpoints import KIND as ENDPOINT

ID_LENGTH = 24


async def resend(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Send an event again and return it: to one endpoint, to the listeners only (``for_stripecli``), or to whom it concerns.

    A listener gets it whatever it is; an endpoint named by the caller too (choice). A failure is not tried again.
    """
    event = await ctx.at_path("event", ids["id"])
    named = params.get("webhook_endpoint")
    targets = [await ctx.need(ENDPOINT, named, "webhook_endpoint")] if named is not None else [*ctx.listeners]
    if named is None and not params.get("for_stripecli"):
        endpoints = reversed(await ctx.select(ENDPOINT))
        targets += [endpoint for endpoint in endpoints if outbox.wants(endpoint, event)]
    for target in targets:
        id = f"{outbox.PREFIX}_{ctx.text(ID_LENGTH)}"
        ctx.put(outbox.KIND, outbox.row(event, target, id, ctx.server_now, attempt=1, automatic=False))
    return event
