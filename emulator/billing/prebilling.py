"""Decides what is billed in advance: ``billing_schedules``, which items until when, and what that puts on an invoice.

docs.stripe.com/billing/subscriptions/prebilling, changelog dahlia/2026-05-27/subscriptions-billing-schedules. Choices: one
line for each period ahead; the end of a duration counts from now; what a schedule billed stays billed when it is removed;
a period that is billed in part has the rest of it on the invoice of its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import backdating, lines, periods, prebilling_errors, selection, shapes
from emulator.catalog import discounts
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MOST_CYCLES = 50  # in sum over all items
MOST_YEARS = 5
KEY = "billing_schedule"  # how a schedule is called that has no key of its own (a choice)


def schedules(subscription: Doc) -> Sequence[Doc]:
    """Return the ``billing_schedules`` of a subscription; one of an older world file has none."""
    return subscription.get("billing_schedules") or ()


def target(subscription: Doc, row: Doc) -> int | None:
    """Return until when an item is to be billed ahead (unix seconds), None when it is billed as it comes."""
    if row.get("quantity") is None:
        return None
    for one in schedules(subscription):
        if one["applies_to"] is None or any(entry["price"] == row["price"] for entry in one["applies_to"]):
            at: int = one["bill_until"]["computed_timestamp"]
            return at
    return None


def billed_until(row: Doc) -> int:
    """Return until when an item is billed: its period's end unless it was billed ahead."""
    return max(int(row.get("billed_until") or 0), int(row["current_period_end"]))


def with_billed(row: Doc, until: int) -> Doc:
    """Return an item that is billed ``until``; what is not beyond its period is not told."""
    if until <= row["current_period_end"] and "billed_until" not in row:
        return row
    kept = {name: value for name, value in row.items() if name != "billed_until"}
    return {**kept, "billed_until": until} if until > row["current_period_end"] else kept


def ahead(
    ctx: Context, subscription: Doc, invoice: str, row: Doc, price: Doc, product: Doc, since: int, until: int
) -> list[Doc]:  # fmt: skip
    """Return the lines of an item for [since, until), one for each period, the last cut to it."""
    stretches = backdating.parts(subscription["billing_cycle_anchor"], price["recurring"], since, until)
    return [
        lines.of_period(ctx, invoice, row, price, product, shapes.Period(one.start, one.end), one.whole)
        for one in stretches
    ]


