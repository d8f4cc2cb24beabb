"""Decides what subscriptions answer under their customer: ``/v1/customers/{customer}/subscriptions``, the address of old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import cancellations, subscription_errors, subscription_reads, subscription_updates, subscriptions

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List the customer's subscriptions that have not ended, as ``GET /v1/subscriptions`` does; raises the customer's 404."""
    customer = await ctx.at_path("customer", ids["customer"])
    url = f"/v1/customers/{customer['id']}/subscriptions"
    return await subscription_reads.page(ctx, {**params, "customer": customer["id"]}, url)


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Begin a subscription of the customer; raises the customer's 404 and what ``POST /v1/subscriptions`` raises."""
    customer = await ctx.at_path("customer", ids["customer"])
    return await subscriptions.create(ctx, ids, {**params, "customer": customer["id"]})


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a subscription of the customer, ended ones too; raises the 404 of either."""
    return await _owned(ctx, ids)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change a subscription of the customer; raises the 404 of either and what ``POST /v1/subscriptions/{id}`` raises."""
    return await subscription_updates.change(ctx, await _owned(ctx, ids), params)


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Cancel a subscription of the customer now; raises the 404 of either, also when it has ended."""
    await _owned(ctx, ids)
    return await cancellations.delete(ctx, ids, params)


async def retrieve_discount(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the newest discount of a subscription of the customer (of several: a choice); raises the 404 of each of them."""
    subscription = await _owned(ctx, ids)
    found = [one for one in [await ctx.find("discount", one) for one in subscription["discounts"]] if one is not None]
    if not found:
        raise subscription_errors.no_discount(subscription)
    return found[-1]


async def delete_discount(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take all discounts off a subscription of the customer; answers the stub of the newest, raises the 404 of each."""
    await _owned(ctx, ids)
    return await subscription_updates.delete_discount(ctx, ids, params)


async def _owned(ctx: Context, ids: dict[str, str]) -> Doc:
    """Return the subscription of a path; raises the customer's 404 first, then its own, then that of another's."""
    customer = await ctx.at_path("customer", ids["customer"])
    subscription = await ctx.at_path("subscription", ids["subscription_exposed_id"])
    if subscription["customer"] != customer["id"]:
        raise subscription_errors.of_another_customer(subscription["id"], customer["id"])
    return subscription
