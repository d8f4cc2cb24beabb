"""Decides what a fault rule may say, and which calls, payments and deliveries it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from emulator.control import errors, fault_errors
from emulator.control.fault_presets import PRESETS
from emulator.kernel import durations
from emulator.kernel.documents import Doc
from emulator.kernel.ids import HEX, IdSource
from emulator.operations.engine import KEY
from emulator.operations.events import wanted

OF_CALLS: Final = ("method", "path", "key")
OF_WEBHOOKS: Final = ("type", "endpoint")
MATCH: Final = (*OF_CALLS, "object", *OF_WEBHOOKS, "nth", "probability")
ACTION: Final = ("error", "latency", "connection", "search_lag", "webhook")
CONNECTIONS: Final = ("reset_before", "reset_after", "truncate")
WEBHOOKS: Final = ("drop", "delay", "duplicate", "reorder", "bad_signature", "stale")
RULE: Final = ("preset", "match", "action", "times", "seed", "for")
METHODS: Final = ("GET", "POST", "DELETE")
LONGEST: Final = 300.0  # real seconds that an answer is held back at most
DELAY: Final = 60  # seconds on the world's clock by which `delay` moves a delivery when nothing else is said
_MILLISECONDS = re.compile(r"(\d{1,6})ms")


@dataclass
class Rule:
    """One rule, and how often it has matched and acted."""

    id: str
    match: Doc
    action: Doc
    times: int | None
    seed: str
    until: float | None  # wall time after which it is over
    preset: str | None = None
    seen: int = 0
    used: int = 0

    def __post_init__(self) -> None:
        """Start the rule's own random source: the same seed acts on the same calls."""
        self._draw = IdSource("acct_" + "0" * 16, self.seed)

    @property
    def webhook(self) -> str | None:
        """The webhook fault that the rule is, None for one about calls."""
        return self.action.get("webhook")

    @property
    def decline(self) -> str | None:
        """The decline code that the rule wants, None for any other rule."""
        error = self.action.get("error") or ""
        return (error.partition(":")[2] or fault_errors.PLAIN_DECLINE) if error.startswith("card_declined") else None

    def over(self, wall: float) -> bool:
        """Say whether the rule acts no more."""
        return (self.times is not None and self.used >= self.times) or (self.until is not None and wall > self.until)

    def fires(self) -> bool:
        """Count one match and say whether the rule acts on it: from the nth on, with its probability."""
        self.seen += 1
        if self.seen < self.match.get("nth", 1):
            return False
        chance = self.match.get("probability", 1)
        if chance < 1 and int(self._draw.text(8, HEX), 16) >= chance * 16**8:
            return False
        self.used += 1
        return True

    def fits_call(self, method: str, path: str, keys: tuple[str | None, ...]) -> bool:
        """Say whether a call has the method, path and key (API key or idempotency key) that the rule names."""
        match = self.match
        return (
            match.get("method", method) == method
            and fnmatchcase(path, match.get("path", path))
            and ("key" not in match or any(key is not None and fnmatchcase(key, match["key"]) for key in keys))
        )

    def fits_object(self, about: Any) -> bool:
        """Say whether the object that the rule names is among those of ids and parameters."""
        return "object" not in self.match or self.match["object"] in set(_texts(about))

    def fits_delivery(self, row: Doc, event: Doc) -> bool:
        """Say whether a delivery is what the rule is about."""
        match = self.match
        return (
            wanted(match.get("type", "*"), row["type"])
            and match.get("endpoint", row["endpoint"]) in (row["endpoint"], row["url"])
            and ("object" not in match or match["object"] in {row["subject"], *_references(event)})
        )

    def shown(self) -> Doc:
        """Return the rule as the control API shows it."""
        left = None if self.times is None else max(0, self.times - self.used)
        return {
            "id": self.id, "match": self.match, "action": self.action, "times": self.times, "seed": self.seed,
            "preset": self.preset, "seen": self.seen, "used": self.used, "left": left, "until": self.until,
        }  # fmt: skip


def _references(event: Doc) -> Iterator[str]:
    """Yield the ids that stand at the top of an event's object."""
    for value in event.get("data", {}).get("object", {}).values():
        if isinstance(value, str):
            yield value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


