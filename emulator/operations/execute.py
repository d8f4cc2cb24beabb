"""The door: decides how a call becomes one unit of work at one instant, with its events, deliveries and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from emulator import API_VERSION
from emulator.clocks import test_clocks
from emulator.kernel.errors import StripeError
from emulator.operations import errands, idempotency, references, table, wakeups
from emulator.operations.announcing import NOTHING, announce, nudge
from emulator.operations.clocked import clock_of
from emulator.operations.idempotency import Replay
from emulator.operations.plans import Call, parameters, plan_of
from emulator.operations.space import Printed
from emulator.render import versions
from emulator.render.expand import Expander, refused_in_list, tree
from emulator.render.present import flat, present
from emulator.resources.context import Discarded, Page, RequestInfo

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.resources.context import Context
    from emulator.spec.catalogue import Operation
    from emulator.store.port import UnitOfWork

INDENT = orjson.OPT_INDENT_2
SEEN = frozenset({"_portal_visit"})  # what a look that changes nothing may write: that it was there
RENDERED_KEPT = 4096  # objects per world whose printed form is kept


class Answer(NamedTuple):
    """What a call answers; ``original`` is the first request's id when it is a replay.

    ``shown`` is the document that ``body`` is the print of, where it is one that is there anyway.
    """

    status: int
    body: bytes
    original: str | None = None
    shown: Doc | None = None


def execute(engine: Engine, space: Space, call: Call) -> Awaitable[Answer]:
    """Execute a call once: remembered under its idempotency key, refused with StripeError."""
    if call.request.idempotency_key is None or call.operation.method != "POST":
        return _act(engine, space, call, None)
    return _once(engine, space, call, call.request.idempotency_key)


async def _once(engine: Engine, space: Space, call: Call, key: str) -> Answer:
    """Execute a call unless it was executed under its key before."""
    if len(key) > idempotency.MAX_LENGTH:
        raise idempotency.too_long(key)
    print_ = idempotency.fingerprint(call.raw)
    if key in space.in_flight:
        raise idempotency.in_flight(key)
    async with engine.store.begin(space.store_name) as uow:
        row = await uow.get(idempotency.KIND, key)
    replay = idempotency.recalled(row, key, call.path, print_, space.clock.now())
    if replay is not None:
        return Answer(replay.status, replay.body, replay.request)
    space.in_flight.add(key)
    try:
        return await _act(engine, space, call, print_)
    except StripeError as refusal:
        if not refusal.retryable and refusal.status not in (401, 403, 409, 429):
            await _remember(engine, space, call, print_, refusal)
        raise
    finally:
        space.in_flight.discard(key)


async def _remember(engine: Engine, space: Space, call: Call, print_: str, refusal: StripeError) -> None:
    """Keep a refusal under its key: the saved answer is the first one, success or not."""
    from emulator.operations.refusals import body_of

    body = body_of(refusal, space, call.request.id)
    await _keep(engine, space, call, print_, Replay(refusal.status, body, call.request.id or ""))


async def _keep(engine: Engine, space: Space, call: Call, print_: str, replay: Replay) -> None:
    """Keep an answer under its key in a unit of work of its own."""
    async with engine.store.begin(space.store_name) as uow:
        row = idempotency.record(call.request.idempotency_key or "", call.path, print_, replay, space.clock.now())
        uow.put(idempotency.KIND, row, due=row["due"])
        await uow.commit()


async def _act(engine: Engine, space: Space, call: Call, print_: str | None) -> Answer:
    """Run the behaviour in a unit of work and return what it answers."""
    operation = call.operation
    plan = engine.plans.get(operation.id) or plan_of(engine, operation)
    params = parameters(call, plan)
    wanted = params.pop("expand", None)
    async with engine.store.begin(space.store_name) as uow:
        now = instant = space.clock.now()
        if space.clocked or plan.makes_clock:
            instant = await _instant_of_call(space, uow, call, params, now)
        ctx = engine.context(space, uow, instant, call.request, version=call.version, server_now=now)
        if not plan.holders.isdisjoint(params):
            await references.check(ctx, operation.id, params)
        try:
            result = await plan.behaviour(ctx, call.ids, params)
        except StripeError as refusal:
            if refusal.keep:
                await settle(engine, space, uow, ctx)
            raise
        preview = isinstance(result, Discarded)
        if isinstance(result, Discarded):
            result = result.doc
        news = await announce(engine, space, uow, ctx) if uow.journal and not preview else NOTHING
        plain = not wanted and call.version == API_VERSION
        if plain and isinstance(result, dict) and flat(operation.kind, ctx.catalogue.includable):
            answer = _as_stored(space, operation, result)
        else:
            answer = await _printed(ctx, space, operation, result, wanted, call.version)
        if print_ is not None and not preview:
            replay = Replay(200, answer.body, call.request.id or "")
            row = idempotency.record(call.request.idempotency_key or "", call.path, print_, replay, ctx.server_now)
            uow.put(idempotency.KIND, row, due=row["due"])
        if uow.journal and not preview:
            await uow.commit()
    if ctx.errands and not preview:
        await errands.run(engine, space, ctx, settle)
    if preview and print_ is not None:
        await _keep(engine, space, call, print_, Replay(200, answer.body, call.request.id or ""))
    nudge(engine, space, news)
    return answer


async def _instant_of_call(space: Space, uow: UnitOfWork, call: Call, params: Doc, now: int) -> int:
    """Return the instant of a call of the API; a clock itself is made and moved by the server's time."""
    if call.operation.id == "PostTestHelpersTestClocks":
        space.clocked = True
        return now
    instant = await _instant(uow, call.ids, params, now, looks=call.operation.method == "GET")
    return now if call.operation.kind == test_clocks.KIND else instant


