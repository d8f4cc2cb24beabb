"""Decides which worlds there are and gives each call its own: the heart that the HTTP faces and the pages share."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from emulator import API_VERSION
from emulator.events.derive import Deriver
from emulator.kernel.clock import Clock
from emulator.kernel.ids import IdSource, account_id, fingerprint, random_bytes, request_ids
from emulator.operations.request_log import RequestLog
from emulator.operations.space import Space, default_settings, stored_as
from emulator.operations.wakeups import due
from emulator.resources.context import Context, Services
from emulator.spec.blanks import Blanks
from emulator.spec.params import Checkers
from emulator.webhooks.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.operations.plans import Plan
    from emulator.resources.context import RequestInfo
    from emulator.spec.catalogue import Catalogue
    from emulator.store.port import Store, UnitOfWork

KEY = re.compile(r"(sk|rk|pk)_(test|live)_([A-Za-z0-9_.-]{1,200})\Z")


def _went_on(loaded: Any) -> str:
    """Return what the seed of a saved world has in addition: the ids that the seed alone gives are in it already."""
    if loaded is None or "clock" not in loaded.meta:
        return ""
    return ":" + fingerprint(" ".join(doc["id"] for docs in loaded.objects.values() for doc in docs))


class Engine:
    """One server's worlds, description and background hooks."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        *,
        base_url: str = "http://127.0.0.1:12111",
        seed: str | None = None,
        load: Callable[..., Any] | None = None,
        default_world: str = "empty",
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self.base_url = base_url
        self.seed = seed
        self.load = load
        self.default_world = default_world
        self.checkers = Checkers(catalogue)
        self.plans: dict[str, Plan] = {}  # by operation, made when one is called first
        self.listeners = Listeners()
        self.services = Services(catalogue, Blanks(catalogue), due, self.listening, self._mailed, self.introduced)
        self.deriver = Deriver(catalogue.events, {}, API_VERSION)
        self.spaces: dict[str, Space] = {}
        self.by_store: dict[str, Space] = {}
        self.requests = RequestLog()
        self.request_ids = request_ids(seed)
        self.page_secret = random_bytes(32)
        self.letters: Callable[[Doc], Doc] | None = None  # the words of a stored mail, which the pages know
        self.mail_posted: list[Callable[[Doc], None]] = []  # mails that are stored with the next commit of their world
        self.mail_goes_to: str | None = None  # the mail server that gets them too
        self.prepare: list[Callable[[Space], Awaitable[None]]] = []  # what is done to every new world, e.g. --webhook
        self.after_commit: list[Callable[[Space, Sequence[Doc], Sequence[Doc]], None]] = []  # events, delivery rows
        self.clock_moved: list[Callable[[Space], None]] = []
        # Told of worlds that were dropped or made anew: nobody keeps anything of them.
        self.forgotten: list[Callable[[Space], None]] = []
        self.operations = catalogue.operations
        self.new_clock: Callable[[], Clock] = Clock
        self._opening = asyncio.Lock()

    async def space(self, key: str) -> Space:
        """Return the world of a key, opened on first use from the server's default fixture world.

        ``sk_``, ``rk_`` and ``pk_`` keys of one name and mode share a world; raises ValueError for what is no key.
        """
        found = self.spaces.get(key)
        if found is not None:
            return found
        async with self._opening:
            return self.spaces.get(key) or await self._open(key)

    async def _open(self, key: str) -> Space:
        parts = KEY.match(key)
        if parts is None:
            raise ValueError(key)
        mode, name = parts[2], parts[3]
        secret = f"sk_{mode}_{name}"
        space = self.spaces.get(secret) or await self.make(secret, account_id(name), livemode=mode == "live")
        self.spaces[key] = space
        return space

    async def make(
        self, key: str, account: str, *, livemode: bool, fixture: str | dict[str, Any] | None = None,
        platform: Space | None = None,
    ) -> Space:  # fmt: skip
        """Make (or make anew) the world of a key, of a connected account of ``platform``, from a fixture world; returns it."""
        made_of = fixture if fixture is not None else self.default_world
        old = self.spaces.get(key)
        clock = old.clock if old else self.new_clock()
        places = {"account": account, "base_url": self.base_url}
        loaded = self.load(made_of, clock, places, set_clock=old is None) if self.load else None
        meta = loaded.meta if loaded is not None else {}
        settings = {**default_settings(), **meta.get("settings", {})}
        ids = IdSource(account, None if self.seed is None else f"{self.seed}:{key}{_went_on(loaded)}")
        space = Space(key, account, livemode, clock, settings, made_of, ids, self.base_url, platform)
        objects = {**loaded.objects} if loaded is not None else {}
        await space.seed(self, objects, meta)
        self.by_store[space.store_name] = space
        for known in [one for one, value in self.spaces.items() if value is old and old is not None]:
            self.spaces[known] = space
        self.spaces[key] = space
        if old is not None:
            self.forget(old)
        for prepare in self.prepare:
            await prepare(space)
        return space

    def forget(self, space: Space) -> None:
        """Let everybody let go of a world that is open no more."""
        space.rendered.clear()
        for hook in self.forgotten:
            hook(space)

    async def connected(self, space: Space, account: str) -> Space | None:
        """Return the world of a connected account, or None when ``space`` has no such account."""
        if account == space.account:
            return space
        key = f"{space.key}/{account}"
        if key in self.spaces:
            return self.spaces[key]
        async with self.store.begin(space.store_name) as uow:
            doc = await uow.get("account", account)
        if doc is None:
            return None
        fixture = "empty" if self.load else None
        return await self.make(key, account, livemode=space.livemode, fixture=fixture, platform=space)

    def context(
        self,
        space: Space,
        uow: UnitOfWork,
        now: int,
        request: RequestInfo,
        *,
        version: str = API_VERSION,
        server_now: int,
    ) -> Context:
        """Return what a behaviour sees: a unit of work in a world at ``now`` (unix seconds).

        ``server_now`` is the time of hosted pages and links, which do not live on test clocks; ``version`` the caller's.
        """
        return Context(
            self.services, space.world, uow, now, request, version, server_now=server_now, clocked=space.clocked
        )

    def space_of(self, account: str, *, livemode: bool, platform: str | None = None) -> Space | None:
        """Return the world of an account and mode, if it is open.

        Without its ``platform`` (its account) a connected account is the newest of that id: copied worlds share ids.
        """
        found = self.by_store.get(stored_as(account, livemode=livemode, platform=platform))
        if found is not None or platform is not None:
            return found
        alike = (one for one in reversed(self.by_store.values()) if one.account == account and one.livemode == livemode)
        return next(alike, None)

    def listening(self, account: str, livemode: bool, platform: str | None = None) -> Sequence[Doc]:
        """Return the command-line listeners that hear of an account's events now, as webhook endpoints."""
        space = None if self.listeners.empty else self.space_of(account, livemode=livemode, platform=platform)
        if space is None:
            return ()
        return self.listeners.endpoints(space.key, None if space.platform is None else space.platform.key)

    def _mailed(self, mail: Doc) -> None:
        for hook in self.mail_posted:
            hook(mail)

    async def introduced(self, account: str, livemode: bool, platform: str | None) -> Doc | None:
        """Return a connected account as the pages of its platform show it, None where it has no platform."""
        space = self.space_of(account, livemode=livemode, platform=platform)
        if space is None or space.platform is None:
            return None
        shown: Doc | None = (await self.run(space.platform, "account:page", {"on_behalf_of": account}))["account"]
        return shown if shown is not None and shown["id"] == account else None

    async def in_other_mode(self, space: Space, id: str) -> bool:
        """Say whether an id that is not there is one of the account's other mode."""
        other = self.by_store.get(
            stored_as(space.account, livemode=not space.livemode, platform=space.world.platform)
        )  # fmt: skip
        if other is None:
            return False
        async with self.store.begin(other.store_name) as uow:
            for kind in self.catalogue.resources:
                if await uow.get(kind, id) is not None:
                    return True
        return False

    def space_of_token(self, token: str) -> Space | None:
        """Return the world that a hosted page's token names by its account (and platform) and mode, or None."""
        mode, _, text = token.partition("_")
        if mode not in ("test", "live"):
            return None
        for cut in (text[:-12], text):
            try:
                plain = base64.urlsafe_b64decode(cut + "=" * (-len(cut) % 4)).decode("ascii", "ignore")
            except (binascii.Error, ValueError):
                continue
            account, _, platform = plain.partition(",")[0].partition("@")
            if account.startswith("acct_"):
                return self.space_of(account, livemode=mode == "live", platform=platform or None)
        return None

    async def run(self, space: Space, operation: str, params: Doc, *, actor: str = "portal", **ids: str) -> Doc:
        """Execute an operation for a page or another guest; returns the stored answer.

        ``operation`` is an id of the API description, whose parameters are checked as always, or ``portal:...``.
        Raises StripeError for a refusal.
        """
        from emulator.operations.execute import run

        result: Doc = await run(self, space, operation, params, actor, ids)
        return result
