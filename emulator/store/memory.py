"""The default store: dictionaries and append-only lists; every page costs as much as the page is long."""

from __future__ import annotations

import asyncio
import heapq
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Self

from emulator.store.port import Change, Due, Found, Query
from emulator.store.tables import Entry, Table, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from emulator.kernel.documents import Doc
    from emulator.store.tables import Late

LATE_AT_ONCE = 50  # units of work whose events are made before others are answered: a few milliseconds


class Space:
    """One account's objects of one mode."""

    __slots__ = ("heaps", "lock", "revision", "tables")

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.revision = 0
        self.heaps: dict[str, list[Due]] = {"": []}  # by clock
        self.lock = asyncio.Lock()

    def table(self, kind: str) -> Table:
        """Return the table of a kind, made when first asked for, with all that was left for later."""
        table = self.tables.get(kind)
        if table is None:
            table = self.tables[kind] = Table()
        elif table.late:
            table.catch_up(kind)
        return table

    async def ready(self, kind: str) -> Table:
        """Return the table of a kind with all that was left for later, made a little at a time: others are answered in between."""
        table = self.tables.get(kind)
        while table is not None and table.late:
            table.catch_up(kind, LATE_AT_ONCE)
            if table.late:
                await asyncio.sleep(0)
        return self.table(kind)

    async def all_ready(self) -> None:
        """Make all that was left for later."""
        for kind in list(self.tables):
            await self.ready(kind)

    def write(self, kind: str, id: str, doc: Doc, due: int | None) -> None:
        """Store a document and when it is due."""
        table = self.tables.get(kind)
        if table is None:
            table = self.tables[kind] = Table()
        table.write(kind, id, doc)
        if due is not None:
            if table.due.get(id) != due:
                table.due[id] = due
                heapq.heappush(self.heaps.setdefault(doc.get("test_clock") or "", []), Due(due, kind, id))
        elif table.due:
            table.due.pop(id, None)

    def append(self, kind: str, makers: Sequence[Late]) -> None:
        """Leave the making of new objects, which are never due, to those who look for them."""
        table = self.tables.get(kind)
        if table is None:
            table = self.tables[kind] = Table()
        table.late.extend(makers)

    def next_due(self, until: int | None, lane: str) -> Due | None:
        """Return the earliest entry of a clock that still holds."""
        heap = self.heaps.get(lane)
        while heap:
            first = heap[0]
            table = self.tables.get(first.kind)
            if table is None or table.due.get(first.id) != first.at:
                heapq.heappop(heap)
                continue
            return first if until is None or first.at <= until else None
        return None


class MemoryUnitOfWork:
    """Holds writes back until the commit; reads see them."""

    __slots__ = ("_appended", "_held", "_space", "_writes", "journal")

    def __init__(self, space: Space) -> None:
        self._space = space
        self._writes: dict[tuple[str, str], tuple[Doc | None, int | None]] = {}
        self._appended: dict[str, list[Late]] = {}
        self._held = False
        self.journal: list[Change] = []

    async def __aenter__(self) -> Self:
        await self._space.lock.acquire()
        self._held = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            self._held = False
            self._space.lock.release()

    async def get(self, kind: str, id: str) -> Doc | None:
        """Return an object as this unit of work sees it."""
        if self._writes:
            written = self._writes.get((kind, id))
            if written is not None:
                return written[0]
        table = self._space.tables.get(kind)
        if table is None:
            return None
        if table.late:
            await self._space.ready(kind)
        return table.docs.get(id)

    async def position(self, kind: str, id: str) -> bool:
        """Say whether an id is or was an object of the kind."""
        return self._space.table(kind).knows(id) or (kind, id) in self._writes

    async def page(self, kind: str, query: Query) -> Found:
        """Return matches newest first."""
        table = self._space.tables.get(kind)
        if table is None or table.late:
            table = await self._space.ready(kind)
        entries = table.candidates(kind, query.where)
        if self._writes and (fresh := self._fresh(kind, table)):
            entries = sorted({*entries, *fresh})
        if not entries:
            return Found([], more=False)
        backwards = query.before is not None
        walk: Iterable[Entry]
        if backwards:
            start = bisect_right(entries, self._entry(kind, query.before or ""))
            walk = (entries[i] for i in range(start, len(entries)))
        elif query.after is not None:
            end = bisect_left(entries, self._entry(kind, query.after))
            walk = (entries[i] for i in range(end - 1, -1, -1))
        else:
            walk = reversed(entries)
        docs: list[Doc] = []
        more = False
        for entry in walk:
            doc = self._doc(kind, table, entry[2])
            if doc is None or not matches(kind, doc, query):
                continue
            if query.limit is not None and len(docs) == query.limit:
                more = True
                break
            docs.append(doc)
        return Found(docs[::-1] if backwards else docs, more)

    def bound(self, kind: str, where: Mapping[str, object]) -> int:
        """Return how many are looked through for a match, with all that this unit of work wrote."""
        return len(self._space.table(kind).candidates(kind, where)) + len(self._writes or ())

    def _doc(self, kind: str, table: Table, id: str) -> Doc | None:
        written = self._writes.get((kind, id)) if self._writes else None
        return written[0] if written is not None else table.docs.get(id)

    def _entry(self, kind: str, id: str) -> Entry:
        table = self._space.table(kind)
        return table.entries.get(id) or next(entry for entry in self._fresh(kind, table) if entry[2] == id)

    def _fresh(self, kind: str, table: Table) -> list[Entry]:
        """Return entries of what this unit of work wrote of a kind: new, or perhaps matching only now."""
        fresh: list[Entry] = []
        for number, ((written, id), (doc, _)) in enumerate(self._writes.items()):
            if written == kind and doc is not None:
                known = table.entries.get(id)
                created = doc.get("created")
                fresh.append(known or (created if isinstance(created, int) else 0, table.sequence + 1 + number, id))
        return fresh

    def put(self, kind: str, doc: Doc, *, due: int | None = None) -> None:
        """Hold a write and journal it."""
        id = doc["id"]
        key = (kind, id)
        written = self._writes.get(key)
        if written is not None:
            before = written[0]
        else:
            table = self._space.tables.get(kind)
            if table is not None and table.late:
                table.catch_up(kind)
            before = None if table is None else table.docs.get(id)
        self._writes[key] = (doc, due)
        # Without the class's own constructor, which is a call of its own: this is done for every write.
        self.journal.append(tuple.__new__(Change, (kind, id, before, doc, "")))

    def append(self, kind: str, make: Late) -> None:
        """Hold what makes new objects of a kind."""
        self._appended.setdefault(kind, []).append(make)

    def remove(self, kind: str, id: str) -> None:
        """Hold a removal and journal it."""
        before = self._doc(kind, self._space.table(kind), id)
        self._writes[kind, id] = (None, None)
        self.journal.append(Change(kind, id, before, None))

    async def commit(self) -> None:
        """Apply everything; nothing here can suspend or fail half way."""
        space = self._space
        space.revision += 1
        for (kind, id), (doc, due) in self._writes.items():
            if doc is None:
                space.table(kind).erase(id)
            else:
                space.write(kind, id, doc, due)
        self._writes = {}
        for kind, makers in self._appended.items():
            space.append(kind, makers)
        self._appended = {}


