"""Starts and stops the servers that are timed, each in a process of its own on the first core."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk_test_bench"
AUTHORIZED = f"Authorization: Bearer {KEY}\r\n"
START_LIMIT = 60.0
# Set anew for every answer, or by the server itself: not part of what is made ready beforehand.
HOP_HEADERS = {"content-length", "date", "server", "connection", "transfer-encoding", "keep-alive"}


def pin(pid: int, core: int) -> None:
    """Keep a process (0: this one) on one core, where the machine has several and lets us."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(pid, {core})


def environment(*, uvloop: bool) -> dict[str, str]:
    """Return the environment of a server: as here, but modules are compiled once and kept, as an installation does."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"STRIPE_EMULATOR_UVLOOP": "1" if uvloop else "0"}


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Server:
    """A running server process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    started_in: float

    def rss(self) -> int:
        """Return its resident memory in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        message = "this system does not tell a process's memory"
        raise RuntimeError(message)

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.unlink(missing_ok=True)


def answers(port: int, path: str) -> bool:
    """Try one GET, sparing: True when any answer came."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{AUTHORIZED}Connection: close\r\n\r\n".encode())
            return sock.recv(16).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def start(command: Sequence[str], port: int, path: str, *, uvloop: bool = False) -> Server:
    """Start a server and wait for its first answer; raises RuntimeError with its output when none comes."""
    handle, name = tempfile.mkstemp(prefix="bench-", suffix=".log")
    begun = time.perf_counter()
    with os.fdopen(handle, "wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(uvloop=uvloop), stdout=log, stderr=subprocess.STDOUT
        )
    pin(process.pid, 0)
    while not answers(port, path):
        if process.poll() is not None or time.perf_counter() - begun > START_LIMIT:
            process.kill()
            process.wait()
            raise RuntimeError(f"{' '.join(command)} did not answer:\n{Path(name).read_text()[-4000:]}")
        time.sleep(0.001)
    return Server(process, port, Path(name), time.perf_counter() - begun)


def start_emulator(*, uvloop: bool = False, world: str = "empty") -> Server:
    """Start the emulator as a user would."""
    port = free_port()
    command = [sys.executable, "-m", "emulator", "serve", "--port", str(port), "--world", world]
    return start(command, port, "/v1/customers?limit=1", uvloop=uvloop)


def start_bare(recorded: list[dict[str, Any]], *, uvloop: bool) -> Server:
    """Start the bare server with answers recorded from the emulator."""
    port = free_port()
    path = Path(tempfile.gettempdir()) / f"bench-answers-{port}.json"
    path.write_text(json.dumps(recorded))
    command = [sys.executable, str(ROOT / "bench" / "bare.py"), str(port), str(path), *(["uvloop"] if uvloop else [])]
    try:
        return start(command, port, "/v1/customers?limit=1")
    finally:
        path.unlink()


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, dict[str, str], str]:
    """Send one request with the bench's key and return status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {KEY}"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, dict(reply.getheaders()), text


def record(port: int, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """Take down one answer for the bare server; raises RuntimeError unless it was a 200."""
    status, headers, text = ask(port, method, path, body)
    if status != 200:
        raise RuntimeError(f"{method} {path} answered {status}: {text}")
    kept = {name: value for name, value in headers.items() if name.lower() not in HOP_HEADERS}
    return {"method": method, "path": path.partition("?")[0], "status": status, "headers": kept, "body": text}


def created(port: int, path: str, body: str) -> dict[str, Any]:
    """Create one object and return it."""
    found: dict[str, Any] = json.loads(record(port, "POST", path, body)["body"])
    return found


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Stop the servers at the end, whatever happens."""
    try:
        yield
    finally:
        for server in servers:
            server.stop()
