"""Decides how worlds are made, replaced, copied, remembered and told apart, one for each key."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from emulator import API_VERSION
from emulator.control import errors, settings
from emulator.control.background import Background
from emulator.kernel.clock import Clock
from emulator.kernel.documents import Doc
from emulator.kernel.ids import IdSource, account_id
from emulator.operations.engine import KEY, Engine
from emulator.operations.space import Space, default_settings
from emulator.operations.wakeups import due
from emulator.store import places, worlds

HINT = "a key is sk_test_ANYTHING or sk_live_ANYTHING"
# Internal kinds that are about calls under way and not about the world.
PASSING = frozenset({"_idempotency"})


# Kind, id and text of each object that names its account.
Naming = list[tuple[str, str, bytes]]


class Snapshot(NamedTuple):
    """What is remembered of a world beside its objects."""

    store_name: str
    clock: Clock
    settings: Doc


def _told(clock: Clock) -> Doc:
    """Return a clock as a world file tells it."""
    return {"clock": {"mode": clock.mode, **({} if clock.mode == "real" else {"now": clock.now()})}}


def read(source: str | Doc, now: int) -> worlds.World:
    """Read, check and resolve a world at ``now`` (unix seconds): a fixture's name, a file or a document.

    Raises WorldError.
    """
    loaded = worlds.load(source, now)
    if isinstance(source, str) and worlds.path_of(source) != Path(source):
        return loaded  # those that come along are right
    from emulator.operations import world_files  # for those that somebody wrote: no part of a start

    saved = {"api_version", "clock"} <= loaded.meta.keys()
    where = source if isinstance(source, str) else "document"
    if not saved:
        try:
            settings.check(loaded.settings, default_settings())
        except errors.ControlError as error:
            raise worlds.WorldError(f"{where}: {worlds.META}.1.settings: {error}") from None
    configured = bool(loaded.settings.get("portal_default_configuration", True))
    try:
        return loaded._replace(objects=world_files.checked(loaded.objects, now, saved=saved, configured=configured))
    except ValueError as error:
        raise worlds.WorldError(f"{where}: {error}") from None


def _titled(fixture: str | Doc) -> Doc:
    """Return name and note of what a world was made from."""
    if isinstance(fixture, str):
        return {"name": fixture}
    told = fixture.get(worlds.META, {}).get("1", {})
    return {"name": "document", **{name: told[name] for name in ("name", "note") if name in told}}


class Worlds:
    """The worlds of an engine, by key."""

    def __init__(self, engine: Engine, background: Background) -> None:
        self.engine = engine
        self.background = background
        self._created: dict[str, int] = {}
        self._snapshots = 0
        engine.prepare.append(self._made)

    async def _made(self, space: Space) -> None:
        self._created[space.key] = space.clock.now()

    # ------------------------------------------------------------------------------------------ which there are
    def known(self, key: str) -> Space:
        """Return the open world of a key; raises 404."""
        space = self.engine.spaces.get(key)
        if space is None:
            raise errors.unknown_world(key)
        return space

    async def row(self, space: Space) -> Doc:
        """Return what the list of worlds says about one."""
        fixture = space.fixture if isinstance(space.fixture, str) else "document"
        objects = await self.engine.store.count(space.store_name)
        created = self._created.get(space.key, space.clock.now())
        return {"key": space.key, "fixture": fixture, "objects": objects, "created": created, "account": space.account}

    async def rows(self) -> list[Doc]:
        """Return all worlds, in the order in which they were opened; keys that share one are one row."""
        distinct = {space.key: space for space in self.engine.spaces.values()}
        return [await self.row(space) for space in distinct.values()]

    # ------------------------------------------------------------------------------------------ making
    async def make(self, key: str, fixture: str | Doc | None) -> Space:
        """Make the world of a key from a fixture or a document; an open one is replaced. Raises 400 for a bad one."""
        parts = KEY.match(key)
        old = self.engine.spaces.get(key)
        if parts is None and old is None:
            raise errors.bad_value("key", "a secret key", hint=HINT)
        made_of = fixture if fixture is not None else self.engine.default_world
        start = self.engine.new_clock()
        try:
            loaded = read(made_of, start.now())
        except worlds.WorldError as error:
            raise errors.ControlError(
                str(error), param="document" if isinstance(made_of, dict) else "fixture"
            ) from None
        if old is not None:
            for one in self._connected(old):
                await self._close(one)
            worlds.set_clock(old.clock, _told(start))
            space = await self.engine.make(
                old.key, old.account, livemode=old.livemode, fixture=made_of, platform=old.platform
            )  # fmt: skip
            space.snapshots.update(old.snapshots)
        else:
            assert parts is not None  # noqa: S101 - checked above
            secret = f"sk_{parts[2]}_{parts[3]}"
            space = await self.engine.make(secret, account_id(parts[3]), livemode=parts[2] == "live", fixture=made_of)
            self.engine.spaces[key] = space
        if "clock" in loaded.meta:
            worlds.set_clock(space.clock, loaded.meta)
        await self.background.dispatcher.recover(space.key)
        self.background.moved(space)
        return space

    async def reset(self, key: str) -> Space:
        """Bring a world back to what it was made from, its clock included."""
        return await self.make(key, self.known(key).fixture)

    async def drop(self, key: str) -> None:
        """Forget a world, its snapshots and the connected accounts that it opened."""
        space = self.known(key)
        gone = [space, *self._connected(space)]
        for one in gone:
            await self._close(one)

    async def _close(self, one: Space) -> None:
        for snapshot in one.snapshots.values():
            await self.engine.store.drop(snapshot.store_name)
        self.engine.spaces = {known: it for known, it in self.engine.spaces.items() if it is not one}
        self.engine.by_store.pop(one.store_name, None)
        await self.engine.store.drop(one.store_name)
        self._created.pop(one.key, None)
        self.engine.forget(one)

    async def fork(self, key: str, to: str) -> Space:
        """Copy a world and its connected accounts to another key; neither sees what the other does from then on.

        Raises the refusals of what is no key, of a key of the other mode and of the world's own.
        """
        source = self.known(key)
        parts = KEY.match(to)
        if parts is None:
            raise errors.bad_value("to", "a secret key", hint=HINT)
        if (parts[2] == "live") != source.livemode:
            raise errors.bad_value("to", "a key of the same mode")
        secret = f"sk_{parts[2]}_{parts[3]}"
        if secret == source.key:
            raise errors.bad_value("to", "another key")
        if secret in self.engine.spaces:
            await self.drop(secret)
        space = await self._twin(source, secret, account_id(parts[3]))
        self.engine.spaces[to] = space
        for one in self._connected(source):
            await self._twin(one, f"{secret}/{one.account}", one.account, space)
        return space

    def _connected(self, platform: Space) -> list[Space]:
        """Return the open worlds of a platform's connected accounts."""
        return [one for one in self.engine.by_store.values() if one.platform is platform]

    async def _twin(self, source: Space, key: str, account: str, platform: Space | None = None) -> Space:
        """Open a copy of a world under another key and return it; ``platform`` is the copy of a connected account's."""
        # A draw of the source's: what a world of this key has drawn before may be in the copy.
        seed = None if self.engine.seed is None else f"{self.engine.seed}:{key}:{source.ids.text(8)}"
        space = Space(
            key, account, source.livemode, source.clock.copy(), deepcopy(source.settings), source.fixture,
            IdSource(account, seed), self.engine.base_url, platform,
        )  # fmt: skip
        space.clocked = source.clocked
        await self.engine.store.fork(source.store_name, space.store_name)
        await self._own_places(source, space)
        self.engine.by_store[space.store_name] = self.engine.spaces[key] = space
        await self._made(space)
        await self.background.dispatcher.recover(space.key)
        self.background.moved(space)
        return space

    async def _own_places(self, source: Space, space: Space) -> None:
        """Put the copy's own account where the source's is named: in the account itself, and in links to its pages."""
        if space.account == source.account:
            return
        before = places.places_of(source.account, self.engine.base_url)
        after = places.places_of(space.account, self.engine.base_url)
        del before["base_url"]
        async with self.engine.store.begin(space.store_name) as unit:
            for kind, id, text in await self._naming(source, space, before):
                own = places.moved(text, before, after)
                if own["id"] != id:
                    unit.remove(kind, id)
                unit.put(kind, own, due=due(kind, own))
            await unit.commit()

    async def _naming(self, source: Space, copy: Space, named: Mapping[str, str]) -> Naming:
        """Return what of a world names its account; looked for once where many copies of the same are made."""
        revision = self.engine.store.revision(source.store_name)
        if source.naming is None or revision is None or source.naming[0] != revision:
            tables = await self.engine.store.dump(copy.store_name)
            found = [(kind, id, text) for kind, docs in tables.items() for id, text in places.naming(docs, named)]
            source.naming = (revision, found)
        naming: Naming = source.naming[1]
        return naming

    # ------------------------------------------------------------------------------------------ remembering
    async def snapshot(self, key: str) -> str:
        """Remember a world and its connected accounts as they are now; returns the name to restore them by."""
        space = self.known(key)
        self._snapshots += 1
        name = f"snap_{self._snapshots}"
        for one in (space, *self._connected(space)):
            store_name = f"{one.store_name}#{name}"
            await self.engine.store.fork(one.store_name, store_name)
            one.snapshots[name] = Snapshot(store_name, one.clock.copy(), deepcopy(one.settings))
        return name

    async def restore(self, key: str, name: str) -> None:
        """Bring a world back to a snapshot, its clock, settings and connected accounts included; the snapshot stays.

        Raises the 404 of one that is not there.
        """
        space = self.known(key)
        if name not in space.snapshots:
            raise errors.ControlError(f"no such snapshot: {name}", status=404, param="snapshot")
        for one in self._connected(space):
            await (self._bring_back(one, one.snapshots[name]) if name in one.snapshots else self._close(one))
        await self._bring_back(space, space.snapshots[name])

    async def _bring_back(self, space: Space, found: Snapshot) -> None:
        async with self.background.turn(space):
            await self.engine.store.fork(found.store_name, space.store_name)
            worlds.set_clock(space.clock, _told(found.clock))
            space.settings.clear()
            space.settings.update(deepcopy(found.settings))
            space.rendered.clear()
            space.naming = None
            space.endpoints = None
        self.background.moved(space)

    async def export(self, key: str) -> Doc:
        """Return a world as a document that ``make`` and ``load-world`` take, under any key."""
        space = self.known(key)
        tables = await self.engine.store.dump(space.store_name)
        meta: dict[str, Any] = {
            **_titled(space.fixture),
            "api_version": API_VERSION,
            "livemode": space.livemode,
            "settings": space.settings,
            **_told(space.clock),
        }
        document = worlds.dump(meta, {kind: docs for kind, docs in tables.items() if kind not in PASSING})
        emptied: Doc = places.emptied(document, places.places_of(space.account, self.engine.base_url))
        return emptied
