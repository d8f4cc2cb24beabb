"""The control API's description of itself: complete, true, and a valid document."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.control.description import CALLS
from emulator.control.openapi import document

DOCUMENT = document("http://127.0.0.1:12111", "/_emulator")
LINES = sorted(CALLS)


async def test_every_route_is_described_and_every_description_has_a_route(api: Any) -> None:
    listed = {line.replace("/_emulator/", "") for line in (await api.ok("GET", "/_emulator/"))["calls"]}
    assert listed == set(CALLS)
    served = await api.ok("GET", "/_emulator/openapi.json")
    assert served["servers"] == [{"url": f"{api.engine.base_url}/_emulator"}]
    described = {f"{method.upper()} {path[1:]}" for path, methods in served["paths"].items() for method in methods}
    assert described == listed


def test_names_are_unique_and_parameters_complete() -> None:
    operations = [one for methods in DOCUMENT["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) == len(CALLS)
    assert {"getEventsWait", "postWorldsKeyFork", "postActsAct"} <= set(names)
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            places = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
            assert places == {part[1:-1] for part in path.split("/") if part.startswith("{")}


async def call(api: Any, line: str, query: str = "", body: Any = None) -> Any:
    method, _, path = line.partition(" ")
    path = path.replace("{key}", "sk_test_x").replace("{id}", "x_1").replace("{act}", "open_dispute")
    return await api.call(method, f"/_emulator/{path}{query}", body)


@pytest.mark.parametrize("line", LINES)
async def test_a_call_takes_what_is_described_and_nothing_else(api: Any, line: str) -> None:
    called = CALLS[line]
    for name in called.query:
        answer = await call(
            api, line, f"?{name}=0&timeout=0" if "timeout" in called.query and name != "timeout" else f"?{name}=0"
        )
        assert "unknown" not in (answer.text if answer.status == 400 else ""), answer.text
        assert answer.status in {200, 400, 401 if name == "key" else 400, *called.more}
    for name in called.body:
        answer = await call(api, line, body={name: None})
        assert f"unknown: {name}" not in answer.text or line == "POST acts/{act}"
    if line.startswith("GET ") and "{" not in line:
        answer = await call(api, line, "?nope=1")
        assert (answer.status, answer.error["param"]) == (400, "nope"), answer.text
    if called.body and "{key}" not in line:
        answer = await call(api, line, body={"nope": 1})
        assert (answer.status, answer.error["param"]) == (400, "nope"), answer.text


@pytest.mark.parametrize(
    "line", [line for line in LINES if line.startswith("GET ") and "{" not in line and "wait" not in line]
)
async def test_answers_hold_what_is_described(api: Any, line: str) -> None:
    answer = await call(api, line)
    if answer.status == 501:
        assert 501 in CALLS[line].more
    else:
        assert answer.status == 200
        assert set(CALLS[line].answer) <= set(answer.json)


# What callers in other languages rely on: these calls, parameters and answers stay, whatever is added.
STAYS: dict[str, tuple[str, str]] = {
    "GET health": ("", "status version api_version store"),
    "GET ready": ("", "status"),
    "GET coverage": ("", "operations events"),
    "GET worlds": ("", "data"),
    "POST worlds": ("key fixture document", "key fixture objects created"),
    "DELETE worlds/{key}": ("", ""),
    "POST worlds/{key}/reset": ("", ""),
    "POST worlds/{key}/fork": ("to", "key fixture objects created"),
    "POST worlds/{key}/snapshot": ("", "snapshot"),
    "POST worlds/{key}/restore": ("snapshot", ""),
    "GET worlds/{key}/export": ("", ""),
    "GET clock": ("", "now mode next"),
    "POST clock": ("freeze advance advance_to real", "now mode next"),
    "GET events": ("type object since limit", "data has_more"),
    "GET events/wait": ("type object since timeout", "id type data created"),
    "GET deliveries": ("type object event endpoint status limit", "data has_more"),
    "POST deliveries/{id}/replay": ("", "id status attempt request response"),
    "DELETE deliveries": ("", ""),
    "GET requests": ("method path status limit", "data"),
    "GET mail": ("to", "data"),
    "DELETE mail": ("", ""),
    "GET faults": ("", "data"),
    "POST faults": ("match action times seed", "id"),
    "DELETE faults": ("", ""),
    "GET settings": ("", ""),
    "POST settings": ("", ""),
}
ROWS = {
    "GET worlds": "key fixture objects created",
    "GET deliveries": "id event type endpoint url attempt status at latency_ms request response error",
    "GET requests": "id at method path params status duration_ms idempotency_key api_version error",
}


@pytest.mark.parametrize("line", STAYS)
def test_what_others_rely_on_stays(line: str) -> None:
    taken, answered = (words.split() for words in STAYS[line])
    call = CALLS[line]
    assert set(taken) <= {*call.query, *call.body}
    assert set(answered) <= {*call.answer} or line == "GET events/wait"


@pytest.mark.parametrize("line", ROWS)
async def test_rows_keep_their_names(saas: Any, line: str) -> None:
    await saas.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    await saas.ok("POST", "/v1/customers", {"name": "Ada"})
    await saas.ok("GET", "/_emulator/deliveries/wait", {"count": 1})
    row = (await saas.ok("GET", f"/_emulator/{line.removeprefix('GET ')}"))["data"][0]
    assert set(ROWS[line].split()) <= row.keys()
