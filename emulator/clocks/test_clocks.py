"""Decides what test clocks may do: their limits, statuses and refusals (docs.stripe.com/billing/testing/test-clocks; facts billing 8).

Moving one is done in the background (control/background.py); here a clock is only told where it is going.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.billing import periods
from emulator.catalog import held
from emulator.kernel.documents import changed
from emulator.kernel.durations import parse
from emulator.kernel.errors import StripeError, invalid_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "test_helpers.test_clock"
LIFETIME = 30 * 86_400  # seconds after which a clock deletes itself (measured on real objects)
INTERVALS, YEARS = 2, 2  # how far one advance goes: intervals of the shortest subscription, years without one
MAX_CLOCKS = 100  # per account (choice)
MAX_CUSTOMERS = 3  # per clock (docs.stripe.com/billing/testing/test-clocks/api-advanced-usage)
ENDED = frozenset({"canceled", "incomplete_expired"})


def advancing(clock: str) -> StripeError:
    """Build the 429 of a write while a clock moves (recorded)."""
    return StripeError(
        f"Test clock advancement underway - cannot perform modifications: {clock}",
        status=429,
        headers={"Stripe-Should-Retry": "true"},
    )


def broken(clock: str) -> StripeError:
    """Build the refusal of moving a clock that failed on its way (docs.stripe.com/api/test_clocks/object; choice of words)."""
    return invalid_request(
        f"The test clock {clock} failed to advance and cannot be advanced any more. Delete it and create another one."
    )


def backwards(frozen: int, wanted: int) -> StripeError:
    """Build the refusal of moving back (choice of words)."""
    return invalid_request(
        f"Test clocks can only be advanced forward in time. The frozen time of this clock is {told(frozen)}, you asked for {told(wanted)}.",
        param="frozen_time",
    )


def too_far(frozen: int, limit: int) -> StripeError:
    """Build the refusal of moving over two intervals at once (recorded)."""
    return invalid_request(
        f"The frozen time of this clock is {told(frozen)}. You can only advance it up to {told(limit)}. You can only advance a test clock up to "
        "two intervals from the current frozen time at a time, based on the shortest subscription interval in the test clock. For example, if a "
        "test clock has a monthly and yearly subscription, you may only advance up to two months at a time. If the test clock has no "
        "subscriptions or subscription schedules, you can advance up to 2 years from the current frozen time.",
        param="frozen_time",
    )


def full(most: int) -> StripeError:
    """Build the refusal of one customer more on a clock (the limit is documented; choice of words)."""
    return invalid_request(f"You have reached the limit of {most} customers on this test clock.", param="test_clock")


def told(instant: int) -> str:
    """Return an instant as the messages tell it."""
    return f"{instant} ({datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M:%S} UTC)"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make a clock that stands at ``frozen_time``; raises the refusals of live mode and of one clock too many."""
    del ids
    if ctx.livemode:
        raise invalid_request("Test clocks can only be used in test mode.")
    if len(await ctx.select(KIND, MAX_CLOCKS)) >= MAX_CLOCKS:
        raise invalid_request(f"You have reached the limit of {MAX_CLOCKS} test clocks.")
    doc: Doc = {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "created": ctx.now,
        "deletes_after": ctx.now + LIFETIME,
        "frozen_time": params["frozen_time"],
        "livemode": False,
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    return ctx.put(KIND, doc)


async def advance(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Start a clock towards ``frozen_time``; it is ``advancing`` until everything due until then has happened."""
    clock = await ctx.at_path(KIND, ids["test_clock"])
    if clock["status"] == "advancing":
        raise advancing(clock["id"])
    if clock["status"] == "internal_failure":
        raise broken(clock["id"])
    wanted, frozen = params["frozen_time"], clock["frozen_time"]
    if wanted <= frozen:
        raise backwards(frozen, wanted)
    limit = await furthest(ctx, clock)
    if wanted > limit:
        raise too_far(frozen, limit)
    details = {"advancing": {"target_frozen_time": wanted}}
    return ctx.put(KIND, changed(clock, status="advancing", status_details=details))


async def check_room(ctx: Context, clock: str) -> None:
    """Refuse one customer more than a clock takes; deleted ones make room."""
    if len(await ctx.select("customer", MAX_CUSTOMERS, test_clock=clock)) >= MAX_CUSTOMERS:
        raise full(MAX_CUSTOMERS)


async def furthest(ctx: Context, clock: Doc) -> int:
    """Return how far a clock may go at once (unix seconds)."""
    frozen = clock["frozen_time"]
    limits = []
    for name in await _prices(ctx, clock["id"]):
        recurring = (await held.find(ctx, name) or {}).get("recurring")
        if recurring:
            limits.append(periods.plus(frozen, recurring["interval"], INTERVALS * recurring["interval_count"]))
    return min(limits) if limits else parse(f"{YEARS}y").after(frozen)


async def _prices(ctx: Context, clock: str) -> set[str]:
    """Return the prices of a clock's subscriptions, and of its schedules that have not begun."""
    found: set[str] = set()
    for subscription in await ctx.select("subscription", test_clock=clock):
        if subscription["status"] not in ENDED:
            found.update(item["price"] for item in subscription["items"]["data"])
    for schedule in await ctx.select("subscription_schedule", test_clock=clock):
        if schedule["status"] == "not_started":
            found.update(item["price"] for phase in schedule["phases"] for item in phase["items"])
    return found


def arrived(ctx: Context, clock: Doc, at: int) -> Doc:
    """Put a clock that reached its target."""
    return ctx.put(KIND, changed(clock, status="ready", status_details={}, frozen_time=at))


def failed(ctx: Context, clock: Doc, at: int | None = None) -> Doc:
    """Put a clock on whose way something failed; ``at`` says how far everything else got."""
    reached = clock["frozen_time"] if at is None else at
    return ctx.put(KIND, changed(clock, status="internal_failure", status_details={}, frozen_time=reached))


def moved(ctx: Context, clock: Doc, at: int) -> Doc:
    """Put a clock at an instant on its way; nothing is announced of it."""
    return ctx.put(KIND, changed(clock, frozen_time=at))


def deleter(delete_customer: Callable[[Context, dict[str, str], Doc], Awaitable[Any]]) -> Callable[..., Awaitable[Doc]]:
    """Return the deletion of a clock: its customers and their subscriptions go with it."""

    async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
        del params
        clock = await ctx.at_path(KIND, ids["test_clock"])
        if clock["status"] == "advancing":
            raise advancing(clock["id"])
        for customer in await ctx.select("customer", test_clock=clock["id"]):
            await delete_customer(ctx, {"customer": customer["id"]}, {})
        return ctx.remove(KIND, clock["id"])

    return delete


def next_instant(clock: Doc) -> int | None:
    """Return when a clock deletes itself."""
    instant: int | None = clock.get("deletes_after")
    return instant
