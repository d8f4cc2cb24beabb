"""Decides how a test reads a world's events, and waits for one."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control import errors
from emulator.control.background import Background
from emulator.control.call import limit_of
from emulator.kernel.documents import Doc
from emulator.operations.events import wanted
from emulator.operations.space import Space
from emulator.store.port import Query

DEFAULT_WAIT, LONGEST_WAIT = 10.0, 60.0
KIND = "event"


async def find(background: Background, space: Space, query: Mapping[str, str], limit: int) -> tuple[list[Doc], bool]:
    """Return the first ``limit`` events that match ``type``, ``object`` and ``since``, oldest first, and if more do."""
    pattern, subject, since = query.get("type"), query.get("object"), query.get("since")

    def keep(event: Doc) -> bool:
        return (pattern is None or wanted(pattern, event["type"])) and (
            subject is None or event["data"]["object"].get("id") == subject
        )

    exact = {"type": pattern} if pattern is not None and not pattern.endswith("*") else {}
    async with background.engine.store.begin(space.store_name) as unit:
        if since is not None:
            if await unit.get(KIND, since) is None:
                raise errors.ControlError(f"no such event: {since}", status=404, param="since")
            found = await unit.page(KIND, Query(exact, limit, before=since, keep=keep))
            return found.docs[::-1], found.more
        docs = (await unit.page(KIND, Query(exact, keep=keep))).docs[::-1]
    return docs[:limit], len(docs) > limit


async def listed(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /events`` answers."""
    docs, more = await find(background, space, query, limit_of(query))
    return {"data": docs, "has_more": more}


async def wait(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return the first matching event, as soon as it is there; raises 408 when none came in time."""
    seconds = _timeout(query.get("timeout"))

    async def look() -> list[Doc]:
        return (await find(background, space, query, 1))[0]

    found = await background.until(space, look, seconds)
    if found:
        event: Doc = found[0]
        return event
    what = " ".join(f"{name}={query[name]}" for name in ("type", "object", "since") if name in query) or "any"
    raise errors.ControlError(
        f"no event came within {seconds:g} s: {what}", status=408, hint="GET /_emulator/events shows those that did"
    )


def _timeout(text: str | None) -> float:
    if text is None:
        return DEFAULT_WAIT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_WAIT:
        raise errors.bad_value("timeout", f"seconds from 0 to {LONGEST_WAIT:g}")
    return seconds
