"""Decides how mail is passed on to a mail server, such as a catcher with a web page; what fails there is logged and hurts nobody."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space
from emulator.resources.mailbox import KIND

log = logging.getLogger(__name__)

PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
TIMEOUT: Final = 5.0  # seconds that a mail server has for each of its answers
LAST: Final = 2.0  # seconds that what is still to be sent gets when the server stops
WAITING: Final = 1000  # mails of acts that are not stored yet, or never will be
DOMAIN: Final = "stripe-emulator.test"  # nobody's (RFC 6761): an answer goes nowhere
SENDER: Final = f"billing@{DOMAIN}"
WORLD: Final = "X-Stripe-Emulator-World"  # whose mail it is: a catcher gets that of all tests


class MailServer(NamedTuple):
    """Where mail is passed on to; ``scheme`` is one of PORTS."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str = ""

    def __str__(self) -> str:
        """Return the address without the password."""
        return f"{self.host}:{self.port}"


def parsed(text: str) -> MailServer:
    """Return the mail server of ``HOST:PORT`` or ``smtp://[USER:PASSWORD@]HOST[:PORT]``; raises ValueError for what is none.

    ``smtps://`` encrypts from the beginning, ``smtp+starttls://`` after a greeting; certificates are verified.
    """
    parts = urlsplit(text if "://" in text else f"smtp://{text}")
    port = parts.port  # ValueError for what is no port
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(text)
    if port is None and "://" not in text:
        raise ValueError(text)
    user = unquote(parts.username) if parts.username else None
    return MailServer(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, unquote(parts.password or ""))


def message(mail: Doc, words: Doc, key: str) -> EmailMessage:
    """Return a stored mail with its words as it travels: a text, and the same as HTML. Raises ValueError for no address."""
    made = EmailMessage()
    business = mail["facts"].get("business")
    made["From"] = formataddr((_line(business), SENDER)) if business else SENDER
    made["To"] = mail["to"]
    made["Subject"] = _line(words["subject"])
    made["Date"] = format_datetime(datetime.fromtimestamp(mail["created"], UTC))
    made["Message-ID"] = f"<{mail['id']}@{DOMAIN}>"
    made[WORLD] = key
    made.set_content(words["text"])
    if words["html"]:
        made.add_alternative(words["html"], subtype="html")
    return made


def _line(text: str) -> str:
    return " ".join(text.split())


def send(server: MailServer, made: EmailMessage) -> None:
    """Hand a message to a mail server; raises OSError (``smtplib.SMTPException`` is one) or ValueError."""
    import smtplib  # with the first mail
    import ssl

    if server.scheme == "smtps":
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with line:
        if server.scheme == "smtp+starttls":
            line.starttls(context=ssl.create_default_context())
        if server.user is not None:
            line.login(server.user, server.password)
        line.send_message(made)


class Forwarder:
    """Passes on what is stored in mailboxes, in order and beside the requests."""

    def __init__(
        self, engine: Engine, server: MailServer, deliver: Callable[[MailServer, EmailMessage], None] = send
    ) -> None:
        self.server = server
        self._engine = engine
        self._deliver = deliver
        self._posted: deque[Doc] = deque(maxlen=WAITING)
        self._queue: asyncio.Queue[tuple[str, Doc]] = asyncio.Queue()
        self._task: asyncio.Task[Any] | None = None
        engine.mail_goes_to = str(server)
        engine.mail_posted.append(self._posted.append)
        engine.after_commit.append(self.committed)

    def committed(self, space: Space, _events: Sequence[Doc], _rows: Sequence[Doc]) -> None:
        """Hear of a commit: what was posted and is stored now is passed on; what a failed act posted never is."""
        for mail in list(self._posted):
            if self._engine.store.peek(space.store_name, KIND, mail["id"]) == mail:  # type: ignore[attr-defined]
                self._posted.remove(mail)
                self._queue.put_nowait((space.key, mail))

    async def start(self) -> None:
        """Start the task that sends."""
        self._task = asyncio.create_task(self._run(), name="mail")

    async def stop(self) -> None:
        """Send what is still there, for a moment, and end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST):
                await self._queue.join()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            key, mail = await self._queue.get()
            try:
                await self._sent(key, mail)
            except (OSError, ValueError) as error:
                reason = " ".join(str(error).split()) or type(error).__name__
                log.warning("mail %s to %s was not passed on to %s: %s", mail["id"], mail["to"], self.server, reason)
            except Exception:
                log.exception("mail %s to %s was not passed on to %s", mail["id"], mail["to"], self.server)
            finally:
                self._queue.task_done()

    async def _sent(self, key: str, mail: Doc) -> None:
        words = self._engine.letters(mail) if self._engine.letters is not None else {}
        await asyncio.to_thread(self._deliver, self.server, message(mail, words, key))
