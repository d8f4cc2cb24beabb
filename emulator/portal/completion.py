"""Decides what a session is told about its flow, and marks the flow as done.

Source: docs.stripe.com/customer-management/portal-deep-links; facts portal 3.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.portal import blocks, visits

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def flow(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:flow`` (token): the session with its flow, also after it, and the subscription that it is about.

    ``completed`` says whether its act is done. ``subscription`` is None for flows of the customer, for sessions without
    a flow, and once the flow has led into the whole portal.
    """
    visit = await visits.enter(ctx, params["token"], afterwards=True)
    over = {"completed": await visits.completed(ctx, params["token"])}
    opened = visit.session["flow"]
    branch = (opened or {}).get((opened or {}).get("type")) or {}
    found = await ctx.find("subscription", branch["subscription"]) if branch.get("subscription") else None
    if found is None or not blocks.belongs(visit, found):
        return {**await blocks.common(ctx, visit), **over, "permissions": {}, "subscription": None}
    return {**await blocks.subscription_page(ctx, visit, found), **over}


async def complete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:complete_flow`` (token): the flow's act is done; what the link opens from now on follows from it.

    Without a flow, or a second time, nothing happens. Returns what ``portal:flow`` does.
    """
    visit = await visits.enter(ctx, params["token"], afterwards=True)
    if visit.session["flow"] is not None:
        await visits.complete(ctx, params["token"], visit.session["flow"]["after_completion"]["type"])
    return await flow(ctx, ids, params)
