"""Decides how the official command line connects: a session by its key, then a websocket that hears of events or of API calls.

The wire is that of ``stripe listen`` and ``stripe logs tail`` (facts stripe-listen, observed with 1.52).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from aiohttp import WSMsgType, web

from emulator import API_VERSION
from emulator.api import decode
from emulator.api.auth import publishable
from emulator.api.cli_logs import Tail, Tails, filters_of
from emulator.api.replies import reply
from emulator.kernel.clock import monotonic
from emulator.kernel.errors import StripeError, invalid_request, missing_param
from emulator.operations.refusals import body_of
from emulator.operations.request_log import RequestRecord
from emulator.webhooks.listeners import PREFIX, Session, secret_of

if TYPE_CHECKING:
    from emulator.api.auth import Keys
    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space

BEGINNING: Final = "/v1/stripecli/"
SESSIONS: Final = f"{BEGINNING}sessions"
SUBSCRIBE: Final = f"{BEGINNING}subscribe"
PROTOCOL: Final = "stripecli-devproxy-v1"
WEBHOOKS, REQUEST_LOGS = "webhooks", "request_logs"
# `v2_events` is asked for beside `webhooks` and adds nothing here: there are no events of that kind.
FEATURES: Final = frozenset({WEBHOOKS, REQUEST_LOGS, "v2_events"})
# Seconds after which a listener connects anew although nothing is wrong (choice): a connection to this machine lasts.
RECONNECT_AFTER: Final = 86_400
HEARTBEAT: Final = 30.0  # seconds between pings of the server (choice)
ID_LENGTH: Final = 32
LONGEST: Final = 5000  # characters of a parameter, as everywhere in the API
TAILS_KEPT: Final = 1000


class Followed(NamedTuple):
    """What a session of the log was promised."""

    space: Space
    filters: dict[str, frozenset[str]]


def unknown_socket() -> StripeError:
    """Build the refusal at which the command line asks for a new session (words that it looks for)."""
    return StripeError("Unknown WebSocket ID.", status=404)


def no_feature(name: str) -> StripeError:
    """Build the refusal of a feature that is none; words are a choice."""
    known = ", ".join(sorted(FEATURES))
    return invalid_request(f"Invalid websocket_features: {name} must be one of {known}.", param="websocket_features")


class Sessions:
    """The handlers of both addresses."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self.engine = engine
        self.keys = keys
        self.tails = Tails(engine)
        self._followed: dict[str, Followed] = {}
        self._sockets: set[web.WebSocketResponse] = set()

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Promise a session; the secret in the answer signs what the listener will get."""
        started = monotonic()
        id = self.engine.request_ids.next()
        space: Space | None = None
        params: Doc = {}
        error: str | None = None
        try:
            caller = await self.keys.caller(request.headers.get("Authorization"))
            space = caller.space
            if caller.kind == "pk":
                raise publishable()
            params = decode.body(await request.read())
            status, body = 200, orjson.dumps(self._promise(request, space, params), option=orjson.OPT_INDENT_2)
        except StripeError as refusal:
            error = refusal.code or refusal.type
            status, body = refusal.status, body_of(refusal, space, id)
        if space is not None:
            took = (monotonic() - started) * 1000
            self.engine.requests.append(
                RequestRecord(id, space.clock.now(), "POST", SESSIONS, params, status, took, None, API_VERSION, error, space.key, body, len(body))
            )  # fmt: skip
        return reply(body, id, API_VERSION, status=status)

    def _promise(self, request: web.Request, space: Space, params: Doc) -> Doc:
        device = _text(params, "device_name")
        if not device:
            raise missing_param("device_name")
        features = params.get("websocket_features") or params.get("websocket_feature") or WEBHOOKS
        wanted = [features] if isinstance(features, str) else [str(one) for one in features]
        for name in wanted:
            if name not in FEATURES:
                raise no_feature(name)
        logs = REQUEST_LOGS in wanted
        filters = filters_of(_text(params, "filters"))
        session = Session(
            PREFIX + space.ids.secret(ID_LENGTH), space.key, device, secret_of(space.account, device),
            _address(params, "forward_to_url"), _address(params, "forward_connect_to_url"),
        )  # fmt: skip
        lonely = "filter_account" in filters and not self._has_accounts(space)
        if lonely:
            del filters["filter_account"]
        if logs:
            self._follow(session.id, Followed(space, filters))
        else:
            self.engine.listeners.open(session)
        return {
            "default_version": space.settings["default_api_version"] or API_VERSION,
            "device_token": session.id,
            "display_connect_filter_warning": lonely,
            "latest_version": API_VERSION,
            "reconnect_delay": RECONNECT_AFTER,
            "secret": session.secret,
            "websocket_authorized_feature": REQUEST_LOGS if logs else WEBHOOKS,
            "websocket_id": session.id,
            "websocket_url": f"{'wss' if request.secure else 'ws'}://{request.host}{SUBSCRIBE}",
        }

    def _has_accounts(self, space: Space) -> bool:
        return any(key.startswith(f"{space.key}/") for key in self.engine.spaces)

    def _follow(self, id: str, followed: Followed) -> None:
        if len(self._followed) >= TAILS_KEPT:
            del self._followed[next(iter(self._followed))]
        self._followed[id] = followed

    # ------------------------------------------------------------------------------------------ the websocket
    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """Serve a session's connection for as long as it lasts."""
        id = request.headers.get("Websocket-Id", "")
        listener, followed = self.engine.listeners.find(id), self._followed.get(id)
        socket = web.WebSocketResponse(protocols=(PROTOCOL,), heartbeat=HEARTBEAT)
        if (listener is None and followed is None) or not socket.can_prepare(request).ok:
            refusal = unknown_socket()
            request_id = self.engine.request_ids.next()
            return reply(body_of(refusal, None, request_id), request_id, API_VERSION, status=refusal.status)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            if listener is not None:
                listener.connect(socket.send_str)
                await _heard(socket, listener.hear)
            elif followed is not None:
                await self._tail(socket, followed)
        finally:
            self._sockets.discard(socket)
            if listener is not None:
                listener.disconnect(socket.send_str)
        return socket

    async def _tail(self, socket: web.WebSocketResponse, followed: Followed) -> None:
        """Tell a connection of calls, one after the other."""
        waiting: asyncio.Queue[str] = asyncio.Queue()
        space = followed.space
        tail = Tail(space.key, space.livemode, followed.filters, waiting.put_nowait)

        async def tell() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    await socket.send_str(await waiting.get())

        teller = asyncio.get_running_loop().create_task(tell())
        self.tails.add(tail)
        try:
            await _heard(socket, _ignored)
        finally:
            self.tails.remove(tail)
            teller.cancel()

    async def close(self, _: web.Application) -> None:
        """End all connections, so that the server can stop."""
        for socket in list(self._sockets):
            await socket.close()


async def _heard(socket: web.WebSocketResponse, hear: Any) -> None:
    """Pass on what a connection says until it ends; what is no JSON is passed over."""
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            with contextlib.suppress(orjson.JSONDecodeError):
                hear(orjson.loads(message.data))


def _ignored(message: Any) -> None:
    """Take an acknowledgement of a logged call; nothing follows from it."""


def _text(params: Doc, name: str) -> str | None:
    value = params.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST):
        raise invalid_request(f"Invalid string: {name}", param=name)
    return value


def _address(params: Doc, name: str) -> str | None:
    """Return an address that a listener says it forwards to; anything but http is its own affair."""
    value = _text(params, name)
    return value if value is not None and value.startswith(("http://", "https://")) else None


def setup(app: web.Application, engine: Engine, keys: Keys) -> Sessions:
    """Put both addresses into an application."""
    sessions = Sessions(engine, keys)
    app.router.add_post(SESSIONS, sessions.create)
    app.router.add_get(SUBSCRIBE, sessions.subscribe)
    app.on_shutdown.append(sessions.close)
    return sessions
