"""Decides how a request becomes a call: one catch-all route, the key's world, the description's operation, one answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import istr

from emulator import API_VERSION
from emulator.api import decode
from emulator.api.asked import of
from emulator.api.auth import Caller, Keys, no_access, permit
from emulator.api.breaking import cut
from emulator.api.replies import Reply, reply, whole
from emulator.kernel import errors
from emulator.kernel.clock import monotonic
from emulator.kernel.errors import StripeError
from emulator.operations import elsewhere
from emulator.operations.broken import BrokenConnectionError
from emulator.operations.execute import Answer, execute, printed
from emulator.operations.plans import Call
from emulator.operations.refusals import body_of
from emulator.operations.request_log import PARAMS_BYTES, RequestRecord
from emulator.operations.table import places
from emulator.render import versions
from emulator.render.present import flat
from emulator.resources.context import RequestInfo
from emulator.spec import wording
from emulator.spec.unlisted import GONE

if TYPE_CHECKING:
    from emulator.api.asked import Asked
    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.spec.catalogue import Operation

logger = logging.getLogger("emulator.api")
MAX_BODY = 4 * 1024 * 1024  # bytes of a call's body; file uploads may be larger (choice)
ANSWERS_KEPT = 2048
# Names of headers in the form that is looked up without being folded first.
AUTHORIZATION, ACCOUNT, VERSION = istr("Authorization"), istr("Stripe-Account"), istr("Stripe-Version")
IDEMPOTENCY_KEY = istr("Idempotency-Key")
MAX_FILE = 32 * 1024 * 1024


class Kept(NamedTuple):
    """The answer of a read, and what it is true of."""

    space: Space
    revision: int
    now: int
    version: str
    body: bytes
    params: Any
    more: dict[str, str] | None


class Turn:
    """What is known of a request while it is answered."""

    space: Space | None = None
    version = API_VERSION
    idempotency_key: str | None = None
    account: str | None = None
    params: Any = None
    params_cut = False
    error: str | None = None
    more: dict[str, str] | None = None
    shown: Doc | None = None  # what was printed as the answer

    def __init__(self, method: str, path: str, request_id: str) -> None:
        self.method = method
        self.path = path
        self.request_id = request_id


class Api:
    """The handler of every path that is no page and no control call."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self.engine = engine
        self.keys = keys
        self.callers: dict[str, Caller] = {}
        self.kept: dict[tuple[str | None, str], Kept] = {}
        engine.forgotten.append(self._forget)
        self.plain: dict[str, bool] = {}  # whether an operation's answer is one stored object, printed as it is

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request that the library made, as `handle` does."""
        return await self.handle(of(request))

    async def handle(self, request: Asked) -> web.StreamResponse:
        """Answer one request; nothing but a response leaves here."""
        started = monotonic()
        kept = self._kept(request) if request.method == "GET" else None
        if kept is not None:
            return self._again(kept, request, started)
        path, _, query = request.raw_path.partition("?")
        turn = Turn(request.method, path, self.engine.request_ids.next())
        response: web.StreamResponse
        try:
            response = await self._answer(request, turn, query)
        except BrokenConnectionError as broken:
            turn.error = broken.name
            response = await cut(request.whole(), broken, None if broken.answer is None else _full(turn, broken.answer))
        except StripeError as error:
            if turn.space is not None:
                error.message += await elsewhere.hint(self.engine, turn.space, error)
            response = self._refused(turn, error)
        except web.HTTPRequestEntityTooLarge:
            response = self._refused(turn, too_large())
        except (web.RequestPayloadError, HttpProcessingError):
            response = self._refused(turn, wording.unreadable())
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            logger.exception("%s %s %s", turn.request_id, turn.method, turn.path)
            response = self._refused(turn, errors.internal())
        space = turn.space
        now = 0 if space is None else space.clock.now()
        duration = (monotonic() - started) * 1000
        key = "" if space is None else space.key
        body = getattr(response, "body", None) or b""
        told = body if turn.shown is None else turn.shown
        # Made without the class's own constructor, which checks what is known here: this is done for every request.
        record = (turn.request_id, now, turn.method, path, None if turn.params_cut else turn.params, response.status,
                  duration, turn.idempotency_key, turn.version, turn.error, key, told, len(body), turn.params_cut)  # fmt: skip
        self.engine.requests.append(tuple.__new__(RequestRecord, record))
        return response

    async def _answer(self, request: Asked, turn: Turn, query: str) -> Reply | web.Response:
        headers = request.headers
        authorization = headers.get(AUTHORIZATION)
        caller = self.callers.get(authorization or "")
        if caller is None or self.engine.spaces.get(caller.key) is not caller.space:
            caller = await self.keys.caller(authorization)
            if len(self.callers) > 10_000:
                self.callers.clear()
            self.callers[authorization or ""] = caller
        turn.space = space = caller.space
        if ACCOUNT in headers:
            turn.space = space = await self._on_account(caller, turn, headers[ACCOUNT])
        said = headers.get(VERSION)
        named = said or space.settings["default_api_version"]
        if named or said is not None:
            self._version(turn, named)
        operation, ids = self._route(turn)
        if operation.id in GONE and named and turn.version >= GONE[operation.id]:
            raise unknown_url(turn.method, turn.path)
        if (
            turn.method == "GET"
            and not query
            and self._is_plain(operation)
            and turn.version == API_VERSION
            and caller.kind == "sk"
            and space.faults is None
        ):
            doc = self.engine.store.peek(space.store_name, operation.kind, ids[operation.names[0]])  # type: ignore[attr-defined]
            if doc is not None:
                body = printed(space, doc).body
                self._keep(request, turn, space, body, self.engine.store.revision(space.store_name))
                return reply(body, turn.request_id, turn.version, account=turn.account)
        given = decode.form(query) if query else {}
        if turn.method != "GET":
            content = decode.already_here(request.content) if operation.body != "multipart" else None
            if content is None:
                given = await self._parameters(request.whole(), operation, given, turn)
            else:
                given = _merged(turn, operation, given, content)
        turn.params = raw = given
        if operation.body == "multipart":  # what is logged of a file is what is told of it, not its content
            turn.params = {name: str(one) if isinstance(one, str) else one for name, one in raw.items()}
        if caller.kind != "sk":
            permit(caller, operation, raw)
        if turn.method == "POST":
            turn.idempotency_key = headers.get(IDEMPOTENCY_KEY)
        keeps = turn.method == "GET" and operation.id not in GONE  # whether it is there hangs on who names a version
        revision = self.engine.store.revision(space.store_name) if keeps else None
        # Both made as the record above is.
        info = tuple.__new__(RequestInfo, (turn.request_id, turn.idempotency_key, "api"))
        call = tuple.__new__(Call, (operation, ids, raw, info, turn.version, turn.path, said is not None))
        answer: Answer
        if space.faults is None:
            answer = await execute(self.engine, space, call)
        else:
            answer = await space.faults.around(self.engine, space, call, caller.key)
        turn.shown = answer.shown
        if turn.method == "GET" and caller.kind == "sk" and space.faults is None:
            self._keep(request, turn, space, answer.body, revision)
        return reply(
            answer.body, turn.request_id, turn.version, status=answer.status, idempotency_key=turn.idempotency_key,
            original=answer.original, account=turn.account, more=turn.more,
        )  # fmt: skip

    def _is_plain(self, operation: Operation) -> bool:
        """Say whether an operation answers one stored object, printed as it is; found out once."""
        known = self.plain.get(operation.id)
        if known is None:
            described = operation.id in self.engine.catalogue.operations and operation.id not in places()
            known = self.plain[operation.id] = (
                described
                and operation.form == "retrieve"
                and flat(operation.kind, self.engine.catalogue.includable)
                and len(operation.names) == 1
                and not operation.v2
            )
        return known

    # ---- answers of reads, kept while nothing of their world changes

    def _kept(self, request: Asked) -> Kept | None:
        headers = request.headers
        kept = self.kept.get((headers.get(AUTHORIZATION), request.raw_path))
        if kept is None or kept.space is not self.engine.by_store.get(kept.space.store_name):
            return None
        version = headers.get(VERSION) or kept.space.settings["default_api_version"] or API_VERSION
        if ACCOUNT in headers or version != kept.version or kept.space.faults is not None:
            return None
        same = kept.revision == self.engine.store.revision(kept.space.store_name)
        return kept if same and kept.now == kept.space.clock.now() else None

    def _keep(self, request: Asked, turn: Turn, space: Space, body: bytes, revision: int | None) -> None:
        """Keep the answer of a read that wrote nothing, for as long as the world stands still."""
        if revision is None or turn.account is not None or revision != self.engine.store.revision(space.store_name):
            return
        if len(self.kept) >= ANSWERS_KEPT:
            self.kept.clear()
        now = space.clock.now()
        self.kept[request.headers.get(AUTHORIZATION), request.raw_path] = Kept(
            space, revision, now, turn.version, body, turn.params, turn.more
        )

    def _forget(self, space: Space) -> None:
        """Let go of a world that was dropped or made anew: suites leave thousands behind."""
        self.callers = {known: caller for known, caller in self.callers.items() if caller.space is not space}
        self.kept = {asked: kept for asked, kept in self.kept.items() if kept.space is not space}

    def _again(self, kept: Kept, request: Asked, started: float) -> Reply | web.Response:
        id = self.engine.request_ids.next()
        duration = (monotonic() - started) * 1000
        path = request.raw_path.partition("?")[0]
        record = (id, kept.now, "GET", path, kept.params, 200, duration, None, kept.version, None, kept.space.key,
                  kept.body, len(kept.body), False)  # fmt: skip
        self.engine.requests.append(tuple.__new__(RequestRecord, record))
        return reply(kept.body, id, kept.version, more=kept.more)

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
        values = found[1]
        return operation, dict(zip(operation.names, map(unquote, values), strict=True)) if values else {}

    async def _parameters(
        self, request: web.Request, operation: Operation, given: dict[str, Any], turn: Turn
    ) -> dict[str, Any]:
        """Return the parameters of a call whose body has to be waited for, or is no plain one; ``given`` are those of its query."""
        if not request.can_read_body:
            return given
        length = request.content_length
        if length is not None and length > (MAX_FILE if operation.body == "multipart" else MAX_BODY):
            raise too_large()
        if operation.body == "multipart":
            from emulator.api.uploads import parameters

            return await parameters(request)
        content = await request.read()
        if len(content) > MAX_BODY:  # one that did not say how long it is
            raise too_large()
        return _merged(turn, operation, given, content)

    def _refused(self, turn: Turn, error: StripeError) -> Reply | web.Response:
        turn.error = error.code or error.type
        if error.param is not None and turn.version != API_VERSION:
            found = self.engine.catalogue.route(turn.path)
            operation = found[0].get(turn.method) if found else None
            if operation is not None:
                error.param = versions.parameter_name(operation.id, error.param, turn.version)
        body = body_of(error, turn.space, turn.request_id)
        return reply(
            body, turn.request_id, turn.version, status=error.status, idempotency_key=turn.idempotency_key,
            account=turn.account, more={**(turn.more or {}), **error.headers},
        )  # fmt: skip


def _merged(turn: Turn, operation: Operation, given: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Return the parameters of query and body together."""
    turn.params_cut = len(content) > PARAMS_BYTES
    return decode.merged(given, decode.json(content) if operation.v2 else decode.body(content))


def _full(turn: Turn, answer: Answer) -> web.Response:
    """Return the response of an answer that is to be cut short."""
    return whole(answer.body, 200, {"Request-Id": turn.request_id, "Stripe-Version": turn.version})


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
