"""Decides what a unit of work tells: its events, now or when somebody looks for them, and the deliveries they cause."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from emulator.clocks import test_clocks
from emulator.events.derive import Untold
from emulator.resources import mailbox
from emulator.store.port import Query
from emulator.webhooks import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.resources.context import Context
    from emulator.store.port import UnitOfWork

# Kinds of whose changes something else in the server hears.
HEARD = frozenset({"webhook_endpoint", outbox.KIND, test_clocks.KIND})


class News(NamedTuple):
    """What a committed unit of work has to tell: its events if they are made, and the delivery rows to be sent."""

    events: Sequence[Doc]
    rows: Sequence[Doc]


NOTHING = News((), ())


async def announce(engine: Engine, space: Space, uow: UnitOfWork, ctx: Context) -> News:
    """Write the events of a unit of work, and the deliveries they cause, into the same unit of work.

    Where nobody waits for the events they are made by whoever looks for them first: a fifth of the time of a subscription
    goes into its ten events, and most are never looked at (measured).
    """
    ctx.presented = {}
    told = await engine.deriver.told(ctx)
    untold = Untold(engine.deriver, told, space.event_ids, ctx)
    mailing = awaited = mailbox.wanted(ctx)
    woken: list[Doc] = []
    for kind, _, _, after, _ in uow.journal:
        if kind not in HEARD:
            continue
        if kind == "webhook_endpoint":
            space.endpoints = None
        elif kind == test_clocks.KIND:
            awaited = True  # by what moves clocks
        elif after is not None:
            woken.append(after)
    if not told:
        return News((), woken)
    endpoints = await _endpoints(uow, space) if space.endpoints is None else space.endpoints
    if space.platform is not None:
        endpoints = [*endpoints, *await _of_platform(engine, space.platform)]
    if not engine.listeners.empty:
        endpoints = [*endpoints, *ctx.listeners]
    if not endpoints and not awaited and space.platform is None:
        uow.append("event", untold)
        return News((), woken)
    events = untold()
    if events and mailing:
        from emulator.portal import notices  # loaded by those who mail

        await notices.post(ctx, events)
    if space.platform is not None:
        events = [{**event, "account": space.account} for event in events]
    for event in events if endpoints else ():
        event["pending_webhooks"] = outbox.pending(event, endpoints)
    uow.append("event", lambda: events)
    rows = outbox.rows(events, endpoints, ctx.server_now, partial(_id, space, ctx.server_now)) if endpoints else []
    if rows:
        uow.append(outbox.KIND, lambda: rows)
    return News(events, woken + rows)


def nudge(engine: Engine, space: Space, news: News) -> None:
    """Tell those who hear of every commit."""
    if news is not NOTHING:
        for hook in engine.after_commit:
            hook(space, news.events, news.rows)


async def _endpoints(uow: UnitOfWork, space: Space) -> list[Doc]:
    """Return a world's endpoints, read again after one of them changed."""
    space.endpoints = (await uow.page("webhook_endpoint", Query())).docs[::-1]
    return space.endpoints


async def _of_platform(engine: Engine, platform: Space) -> list[Doc]:
    """Return the endpoints with which a platform hears of its connected accounts (``connect``)."""
    if platform.endpoints is None:
        async with engine.store.begin(platform.store_name) as uow:
            await _endpoints(uow, platform)
    return [one for one in platform.endpoints or () if one["application"] is not None]


def _id(space: Space, now: int, prefix: str) -> str:
    return space.ids.id(prefix, now)
