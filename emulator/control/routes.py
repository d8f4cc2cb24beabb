"""Decides which calls there are under ``/_emulator`` and what each of them does."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator import API_VERSION, __version__
from emulator.control import clock, deliveries, errors, events, requests, settings
from emulator.control.background import Background
from emulator.control.call import Call, reply, text_of
from emulator.control.errors import ControlError
from emulator.control.worlds import Worlds
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space

log = logging.getLogger(__name__)

PREFIX = "/_emulator"
Handler = Callable[[Call], Awaitable[Any]]


class Control:
    """The control API of one server; a call acts on the world of its key."""

    def __init__(self, engine: Engine, background: Background, allowed: frozenset[str] | None = None) -> None:
        self.engine = engine
        self.background = background
        self.worlds = Worlds(engine, background)
        self.allowed = allowed
        self._table = self._rows()

    def _rows(self) -> list[tuple[str, tuple[str, ...], Handler]]:
        rows: dict[str, Handler] = {
            "GET ": self.calls,
            "GET health": self.health,
            "GET ready": self.ready,
            "GET coverage": self.coverage,
            "GET worlds": self.list_worlds,
            "POST worlds": self.make_world,
            "DELETE worlds/{key}": self.drop_world,
            "POST worlds/{key}/reset": self.reset_world,
            "POST worlds/{key}/fork": self.fork_world,
            "POST worlds/{key}/snapshot": self.snapshot_world,
            "POST worlds/{key}/restore": self.restore_world,
            "GET worlds/{key}/export": self.export_world,
            "GET clock": self.show_clock,
            "POST clock": self.move_clock,
            "GET events": self.list_events,
            "GET events/wait": self.wait_event,
            "GET deliveries": self.list_deliveries,
            "DELETE deliveries": self.clear_deliveries,
            "POST deliveries/{id}/replay": self.replay_delivery,
            "GET requests": self.list_requests,
            "GET settings": self.show_settings,
            "POST settings": self.change_settings,
        }
        for name, methods in {"mail": ("GET", "DELETE"), "faults": ("GET", "POST", "DELETE")}.items():
            rows.update({f"{method} {name}": self.not_there_yet for method in methods})
        return [(*_split(line), handler) for line, handler in rows.items()]

    # ------------------------------------------------------------------------------------------ the way in
    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call; nothing but a JSON answer leaves here."""
        try:
            handler, places = self._find(request.method, request.path)
            return reply(await handler(Call(request, places, await request.read())))
        except ControlError as refusal:
            return reply(refusal.body(), refusal.status)
        except web.HTTPException as refusal:
            return reply(ControlError(refusal.reason).body(), refusal.status)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            log.exception("%s %s", request.method, request.path)
            return reply(ControlError(f"the control call failed: {type(error).__name__}: {error}").body(), 500)

    def _find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        segments = tuple(path.removeprefix(PREFIX).strip("/").split("/"))
        allowed = []
        for known, pattern, handler in self._table:
            places = _match(pattern, segments)
            if places is not None:
                if known == method or (method == "HEAD" and known == "GET"):
                    return handler, places
                allowed.append(known)
        raise errors.wrong_method(method, allowed) if allowed else errors.unknown_call(method, path)

    async def space(self, call: Call) -> Space:
        """Return the world of a call's key, opened when it is new; raises 401 for what is no key of this server."""
        key = call.key
        if self.allowed is not None and key not in self.allowed:
            raise ControlError("this server was started with --keys, and the key is none of them", status=401)
        try:
            return await self.engine.space(key)
        except ValueError:
            raise ControlError(f"not a key: {key}", status=401, hint="a key is sk_test_ANYTHING") from None

    # ------------------------------------------------------------------------------------------ the server
    async def calls(self, call: Call) -> Doc:
        """List the calls."""
        call.query()
        return {"calls": [f"{method} {PREFIX}/{'/'.join(pattern)}" for method, pattern, _ in self._table]}

    async def health(self, call: Call) -> Doc:
        """Say that the server is up, and what it is."""
        call.query()
        store = type(self.engine.store).__name__.removesuffix("Store").lower()
        return {"status": "ok", "version": __version__, "api_version": API_VERSION, "store": store}

    async def ready(self, call: Call) -> Doc:
        """Say whether the background tasks run."""
        call.query()
        if not self.background.running:
            raise ControlError("the background tasks do not run yet", status=503)
        return {"status": "ready"}

    async def coverage(self, call: Call) -> Doc:
        """Say what is emulated."""
        call.query()
        from emulator.control.coverage import coverage  # reads every table: only when asked for

        return coverage(self.engine)

    async def not_there_yet(self, call: Call) -> Doc:
        """Say honestly that a planned call is not built."""
        raise errors.not_there_yet(f"{call.request.method} {call.request.path}")

    # ------------------------------------------------------------------------------------------ worlds
    async def list_worlds(self, call: Call) -> Doc:
        """List the open worlds."""
        call.query()
        return {"data": await self.worlds.rows()}

    async def make_world(self, call: Call) -> Doc:
        """Make or replace a world from a fixture or a document."""
        body = call.body("key", "fixture", "document")
        key = text_of(body, "key")
        if "fixture" in body and "document" in body:
            raise ControlError("give one of fixture and document", param="document")
        document = body.get("document")
        if "document" in body and not isinstance(document, dict):
            raise errors.bad_value("document", "a world document")
        made_of = document if document is not None else text_of(body, "fixture") if "fixture" in body else None
        return await self.worlds.row(await self.worlds.make(key, made_of))

    async def drop_world(self, call: Call) -> Doc:
        """Forget a world."""
        await self.worlds.drop(call.places["key"])
        return {}

    async def reset_world(self, call: Call) -> Doc:
        """Bring a world back to what it was made from."""
        await self.worlds.reset(call.places["key"])
        return {}

    async def fork_world(self, call: Call) -> Doc:
        """Copy a world."""
        to = text_of(call.body("to"), "to")
        return await self.worlds.row(await self.worlds.fork(call.places["key"], to))

    async def snapshot_world(self, call: Call) -> Doc:
        """Remember a world."""
        return {"snapshot": await self.worlds.snapshot(call.places["key"])}

    async def restore_world(self, call: Call) -> Doc:
        """Bring a world back to a snapshot."""
        await self.worlds.restore(call.places["key"], text_of(call.body("snapshot"), "snapshot"))
        return {}

    async def export_world(self, call: Call) -> Doc:
        """Return a world as a document."""
        return await self.worlds.export(call.places["key"])

    # ------------------------------------------------------------------------------------------ one world
    async def show_clock(self, call: Call) -> Doc:
        """Read the clock."""
        return await clock.show(self.background, await self.space(call))

    async def move_clock(self, call: Call) -> Doc:
        """Move the clock."""
        body = call.body(*clock.WAYS)
        return await clock.move(self.background, await self.space(call), body)

    async def list_events(self, call: Call) -> Doc:
        """Read events."""
        query = call.query("type", "object", "since", "limit")
        return await events.listed(self.background, await self.space(call), query)

    async def wait_event(self, call: Call) -> Doc:
        """Wait for an event."""
        query = call.query("type", "object", "since", "timeout")
        return await events.wait(self.background, await self.space(call), query)

    async def list_deliveries(self, call: Call) -> Doc:
        """Read webhook deliveries."""
        query = call.query("type", "object", "event", "endpoint", "status", "limit")
        return await deliveries.listed(self.background, await self.space(call), query)

    async def clear_deliveries(self, call: Call) -> Doc:
        """Forget webhook deliveries."""
        await deliveries.clear(self.background, await self.space(call))
        return {}

    async def replay_delivery(self, call: Call) -> Doc:
        """Repeat a webhook delivery."""
        return await deliveries.replay(self.background, await self.space(call), call.places["id"])

    async def list_requests(self, call: Call) -> Doc:
        """Read the log of API calls."""
        query = call.query("method", "path", "status", "limit")
        return requests.listed(self.engine, await self.space(call), query)

    async def show_settings(self, call: Call) -> Doc:
        """Read the account's settings."""
        return dict((await self.space(call)).settings)

    async def change_settings(self, call: Call) -> Doc:
        """Change the account's settings."""
        return settings.change(await self.space(call), call.body())


def _split(line: str) -> tuple[str, tuple[str, ...]]:
    method, _, path = line.partition(" ")
    return method, tuple(path.split("/"))


def _match(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    places: dict[str, str] = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if wanted[:1] == "{":
            places[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return places


CONTROL = web.AppKey("control", Control)


def setup(
    app: web.Application, engine: Engine, background: Background, *, allowed: frozenset[str] | None = None
) -> Control:
    """Put the control API into an application; ``allowed`` are the only keys it takes (None: any)."""
    control = Control(engine, background, allowed)
    app[CONTROL] = control
    app.router.add_route("*", PREFIX, control.handle)
    app.router.add_route("*", PREFIX + "/{tail:.*}", control.handle)
    return control
