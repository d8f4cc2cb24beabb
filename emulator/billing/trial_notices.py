"""Decides when the end of a trial is announced: three days before, or at once when it is nearer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SHORT_TRIAL = 3 * 86_400  # trial_will_end is announced this long before the end (facts billing 6.6)
TRIAL_NOTICE = "_trial_notice"


def announce(ctx: Context, subscription: Doc, end: int) -> None:
    """Announce the end of a trial three days before, or at once when it is nearer (facts billing 6.6)."""
    if end - ctx.now < SHORT_TRIAL:
        ctx.note("customer.subscription.trial_will_end", subscription)
    else:
        ctx.put(TRIAL_NOTICE, {
            "id": subscription["id"], "at": end - SHORT_TRIAL, "test_clock": subscription["test_clock"],
        })  # fmt: skip


async def wake(ctx: Context, notice: Doc) -> None:
    """Announce that a trial ends in three days, if it still does."""
    ctx.remove(TRIAL_NOTICE, notice["id"])
    subscription = await ctx.find("subscription", notice["id"])
    if subscription is not None and subscription["status"] == "trialing":
        ctx.note("customer.subscription.trial_will_end", subscription)
