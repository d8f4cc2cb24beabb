"""Decides what is measured, against what target, and how: every row is a ratio of figures taken in turn in one run."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from bench import load
from bench.load import Call
from bench.measures import Result, Settings, taken_in_turn
from bench.pages import portal_home
from bench.servers import Server, ask, created, record, running, start_bare, start_emulator

CUSTOMER = {
    "name": "Jenny Rosen",
    "email": "jenny@example.com",
    "phone": "+15555550100",
    "description": "Customer of the benchmark",
    "address[line1]": "510 Townsend St",
    "address[city]": "San Francisco",
    "address[state]": "CA",
    "address[postal_code]": "94103",
    "address[country]": "US",
    "metadata[order]": "6735",
}
PAYING = {**CUSTOMER, "payment_method": "pm_card_visa", "invoice_settings[default_payment_method]": "pm_card_visa"}
FEW, LISTED, SUBSCRIBERS = 100, 10_000, 200
MONTHS, MONTH, HOUR = 12, 31 * 86_400, 3600
ON_CLOCK = 3  # customers that a test clock takes


def _against_bare(server: Server, name: str, call: Call, target: float, settings: Settings) -> Result:
    answer = record(server.port, call.method, call.path, call.bodies[0] if call.bodies else None)
    bare = start_bare([answer], uvloop=settings.uvloop)
    with running(bare):
        for port in (server.port, bare.port):
            load.rate(port, call, 1.0)
        ours, theirs, ratio = taken_in_turn(
            lambda: load.rate(server.port, call, settings.seconds),
            lambda: load.rate(bare.port, call, settings.seconds),
            settings.pairs,
        )
    return Result(name, ratio, target, True, "x bare", f"{ours:,.0f}/s against {theirs:,.0f}/s")


def _customers(server: Server, count: int) -> None:
    load.send_all(server.port, Call("POST", "/v1/customers", [urlencode(CUSTOMER)] * count))


def retrieve_customer(settings: Settings) -> Result:
    """GET /v1/customers/ID."""
    server = start_emulator(uvloop=settings.uvloop)
    with running(server):
        customer = created(server.port, "/v1/customers", urlencode(CUSTOMER))
        call = Call("GET", f"/v1/customers/{customer['id']}")
        return _against_bare(server, "retrieve customer", call, 0.80, settings)


def create_customer(settings: Settings) -> Result:
    """POST /v1/customers with ten parameters; one event each."""
    server = start_emulator(uvloop=settings.uvloop)
    with running(server):
        call = Call("POST", "/v1/customers", [urlencode(CUSTOMER)])
        return _against_bare(server, "create customer", call, 0.55, settings)


def list_customers(settings: Settings) -> Result:
    """GET /v1/customers?limit=10 in a world of 10,000."""
    server = start_emulator(uvloop=settings.uvloop)
    with running(server):
        _customers(server, LISTED)
        call = Call("GET", "/v1/customers?limit=10")
        return _against_bare(server, f"list 10 of {LISTED:,}", call, 0.75, settings)


def _monthly(port: int) -> dict[str, Any]:
    """Make a product and return its price of $49 a month."""
    product = created(port, "/v1/products", "name=Team")
    terms = {"product": product["id"], "currency": "usd", "unit_amount": 4900, "recurring[interval]": "month"}
    return created(port, "/v1/prices", urlencode(terms))


def create_subscription(settings: Settings) -> Result:
    """POST /v1/subscriptions that finalises an invoice and takes the payment."""
    server = start_emulator(uvloop=settings.uvloop)
    with running(server):
        price = _monthly(server.port)
        buyers = [created(server.port, "/v1/customers", urlencode(PAYING))["id"] for _ in range(SUBSCRIBERS)]
        bodies = [urlencode({"customer": buyer, "items[0][price]": price["id"]}) for buyer in buyers]
        first = created(server.port, "/v1/subscriptions", bodies[0])
        if first["status"] != "active":
            raise RuntimeError(f"the subscription of the benchmark is {first['status']}, not active: nothing was paid")
        call = Call("POST", "/v1/subscriptions", bodies)
        found = _against_bare(server, "create subscription, invoiced and paid", call, 0.20, settings)
        return dataclasses.replace(
            found, detail=f"{found.detail}; first look at all events {_first_look(server):.1f} s"
        )


def _first_look(server: Server) -> float:
    """Look for events, which makes those that nobody has waited for; return how long it took in seconds."""
    began = time.perf_counter()
    ask(server.port, "GET", "/v1/events?limit=1")
    return time.perf_counter() - began


def start(settings: Settings) -> Result:
    """From the start of the process to the first answer."""

    def emulator() -> float:
        server = start_emulator()
        server.stop()
        return server.started_in

    def bare() -> float:
        # The plain thing: `from aiohttp import web`, a route, the stock loop.
        server = start_bare([{"method": "GET", "path": "/", "status": 200, "headers": {}, "body": ""}], uvloop=False)
        server.stop()
        return server.started_in

    emulator(), bare()  # the first start of each compiles modules and fills the disk cache
    ours, theirs, ratio = taken_in_turn(emulator, bare, settings.starts)
    return Result("start to first answer", ratio, 1.10, False, "x bare", f"{ours * 1e3:.0f} ms, {theirs * 1e3:.0f} ms")


def at_many(settings: Settings) -> list[Result]:
    """Compare a world of 100 customers with one of 100,000, and weigh the difference."""
    small, large = start_emulator(uvloop=settings.uvloop), start_emulator(uvloop=settings.uvloop)
    with running(small, large):
        for server in (small, large):
            _customers(server, FEW)
            load.rate(server.port, Call("GET", "/v1/customers?limit=10"), 1.0)
        before = large.rss()
        _customers(large, settings.many - FEW)
        _first_look(large)
        weight = (large.rss() - before) / (settings.many - FEW) / 1000
        found = []
        for name, path in (("retrieve", "/v1/customers/{id}"), ("list 10", "/v1/customers?limit=10")):
            calls = {server.port: Call("GET", path.format(id=_middle(server))) for server in (small, large)}
            for port, call in calls.items():
                load.rate(port, call, 1.0)
            many, few, ratio = taken_in_turn(
                lambda c=calls: load.rate(large.port, c[large.port], settings.seconds),  # type: ignore[misc]
                lambda c=calls: load.rate(small.port, c[small.port], settings.seconds),  # type: ignore[misc]
                settings.pairs,
            )
            title = f"{name} at {settings.many:,} customers"
            found.append(Result(title, ratio, 0.90, True, f"x at {FEW}", f"{many:,.0f}/s against {few:,.0f}/s"))
        title = "memory per customer with its event"
        found.append(Result(title, weight, 8.0, False, "kB", f"{large.rss() / 1e6:,.0f} MB in all"))
        return found


def renewals(settings: Settings) -> list[Result]:
    """Twelve months over 200 monthly subscriptions on test clocks, and how long others wait meanwhile."""
    server = start_emulator(uvloop=settings.uvloop)
    with running(server):
        price = _monthly(server.port)
        begin = 1_793_000_000
        clocks: list[str] = []
        for number in range(SUBSCRIBERS):
            if number % ON_CLOCK == 0:
                clocks.append(_clock(server, begin))
            buyer = created(server.port, "/v1/customers", urlencode({**PAYING, "test_clock": clocks[-1]}))["id"]
            created(server.port, "/v1/subscriptions", urlencode({"customer": buyer, "items[0][price]": price["id"]}))
        created(server.port, "/v1/webhook_endpoints", urlencode({"url": "record://bench", "enabled_events[0]": "*"}))
        spent, waits = 0.0, list[float]()
        for months in range(1, MONTHS + 1):
            target = begin + months * MONTH + 2 * HOUR
            began = time.perf_counter()
            for clock in clocks:
                path = f"/v1/test_helpers/test_clocks/{clock}/advance"
                created(server.port, path, urlencode({"frozen_time": target}))
            for clock in clocks:
                _until_ready(server, clock, waits)
            spent += time.perf_counter() - began
        paid = SUBSCRIBERS * MONTHS
        slowest = sorted(waits)[int(len(waits) * 0.99)] * 1000
        return [
            Result("renewals on test clocks", paid / spent, 400, True, "/s", f"{paid} in {spent:.1f} s"),
            Result("another request meanwhile (p99)", slowest, 50, False, "ms", f"{len(waits)} requests"),
        ]


def _clock(server: Server, at: int) -> str:
    return str(created(server.port, "/v1/test_helpers/test_clocks", urlencode({"frozen_time": at}))["id"])


def _until_ready(server: Server, clock: str, waits: list[float]) -> None:
    """Ask for a clock until it stands still again; ``waits`` gets how long each answer took."""
    while True:
        asked = time.perf_counter()
        _, _, text = ask(server.port, "GET", f"/v1/test_helpers/test_clocks/{clock}")
        waits.append(time.perf_counter() - asked)
        if json.loads(text)["status"] == "ready":
            return
        time.sleep(0.02)


def _middle(server: Server) -> str:
    return str(created(server.port, "/v1/customers", urlencode(CUSTOMER))["id"])


ROWS: dict[str, Callable[[Settings], Result | list[Result]]] = {
    "retrieve": retrieve_customer,
    "create": create_customer,
    "list": list_customers,
    "subscription": create_subscription,
    "start": start,
    "many": at_many,
    "renewals": renewals,
    "portal": portal_home,
}
