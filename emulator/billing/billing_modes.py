"""Decides how a subscription comes to flexible billing, and how it then tells the discounts of prorations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, shapes, subscription_errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MODES_SINCE = "2025-06-30"  # the first version that can change a billing mode (facts billing 6.16)


async def migrate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Move a subscription to flexible billing, or to itemized discounts (``POST .../migrate``); there is no way back.

    docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts. Raises the refusal of callers whose
    version knows no billing modes (facts billing 6.16).
    """
    if ctx.version[:10] < MODES_SINCE:
        raise subscription_errors.modes_unknown(ctx.version)
    subscription = await ctx.at_path("subscription", ids["subscription"])
    if params.get("billing_mode") is None:
        raise errors.missing_param("billing_mode")
    if subscription["status"] in {"canceled", "incomplete_expired"}:
        raise errors.canceled_subscription()
    wanted = (params["billing_mode"].get("flexible") or {}).get("proration_discounts")
    if subscription["billing_mode"]["type"] == "flexible":
        now = subscription["billing_mode"]["flexible"]["proration_discounts"]
        if wanted in {None, now}:
            return subscription  # what it adopted, and when, stays (a choice)
        if now == "itemized":
            raise subscription_errors.itemized_for_good()
    mode = shapes.flexible_mode(ctx.now, wanted or "included")
    return ctx.put("subscription", {**subscription, "billing_mode": mode})
