"""Decides which wishes a subscription takes as they are given, and which it refuses: collection, currency, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import automatic_tax, connect, errors, lines, selection, subscription_errors
from emulator.billing.transitions import LIVE
from emulator.catalog.values import within
from emulator.payments import sources
from emulator.resources import updates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# What is stored as given, at create and at update.
PLAIN = frozenset({
    "application_fee_percent", "billing_thresholds", "collection_method", "days_until_due", "default_payment_method",
    "default_source", "description", "invoice_settings", "metadata", "on_behalf_of", "payment_settings",
    "pending_invoice_item_interval", "transfer_data", "trial_settings",
})  # fmt: skip
MOST_SUBSCRIPTIONS = 500  # live ones of a customer (docs.stripe.com/error-codes, customer_max_subscriptions)
MOST_ON_CLOCK = 3  # of a customer on a test clock (docs.stripe.com/billing/testing/test-clocks)
COUNTED = LIVE | {"not_started"}  # of subscriptions, and of schedules
MOST_ITEMS = 20  # of a subscription (docs.stripe.com/billing/subscriptions/multiple-products)
MOST_DAYS_UNTIL_DUE = 36_500  # nobody says how many: dates of a hundred years can be shown (choice)
MORE_ITEMS_SINCE = "2026-08-26"  # the first version whose flexible ones may have more, nobody says how many (facts 13)


def check_collection(method: str, days: int | None, customer: Doc) -> None:
    """Refuse ``days_until_due`` where it has no meaning, and its absence where it has one."""
    if method != "send_invoice":
        if days is not None:
            raise errors.days_without_send_invoice()
        return
    if days is None:
        raise errors.days_until_due_missing()
    within({"days_until_due": days}, "days_until_due", 0, MOST_DAYS_UNTIL_DUE)
    if not customer["email"]:
        raise errors.email_missing()


def refuse_unbuilt(params: Doc, names: Sequence[str], *, taxed: bool = False) -> None:
    """Say honestly which wishes are not emulated; ``taxed``: automatic tax is.

    Raises the 501 of the first.
    """
    for name in names:
        if params.get(name):
            raise errors.not_emulated(f"The parameter {name} of subscriptions")
    if not taxed and (params.get("automatic_tax") or {}).get("enabled"):
        raise errors.not_emulated("automatic_tax[enabled]=true")


async def check_limits(ctx: Context, customer: Doc) -> None:
    """Refuse a subscription more than a customer may have."""
    clock = customer.get("test_clock")
    limit = MOST_ON_CLOCK if clock else MOST_SUBSCRIPTIONS
    if not clock and ctx.at_most("subscription", customer=customer["id"]) < limit:
        return
    found = await ctx.select("subscription", customer=customer["id"])
    if clock:  # schedules that have not begun count as well
        schedules = await ctx.select("subscription_schedule", customer=customer["id"])
        found = [*found, *(one for one in schedules if one["status"] == "not_started")]
    if len(found) < limit:
        return
    if sum(one["status"] in COUNTED for one in found) >= limit:
        raise (
            subscription_errors.too_many_on_clock(limit) if clock else subscription_errors.too_many_subscriptions(limit)
        )


async def owned(ctx: Context, subscription: str, customer: str | None) -> Doc:
    """Return a subscription that a call names beside a customer; raises the refusal of somebody else's."""
    found = await ctx.need("subscription", subscription, "subscription")
    if customer is not None and found["customer"] != customer:
        raise subscription_errors.of_another_customer(subscription, customer, 400)
    return found


def check_items(ctx: Context, subscription: Doc) -> None:
    """Refuse more items than a subscription may have."""
    check_count(ctx, subscription["billing_mode"], len(subscription["items"]["data"]), "items")


def check_count(ctx: Context, mode: Doc, count: int, place: str) -> None:
    """Refuse more than twenty items at ``place``: in flexible mode only callers of older versions are limited."""
    limited = mode["type"] == "classic" or ctx.version[:10] < MORE_ITEMS_SINCE
    if limited and count > MOST_ITEMS:
        raise subscription_errors.too_many_items(MOST_ITEMS, place)


async def with_currency(ctx: Context, customer: Doc, currency: str) -> Doc:
    """Return the customer with its currency fixed; refuses a second one while the first is in use (facts billing 4)."""
    before = customer["currency"]
    if before == currency:
        return customer
    if before is not None:
        live = [one for one in await ctx.select("subscription", customer=customer["id"]) if one["status"] in LIVE]
        waiting = await lines.pending(ctx, customer["id"], before, None)
        if live or waiting or customer["balance"]:
            raise errors.currency_conflict(before, currency)
    return {**customer, "currency": currency}


async def with_settings(ctx: Context, subscription: Doc, params: Doc, customer: Doc) -> Doc:
    """Return a subscription with the parameters that are stored as given; raises the refusal of others' payment methods."""
    method = params.get("default_payment_method")
    if method is not None:
        found = await ctx.need("payment_method", method, "default_payment_method")
        if found["customer"] != customer["id"]:
            raise errors.foreign_payment_method(method, "default_payment_method")
    await sources.check_default(ctx, params, customer["id"])
    given = {name: value for name, value in params.items() if name in PLAIN}
    if "default_tax_rates" in params:
        given["default_tax_rates"] = await selection.tax_rates(
            ctx, params, "default_tax_rates", subscription["default_tax_rates"], name="default_tax_rates"
        )
    if params.get("automatic_tax") is not None:
        await automatic_tax.check(ctx, customer, params["automatic_tax"])
        subscription = {**subscription, "automatic_tax": automatic_tax.of_subscription(params["automatic_tax"])}
    interval = given.get("pending_invoice_item_interval")
    if interval:
        given["pending_invoice_item_interval"] = {
            "interval_count": 1,
            **interval,
        }  # docs.stripe.com/api/subscriptions/create
    if not given:
        return subscription
    await connect.check(ctx, given)
    return connect.completed(updates.apply(subscription, given))
