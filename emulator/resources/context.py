"""Decides what a domain function sees: one instant, one unit of work, one account and mode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.kernel import errors
from emulator.kernel.ids import ALNUM
from emulator.resources.nouns import noun, path_param
from emulator.store.port import Change, Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.kernel.ids import IdSource
    from emulator.spec.blanks import Blanks
    from emulator.spec.catalogue import Catalogue
    from emulator.store.port import UnitOfWork

TOMBSTONE = "_deleted"  # what soft-deleted objects leave behind


class RequestInfo(NamedTuple):
    """Who asks: ``id`` is None for what happens by itself."""

    id: str | None
    idempotency_key: str | None
    actor: str


class Page(NamedTuple):
    """A list answer before it is rendered."""

    docs: list[Doc]
    more: bool
    url: str
    total: int | None = None
    search: str | None = None  # for search results: the opaque next page, "" when there is none


class Discarded(NamedTuple):
    """An answer whose unit of work is thrown away: a preview runs the real code and leaves nothing.

    ``then`` is what a wake-up does afterwards with the same object, in a unit of work of its own.
    """

    doc: Doc
    then: Callable[[Context, Doc], None] | None = None


class World(NamedTuple):
    """What of a world the domain may know."""

    account: str
    livemode: bool
    settings: Mapping[str, Any]
    ids: IdSource
    base_url: str
    decline: Callable[[tuple[Any, ...]], str | None] | None = None  # a test's wish for payments to fail
    platform: str | None = None  # whose connected account this is


class Errand(NamedTuple):
    """What a call has to do in the world of another account, once its own work is stored."""

    account: str
    act: Callable[[Context], Awaitable[None]]


class Services(NamedTuple):
    """What is the same for every call of a server."""

    catalogue: Catalogue
    blanks: Blanks
    due: Callable[[str, Doc], int | None]
    # Who hears of an account's events by a connection.
    listening: Callable[[str, bool, str | None], Sequence[Doc]] | None = None
    mailed: Callable[[Doc], None] | None = None  # who hears of mail, before it is stored
    # A connected account as its platform shows it.
    introduced: Callable[[str, bool, str], Awaitable[Doc | None]] | None = None


def timestamp(now: int) -> str:
    """Return an instant as the v2 API writes it."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Context:
    """Everything that a behaviour may use; made anew for every call."""

    __slots__ = (
        "_services",
        "_uow",
        "_world",
        "account",
        "base_url",
        "catalogue",
        "clocked",
        "errands",
        "livemode",
        "now",
        "platform",
        "presented",
        "request",
        "sealed",
        "server_now",
        "settings",
        "version",
    )

    def __init__(
        self,
        services: Services,
        world: World,
        uow: UnitOfWork,
        now: int,
        request: RequestInfo,
        version: str,
        *,
        server_now: int | None = None,
        clocked: bool = False,
    ) -> None:
        # The time of hosted pages and links, which do not live on test clocks.
        self.server_now = now if server_now is None else server_now
        # Once the behaviour is done nothing changes any more: what was presented for an event serves the answer too.
        self.presented: dict[int, Doc] | None = None
        self.clocked = clocked  # whether the world has objects on test clocks
        self.sealed: errors.StripeError | None = (
            None  # set: what is written is refused with it in the end (a look only)
        )
        self.errands: list[Errand] = []
        self._services = services
        self._world = world
        self._uow = uow
        self.now = now
        self.request = request
        self.version = version
        self.catalogue = services.catalogue  # the API description
        self.account = world.account  # its id
        self.platform = world.platform  # the account whose connected account this is, None for an account of its own
        self.livemode = world.livemode
        self.settings = world.settings  # what the account's owner would set in the Dashboard
        self.base_url = world.base_url  # where the hosted pages are, without a trailing slash

    @property
    def linked(self) -> str:
        """The account as the secret part of a page's address names it: a connected one together with its platform."""
        return self.account if self.platform is None else f"{self.account}@{self.platform}"

    async def introduced(self) -> Doc | None:
        """Return this account as the pages of its platform show it; None for an account of its own."""
        asked = self._services.introduced
        return (
            None if asked is None or self.platform is None else await asked(self.account, self.livemode, self.platform)
        )

    def elsewhere(self, account: str, act: Callable[[Context], Awaitable[None]]) -> None:
        """Have something done in the world of the platform or a connected account: after this work is stored, at the same instant."""
        self.errands.append(Errand(account, act))

    def forced_decline(self, *about: str | None) -> str | None:
        """The code with which a test wants a payment to be declined; ``about`` are the ids that it concerns."""
        asked = self._world.decline
        return None if asked is None else asked(about)

    @property
    def listeners(self) -> Sequence[Doc]:
        """Who is connected to hear of the account's events, as webhook endpoints."""
        asked = self._services.listening
        return () if asked is None else asked(self.account, self.livemode, self.platform)

    def mailed(self, mail: Doc) -> None:
        """Tell of a mail that is stored with this work, if it is."""
        if self._services.mailed is not None:
            self._services.mailed(mail)

    def at(self, instant: int) -> Context:
        """Return the same unit of work at another instant: what a preview looks ahead with."""
        return Context(
            self._services, self._world, self._uow, instant, self.request, self.version, server_now=self.server_now,
            clocked=self.clocked,
        )  # fmt: skip

    @property
    def journal(self) -> list[Change]:
        """The writes so far, in order."""
        return self._uow.journal

    def find(self, kind: str, id: str) -> Awaitable[Doc | None]:
        """Return an object, or None."""
        return self._uow.get(kind, id)

    async def need(self, kind: str, id: str, param: str, *, status: int = 400) -> Doc:
        """Return the object that a parameter names.

        Raises resource_missing with Stripe's noun for an id that is unknown or deleted.
        """
        doc = await self._uow.get(kind, id)
        if doc is None:
            raise errors.resource_missing(noun(kind), id, param=param, status=status)
        return doc

    async def at_path(self, kind: str, id: str, param: str | None = None, *, name: str = "id") -> Doc:
        """Return the object of a URL, or raise the 404 of its kind."""
        doc = await self._uow.get(kind, id)
        if doc is None:
            raise self.missing_at_path(kind, id, param, name=name)
        return doc

    def missing_at_path(self, kind: str, id: str, param: str | None = None, *, name: str = "id") -> errors.StripeError:
        """Build the 404 of an unknown id in a path, with the odd spellings of some kinds (facts billing 1.6).

        ``param`` is blamed when given, else what is known of the kind, else the path's own ``name``.
        """
        if kind == "subscription_item":
            return errors.StripeError(f"Invalid subscription_item id: {id}", status=404)
        if kind == "invoiceitem":
            mode = "true" if self.livemode else "false"
            return errors.StripeError(
                f"No such Invoice Item: '{id}'(livemode={mode})", status=404, code="resource_missing", param="id"
            )
        return errors.resource_missing(noun(kind), id, param=param or path_param(kind, name), status=404)

    async def stub(self, kind: str, id: str) -> Doc | None:
        """Return what a soft-deleted object still answers: its three keys."""
        gone = await self._uow.get(TOMBSTONE, id)
        return gone["stub"] if gone is not None and gone["of"] == kind else None

    async def select(self, kind: str, limit: int | None = None, **where: Any) -> list[Doc]:
        """Return objects newest first by equalities of indexed fields."""
        if not self._uow.bound(kind, where):
            return []
        return (await self._uow.page(kind, Query(where, limit))).docs

    def at_most(self, kind: str, **where: Any) -> int:
        """Return a number that the objects with these indexed fields do not exceed; told at once, without looking at them."""
        return self._uow.bound(kind, where)

    async def page(self, kind: str, query: Query) -> tuple[list[Doc], bool]:
        """Return a page of objects and whether more follow."""
        found = await self._uow.page(kind, query)
        return found.docs, found.more

    async def cursor(self, kind: str, id: str) -> bool:
        """Say whether an id may serve as a cursor."""
        return await self._uow.position(kind, id)

    def new_id(self, kind: str) -> str:
        """Return a new id of a kind."""
        return self._world.ids.id(self._services.catalogue.prefix(kind), self.now)

    def token(self, length: int, alphabet: str = ALNUM) -> str:
        """Return unguessable text."""
        return self._world.ids.secret(length, alphabet)

    def text(self, length: int, alphabet: str = ALNUM) -> str:
        """Return random text that is no secret."""
        return self._world.ids.text(length, alphabet)

    def put(self, kind: str, doc: Doc) -> Doc:
        """Create or replace an object by its id and journal it; when it is due is worked out from the object."""
        self._uow.put(kind, doc, due=self._services.due(kind, doc))
        return doc

    def remove(self, kind: str, id: str, *, stub: bool = False) -> Doc:
        """Remove an object; with ``stub`` its id goes on answering the three keys. Returns them."""
        gone: Doc = {"id": id, "object": self._services.catalogue.object_name(kind)}
        if not kind.startswith("v2."):
            gone["deleted"] = True
        self._uow.remove(kind, id)
        if stub:
            self._uow.put(TOMBSTONE, {"id": id, "of": kind, "stub": gone})
        return gone

    def note(self, event_type: str, doc: Doc, **more: Any) -> None:
        """Announce a fact that leaves no trace in an object; ``more`` becomes members of the event's data."""
        self._uow.journal.append(Change("", doc.get("id", ""), more or None, doc, event_type))

    def blank(self, kind: str) -> Doc:
        """Return a schema-complete object without an id, created now."""
        doc = self._services.blanks.blank(kind)
        if "created" in doc:
            doc["created"] = self.now if doc["created"].__class__ is int else timestamp(self.now)
        if "livemode" in doc:
            doc["livemode"] = self.livemode
        return doc

    def nested_blank(self, kind: str, field: str) -> Any:
        """Return the empty value of one field of a kind."""
        index = self._services.catalogue.fields(kind).get(field)
        if index is None:
            return None
        node = self._services.catalogue.node(index)
        if node["t"] == "ref":
            return self._services.blanks.blank(node["to"])
        return None if node["t"] == "any" else self._services.blanks.nested(index)

    def blank_value(self, index: int) -> Any:
        """Return the empty value of a shape of the API description."""
        return self._services.blanks.nested(index)
