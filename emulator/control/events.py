"""Decides how a test reads a world's events, waits for one, and has one sent again."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control import errors
from emulator.control.background import Background
from emulator.control.call import limit_of, seconds_of, within
from emulator.control.deliveries import of_customer, shown
from emulator.kernel.documents import Doc
from emulator.operations.events import wanted
from emulator.operations.space import Space
from emulator.store.port import Query
from emulator.webhooks import outbox
from emulator.webhooks.endpoints import KIND as ENDPOINT

DEFAULT_WAIT, LONGEST_WAIT = 10.0, 60.0
KIND = "event"


async def find(
    background: Background, space: Space, query: Mapping[str, str], limit: int | None
) -> tuple[list[Doc], bool]:
    """Return the first ``limit`` events that match, oldest first, and whether more do; with ``last`` the latest ones (of those after ``since``).

    ``type`` may name several types or families, separated by commas. Raises the 404 of an event in ``since`` that
    is not there.
    """
    pattern, subject, since = query.get("type"), query.get("object"), query.get("since")
    during, customer = within(query), query.get("customer")

    def keep(event: Doc) -> bool:
        return (
            (pattern is None or fits(pattern, event["type"]))
            and (subject is None or event["data"]["object"].get("id") == subject)
            and (customer is None or of_customer(event, customer))
            and during(event["created"])
        )

    exact = {"type": pattern} if pattern is not None and not set(pattern) & {"*", ","} else {}
    last = limit_of(query, name="last") if "last" in query else None
    async with background.engine.store.begin(space.store_name) as unit:
        if since is not None and await unit.get(KIND, since) is None:
            raise errors.ControlError(f"no such event: {since}", status=404, param="since")
        if last is not None:
            found = await unit.page(KIND, Query(exact, last if since is None else None, before=since, keep=keep))
            return found.docs[:last][::-1], found.more or len(found.docs) > last
        if since is not None:
            found = await unit.page(KIND, Query(exact, limit, before=since, keep=keep))
            return found.docs[::-1], found.more
        docs = (await unit.page(KIND, Query(exact, keep=keep))).docs[::-1]
    return docs[:limit], limit is not None and len(docs) > limit


def fits(patterns: str, type: str) -> bool:
    """Say whether an event type is one of those that patterns separated by commas name."""
    return any(wanted(pattern.strip(), type) for pattern in patterns.split(","))


async def listed(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /events`` answers."""
    docs, more = await find(background, space, query, limit_of(query))
    return {"data": docs, "has_more": more}


async def wait(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return the first matching event, as soon as it is there; raises 408 when none came in time."""
    seconds = seconds_of(query.get("timeout"), "timeout", DEFAULT_WAIT, LONGEST_WAIT)

    async def look() -> list[Doc]:
        return (await find(background, space, query, 1))[0]

    found = await background.until(space, look, seconds)
    if found:
        event: Doc = found[0]
        return event
    what = (
        " ".join(f"{name}={query[name]}" for name in ("type", "object", "customer", "since") if name in query) or "any"
    )
    raise errors.ControlError(
        f"no event came within {seconds:g} s: {what}", status=408, hint="GET /_emulator/events shows those that did"
    )


async def resend(background: Background, space: Space, id: str, endpoint: str | None) -> Doc:
    """Send an event again to every endpoint that wants it, or to one; returns the new deliveries. Raises 404."""
    async with background.engine.store.begin(space.store_name) as unit:
        event = await unit.get(KIND, id)
        if event is None:
            raise errors.ControlError(f"no such event: {id}", status=404, param="event")
        if endpoint is not None:
            one = await unit.get(ENDPOINT, endpoint)
            if one is None:
                raise errors.ControlError(f"no such webhook endpoint: {endpoint}", status=404, param="endpoint")
            targets = [one]
        else:
            found = (await unit.page(ENDPOINT, Query())).docs[::-1]
            targets = [one for one in found if outbox.wants(one, event)]
        now = space.clock.now()
        rows = [
            outbox.row(event, target, space.ids.id(outbox.PREFIX, now), now, attempt=1, automatic=False)
            for target in targets
        ]
        for row in rows:
            unit.put(outbox.KIND, row)
        await unit.commit()
    background.dispatcher.enqueue(space.key, rows)
    await background.dispatcher.drained(space.key)
    async with background.engine.store.begin(space.store_name) as unit:
        sent = [await unit.get(outbox.KIND, row["id"]) for row in rows]
    return {"data": [shown(row) for row in sent if row is not None]}
