"""Decides what the commands that change something send to the server, and what they say when it is done."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

from emulator.cli import progress, tables
from emulator.cli.instrument import DONE, UNMET, Act, Options, call, given, listing, pairs, told
from emulator.cli.output import UsageError
from emulator.cli.readers import DELIVERIES
from emulator.cli.tables import instant

LONG = 3600.0  # seconds that moving time may take
MATCH = ("method", "path", "match_key", "object", "type", "endpoint", "nth", "probability")
ACTION = ("error", "latency", "connection", "search_lag", "webhook")
FAULT_WORDS = {
    "method": "GET, POST or DELETE",
    "path": "a path such as /v1/customers/*",
    "match_key": "an API key or an idempotency key",
    "object": "the id of an object",
    "type": "of webhooks: an event type or a family",
    "endpoint": "of webhooks: the endpoint's id or URL",
    "nth": "from the nth match on",
    "probability": "from 0 to 1",
    "error": "rate_limit, lock_timeout, api_error, idempotency_key_in_use, card_declined:CODE",
    "latency": "how long the answer is held, such as 200ms or 2s",
    "connection": "reset_before, reset_after, truncate",
    "search_lag": "how far searches lag behind, such as 1m",
    "webhook": "drop, delay, duplicate, reorder, bad_signature, stale",
    "times": "how often it acts",
    "seed": "what chance is drawn from",
    "for": "how long the rule lasts, in real seconds",
}


# ------------------------------------------------------------------------------------------------ time
def now(options: Options) -> int:
    """Show the clock."""
    return _shown(options, call(options, "GET", "/clock"))


def _shown(options: Options, clock: dict[str, Any]) -> int:
    if options.json:
        tables.dump(clock)
        return DONE
    sys.stdout.write(f"{instant(clock['now'])}  {clock['now']}  {clock['mode']}\n")
    coming = [[instant(row["at"]), tables.text(row["what"]), row["object"]] for row in clock["next"]]
    for line in tables.lines(coming, ["next", "what", "object"]) if coming else ["nothing is due"]:
        sys.stdout.write(f"{line}\n")
    return DONE


def _moved(options: Options, body: dict[str, Any]) -> int:
    start = call(options, "GET", "/clock")["now"]
    clock = progress.followed(
        lambda: call(options, "POST", "/clock", body, seconds=LONG),
        start,
        _target(body, start),
        lambda: int(call(options, "GET", "/clock")["now"]),
        shown=sys.stderr.isatty() and not options.json,
    )
    return _shown(options, clock)


def _target(body: dict[str, Any], start: int) -> int:
    """Return where the bar of a move ends."""
    from emulator.kernel import durations

    if "advance" in body:
        try:
            return durations.parse(body["advance"]).after(start)
        except ValueError:
            return start
    target = body.get("advance_to", body.get("freeze"))
    return target if isinstance(target, int) and not isinstance(target, bool) else start


def advance(options: Options) -> int:
    """Move on by a duration."""
    return _moved(options, {"advance": options.duration})


def advance_to(options: Options) -> int:
    """Move on to an instant."""
    return _moved(options, {"advance_to": _instant(options.at)})


def freeze(options: Options) -> int:
    """Stand still."""
    return _moved(options, {"freeze": True if options.at is None else _instant(options.at)})


def real(options: Options) -> int:
    """Follow real time."""
    return _moved(options, {"real": True})


def _instant(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"not an instant: {text!r} (use unix seconds, or 2027-01-31T12:00:00)") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


# ------------------------------------------------------------------------------------------------ worlds
def make_world(options: Options) -> int:
    """Make or replace a world; raises UsageError for a file that is no world."""
    if options.source is None:
        made = call(options, "POST", "/worlds", {"key": options.name})
    else:
        from emulator.cli import remote
        from emulator.store import worlds

        try:
            document = worlds.read(options.source)
        except worlds.WorldError as error:
            raise UsageError(str(error)) from None
        made = remote.make(options.url, options.key, options.name, options.source, document)
    return told(options, made, f"made {made['key']} with {made['objects']} objects")


def fork_world(options: Options) -> int:
    """Copy a world."""
    made = call(options, "POST", f"/worlds/{options.name}/fork", {"to": options.to})
    return told(options, made, f"copied {options.name} to {made['key']}")


def reset_world(options: Options) -> int:
    """Bring a world back to what it was made from."""
    return told(options, call(options, "POST", f"/worlds/{options.name}/reset"), f"reset {options.name}")


def drop_world(options: Options) -> int:
    """Forget a world."""
    return told(options, call(options, "DELETE", f"/worlds/{options.name}"), f"dropped {options.name}")


def snapshot_world(options: Options) -> int:
    """Remember a world."""
    made = call(options, "POST", f"/worlds/{options.name}/snapshot")
    return told(options, made, made["snapshot"])


def restore_world(options: Options) -> int:
    """Bring a world back to a snapshot."""
    answer = call(options, "POST", f"/worlds/{options.name}/restore", {"snapshot": options.snapshot})
    return told(options, answer, f"restored {options.name} to {options.snapshot}")


# ------------------------------------------------------------------------------------------------ webhooks
def resend(options: Options) -> int:
    """Send an event again."""
    answer = call(options, "POST", f"/events/{options.id}/resend", given(options, "endpoint"))
    return listing(options, answer, DELIVERIES, "no endpoint wants it")


def replay(options: Options) -> int:
    """Make a further attempt of a delivery; exit code 1 when it fails."""
    row = call(options, "POST", f"/deliveries/{options.id}/replay")
    listing(options, {"data": [row]}, DELIVERIES, "")
    return UNMET if row["status"] == "failed" else DONE


def clear(path: str, what: str) -> Act:
    """Return the act that empties a list."""

    def cleared(options: Options) -> int:
        return told(options, call(options, "DELETE", path), f"cleared the {what} of {options.key}")

    return cleared


# ------------------------------------------------------------------------------------------------ the outside
def add_fault(options: Options) -> int:
    """Add a fault."""
    match = {name.removeprefix("match_"): _plain(value) for name, value in given(options, *MATCH).items()}
    action = given(options, *ACTION)
    body = {name: _plain(value) for name, value in given(options, "preset", "times", "seed", "for").items()}
    made = call(
        options,
        "POST",
        "/faults",
        {**body, **({"match": match} if match else {}), **({"action": action} if action else {})},
    )
    return told(options, made, made["id"])


def _plain(value: Any) -> Any:
    """Return a number for a text that is one."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def remove_fault(options: Options) -> int:
    """Take a fault back."""
    return told(options, call(options, "DELETE", f"/faults/{options.id}"), f"removed {options.id}")


def act(options: Options) -> int:
    """Let the outside world act, or list what it can do; raises UsageError without what it is about."""
    if options.name is None:
        columns: tables.Columns = (
            ("act", lambda row: row["act"]),
            ("what happens", lambda row: row["does"]),
            ("takes", lambda row: " ".join(f"{name}={'|'.join(known)}" if known else name for name, known in row["takes"].items())),
        )  # fmt: skip
        return listing(options, call(options, "GET", "/acts"), columns, "")
    if options.object is None:
        raise UsageError("the id of what the act is about is missing")
    done = call(options, "POST", f"/acts/{options.name}", {"object": options.object, **pairs(options.more)})
    state = done.get("status") or (done.get("verification") or {}).get("status")
    return told(options, done, f"{done['id']} {state}")


def portal(options: Options) -> int:
    """Open a customer's portal and print its link."""
    form = {"customer": options.customer}
    if options.return_url is not None:
        form["return_url"] = options.return_url
    if options.flow is not None:
        form["flow_data[type]"] = options.flow
        if options.subscription is not None:
            form[f"flow_data[{options.flow}][subscription]"] = options.subscription
    session = call(options, "POST", "/v1/billing_portal/sessions", form=form)
    return told(options, session, session["url"])