async def planned(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Return a new subscription with its ``billing_schedules``, and its items as billed ahead by the first invoice.

    A trial puts it off to its end unless ``proration_behavior`` is ``always_invoice``.
    """
    after = await scheduled(ctx, subscription, params)
    if after["status"] == "trialing" and params.get("proration_behavior") != "always_invoice":
        return after
    return billed(after, after["items"]["data"])


def billed(subscription: Doc, rows: Sequence[Doc]) -> Doc:
    """Return the subscription with its items billed until their schedules end."""
    done = [with_billed(row, max(billed_until(row), target(subscription, row) or 0)) for row in rows]
    return {**subscription, "items": shapes.item_list(subscription["id"], done)}


def over(subscription: Doc, now: int) -> Doc:
    """Return a subscription without the schedules whose end has come."""
    found = schedules(subscription)
    left = [one for one in found if one["bill_until"]["computed_timestamp"] > now]
    return subscription if len(left) == len(found) else {**subscription, "billing_schedules": left}


async def scheduled(ctx: Context, subscription: Doc, params: Doc) -> Doc:
    """Return the subscription with ``billing_schedules`` stored; raises what the docs rule out."""
    if subscription["billing_mode"]["type"] != "flexible":
        raise prebilling_errors.needs_flexible()
    if subscription["schedule"]:
        raise prebilling_errors.with_schedule()
    for name, value in (("proration_behavior", "none"), ("payment_behavior", "pending_if_incomplete")):
        if params.get(name) == value:
            raise prebilling_errors.with_behavior(name, value)
    await check_coupons(ctx, subscription)
    rows = [row for row in subscription["items"]["data"] if row.get("quantity") is not None]
    if not rows:
        raise prebilling_errors.nothing_to_bill()
    known = {one["key"]: one for one in schedules(subscription)}
    made = [
        await _one(ctx, subscription, entry, index, known) for index, entry in enumerate(params["billing_schedules"])
    ]
    after = {**subscription, "billing_schedules": made}
    await _check_cycles(ctx, after, rows)
    return after


async def _one(ctx: Context, subscription: Doc, entry: Doc, index: int, known: dict[str, Doc]) -> Doc:
    place = f"billing_schedules[{index}]"
    key = entry.get("key") or (KEY if index == 0 else f"{KEY}_{index + 1}")
    before = known.get(key)
    wish = entry.get("bill_until") or (before and before["bill_until"])
    if wish is None:
        raise missing_param(f"{place}[bill_until]")
    chosen = await _chosen(ctx, subscription, entry.get("applies_to") or (), place)
    first = min(row["current_period_end"] for row in chosen)
    if entry.get("applies_to"):
        first = max(row["current_period_end"] for row in chosen)
    until = _until(ctx.now, wish, f"{place}[bill_until]")
    name = f"{place}[bill_until][{wish['type']}]"
    if until < first:
        raise prebilling_errors.end_too_early(first, name)
    latest = periods.plus(ctx.now, "year", MOST_YEARS)
    if subscription["cancel_at"] is not None:
        latest = min(latest, subscription["cancel_at"])
    if until > latest:
        raise prebilling_errors.end_too_late(latest, name)
    duration = wish.get("duration")
    return {
        "applies_to": [{"price": one["price"], "type": "price"} for one in entry["applies_to"]]
        if entry.get("applies_to")
        else None,
        "bill_until": {
            "computed_timestamp": until,
            "duration": {"interval_count": 1, **(duration or {})} if wish["type"] == "duration" else None,
            "timestamp": wish.get("timestamp") if wish["type"] == "timestamp" else None,
            "type": wish["type"],
        },
        "key": key,
    }


def _until(now: int, wish: Doc, place: str) -> int:
    if wish.get("computed_timestamp") is not None:  # an entry that is sent again without an end keeps it
        return int(wish["computed_timestamp"])
    value = wish.get(wish["type"])
    if value is None:
        raise missing_param(f"{place}[{wish['type']}]")
    if wish["type"] == "timestamp":
        return int(value)
    count = 1 if value.get("interval_count") is None else value["interval_count"]
    # What nobody can mean is beyond every limit.
    return periods.plus(now, value["interval"], max(0, min(count, MOST_YEARS * 366 + 1)))


async def _chosen(ctx: Context, subscription: Doc, applies_to: Iterable[Doc], place: str) -> list[Doc]:
    """Return the items that a schedule names; all licensed ones when it names none."""
    rows: list[Doc] = subscription["items"]["data"]
    named = []
    for index, entry in enumerate(applies_to):
        where = f"{place}[applies_to][{index}][price]"
        if entry.get("price") is None:
            raise missing_param(where)
        await ctx.need("price", entry["price"], where)
        row = next((one for one in rows if one["price"] == entry["price"]), None)
        if row is None:
            raise prebilling_errors.unknown_price(entry["price"], where)
        if row.get("quantity") is None:
            raise prebilling_errors.metered_price(where)
        named.append(row)
    return named or [row for row in rows if row.get("quantity") is not None]


async def check_coupons(ctx: Context, subscription: Doc) -> None:
    """Refuse coupons that do not go with billing ahead."""
    rows = subscription["items"]["data"]
    for one in [*subscription["discounts"], *(name for row in rows for name in row["discounts"])]:
        doc = await ctx.find("discount", one)
        coupon = await discounts.coupon_of(ctx, doc) if doc is not None else None
        if coupon is not None and (not coupon["percent_off"] or coupon["duration"] == "repeating"):
            raise prebilling_errors.coupon_unfit()


async def _check_cycles(ctx: Context, subscription: Doc, rows: Sequence[Doc]) -> None:
    """Refuse two schedules for one item, and more periods than can be billed ahead."""
    cycles = 0
    for row in rows:
        fitting = [one for one in schedules(subscription) if target(_only(subscription, one), row)]
        if len(fitting) > 1:
            raise prebilling_errors.twice(row["price"])
        until = target(subscription, row)
        if until is not None:
            price = await selection.currency_option(ctx, row["price"], subscription["currency"])
            anchor, start = subscription["billing_cycle_anchor"], row["current_period_start"]
            cycles += len(backdating.parts(anchor, price["recurring"], start, until))
    if cycles > MOST_CYCLES:
        raise prebilling_errors.too_many_cycles(MOST_CYCLES)


def _only(subscription: Doc, one: Doc) -> Doc:
    return changed(subscription, billing_schedules=[one])
