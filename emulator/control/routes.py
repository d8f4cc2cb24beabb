"""Decides which calls there are under ``/_emulator`` and what each of them does."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator import API_VERSION, __version__
from emulator.control import (
    clock,
    deliveries,
    errors,
    events,
    mail,
    origins,
    requests,
    settings,
)
from emulator.control.background import Background
from emulator.control.call import PREFIX, Call, reply, text_of
from emulator.control.description import CALLS
from emulator.control.errors import ControlError
from emulator.control.worlds import Worlds
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space

log = logging.getLogger(__name__)

Handler = Callable[[Call], Awaitable[Any]]
Pages = Callable[[web.Application, Any, str], None]  # puts pages under a prefix


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
            "GET openapi.json": self.describe,
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
            "POST events/{id}/resend": self.resend_event,
            "GET deliveries": self.list_deliveries,
            "GET deliveries/wait": self.wait_deliveries,
            "DELETE deliveries": self.clear_deliveries,
            "POST deliveries/{id}/replay": self.replay_delivery,
            "POST endpoints": self.add_endpoint,
            "POST expectations": self.check_expectation,
            "GET requests": self.list_requests,
            "GET requests/{id}": self.show_request,
            "DELETE requests": self.clear_requests,
            "GET faults": self.list_faults,
            "POST faults": self.add_fault,
            "DELETE faults": self.clear_faults,
            "DELETE faults/{id}": self.remove_fault,
            "GET faults/presets": self.list_presets,
            "GET acts": self.list_acts,
            "POST acts/{act}": self.act,
            "GET mail": self.read_mail,
            "GET mail/wait": self.wait_mail,
            "GET mail/{id}": self.read_one_mail,
            "DELETE mail": self.clear_mail,
            "GET settings": self.show_settings,
            "POST settings": self.change_settings,
        }
        return [(*_split(line), handler) for line, handler in rows.items()]

    # ------------------------------------------------------------------------------------------ the way in
    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call in JSON, or with the page that a browser asked for."""
        try:
            origins.refuse_foreign(request)
            handler, places, line = self._find(request.method, request.path)
            answer = await handler(Call(request, places, await request.read(), CALLS.get(line)))
            return answer if isinstance(answer, web.StreamResponse) else reply(answer)
        except ControlError as refusal:
            return reply(refusal.body(), refusal.status)
        except web.HTTPException as refusal:
            return reply(ControlError(refusal.reason).body(), refusal.status)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            log.exception("%s %s", request.method, request.path)
            return reply(ControlError(f"the control call failed: {type(error).__name__}: {error}").body(), 500)

    def _find(self, method: str, path: str) -> tuple[Handler, dict[str, str], str]:
        segments = tuple(path.removeprefix(PREFIX).strip("/").split("/"))
        allowed = []
        for known, pattern, handler in self._table:
            places = _match(pattern, segments)
            if places is not None:
                if known == method or (method == "HEAD" and known == "GET"):
                    return handler, places, f"{known} {'/'.join(pattern)}"
                allowed.append(known)
        raise errors.wrong_method(method, allowed) if allowed else errors.unknown_call(method, path)

    async def space(self, call: Call) -> Space:
        """Return the world of a call's key, opened when it is new; raises 401 for what is no key of this server."""
        return await self.space_of(call.key)

    async def space_of(self, key: str) -> Space:
        """Return the world of a key, opened when it is new; raises 401."""
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

    async def describe(self, call: Call) -> Doc:
        """Describe the calls as an OpenAPI document."""
        call.query()
        from emulator.control.openapi import document

        return document(self.engine.base_url, PREFIX)

    async def health(self, call: Call) -> Doc:
        """Say that the server is up, and what it is."""
        call.query()
        store = type(self.engine.store).__name__.removesuffix("Store").lower()
        return {"status": "ok", "version": __version__, "api_version": API_VERSION, "store": store}

    async def ready(self, call: Call) -> Doc:
        """Say whether the background tasks run; raises the 503 while they do not."""
        call.query()
        if not self.background.running:
            raise ControlError("the background tasks do not run yet", status=503)
        return {"status": "ready"}

    async def coverage(self, call: Call) -> Doc:
        """Say what is emulated."""
        call.query()
        from emulator.control.coverage import coverage  # reads every table: only when asked for

        return coverage(self.engine)

    # ------------------------------------------------------------------------------------------ worlds
    async def list_worlds(self, call: Call) -> Doc:
        """List the open worlds."""
        call.query()
        return {"data": await self.worlds.rows()}

    async def make_world(self, call: Call) -> Doc:
        """Make or replace a world from a fixture or a document; raises the refusal of both."""
        body = call.body()
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
        to = text_of(call.body(), "to")
        return await self.worlds.row(await self.worlds.fork(call.places["key"], to))

    async def snapshot_world(self, call: Call) -> Doc:
        """Remember a world."""
        return {"snapshot": await self.worlds.snapshot(call.places["key"])}

    async def restore_world(self, call: Call) -> Doc:
        """Bring a world back to a snapshot."""
        await self.worlds.restore(call.places["key"], text_of(call.body(), "snapshot"))
        return {}

    async def export_world(self, call: Call) -> Doc:
        """Return a world as a document."""
        return await self.worlds.export(call.places["key"])

    # ------------------------------------------------------------------------------------------ one world
    async def show_clock(self, call: Call) -> Doc:
        """Read the clock."""
        call.query()
        return await clock.show(self.background, await self.space(call))

    async def move_clock(self, call: Call) -> Doc:
        """Move the clock."""
        body = call.body()
        return await clock.move(self.background, await self.space(call), body)

    async def list_events(self, call: Call) -> Doc:
        """Read events."""
        query = call.query()
        return await events.listed(self.background, await self.space(call), query)

    async def wait_event(self, call: Call) -> Doc:
        """Wait for an event."""
        query = call.query()
        return await events.wait(self.background, await self.space(call), query)

    async def resend_event(self, call: Call) -> Doc:
        """Send an event again."""
        body = call.body()
        endpoint = text_of(body, "endpoint") if body.get("endpoint") is not None else None
        return await events.resend(self.background, await self.space(call), call.places["id"], endpoint)

    async def list_deliveries(self, call: Call) -> Doc:
        """Read webhook deliveries."""
        query = call.query()
        return await deliveries.listed(self.background, await self.space(call), query)

    async def wait_deliveries(self, call: Call) -> Doc:
        """Wait for webhook deliveries."""
        return await deliveries.wait(self.background, await self.space(call), call.query())

    async def clear_deliveries(self, call: Call) -> Doc:
        """Forget webhook deliveries."""
        await deliveries.clear(self.background, await self.space(call))
        return {}

    async def replay_delivery(self, call: Call) -> Doc:
        """Repeat a webhook delivery."""
        return await deliveries.replay(self.background, await self.space(call), call.places["id"])

    async def list_requests(self, call: Call) -> Doc:
        """Read the log of API calls."""
        query = call.query()
        return requests.listed(self.engine, await self.space(call), query)

    async def show_request(self, call: Call) -> Doc:
        """Read one API call with its answer."""
        return requests.one(self.engine, await self.space(call), call.places["id"])

    async def clear_requests(self, call: Call) -> Doc:
        """Forget the log of API calls."""
        requests.clear(self.engine, await self.space(call))
        return {}

    # ------------------------------------------------------------------------------------------ a test's wishes
    async def add_endpoint(self, call: Call) -> Doc:
        """Point webhooks at a receiver."""
        from emulator.control import endpoints

        return await endpoints.add(self.engine, await self.space(call), call.body())

    async def check_expectation(self, call: Call) -> Doc:
        """Hold what came against what was expected."""
        from emulator.control import expecting

        return await expecting.check(self.background, await self.space(call), call.body())

    async def list_faults(self, call: Call) -> Doc:
        """List the rules by which things go wrong."""
        from emulator.control import faults  # loaded by the first test that wants them

        call.query()
        return faults.listed(await self.space(call))

    async def add_fault(self, call: Call) -> Doc:
        """Let something go wrong, in the world of the API key that the rule names, else in that of the call's."""
        from emulator.control import fault_rules, faults

        body = call.body()
        match = body.get("match")
        named = fault_rules.api_key(match) if isinstance(match, dict) else None
        return faults.add(await self.space(call) if named is None else await self.space_of(named), body)

    async def clear_faults(self, call: Call) -> Doc:
        """Take all rules back."""
        from emulator.control import faults

        faults.clear(await self.space(call))
        return {}

    async def remove_fault(self, call: Call) -> Doc:
        """Take one rule back."""
        from emulator.control import faults

        faults.remove(await self.space(call), call.places["id"])
        return {}

    async def list_presets(self, call: Call) -> Doc:
        """List the rules that have names."""
        from emulator.control.fault_presets import PRESETS

        call.query()
        return {"data": [{"preset": name, **rule} for name, rule in PRESETS.items()]}

    async def list_acts(self, call: Call) -> Doc:
        """List what the outside world can be made to do."""
        from emulator.control import acts

        call.query()
        return acts.listed()

    async def act(self, call: Call) -> Doc:
        """Let the outside world act."""
        from emulator.control import acts

        return await acts.perform(self.engine, await self.space(call), call.places["act"], call.body())

    async def read_mail(self, call: Call) -> Doc | web.Response:
        """Read the mail."""
        return await mail.read(self.engine, await self._named(call), call)

    async def wait_mail(self, call: Call) -> Doc:
        """Wait for a mail."""
        return await mail.wait(self.background, await self._named(call), call.query())

    async def read_one_mail(self, call: Call) -> Doc | web.Response:
        """Read one mail."""
        return await mail.read_one(self.engine, await self._named(call), call)

    async def clear_mail(self, call: Call) -> Doc:
        """Forget the mail."""
        await mail.clear(self.engine, await self.space(call), call.query())
        return {}

    async def _named(self, call: Call) -> Space:
        """Return the world of a call; browsers, which send no header, name its key in the query."""
        query = call.query()
        return await self.space_of(query["key"]) if "key" in query else await self.space(call)

    async def show_settings(self, call: Call) -> Doc:
        """Read the account's settings."""
        call.query()
        return dict((await self.space(call)).settings)

    async def change_settings(self, call: Call) -> Doc:
        """Change the account's settings."""
        space, body = await self.space(call), call.body()
        changed = settings.change(space, body)
        await settings.shown(self.engine, space, body)
        return changed


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
    app: web.Application, engine: Engine, background: Background, *, allowed: frozenset[str] | None, in_front: Pages
) -> Control:
    """Put the control API behind the pages of ``in_front``; ``allowed`` are the only keys it takes (None: any)."""
    control = Control(engine, background, allowed)
    app[CONTROL] = control
    in_front(app, control, PREFIX)
    app.router.add_route("*", PREFIX, control.handle)
    app.router.add_route("*", PREFIX + "/{tail:.*}", control.handle)
    return control
