"""Every operation of the API description answers, in the shape of its success or in the shape of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator.operations import table
from emulator.spec.catalogue import catalogue
from tests.support import samples

if TYPE_CHECKING:
    from emulator.spec.catalogue import Operation
    from tests.support.client import Api

OPERATIONS = list(catalogue().operations.values())
GROUPS: dict[str, list[Operation]] = {}
for one in OPERATIONS:
    GROUPS.setdefault("/".join(one.segments[:2]), []).append(one)


def test_the_description_is_whole() -> None:
    assert len(OPERATIONS) == 703
    assert sum(one.v2 for one in OPERATIONS) == 91


def test_every_operation_has_a_tier() -> None:
    tiers = {one.id: table.tier(one) for one in OPERATIONS}
    assert set(tiers.values()) == {"behaviour", "generic", "not_emulated"}
    known = set(table.places()) - set(tiers) - set(catalogue().unlisted)
    assert all(":" in name for name in known), known
    covered = table.coverage(catalogue())
    missing = covered["not_emulated"]
    assert isinstance(missing, list)
    assert covered["total"] == len(OPERATIONS)
    assert covered["behaviour"] + covered["generic"] + len(missing) == len(OPERATIONS)  # type: ignore[operator]


@pytest.mark.parametrize("group", sorted(GROUPS))
async def test_required_parameters_and_unknown_ids(api: Api, group: str) -> None:
    """Reads are empty or 404; creates store; what is not emulated says so; nothing is a 500."""
    for operation in GROUPS[group]:
        params = samples.required(catalogue(), operation)
        if "file" in operation.out or operation.body == "multipart":
            continue
        answer = await api.call(operation.method, samples.path(operation), params)
        assert answer.status in (200, 400, 402, 404, 501), (operation.id, answer.text)
        if answer.status == 501:
            assert table.tier(operation) == "not_emulated" or "not emulated" in answer.error["message"]
            assert answer.headers["Stripe-Emulator-Not-Emulated"]
        if operation.form == "retrieve":
            assert answer.status == 404, (operation.id, answer.text)


@pytest.mark.parametrize("group", sorted(GROUPS))
async def test_unknown_parameters_and_no_key(api: Api, group: str) -> None:
    """An unknown parameter and a missing key are refused in Stripe's words everywhere."""
    for operation in GROUPS[group]:
        path = samples.path(operation)
        if operation.body == "multipart":
            continue
        node = catalogue().node(operation.input)
        answer = await api.call(operation.method, path, {"no_such_parameter": "x"})
        if "no_such_parameter" not in node["p"]:
            assert answer.status == 400, (operation.id, answer.text)
            assert answer.error["code"] == "parameter_unknown"
            assert answer.error["message"] == "Received unknown parameter: no_such_parameter"
            assert answer.error["param"] == "no_such_parameter"
        answer = await api.call(operation.method, path, headers={"Authorization": ""})
        assert answer.status == 401, operation.id
        assert set(answer.error) == {"message", "type"}


GENERIC = [one for one in OPERATIONS if table.tier(one) == "generic" and one.form == "create" and len(one.names) == 0]


@pytest.mark.parametrize("operation", GENERIC, ids=lambda one: one.id)
async def test_generic_objects_live(api: Api, operation: Operation) -> None:
    """What is created can be read, listed, changed and deleted, and its event says what was created."""
    made = await api.call("POST", samples.path(operation), samples.required(catalogue(), operation))
    if made.status != 200:
        assert made.error.get("code") in ("resource_missing", "parameter_missing"), made.text
        return
    if "id" not in made.json:
        return
    prefix = catalogue().prefix(operation.kind)
    assert not prefix or made.id.startswith(prefix + "_"), made.id
    path = f"{samples.path(operation)}/{made.id}"
    found = catalogue().route(path)
    if found is None:
        return
    methods = found[0]
    if "GET" in methods:
        assert (await api.get(path)).json == made.json
        listing = catalogue().route(samples.path(operation))
        if listing and "GET" in listing[0] and not catalogue().node(listing[0]["GET"].input).get("req"):
            assert made.id in [one["id"] for one in (await api.get(samples.path(operation))).json["data"]]
    if "POST" in methods and "metadata" in catalogue().node(methods["POST"].input)["p"]:
        await api.ok("POST", path, {"metadata": {"a": "1", "b": "2"}})
        changed = await api.ok("POST", path, {"metadata": {"a": ""}})
        assert changed["metadata"] == {"b": "2"}
    for name in catalogue().node(methods["POST"].input)["p"] if "POST" in methods else ():
        emptied = await api.post(path, {name: ""})  # unset, or refused by its name: the object stays whole
        assert emptied.status == 200 or emptied.error["param"] == name, emptied.text
    if "DELETE" in methods:
        gone = await api.delete(path)
        assert gone.id == made.id
        assert operation.v2 or gone.json["deleted"] is True
        assert (await api.get(path)).status in (200, 404)
