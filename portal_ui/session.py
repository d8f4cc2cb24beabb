"""Decides who gets a page: opens the session of a link, asks the operations, and turns refusals into pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import csrf, headers, notices
from portal_ui.routes import PAGES

log = logging.getLogger(__name__)
LARGEST_FORM = 64 * 1024
FORM = "application/x-www-form-urlencoded"


class Engine(Protocol):
    """The one door, as far as pages use it."""

    async def run(self, space: Any, op: str, params: Doc, *, actor: str) -> Doc:
        """Run an operation and return its answer; raises StripeError."""

    def space_of_token(self, token: str) -> Any:
        """Return the world that a session token belongs to, or None."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page of one session."""

    engine: Engine
    space: Any
    token: str
    secret: bytes
    request: web.Request

    @property
    def base(self) -> str:
        """The address of the session's home page."""
        return f"/p/session/{self.token}"

    @property
    def subscription(self) -> str:
        """The id of the subscription that the address names."""
        return self.request.match_info["subscription"]

    @property
    def accept(self) -> str:
        """The languages the browser asks for."""
        return self.request.headers.get("Accept-Language", "")

    @property
    def code(self) -> str:
        """The code that this session's forms carry."""
        return csrf.code(self.secret, self.token)

    async def ask(self, operation: str, **params: Any) -> Doc:
        """Run a ``portal:`` operation for this session; raises StripeError."""
        if self.space is None:
            raise unknown_link()
        return await self.engine.run(self.space, operation, {"token": self.token, **params}, actor="portal")

    async def form(self) -> dict[str, str]:
        """Return the fields of the posted form; raises ForgedError when it is not one of ours."""
        length = self.request.content_length
        if length is None or length > LARGEST_FORM or self.request.content_type != FORM:
            raise ForgedError
        fields = {key: value for key, value in (await self.request.post()).items() if isinstance(value, str)}
        if not csrf.right(self.secret, self.token, fields.get(csrf.FIELD)):
            raise ForgedError
        return fields


class ForgedError(Exception):
    """A form that did not come from the session's own page."""


def unknown_link() -> StripeError:
    """Build the refusal of a link that belongs to no session."""
    return StripeError("No such session", status=410, code="portal_session_expired", reason="unknown")


def see_other(url: str) -> web.Response:
    """Return the answer to a form: a redirect, so that a reload repeats nothing."""
    return web.Response(status=303, headers={"Location": url})


Page = Callable[[Visit], Awaitable[web.Response]]


async def guarded(request: web.Request, page: Page) -> web.Response:
    """Return the page, or the page that says why not; nothing that goes wrong shows its inside."""
    shared = request.app[PAGES]
    token = request.match_info["token"]
    engine: Engine = shared.engine
    visit = Visit(engine, engine.space_of_token(token), token, shared.secret, request)
    try:
        response = await page(visit)
    except StripeError as error:
        response = notices.refused(visit.base, visit.accept, error)
    except ForgedError:
        response = notices.forged(visit.base, visit.accept)
    except web.HTTPException:
        raise
    except Exception:
        request_id = shared.request_ids.id("req", 0)
        # The path holds the session's secret: the log gets the page's name and the request id only.
        log.exception("page %s failed (%s)", getattr(page, "__name__", "?"), request_id)
        response = notices.broken(visit.base, visit.accept, request_id)
    return headers.secured(response)
