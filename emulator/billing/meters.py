"""Decides how meters are made, changed, stopped and read: one active meter per event name, summaries of their usage."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from emulator.billing import meter_errors, meter_usage
from emulator.billing.meter_events import METER
from emulator.billing.subscription_reads import embedded_page
from emulator.kernel.documents import changed
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

CUSTOMER_KEY, VALUE_KEY = "stripe_customer_id", "value"  # docs.stripe.com/api/billing/meter/create
WINDOWS = {"minute": 60, "hour": 3600, "day": 86_400}


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a meter (``POST /v1/billing/meters``, facts billing 6.15)."""
    await _check_free(ctx, params["event_name"])
    params = {
        "customer_mapping": {"event_payload_key": CUSTOMER_KEY, "type": "by_id"},
        "value_settings": {"event_payload_key": VALUE_KEY},
        **{name: value for name, value in params.items() if value is not None},
    }
    return await generic.create(ctx, METER, params, status="active", updated=ctx.now)


async def _check_free(ctx: Context, name: str) -> None:
    for one in await ctx.select(METER, status="active"):
        if one["event_name"] == name:
            raise meter_errors.event_name_taken(name)


async def deactivate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Stop a meter: its events are refused, its name is free (``POST .../deactivate``)."""
    meter = await ctx.at_path(METER, ids["id"])
    if meter["status"] == "inactive":
        raise meter_errors.already("inactive")
    return _moved(ctx, meter, "inactive", ctx.now)


async def reactivate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a meter count again, if its name is still free (``POST .../reactivate``).

    Raises the refusal of an active one.
    """
    meter = await ctx.at_path(METER, ids["id"])
    if meter["status"] == "active":
        raise meter_errors.already("active")
    await _check_free(ctx, meter["event_name"])
    return _moved(ctx, meter, "active", None)


def _moved(ctx: Context, meter: Doc, status: str, at: int | None) -> Doc:
    stamps = {"deactivated_at": at}
    return ctx.put(METER, changed(meter, status=status, status_transitions=stamps, updated=ctx.now))


async def summaries(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List a customer's usage of a meter, newest first (``GET .../event_summaries``).

    One summary of the whole range, or one of each hour or day (in UTC) in which something was used. Raises the
    refusals of times that are not on the window's boundaries (unix seconds) and of an end before the start.
    """
    meter = await ctx.at_path(METER, ids["id"])
    customer = await ctx.need("customer", params["customer"], "customer")
    start, end, window = params["start_time"], params["end_time"], params.get("value_grouping_window")
    unit = window or "minute"
    for name in ("start_time", "end_time"):
        if params[name] % WINDOWS[unit]:
            raise meter_errors.not_aligned(name, unit)
    if end <= start:
        raise meter_errors.ends_before_start()
    length = WINDOWS[window] if window else end - start
    grouped: dict[int, list[Doc]] = {} if window else {start: []}
    for one in await meter_usage.events(ctx, meter["id"], customer["id"], start, end):
        grouped.setdefault(start + (one["created"] - start) // length * length, []).append(one)
    formula = meter["default_aggregation"]["formula"]
    data = [
        _summary(ctx, meter, begin, begin + length, meter_usage.aggregated(formula, found))
        for begin, found in sorted(grouped.items(), reverse=True)
    ]
    return embedded_page(data, params, f"/v1/billing/meters/{meter['id']}/event_summaries", "meter event summary")


def _summary(ctx: Context, meter: Doc, start: int, end: int, value: int | Fraction) -> Doc:
    # Its id says which it is: summaries are worked out when asked for, and a cursor must find them again.
    # A number of usage, not money: what is no whole number is shown as a decimal one.
    return {
        **ctx.blank("billing.meter_event_summary"),
        "id": f"mtrusg_{meter['id'].rpartition('_')[2]}_{start}_{end}",
        "aggregated_value": value if isinstance(value, int) else float(value),
        "end_time": end,
        "meter": meter["id"],
        "start_time": start,
    }
