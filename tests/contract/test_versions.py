"""Every resource, filled to the last field, answers in each older version with the fields of that version's description."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.render import versions
from emulator.render.versions import plan
from emulator.render.versions.change import Change

ROOT = Path(__file__).parents[2]
DATA: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "versions.json").read_text("utf-8"))
SHAPES: dict[str, Any] = DATA["shapes"]["newest"]
OLDER = sorted(DATA["unknown"], key=versions.RELEASED.index)
# What a way back brings in, which the newest description does not know.
BROUGHT = {"discount": {"coupon"}, "promotion_code": {"coupon"}}
V2 = "v2."  # the second API tells its versions apart by itself; only its later fields are taken away


def filled(tree: Any, depth: int) -> Any:
    """Return a value for a tree of names: every field there, every list with one element, resources to ``depth``."""
    if isinstance(tree, str):
        return sample(tree[1:], depth - 1) if depth and tree[1:] in SHAPES else "id_1"
    if not isinstance(tree, dict):
        return "x"
    if "[]" in tree:
        return [filled(tree["[]"], depth)]
    made = {"any" if name == "*" else name: filled(below, depth) for name, below in tree.items()}
    return made | {"object": "list"} if {"data", "has_more", "object"} <= set(made) else made


def sample(kind: str, depth: int = 0) -> dict[str, Any]:
    """Return a resource of the newest shape."""
    made: dict[str, Any] = filled(SHAPES[kind], depth)
    return made | {"object": kind}


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield every path of a document, in the notation of the data file."""
    if isinstance(value, list):
        for one in value:
            yield from paths(one, f"{path}[]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}".lstrip(".")
            yield here
            yield from paths(inner, here)


def resources(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every resource inside a document, and the document itself."""
    if isinstance(value, list):
        for one in value:
            yield from resources(one)
    elif isinstance(value, dict):
        if isinstance(value.get("object"), str) and value["object"] in SHAPES:
            yield value
        for inner in value.values():
            yield from resources(inner)


def gone(path: str, lost: list[str]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[]")) for one in lost)


def at(value: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        value = value[name]
    return value


@pytest.mark.parametrize("version", OLDER)
def test_exactly_the_later_fields_go(version: str) -> None:
    for kind in SHAPES.keys() - set(DATA["unborn"][version]):
        doc = sample(kind)
        lost = DATA["unknown"][version].get(kind, [])
        expected = {path for path in paths(doc) if not gone(path, lost)}
        seen = set(paths(versions.downgrade(kind, doc, version)))
        brought = BROUGHT.get(kind, set()) if "coupon" in DATA["wanted"][version].get(kind, {}).get("", ()) else set()
        assert seen == expected | brought, kind


@pytest.mark.parametrize("version", OLDER)
def test_all_that_the_version_demands_is_there(version: str) -> None:
    for kind, places in DATA["wanted"][version].items():
        if kind.startswith(V2):
            continue
        answer = versions.downgrade(kind, sample(kind), version)
        for place, names in places.items():
            assert set(names) <= set(at(answer, place)), (kind, place)


@pytest.mark.parametrize("version", OLDER)
def test_objects_inside_objects_are_taken_back_too(version: str) -> None:
    for kind in SHAPES:
        for one in resources(versions.downgrade(kind, sample(kind, depth=2), version)):
            lost = DATA["unknown"][version].get(one["object"], [])
            own = set(paths({name: one[name] for name in one}))
            assert not own & set(lost), (kind, one["object"])


@pytest.mark.parametrize("version", OLDER)
def test_the_input_stays_as_it_is(version: str) -> None:
    for kind in SHAPES:
        doc = sample(kind, depth=1)
        before = json.dumps(doc)
        versions.downgrade(kind, doc, version)
        assert json.dumps(doc) == before


def test_each_version_shows_at_least_what_the_one_before_it_showed() -> None:
    served = versions.RELEASED[versions.RELEASED.index(versions.OLDEST_SHAPE) :]
    for kind in SHAPES:
        doc = sample(kind)
        before: set[str] = set()
        for version in served:
            shown = set(paths(versions.downgrade(kind, doc, version)))
            assert before - shown <= BROUGHT.get(kind, set()), (kind, version)
            before = shown


def test_the_newest_version_costs_nothing() -> None:
    for kind in SHAPES:
        doc = sample(kind)
        assert versions.downgrade(kind, doc, versions.NEWEST) is doc


def test_released_versions_are_those_of_the_description() -> None:
    assert list(versions.RELEASED) == DATA["released"]
    assert versions.NEWEST in (ROOT / "api_specs" / "PIN.toml").read_text("utf-8")
    assert tomllib.loads((ROOT / "api_specs" / "PIN.toml").read_text("utf-8"))


def test_later_fields_are_dated_by_released_versions() -> None:
    added = json.loads((ROOT / "emulator/render/versions/added_fields.json").read_text("utf-8"))["added"]
    assert set(added) <= set(versions.RELEASED)
    assert list(added) == sorted(added, key=versions.RELEASED.index)


def test_every_change_is_dated_touches_something_and_names_its_source() -> None:
    for change in plan.CHANGES:
        assert versions.known(change.since), change
        assert change.kinds or change.operations, change
        assert change.operations or type(change).down is not Change.down, change
        words = type(change).__doc__ or ""
        assert "ource" in words, change


def test_changes_name_operations_and_kinds_of_the_description() -> None:
    spec = json.loads((ROOT / "api_specs" / f"{versions.NEWEST}.json").read_text("utf-8"))
    operations = set(spec["operations"]) | {"*"}
    for change in plan.CHANGES:
        assert set(change.operations) <= operations, change
        assert set(change.kinds) <= set(spec.get("resources", SHAPES)), change
