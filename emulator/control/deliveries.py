"""Decides how a test reads, awaits, repeats and forgets webhook deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control import errors
from emulator.control.background import Background
from emulator.control.call import limit_of, seconds_of, within
from emulator.kernel.documents import Doc
from emulator.operations.events import wanted
from emulator.operations.space import Space
from emulator.store.port import Query
from emulator.webhooks import outbox

DEFAULT_WAIT, LONGEST_WAIT = 10.0, 60.0
STATUSES = (outbox.PENDING, outbox.SUCCEEDED, outbox.FAILED, outbox.RECORDED)
SHOWN = (
    *("id", "event", "type", "endpoint", "url", "attempt", "status", "at"),
    *("latency_ms", "request", "response", "error", "order", "fault"),
)
ARRIVED = frozenset({outbox.SUCCEEDED, outbox.RECORDED})


def shown(row: Doc) -> Doc:
    """Return a delivery row as the control API shows it."""
    return {name: row.get(name) for name in SHOWN}


async def find(background: Background, space: Space, query: Mapping[str, str]) -> list[Doc]:
    """Return the rows that match, oldest first; ``type`` may name several, ``endpoint`` an id or a URL.

    Raises the refusal of a status that there is not.
    """
    status, pattern, endpoint = query.get("status"), query.get("type"), query.get("endpoint")
    if status is not None and status not in STATUSES:
        raise errors.bad_value("status", f"one of {', '.join(STATUSES)}")
    await background.dispatcher.fill(space.key)
    names = {"object": "subject", "event": "event", "status": "status"}
    exact = {field: query[name] for name, field in names.items() if name in query}
    during = within(query)

    def keep(row: Doc) -> bool:
        return (
            (pattern is None or any(wanted(one.strip(), row["type"]) for one in pattern.split(",")))
            and (endpoint is None or endpoint in (row["endpoint"], row["url"]))
            and all(row[name] == text for name, text in exact.items())
            and during(row["at"])
        )

    async with background.engine.store.begin(space.store_name) as unit:
        rows = (await unit.page(outbox.KIND, Query(keep=keep))).docs[::-1]
        if "customer" not in query:
            return rows
        events = {row["event"]: await unit.get("event", row["event"]) for row in rows}
        return [row for row in rows if of_customer(events[row["event"]], query["customer"])]


def of_customer(event: Doc | None, customer: str) -> bool:
    """Say whether an event is about a customer or something of theirs."""
    subject = event["data"]["object"] if event is not None else {}
    return customer in (subject.get("id"), subject.get("customer"))


async def listed(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /deliveries`` answers: attempts that were made and planned ones, oldest first."""
    limit = limit_of(query)
    rows = await find(background, space, query)
    return {"data": [shown(row) for row in rows[:limit]], "has_more": len(rows) > limit}


async def wait(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return the first ``count`` matching deliveries whose attempt was made, as soon as they are there; raises 408."""
    seconds = seconds_of(query.get("timeout"), "timeout", DEFAULT_WAIT, LONGEST_WAIT)
    count = limit_of(query, 1, "count")

    async def look() -> list[Doc]:
        rows = await find(background, space, query)
        made = [row for row in rows if query.get("status") or row["status"] != outbox.PENDING]
        return made[:count] if len(made) >= count else []

    found: list[Doc] | None = await background.until(space, look, seconds)
    if not found:
        asked = " ".join(f"{name}={text}" for name, text in query.items() if name not in ("timeout", "count")) or "any"
        hint = "GET /_emulator/deliveries shows those that did"
        few = "no delivery" if count == 1 else f"fewer than {count} deliveries"
        raise errors.ControlError(f"{few} came within {seconds:g} s: {asked}", status=408, hint=hint)
    return {"data": [shown(row) for row in found], "has_more": False}


async def arrivals(background: Background, space: Space, query: Mapping[str, str]) -> list[Doc]:
    """Return the rows of what reached its receiver, in the order in which it left; ``since`` leaves earlier events out.

    Raises the 404 of an event in ``since`` that is not there.
    """
    rows = await find(background, space, {name: text for name, text in query.items() if name != "since"})
    made = [row for row in rows if row["status"] in ARRIVED]
    if "since" in query:
        async with background.engine.store.begin(space.store_name) as unit:
            if await unit.get("event", query["since"]) is None:
                raise errors.ControlError(f"no such event: {query['since']}", status=404, param="since")
            found = await unit.page("event", Query(before=query["since"]))
        later = {event["id"] for event in found.docs}
        made = [row for row in made if row["event"] in later]
    return sorted(made, key=lambda row: row.get("order") or 0)


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
