"""Decides what an expectation of a test is held against: a world's events or deliveries, and how long it may take."""

from __future__ import annotations

from typing import Any

from emulator.control import errors, events
from emulator.control.background import Background
from emulator.control.call import seconds_of, text_of
from emulator.control.deliveries import arrivals
from emulator.control.expectations import Came, Expectation, diff
from emulator.kernel.documents import Doc
from emulator.operations.space import Space

LISTS = ("exactly", "contains", "any_order", "none_of")
STREAMS = ("events", "deliveries")
WITHIN, LONGEST = 5.0, 60.0
SETTLING = 5.0  # seconds that what is on its way gets to arrive, once the expectation holds (a choice)


def read(body: Doc) -> Expectation:
    """Return the expectation of a body; raises 400."""
    lists: dict[str, tuple[str, ...] | None] = {}
    for name in LISTS:
        given = body.get(name)
        if given is not None:
            if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
                raise errors.bad_value(name, "a list of event types")
            lists[name] = tuple(given)
    if len([name for name in lists if name != "none_of"]) > 1:
        raise errors.ControlError("give one of exactly, contains, any_order", param="exactly")
    if not lists:
        raise errors.missing("exactly", hint=f"one of {', '.join(LISTS)}")
    return Expectation(
        lists.get("exactly"), lists.get("contains") or (), lists.get("any_order") or (), lists.get("none_of") or ()
    )


async def check(background: Background, space: Space, body: Doc) -> Doc:
    """Wait until an expectation is met, or cannot be, or its time is over; answers which, with a readable difference.

    Raises the refusal of what is no expectation.
    """
    expectation = read(body)
    what = body.get("of", "events")
    if what not in STREAMS:
        raise errors.bad_value("of", f"one of {', '.join(STREAMS)}")
    query = {
        name: text_of(body, name) for name in ("object", "customer", "since", "endpoint") if body.get(name) is not None
    }
    if what == "events" and "endpoint" in query:
        raise errors.bad_value("endpoint", "left out where events are expected")
    seconds = seconds_of(body.get("within"), "within", WITHIN, LONGEST)
    forbids = expectation.none_of and not (expectation.exactly or expectation.contains or expectation.any_order)
    watched = bool(forbids) and body.get("within") is not None
    came = await _outcome(background, space, expectation, what, query, seconds, watched=watched)
    met = expectation.met(came)
    return {
        "met": met,
        "diff": None if met else diff(expectation, came, what),
        "came": [{"type": one.type, "object": one.object, "note": one.note or None} for one in came],
    }


async def _outcome(
    background: Background,
    space: Space,
    expectation: Expectation,
    what: str,
    query: dict[str, str],
    seconds: float,
    *,
    watched: bool,
) -> list[Came]:
    """Return what came until the expectation was decided; one that is ``watched`` has to hold for all of the time."""
    latest: list[Came] = []

    async def look() -> bool:
        latest[:] = await _came(background, space, what, query)
        return expectation.hopeless(latest) or (not watched and expectation.met(latest))

    if await background.until(space, look, seconds) and expectation.met(latest):
        # Nothing surplus may be on its way: what is being sent arrives, what is due at once happens.
        await background.quiet(space, SETTLING)
        await look()
    return latest


async def _came(background: Background, space: Space, what: str, query: dict[str, str]) -> list[Came]:
    if what == "deliveries":
        return [Came(row["type"], row["subject"] or "", _note(row)) for row in await arrivals(background, space, query)]
    docs, _ = await events.find(background, space, query, None)
    return [Came(one["type"], one["data"]["object"].get("id") or "") for one in docs]


def _note(row: Any) -> str:
    told = [f"attempt {row['attempt']}"] if row["attempt"] > 1 else []
    if row["fault"]:
        told.append(f"fault {row['fault']}")
    return ", ".join(told)
