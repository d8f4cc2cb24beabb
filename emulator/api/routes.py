"""Decides how a request becomes a call: one catch-all route, the key's world, the description's operation, one answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from aiohttp import web

from emulator import API_VERSION
from emulator.api import decode
from emulator.api.auth import Caller, Keys, no_access, permit
from emulator.api.replies import refusal, reply
from emulator.kernel import errors
from emulator.kernel.clock import monotonic
from emulator.kernel.errors import StripeError
from emulator.operations.execute import Answer, Call, execute, printed
from emulator.operations.table import behaviours
from emulator.render import versions
from emulator.render.present import flat
from emulator.resources.context import RequestInfo

if TYPE_CHECKING:
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.spec.catalogue import Operation

logger = logging.getLogger("emulator.api")
MAX_BODY = 4 * 1024 * 1024  # bytes of a call's body; file uploads may be larger (choice)
OTHER_MODE = {
    True: "; a similar object exists in test mode, but a live mode key was used to make this request.",
    False: "; a similar object exists in live mode, but a test mode key was used to make this request.",
}
MAX_FILE = 32 * 1024 * 1024


class RequestRecord(NamedTuple):
    """One API call as the control API shows it."""

    id: str
    at: int
    method: str
    path: str
    params: Any
    status: int
    duration_ms: float
    idempotency_key: str | None
    api_version: str
    error: str | None
    key: str


class Turn:
    """What is known of a request while it is answered."""

    __slots__ = (
        "account",
        "error",
        "idempotency_key",
        "method",
        "more",
        "params",
        "path",
        "request_id",
        "space",
        "version",
    )

    def __init__(self, method: str, path: str, request_id: str) -> None:
        self.method = method
        self.path = path
        self.request_id = request_id
        self.space: Space | None = None
        self.version = API_VERSION
        self.idempotency_key: str | None = None
        self.account: str | None = None
        self.params: Any = None
        self.error: str | None = None
        self.more: dict[str, str] | None = None


class Api:
    """The handler of every path that is no page and no control call."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self.engine = engine
        self.keys = keys
        self.callers: dict[str, Caller] = {}
        own = behaviours()
        includable = engine.catalogue.includable
        # Operations whose answer is one stored object, printed as it is.
        self.plain = frozenset(
            operation.id
            for operation in engine.catalogue.operations.values()
            if operation.form == "retrieve" and operation.id not in own and flat(operation.kind, includable)
            and len(operation.names) == 1 and not operation.v2
        )  # fmt: skip

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request; nothing but a response leaves here."""
        started = monotonic()
        path, _, query = request.raw_path.partition("?")
        turn = Turn(request.method, path, self.engine.request_ids.id("req", 0))
        try:
            response = await self._answer(request, turn, query)
        except StripeError as error:
            if (
                error.missing is not None
                and turn.space is not None
                and await self.engine.in_other_mode(turn.space, error.missing)
            ):
                error.message += OTHER_MODE[turn.space.livemode]
            response = self._refused(turn, error)
        except web.HTTPRequestEntityTooLarge:
            response = self._refused(turn, too_large())
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            logger.exception("%s %s %s", turn.request_id, turn.method, turn.path)
            response = self._refused(turn, errors.internal())
        space = turn.space
        self.engine.requests.append(
            RequestRecord(
                turn.request_id, 0 if space is None else space.clock.now(), turn.method, path, turn.params, response.status,
                (monotonic() - started) * 1000, turn.idempotency_key, turn.version, turn.error, "" if space is None else space.key,
            )
        )  # fmt: skip
        return response

    async def _answer(self, request: web.Request, turn: Turn, query: str) -> web.Response:
        headers = request.headers
        authorization = headers.get("Authorization")
        caller = self.callers.get(authorization or "")
        if caller is None or self.engine.spaces.get(caller.key) is not caller.space:
            caller = await self.keys.caller(authorization)
            if len(self.callers) > 10_000:
                self.callers.clear()
            self.callers[authorization or ""] = caller
        turn.space = space = caller.space
        if "Stripe-Account" in headers:
            turn.space = space = await self._on_account(caller, turn, headers["Stripe-Account"])
        if "Stripe-Version" in headers or space.settings["default_api_version"]:
            self._version(turn, headers.get("Stripe-Version") or space.settings["default_api_version"])
        operation, ids = self._route(turn)
        if (
            turn.method == "GET"
            and not query
            and operation.id in self.plain
            and turn.version == API_VERSION
            and caller.kind == "sk"
        ):
            doc = self.engine.store.peek(space.store_name, operation.kind, ids[operation.names[0]])  # type: ignore[attr-defined]
            if doc is not None:
                return reply(printed(space, doc)[1], turn.request_id, turn.version, account=turn.account)
        turn.params = raw = await self._parameters(request, operation, query)
        if caller.kind != "sk":
            permit(caller, operation, raw)
        if turn.method == "POST":
            turn.idempotency_key = headers.get("Idempotency-Key")
        info = RequestInfo(turn.request_id, turn.idempotency_key, "api")
        answer: Answer = await execute(self.engine, space, Call(operation, ids, raw, info, turn.version, turn.path))
        return reply(
            answer.body, turn.request_id, turn.version, status=answer.status, idempotency_key=turn.idempotency_key,
            original=answer.original, account=turn.account, more=turn.more,
        )  # fmt: skip

    async def _on_account(self, caller: Caller, turn: Turn, account: str) -> Space:
        found = await self.engine.connected(caller.space, account)
        if found is None:
            raise no_access(caller.key, account)
        turn.account = account
        return found

    def _version(self, turn: Turn, given: str) -> None:
        version = given.split(";", maxsplit=1)[0].strip()
        turn.version = version
        if not versions.known(version):
            turn.space = None  # this refusal has no log link (recorded)
            raise StripeError(f"Invalid Stripe API version: {given}")
        nearest = versions.nearest(version)
        if nearest != version:
            turn.more = {"Stripe-Emulator-Version-Shape": nearest}

    def _route(self, turn: Turn) -> tuple[Operation, dict[str, str]]:
        found = self.engine.catalogue.route(turn.path)
        operation = found[0].get(turn.method) if found else None
        if found is None or operation is None:
            raise unknown_url(turn.method, turn.path)
        return operation, dict(zip(operation.names, map(unquote, found[1]), strict=True))

    async def _parameters(self, request: web.Request, operation: Operation, query: str) -> dict[str, Any]:
        given = decode.form(query) if query else {}
        if request.method == "GET" or not request.can_read_body:
            return given
        length = request.content_length
        if length is not None and length > (MAX_FILE if operation.body == "multipart" else MAX_BODY):
            raise too_large()
        if operation.body == "multipart":
            from emulator.api.uploads import parameters

            return await parameters(request)
        raw = await request.read()
        return decode.merged(given, decode.json(raw) if operation.v2 else decode.body(raw))

    def _refused(self, turn: Turn, error: StripeError) -> web.Response:
        turn.error = error.code or error.type
        if error.param is not None and turn.version != API_VERSION:
            found = self.engine.catalogue.route(turn.path)
            operation = found[0].get(turn.method) if found else None
            if operation is not None:
                error.param = versions.parameter_name(operation.id, error.param, turn.version)
        now = turn.space.clock.now() if turn.space is not None else 0
        body = refusal(error, turn.space, turn.request_id, now)
        return reply(
            body, turn.request_id, turn.version, status=error.status, idempotency_key=turn.idempotency_key,
            account=turn.account, more={**(turn.more or {}), **error.headers},
        )  # fmt: skip


def too_large() -> StripeError:
    """Build the refusal of a body that is larger than any call's (choice)."""
    return StripeError("Request body is too large.", status=413, headers={"Connection": "close"})


def unknown_url(method: str, path: str) -> StripeError:
    """Build the 404 of a path that is none (recorded); not linked to a log."""
    hint = ""
    if path.endswith("/") or "//" in path:
        hint = (
            " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you "
            "passed a valid (non-empty) identifier in your code."
        )
    error = StripeError(
        f"Unrecognized request URL ({method}: {path}).{hint} Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
    )
    error.logged = False
    return error
