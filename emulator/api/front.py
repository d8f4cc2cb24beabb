"""Decides which requests pass the web application's router by: calls of the API, which has a router of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator.api import connection
from emulator.api.connection import Connection, Round, is_call
from emulator.api.routes import Api

if TYPE_CHECKING:
    from collections.abc import Awaitable

API = web.AppKey("api", Api)


class Runner(web.AppRunner):
    """Runs the whole server; what is plainly a call of the API goes to it at once.

    The application has routes for all of it, so everything works as well (and somewhat slower) under any other runner.
    Its one middleware looks at other paths only, and it has no signals on responses: the router is all that is left out here.
    """

    async def _make_server(self) -> web.Server:
        """Return the server of the application with a door of our own in front."""
        plain = await super()._make_server()
        return Front(self.app[API], plain) if connection.fits() else plain


class Front(web.Server):
    """Makes connections that know the API, and gives what else they receive to the application."""

    def __init__(self, api: Api, behind: web.Server) -> None:
        super().__init__(self._answer, request_factory=self._request, loop=behind._loop, **behind._kwargs)  # noqa: SLF001  # a copy
        self._api = api
        self._behind = behind
        self._round = Round(self._loop)

    def __call__(self) -> Connection:
        """Return the protocol of a new connection."""
        page: Any = self._behind.request_handler  # the application's own coroutine
        return Connection(self._api.handle, page, self._round, self, loop=self._loop, **self._kwargs)

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        """Return the request of what was received, or the one that was made when a call was begun."""
        begun = protocol.begun
        if begun is not None:
            asked: web.BaseRequest = begun.request
            return asked
        made: web.BaseRequest = self._behind.request_factory(message, payload, protocol, writer, task)
        return made

    def _answer(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Go on with what was begun, or give the request to the API or the application."""
        line = request.protocol
        rest = line.taken() if isinstance(line, Connection) else None
        if rest is not None:
            return rest
        if is_call(request.raw_path, request.headers) and isinstance(request, web.Request):
            return self._api.answer(request)
        answer: Awaitable[web.StreamResponse] = self._behind.request_handler(request)
        return answer