# ------------------------------------------------------------------------------------------------ reading
def read(body: Doc, id: str, wall: float) -> Rule:
    """Return the rule that a body of ``POST /faults`` means; raises 400 that names what is wrong."""
    if unknown := [name for name in body if name not in RULE]:
        raise errors.unknown_members(unknown, list(RULE))
    preset = body.get("preset")
    if preset is not None and (not isinstance(preset, str) or preset not in PRESETS):
        raise errors.bad_value("preset", f"one of {', '.join(PRESETS)}")
    named = PRESETS[preset] if preset is not None else {}
    match = {**named.get("match", {}), **_members(body, "match", MATCH)}
    action = {**named.get("action", {}), **_members(body, "action", ACTION)}
    if not action:
        raise errors.missing("action", hint=f"one of {', '.join(ACTION)}, or a preset")
    _check_match(match)
    _check_action(action)
    _check_together(match, action)
    times = body.get("times", 1 if "nth" in match else None)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise errors.bad_value("times", "a number from 1, or null for always")
    seed = body.get("seed", id)
    if isinstance(seed, bool) or not isinstance(seed, (str, int)):
        raise errors.bad_value("seed", "a text or a number")
    until = wall + seconds(body["for"], "for", None) if body.get("for") is not None else None
    return Rule(id, match, action, times, str(seed), until, preset)


def _members(body: Doc, name: str, known: tuple[str, ...]) -> Doc:
    given = body.get(name)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise errors.bad_value(name, "an object")
    given = {key: value for key, value in given.items() if value is not None}
    if unknown := [f"{name}.{key}" for key in given if key not in known]:
        raise errors.unknown_members(unknown, [f"{name}.{key}" for key in known])
    return given


def _check_match(match: Doc) -> None:
    for name in ("method", "path", "key", "object", "type", "endpoint"):
        if name in match and (not isinstance(match[name], str) or not match[name]):
            raise errors.bad_value(f"match.{name}", "a text")
    if "method" in match:
        match["method"] = match["method"].upper()
        if match["method"] not in METHODS:
            raise errors.bad_value("match.method", f"one of {', '.join(METHODS)}")
    if "path" in match and not match["path"].startswith(("/", "*")):
        raise errors.bad_value("match.path", "a path such as /v1/customers or /v1/customers/*")
    nth = match.get("nth", 1)
    if isinstance(nth, bool) or not isinstance(nth, int) or nth < 1:
        raise errors.bad_value("match.nth", "a number from 1")
    chance = match.get("probability", 1)
    if isinstance(chance, bool) or not isinstance(chance, (int, float)) or not 0 <= chance <= 1:
        raise errors.bad_value("match.probability", "a number from 0 to 1")


def _check_action(action: Doc) -> None:
    error = action.get("error")
    if error is not None:
        kind, _, code = error.partition(":") if isinstance(error, str) else ("", "", "")
        if kind != fault_errors.DECLINED and error not in fault_errors.NAMES:
            raise errors.bad_value("action.error", f"one of {', '.join(fault_errors.NAMES)}, card_declined:CODE")
        if code and code not in fault_errors.decline_codes():
            codes = ", ".join(fault_errors.decline_codes())
            raise errors.bad_value("action.error", f"card_declined:CODE with a code of {codes}")
    if action.get("connection", CONNECTIONS[0]) not in CONNECTIONS:
        raise errors.bad_value("action.connection", f"one of {', '.join(CONNECTIONS)}")
    if action.get("webhook", WEBHOOKS[0]) not in WEBHOOKS:
        raise errors.bad_value("action.webhook", f"one of {', '.join(WEBHOOKS)}")
    if "search_lag" in action:
        duration(action["search_lag"], "action.search_lag")
    if "latency" in action:
        if "webhook" in action:
            duration(action["latency"], "action.latency")
        else:
            seconds(action["latency"], "action.latency")


def _check_together(match: Doc, action: Doc) -> None:
    if "webhook" in action:
        foreign = [f"action.{name}" for name in action if name not in ("webhook", "latency")]
        foreign += [f"match.{name}" for name in OF_CALLS if name in match]
        if "latency" in action and action["webhook"] != "delay":
            foreign.append("action.latency")
    else:
        foreign = [f"match.{name}" for name in OF_WEBHOOKS if name in match]
    if foreign:
        raise errors.bad_value(foreign[0], "left out", hint="a rule is about API calls or about webhooks, not both")
    if action.get("error") and action.get("connection"):
        raise errors.bad_value("action.connection", "left out where there is an error")


def duration(value: Any, name: str) -> durations.Duration:
    """Return a duration on the world's clock; raises 400."""
    try:
        return durations.parse(value)
    except ValueError as error:
        raise errors.ControlError(str(error), param=name, hint=durations.HINT) from None


def seconds(value: Any, name: str, most: float | None = LONGEST) -> float:
    """Return a duration in real seconds; parts of a second as ``0.2`` or ``"200ms"``. Raises 400."""
    if isinstance(value, float) and value >= 0:
        found = value
    elif isinstance(value, str) and (parts := _MILLISECONDS.fullmatch(value)):
        found = int(parts[1]) / 1000
    else:
        found = float(duration(value, name).after(0))
    if most is not None and found > most:
        raise errors.bad_value(name, f"at most {most:g} s")
    return found


def api_key(match: Doc) -> str | None:
    """Return the API key that a match names, None for an idempotency key or none."""
    key = match.get("key")
    return key if isinstance(key, str) and KEY.match(key) else None
