"""Decides which commands act on a running server, what each is given, and which function does it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from emulator.cli import instrument, letters, readers, steering
from emulator.cli.names import COMMANDS
from emulator.config import DEFAULT_HOST, DEFAULT_PORT, DEMO_KEY

BASE_URL = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
TYPE = "an event type or a family such as customer.*; several are separated by commas"
FILTERS = {"type": TYPE, "object": "the id of the object", "customer": "the id of the customer"}
TIMES = {"after": "from this instant on (unix seconds)", "before": "before this instant (unix seconds)"}


class _Group:
    """One command and its actions; without an action it does what its first one does."""

    def __init__(self, commands: Any, name: str) -> None:
        self.parser = commands.add_parser(name, help=COMMANDS[name], allow_abbrev=False)
        _common(self.parser, fresh=True)
        self.names: list[str] = []
        self._actions: Any = None

    def action(self, name: str, act: instrument.Act, words: str) -> argparse.ArgumentParser:
        if self._actions is None:
            self._actions = self.parser.add_subparsers(dest="action", parser_class=type(self.parser))
        made: argparse.ArgumentParser = self._actions.add_parser(name, help=words, allow_abbrev=False)
        _common(made, fresh=False)
        made.set_defaults(act=act)
        self.names.append(name)
        return made


def _common(parser: argparse.ArgumentParser, *, fresh: bool) -> None:
    """Add the options of all commands, before or after the action; what was given before it stays."""

    def default(value: Any) -> Any:
        return value if fresh else argparse.SUPPRESS

    add = parser.add_argument
    add("--url", default=default(BASE_URL), help=f"where the server is ({BASE_URL})")
    add("--key", default=default(DEMO_KEY), help=f"the key of the world ({DEMO_KEY})")
    add("--json", action="store_true", default=default(False), help="write JSON for programs")


def _filters(parser: argparse.ArgumentParser, filters: dict[str, str], *, limit: bool = True) -> None:
    for name, words in {**filters, **({"limit": "how many rows"} if limit else {})}.items():
        parser.add_argument(f"--{name}", default=argparse.SUPPRESS, help=words)


def run(arguments: Sequence[str], parser: argparse.ArgumentParser) -> int:
    """Run one of COMMANDS; returns 0, or 1 for what was awaited or expected and did not come. Raises UsageError."""
    actions = build(parser).get(arguments[0], ())
    given = list(arguments)
    worded = len(arguments) > 1 and not arguments[1].startswith("-")  # an action, or one that there is not
    if actions and not worded and not any(one in ("-h", "--help", *actions) for one in arguments[1:]):
        given.insert(1, actions[0])  # `events --type invoice.*` is `events list --type invoice.*`
    options = parser.parse_args(given)
    act: instrument.Act = options.act
    try:
        return act(options)
    except KeyboardInterrupt:
        return instrument.DONE
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has seen enough
        return instrument.DONE


def build(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """Give ``parser`` the commands; returns the actions of each that has some, the one that is meant without one first."""
    commands = parser.add_subparsers(dest="command", required=True, parser_class=type(parser))
    actions: dict[str, list[str]] = {}
    for name, fill in GROUPS.items():
        group = _Group(commands, name)
        fill(group)
        actions[name] = group.names
    _rest(commands)
    return actions


def _clock(group: _Group) -> None:
    group.action("now", steering.now, "what time it is, and what comes next")
    group.action("advance", steering.advance, "move on; all that is due happens").add_argument(
        "duration", help="5m, 3d, 1mo ..."
    )
    group.action("to", steering.advance_to, "move on to an instant").add_argument(
        "at", help="unix seconds, or 2027-01-31[T12:00:00]"
    )
    group.action("freeze", steering.freeze, "stand still").add_argument("at", nargs="?", help="at this instant")
    group.action("real", steering.real, "follow real time")


def _worlds(group: _Group) -> None:
    group.action("list", readers.worlds, "the open worlds")
    group.action("schema", readers.schema, "print the JSON Schema of world files, for editors; needs no server")
    make = group.action("make", steering.make_world, "make or replace a world")
    make.add_argument("name", metavar="KEY")
    make.add_argument("--from", dest="source", metavar="NAME|FILE", help="a fixture world or a world file")
    fork = group.action("fork", steering.fork_world, "copy a world")
    fork.add_argument("name", metavar="KEY")
    fork.add_argument("to", metavar="KEY2")
    restore = group.action("restore", steering.restore_world, "bring a world back to a snapshot")
    restore.add_argument("name", metavar="KEY")
    restore.add_argument("snapshot")
    for name, act, words in (
        ("reset", steering.reset_world, "bring a world back to what it was made from"),
        ("drop", steering.drop_world, "forget a world"),
        ("snapshot", steering.snapshot_world, "remember a world"),
        ("export", readers.export_world, "print a world as a document"),
    ):
        group.action(name, act, words).add_argument("name", metavar="KEY")


def _events(group: _Group) -> None:
    listed = group.action("list", readers.events, "what happened, oldest first")
    _filters(
        listed, {**FILTERS, **TIMES, "since": "the id of the event after which to begin", "last": "the latest ones"}
    )
    tail = group.action("tail", readers.tail, "what happens, as it happens")
    _filters(tail, {**FILTERS, "since": "the id of the event after which to begin"}, limit=False)
    tail.add_argument("--count", type=int, help="stop after so many")
    wait = group.action("wait", readers.wait_event, "wait for an event; exit code 1 when none comes")
    wait.add_argument("type", nargs="?", help=TYPE)
    _filters(wait, {"object": FILTERS["object"], "customer": FILTERS["customer"], "since": "as in list"}, limit=False)
    wait.add_argument("--timeout", type=float, default=10.0, help="seconds (%(default)s)")
    resend = group.action("resend", steering.resend, "send an event again")
    resend.add_argument("id")
    resend.add_argument("--endpoint", help="to this endpoint only")


def _deliveries(group: _Group) -> None:
    more = {
        "event": "the id of the event",
        "endpoint": "the endpoint's id or URL",
        "status": "pending, succeeded, failed, recorded",
    }
    listed = group.action("list", readers.deliveries, "attempts, oldest first")
    _filters(listed, {**FILTERS, **more, **TIMES})
    group.action("show", readers.delivery, "one attempt with headers and bodies").add_argument("id")
    wait = group.action("wait", readers.wait_deliveries, "wait for attempts; exit code 1 when they do not come")
    wait.add_argument("type", nargs="?", help=TYPE)
    _filters(wait, {"object": FILTERS["object"], "customer": FILTERS["customer"], **more}, limit=False)
    wait.add_argument("--count", type=int, default=1, help="how many (%(default)s)")
    wait.add_argument("--timeout", type=float, default=10.0, help="seconds (%(default)s)")
    group.action("replay", steering.replay, "make a further attempt").add_argument("id")
    group.action("clear", steering.clear("/deliveries", "deliveries"), "forget them")


def _requests(group: _Group) -> None:
    listed = group.action("list", readers.requests, "API calls, oldest first")
    _filters(
        listed,
        {"method": "the HTTP method", "path": "a path, or its beginning and *", "status": "the HTTP status", **TIMES},
    )
    group.action("show", readers.request, "one call with its answer").add_argument("id")
    group.action("clear", steering.clear("/requests", "requests"), "forget them")


def _mail(group: _Group) -> None:
    to = {"to": "the address of the reader"}
    _filters(group.action("list", letters.listed, "what was sent, newest first"), to)
    show = group.action("show", letters.show, "one mail with its text; the newest without an id")
    show.add_argument("id", nargs="?")
    show.add_argument("--html", action="store_true", help="as HTML")
    wait = group.action("wait", letters.wait, "wait for a mail; exit code 1 when none comes")
    _filters(wait, {**to, "since": "the id of the mail after which to begin; the newest without it"}, limit=False)
    wait.add_argument("--timeout", type=float, default=10.0, help="seconds (%(default)s)")
    for action in (show, wait):
        action.add_argument("--code", action="store_true", help="write the code in it and nothing else")
    _filters(show, to, limit=False)
    _filters(group.action("clear", letters.clear, "forget it"), to, limit=False)


def _faults(group: _Group) -> None:
    group.action("list", readers.faults, "the rules, and how often each acted")
    add = group.action("add", steering.add_fault, "let something go wrong")
    add.add_argument("preset", nargs="?", help="the name of a rule (faults presets)")
    for name in (*steering.MATCH, *steering.ACTION, "times", "seed", "for"):
        add.add_argument(
            f"--{name.replace('_', '-')}", dest=name, default=argparse.SUPPRESS, help=steering.FAULT_WORDS[name]
        )
    group.action("remove", steering.remove_fault, "take one rule back").add_argument("id")
    group.action("clear", steering.clear("/faults", "faults"), "take all rules back")
    group.action("presets", readers.presets, "the rules that have names")


def _rest(commands: Any) -> None:
    acts = _Group(commands, "acts").parser
    acts.add_argument("name", nargs="?", help="open_dispute, complete_3ds ...; without one they are listed")
    acts.add_argument("object", nargs="?", help="the id of what it is about")
    acts.add_argument("more", nargs="*", metavar="NAME=VALUE", help="outcome=won, reason=duplicate ...")
    acts.set_defaults(act=steering.act)
    expect = _Group(commands, "expect").parser
    kind = expect.add_mutually_exclusive_group()
    for name, words in (("contains", "in this order"), ("exactly", "and nothing else"), ("any-order", "in any order")):
        kind.add_argument(f"--{name}", nargs="*", metavar="TYPE", help=f"these types {words}")
    expect.add_argument("--none-of", nargs="*", metavar="TYPE", help="none of these")
    expect.add_argument("--of", choices=("events", "deliveries"), help="what is looked at (events)")
    expect.add_argument("--within", type=float, help="seconds that it may take (5)")
    for name in ("object", "customer", "since", "endpoint"):
        expect.add_argument(f"--{name}")
    expect.set_defaults(act=readers.expect)
    portal = _Group(commands, "portal").parser
    portal.add_argument("customer", help="cus_demo, for example")
    portal.add_argument("--return-url", help="where the customer comes from")
    portal.add_argument("--flow", metavar="TYPE", help="begin with a task, such as payment_method_update")
    portal.add_argument("--subscription", help="the subscription that the task is about")
    portal.set_defaults(act=steering.portal)


GROUPS: dict[str, Callable[[_Group], None]] = {
    "clock": _clock,
    "worlds": _worlds,
    "events": _events,
    "deliveries": _deliveries,
    "requests": _requests,
    "mail": _mail,
    "faults": _faults,
}
