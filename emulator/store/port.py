"""Decides what callers may ask of a store; every implementation passes one contract suite.

A store holds spaces: one per account and mode, never seen by each other. All reading and writing of a space goes through a
unit of work: all or nothing, and it sees its own writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from emulator.kernel.documents import Doc


# Relations that stand deeper in a document than at its top: kind -> field of queries -> place.
DERIVED = {
    "invoice": {"subscription": "parent.subscription_details.subscription"},
    "invoiceitem": {"subscription": "parent.subscription_details.subscription"},
}


class Change(NamedTuple):
    """One write of a unit of work, or a noted fact (``note`` is its event type, ``after`` the object it is about)."""

    kind: str
    id: str
    before: Doc | None
    after: Doc | None
    note: str = ""


class Due(NamedTuple):
    """An object that something happens to by itself at ``at`` (unix seconds)."""

    at: int
    kind: str
    id: str


class Query(NamedTuple):
    """What a page of objects is asked by.

    ``where`` holds equalities of indexed fields; ``keep`` is a further test of each document; ``after`` and ``before`` are
    cursors (ids); the order is newest first by ``created``, then by insertion.
    """

    where: Mapping[str, Any] = {}
    limit: int | None = None
    after: str | None = None
    before: str | None = None
    keep: Callable[[Doc], bool] | None = None


class Found(NamedTuple):
    """A page of documents, and whether more would follow in the direction asked."""

    docs: list[Doc]
    more: bool


class UnitOfWork(Protocol):
    """One transaction on one space. Leaving it without ``commit`` discards everything."""

    journal: list[Change]

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    async def get(self, kind: str, id: str) -> Doc | None:
        """Return an object, or None."""
        ...

    async def page(self, kind: str, query: Query) -> Found:
        """Return the objects of a kind that a query asks for."""
        ...

    def bound(self, kind: str, where: Mapping[str, object]) -> int:
        """Return a number that the matches of equalities on indexed fields do not exceed, as far as can be told at once."""
        ...

    async def position(self, kind: str, id: str) -> bool:
        """Say whether an id may serve as a cursor of a kind."""
        ...

    def put(self, kind: str, doc: Doc, *, due: int | None = None) -> None:
        """Create or replace an object by its id; ``due`` is when something happens to it by itself."""
        ...

    def append(self, kind: str, make: Callable[[], Sequence[Doc]]) -> None:
        """Add new objects that nothing reads within this unit of work and that are not journaled: its own events.

        They are made when somebody looks for any of the kind, at the latest; what is appended first comes first. A ``make``
        that raised is called again.
        """
        ...

    def remove(self, kind: str, id: str) -> None:
        """Remove an object."""
        ...

    async def commit(self) -> None:
        """Make all writes lasting and visible at once."""
        ...


class Store(Protocol):
    """A place where spaces live."""

    async def create(
        self, space: str, objects: Mapping[str, Sequence[Doc]], due: Callable[[str, Doc], int | None]
    ) -> None:
        """Make a space of the given objects by kind, oldest first, replacing one of the same name."""
        ...

    async def fork(self, space: str, to: str) -> None:
        """Copy a space; neither sees the other's later changes."""
        ...

    async def drop(self, space: str) -> None:
        """Forget a space."""
        ...

    async def dump(self, space: str) -> dict[str, list[Doc]]:
        """Return all objects of a space by kind, oldest first."""
        ...

    def begin(self, space: str) -> UnitOfWork:
        """Open a unit of work on a space; writers of one space take turns."""
        ...

    def soonest(self, space: str) -> int | None:
        """Return when the server's clock has something due next (unix seconds), as far as this process knows at once."""
        ...

    def revision(self, space: str) -> int | None:
        """Return a number that changes with every commit on a space; None where the store cannot tell at once."""
        ...

    async def next_due(self, space: str, until: int | None, lane: str = "") -> Due | None:
        """Return the earliest due object of a clock not after ``until``.

        ``lane`` is the test clock that an object names as its ``test_clock``; without one it follows the server's.
        """
        ...

    async def due(self, space: str, limit: int, lane: str = "") -> list[Due]:
        """Return the next due objects of a clock in time order."""
        ...

    async def count(self, space: str) -> int:
        """Return how many objects a space holds, internal ones left out."""
        ...
