"""A desk to try operations of the lower packages at: the real description, checks and store, without the door above."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.kernel.ids import IdSource
from emulator.resources import generic
from emulator.resources.context import Context, Page, RequestInfo, Services, World
from emulator.spec.blanks import Blanks
from emulator.spec.catalogue import catalogue
from emulator.spec.params import Checkers
from emulator.store.memory import MemoryStore
from tests.support import rooms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.store.port import Change

START = 1_750_000_000
WAKEUPS = {**rooms.wakeups("catalog"), **rooms.wakeups("customers")}
_CHECKERS = Checkers(catalogue())


def due(kind: str, doc: Doc) -> int | None:
    """Return when something happens to an object by itself."""
    return WAKEUPS[kind][0](doc) if kind in WAKEUPS else None


class Desk:
    """One world; every call is a unit of work of its own, committed unless it is refused."""

    def __init__(self, **behaviours: Callable[..., Awaitable[Any]]) -> None:
        self.now = START
        self.store = MemoryStore()
        self.services = Services(catalogue(), Blanks(catalogue()), due)
        self.world = World(
            "acct_1000000000000001",
            False,
            {"default_currency": "usd"},
            IdSource("acct_1000000000000001", "desk"),
            "http://x",
        )
        self.behaviours = {**rooms.operations("catalog"), **rooms.operations("customers"), **behaviours}
        self.journal: list[Change] = []

    async def open(self) -> Desk:
        await self.store.create("desk", {}, due)
        return self

    async def within(self, act: Callable[[Context], Awaitable[Any]]) -> Any:
        """Run ``act`` with a context and commit."""
        async with self.store.begin("desk") as uow:
            ctx = Context(
                self.services, self.world, uow, self.now, RequestInfo("req_1", None, "api"), "2026-10-28.endive"
            )
            result = await act(ctx)
            self.journal = list(uow.journal)
            await uow.commit()
        return result

    async def put(self, kind: str, doc: Doc) -> Doc:
        """Store an object as it is."""

        async def act(ctx: Context) -> Doc:
            return ctx.put(kind, doc)

        return dict(await self.within(act))

    async def get(self, kind: str, id: str) -> Any:
        async with self.store.begin("desk") as uow:
            return await uow.get(kind, id)

    async def call(self, method: str, path: str, params: dict[str, Any] | None = None) -> Any:
        """Check the parameters by the description and run the operation; a page comes back as a list envelope."""
        found = catalogue().route(path)
        assert found is not None, path
        operation = found[0][method]
        ids = dict(zip(operation.names, found[1], strict=True))
        given = _CHECKERS.operation(operation.input)(params or {})
        given.pop("expand", None)

        async def act(ctx: Context) -> Any:
            behaviour = self.behaviours.get(operation.id)
            if behaviour is not None:
                return await behaviour(ctx, ids, given)
            if operation.form == "retrieve":
                return await generic.retrieve(ctx, operation.kind, ids[operation.names[-1]])
            if operation.form == "create":
                return await generic.create(ctx, operation.kind, given)
            return await generic.listed_children(ctx, operation, ids, given)

        answer = await self.within(act)
        if isinstance(answer, Page):
            return {"object": "list", "data": answer.docs, "has_more": answer.more, "url": answer.url}
        return answer

    async def post(self, path: str, /, **params: Any) -> Any:
        return await self.call("POST", path, params)

    async def fetch(self, path: str, /, **params: Any) -> Any:
        return await self.call("GET", path, params)

    async def delete(self, path: str, /, **params: Any) -> Any:
        return await self.call("DELETE", path, params)

    async def wait(self, seconds: int) -> None:
        """Let time pass, with everything that happens by itself."""
        until = self.now + seconds
        while (first := await self.store.next_due("desk", until)) is not None:
            self.now = first.at
            doc = await self.get(first.kind, first.id)

            async def act(ctx: Context, kind: str = first.kind, doc: Doc = doc) -> None:
                await WAKEUPS[kind][1](ctx, doc)

            await self.within(act)
        self.now = until

    def written(self) -> list[str]:
        """Return what the last call wrote, in order: ``customer.created`` and the like, internal kinds left out."""
        words = []
        for change in self.journal:
            if change.kind.startswith("_"):
                continue
            word = "created" if change.before is None else "deleted" if change.after is None else "updated"
            words.append(f"{change.kind}.{word}")
        return words


_REFERENCE = re.compile(r"\{\{(\w+)\.([\w.]+)\}\}")


def filled(value: Any, saved: dict[str, Any]) -> Any:
    """Return a value of a parity case with ``{{name.field}}`` replaced by what was saved."""
    if isinstance(value, dict):
        return {key: filled(inner, saved) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, saved) for inner in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        found: Any = saved[match[1]]
        for step in match[2].split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return str(found)

    return _REFERENCE.sub(one, value)


def differences(wanted: Any, got: Any, place: str = "") -> list[str]:
    """Return where ``got`` does not hold what is ``wanted``: members of objects may be more, lists are alike."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        found = []
        for key, inner in wanted.items():
            found += differences(inner, got[key], f"{place}.{key}") if key in got else [f"{place}.{key} is missing"]
        return found
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [line for at, inner in enumerate(wanted) for line in differences(inner, got[at], f"{place}[{at}]")]
    return [] if wanted == got else [f"{place}: wanted {wanted!r}, got {got!r}"]
