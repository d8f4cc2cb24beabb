"""Mail passed on to a mail server: what it looks like there, and that nothing depends on the server."""

from __future__ import annotations

import asyncio
import base64
import email
import logging
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from emulator.app import build
from emulator.config import Config
from emulator.control import smtp
from emulator.control.smtp import MailServer
from tests.api.test_control_mail import look, sent
from tests.api.test_portal_login import mails
from tests.support.client import Api
from tests.support.portal import page


class Catcher:
    """A mail server that keeps what it gets; speaks as much of SMTP as is needed."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.came = asyncio.Event()
        self.refuse = False
        self.login: tuple[str, ...] = ()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 catcher\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.upper()
            if command.startswith("EHLO"):
                writer.write(b"250-catcher\r\n250-AUTH PLAIN\r\n250 SMTPUTF8\r\n")
            elif command.startswith("AUTH PLAIN"):
                self.login = tuple(base64.b64decode(line.split()[2]).decode().split("\0")[1:])
                writer.write(b"235 welcome\r\n")
            elif command.startswith("RCPT") and self.refuse:
                writer.write(b"550 nobody here\r\n")
            elif command == "DATA":
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
                self.messages.append(email.message_from_bytes(raw, policy=default))
                writer.write(b"250 kept\r\n")
                self.came.set()
            elif command == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    async def message(self) -> EmailMessage:
        async with asyncio.timeout(5):
            await self.came.wait()
        self.came.clear()
        return self.messages[-1]


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    made = Catcher()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def lines(part: Any) -> list[str]:
    content: str = part.get_content()
    return content.splitlines()


async def told(caplog: pytest.LogCaptureFixture, count: int) -> str:
    """Return the first line of the log once there are so many."""
    async with asyncio.timeout(5):
        while len(caplog.records) < count:  # noqa: ASYNC110 - logging has no event to wait for
            await asyncio.sleep(0.01)
    return caplog.records[0].getMessage()


async def started(aiohttp_client: Any, address: str) -> Api:
    return Api(await aiohttp_client(build(Config(world="empty", smtp=address))))


async def test_a_mail_arrives_as_text_and_html(aiohttp_client: Any, catcher: Catcher) -> None:
    api = await started(aiohttp_client, f"127.0.0.1:{catcher.port}")
    await api.ok("POST", "/_emulator/settings", {"business_name": "Käse\n& Söhne"})
    token = await sent(api, "ada@example.com")
    message = await catcher.message()
    kept = (await mails(api))[0]
    assert (message["To"], message["Subject"]) == ("ada@example.com", kept["subject"])
    assert message["From"].addresses[0].addr_spec == smtp.SENDER
    assert message[smtp.WORLD] == api.key
    assert message["Message-ID"] == f"<{kept['id']}@{smtp.DOMAIN}>"
    assert int(message["Date"].datetime.timestamp()) == kept["at"]
    assert message.get_content_type() == "multipart/alternative"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert lines(text) == kept["text"].splitlines()
    assert kept["code"] in text.get_content()
    assert lines(html) == kept["html"].splitlines()
    await page(api, "login_code", token, email="ada@example.com")
    await catcher.message()
    assert len(catcher.messages) == 2 == len(await mails(api))
    assert f"It is passed on to 127.0.0.1:{catcher.port} too." in (await look(api, "/_emulator/mail"))[1]


async def test_a_copy_of_a_world_sends_nothing_again(aiohttp_client: Any, catcher: Catcher) -> None:
    api = await started(aiohttp_client, f"smtp://user:p%40ss@127.0.0.1:{catcher.port}")
    await sent(api, "ada@example.com")
    await catcher.message()
    assert catcher.login == ("user", "p@ss")
    await api.ok("POST", f"/_emulator/worlds/{api.key}/fork", {"to": "sk_test_copy"})
    await api.ok("POST", "/v1/customers", {}, key="sk_test_copy")
    document = await api.ok("GET", f"/_emulator/worlds/{api.key}/export")
    await api.ok("POST", "/_emulator/worlds", {"key": "sk_test_twin", "document": document})
    await api.ok("POST", "/v1/customers", {}, key="sk_test_twin")
    await sent(api, "grace@example.com")
    assert (await catcher.message())["To"] == "grace@example.com"
    assert len(catcher.messages) == 2


async def test_a_failed_act_passes_nothing_on(
    aiohttp_client: Any, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await started(aiohttp_client, f"127.0.0.1:{catcher.port}")
    token = await sent(api, "ada@example.com")
    await catcher.message()

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("emulator.operations.execute.settle", broken)
        with pytest.raises(ZeroDivisionError):
            await page(api, "login_code", token, email="ada@example.com")
    await sent(api, "grace@example.com")
    assert (await catcher.message())["To"] == "grace@example.com"
    assert len(catcher.messages) == 2


async def test_what_fails_is_logged_and_the_next_is_sent(
    aiohttp_client: Any, catcher: Catcher, caplog: pytest.LogCaptureFixture
) -> None:
    api = await started(aiohttp_client, f"127.0.0.1:{catcher.port}")
    catcher.refuse = True
    with caplog.at_level(logging.WARNING, "emulator.control.smtp"):
        await sent(api, "ada@example.com")
        words = await told(caplog, 1)
    assert f"to ada@example.com was not passed on to 127.0.0.1:{catcher.port}: " in words
    assert "nobody here" in words
    assert [mail["to"] for mail in await mails(api)] == ["ada@example.com"]
    catcher.refuse = False
    await sent(api, "grace@example.com")
    assert (await catcher.message())["To"] == "grace@example.com"


async def test_a_mail_server_that_is_not_there(aiohttp_client: Any, caplog: pytest.LogCaptureFixture) -> None:
    api = await started(aiohttp_client, "127.0.0.1:1")
    with caplog.at_level(logging.WARNING, "emulator.control.smtp"):
        await sent(api, "ada@example.com", "grace@example.com")
        assert "Connect call failed" in (words := await told(caplog, 2)) or "refused" in words
    assert len(await mails(api)) == 2


@pytest.mark.parametrize(
    "text,server",
    [
        ("localhost:1025", MailServer("smtp", "localhost", 1025)),
        ("[::1]:1025", MailServer("smtp", "::1", 1025)),
        ("smtp://mailpit", MailServer("smtp", "mailpit", 25)),
        ("smtps://u:p@mail.test/", MailServer("smtps", "mail.test", 465, "u", "p")),
        ("smtp+starttls://mail.test:2525", MailServer("smtp+starttls", "mail.test", 2525)),
    ],
)
def test_addresses(text: str, server: MailServer) -> None:
    assert smtp.parsed(text) == server
    assert "u:p" not in str(server)


@pytest.mark.parametrize(
    "text", ["", "localhost", "localhost:x", "localhost:99999", "http://a:25", "a:25/inbox", ":25", "smtp://a:25?x=1"]
)
def test_what_is_no_mail_server(text: str) -> None:
    with pytest.raises(ValueError):
        smtp.parsed(text)
