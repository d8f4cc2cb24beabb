"""Decides how what a call has to do in another account's world is done: in a unit of work of its own, after the call's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.resources.context import Context
    from emulator.store.port import UnitOfWork

    Settle = Callable[[Engine, Space, UnitOfWork, Context], Awaitable[None]]


async def run(engine: Engine, space: Space, ctx: Context, settle: Settle) -> None:
    """Do what was asked for elsewhere, at the instant of the call that asked; an account that is gone has no part in it."""
    for account, act in ctx.errands:
        platform = space.platform
        there = (
            platform if platform is not None and account == platform.account else await engine.connected(space, account)
        )
        if there is None:
            continue
        async with engine.store.begin(there.store_name) as uow:
            other = engine.context(there, uow, ctx.now, ctx.request, server_now=there.clock.now())
            await act(other)
            await settle(engine, there, uow, other)
    ctx.errands.clear()