async def _instant(uow: UnitOfWork, ids: dict[str, str], params: Doc, now: int, *, looks: bool = False) -> int:
    """Return the instant in a world with test clocks: that of the clock which the objects are on, else the server's.

    Raises the 429 while that clock moves, unless a call only ``looks``.
    """
    clock = await clock_of(uow, ids, params)
    if clock is None:
        return now
    if clock["status"] == "advancing" and not looks:
        raise test_clocks.advancing(clock["id"])
    return int(clock["frozen_time"])


async def settle(engine: Engine, space: Space, uow: UnitOfWork, ctx: Context) -> None:
    """Announce and commit a unit of work."""
    news = NOTHING
    if uow.journal:
        news = await announce(engine, space, uow, ctx)
        await uow.commit()
    nudge(engine, space, news)


def _as_stored(space: Space, operation: Operation, result: Doc) -> Answer:
    """Print an object that is shown as it is stored."""
    if operation.method == "GET" and "id" in result:
        return Answer(200, printed(space, result).body)
    # The print is kept when it is read: most of what is written is not. Without the class's own constructor, which is a
    # call of its own: this is done for every write.
    return tuple.__new__(Answer, (200, orjson.dumps(result, option=INDENT), None, result))


async def _printed(
    ctx: Context, space: Space, operation: Operation, result: Doc | Page, wanted: list[str] | None, version: str
) -> Answer:
    if isinstance(result, Page):
        return Answer(200, await _printed_page(ctx, space, operation, result, wanted, version))
    kind = operation.kind
    shown = result if result.get("deleted") else await present(ctx, kind, result)
    held = shown if not wanted and version == API_VERSION else None  # by the events of the same work
    if version != API_VERSION and kind in (embedded := versions.embedded(version)):
        wanted = [*(wanted or ()), *embedded[kind]]
    if wanted:
        shown = await Expander(ctx).object(kind, result, shown, tree(wanted))
    if version != API_VERSION and kind != "event":  # an event is shown as it was written
        shown = versions.downgrade(kind, shown, version)
    return Answer(200, orjson.dumps(shown, option=INDENT), None, held)


def printed(space: Space, doc: Doc) -> Printed:
    """Return an object shown as it is stored, printed; kept until the object changes."""
    kept = space.rendered.get(doc["id"])
    if kept is not None and kept.doc is doc:
        return kept
    if len(space.rendered) >= RENDERED_KEPT:
        space.rendered.clear()
    kept = space.rendered[doc["id"]] = Printed(doc, orjson.dumps(doc, option=INDENT))
    return kept


