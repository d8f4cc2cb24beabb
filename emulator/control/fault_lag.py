"""Decides what a search finds while its index lags behind: the world as it was some time ago."""

from __future__ import annotations

import copy
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from emulator.control import fault_rules
from emulator.kernel.documents import Doc, patched
from emulator.operations.engine import Engine
from emulator.operations.space import Space
from emulator.store.port import Query

_NUMBERS = itertools.count(1)


@asynccontextmanager
async def lagging(engine: Engine, space: Space, kind: str, lag: Any) -> AsyncIterator[Space]:
    """Give a world in which the objects of ``kind`` are as they were ``lag`` before now on the world's clock."""
    then = fault_rules.duration(lag, "search_lag").before(space.clock.now())
    twin = copy.copy(space)
    twin.store_name = f"{space.store_name}~{next(_NUMBERS)}"
    twin.rendered = {}
    await engine.store.fork(space.store_name, twin.store_name)
    try:
        async with engine.store.begin(twin.store_name) as unit:
            recent = await unit.page("event", Query(keep=lambda event: bool(event["created"] > then)))
            for id, doc in _earlier(recent.docs, kind).items():
                now = await unit.get(kind, id)
                if doc is None or (now or doc)["created"] > then:
                    if now is not None:
                        unit.remove(kind, id)
                else:
                    unit.put(kind, patched(now or {}, doc))
            await unit.commit()
        yield twin
    finally:
        await engine.store.drop(twin.store_name)


def _earlier(events: list[Doc], kind: str) -> dict[str, Doc | None]:
    """Return what has to be put back of each object that ``events`` (newest first) are about; None: it was not there."""
    back: dict[str, Doc | None] = {}
    for event in events:
        subject = event["data"]["object"]
        if subject.get("object") != kind or "id" not in subject:
            continue
        if event["type"].endswith(".created"):
            back[subject["id"]] = None
        elif event["type"].endswith(".deleted"):
            back[subject["id"]] = subject
        else:
            known = back.get(subject["id"]) or {"created": subject["created"]}
            back[subject["id"]] = patched(known, event["data"].get("previous_attributes", {}))
    return back
