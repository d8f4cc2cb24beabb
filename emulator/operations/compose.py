"""Decides what spans several rooms: customers that come with a payment method, and what goes with a deleted one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.billing import operations as billing
from emulator.catalog import discounts
from emulator.checkout import operations as checkout
from emulator.clocks import test_clocks
from emulator.customers import customers
from emulator.kernel.documents import changed
from emulator.kernel.named import named
from emulator.payments import debits, payment_methods, sources

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

ENDED = frozenset({"canceled", "incomplete_expired"})


class Wallet:
    """Puts payment methods and sources into customers' hands."""

    async def attach(self, ctx: Context, payment_method: str, customer: str, param: str, /) -> Doc:
        """Attach a payment method and return it."""
        return await payment_methods.join(ctx, await payment_methods.resolve(ctx, payment_method, param), customer)

    async def add_source(self, ctx: Context, source: Any, customer: str, param: str, /) -> str:
        """Make a card of a token or a hash and return its id."""
        del param
        return str((await sources.made(ctx, source, customer))["id"])

    async def remove_source(self, ctx: Context, source: str, customer: str, /) -> None:
        """Remove the source that a new default one replaces."""
        del customer
        card = await ctx.find(sources.KIND, source)
        if card is not None:
            ctx.remove(sources.KIND, source)
            await sources.forget(ctx, card)


async def cancel_subscriptions(ctx: Context, customer: Doc) -> None:
    """End the live subscriptions of a customer that is deleted (docs.stripe.com/api/customers/delete)."""
    from emulator.billing.cancellations import cancel_now
    from emulator.billing.schedule_ends import customer_gone

    for subscription in await ctx.select("subscription", customer=customer["id"]):
        if subscription["status"] not in ENDED:
            await cancel_now(ctx, subscription, prorate=False, invoice_now=False, details=None)
    await customer_gone(ctx, customer["id"])


async def detach_methods(ctx: Context, customer: Doc) -> None:
    """Detach the payment methods of a customer that is deleted."""
    for method in await ctx.select("payment_method", customer=customer["id"]):
        # The customer goes: its default is not cleared first, only the method is let go.
        payment_methods.spend(ctx, method["id"])
        ctx.put(payment_methods.KIND, changed(method, customer=None))


async def with_coupon(ctx: Context, customer: Doc, coupon: str | None) -> Doc:
    """Give a customer the one discount that older callers may set on the customer as a whole; None takes it away."""
    held = customer["discount"]
    kept = held is not None and await ctx.find("discount", held["id"]) is not None
    made: Doc | None = None
    if coupon is not None:
        made = await discounts.mint(ctx, coupon=coupon, customer=customer["id"], param="", store=not kept)
        if kept:  # another coupon in its place: the discount is updated
            made = ctx.put("discount", {**made, "id": held["id"]})
            await discounts.will_end(ctx, made)
    elif kept:
        ctx.remove("discount", held["id"])
    return ctx.put("customer", changed(customer, discount=made))


WALLET = Wallet()


async def create_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/customers, with what comes along: a payment method, a place on a test clock, an older caller's coupon."""
    if params.get("test_clock") is not None:
        await test_clocks.check_room(ctx, params["test_clock"])
    if "coupon" not in params:
        return await customers.create(ctx, ids, params, wallet=WALLET)
    customer = await customers.create(ctx, ids, _without_coupon(params), wallet=WALLET)
    return await with_coupon(ctx, customer, params["coupon"])


async def update_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/customers/{customer}, with an older caller's coupon."""
    customer = await customers.update(ctx, ids, _without_coupon(params), wallet=WALLET)
    return await with_coupon(ctx, customer, params["coupon"]) if "coupon" in params else customer


def _without_coupon(params: Doc) -> Doc:
    return {name: value for name, value in params.items() if name != "coupon"}


delete_customer = partial(customers.delete, on_delete=(cancel_subscriptions, detach_methods))
delete_clock = test_clocks.deleter(delete_customer)
clock_due = test_clocks.next_instant
debit_due = debits.due


async def expire_clock(ctx: Context, clock: Doc) -> None:
    """Delete a test clock that has lived its time."""
    await delete_clock(ctx, {"test_clock": clock["id"]}, {})


async def debit_answered(ctx: Context, row: Doc) -> None:
    """Let the bank behind a debit answer."""
    await debits.answer(ctx, row, after_debit())


def after_debit() -> tuple[Callable[[Context, Doc], Awaitable[None]], ...]:
    """Return who hears of a debit's answer: billing first, then Checkout."""
    return named("billing", billing.AFTER_DEBIT), named("checkout", checkout.AFTER_DEBIT)
