"""The mailbox of a world: read, filtered, emptied, and looked at in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.app import build
from emulator.config import Config
from tests.api.test_portal_login import START, door, mails
from tests.support.client import Api
from tests.support.portal import page

if TYPE_CHECKING:
    from aiohttp import ClientResponse

MAIL = "/_emulator/mail"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


async def sent(api: Api, *addresses: str) -> str:
    """Send codes to these addresses; returns the token of the login page."""
    await api.freeze(START)
    _, token = await door(api)
    for address in addresses:
        await api.ok("POST", "/v1/customers", {"email": address})
        await page(api, "login_code", token, email=address)
    return token


async def look(api: Api, path: str, **headers: str) -> tuple[ClientResponse, str]:
    async with api.client.get(path, headers={**BROWSER, **headers}) as answer:
        return answer, await answer.text()


async def test_newest_first_and_by_reader(api: Api) -> None:
    await sent(api, "a@example.com", "b@example.com", "a2@example.com")
    assert [mail["to"] for mail in await mails(api)] == ["a2@example.com", "b@example.com", "a@example.com"]
    assert [mail["to"] for mail in await mails(api, "B@example.com")] == ["b@example.com"]
    mail = (await mails(api))[0]
    assert set(mail) == {"id", "at", "to", "about", "subject", "text", "html", "links", "code"}
    assert (mail["at"], mail["about"], mail["links"]) == (START, "login_code", [])
    assert await api.ok("GET", f"{MAIL}/{mail['id']}") == mail
    some = await api.ok("GET", MAIL, {"limit": 2})
    assert (len(some["data"]), some["has_more"]) == (2, True)


async def test_emptied(api: Api) -> None:
    await sent(api, "a@example.com", "b@example.com")
    assert await api.ok("DELETE", MAIL, {"to": "a@example.com"}) == {}
    assert [mail["to"] for mail in await mails(api)] == ["b@example.com"]
    await api.ok("DELETE", MAIL)
    assert await mails(api) == []


async def test_each_world_has_its_own(api: Api) -> None:
    await sent(api, "a@example.com")
    other = await api.get(MAIL, key="sk_test_other")
    assert other.json["data"] == []
    assert (await api.get(f"{MAIL}/{(await mails(api))[0]['id']}", key="sk_test_other")).status == 404
    assert (await api.get(MAIL, {"from": "x"})).status == 400


async def test_a_page_for_browsers(api: Api) -> None:
    await sent(api, "<b>@example.com")
    mail = (await mails(api))[0]
    for path in (f"{MAIL}?key=sk_test_tests", f"{MAIL}?key=pk_test_tests", f"{MAIL}/{mail['id']}?key=pk_test_tests"):
        answer, html = await look(api, path)
        assert answer.content_type == "text/html"
        assert mail["code"] in html
        assert "&lt;b&gt;@example.com" in html
        assert "<b>" not in html
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert mail["code"] not in (await look(api, MAIL))[1], "without a key it is the demo world's"
    answer, _ = await look(api, f"{MAIL}?key=nonsense")
    assert answer.status == 401


async def test_a_failed_act_sends_nothing(api: Api, monkeypatch: Any) -> None:
    token = await sent(api, "a@example.com")
    space = await api.space()

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("emulator.operations.execute.settle", broken)
    with pytest.raises(ZeroDivisionError):
        await api.engine.run(space, "portal:login_code", {"token": token, "email": "a@example.com"}, actor="portal")
    assert len(await mails(api)) == 1


async def test_only_the_server_s_keys(aiohttp_client: Any) -> None:
    api = Api(await aiohttp_client(build(Config(world="empty", keys=frozenset({"sk_test_a"})))), "sk_test_a")
    assert (await api.get(MAIL)).status == 200
    assert (await api.get(MAIL, {"key": "sk_test_b"})).status == 401


async def test_mail_survives_an_export(api: Api) -> None:
    await sent(api, "a@example.com")
    document = await api.ok("GET", "/_emulator/worlds/sk_test_tests/export")
    before = await mails(api)
    await api.ok("POST", "/_emulator/worlds", {"key": "sk_test_twin", "document": document})
    assert (await api.get(MAIL, key="sk_test_twin")).json["data"] == before
