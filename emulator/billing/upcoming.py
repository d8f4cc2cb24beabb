"""Decides when a renewal is announced by ``invoice.upcoming``, and with what: a preview.

How many days before is the account setting ``upcoming_invoice_days`` (3, 7, 15, 30 or 45 in the Dashboard, facts billing
6.11); without it nothing is announced: it costs each renewal a second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import finalization, instants, preview
from emulator.billing.transitions import ENDED
from emulator.kernel.errors import StripeError
from emulator.resources.context import Discarded

if TYPE_CHECKING:
    from emulator.billing.preview import Wakeups
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = finalization.UPCOMING
DAY = 86_400


def next_instant(notice: Doc) -> int:
    """Return when a renewal is announced, or looked for."""
    return int(notice["at"])


def renewal_of(subscription: Doc) -> int | None:
    """Return when a subscription bills next by itself, None when it ends before or is not charged."""
    found = instants.subscription(subscription)
    if found is None or found.what not in {"renew", "trial_end"} or subscription["status"] in ENDED:
        return None
    return found.at


async def wake(wakeups: Wakeups, ctx: Context, notice: Doc) -> Discarded | None:
    """Announce the next invoice of a subscription, if its time has come; look again after the renewal."""
    subscription = await ctx.find("subscription", notice["id"])
    days = int(ctx.settings.get("upcoming_invoice_days") or 0) * DAY
    if subscription is None or subscription["status"] in ENDED or not days:
        ctx.remove(KIND, notice["id"])
        return None
    renewal = renewal_of(subscription)
    if renewal is None or renewal <= ctx.now:
        ctx.put(KIND, {**notice, "at": max(ctx.now, renewal or 0) + DAY, "told": 0})
        return None
    if renewal - days > ctx.now or notice["told"] == renewal:
        again = renewal - days if renewal - days > ctx.now else renewal + 1
        ctx.put(KIND, {**notice, "at": again})
        return None
    told = {**notice, "at": renewal + 1, "told": renewal}
    if subscription["collection_method"] != "charge_automatically" or subscription["pause_collection"]:
        ctx.put(KIND, told)
        return None
    return await _announced(wakeups, ctx, subscription, told)


async def _announced(wakeups: Wakeups, ctx: Context, subscription: Doc, told: Doc) -> Discarded | None:
    try:
        found = await preview.of(wakeups, ctx, {"subscription": subscription["id"]})
    except StripeError:
        return Discarded(told, _kept)

    def announce(later: Context, invoice: Doc) -> None:
        later.note("invoice.upcoming", invoice)
        later.put(KIND, told)

    return Discarded(found, announce)


def _kept(ctx: Context, notice: Doc) -> None:
    ctx.put(KIND, notice)
