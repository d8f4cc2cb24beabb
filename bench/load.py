"""Sends one kind of request over eight kept-alive connections and counts the answers (wrk, else asyncio)."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.servers import KEY, pin

CONNECTIONS = 8
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """A request that is repeated; several bodies are sent in turn."""

    method: str
    path: str
    bodies: list[str] = field(default_factory=list)

    def raw(self) -> list[bytes]:
        """Return the request as it goes over the wire, once for each body."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        if not self.bodies:
            return [f"{head}\r\n".encode()]
        return [f"{head}Content-Type: {FORM}\r\nContent-Length: {len(b)}\r\n\r\n{b}".encode() for b in self.bodies]


def client_name() -> str:
    """Return which client is used here."""
    return "wrk" if shutil.which("wrk") else "own asyncio client"


def rate(port: int, call: Call, seconds: float) -> float:
    """Return requests per second; raises RuntimeError when an answer is not a 200."""
    return _wrk(port, call, seconds) if shutil.which("wrk") else _own(port, call, seconds)


# ------------------------------------------------------------------------------------------------ wrk

SCRIPT = """
local bodies = {%s}
local requests = {}
local turn = 0
init = function(args)
  local headers = {["Authorization"] = "Bearer %s", ["Content-Type"] = "%s"}
  for i, body in ipairs(bodies) do requests[i] = wrk.format("%s", "%s", headers, body) end
end
request = function()
  turn = turn %% #requests + 1
  return requests[turn]
end
"""


def _wrk(port: int, call: Call, seconds: float) -> float:
    url = f"http://127.0.0.1:{port}{call.path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-H", f"Authorization: Bearer {KEY}"]
    if not call.bodies:
        return _wrk_result([*command, url])
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        quoted = ", ".join(json.dumps(body) for body in call.bodies)
        script.write(SCRIPT % (quoted, KEY, FORM, call.method, call.path))
        script.flush()
        return _wrk_result([*command, "-s", script.name, url])


def _wrk_result(command: list[str]) -> float:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pin(process.pid, 1)
        output, _ = process.communicate()
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if found is None or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"the load went wrong:\n{output}")
    return float(found.group(1))


# ------------------------------------------------------------------------------------------------ asyncio


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self.requests = requests
        self.done = done
        self.buffer = b""
        self.count = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type, no check
        self.transport = transport
        self.send()

    def send(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.finish(None)
        elif self.transport is not None:
            self.transport.write(request)

    def finish(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
        if self.transport is not None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length is None or not head.startswith(b"HTTP/1.1 200"):
            self.finish(RuntimeError(f"unexpected answer: {self.buffer[:500]!r}"))
        elif len(rest) >= int(length.group(1)):
            self.buffer = b""
            self.count += 1
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.finish(exc or RuntimeError("the server closed the connection"))


async def _drive(port: int, requests: Iterator[bytes]) -> int:
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(CONNECTIONS):
        connection = _Connection(requests, loop.create_future())
        connections.append(connection)
        await loop.create_connection(lambda c=connection: c, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(connection.done for connection in connections))
    return sum(connection.count for connection in connections)


def _until(requests: list[bytes], deadline: float) -> Iterator[bytes]:
    for request in itertools.cycle(requests):
        if time.perf_counter() >= deadline:
            return
        yield request


def _own(port: int, call: Call, seconds: float) -> float:
    begun = time.perf_counter()
    count = asyncio.run(_drive(port, _until(call.raw(), begun + seconds)))
    return count / (time.perf_counter() - begun)


def send_all(port: int, call: Call) -> None:
    """Send every body of a call once, as fast as eight connections go."""
    sent = asyncio.run(_drive(port, iter(call.raw())))
    if sent != len(call.bodies):
        raise RuntimeError(f"only {sent} of {len(call.bodies)} requests were answered")
