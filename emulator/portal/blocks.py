"""Decides what every portal page is told, and what a page about one subscription is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.portal import permissions, visits
from emulator.portal.settings import feedback_options
from emulator.portal.subscriptions import pausing, pending_changes, reductions, retention, subjects

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

belongs, own = visits.belongs, visits.own
SKIN = "portal_skin"  # world setting: how pages look, "b", "b-survey" or "c"; None is the server's


async def subscription_page(ctx: Context, visit: Visit, subscription: Doc) -> Doc:
    """Return what a page about one subscription draws; ``offer`` is what may keep the customer from canceling."""
    subject = await subjects.subject(ctx, subscription, visit.configuration, visit.customer)
    return {
        **await common(ctx, visit),
        **await block(ctx, visit, subject),
        "offer": await retention.offer(ctx, visit, subject),
    }


async def common(ctx: Context, visit: Visit) -> Doc:
    """Return what every page needs; ``return_url`` is the address in force, ``now`` unix seconds.

    ``feedback_options`` are the merchant's own cancellation reasons.
    """
    return {
        "account": await visits.account(ctx, visit.session["on_behalf_of"]),
        "configuration": visit.configuration,
        "customer": visit.customer,
        "feedback_options": await _feedback_options(ctx, visit),
        "now": ctx.now,
        "preview": visit.preview,
        "return_url": visit.return_url,
        "session": visit.session,
        "skin": ctx.settings.get(SKIN),
    }


async def _feedback_options(ctx: Context, visit: Visit) -> list[Doc]:
    """Return the merchant's own cancellation reasons that may still be given, in the configuration's order."""
    asked = visit.configuration["features"]["subscription_cancel"]["cancellation_reason"]
    found = [await ctx.find(feedback_options.KIND, id_) for id_ in asked["feedback_options"] or []]
    return [option for option in found if option is not None and option["status"] == "active"]


async def block(ctx: Context, visit: Visit, subject: permissions.Subject) -> Doc:
    """Return one subscription with what may be done with it, what waits for it and what it is reduced by."""
    subscription = subject.subscription
    allowed = permissions.decide(subject, visit.configuration)
    items = []
    for item in subscription["items"]["data"]:
        price = subject.prices[item["price"]]
        product = await _product(ctx, price["product"])
        items.append(changed(item, price=changed(price, product=product), product=product))
    shown = changed(subscription, items=changed(subscription["items"], data=items))
    feature = visit.configuration["features"]["subscription_pause"]
    return {
        "discounts": await reductions.running(ctx, subscription, visit.customer),
        "permissions": allowed.as_flags(),
        "resumable": pausing.may_resume(subscription, feature) is None,
        "resumes_at": await pausing.resumes_at(ctx, subscription),
        "prorated": await pending_changes.prorated(ctx, subscription),
        "scheduled": await pending_changes.told(ctx, subscription),
        "subscription": shown,
    }


async def _product(ctx: Context, id_: str) -> Doc:
    return await ctx.find("product", id_) or {"deleted": True, "id": id_, "name": "", "object": "product"}
