"""Decides how a test reads, repeats and forgets webhook deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control import errors
from emulator.control.background import Background
from emulator.control.call import limit_of
from emulator.kernel.documents import Doc
from emulator.operations.events import wanted
from emulator.operations.space import Space
from emulator.store.port import Query
from emulator.webhooks import outbox

STATUSES = (outbox.PENDING, outbox.SUCCEEDED, outbox.FAILED, outbox.RECORDED)
SHOWN = (
    *("id", "event", "type", "endpoint", "url", "attempt", "status"),
    *("at", "latency_ms", "request", "response", "error"),
)


def shown(row: Doc) -> Doc:
    """Return a delivery row as the control API shows it."""
    return {name: row[name] for name in SHOWN}


async def listed(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /deliveries`` answers: attempts that were made and planned ones, oldest first."""
    limit = limit_of(query)
    status, pattern = query.get("status"), query.get("type")
    if status is not None and status not in STATUSES:
        raise errors.bad_value("status", f"one of {', '.join(STATUSES)}")
    await background.dispatcher.fill(space.key)
    names = {"object": "subject", "event": "event", "endpoint": "endpoint", "status": "status"}
    exact = {field: query[name] for name, field in names.items() if name in query}

    def keep(row: Doc) -> bool:
        return (pattern is None or wanted(pattern, row["type"])) and all(
            row[name] == text for name, text in exact.items()
        )

    async with background.engine.store.begin(space.store_name) as unit:
        rows = (await unit.page(outbox.KIND, Query(keep=keep))).docs[::-1]
    return {"data": [shown(row) for row in rows[:limit]], "has_more": len(rows) > limit}


async def replay(background: Background, space: Space, id: str) -> Doc:
    """Make a further attempt at once and return it; raises 404."""
    row = await background.dispatcher.replay(space.key, id)
    if row is None:
        raise errors.ControlError(f"no such delivery: {id}", status=404)
    return shown(row)


async def clear(background: Background, space: Space) -> None:
    """Forget all deliveries; what was still to be sent is not."""
    async with background.engine.store.begin(space.store_name) as unit:
        for row in (await unit.page(outbox.KIND, Query())).docs:
            unit.remove(outbox.KIND, row["id"])
        await unit.commit()
