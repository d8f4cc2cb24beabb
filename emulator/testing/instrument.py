"""Decides what a test can do with its world: time, webhooks, faults, acts of others, and the customer's portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

from emulator.testing.portal import Portal
from emulator.testing.webhooks import SECRET, Webhooks
from emulator.testing.wire import Wire

Doc = dict[str, Any]
Rows = list[Doc]
Names = list[str]
UNITS = {"years": "y", "months": "mo", "weeks": "w", "days": "d", "hours": "h", "minutes": "m", "seconds": "s"}


class Clock:
    """The world's clock."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @property
    def now(self) -> int:
        """The world's time in unix seconds."""
        now: int = self._wire.control("GET", "/clock")["now"]
        return now

    @property
    def next(self) -> Rows:
        """What will happen by itself, and when."""
        coming: Rows = self._wire.control("GET", "/clock")["next"]
        return coming

    def advance(self, duration: str | None = None, **parts: int) -> int:
        """Move time on by ``months=1``, ``days=3, hours=12`` or ``"1mo"``; all that was due has happened. Returns now.

        Raises TypeError for another unit.
        """
        if unknown := set(parts) - set(UNITS):
            raise TypeError(f"no such unit: {', '.join(sorted(unknown))} (there are {', '.join(UNITS)})")
        text = (duration or "") + "".join(f"{parts[name]}{unit}" for name, unit in UNITS.items() if name in parts)
        return self._move({"advance": text})

    def advance_to(self, at: int | datetime) -> int:
        """Move time on to an instant (unix seconds, or a datetime that knows its zone)."""
        return self._move({"advance_to": _instant(at)})

    def freeze(self, at: int | datetime | None = None) -> int:
        """Let time stand still, now or at an instant."""
        return self._move({"freeze": True if at is None else _instant(at)})

    def real(self) -> int:
        """Let the clock follow real time."""
        return self._move({"real": True})

    def _move(self, body: Doc) -> int:
        now: int = self._wire.control("POST", "/clock", body)["now"]
        return now


def _instant(at: int | datetime) -> int:
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("a datetime must know its time zone")
        return int(at.timestamp())
    return at


class Events:
    """What happened in the world."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, type: str | None = None, **filters: Any) -> Rows:
        """Return events, oldest first: ``object``, ``since`` (an event's id), ``after``, ``before``, ``last``."""
        found: Rows = self._wire.control("GET", "/events", type=type, **{"limit": 10_000, **filters})["data"]
        return found

    def types(self, **filters: Any) -> Names:
        """Return the types of what happened, in order."""
        return [event["type"] for event in self.list(**filters)]

    def wait(self, type: str | None = None, *, timeout: float = 10.0, **filters: Any) -> Doc:
        """Return the first matching event, as soon as it is there; raises RefusedError (408) when none came."""
        __tracebackhide__ = True
        return self._wire.awaited("/events/wait", type=type, timeout=timeout, **filters)


class Faults:
    """What is to go wrong."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def add(self, preset: str | None = None, **rule: Any) -> Doc:
        """Let something go wrong: a preset's name, or ``match``, ``action``, ``times``, ``seed``; returns the rule."""
        return self._wire.control("POST", "/faults", {**rule, **({"preset": preset} if preset else {})})

    def list(self) -> Rows:
        """Return the rules, and how often each acted."""
        rules: Rows = self._wire.control("GET", "/faults")["data"]
        return rules

    def clear(self) -> None:
        """Take all rules back."""
        self._wire.control("DELETE", "/faults")


class StripeEmulator:
    """One world on a server, and everything that a test may want of it."""

    def __init__(self, url: str, key: str, *, secret: str = SECRET) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self.publishable_key = "pk_" + key.partition("_")[2]
        self.wire = Wire(url, key)
        self.clock = Clock(self.wire)
        self.events = Events(self.wire)
        self.faults = Faults(self.wire)
        self.webhooks = Webhooks(self.wire, secret)
        self._undo: list[Callable[[], None]] = []
        self._portals: list[Portal] = []

    # ------------------------------------------------------------------------------------------ the application
    def patch(self, stripe: ModuleType) -> None:
        """Point the official SDK at this world until the test ends: ``stripe_emulator.patch(stripe)``."""
        from emulator.testing.patching import patch

        self._undo.append(patch(stripe, self.url, self.key))

    @property
    def client(self) -> Any:
        """An official client of this world (``stripe.StripeClient``)."""
        import stripe

        bases: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), self.url)
        return stripe.StripeClient(self.key, base_addresses=bases)

    @property
    def environ(self) -> dict[str, str]:
        """What an application that runs as a program of its own may be given in its environment."""
        return {
            "STRIPE_API_KEY": self.key, "STRIPE_SECRET_KEY": self.key, "STRIPE_PUBLISHABLE_KEY": self.publishable_key,
            "STRIPE_API_BASE": self.url, "STRIPE_WEBHOOK_SECRET": self.webhooks.secret,
        }  # fmt: skip

    def api(self, method: str, path: str, params: Doc | None = None) -> Doc:
        """Make an API call without the SDK: ``api("POST", "/v1/customers", {"name": "Ada"})``."""
        return self.wire.api(method, path, params)

    # ------------------------------------------------------------------------------------------ people
    def portal(self, customer: str, **params: Any) -> Portal:
        """Return a customer's portal; ``params`` are those of the session (``return_url``, ``flow_data`` ...)."""
        portal = Portal(self.wire, customer, **params)
        self._portals.append(portal)
        return portal

    def act(self, name: str, object: str, **more: Any) -> Doc:
        """Let the outside world act: ``act("open_dispute", "ch_...")``; returns the object as it is then."""
        return self.wire.control("POST", f"/acts/{name}", {"object": object, **more})

    # ------------------------------------------------------------------------------------------ the world
    def requests(self, **filters: Any) -> Rows:
        """Return the API calls, oldest first: ``method``, ``path``, ``status``, ``after``, ``before``."""
        rows: Rows = self.wire.control("GET", "/requests", **{"limit": 10_000, **filters})["data"]
        return rows

    def mail(self, to: str | None = None) -> Rows:
        """Return the mail that was sent."""
        rows: Rows = self.wire.control("GET", "/mail", to=to)["data"]
        return rows

    def settings(self, **changes: Any) -> Doc:
        """Change settings of the account, and return them."""
        return self.wire.control("POST", "/settings", changes)

    def snapshot(self) -> str:
        """Remember the world; ``restore`` brings it back."""
        name: str = self.wire.control("POST", f"/worlds/{self.key}/snapshot")["snapshot"]
        return name

    def restore(self, snapshot: str) -> None:
        """Bring the world back to a snapshot."""
        self.wire.control("POST", f"/worlds/{self.key}/restore", {"snapshot": snapshot})

    def close(self) -> None:
        """Undo what was patched and close the connections."""
        while self._undo:
            self._undo.pop()()
        while self._portals:
            self._portals.pop().close()
        self.wire.close()
