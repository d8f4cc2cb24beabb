"""Decides how a world's clock is read and moved from outside."""

from __future__ import annotations

from typing import Any

from emulator.clocks.advance import StuckError
from emulator.control import errors
from emulator.control.background import Background
from emulator.control.call import time_of
from emulator.kernel import durations
from emulator.kernel.clock import wall
from emulator.kernel.documents import Doc
from emulator.operations.space import Space
from emulator.store.port import Query

WAYS = ("freeze", "advance", "advance_to", "real")
NEXT, LOOKED_AT = 10, 1000
# Due instants that nobody waits for: keys and tokens that are forgotten.
HOUSEKEEPING = frozenset({"_idempotency", "_portal_login"})
# What every account has from its first second on; it does not keep a clock from going back.
FURNITURE = ("account", "billing_portal.configuration")


async def show(background: Background, space: Space) -> Doc:
    """Return what ``GET /clock`` answers."""
    coming = await background.engine.store.due(space.store_name, LOOKED_AT)
    rows = [
        {"at": due.at, "object": due.id, "what": due.kind.lstrip("_")} for due in coming if due.kind not in HOUSEKEEPING
    ]
    return {"now": space.clock.now(), "mode": space.clock.mode, "next": rows[:NEXT]}


async def move(background: Background, space: Space, body: Doc) -> Doc:
    """Move the clock as a body of ``POST /clock`` says; every wake-up that is due until then has run afterwards.

    Raises ControlError for a body that says no single way, and for a way back in a world that has objects.
    """
    ways = [name for name in WAYS if name in body]
    if len(ways) != 1:
        raise errors.ControlError("give exactly one of freeze, advance, advance_to, real", hint=durations.HINT)
    target, mode = _target(space, ways[0], body[ways[0]])
    if target < space.clock.now() and await _inhabited(background, space):
        raise errors.ControlError(
            f"time does not go back while objects exist: it is {space.clock.now()}, asked for was {target}", status=409,
            param=ways[0], hint="reset the world, or make one whose document has a clock",
        )  # fmt: skip
    try:
        await background.advance(space, target)
    except StuckError as error:
        raise errors.ControlError(str(error), status=500) from None
    if mode == "real":
        space.clock.set_real()
    elif mode == "frozen":
        space.clock.freeze(target)
    elif target < space.clock.now():
        space.clock.advance_to(target)
    for hook in background.engine.clock_moved:
        hook(space)
    return await show(background, space)


def _target(space: Space, way: str, value: Any) -> tuple[int, str]:
    """Return the instant to go to, and the mode to be in there ("" for the present one)."""
    now = space.clock.now()
    if way == "freeze":
        if value is True:
            return now, "frozen"
        if value is False:
            raise errors.bad_value("freeze", "true or a time in unix seconds", hint='{"real": true} lets a clock run')
        return time_of(value, "freeze"), "frozen"
    if way == "real":
        if value is not True:
            raise errors.bad_value("real", "true")
        return int(wall()), "real"
    if way == "advance_to":
        return time_of(value, "advance_to"), ""
    try:
        return durations.parse(value).after(now), ""
    except ValueError as error:
        raise errors.ControlError(str(error), param="advance") from None


async def _inhabited(background: Background, space: Space) -> bool:
    objects = await background.engine.store.count(space.store_name)
    async with background.engine.store.begin(space.store_name) as unit:
        for kind in FURNITURE:
            objects -= len((await unit.page(kind, Query())).docs)
    return objects > 0
