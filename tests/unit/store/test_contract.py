"""One suite for every store: what callers of the port may rely on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from emulator.store.memory import MemoryStore
from emulator.store.port import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.store.port import Store

STORES: dict[str, Callable[[], Store]] = {"memory": MemoryStore}
SPACE = "acct_1:test"


def doc(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"x_{number}", "created": number, **more}


def no_due(kind: str, doc: dict[str, Any]) -> int | None:
    del kind
    return doc.get("due")


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> Store:
    made = STORES[request.param]()
    await made.create(SPACE, {}, no_due)
    return made


async def put(store: Store, *docs: dict[str, Any], kind: str = "customer", space: str = SPACE) -> None:
    async with store.begin(space) as uow:
        for one in docs:
            uow.put(kind, one, due=one.get("due"))
        await uow.commit()


async def ids(store: Store, kind: str = "customer", space: str = SPACE, **query: Any) -> list[str]:
    async with store.begin(space) as uow:
        return [one["id"] for one in (await uow.page(kind, Query(**query))).docs]


async def test_nothing_is_there_without_a_commit(store: Store) -> None:
    async with store.begin(SPACE) as uow:
        uow.put("customer", doc(1))
        assert await uow.get("customer", "x_1") == doc(1)
        assert (await uow.page("customer", Query())).docs == [doc(1)]
    assert await ids(store) == []


async def test_an_error_discards_everything(store: Store) -> None:
    await put(store, doc(1, name="a"))

    async def fails() -> None:
        async with store.begin(SPACE) as uow:
            uow.put("customer", doc(1, name="b"))
            uow.remove("customer", "x_1")
            uow.put("product", doc(2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    async with store.begin(SPACE) as uow:
        assert await uow.get("customer", "x_1") == doc(1, name="a")
        assert await uow.get("product", "x_2") is None


async def test_the_journal_has_every_write_in_order(store: Store) -> None:
    await put(store, doc(1, name="a"))
    async with store.begin(SPACE) as uow:
        uow.put("customer", doc(1, name="b"))
        uow.put("customer", doc(1, name="c"))
        uow.put("product", doc(2))
        uow.remove("customer", "x_1")
        seen = [(one.kind, (one.before or {}).get("name"), (one.after or {}).get("name")) for one in uow.journal]
    assert seen == [("customer", "a", "b"), ("customer", "b", "c"), ("product", None, None), ("customer", "c", None)]


async def test_newest_first_by_creation_then_by_insertion(store: Store) -> None:
    await put(store, doc(5), doc(9), doc(7))
    await put(store, {"id": "x_9b", "created": 9})
    assert await ids(store) == ["x_9b", "x_9", "x_7", "x_5"]


async def test_a_bound_is_never_below_the_matches(store: Store) -> None:
    await put(store, *(doc(number, customer=f"cus_{number % 3}") for number in range(30)), kind="subscription")
    async with store.begin(SPACE) as uow:
        assert 10 <= uow.bound("subscription", {"customer": "cus_0"}) < 30
        assert uow.bound("subscription", {"customer": "cus_9"}) == 0
        uow.put("subscription", doc(31, customer="cus_9"))
        assert uow.bound("subscription", {"customer": "cus_9"}) >= 1


async def test_pages_and_cursors(store: Store) -> None:
    await put(store, *(doc(number) for number in range(1, 8)))
    async with store.begin(SPACE) as uow:
        first = await uow.page("customer", Query(limit=3))
        assert ([one["id"] for one in first.docs], first.more) == (["x_7", "x_6", "x_5"], True)
        last = await uow.page("customer", Query(limit=5, after="x_5"))
        assert ([one["id"] for one in last.docs], last.more) == (["x_4", "x_3", "x_2", "x_1"], False)
        newer = await uow.page("customer", Query(limit=2, before="x_3"))
        assert ([one["id"] for one in newer.docs], newer.more) == (["x_5", "x_4"], True)
        assert await uow.position("customer", "x_3")
        assert not await uow.position("customer", "x_none")


async def test_a_removed_object_still_serves_as_a_cursor(store: Store) -> None:
    await put(store, doc(1), doc(2), doc(3))
    async with store.begin(SPACE) as uow:
        uow.remove("customer", "x_2")
        await uow.commit()
    assert await ids(store) == ["x_3", "x_1"]
    async with store.begin(SPACE) as uow:
        assert await uow.position("customer", "x_2")
    assert await ids(store, after="x_2") == ["x_1"]


async def test_indexed_fields_follow_changes(store: Store) -> None:
    await put(
        store,
        *(doc(number, customer="cus_a" if number % 2 else "cus_b") for number in range(1, 7)),
        kind="invoice_like",
    )
    assert await ids(store, "invoice_like", where={"customer": "cus_a"}) == ["x_5", "x_3", "x_1"]
    await put(store, doc(3, customer="cus_b"), kind="invoice_like")
    await put(store, doc(2, customer="cus_a"), kind="invoice_like")
    await put(store, doc(3, customer="cus_a"), kind="invoice_like")
    assert await ids(store, "invoice_like", where={"customer": "cus_a"}) == ["x_5", "x_3", "x_2", "x_1"]
    assert await ids(store, "invoice_like", where={"customer": "cus_b"}) == ["x_6", "x_4"]


async def test_members_of_aggregates_lead_to_their_owner(store: Store) -> None:
    await put(
        store,
        doc(1, items={"data": [{"id": "si_1"}, {"id": "si_2"}]}),
        doc(2, items={"data": [{"id": "si_3"}]}),
        kind="subscription",
    )
    assert await ids(store, "subscription", where={"items": "si_2"}) == ["x_1"]
    await put(store, doc(1, items={"data": [{"id": "si_1"}]}), kind="subscription")
    assert await ids(store, "subscription", where={"items": "si_2"}) == []


async def test_a_page_sees_the_own_writes(store: Store) -> None:
    await put(store, doc(1, customer="a"), doc(2, customer="b"), doc(4, customer="a"), kind="thing")
    async with store.begin(SPACE) as uow:
        uow.put("thing", doc(3, customer="a"))
        uow.put("thing", doc(2, customer="a"))
        uow.put("thing", doc(4, customer="b"))
        uow.remove("thing", "x_1")
        found = await uow.page("thing", Query({"customer": "a"}))
        assert [one["id"] for one in found.docs] == ["x_3", "x_2"]
        after = await uow.page("thing", Query({"customer": "a"}, after="x_3"))
        assert [one["id"] for one in after.docs] == ["x_2"]


async def test_a_further_test_of_documents(store: Store) -> None:
    await put(store, *(doc(number) for number in range(1, 30)))
    assert await ids(store, keep=lambda one: one["created"] % 10 == 0, limit=5) == ["x_20", "x_10"]


async def test_spaces_never_see_each_other(store: Store) -> None:
    await store.create("acct_2:test", {"customer": [doc(1)]}, no_due)
    await put(store, doc(2))
    assert await ids(store) == ["x_2"]
    assert await ids(store, space="acct_2:test") == ["x_1"]


async def test_a_fork_goes_its_own_way(store: Store) -> None:
    await put(store, doc(1, customer="a", due=50), kind="thing")
    await store.fork(SPACE, "acct_3:test")
    await put(store, doc(1, customer="b", due=70), kind="thing")
    await put(store, doc(2, customer="a"), kind="thing", space="acct_3:test")
    assert await ids(store, "thing", where={"customer": "a"}) == []
    assert await ids(store, "thing", where={"customer": "a"}, space="acct_3:test") == ["x_2", "x_1"]
    assert (await store.next_due("acct_3:test", None))[0] == 50  # type: ignore[index]
    assert (await store.next_due(SPACE, None))[0] == 70  # type: ignore[index]


async def test_due_objects_in_time_order(store: Store) -> None:
    await put(store, doc(1, due=30), doc(2, due=10), doc(3, due=20), doc(4))
    assert [one.id for one in await store.due(SPACE, 10)] == ["x_2", "x_3", "x_1"]
    assert await store.next_due(SPACE, 9) is None
    assert (await store.next_due(SPACE, 10)).id == "x_2"  # type: ignore[union-attr]
    await put(store, doc(2))
    assert (await store.next_due(SPACE, None)).id == "x_3"  # type: ignore[union-attr]
    async with store.begin(SPACE) as uow:
        uow.remove("customer", "x_3")
        await uow.commit()
    assert [one.id for one in await store.due(SPACE, 10)] == ["x_1"]
    await put(store, doc(1, due=5))
    assert (await store.next_due(SPACE, None)).at == 5  # type: ignore[union-attr]


async def test_dump_count_and_drop(store: Store) -> None:
    await put(store, doc(2), doc(1))
    await put(store, doc(3), kind="_internal")
    assert (await store.dump(SPACE))["customer"] == [doc(1), doc(2)]
    assert await store.count(SPACE) == 2
    await store.drop(SPACE)
    with pytest.raises(KeyError):
        await store.dump(SPACE)


async def test_writers_of_a_space_take_turns(store: Store) -> None:
    import asyncio

    await put(store, doc(1, n=0))

    async def add() -> None:
        async with store.begin(SPACE) as uow:
            held = await uow.get("customer", "x_1")
            await asyncio.sleep(0)
            assert held is not None
            uow.put("customer", doc(1, n=held["n"] + 1))
            await uow.commit()

    await asyncio.gather(*(add() for _ in range(20)))
    async with store.begin(SPACE) as uow:
        assert (await uow.get("customer", "x_1")) == doc(1, n=20)


async def test_appended_objects_come_with_the_commit(store: Store) -> None:
    async with store.begin(SPACE) as uow:
        uow.append("event", lambda: [doc(1, type="a"), doc(2, type="b")])
        uow.append("event", lambda: [doc(3, type="a")])
        assert uow.journal == []
        assert await uow.get("event", "x_1") is None
        await uow.commit()
    assert await ids(store, "event") == ["x_3", "x_2", "x_1"]
    assert await ids(store, "event", where={"type": "a"}) == ["x_3", "x_1"]
    async with store.begin(SPACE) as uow:
        uow.append("event", lambda: [doc(4)])
    assert await ids(store, "event", limit=1) == ["x_3"]


LOOKS: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "page": lambda store: ids(store, "event"),
    "dump": lambda store: store.dump(SPACE),
    "fork": lambda store: store.fork(SPACE, "acct_2:test"),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_appended_objects_are_made_once_by_whoever_looks(store: Store, look: str) -> None:
    made: list[int] = []

    def make(number: int) -> list[dict[str, Any]]:
        made.append(number)
        return [doc(number)]

    for number in range(1, 201):
        async with store.begin(SPACE) as uow:
            uow.append("event", partial(make, number))
            await uow.commit()
    await LOOKS[look](store)
    assert made == list(range(1, 201))
    assert await ids(store, "event") == [f"x_{number}" for number in range(200, 0, -1)]
    if look == "fork":
        assert await ids(store, "event", space="acct_2:test", limit=1) == ["x_200"]
    async with store.begin(SPACE) as uow:
        assert await uow.position("event", "x_7")
        assert await uow.get("event", "x_7") == doc(7)
        uow.put("event", doc(7, seen=True))
        await uow.commit()
    assert made == list(range(1, 201))


@pytest.mark.parametrize("ask", ["get", "position", "put", "bound"])
async def test_one_object_is_looked_for_as_well(store: Store, ask: str) -> None:
    async with store.begin(SPACE) as uow:
        uow.append("event", lambda: [doc(1), doc(2)])
        await uow.commit()
    async with store.begin(SPACE) as uow:
        if ask == "get":
            assert await uow.get("event", "x_1") == doc(1)
        elif ask == "position":
            assert await uow.position("event", "x_1")
            assert not await uow.position("event", "x_3")
        elif ask == "put":
            uow.put("event", doc(2, seen=True))
            assert uow.journal[0].before == doc(2)
            await uow.commit()
        else:
            assert uow.bound("event", {}) == 2
    assert await ids(store, "event") == ["x_2", "x_1"]


async def test_what_could_not_be_made_is_made_the_next_time(store: Store) -> None:
    answers: list[Any] = [RuntimeError("not now"), [doc(2)]]

    def make() -> list[dict[str, Any]]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    async with store.begin(SPACE) as uow:
        uow.append("event", lambda: [doc(1)])
        uow.append("event", make)
        uow.append("event", lambda: [doc(3)])
        await uow.commit()
    with pytest.raises(RuntimeError, match="not now"):
        await ids(store, "event")
    assert await ids(store, "event") == ["x_3", "x_2", "x_1"]
