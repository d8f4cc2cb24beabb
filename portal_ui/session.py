"""Decides who gets a page: opens the session of a link, asks the operations, and turns refusals into pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import csrf, flows, frame, headers, i18n, language, notices
from portal_ui.server import PAGES

log = logging.getLogger(__name__)
LARGEST_FORM = 64 * 1024
FORM = "application/x-www-form-urlencoded"


class Engine(Protocol):
    """The one door, as far as pages use it."""

    async def run(self, space: Any, operation: str, params: Doc, *, actor: str, **ids: str) -> Doc:
        """Run an operation and return its answer; ``ids`` are those of the path. Raises StripeError."""

    def space_of_token(self, token: str) -> Any:
        """Return the world that a session token belongs to, or None."""

    def space_of(self, account: str, *, livemode: bool) -> Any:
        """Return the world of an account and mode, or None."""

    @property
    def by_store(self) -> Mapping[str, Any]:
        """All worlds that are open."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page of one session."""

    engine: Engine
    space: Any
    token: str
    secret: bytes
    request: web.Request
    held: list[str] = field(default_factory=list)  # the act for which the form was held against the flow

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

    @property
    def page(self) -> str:
        """The page's name in the table of routes."""
        return self.request.match_info.handler.__name__

    async def ask(self, operation: str, **params: Any) -> Doc:
        """Run a ``portal:`` operation for this session; raises StripeError, and AwayError where a flow hides the page.

        A form is held against the flow before it does anything, a page by what it is answered.
        """
        if self.request.method == "POST" and not self.held:
            self.held.append(operation)
            flows.keep_inside(self, (await self.run("portal:flow")).get("session"))
        answer = await self.run(operation, **params)
        if self.request.method != "POST":
            flows.keep_inside(self, answer.get("session"))
        return answer

    async def run(self, operation: str, **params: Any) -> Doc:
        """Run an operation from wherever the session is; raises StripeError."""
        if self.space is None:
            raise unknown_link()
        return await self.engine.run(self.space, operation, {"token": self.token, **params}, actor="portal")

    async def form(self) -> dict[str, str]:
        """Return the fields of the posted form; raises ForgedError when it is not one of ours."""
        fields = await posted(self.request)
        if not csrf.right(self.secret, self.token, fields.get(csrf.FIELD)):
            raise ForgedError
        return fields


class ForgedError(Exception):
    """A form that did not come from the session's own page."""


async def posted(request: web.Request) -> dict[str, str]:
    """Return the fields of a posted form, not yet proved; raises ForgedError for what no form of ours sends."""
    length = request.content_length
    if length is None or length > LARGEST_FORM or request.content_type != FORM:
        raise ForgedError
    try:
        fields = await request.post()
    except (LookupError, UnicodeError, web.RequestPayloadError) as error:
        raise ForgedError from error
    # A NUL character, which no browser sends, is no text: the API refuses it, and not every store can hold it.
    return {key: value.replace("\0", "") for key, value in fields.items() if isinstance(value, str)}


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
    return await answered(request, page.__name__, lambda: _in_session(visit, page), visit.base)


async def _in_session(visit: Visit, page: Page) -> web.Response:
    """Return the page, or the merchant's own page of what is not there: the session is known all the same."""
    try:
        return await page(visit)
    except StripeError as error:
        if error.status != 404:
            raise
        answer = await visit.run("portal:home", invoices_limit=1)
        return notices.lost_in(frame.words_for(answer, visit.accept), answer, visit.base)


async def answered(
    request: web.Request, name: str, page: Callable[[], Awaitable[web.Response]], home: str | None
) -> web.Response:
    """Return what ``page`` answers, or the page that says why not; ``home`` is where those lead back to."""
    accept = request.headers.get("Accept-Language", "")
    switched = language.switched(request)
    if switched is not None:
        return headers.secured(switched)
    i18n.CHOSEN.set(language.remembered(request))
    notices.LIVE.set(notices.says_live(request.path))
    try:
        response = await page()
    except flows.AwayError as away:
        response = see_other(away.url)
    except StripeError as error:
        if home and request.method == "POST" and error.extra.get("reason") == "completed":
            response = see_other(home + flows.COMPLETED)  # sent twice: the second answer is the first one's
        else:
            response = notices.refused(home, accept, error)
    except ForgedError:
        response = notices.forged(home, accept)
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:
        request_id = request.app[PAGES].request_ids.next()
        # The path holds a secret: the log gets the page's name and the request id only.
        log.exception("page %s failed (%s)", name, request_id)
        response = notices.broken(home, accept, request_id)
    return headers.secured(response)
