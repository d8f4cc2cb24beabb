"""Decides what ``add_invoice_items`` of a schedule's phase are, and what they become when the phase is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import extra_items, periods, schedule_errors, selection
from emulator.catalog import held
from emulator.catalog.discount_errors import promotion_minimum_on_phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MOST = 20  # items that one phase may add (docs.stripe.com api/subscription_schedules)
# What an item is about unless it says so (docs.stripe.com api/subscription_schedules/object).
DEFAULT_PERIOD: Doc = {"end": {"type": "min_item_period_end"}, "start": {"type": "max_item_period_start"}}
HOLDERS = ("coupon", "discount", "promotion_code")


async def laid_out(ctx: Context, given: Sequence[Doc] | None, place: str, known: Sequence[Doc] = ()) -> list[Doc]:
    """Return ``add_invoice_items`` as a phase stores them: one-time prices, described ones made at once.

    ``known``: those of the schedule so far, whose prices stay allowed when they were archived meanwhile. Raises the refusal of too many.
    """
    if len(given or ()) > MOST:
        raise schedule_errors.too_many_added(place, MOST)
    used = {one["price"] for one in known}
    had = [rate for one in known for rate in one["tax_rates"] or ()]
    return [await _one(ctx, entry, f"{place}[{index}]", used, had) for index, entry in enumerate(given or ())]


async def _one(ctx: Context, entry: Doc, place: str, used: set[str], had: Sequence[Doc]) -> Doc:
    price = await extra_items.one_time(ctx, entry, place, known=entry.get("price") in used)
    return {
        "discountable": entry.get("discountable"),
        "discounts": await holders(ctx, entry.get("discounts"), f"{place}[discounts]"),
        "metadata": entry.get("metadata") or {},
        "period": entry.get("period") or DEFAULT_PERIOD,
        "price": price["id"],
        "quantity": 1 if entry.get("quantity") is None else entry["quantity"],
        "tax_rates": await selection.tax_rates(ctx, entry, f"{place}[tax_rates]", had),
    }


async def holders(ctx: Context, given: Sequence[Doc] | None, place: str, *, minimum: bool = False) -> list[Doc]:
    """Return ``discounts`` as a phase stores them; each must be there.

    Codes with a ``minimum`` are for the first phase as a whole only (docs.stripe.com coupons, facts billing 3.5).
    Raises the refusal of such a code elsewhere.
    """
    result = []
    for index, entry in enumerate(given or ()):
        for kind in HOLDERS:
            if entry.get(kind) is not None:
                found = await ctx.need(kind, entry[kind], f"{place}[{index}][{kind}]")
                if kind == "promotion_code" and not minimum and found["restrictions"]["minimum_amount"] is not None:
                    raise promotion_minimum_on_phase(f"{place}[{index}][{kind}]")
        result.append({kind: entry.get(kind) for kind in HOLDERS})
    return result


async def params(ctx: Context, phase: Doc, added: Sequence[Doc], subscription: Doc | None) -> list[Doc]:
    """Return stored items as parameters of the change that enters their phase.

    ``subscription`` is None before it begins. Where all its periods end now, the items are about the next ones.
    """
    result = []
    for one in added:
        entry: Doc = {selection.KNOWN: True, "price": one["price"], "quantity": one["quantity"]}
        if one["metadata"]:
            entry["metadata"] = one["metadata"]
        if one["discountable"] is not None:
            entry["discountable"] = one["discountable"]
        if one["tax_rates"]:
            entry["tax_rates"] = [rate["id"] for rate in one["tax_rates"]]
        if one["discounts"]:
            entry["discounts"] = [{kind: value for kind, value in row.items() if value} for row in one["discounts"]]
        entry["period"] = await _period(ctx, phase, one["period"], subscription)
        result.append(entry)
    return result


async def _period(ctx: Context, phase: Doc, wish: Doc, subscription: Doc | None) -> Doc:
    start, end = dict(wish["start"]), dict(wish["end"])
    rows = subscription["items"]["data"] if subscription else []
    fresh = all(row["current_period_end"] <= ctx.now for row in rows)
    if start["type"] == "phase_start" or (start["type"] == "max_item_period_start" and fresh):
        start = {"type": "timestamp", "timestamp": phase["start_date"]}
    if end["type"] == "phase_end":
        end = {"type": "timestamp", "timestamp": phase["end_date"]}
    elif end["type"] == "min_item_period_end" and fresh:
        end = {"type": "timestamp", "timestamp": await _first_end(ctx, phase, subscription)}
    return {"start": start, "end": end}


async def _first_end(ctx: Context, phase: Doc, subscription: Doc | None) -> int:
    """Return when the first of the periods ends that begin with a phase."""
    if phase["trial_end"] is not None and phase["trial_end"] > ctx.now:
        return int(phase["trial_end"])
    anchor = subscription["billing_cycle_anchor"] if subscription else phase["start_date"]
    ends = []
    for item in phase["items"]:
        recurring = (await held.need(ctx, item["price"]))["recurring"]
        ends.append(periods.period_at(anchor, recurring["interval"], recurring["interval_count"], ctx.now)[1])
    return min(ends)
