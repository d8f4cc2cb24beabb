"""Calls of the API pass the router by and print their own heads: what HTTP asks for stays as it is."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

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


def said(live: LiveServer, *parts: str) -> str:
    """Return all that the server says to these parts of a conversation, until it ends it."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        heard = b""
        for part in parts:
            line.sendall(part.encode())
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
