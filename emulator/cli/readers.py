"""Decides what the commands that read show: tables for people, JSON for programs, exit code 1 for what did not come."""

from __future__ import annotations

import sys
from typing import Any

from emulator.cli import tables
from emulator.cli.instrument import DONE, UNMET, Options, call, given, listing
from emulator.cli.output import UsageError, complain, say
from emulator.cli.tables import instant
from emulator.kernel.data import data_path

Doc = dict[str, Any]
EVENT_FILTERS = ("type", "object", "customer", "since")
DELIVERY_FILTERS = ("type", "object", "customer", "event", "endpoint", "status")
TIMES = ("after", "before", "limit")
POLL = 50.0  # seconds of one wait; the server allows sixty
SLACK = 15.0  # seconds that an answer may take beyond what it was asked to wait
TIMED_OUT = 408


def _about(event: Doc) -> str:
    return str(event["data"]["object"].get("id") or "")


EVENTS: tables.Columns = (
    ("time", lambda row: instant(row["created"])),
    ("event", lambda row: row["id"]),
    ("type", lambda row: row["type"]),
    ("object", _about),
)
DELIVERIES: tables.Columns = (
    ("time", lambda row: instant(row["at"])),
    ("delivery", lambda row: row["id"]),
    ("type", lambda row: row["type"]),
    ("try", lambda row: row["attempt"]),
    ("status", lambda row: row["status"]),
    ("answer", lambda row: (row["response"] or {}).get("status")),
    ("ms", lambda row: row["latency_ms"]),
    ("to", lambda row: row["url"] + (f"  {row['error']}" if row["error"] else "")),
)
REQUESTS: tables.Columns = (
    ("time", lambda row: instant(row["at"])),
    ("request", lambda row: row["id"]),
    ("status", lambda row: row["status"]),
    ("ms", lambda row: f"{row['duration_ms']:.1f}"),
    ("call", lambda row: f"{row['method']} {row['path']}" + (f"  {row['error']}" if row["error"] else "")),
)
WORLDS: tables.Columns = (
    ("key", lambda row: row["key"]),
    ("made from", lambda row: row["fixture"]),
    ("objects", lambda row: row["objects"]),
    ("account", lambda row: row["account"]),
    ("since", lambda row: instant(row["created"])),
)
FAULTS: tables.Columns = (
    ("fault", lambda row: row["id"]),
    ("matched", lambda row: row["seen"]),
    ("acted", lambda row: row["used"]),
    ("left", lambda row: "always" if row["left"] is None else row["left"]),
    ("does", lambda row: _rule(row["action"])),
    ("where", lambda row: _rule(row["match"])),
)
PRESETS: tables.Columns = (
    ("preset", lambda row: row["preset"]),
    ("does", lambda row: _rule(row["action"])),
    ("where", lambda row: _rule(row.get("match") or {})),
)


def _rule(members: Doc) -> str:
    return " ".join(f"{name}={tables.text(value)}" for name, value in members.items())


def worlds(options: Options) -> int:
    """List worlds."""
    return listing(options, call(options, "GET", "/worlds"), WORLDS, "no world is open")


def export_world(options: Options) -> int:
    """Print a world."""
    tables.dump(call(options, "GET", f"/worlds/{options.name}/export"))
    return DONE


def schema(_: Options) -> int:
    """Print what editors know of world files."""
    sys.stdout.write(data_path("fixtures", "world.schema.json").read_text(encoding="utf-8"))
    return DONE


def events(options: Options) -> int:
    """List events."""
    query = given(options, *EVENT_FILTERS, *TIMES, "last")
    answer = call(options, "GET", "/events", query=query)
    # Whoever wants the latest so many has them all: that there were others before is no news.
    shown = answer if options.json or "last" not in query else {**answer, "has_more": False}
    return listing(options, shown, EVENTS, "nothing has happened")


def tail(options: Options) -> int:
    """Follow events until Ctrl-C, or until ``--count`` of them came."""
    query = given(options, *EVENT_FILTERS)
    latest = call(options, "GET", "/events", query={"last": 1})["data"]
    if "since" not in query and latest:
        query["since"] = latest[0]["id"]
    seen = 0
    while options.count is None or seen < options.count:
        event = _next(options, query)
        if event is not None:
            query["since"] = event["id"]
            seen += 1
            _told(options, event)
    return DONE


