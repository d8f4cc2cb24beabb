"""Decides which calls are answered in the moment they arrive: those whose work waits for nothing, as nearly all does."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from aiohttp import HttpVersion11, web
from aiohttp.http import HttpRequestParser, RawRequestMessage, StreamWriter
from aiohttp.web_protocol import RequestHandler

from emulator.api import cli_session
from emulator.api.asked import Asked
from emulator.api.replies import Reply, printed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from contextvars import Context

    from aiohttp.streams import StreamReader

    Work = Coroutine[Any, Any, web.StreamResponse]

CALLS = "/v1/"
PAGES = "/p/session/"  # where the pages of portal sessions are: the most of what is no call
READ_AT_ONCE = 64 * 1024  # bytes; saves 6 % of a small call's time (measured with Python 3.11)
LONGEST_ROUND = 0.002  # seconds that an answer may wait for others
METHODS = frozenset({"GET", "POST", "DELETE"})
# What of the library's protocol is built upon here (aiohttp 3.14).
BUILT_UPON = frozenset({
    "_keepalive_timeout", "_logging_enabled", "_messages", "_next_keepalive_close_time", "_parser", "_paused",
    "_payload_parser", "_request_factory", "_task_handler", "_upgraded", "_waiter",
})  # fmt: skip


def fits() -> bool:
    """Say whether the library is one that a `Connection` can be built upon; with another every request goes its own way."""
    return (
        set(dir(RequestHandler)) >= BUILT_UPON
        and hasattr(HttpRequestParser, "message_consumed")
        and hasattr(web.Response, "_cookies")
    )


def is_call(path: str, headers: Any) -> bool:
    """Say whether a request is plainly a call of the API, which no page and no middleware has to do with."""
    return (
        path.startswith(CALLS)
        and not path.startswith(cli_session.BEGINNING)
        and "Expect" not in headers  # the application answers 100 Continue first
    )


class Begun(NamedTuple):
    """A call that was begun where it arrived, and what is left to do of it."""

    request: web.Request
    rest: Awaitable[web.StreamResponse]


@coroutine
def _going_on(work: Work, waited: Any, context: Context) -> Generator[Any, Any, web.StreamResponse]:
    """Go on, in a task but still in its own context, with work that waits for ``waited``."""
    while True:
        try:
            given = yield waited
        except BaseException as error:  # noqa: BLE001  # for the work to deal with, a cancellation too
            step: Callable[[Any], Any] = work.throw
            given = error
        else:
            step = work.send
        try:
            waited = context.run(step, given)
        except StopIteration as done:
            response: web.StreamResponse = done.value
            return response


async def _there(response: web.StreamResponse) -> web.StreamResponse:
    return response


async def _refused(error: Exception) -> web.StreamResponse:
    raise error


class Round:
    """The answers of one round of the loop, which leave together at its end.

    Each one that leaves by itself wakes who waits for it, in the middle of the next caller's work: with eight callers a
    fifth of the time of a customer (measured).
    """

    __slots__ = ("_answers", "_begun", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answers: list[tuple[asyncio.Transport, bytes]] = []
        self._begun = 0.0

    def send(self, transport: asyncio.Transport, answer: bytes) -> None:
        """Send an answer at the end of the round, or now when the round takes long."""
        now = self._loop.time()
        if not self._answers:
            self._begun = now
            self._loop.call_soon(self.leave)
        self._answers.append((transport, answer))
        if now - self._begun > LONGEST_ROUND:
            self.leave()

    def leave(self) -> None:
        """Send what is there."""
        answers, self._answers = self._answers, []
        for transport, answer in answers:
            if not transport.is_closing():  # some loops refuse a line that is gone, and the others' answers follow
                transport.write(answer)


class Connection(RequestHandler):
    """A client's connection, which begins a call or a look at a page where its last byte has arrived.

    The library wakes a task of the connection for each request, that one starts a task of the request, and the answer goes
    the same way back: three rounds of the loop. A plain call of the API to a store in memory waits for nothing, so it is
    through before the first of them. What has to wait after all, or to be answered in more than one piece, is handed to
    the library's tasks as far as it has come: they know what becomes of it when the client or the server goes.

    ``call`` answers calls of the API, ``page`` is the application, which has the pages; ``round`` is that of the server.
    """

    __slots__ = ("_call", "_page", "_round", "begun")

    def __init__(
        self,
        call: Callable[[Asked], Work],
        page: Callable[[web.Request], Work],
        round: Round,
        manager: web.Server,
        **settings: Any,
    ) -> None:
        super().__init__(manager, **settings)
        self._call = call
        self._page = page
        self._round = round
        self.begun: Begun | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection. Room for a quarter of a megabyte, asyncio's own, takes long to make for each small call."""
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            transport.max_size = READ_AT_ONCE

    def data_received(self, data: bytes) -> None:
        """Take what came, and answer at once what can be answered at once."""
        waiter = self._waiter
        if waiter is None or waiter.done() or self._messages or self._payload_parser is not None or self._upgraded:
            super().data_received(data)  # the task of this connection is at work
            return
        self._waiter = None  # so that it is not woken yet
        try:
            super().data_received(data)
        finally:
            self._waiter = waiter
        messages = self._messages
        if not messages:
            return
        message, payload = messages[0]
        alone = len(messages) == 1 and not self._paused and not self._logging_enabled
        if alone and _plain(message, payload) and self._answered(message, payload):
            messages.clear()
            if self._parser is not None:
                self._parser.message_consumed()
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        elif not waiter.done():
            waiter.set_result(None)

    def _answered(self, message: RawRequestMessage, payload: StreamReader) -> bool:
        """Begin a call; say whether it is answered. What is left of it otherwise is kept for the connection's task."""
        transport = self.transport
        if self._request_factory is None or self._task_handler is None or transport is None:
            return False
        make = partial(self._made, message, payload)
        asked = Asked(message.method, message.path, message.headers, payload, make)
        work = self._call(asked) if message.path.startswith(CALLS) else self._page(asked.whole())
        context = copy_context()
        try:
            waited = context.run(work.send, None)
        except StopIteration as done:
            response: web.StreamResponse = done.value
            text = response.printed() if response.__class__ is Reply else printed(response)
            if text is not None:
                self._round.send(transport, text)
                return True
            self.begun = Begun(asked.whole(), _there(response))
        except Exception as error:  # noqa: BLE001  # the library's to answer
            self.begun = Begun(asked.whole(), _refused(error))
        else:
            self.begun = Begun(asked.whole(), _going_on(work, waited, context))
        return False

    def _made(self, message: RawRequestMessage, payload: StreamReader) -> web.Request:
        make, task = self._request_factory, self._task_handler
        assert make is not None  # noqa: S101  # narrows the type: looked at before
        assert task is not None  # noqa: S101
        return make(message, payload, self, StreamWriter(self, self._loop), task)  # type: ignore[return-value]

    def taken(self) -> Awaitable[web.StreamResponse] | None:
        """Return what is left of a call that was begun here, once."""
        begun, self.begun = self.begun, None
        return None if begun is None else begun.rest

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109  # the library's
        """End the connection; what was answered already is sent first."""
        self._round.leave()
        await super().shutdown(timeout)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go of the connection; a call that was begun is finished all the same, as any other is."""
        rest = self.taken()
        if rest is not None:
            finishing: asyncio.Task[Any] = self._loop.create_task(_finished(rest))
            _FINISHING.add(finishing)
            finishing.add_done_callback(_FINISHING.discard)
        super().connection_lost(exc)


_FINISHING: set[asyncio.Task[Any]] = set()  # the loop itself holds tasks by a thread only


async def _finished(rest: Awaitable[web.StreamResponse]) -> None:
    await rest


def _plain(message: object, payload: StreamReader) -> TypeGuard[RawRequestMessage]:
    """Say whether this is a whole call of the API, or a look at a page, that nothing of HTTP is special about."""
    return (
        isinstance(message, RawRequestMessage)
        and (
            (message.method in METHODS and is_call(message.path, message.headers))
            or (message.method == "GET" and message.path.startswith(PAGES) and "Expect" not in message.headers)
        )
        and payload.is_eof()
        and message.version == HttpVersion11
        and not message.should_close
    )
