"""Decides what reading subscriptions, their items, invoices and lines answers: which are shown, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import errors, subscription_updates
from emulator.billing.transitions import ENDED
from emulator.kernel.errors import StripeError, resource_missing
from emulator.resources.context import Page
from emulator.resources.listing import clamped, in_range, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PERIODS = ("current_period_start", "current_period_end")


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a subscription, canceled ones too."""
    return await ctx.at_path("subscription", ids["subscription_exposed_id"])


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List subscriptions: ended ones only when their status is asked for (facts billing 1.7)."""
    if params.get("customer") is not None:
        await ctx.need("customer", params["customer"], "customer")
    return await page(ctx, params, "/v1/subscriptions")


async def page(ctx: Context, params: Doc, url: str) -> Page:
    """Return the page of subscriptions that filters ask for, as the list at ``url``; raises the 400 of a bad cursor."""
    status, price, plan = params.get("status"), params.get("price"), params.get("plan")
    apart = {"status", "price", "plan", "automatic_tax", *PERIODS}
    rest = {name: value for name, value in params.items() if name not in apart}
    wanted = {name: params[name] for name in PERIODS if params.get(name) is not None}
    taxed = (params.get("automatic_tax") or {}).get("enabled")

    def keep(doc: Doc) -> bool:
        rows = doc["items"]["data"]
        return (
            _shown(doc["status"], status)
            and (price is None or any(row["price"] == price for row in rows))
            and (plan is None or any(row["price"] == plan for row in rows))  # a plan is the price of the same id
            and all(any(in_range(value, row[name]) for row in rows) for name, value in wanted.items())
            and (taxed is None or doc["automatic_tax"]["enabled"] == taxed)
        )

    return await listed(ctx, "subscription", rest, url, keep=keep)


def _shown(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status not in ENDED
    if wanted == "all":
        return True
    return status in ENDED if wanted == "ended" else status == wanted


async def owner_of(ctx: Context, item: str) -> tuple[Doc, Doc]:
    """Return (subscription, item) of an item's id; raises its own 404 (facts billing 1.6)."""
    for subscription in await ctx.select("subscription", limit=1, items=item):
        for row in subscription["items"]["data"]:
            if row["id"] == item:
                return subscription, row
    raise errors.unknown_item(item)


async def list_items(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List a subscription's items, oldest first; the url keeps its query (facts billing 1.7).

    Raises the refusal of a missing ``subscription``.
    """
    if params.get("subscription") is None:
        raise errors.missing_param("subscription")
    subscription = await ctx.need("subscription", params["subscription"], "subscription")
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    return embedded_page(subscription["items"]["data"], params, url, "subscription item")


async def retrieve_item(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a subscription item."""
    return (await owner_of(ctx, ids["item"]))[1]


async def create_item(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Add an item (``POST /v1/subscription_items``): the same as adding it by the subscription's update.

    Raises the refusal of a missing ``subscription``.
    """
    if params.get("subscription") is None:
        raise errors.missing_param("subscription")
    subscription = await ctx.need("subscription", params["subscription"], "subscription")
    after = await _changed(ctx, subscription, params, {})
    waiting = after["pending_update"]
    rows = waiting["subscription_items"] if waiting else after["items"]["data"]
    return rows[-1]  # type: ignore[no-any-return]


async def update_item(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change an item (``POST /v1/subscription_items/{item}``)."""
    subscription, _ = await owner_of(ctx, ids["item"])
    after = await _changed(ctx, subscription, params, {"id": ids["item"]})
    return next(row for row in after["items"]["data"] if row["id"] == ids["item"])


async def delete_item(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Remove an item (``DELETE /v1/subscription_items/{item}``)."""
    subscription, row = await owner_of(ctx, ids["item"])
    await _changed(ctx, subscription, params, {"id": row["id"], "deleted": True})
    return {"id": row["id"], "object": "subscription_item", "deleted": True}


BILLING = frozenset({"payment_behavior", "proration_behavior", "proration_date", "off_session"})
_PLACE = "items[0]["


async def _changed(ctx: Context, subscription: Doc, params: Doc, item: Doc) -> Doc:
    """Change one item by the subscription's update; what is refused is named as this call names it."""
    try:
        return await subscription_updates.change(ctx, subscription, _as_update(params, item))
    except StripeError as refusal:
        if refusal.param and refusal.param.startswith(_PLACE):
            refusal.param = refusal.param.removeprefix(_PLACE).replace("]", "", 1)
        raise


def _as_update(params: Doc, item: Doc) -> Doc:
    entry = {name: value for name, value in params.items() if name not in BILLING and name != "subscription"}
    return {**{name: params[name] for name in BILLING if name in params}, "items": [{**entry, **item}]}


async def list_invoices(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List invoices; ``subscription`` is found in their parent."""
    for name in ("customer", "subscription"):
        if params.get(name) is not None:
            await ctx.need(name, params[name], name)
    return await listed(ctx, "invoice", params, "/v1/invoices")


async def list_lines(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List an invoice's lines in their order."""
    invoice = await ctx.at_path("invoice", ids["invoice"], "invoice")
    return embedded_page(invoice["lines"]["data"], params, invoice["lines"]["url"], "invoice line item")


def embedded_page(data: Sequence[Doc], params: Doc, url: str, noun: str) -> Page:
    """Return a page of embedded objects in their own order; raises the 400 of a bad cursor."""
    limit = clamped(params.get("limit"))
    place = {doc["id"]: index for index, doc in enumerate(data)}
    for name in ("starting_after", "ending_before"):
        cursor = params.get(name)
        if cursor is not None and cursor not in place:
            raise resource_missing(noun, cursor, param=name)
    if params.get("ending_before") is not None:
        end = place[params["ending_before"]]
        begin = max(0, end - limit)
        return Page(list(data[begin:end]), begin > 0, url)
    begin = place[params["starting_after"]] + 1 if params.get("starting_after") is not None else 0
    return Page(list(data[begin : begin + limit]), begin + limit < len(data), url)
