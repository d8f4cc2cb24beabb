"""Each control call does what its description says: what it needs, what a good answer holds, and how else it may end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from emulator.control.description import CALLS
from emulator.control.openapi import document
from tests.support.client import Answer, Api

LINES = sorted(CALLS)
OBJECTS = {
    "GET events/wait",
    "POST acts/{act}",
    "GET settings",
    "POST settings",
    "GET worlds/{key}/export",
    "GET openapi.json",
    "POST endpoints",
}
Ready = dict[str, str]


@pytest.fixture
async def ready(saas: Api) -> Ready:
    """A world in which each call has something to act on: the places of paths, by the call."""
    endpoint = await saas.ok("POST", "/_emulator/endpoints", {"url": "record://a", "secret": "whsec_a"})
    made = await saas.ok("POST", "/v1/customers", {"name": "Ada"})
    charge = await saas.ok("POST", "/v1/charges", {"amount": 900, "currency": "usd", "source": "tok_visa"})
    fault = await saas.ok("POST", "/_emulator/faults", {"preset": "slow", "match": {"path": "/v1/nothing"}})
    snapshot = await saas.ok("POST", f"/_emulator/worlds/{saas.key}/snapshot")
    mail = await _mail(saas)
    events = (await saas.ok("GET", "/_emulator/events"))["data"]
    await saas.ok("GET", "/_emulator/deliveries/wait", {"count": len(events)})
    return {
        "customer": made["id"], "charge": charge["id"], "snapshot": snapshot["snapshot"], "endpoint": endpoint["id"],
        "requests": (await saas.ok("GET", "/_emulator/requests"))["data"][0]["id"], "mail": mail, "faults": fault["id"],
        "events": events[0]["id"], "deliveries": (await saas.ok("GET", "/_emulator/deliveries"))["data"][0]["id"],
    }  # fmt: skip


async def _mail(api: Api) -> str:
    space = await api.space()
    login = {"features": {"invoice_history": {"enabled": True}}, "login_page": {"enabled": True}}
    url = (await api.ok("POST", "/v1/billing_portal/configurations", login))["login_page"]["url"]
    await api.ok("POST", "/v1/customers", {"email": "ada@example.com"})
    given = {"token": url.rpartition("/")[2], "email": "ada@example.com"}
    await api.engine.run(space, "portal:login_code", given, actor="portal")
    return str((await api.ok("GET", "/_emulator/mail"))["data"][0]["id"])


def body_of(line: str, ready: Ready) -> dict[str, Any]:
    """Return a good body of a call."""
    bodies: dict[str, dict[str, Any]] = {
        "POST worlds": {"key": "sk_test_made", "fixture": "saas"},
        "POST worlds/{key}/fork": {"to": "sk_test_copy"},
        "POST worlds/{key}/restore": {"snapshot": ready["snapshot"]},
        "POST clock": {"advance": "1h"},
        "POST events/{id}/resend": {"endpoint": ready["endpoint"]},
        "POST endpoints": {"url": "record://b", "secret": "whsec_b"},
        "POST expectations": {"contains": ["customer.created"]},
        "POST faults": {"preset": "slow"},
        "POST acts/{act}": {"object": ready["charge"]},
        "POST settings": {"business_name": "Acme"},
    }
    return bodies.get(line, {})


async def send(api: Api, line: str, ready: Ready, *, body: Any = None, query: Any = None, **places: str) -> Answer:
    """Make the call of a line, about what is there unless ``places`` says otherwise."""
    method, _, path = line.partition(" ")
    known = {"key": api.key, "act": "open_dispute", "id": ready.get(path.partition("/")[0], ""), **places}
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", value)
    return await api.call(method, f"/_emulator/{path}", query if method in ("GET", "DELETE") else body)


@pytest.mark.parametrize("line", LINES)
async def test_a_good_call_is_answered_as_described(saas: Api, ready: Ready, line: str) -> None:
    answer = await send(saas, line, ready, body=body_of(line, ready))
    assert answer.status == 200, answer.text
    described = set(CALLS[line].answer)
    assert set(answer.json) >= described if line in OBJECTS else set(answer.json) == described


@pytest.mark.parametrize("line", [line for line in LINES if CALLS[line].needs])
async def test_what_a_call_needs(saas: Api, ready: Ready, line: str) -> None:
    good = body_of(line, ready)
    for name in CALLS[line].needs:
        answer = await send(saas, line, ready, body={other: value for other, value in good.items() if other != name})
        assert (answer.status, answer.error["param"]) == (400, name), answer.text
        assert answer.error["message"] == f"{name} is missing"
    answer = await send(saas, line, ready, body={name: good[name] for name in CALLS[line].needs})
    assert answer.status == 200, answer.text


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("POST") and not CALLS[line].needs])
async def test_what_needs_nothing_or_one_of_several(saas: Api, ready: Ready, line: str) -> None:
    answer = await send(saas, line, ready, body={})
    assert answer.status == (400 if CALLS[line].one_of else 200), answer.text
    for name in CALLS[line].one_of if answer.status == 400 else ():
        assert name in answer.error["message"] + answer.error.get("hint", "") + answer.error.get("param", "")


Refused = Callable[[Api, Ready], Awaitable[Answer]]


def about(line: str, **places: str) -> Refused:
    return lambda api, ready: send(api, line, ready, body=body_of(line, ready), **places)


def with_query(line: str, **query: Any) -> Refused:
    return lambda api, ready: send(api, line, ready, query=query)


async def not_running(api: Api, ready: Ready) -> Answer:
    api.background.running = False
    return await send(api, "GET ready", ready)


async def back_in_time(api: Api, ready: Ready) -> Answer:
    return await send(api, "POST clock", ready, body={"advance_to": 1})


ENDS: dict[str, dict[int, Refused]] = {
    "GET ready": {503: not_running},
    "DELETE worlds/{key}": {404: about("DELETE worlds/{key}", key="sk_test_none")},
    **{f"POST worlds/{{key}}/{act}": {404: about(f"POST worlds/{{key}}/{act}", key="sk_test_none")} for act in ("reset", "fork", "snapshot", "restore")},
    "GET worlds/{key}/export": {404: about("GET worlds/{key}/export", key="sk_test_none")},
    "POST clock": {409: back_in_time},
    "GET events": {404: with_query("GET events", since="evt_none")},
    "GET events/wait": {
        404: with_query("GET events/wait", since="evt_none"),
        408: with_query("GET events/wait", type="payout.paid", timeout=0),
    },
    "POST events/{id}/resend": {404: about("POST events/{id}/resend", id="evt_none")},
    "GET deliveries/wait": {408: with_query("GET deliveries/wait", type="payout.paid", timeout=0)},
    "POST deliveries/{id}/replay": {404: about("POST deliveries/{id}/replay", id="dlv_none")},
    "POST expectations": {
        404: lambda api, ready: send(api, "POST expectations", ready, body={"contains": ["x"], "since": "evt_none"})
    },
    "GET requests/{id}": {404: about("GET requests/{id}", id="req_none")},
    "GET mail/wait": {
        404: with_query("GET mail/wait", since="mail_none"),
        408: with_query("GET mail/wait", to="nobody@example.com", timeout=0),
    },
    "GET mail/{id}": {404: about("GET mail/{id}", id="mail_none")},
    "DELETE faults/{id}": {404: about("DELETE faults/{id}", id="flt_none")},
    "POST acts/{act}": {404: about("POST acts/{act}", act="fly")},
}  # fmt: skip


def test_every_further_ending_is_shown() -> None:
    assert {line: set(ends) for line, ends in ENDS.items()} == {
        line: set(call.more) for line, call in CALLS.items() if call.more
    }


@pytest.mark.parametrize("line,status", [(line, status) for line, ends in ENDS.items() for status in ends])
async def test_how_else_it_may_end(saas: Api, ready: Ready, line: str, status: int) -> None:
    answer = await ENDS[line][status](saas, ready)
    assert answer.status == status, answer.text
    assert set(answer.json) == {"error"}
    assert set(answer.error) <= {"message", "param", "hint"}
    assert answer.error["message"]


@pytest.mark.parametrize("line", LINES)
async def test_strangers_and_wrong_keys_are_refused_everywhere(api: Api, line: str) -> None:
    """401 and 403 are described of every call; those about the whole server need no key."""
    method, _, path = line.partition(" ")
    path = path.replace("{key}", "sk_test_x").replace("{id}", "x").replace("{act}", "open_dispute")
    answer = await api.call(method, f"/_emulator/{path}", headers={"Host": "evil.example"})
    assert answer.status == 403, answer.text
    answer = await api.call(method, f"/_emulator/{path}", headers={"Authorization": "Bearer nonsense"})
    assert answer.status in (200, 400, 401, 404), answer.text


def test_the_document_says_what_is_needed() -> None:
    paths = document("http://127.0.0.1:12111", "/_emulator")["paths"]
    endpoint = paths["/endpoints"]["post"]["requestBody"]
    assert endpoint["required"] is True
    assert endpoint["content"]["application/json"]["schema"]["required"] == ["url", "secret"]
    assert "required" not in paths["/clock"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for methods in paths.values():
        for operation in methods.values():
            body = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})
            schema = body["content"]["application/json"]["schema"]
            assert set(schema.get("required", ())) <= set(schema.get("properties", ()))
            assert {"200", "400", "401", "403"} <= set(operation["responses"])


async def test_what_waits_is_woken_by_a_mail(api: Api) -> None:
    waiting = asyncio.create_task(api.get("/_emulator/mail/wait", {"to": "ADA@example.com"}))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    sent = await _mail(api)
    answer = await asyncio.wait_for(waiting, 5)
    assert (answer.status, answer.id) == (200, sent)


async def test_what_is_only_forgotten_is_not_told_as_due(api: Api) -> None:
    await _mail(api)
    assert (await api.ok("GET", "/_emulator/clock"))["next"] == []
