"""Decides what ``billing_schedules`` of an update bill, and when (see ``prebilling``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import change_invoices, prebilling, selection, shapes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


async def updated(ctx: Context, before: Doc, after: Doc, params: Doc, customer: Doc) -> Doc:
    """Return a subscription with the ``billing_schedules`` of an update.

    ``always_invoice`` bills what is new at once, else the next renewal does.
    """
    given = params.get("billing_schedules")
    if "billing_schedules" in params and not given:
        return {**after, "billing_schedules": []}
    if not given:
        if prebilling.schedules(after) and after["discounts"] != before["discounts"]:
            await prebilling.check_coupons(ctx, after)
        return after
    after = await prebilling.scheduled(ctx, after, params)
    if params.get("proration_behavior") != "always_invoice":
        return after
    identifier = ctx.new_id("invoice")
    made: list[Doc] = []
    for row in after["items"]["data"]:
        since, until = prebilling.billed_until(row), prebilling.target(after, row)
        if until is not None and until > since:
            price = await selection.currency_option(ctx, row["price"], after["currency"])
            product = await ctx.need("product", price["product"], "product")
            made += prebilling.ahead(ctx, after, identifier, row, price, product, since, until)
    if not made:
        return after
    start = min(row["current_period_start"] for row in after["items"]["data"])
    payment = params.get("payment_behavior") or "allow_incomplete"
    period = shapes.Period(start, ctx.now)
    done = await change_invoices.invoiced(ctx, after, customer, identifier, made, (), period, payment)
    return prebilling.billed(done, done["items"]["data"])
