"""Calls of the API pass the router by and print their own heads: what HTTP asks for stays as it is."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from emulator.api import connection, replies
from emulator.app import Runner, build
from emulator.config import Config
from tests.support.live import LiveServer

AUTHORIZED = "Host: localhost\r\nAuthorization: Bearer sk_test_front\r\n"
GET = "GET /v1/customers HTTP/1.1\r\n" + AUTHORIZED
BODY = "name=Jenny+Rosen"
POST = (
    "POST /v1/customers HTTP/1.1\r\n"
    + AUTHORIZED
    + f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(BODY)}\r\n"
)


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer()
    server.start()
    yield server
    server.stop()


def said(live: LiveServer, *parts: str | bytes) -> str:
    """Return all that the server says to these parts of a conversation, until it ends it."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        heard = b""
        for part in parts:
            line.sendall(part if isinstance(part, bytes) else part.encode())
            if part is not parts[-1]:
                heard += line.recv(65_536)
        while piece := line.recv(65_536):
            heard += piece
    return heard.decode()


def test_a_connection_that_is_to_end_is_ended(live: LiveServer) -> None:
    answer = said(live, GET + "Connection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nConnection: close\r\n" in answer
    assert "\r\nRequest-Id: req_" in answer


def test_an_old_http_is_answered_in_it(live: LiveServer) -> None:
    answer = said(live, GET.replace("HTTP/1.1", "HTTP/1.0") + "\r\n")
    assert answer.startswith("HTTP/1.0 200 OK\r\n")
    assert "\r\n\r\n{" in answer


def test_two_calls_on_one_connection(live: LiveServer) -> None:
    answer = said(live, GET + "\r\n" + GET + "Connection: close\r\n\r\n")
    assert answer.count("HTTP/1.1 200 OK\r\n") == 2
    head = answer.partition("\r\n\r\n")[0]
    assert "\r\nDate: " in head
    assert head.endswith(" GMT")
    assert "\r\nContent-Length: " in head


def test_a_body_may_be_waited_for(live: LiveServer) -> None:
    late = said(live, POST + "Connection: close\r\nExpect: 100-continue\r\n\r\n", BODY)
    assert late.startswith("HTTP/1.1 100 Continue\r\n")
    assert '"name": "Jenny Rosen"' in late


def test_a_body_in_two_pieces(live: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall((POST + "\r\n" + BODY[:4]).encode())
        time.sleep(0.05)
        line.sendall(BODY[4:].encode())
        assert b'"name": "Jenny Rosen"' in line.recv(65_536)


@pytest.mark.parametrize(("path", "head", "body"), [
    ("customers", "Content-Encoding: gzip\r\n", b"hello"),
    ("customers", "Content-Encoding: gzip\r\n", gzip.compress(b"name=Jenny", mtime=0)[:-6] + b"abcdef"),
    ("files", "Content-Type: multipart/form-data; boundary=b\r\n", b"--b\r\nfoo"),
])  # fmt: skip
def test_a_body_that_is_not_what_its_head_says_is_refused(live: LiveServer, path: str, head: str, body: bytes) -> None:
    begin = f"POST /v1/{path} HTTP/1.1\r\n{AUTHORIZED}{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = said(live, begin.encode() + body)
    assert answer.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "Invalid request: the body cannot be read." in answer or "not a valid multipart form" in answer


def test_a_body_that_does_not_say_how_long_it_is_has_the_same_limit(live: LiveServer) -> None:
    begin = POST.partition("Content-Length")[0] + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    answer = said(live, begin.encode() + piece * 65 + b"0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 413 ")
    assert "Request body is too large." in answer


def test_a_body_that_is_too_large_ends_the_connection(live: LiveServer) -> None:
    size = 5 * 1024 * 1024
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall(f"{POST.partition('Content-Length')[0]}Content-Length: {size}\r\n\r\n".encode() + b"x" * size)
        heard = b""
        while piece := line.recv(65_536):  # until the server hangs up: a line that stays open is a timeout here
            heard += piece
    assert heard.startswith(b"HTTP/1.1 413 ")
    assert heard.count(b"\r\nConnection: close\r\n") == 1


def test_a_caller_who_leaves_in_the_middle_is_one_line_in_the_log(
    live: LiveServer, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall((POST + "\r\n" + BODY[:4]).encode())
        time.sleep(0.05)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends it by a reset
    deadline = time.monotonic() + 5
    while not caplog.records:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (record,) = caplog.records
    assert record.getMessage().startswith("A request broke off: Connection")
    assert record.exc_info is None


def test_a_browser_full_of_cookies_is_served(live: LiveServer) -> None:
    assert said(live, GET + f"Cookie: a={'x' * 20_000}\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 200 OK\r\n")


def test_a_head_has_one_line_for_each_header(live: LiveServer) -> None:
    answer = said(live, POST + "Connection: close\r\nIdempotency-Key: a\tb\r\n\r\n" + BODY)
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nIdempotency-Key: a\tb\r\n" in answer


def test_nothing_is_answered_to_head(live: LiveServer) -> None:
    answer = said(live, GET.replace("GET", "HEAD") + "Connection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 404 Not Found\r\n")
    assert answer.endswith("\r\n\r\n")


def test_what_is_no_call_goes_to_the_application(live: LiveServer) -> None:
    page = said(live, "GET /_emulator/health HTTP/1.1\r\n" + AUTHORIZED + "Connection: close\r\n\r\n")
    assert page.startswith("HTTP/1.1 200 OK\r\n")
    listener = said(live, POST.replace("customers", "stripecli/sessions") + "Connection: close\r\n\r\n" + BODY)
    assert "Unrecognized request URL" not in listener


def fault(live: LiveServer, body: str) -> None:
    """Let something go wrong with the next creation of a customer."""
    head = f"POST /_emulator/faults HTTP/1.1\r\n{AUTHORIZED}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    assert said(live, head + "Connection: close\r\n\r\n" + body).startswith("HTTP/1.1 20")


def test_a_call_that_waits_keeps_nobody_waiting(live: LiveServer) -> None:
    fault(live, '{"match": {"method": "POST"}, "action": {"latency": "300ms"}, "times": 1}')
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as slow:
        slow.sendall((POST + "\r\n" + BODY).encode())
        begun = time.monotonic()
        assert said(live, GET + "Connection: close\r\n\r\n").startswith("HTTP/1.1 200 OK\r\n")
        assert time.monotonic() - begun < 0.25
        slow.sendall((GET + "\r\n").encode())  # on the same connection it waits its turn
        heard = b""
        while heard.count(b"HTTP/1.1 200 OK\r\n") < 2:
            heard += slow.recv(65_536)
        assert heard.index(b'"name": "Jenny Rosen"') < heard.rindex(b"HTTP/1.1 200 OK\r\n")


def test_a_call_whose_caller_has_left_is_finished(live: LiveServer) -> None:
    fault(live, '{"match": {"method": "POST"}, "action": {"latency": "150ms"}, "times": 1}')
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as slow:
        slow.sendall((POST + "\r\n" + BODY.replace("Jenny", "Early")).encode())
        time.sleep(0.05)
    deadline = time.monotonic() + 5
    while "Early Rosen" not in said(live, GET + "Connection: close\r\n\r\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_call_whose_caller_left_at_once_is_finished(live: LiveServer) -> None:
    fault(live, '{"match": {"method": "POST"}, "action": {"latency": "50ms"}, "times": 1}')
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as slow:
        slow.sendall((POST + "\r\n" + BODY.replace("Jenny", "Quick")).encode())
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    deadline = time.monotonic() + 5
    while "Quick Rosen" not in said(live, GET + "Connection: close\r\n\r\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("count", [2, 40])
def test_calls_that_come_in_one_piece_are_answered_in_their_order(live: LiveServer, count: int) -> None:
    calls = [POST + "\r\n" + BODY.replace("Jenny", f"No{number:03}") for number in range(count)]
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall("".join(calls).encode())
        heard = b""
        while heard.count(b"HTTP/1.1 200 OK\r\n") < count or not heard.endswith(b"}"):
            heard += line.recv(65_536)
    assert re.findall(rb'"name": "(No\d+)', heard) == [f"No{number:03}".encode() for number in range(count)]


def test_a_broken_connection_is_broken_where_it_arrived(live: LiveServer) -> None:
    fault(live, '{"match": {"method": "POST"}, "action": {"connection": "reset_after"}, "times": 1}')
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall((POST + "\r\n" + BODY).encode())
        with pytest.raises(ConnectionResetError):
            line.recv(65_536)
    assert said(live, GET + "Connection: close\r\n\r\n").startswith("HTTP/1.1 200 OK\r\n")


def posted(live: LiveServer, path: str, body: str) -> dict[str, object]:
    head = f"POST {path} HTTP/1.1\r\n{AUTHORIZED}Content-Type: application/x-www-form-urlencoded\r\n"
    answer = said(live, f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
    found: dict[str, object] = json.loads(answer.partition("\r\n\r\n")[2])
    return found


@pytest.fixture(scope="module")
def page(live: LiveServer) -> str:
    """The request of a portal's home page, its head still open."""
    customer = posted(live, "/v1/customers", BODY)["id"]
    posted(live, "/v1/billing_portal/configurations", "features[invoice_history][enabled]=true")
    url = str(posted(live, "/v1/billing_portal/sessions", f"customer={customer}")["url"])
    return f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: localhost\r\n"


def test_a_page_is_the_same_where_it_arrived_and_by_the_library(live: LiveServer, page: str) -> None:
    at_once, by_library = said(live, page + "\r\n" + page + "Connection: close\r\n\r\n").split("HTTP/1.1 ")[1:]
    again = said(live, page + "\r\n", page + "Connection: close\r\n\r\n").split("HTTP/1.1 ")[1:]
    heads = [[line for line in one.split("\r\n\r\n")[0].split("\r\n") if line != "Connection: close"]
             for one in (at_once, by_library, *again)]  # fmt: skip
    assert {line.partition(":")[0] for line in heads[0]} >= {
        "200 OK",
        "Content-Length",
        "Date",
        "Server",
        "X-Frame-Options",
    }
    told = [sorted(line for line in head if not line.startswith("Date: ")) for head in heads]
    assert told[0] == told[1] == told[2] == told[3]
    assert len({one.split("\r\n\r\n")[1] for one in (at_once, by_library, *again)}) == 1
    length = next(int(line.partition(": ")[2]) for line in heads[0] if line.startswith("Content-Length"))
    assert length == len(at_once.split("\r\n\r\n")[1].encode())


def test_a_page_that_sets_a_cookie_sets_it(live: LiveServer, page: str) -> None:
    asked = page.replace(" HTTP", "?lang=de HTTP")
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall(f"{asked}\r\n".encode())
        answer = line.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 303 See Other\r\n")
    assert answer.count("\r\nSet-Cookie: portal_language=de;") == 1


def test_nothing_but_a_head_is_answered_to_head_of_a_page(live: LiveServer, page: str) -> None:
    answer = said(live, page.replace("GET", "HEAD") + "Connection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert answer.endswith("\r\n\r\n")


@pytest.mark.parametrize("response", [
    web.Response(text="a", headers={"X-Bad": "a\nSet-Cookie: b=c"}),
    web.StreamResponse(),
    web.Response(body=io.BytesIO(b"file")),
], ids=["a header of two lines", "a stream", "a file"])  # fmt: skip
def test_what_is_more_than_head_and_text_is_left_to_the_library(response: web.StreamResponse) -> None:
    assert replies.printed(response) is None


async def test_what_the_library_would_do_to_a_response_is_left_to_it() -> None:
    packed, parts, last = web.Response(text="a"), web.Response(text="a"), web.Response(text="a")
    packed.enable_compression()
    parts.enable_chunked_encoding()
    last.force_close()
    assert [replies.printed(one) for one in (packed, parts, last)] == [None, None, None]
    empty = replies.printed(web.Response(status=204))
    assert empty is None or b"Content-Length" not in empty


def test_another_http_library_serves_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.fits(), "the installed library is the one that was built upon"
    monkeypatch.setattr(connection, "BUILT_UPON", connection.BUILT_UPON | {"_something_new"})
    server = LiveServer()
    server.start()
    try:
        assert '"name": "Jenny Rosen"' in said(server, POST + "Connection: close\r\n\r\n" + BODY)
    finally:
        server.stop()


class Line(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.heard.append(bytes(data))

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


@pytest.fixture
async def lines() -> AsyncIterator[list[tuple[connection.Connection, Line]]]:
    """Three connections of a server whose loop is the test's own."""
    runner = Runner(build(Config(world="empty")))
    await runner.setup()
    made = []
    for _ in range(3):
        assert runner.server is not None
        protocol, line = runner.server(), Line()
        assert isinstance(protocol, connection.Connection)
        protocol.connection_made(line)
        made.append((protocol, line))
    await asyncio.sleep(0)
    yield made
    await runner.cleanup()


async def test_answers_of_one_round_leave_together(lines: list[tuple[connection.Connection, Line]]) -> None:
    for protocol, _ in lines:
        protocol.data_received(f"{POST}\r\n{BODY}".encode())
    assert [line.heard for _, line in lines] == [[], [], []]
    await asyncio.sleep(0)
    assert [len(line.heard) for _, line in lines] == [1, 1, 1]
    assert all(line.heard[0].startswith(b"HTTP/1.1 200 OK") for _, line in lines)


async def test_a_caller_who_has_gone_costs_the_others_nothing(
    lines: list[tuple[connection.Connection, Line]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(data: object) -> None:
        raise RuntimeError(data)

    for protocol, _ in lines:
        protocol.data_received(f"{GET}\r\n".encode())
    gone = lines[0][1]
    monkeypatch.setattr(gone, "is_closing", lambda: True)
    monkeypatch.setattr(gone, "write", refused)
    await asyncio.sleep(0)
    assert [len(line.heard) for _, line in lines] == [0, 1, 1]


async def test_a_long_round_keeps_nobody_waiting(
    lines: list[tuple[connection.Connection, Line]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LONGEST_ROUND", -1.0)
    for protocol, line in lines:
        protocol.data_received(f"{GET}\r\n".encode())
        assert len(line.heard) == 1


async def test_what_is_answered_is_sent_before_a_connection_ends(
    lines: list[tuple[connection.Connection, Line]],
) -> None:
    protocol, line = lines[0]
    protocol.data_received(f"{GET}\r\n".encode())
    assert line.heard == []
    await protocol.shutdown(1)
    assert len(line.heard) == 1
