"""Decides what a refusal adds when the id that is not there may be somewhere else (facts billing 1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.store.port import Query

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space

OTHER_MODE = {
    True: "; a similar object exists in test mode, but a live mode key was used to make this request.",
    False: "; a similar object exists in live mode, but a test mode key was used to make this request.",
}
METHOD = "No such PaymentMethod: "
ON_CONNECTED = (
    "; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this "
    "request on that connected account. Learn more at https://stripe.com/docs/connect/authentication"
)
ON_PLATFORM = (
    "; OAuth key or Stripe-Account header was used but API request was provided with a platform-owned payment method ID. "
    "Please ensure that the provided payment method matches the specified account."
)


async def hint(engine: Engine, space: Space, refusal: StripeError) -> str:
    """Return what the message of a refusal goes on with: the other mode, or for payment methods another account."""
    if refusal.missing is None:
        return ""
    if await engine.in_other_mode(space, refusal.missing):
        return OTHER_MODE[space.livemode]
    if not refusal.message.startswith(METHOD):
        return ""
    if space.platform is not None:
        async with engine.store.begin(space.platform.store_name) as uow:
            return ON_PLATFORM if await uow.get("payment_method", refusal.missing) is not None else ""
    async with engine.store.begin(space.store_name) as uow:
        accounts = (await uow.page("account", Query(limit=2))).docs
    return ON_CONNECTED if any(one["id"] != space.account for one in accounts) else ""