def _next(options: Options, query: Doc) -> Doc | None:
    from emulator.cli.remote import RefusedError

    try:
        return call(options, "GET", "/events/wait", query={**query, "timeout": POLL}, seconds=POLL + SLACK)
    except RefusedError as refusal:
        if refusal.status == TIMED_OUT:
            return None
        raise


def _told(options: Options, event: Doc) -> None:
    if options.json:
        tables.dump_line(event)
    else:
        say("  ".join([instant(event["created"]), event["id"], f"{event['type']:<40}", _about(event)]).rstrip())


def waited(options: Options, path: str, query: Doc) -> Doc | None:
    """Return what was awaited, None with a line on standard error when it did not come."""
    from emulator.cli.remote import RefusedError

    try:
        return call(options, "GET", path, query={**query, "timeout": options.timeout}, seconds=options.timeout + SLACK)
    except RefusedError as refusal:
        if refusal.status != TIMED_OUT:
            raise
        complain(refusal.words)
        return None


def wait_event(options: Options) -> int:
    """Wait for an event."""
    event = waited(options, "/events/wait", given(options, *EVENT_FILTERS))
    if event is None:
        return UNMET
    if options.json:
        tables.dump(event)
    else:
        _told(options, event)
    return DONE


def deliveries(options: Options) -> int:
    """List deliveries."""
    query = given(options, *DELIVERY_FILTERS, *TIMES)
    return listing(options, call(options, "GET", "/deliveries", query=query), DELIVERIES, "nothing was delivered")


def wait_deliveries(options: Options) -> int:
    """Wait for deliveries."""
    found = waited(options, "/deliveries/wait", given(options, *DELIVERY_FILTERS, "count"))
    return UNMET if found is None else listing(options, found, DELIVERIES, "")


def delivery(options: Options) -> int:
    """Show one delivery; raises UsageError for an unknown id."""
    rows = call(options, "GET", "/deliveries", query={"limit": 10_000})["data"]
    row = next((one for one in rows if one["id"] == options.id), None)
    if row is None:
        raise UsageError(f"no such delivery: {options.id}")
    if options.json:
        tables.dump(row)
        return DONE
    tables.show([row], DELIVERIES, nothing="")
    for part in ("request", "response"):
        message = row[part] or {}
        say("")
        say(f"{part}" + (f" {message['status']}" if "status" in message else "" if message else ": none"))
        for name, value in (message.get("headers") or {}).items():
            say(f"  {name}: {value}")
        if message.get("body"):
            say("\n" + message["body"])
    return DONE


def requests(options: Options) -> int:
    """List API calls."""
    query = given(options, "method", "path", "status", *TIMES)
    return listing(options, call(options, "GET", "/requests", query=query), REQUESTS, "nothing was called")


def request(options: Options) -> int:
    """Show one API call."""
    row = call(options, "GET", f"/requests/{options.id}")
    if options.json:
        tables.dump(row)
        return DONE
    tables.show([row], REQUESTS, nothing="")
    for name in ("idempotency_key", "api_version"):
        say(f"{name.replace('_', ' ')}: {tables.text(row[name])}")
    for name in ("params", "answer"):
        say(f"\n{name}" + (" (too long for the log)" if name in row["truncated"] else ""))
        tables.dump(row[name])
    return DONE


def faults(options: Options) -> int:
    """List faults."""
    return listing(options, call(options, "GET", "/faults"), FAULTS, "nothing is to go wrong")


def presets(options: Options) -> int:
    """List the faults that have names."""
    return listing(options, call(options, "GET", "/faults/presets"), PRESETS, "")


def expect(options: Options) -> int:
    """Hold what came against what was expected."""
    body = given(
        options,
        "contains",
        "exactly",
        "any_order",
        "none_of",
        "of",
        "within",
        "object",
        "customer",
        "since",
        "endpoint",
    )
    answer = call(options, "POST", "/expectations", body, seconds=(options.within or 5.0) + SLACK)
    if options.json:
        tables.dump(answer)
    elif answer["met"]:
        say(f"as expected: {len(answer['came'])} came")
    else:
        say(answer["diff"])
    return DONE if answer["met"] else UNMET
