"""Decides when a trial ends after it was moved, and when that is announced: three days before, or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import shapes, timing

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


def moved(ctx: Context, after: Doc, end: int) -> Doc:
    """Return a subscription in a trial that ends at another time; nothing is billed."""
    rows = [{**row, "current_period_end": end} for row in after["items"]["data"]]
    announce(ctx, after, end)
    anchor = after["billing_cycle_anchor"] if timing.keeps_anchor(after["trial_settings"]) else end
    return {**after, "trial_end": end, "billing_cycle_anchor": anchor, "items": shapes.item_list(after["id"], rows)}