class MemoryStore:
    """Spaces in this process's memory."""

    def __init__(self) -> None:
        self.spaces: dict[str, Space] = {}

    async def create(
        self, space: str, objects: Mapping[str, Sequence[Doc]], due: Callable[[str, Doc], int | None]
    ) -> None:
        """Make a space of the given objects."""
        made = Space()
        for kind, docs in objects.items():
            for doc in docs:
                made.write(kind, doc["id"], doc, due(kind, doc))
        self.spaces[space] = made

    async def fork(self, space: str, to: str) -> None:
        """Copy the lists, share the documents."""
        source = self.spaces[space]
        await source.all_ready()
        twin = Space()
        twin.heaps = {lane: heap.copy() for lane, heap in source.heaps.items()}
        twin.tables = {kind: source.table(kind).copy() for kind in source.tables}
        self.spaces[to] = twin

    async def drop(self, space: str) -> None:
        """Forget a space."""
        self.spaces.pop(space, None)

    async def dump(self, space: str) -> dict[str, list[Doc]]:
        """Return everything, oldest first."""
        result = {}
        held = self.spaces[space]
        await held.all_ready()
        for kind in held.tables:
            table = held.table(kind)
            docs = [table.docs[entry[2]] for entry in table.order if entry[2] in table.docs]
            if docs:
                result[kind] = docs
        return result

    def begin(self, space: str) -> MemoryUnitOfWork:
        """Open a unit of work."""
        return MemoryUnitOfWork(self.spaces[space])

    def soonest(self, space: str) -> int | None:
        """Return the instant of the earliest due object of the server's clock."""
        first = self.spaces[space].next_due(None, "")
        return None if first is None else first.at

    def revision(self, space: str) -> int:
        """Return how many commits a space has seen."""
        return self.spaces[space].revision

    def peek(self, space: str, kind: str, id: str) -> Doc | None:
        """Return a committed object without a unit of work: reading one object needs no transaction."""
        return self.spaces[space].table(kind).docs.get(id)

    async def next_due(self, space: str, until: int | None, lane: str = "") -> Due | None:
        """Return the earliest due object of a clock."""
        return self.spaces[space].next_due(until, lane)

    async def due(self, space: str, limit: int, lane: str = "") -> list[Due]:
        """Return the next due objects of a clock."""
        held = self.spaces[space]
        valid = (
            one
            for one in held.heaps.get(lane, ())
            if one.kind in held.tables and held.tables[one.kind].due.get(one.id) == one.at
        )
        return heapq.nsmallest(limit, set(valid))

    async def count(self, space: str) -> int:
        """Count objects."""
        tables = self.spaces[space].tables
        return sum(len(table.docs) for kind, table in tables.items() if kind[0] != "_" and kind != "event")
