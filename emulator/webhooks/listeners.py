"""Decides what a command-line listener (``stripe listen``) is to deliveries: an endpoint while it is connected, reached by a websocket.

The protocol is that of the official command line (facts stripe-listen): each event goes out as a ``webhook_event``, once as the account's
own API version has it and once as the newest has it; the listener takes one of them, acknowledges both, and tells what the program answered
that it forwards to. Which types it forwards it decides itself, so that an answer may never come.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, NamedTuple

import orjson

from emulator import API_VERSION
from emulator.kernel.clock import monotonic
from emulator.kernel.documents import Doc, changed
from emulator.webhooks import outbox
from emulator.webhooks.answers import TIMEOUT, Answer
from emulator.webhooks.endpoints import CONNECT_APPLICATION, ENABLED

PREFIX: Final = "cli_"
# The address of a listener that forwards to nobody; http addresses are those that it forwards to.
SCHEME: Final = "stripecli://"
# Real seconds (choices): how long an acknowledged event is waited for to be answered before the next one leaves, so that the program
# gets its events in their order; and how long a listener that lost its connection may take to come back.
PATIENCE: Final = 0.25
ABSENCE: Final = 5.0
OPEN_CONVERSATIONS: Final = 1000  # that still may be answered
SESSIONS_KEPT: Final = 1000

Send = Callable[[str], Awaitable[None]]
Late = Callable[[str, str, Answer], Coroutine[Any, Any, None]]


class Session(NamedTuple):
    """What a listener was promised: whose events it gets, what signs them, and where it says that it forwards to."""

    id: str
    space: str
    device: str
    secret: str
    forward: str | None = None
    forward_connect: str | None = None

    def endpoint(self, *, connect: bool) -> Doc:
        """Return the listener as deliveries see it: an endpoint that wants every event and is never tried again."""
        url = self.forward_connect or self.forward if connect else self.forward
        return {
            "id": self.id,
            "url": url or SCHEME + self.device,
            "status": ENABLED,
            "enabled_events": ["*"],
            "application": CONNECT_APPLICATION if connect else None,
            "api_version": None,
            "retried": False,
        }


class _Conversation(NamedTuple):
    """One event that was sent and may be answered."""

    space: str
    delivery: str
    type: str
    started: float
    acknowledged: asyncio.Future[None]
    answered: asyncio.Future[Answer]
    left: asyncio.Event  # set: nobody waits for the answer any more


def secret_of(account: str, device: str) -> str:
    """Return what signs the events of a device: the same each time, so that a program may keep it in its settings."""
    return "whsec_" + hashlib.sha256(f"{account}/{device}".encode()).hexdigest()


class Listener:
    """One session with its present connection, and the events that it has not answered yet."""

    def __init__(self, session: Session, late: Late) -> None:
        self.session = session
        self._late = late
        self._send: Send | None = None
        self._back = asyncio.Event()
        self._gone_at: float | None = None
        self._open: OrderedDict[str, _Conversation] = OrderedDict()
        self._silent: set[str] = set()  # types that it does not forward, as far as is known
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def listening(self) -> bool:
        """Whether it is connected, or was a moment ago."""
        return self._send is not None or (self._gone_at is not None and monotonic() - self._gone_at < ABSENCE)

    @property
    def gone(self) -> bool:
        """Whether it was connected, and did not come back."""
        return self._gone_at is not None and not self.listening

    def connect(self, send: Send) -> None:
        """Send events by ``send`` from now on."""
        self._send = send
        self._back.set()

    def disconnect(self, send: Send) -> None:
        """Wait for a new connection, unless there is one already."""
        if self._send == send:
            self._send = None
            self._gone_at = monotonic()
            self._back.clear()

    async def forward(self, space: str, row: Doc, request: Doc, newest: Doc) -> Answer:
        """Send a delivery in the account's version and in the newest; return what came of it. Never raises for what the listener does."""
        started = monotonic()
        loop = asyncio.get_running_loop()
        answers = loop.create_future(), loop.create_future()
        talk = _Conversation(space, row["id"], row["type"], started, *answers, asyncio.Event())
        own, other = f"wc_{row['id']}", f"wc_{row['id']}_latest"
        self._open[own] = self._open[other] = talk
        while len(self._open) > OPEN_CONVERSATIONS:
            self._open.popitem(last=False)
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._out(_message(row, own, request, None))
                await self._out(_message(row, other, newest, API_VERSION))
                await talk.acknowledged
        except TimeoutError:
            return Answer(False, _since(started), None, f"the listener did not take the event within {TIMEOUT:g} s")
        except ConnectionError:
            return Answer(False, _since(started), None, "the listener is gone")
        if not row["url"].startswith(SCHEME) and talk.type not in self._silent:
            await asyncio.wait([talk.answered], timeout=PATIENCE)
            if not talk.answered.done():
                self._silent.add(talk.type)
        if talk.answered.done():
            return talk.answered.result()
        talk.left.set()
        return Answer(True, _since(started), None, None)

    async def _out(self, message: str) -> None:
        send = self._send
        if send is None:
            try:
                await asyncio.wait_for(self._back.wait(), ABSENCE)
            except TimeoutError:
                raise ConnectionError from None
            send = self._send
        if send is None:
            raise ConnectionError
        await send(message)

    def hear(self, message: Any) -> None:
        """Take in what the listener says: that it has an event, or what the program answered; anything else is passed over."""
        if not isinstance(message, dict):
            return
        talk = self._open.get(str(message.get("webhook_conversation_id")))
        if talk is None:
            return
        if message.get("type") == "event_ack" and not talk.acknowledged.done():
            talk.acknowledged.set_result(None)
        elif message.get("type") == "webhook_response" and not talk.answered.done():
            talk.answered.set_result(_answer(message, talk.started))
            if not talk.acknowledged.done():
                talk.acknowledged.set_result(None)
            if talk.left.is_set():
                self._silent.discard(talk.type)
                self._amend(talk, talk.answered.result())

    def _amend(self, talk: _Conversation, answer: Answer) -> None:
        task = asyncio.get_running_loop().create_task(self._late(talk.space, talk.delivery, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Listeners:
    """All listeners of a server, by their session."""

    def __init__(self) -> None:
        self._known: dict[str, Listener] = {}
        self.late: Late = _nobody

    @property
    def empty(self) -> bool:
        """Whether there are none, as mostly."""
        return not self._known

    def open(self, session: Session) -> None:
        """Promise a session; it counts from its first connection on."""
        self._forget()
        idle = [id for id, one in self._known.items() if not one.listening]
        for id in idle[: max(0, len(self._known) - SESSIONS_KEPT)]:
            del self._known[id]
        self._known[session.id] = Listener(session, self._told)

    def find(self, id: str) -> Listener | None:
        """Return a listener by its session's id."""
        return self._known.get(id)

    def endpoints(self, space: str, platform: str | None) -> Sequence[Doc]:
        """Return who listens to the events of a world now, as endpoints; ``platform`` is whose connected account it is."""
        if not self._known:
            return ()
        self._forget()
        return [
            one.session.endpoint(connect=platform is not None)
            for one in self._known.values()
            if one.session.space in (space, platform) and one.listening
        ]

    def _forget(self) -> None:
        for id in [id for id, one in self._known.items() if one.gone]:
            del self._known[id]

    async def _told(self, space: str, delivery: str, answer: Answer) -> None:
        await self.late(space, delivery, answer)


async def _nobody(space: str, delivery: str, answer: Answer) -> None:
    """Hear nothing."""


def _since(started: float) -> int:
    return round((monotonic() - started) * 1000)


def _message(row: Doc, conversation: str, request: Doc, version: str | None) -> str:
    return orjson.dumps(
        {
            "type": "webhook_event",
            "endpoint": {"api_version": version},
            "event_payload": request["body"],
            "http_headers": request["headers"],
            "webhook_conversation_id": conversation,
            "webhook_id": row["id"],
        }
    ).decode()


def _answer(message: Doc, started: float) -> Answer:
    """Return what a ``webhook_response`` says that the program answered."""
    status = message.get("status")
    headers, body = message.get("http_headers"), message.get("body")
    if isinstance(status, bool) or not isinstance(status, int):
        return Answer(False, _since(started), None, "the listener told no status")
    good = 200 <= status < 300
    response: Doc = {
        "status": status,
        "headers": headers if isinstance(headers, dict) else {},
        "body": body if isinstance(body, str) else "",
    }
    return Answer(good, _since(started), response, None if good else f"the receiver answered {status}")


def amended(row: Doc, answer: Answer) -> Doc:
    """Return a delivery row with an answer that came after the next event had left."""
    status = outbox.SUCCEEDED if answer.good else outbox.FAILED
    return changed(row, status=status, latency_ms=answer.latency_ms, response=answer.response, error=answer.error)
