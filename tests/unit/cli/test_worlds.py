"""World files: read, checked, resolved, written, and TinyDB's own."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tinydb import TinyDB

from emulator.kernel import durations
from emulator.kernel.clock import Clock
from emulator.spec.catalogue import catalogue
from emulator.store import places, worlds
from emulator.store.worlds import AtomicStorage, WorldError

NOW = 1_800_000_000


def test_relative_times_are_resolved_where_times_stand() -> None:
    world = worlds.parse(
        {
            "_meta": {"1": {"name": "x", "settings": {"country": "DE"}}},
            "subscription": {
                "1": {
                    "id": "sub_1",
                    "created": "-40d",
                    "items": {"data": [{"current_period_end": "+3h"}]},
                    "description": "now",
                    "metadata": {"created": "-1d"},
                    "trial_end": None,
                    "ended_at": 5,
                }
            },
        },
        NOW,
    )
    (doc,) = world.objects["subscription"]
    assert doc["created"] == NOW - 40 * 86_400
    assert doc["items"]["data"][0]["current_period_end"] == NOW + 3 * 3600
    assert (doc["description"], doc["metadata"], doc["trial_end"], doc["ended_at"]) == (
        "now",
        {"created": "-1d"},
        None,
        5,
    )
    assert (world.name, world.settings) == ("x", {"country": "DE"})


def test_every_unix_time_of_the_api_description_may_be_told_from_now() -> None:
    spec = catalogue()
    names = {
        name
        for kind in spec.schemas
        for name, index in spec.fields(kind).items()
        if spec.node(index).get("f") == "unix-time" or spec.node(index).get("fmt") == "unix-time"
    }
    assert [name for name in names if not durations.is_time(name)] == []


def test_a_world_with_a_clock_counts_from_its_clock() -> None:
    clock = {"mode": "frozen", "now": 1_700_000_000}
    world = worlds.parse({"_meta": {"1": {"clock": clock}}, "customer": {"1": {"id": "cus_1", "created": "-1d"}}}, NOW)
    assert world.objects["customer"][0]["created"] == 1_700_000_000 - 86_400
    made = Clock(5)
    worlds.set_clock(made, world.meta)
    assert (made.mode, made.now()) == ("frozen", 1_700_000_000)
    worlds.set_clock(made, {"clock": {"mode": "offset", "now": 1_700_000_000}})
    assert 1_700_000_000 <= made.now() <= 1_700_000_002
    worlds.set_clock(made, {})
    assert made.now() > 1_700_000_002


GOOD: list[Any] = [
    {},
    {"_meta": {}},
    {"_default": {}},
    {"_meta": {"1": {"format": 1, "name": "x", "note": "y", "settings": {}}}},
    {"_meta": {"1": {"clock": {"mode": "real"}, "account": {"country": "DE"}, "livemode": False}}},
    {
        "customer": {},
        "_delivery": {"1": {"id": "dlv_1"}},
        "test_helpers.test_clock": {"12": {"id": "clock_1", "object": "x"}},
    },
]
BAD: list[tuple[Any, str]] = [
    ([], "document: [] is not of type 'object'"),
    ({"customer": []}, "document: customer: [] is not of type 'object'"),
    ({"Customer": {}}, "document: 'Customer' does not match any of the regexes"),
    ({"cus tomer": {}}, "document: 'cus tomer' does not match"),
    ({"customer": {"0": {"id": "x"}}}, "document: customer: '0' does not match any of the regexes"),
    ({"customer": {"x": {"id": "x"}}}, "document: customer: 'x' does not match any of the regexes"),
    ({"customer": {"1": 5}}, "document: customer.1: 5 is not of type 'object'"),
    ({"customer": {"1": {}}}, "document: customer.1: 'id' is a required property"),
    ({"customer": {"1": {"id": ""}}}, "document: customer.1.id: '' "),
    ({"customer": {"1": {"id": 5}}}, "document: customer.1.id: 5 is not of type 'string'"),
    ({"customer": {"1": {"id": "a", "object": 5}}}, "document: customer.1.object: 5 is not of type 'string'"),
    ({"_default": {"1": {}}}, "document: _default: "),
    ({"_meta": {"2": {}}}, "document: _meta: Additional properties are not allowed ('2' was unexpected)"),
    ({"_meta": {"1": {"nam": "x"}}}, "document: _meta.1: Additional properties are not allowed ('nam' was unexpected)"),
    ({"_meta": {"1": {"format": 2}}}, "document: _meta.1.format: 1 was expected"),
    ({"_meta": {"1": {"clock": {"mode": "fast"}}}}, "document: _meta.1.clock.mode: 'fast' is not one of"),
    ({"customer": {"1": {"id": "a"}, "3": {"id": "a"}}}, "document: customer.3.id: 'a' is the id of customer.1 already"),
    ({"customer": {"1": {"id": "a", "created": "-9999y"}}}, "document: customer.1.created: a time must lie between"),
    ({"customer": {"1": {"id": "a", "items": [{"end": "+9999y"}]}}}, "document: customer.1.items.0.end: a time must lie"),
]  # fmt: skip


@pytest.mark.parametrize("document", GOOD)
def test_what_is_a_world(document: Any) -> None:
    worlds.parse(document, NOW)
    Draft202012Validator(worlds.SCHEMA).validate(document)


@pytest.mark.parametrize("document,message", BAD)
def test_what_is_none_is_told_with_its_place(document: Any, message: str) -> None:
    with pytest.raises(WorldError) as told:
        worlds.parse(document, NOW)
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)
    assert gc.isenabled()


@pytest.mark.parametrize("document", [*GOOD, *(document for document, _ in BAD)])
def test_the_quick_check_never_takes_what_the_schema_refuses(document: Any) -> None:
    if worlds._plainly_right(document):
        Draft202012Validator(worlds.SCHEMA).validate(document)


@pytest.mark.parametrize("name", worlds.names())
def test_the_worlds_that_come_along_are_right(name: str) -> None:
    world = worlds.load(name, NOW)
    Draft202012Validator(worlds.SCHEMA).validate(worlds.read(name))
    assert world.name == name
    for kind, docs in world.objects.items():
        for doc in docs:
            assert isinstance(doc["created"], int) if "created" in doc else True, (kind, doc["id"])


def test_what_differs_from_key_to_key_is_filled_in_and_taken_out() -> None:
    told = {"account": "acct_1", "base_url": "http://localhost:1"}
    document = {"a": [{"url": "{base_url}/i/{account}/x", "n": 1, "o": "{other}", "p": None}]}
    filled = places.filled(document, told)
    assert filled == {"a": [{"url": "http://localhost:1/i/acct_1/x", "n": 1, "o": "{other}", "p": None}]}
    assert places.emptied(filled, told) == document
    written = {"a": ["{account}", "{~account}", "{acct_1}", "{~~base_url}", "acct_1"], "acct_1": "{{account}}"}
    assert places.filled(places.emptied(written, told), told) == written, "what somebody wrote stays"


def test_files_are_found_by_name_or_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"customer": {"1": {"id": "cus_1"}}}')
    assert worlds.load(str(file), NOW).name == "mine"
    assert worlds.load({"customer": {}}, NOW).name == "document"
    for source, message in (
        (str(tmp_path / "none.json"), f"no world file {tmp_path}/none.json"),
        ("none", "no world is called 'none'; there are canceling, changing, discounted"),
        (str(tmp_path) + "/", "cannot read"),
    ):
        with pytest.raises(WorldError, match=message):
            worlds.read(source)
    file.write_text("[]")
    with pytest.raises(WorldError, match="a world file is a JSON object of tables"):
        worlds.read(str(file))


# ------------------------------------------------------------------------------------------------ writing
def test_a_saved_world_is_a_tinydb_file_that_people_can_read(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    document = worlds.dump({"name": "x"}, {"customer": [{"id": "cus_1"}, {"id": "cus_2"}], "product": []})
    worlds.save(file, document)
    assert file.read_text().startswith('{\n  "_meta": {\n    "1": {\n      "format": 1,\n      "name": "x"')
    with TinyDB(file) as db:
        assert db.tables() == {"_meta", "customer"}
        assert [dict(doc) for doc in db.table("customer")] == [{"id": "cus_1"}, {"id": "cus_2"}]
    assert worlds.load(str(file), NOW).objects == {"customer": [{"id": "cus_1"}, {"id": "cus_2"}]}


def test_tinydb_works_on_the_atomic_storage(tmp_path: Path) -> None:
    file = tmp_path / "db.json"
    with TinyDB(file, storage=AtomicStorage) as db:
        db.table("customer").insert_multiple({"id": f"cus_{number}"} for number in range(3))
    with TinyDB(file, storage=AtomicStorage) as db:
        assert len(db.table("customer")) == 3
        db.table("customer").remove(doc_ids=[2])
    assert json.loads(file.read_bytes()) == {"customer": {"1": {"id": "cus_0"}, "3": {"id": "cus_2"}}}


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "world.json"
    worlds.save(file, {"customer": {}})
    file.chmod(0o640)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match=r"cannot write .*: No space left on device"):
        worlds.save(file, {"customer": {"1": {"id": "cus_1"}}})
    monkeypatch.undo()
    assert json.loads(file.read_bytes()) == {"customer": {}}
    assert [path.name for path in tmp_path.iterdir()] == ["world.json"]
    worlds.save(file, {})
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    worlds.save(tmp_path / "new.json", {})
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_told_early(tmp_path: Path) -> None:
    worlds.writable(tmp_path / "fine.json")
    assert list(tmp_path.iterdir()) == []
    for place in (tmp_path, tmp_path / "no" / "x.json"):
        with pytest.raises(WorldError, match="cannot write"):
            worlds.writable(place)
