"""Decides what a portal page is told: the documents of one customer with their prices and products spelled out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed
from emulator.portal import (
    feedback_options,
    pausing,
    pending_changes,
    permissions,
    reductions,
    retention,
    subjects,
    visits,
    wallet,
)
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

belongs, own = visits.belongs, visits.own
SKIN = "portal_skin"  # world setting: how pages look, "b" or "c"; None is the server's
FIRST_INVOICES = 10  # choice: rows before "View more"
# Choice (facts portal 8 has no source): a draft is nobody's business yet, everything that was finalized is shown.
SHOWN_INVOICES = frozenset({"open", "paid", "uncollectible", "void"})


async def home(ctx: Context, visit: Visit, invoices_limit: int | None) -> Doc:
    """Return everything the home page draws; subscriptions and invoices newest first."""
    customer = visit.customer["id"]
    subscriptions = [
        await _block(ctx, visit, await subjects.subject(ctx, subscription, visit.configuration, visit.customer))
        for subscription in await ctx.select("subscription", customer=customer)
        if subscription["status"] not in permissions.ENDED and belongs(visit, subscription)
    ]
    return {
        **await common(ctx, visit),
        **await wallet.told(ctx, visit),
        "editable": list(visit.editable),
        "invoices": await _invoices(ctx, visit, invoices_limit or FIRST_INVOICES),
        "subscriptions": subscriptions,
        "tax_ids": await ctx.select("tax_id", customer=customer),
    }


async def subscription_page(ctx: Context, visit: Visit, subscription: Doc) -> Doc:
    """Return what a page about one subscription draws; ``offer`` is what may keep the customer from canceling."""
    subject = await subjects.subject(ctx, subscription, visit.configuration, visit.customer)
    return {
        **await common(ctx, visit),
        **await _block(ctx, visit, subject),
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


async def _block(ctx: Context, visit: Visit, subject: permissions.Subject) -> Doc:
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


async def _invoices(ctx: Context, visit: Visit, limit: int) -> dict[str, Any]:
    if not visit.configuration["features"]["invoice_history"]["enabled"]:
        return {"data": [], "has_more": False}

    def shown(invoice: Doc) -> bool:
        return invoice["status"] in SHOWN_INVOICES and belongs(visit, invoice)

    found: list[Doc] = []
    more = True
    while more and len(found) < limit:  # a list of the API is never longer than a hundred
        params: Doc = {"limit": limit - len(found), "starting_after": found[-1]["id"] if found else None}
        page = await generic.listed(ctx, "invoice", params, "/v1/invoices", keep=shown, customer=visit.customer["id"])
        found, more = [*found, *page.docs], page.more
    return {"data": found, "has_more": more}
