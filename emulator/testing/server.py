"""Decides how a test run gets a server of its own: in a thread with its own event loop, on a free port."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from aiohttp import web

HOST = "127.0.0.1"
START = 30.0  # seconds that a server gets to be up
END = 10.0


class Server:
    """One server; ``url`` is set once it is up. ``seed`` makes ids repeatable."""

    def __init__(self, *, world: str = "empty", seed: str | None = None) -> None:
        self.url = ""
        self._world = world
        self._seed = seed
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="stripe-emulator", daemon=True)

    def start(self) -> Server:
        """Start and wait until it answers; raises what kept it from starting."""
        from emulator.cli import serving

        with serving.quick_start():
            import emulator.app  # noqa: F401 - loaded here, so that no thread waits for imports
        self._thread.start()
        if not self._ready.wait(START):
            raise TimeoutError(f"the emulator did not start within {START:g} s")
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop and wait until it has."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(END)

    def _run(self) -> None:
        import socket

        asyncio.set_event_loop(self._loop)
        try:
            with socket.create_server((HOST, 0), backlog=1024) as listener:
                self._loop.run_until_complete(self._serve(listener))
        except BaseException as failure:  # noqa: BLE001 - told to whoever started the thread
            self._failure = failure
        finally:
            self._ready.set()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _serve(self, listener: socket.socket) -> None:
        from aiohttp import web

        from emulator.app import Runner, build
        from emulator.config import Config

        port = listener.getsockname()[1]
        app: web.Application = build(Config(host=HOST, port=port, world=self._world, seed=self._seed))
        runner = Runner(app, access_log=None, max_line_size=65_536, max_field_size=65_536, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            self.url = f"http://{HOST}:{port}"
            self._ready.set()
            await self._ended.wait()
        finally:
            await runner.cleanup()
            await asyncio.sleep(0.01)  # transports say goodbye
