"""The names that control calls and Dashboard pages answer to: a stranger's site that leads to this machine reads nothing."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.app import build
from emulator.config import Config
from emulator.control.hosts import Hosts
from tests.support.client import Api

GUARDED = (
    "/_emulator/",
    "/_emulator/clock",
    "/_emulator/mail",
    "/_emulator/inspector/world",
    "/dashboard/customers",
    "/customer-portal-demo",
)
STRANGERS = (
    "evil.example",
    "evil.example:12111",
    "127.0.0.1.nip.io:12111",
    "localhost.evil.example",
    "a.test.evil.com",
)
OWN = (
    "localhost:12111", "LOCALHOST", "localhost.", "app.localhost:80", "127.0.0.1:12111", "[::1]:12111", "[fe80::1]", "192.168.1.7",
    "stripe", "stripe-emulator:12111", "host.docker.internal:12111", "mac.local", "stripe.test", "nas.home.arpa",
)  # fmt: skip


@pytest.mark.parametrize("host", STRANGERS)
def test_strangers(host: str) -> None:
    assert not Hosts().knows(host)


@pytest.mark.parametrize("host", OWN)
def test_names_that_nobody_else_can_have(host: str) -> None:
    assert Hosts().knows(host)


def test_names_that_were_allowed() -> None:
    hosts = Hosts(["Stripe.Example.com", "*.ci.example"], "https://emulator.example:8443")
    for name in ("stripe.example.com:12111", "a.ci.example", "a.b.ci.example", "emulator.example:8443"):
        assert hosts.knows(name), name
    for name in ("example.com", "x.stripe.example.com", "ci.example", "notci.example"):
        assert not hosts.knows(name), name
    assert Hosts(["*"]).knows("evil.example")


@pytest.mark.parametrize("path", GUARDED)
async def test_a_strangers_name_is_refused(saas: Api, path: str) -> None:
    for method in ("GET", "POST"):
        async with saas.client.request(method, path, headers={"Host": "evil.example:12111"}) as answer:
            text = await answer.text()
        assert answer.status == 403, text
        assert "this server does not answer to the name evil.example" in text
        assert "--allowed-host evil.example" in text
        assert "cus_demo" not in text
    async with saas.client.get(path, headers={"Host": "stripe-emulator:12111"}) as answer:
        assert answer.status == 200


async def test_the_api_and_hosted_pages_answer_to_any_name(saas: Api) -> None:
    host = {"Host": "billing.example.com"}
    session = await saas.ok("POST", "/v1/billing_portal/sessions", {"customer": "cus_demo"}, headers=host)
    path = "/p/session/" + session["url"].partition("/p/session/")[2]
    async with saas.client.get(path, headers=host) as answer:
        assert answer.status == 200


async def test_a_name_of_ones_own(aiohttp_client: Any) -> None:
    api = Api(await aiohttp_client(build(Config(world="saas", allowed_hosts=frozenset({"stripe.example.com"})))))
    assert (await api.get("/_emulator/clock", headers={"Host": "stripe.example.com"})).status == 200
    assert (await api.get("/_emulator/clock", headers={"Host": "evil.example.com"})).status == 403


async def test_a_request_without_a_name(live_server: Any) -> None:
    """HTTP/1.0 has none; browsers always send one."""
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", int(live_server.url.rpartition(":")[2]))
    writer.write(b"GET /_emulator/health HTTP/1.0\r\n\r\n")
    assert b" 200 " in await reader.readline()
    writer.close()
