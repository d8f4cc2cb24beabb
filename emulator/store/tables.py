"""Decides how the memory store keeps the objects of one kind: in order, found by indexed fields."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import at
from emulator.store.port import DERIVED, Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.kernel.documents import Doc

# Indexed inside aggregates: the ids of embedded members.
EMBEDDED = {"subscription": ("items", "items"), "invoice": ("lines", "lines")}

Entry = tuple[int, int, str]  # created, sequence, id: the order of lists
Late = Callable[[], "Sequence[Doc]"]


_PLAIN = (str, bool, int)


def values(kind: str, doc: Doc, field: str) -> Sequence[Any]:
    """Return the values under which a document is found by a field: its own, a deeper one, or the ids of its members."""
    if kind in EMBEDDED and EMBEDDED[kind][1] == field:
        members = doc.get(EMBEDDED[kind][0])
        return [member["id"] for member in members["data"]] if members else ()
    value = doc.get(field)
    if value is None and kind in DERIVED and field in DERIVED[kind]:
        value = at(doc, DERIVED[kind][field])
    return (value,) if value is not None and value.__class__ in _PLAIN else ()


class Table:
    """The objects of one kind in one space."""

    __slots__ = ("_entries", "_gone", "docs", "due", "index", "late", "order", "sequence")

    def __init__(self) -> None:
        self.sequence = 0  # how many were ever stored: those of the same second come in this order
        self.late: deque[Late] = deque()  # what makes the newest ones, which nobody has looked for yet
        self.docs: dict[str, Doc] = {}
        self._entries: dict[str, Entry] | None = None  # by id, made when it is asked for the first time
        self._gone: set[str] = set()  # ids of what was removed: they may still serve as cursors
        self.order: list[Entry] = []
        self.index: dict[str, dict[Any, list[Entry]]] = {}
        self.due: dict[str, int] = {}

    def copy(self) -> Table:
        """Return a table that shares the documents (they never change); its indexes are made anew when asked for."""
        twin = Table()
        twin.sequence = self.sequence
        twin.docs = self.docs.copy()
        twin._gone = self._gone.copy()
        twin.order = self.order.copy()
        twin.due = self.due.copy()
        return twin

    def write(self, kind: str, id: str, doc: Doc) -> None:
        """Store a document and keep the indexes true; stale entries are left and skipped when read."""
        before = self.docs.get(id)
        if before is None and id not in self._gone:
            self.add(kind, id, doc)
            return
        self.docs[id] = doc
        self._gone.discard(id)
        for field, found in self.index.items():
            known = values(kind, before, field) if before is not None else ()
            for value in values(kind, doc, field):
                if value not in known:
                    entry = self.entries[id]
                    entries = found.setdefault(value, [])
                    place = bisect_left(entries, entry)
                    if place == len(entries) or entries[place] != entry:
                        entries.insert(place, entry)

    def add(self, kind: str, id: str, doc: Doc) -> None:
        """Store a new document."""
        created = doc.get("created")
        self.sequence += 1
        entry = (created if created.__class__ is int else 0, self.sequence, id)
        self.docs[id] = doc
        if self._entries is not None:
            self._entries[id] = entry
        order = self.order
        if order and entry < order[-1]:
            insort(order, entry)
        else:
            order.append(entry)
        for field, found in self.index.items():
            for value in values(kind, doc, field):
                _add(found.setdefault(value, []), entry)

    def catch_up(self, kind: str, units: int | None = None) -> None:
        """Make and store what was left for later: of so many ``units`` of work, or all."""
        late = self.late
        for _ in range(len(late) if units is None else min(units, len(late))):
            for doc in late[0]():
                self.add(kind, doc["id"], doc)
            late.popleft()

    @property
    def entries(self) -> dict[str, Entry]:
        """The places of everything that is or was here, by id; most tables are never asked for them."""
        if self._entries is None:
            self._entries = {entry[2]: entry for entry in self.order}
        return self._entries

    def knows(self, id: str) -> bool:
        """Say whether an id is or was one of these objects."""
        return id in self.docs or id in self._gone

    def indexed(self, kind: str, field: str) -> dict[Any, list[Entry]]:
        """Return the index of a field, made when it is asked for the first time and kept true from then on."""
        found = self.index.get(field)
        if found is None:
            found = self.index[field] = {}
            for entry in self.order:
                doc = self.docs.get(entry[2])
                if doc is not None:
                    for value in values(kind, doc, field):
                        found.setdefault(value, []).append(entry)
        return found

    def erase(self, id: str) -> None:
        """Remove a document; its entry stays so that its id may still serve as a cursor."""
        if self.docs.pop(id, None) is not None:
            self._gone.add(id)
        self.due.pop(id, None)

    def candidates(self, kind: str, where: Mapping[str, Any]) -> list[Entry]:
        """Return the shortest list of entries that holds all matches, oldest first."""
        best = self.order
        for field, value in where.items():
            if value.__class__ in _PLAIN:
                found = self.indexed(kind, field).get(value, [])
                if len(found) <= len(best):
                    best = found
        return best


def _add(entries: list[Entry], entry: Entry) -> None:
    if entries and entry < entries[-1]:
        insort(entries, entry)
    else:
        entries.append(entry)


def matches(kind: str, doc: Doc, query: Query) -> bool:
    """Say whether a document is what a query asks for."""
    for field, value in query.where.items():
        if doc.get(field) == value:
            continue
        if kind in EMBEDDED and field == EMBEDDED[kind][1]:
            if all(member["id"] != value for member in doc[EMBEDDED[kind][0]]["data"]):
                return False
        elif kind not in DERIVED or at(doc, DERIVED[kind].get(field, field)) != value:
            return False
    return query.keep is None or query.keep(doc)