async def _printed_page(
    ctx: Context, space: Space, operation: Operation, page: Page, wanted: list[str] | None, version: str
) -> bytes:
    kind = operation.kind
    if (
        not wanted
        and page.search is None
        and version == API_VERSION
        and flat(kind, ctx.catalogue.includable)
        and page.total is None
        and not operation.v2
    ):
        data = b",\n".join([printed(space, doc).member() for doc in page.docs])
        data = b"[\n" + data + b"\n  ]" if data else b"[]"
        more = b"true" if page.more else b"false"
        url = orjson.dumps(page.url)
        return (
            b'{\n  "object": "list",\n  "data": ' + data + b',\n  "has_more": ' + more + b',\n  "url": ' + url + b"\n}"
        )
    wanted = [path for path in wanted or [] if path != "data"]
    count = "total_count" in wanted
    if count and page.search is None:
        raise StripeError("This property cannot be included (total_count)")
    branch = tree([path for path in wanted if path != "total_count"])
    for name in branch:
        if name != "data":
            raise refused_in_list(name)
    expander = Expander(ctx)
    data_shown = []
    for doc in page.docs:
        own = doc.get("object", kind)
        one = own if own in ctx.catalogue.schemas else kind
        shown = await expander.object(one, doc, await present(ctx, one, doc), branch.get("data", {}), "data.")
        older = version != API_VERSION and one != "event"
        data_shown.append(versions.downgrade(one, shown, version) if older else shown)
    return orjson.dumps(_envelope(operation, page, data_shown, count=count), option=INDENT)


def _envelope(operation: Operation, page: Page, data: list[Doc], *, count: bool) -> Doc:
    if operation.v2:
        return {"data": data, "next_page_url": None, "previous_page_url": None}
    if page.search is not None:
        result: Doc = {
            "object": "search_result",
            "data": data,
            "has_more": page.more,
            "next_page": page.search or None,
            "url": page.url,
        }
        return {**result, "total_count": page.total} if count else result
    result = {"object": "list", "data": data, "has_more": page.more, "url": page.url}
    return result if page.total is None else {**result, "total_count": page.total}


async def wake(engine: Engine, space: Space, at: int, kind: str, id: str) -> None:
    """Let happen what happens to an object by itself at ``at``, in a unit of work of its own."""
    async with engine.store.begin(space.store_name) as uow:
        doc = await uow.get(kind, id)
        if doc is None:
            return
        server_now = space.clock.now() if doc.get("test_clock") else at
        automatic = RequestInfo(None, None, "clock")
        ctx = engine.context(space, uow, at, automatic, server_now=server_now)
        result = await wakeups.act(kind)(ctx, doc)
        if not isinstance(result, Discarded):
            await settle(engine, space, uow, ctx)
    if not isinstance(result, Discarded):
        if ctx.errands:
            await errands.run(engine, space, ctx, settle)
        return
    if result.then is not None:
        async with engine.store.begin(space.store_name) as uow:
            ctx = engine.context(space, uow, at, automatic, server_now=server_now)
            result.then(ctx, result.doc)
            await settle(engine, space, uow, ctx)


async def set_aside(engine: Engine, space: Space, kind: str, id: str) -> None:
    """Let nothing happen to an object by itself until it is stored anew: what was due of it failed."""
    async with engine.store.begin(space.store_name) as uow:
        doc = await uow.get(kind, id)
        if doc is not None:
            uow.put(kind, doc, due=None)
            await uow.commit()


async def run(engine: Engine, space: Space, operation: str, params: Doc, actor: str, ids: dict[str, str]) -> Any:
    """Execute an operation for a page or another guest and return the stored answer (a document, or a Page)."""
    described = engine.operations.get(operation)
    if described is None:
        behaviour = table.behaviour(operation)
    else:
        plan = engine.plans.get(operation) or plan_of(engine, described)
        params, behaviour = plan.check(params), plan.behaviour
    request = RequestInfo(engine.request_ids.next(), None, actor)
    async with engine.store.begin(space.store_name) as uow:
        now = instant = space.clock.now()
        if space.clocked:
            instant = await _instant(uow, ids, params, now)
        ctx = engine.context(space, uow, instant, request, server_now=now)
        try:
            result = await behaviour(ctx, ids, params)
        except StripeError as refusal:
            if refusal.keep and ctx.sealed is None:
                await settle(engine, space, uow, ctx)
            raise
        if isinstance(result, Discarded):
            return result.doc
        if ctx.sealed is not None and any(change.kind not in SEEN for change in uow.journal):
            raise ctx.sealed
        await settle(engine, space, uow, ctx)
    if ctx.errands:
        await errands.run(engine, space, ctx, settle)
    return result
