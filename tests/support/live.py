"""A server on a real port in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

from aiohttp import web

from emulator.app import ENGINE, Runner, build
from emulator.config import Config

if TYPE_CHECKING:
    from emulator.operations.engine import Engine


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """Serves what ``runner`` makes until it is stopped."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def runner(self) -> web.AppRunner:
        """Return the runner of the application that is served; called in the server's thread and loop."""
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers."""
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        """Stop and wait until it has."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        runner = self.runner()
        self.loop.run_until_complete(runner.setup())
        self.loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(runner.cleanup())
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()


class LiveServer(Served):
    """The whole server."""

    def __init__(self, world: str = "empty", key: str = "sk_test_demo") -> None:
        super().__init__()
        self.key = key
        self.world = world
        self.engine: Engine

    def runner(self) -> web.AppRunner:
        """Build the application, and keep its engine for tests that look into it."""
        app = build(Config(port=self.port, world=self.world))
        self.engine = app[ENGINE]
        return Runner(app, access_log=None, max_field_size=65_536)
