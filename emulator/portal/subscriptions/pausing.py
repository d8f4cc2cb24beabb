"""Decides how long a customer may pause a subscription, what pausing and resuming in the portal do, and when it ends.

Source: docs.stripe.com/changelog, endive/2026-09-30 and endive/2026-10-28; facts portal-newest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import pausing, periods
from emulator.payments import collect
from emulator.portal import errors, permissions
from emulator.portal.permissions import Reason

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_portal_pause"  # when a pause that was made here ends, by the subscription's id
# Choices: what is paid for and not used is credited, as the API does without being told; a subscription that runs
# again begins a new period and pays for it at once, and stays paused when that fails.
PAUSE: Doc = {}
RESUME: Doc = {"payment_behavior": pausing.ON_SUCCESS}


async def pause(ctx: Context, subscription: Doc, duration: Doc, wanted: object) -> Doc:
    """Pause now, until the customer resumes or the wanted option is over; returns the subscription.

    ``duration`` is the configuration's; ``wanted`` is the place of one of its options, as text. Raises 403 for one
    that is not offered.
    """
    end = _end(ctx.now, duration, wanted)
    after = await pausing.pause(ctx, {"subscription": subscription["id"]}, PAUSE)
    if end is not None:
        clock = subscription.get("test_clock")
        ctx.put(KIND, {"id": after["id"], "paused_at": ctx.now, "resumes_at": end, "test_clock": clock})
    return after


async def resume(ctx: Context, subscription: Doc, customer: Doc) -> Doc:
    """Let a paused subscription run again and return it; still paused when its payment failed.

    Raises 402 when there is nothing to pay with.
    """
    if await collect.default_method(ctx, customer, subscription) is None:
        raise errors.no_method()
    after = await pausing.resume(ctx, {"subscription": subscription["id"]}, RESUME)
    if await ctx.find(KIND, subscription["id"]) is not None:
        ctx.remove(KIND, subscription["id"])
    return after


def may_resume(subscription: Doc, feature: Doc) -> Reason | None:
    """Say why a paused subscription may not be resumed, None if it may.

    That every pause may be ended where pausing is allowed, also one that the merchant or an ended trial began, is a
    choice.
    """
    if not feature["enabled"]:
        return Reason.FEATURE_DISABLED
    if subscription["status"] in permissions.ENDED:
        return Reason.ENDED
    invoiced = subscription["collection_method"] != "charge_automatically"
    return Reason.STATUS if subscription["status"] != "paused" else Reason.INVOICED if invoiced else None


async def resumes_at(ctx: Context, subscription: Doc) -> int | None:
    """Return when a pause ends by itself, in unix seconds; None for one without an end."""
    if subscription["status"] != "paused":
        return None
    note = await ctx.find(KIND, subscription["id"])
    return int(note["resumes_at"]) if note is not None and _holds(note, subscription) else None


def _holds(note: Doc, subscription: Doc) -> bool:
    """Say whether a subscription is still in the pause that a note is about."""
    if subscription["status"] != "paused":
        return False
    return bool(subscription["status_details"]["paused"]["transitioned_at"] == note["paused_at"])


def _end(now: int, duration: Doc, wanted: object) -> int | None:
    """Return when a pause of the wanted option ends; raises 403 for an option that is not offered."""
    if duration["type"] == "indefinite":
        return None
    options = {str(place): option for place, option in enumerate(duration["interval_options"])}
    option = options.get(wanted) if isinstance(wanted, str) else None
    if option is None:
        raise errors.duration_not_offered()
    return periods.plus(now, option["interval"], option["interval_count"])


def next_instant(note: Doc) -> int:
    """Return when a pause that a customer asked for ends (unix seconds)."""
    return int(note["resumes_at"])


async def wake(ctx: Context, note: Doc) -> None:
    """End a pause whose time is over; one that ended otherwise is left alone, what cannot be paid stays paused."""
    ctx.remove(KIND, note["id"])
    subscription = await ctx.find("subscription", note["id"])
    if subscription is None or not _holds(note, subscription):
        return
    customer = await ctx.need("customer", subscription["customer"], "customer")
    payable = await collect.default_method(ctx, customer, subscription) is not None
    if payable and subscription["collection_method"] == "charge_automatically":
        await pausing.resume(ctx, {"subscription": note["id"]}, RESUME)
