"""Nonsense is refused in Stripe's shape by every operation that has behaviour, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.app import build
from emulator.config import Config
from emulator.operations import table
from emulator.spec.catalogue import catalogue
from tests.support import nonsense, samples
from tests.support.client import Api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emulator.spec.catalogue import Operation

KNOWN = catalogue()
OPERATIONS = [one for one in KNOWN.operations.values() if table.tier(one) == "behaviour" and one.body != "multipart"]
OPERATIONS += KNOWN.unlisted.values()
GROUPS: dict[str, list[Operation]] = {}
for operation in OPERATIONS:
    GROUPS.setdefault(operation.segments[1], []).append(operation)
WALKS = ("several", "shop_eu", "past_due")
ROUNDS, STEPS = 10, 200  # of a walk: worlds, and calls in each


@pytest.fixture
async def world(aiohttp_client: Any) -> AsyncIterator[Api]:
    """A client of a world with several subscriptions, invoices and payments."""
    api = Api(await aiohttp_client(build(Config(world="several"))), "sk_test_nonsense")
    space = await api.space()
    await api.advance("1h")
    before = api.engine.store.revision(space.store_name)
    yield api
    assert api.engine.store.revision(space.store_name) == before, "a refusal left something behind"


@pytest.mark.parametrize("group", sorted(GROUPS))
async def test_wrong_types_and_unknown_members(world: Api, group: str) -> None:
    """A value that its place cannot take, and a member that no one knows, are named in the refusal."""
    for one in GROUPS[group]:
        path = samples.path(one)
        for param, value in nonsense.misfits(KNOWN, one.input):
            answer = await world.call(one.method, path, nonsense.placed(KNOWN, one, param, value))
            assert answer.status == 400, (one.id, param, answer.text)
            assert answer.error["type"] == "invalid_request_error"
            assert answer.error["param"].startswith(param[0]), (one.id, param, answer.error)
        for param in nonsense.holders(KNOWN, one.input):
            answer = await world.call(one.method, path, nonsense.placed(KNOWN, one, (*param, "no_such"), "x"))
            assert answer.status == 400, (one.id, param, answer.text)
            assert answer.error["code"] == "parameter_unknown", (one.id, param, answer.error)
            assert answer.error["param"] == nonsense.spelled((*param, "no_such"))


@pytest.mark.parametrize("group", sorted(GROUPS))
async def test_what_is_required(world: Api, group: str) -> None:
    """Each required parameter is asked for by its name."""
    for one in GROUPS[group]:
        whole = samples.required(KNOWN, one)
        for name in whole:
            rest = {key: value for key, value in whole.items() if key != name}
            answer = await world.call(one.method, samples.path(one), rest)
            assert answer.status == 400, (one.id, name, answer.text)
            assert answer.error["code"] == "parameter_missing", (one.id, name)


@pytest.mark.parametrize("group", sorted(GROUPS))
async def test_ids_of_nothing(world: Api, group: str) -> None:
    """A parameter that names another object is refused when there is none: on objects that exist."""
    rows = await nonsense.ids(world)
    for one in GROUPS[group]:
        if one.method != "POST":
            continue
        for param in nonsense.references(KNOWN, one.input):
            params = nonsense.placed(KNOWN, one, param, "xx_nobody", rows)
            answer = await world.post(nonsense.path(KNOWN, one, rows), params)
            assert answer.status in (400, 402, 404), (one.id, param, answer.text)


@pytest.mark.parametrize("name", WALKS)
async def test_a_long_walk_through_everything(aiohttp_client: Any, name: str) -> None:
    """Thousands of calls drawn by a fixed seed, with time moving between them: never a 500, and what is refused is not kept."""
    client = await aiohttp_client(build(Config(world=name, seed="7")))
    walk = nonsense.Walk(KNOWN, OPERATIONS, seed=f"walk of {name}")
    for round_ in range(ROUNDS):
        api = Api(client, f"sk_test_{name}{round_}")
        space = await api.space()
        await api.advance("1h")  # and stands still: nothing happens by itself between two looks
        store = api.engine.store
        for step in range(STEPS):
            if step % 40 == 0:
                await walk.look(api)
                if step:
                    await api.advance(walk.choose(("1h", "3d", "40d", "400d")))
            call = walk.call()
            await api.advance("0s")  # what the call before made due happens now, not meanwhile
            before = store.revision(space.store_name)
            answer = await api.call(*call)
            assert answer.status < 500 or answer.status == 501, (call, answer.text)
            if answer.status in (400, 404, 501):
                assert store.revision(space.store_name) == before, (call, answer.text)
