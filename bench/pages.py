"""Decides how the portal's pages are measured: rate against a bare handler of a small JSON, first byte, weight."""

from __future__ import annotations

import re
import socket
import statistics
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from bench import load
from bench.load import Call
from bench.measures import Result, Settings, taken_in_turn
from bench.servers import ask, created, running, start_bare, start_emulator

if TYPE_CHECKING:
    from bench.servers import Server

BUYER = {"name": "Jenny Rosen", "email": "jenny@example.com", "payment_method": "pm_card_visa",
         "invoice_settings[default_payment_method]": "pm_card_visa"}  # fmt: skip
INVOICES, OPENED = 10, 200
SMALL = '{"id": "cus_1", "object": "customer", "name": "Jenny Rosen", "email": "jenny@example.com"}'


def _portal(server: Server) -> str:
    """Return the path of a session whose customer has a subscription and ten invoices."""
    buyer = created(server.port, "/v1/customers", urlencode(BUYER))["id"]
    price = created(
        server.port,
        "/v1/prices",
        urlencode(
            {"currency": "usd", "unit_amount": 4900, "recurring[interval]": "month", "product_data[name]": "Team"}
        ),
    )
    created(server.port, "/v1/subscriptions", urlencode({"customer": buyer, "items[0][price]": price["id"]}))
    for number in range(INVOICES - 1):
        item = {"customer": buyer, "amount": 1000 + number, "currency": "usd", "description": f"Work {number}"}
        created(server.port, "/v1/invoiceitems", urlencode(item))
        bill = {"customer": buyer, "pending_invoice_items_behavior": "include"}
        invoice = created(server.port, "/v1/invoices", urlencode(bill))
        created(server.port, f"/v1/invoices/{invoice['id']}/pay", "")
    session = created(server.port, "/v1/billing_portal/sessions", urlencode({"customer": buyer}))
    return str(urlsplit(session["url"]).path)


def _first_byte(port: int, path: str) -> float:
    """Return the seconds from the request to the first byte of its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        begun = time.perf_counter()
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        sock.recv(1)
        return time.perf_counter() - begun


def _weight(port: int, path: str) -> int:
    """Return the bytes of a page with its style sheets and scripts."""
    _, _, html = ask(port, "GET", path)
    assets = re.findall(r'(?:href|src)="(/portal-assets/[^"]+)"', html)
    return len(html.encode()) + sum(len(ask(port, "GET", url)[2].encode()) for url in assets)


def portal_home(settings: Settings) -> list[Result]:
    """GET the portal's home page with ten invoices."""
    server = start_emulator(uvloop=settings.uvloop)
    answer = {
        "method": "GET",
        "path": "/",
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": SMALL,
    }
    bare = start_bare([answer], uvloop=settings.uvloop)
    with running(server, bare):
        path = _portal(server)
        page, small = Call("GET", path), Call("GET", "/")
        for port, call in ((server.port, page), (bare.port, small)):
            load.rate(port, call, 1.0)
        ours, theirs, ratio = taken_in_turn(
            lambda: load.rate(server.port, page, settings.seconds),
            lambda: load.rate(bare.port, small, settings.seconds),
            settings.pairs,
        )
        first = statistics.median(_first_byte(server.port, path) for _ in range(OPENED)) * 1000
        weight = _weight(server.port, path) / 1000
    return [
        Result("portal home with ten invoices", ratio, 0.12, True, "x bare", f"{ours:,.0f}/s against {theirs:,.0f}/s"),
        Result("first byte of the portal home (p50)", first, 15, False, "ms", f"{OPENED} times"),
        Result("weight of the portal home", weight, 60, False, "kB", "page, style sheets and scripts"),
    ]
