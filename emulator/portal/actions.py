"""Decides what a customer's click does: looking, cancelling, giving a reason, taking a cancellation back.

Every act checks the link first, then whose the subscription is, then what the configuration permits. Doing an act twice
does it once. Source: docs.stripe.com/customer-management/cancellation-page; facts portal 4, 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import cancellations
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.portal import blocks, errors, home, permissions, visits
from emulator.portal.settings import feedback_options
from emulator.portal.subscriptions import pausing, pending_changes, retention, subjects

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

COMMENT_LIMIT = 5000
NO_DETAILS = {"comment": None, "feedback": None, "feedback_option": None, "reason": None}


async def home_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:home`` (token, invoices_limit): everything the home page draws."""
    visit = await visits.enter(ctx, params["token"])
    return await home.home(ctx, visit, params.get("invoices_limit"))


async def subscription(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:subscription`` (token, subscription): one subscription; 404 for one that is not this customer's."""
    visit = await visits.enter(ctx, params["token"])
    return await blocks.subscription_page(ctx, visit, await blocks.own(ctx, visit, params["subscription"]))


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:cancel`` (token, subscription): end it now or at the period's end, as the configuration says."""
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    if before["status"] in permissions.ENDED or permissions.canceling(before):
        return await blocks.subscription_page(ctx, visit, before)
    feature = visit.configuration["features"]["subscription_cancel"]
    subject = await subjects.subject(ctx, before, visit.configuration, visit.customer)
    _permit("canceled", permissions.may_cancel(subject, feature))
    before = await pending_changes.released(ctx, before)  # what was to change does not any more (facts portal 4.1)
    if feature["mode"] == "immediately":
        prorate = feature["proration_behavior"] == "create_prorations"
        after = await cancellations.cancel_now(ctx, before, prorate=prorate, invoice_now=False)
    else:
        after = await cancellations.cancel_at_period_end(ctx, before)
    return await blocks.subscription_page(ctx, visit, after)


async def cancellation_reason(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:cancellation_reason`` (token, subscription, feedback, comment): keep why the customer goes.

    It is a second change of the subscription, as recorded (facts portal 4.3). Raises the refusals of a missing or
    unknown reason, of a comment that is too long, and of a subscription that does not end.
    """
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    feedback, comment = params.get("feedback"), params.get("comment") or None
    if not feedback:
        raise missing_param("feedback")
    if not isinstance(feedback, str) or not isinstance(comment, str | None):
        raise errors.reason_not_offered(str(feedback))
    if comment is not None and len(comment) > COMMENT_LIMIT:
        raise errors.too_long(comment, COMMENT_LIMIT, "comment")
    if before["status"] not in permissions.ENDED and not permissions.canceling(before):
        raise errors.not_permitted("given a cancellation reason", permissions.Reason.NOT_CANCELING)
    details = {
        **NO_DETAILS,
        **(before["cancellation_details"] or {}),
        **await _feedback(ctx, visit, feedback),
        "comment": comment,
    }
    if details != before["cancellation_details"]:
        before = ctx.put("subscription", changed(before, cancellation_details=details))
    return await blocks.subscription_page(ctx, visit, before)


async def renew(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:renew`` (token, subscription): take a cancellation back before it takes effect."""
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    if before["status"] not in permissions.ENDED and not permissions.canceling(before):
        return await blocks.subscription_page(ctx, visit, before)
    subject = await subjects.subject(ctx, before, visit.configuration, visit.customer)
    _permit("renewed", permissions.may_renew(subject, visit.configuration["features"]["subscription_cancel"]))
    return await blocks.subscription_page(ctx, visit, await cancellations.undo_cancel(ctx, before))


async def accept_offer(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:accept_offer`` (token, subscription): keep the subscription, with the coupon that was offered."""
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    return await blocks.subscription_page(ctx, visit, await retention.accept(ctx, visit, before))


async def pause(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:pause`` (token, subscription, duration): pause it; ``duration`` is the place of an option, as text."""
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    if before["status"] == "paused":
        return await blocks.subscription_page(ctx, visit, before)
    feature = visit.configuration["features"]["subscription_pause"]
    subject = await subjects.subject(ctx, before, visit.configuration, visit.customer)
    _permit("paused", permissions.may_pause(subject, feature))
    after = await pausing.pause(ctx, before, feature["duration"], params.get("duration"))
    return await blocks.subscription_page(ctx, visit, after)


async def resume(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:resume`` (token, subscription): let it run again; it stays paused when its payment fails."""
    visit = await visits.enter(ctx, params["token"])
    before = await blocks.own(ctx, visit, params["subscription"])
    if before["status"] != "paused" and before["status"] not in permissions.ENDED:
        return await blocks.subscription_page(ctx, visit, before)
    _permit("resumed", pausing.may_resume(before, visit.configuration["features"]["subscription_pause"]))
    return await blocks.subscription_page(ctx, visit, await pausing.resume(ctx, before, visit.customer))


async def _feedback(ctx: Context, visit: Visit, feedback: str) -> Doc:
    """Return the details that a chosen reason sets: one of Stripe's, or the merchant's own option."""
    offered = visit.configuration["features"]["subscription_cancel"]["cancellation_reason"]
    if offered["enabled"] and feedback in offered["options"]:
        return {"feedback": feedback, "feedback_option": None}
    if offered["enabled"] and feedback in (offered["feedback_options"] or []):
        option = await ctx.find(feedback_options.KIND, feedback)
        if option is not None and option["status"] == "active":
            return {"feedback": None, "feedback_option": feedback}
    raise errors.reason_not_offered(feedback)


def _permit(done: str, reason: permissions.Reason | None) -> None:
    if reason is not None:
        raise errors.not_permitted(done, reason)
