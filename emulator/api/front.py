"""Decides which requests pass the web application's router by: calls of the API, which has a router of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from emulator.api import cli_session
from emulator.api.routes import Api

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

API = web.AppKey("api", Api)


class Runner(web.AppRunner):
    """Runs the whole server; what is plainly a call of the API goes to it at once.

    The application has routes for all of it, so everything works as well (and somewhat slower) under any other runner.
    Its one middleware looks at other paths only, and it has no signals on responses: the router is all that is left out here.
    """

    async def setup(self) -> None:
        """Set up the application, and stand in front of its handler."""
        await super().setup()
        if self.server is not None:
            self.server.request_handler = in_front(self.app[API], self.server.request_handler)


def in_front(
    api: Api, application: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """Return the handler that gives calls of the API to it and all else to the application."""

    def handle(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        path = request.raw_path
        if (
            path.startswith("/v1/")
            and not path.startswith(cli_session.BEGINNING)
            and "Expect" not in request.headers  # the application answers 100 Continue first
            and isinstance(request, web.Request)
        ):
            return api.handle(request)
        return application(request)

    return handle
