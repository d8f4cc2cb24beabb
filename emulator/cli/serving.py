"""Decides how a server is started, what it says when it is up, and how it stops."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emulator import API_VERSION, __version__
from emulator.cli.collector import Collector
from emulator.cli.heap import ask_in_large_pieces
from emulator.cli.output import UsageError, say
from emulator.config import Config, uvloop_wanted

if TYPE_CHECKING:
    from aiohttp import web

    from emulator.kernel.documents import Doc
    from emulator.operations.space import Space

BACKLOG = 1024
LONGEST_LINE = (
    65_536  # bytes of a request line, where expand lists are, or of a header: all of localhost shares its cookies
)
GRACE = 2.0  # seconds that running requests get at the end
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Give a listening socket, before anything heavy is loaded; raises UsageError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"cannot listen on {host}:{port}: {reason.lower()}") from None
    with listener:
        yield listener


@contextmanager
def quick_start() -> Iterator[None]:
    """Load modules without collecting garbage, and without reading the system's certificates twice.

    The HTTP library builds two certificate stores when it is imported, 50 ms each. The server needs none; the webhook
    sender makes its own when the first https endpoint needs it (emulator/webhooks/sending.py), with the environment
    restored by then.
    """
    kept = {name: os.environ.get(name) for name in CERTIFICATES}  # noqa: TID251 - set aside and put back, not read
    if "aiohttp" not in sys.modules:
        os.environ.update(dict.fromkeys(CERTIFICATES, os.devnull))  # noqa: TID251 - as above
    gc.disable()
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)  # noqa: TID251 - as above
            else:
                os.environ[name] = value  # noqa: TID251 - as above
        gc.enable()
        gc.freeze()


def serve(config: Config, listener: socket.socket, key: str) -> None:
    """Serve until SIGINT or SIGTERM; ``key`` is the one whose world is shown and kept in the state file."""
    with quick_start():
        import aiohttp.web  # noqa: F401 - first, while certificates are set aside

        import emulator.app  # noqa: F401
    factory = None
    if uvloop_wanted():
        try:
            import uvloop
        except ImportError:
            pass
        else:
            factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(config, listener, key))


async def _serve(config: Config, listener: socket.socket, key: str) -> None:
    from aiohttp import web

    from emulator.app import Runner, build

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    collector = Collector(loop)
    gc.disable()  # what is made now stays: there is nothing to collect until the first request
    app = build(config)
    runner = Runner(
        app, access_log=None, max_line_size=LONGEST_LINE, max_field_size=LONGEST_LINE, shutdown_timeout=GRACE
    )
    await runner.setup()
    site = web.SockSite(runner, listener, backlog=BACKLOG)
    try:
        if config.state is None:
            await site.start()  # a world made from a fixture is opened by whoever comes first
        space = await _first_world(app, config, key)
        if config.state is not None:
            await site.start()
        collector.start()
        ask_in_large_pieces(loop)
        say(await _banner(app, config, space))
        await ended.wait()
        if config.state:
            await _keep(app, config.state, space)
    finally:
        collector.stop()
        gc.enable()
        await runner.cleanup()


# ------------------------------------------------------------------------------------------------ the world shown
async def _first_world(app: web.Application, config: Config, key: str) -> Space:
    """Open the world of ``key``: from the state file where there is one, else from the fixture; raises UsageError."""
    from emulator.app import ENGINE
    from emulator.control.errors import ControlError
    from emulator.control.routes import CONTROL
    from emulator.store.worlds import WorldError

    try:
        document = _state(config.state) if config.state else None
        if document is not None:
            return await app[CONTROL].worlds.make(key, document)
        return await app[ENGINE].space(key)
    except (WorldError, ControlError) as error:
        raise UsageError(str(error)) from None


def _state(file: str) -> Doc | None:
    """Return what the state file holds, None where there is none yet; raises WorldError."""
    from emulator.store import worlds

    worlds.writable(file)
    if not Path(file).exists():
        return None
    document = worlds.read(file)
    worlds.check(document, file)
    return document


async def _keep(app: web.Application, file: str, space: Space) -> None:
    """Write the world to the state file, in one step; raises UsageError where that cannot be done any more."""
    from emulator.control.routes import CONTROL
    from emulator.store import worlds

    try:
        worlds.save(file, await app[CONTROL].worlds.export(space.key))
    except worlds.WorldError as error:
        raise UsageError(str(error)) from None
    say(f"kept the world of {space.key} in {file}")


# ------------------------------------------------------------------------------------------------ what is said
DEMO_CUSTOMER = "cus_demo"
BANNER = """\
stripe-emulator {version} (API {api_version}), world {world}
  API base    {url}
  secret key  {key}
  portal      {portal}
  dashboard   {url}/dashboard/customers
  inspector   {url}/_emulator/  (the same address is the control API){webhook}{mail}

  import stripe
  client = stripe.StripeClient("{key}", base_addresses={{"api": "{url}"}})
  customer = client.v1.customers.create({{"name": "Ada"}})
  session = client.v1.billing_portal.sessions.create({{"customer": customer.id}})
  print(session.url)

Ctrl-C stops it."""


async def _banner(app: web.Application, config: Config, space: Space) -> str:
    from emulator.app import ENGINE

    webhook = f"\n  webhooks    {config.webhook}  signed with {config.webhook_secret}" if config.webhook else ""
    engine = app[ENGINE]
    mail = f"\n  mail        goes to {engine.mail_goes_to} too" if engine.mail_goes_to else ""
    return BANNER.format(
        version=__version__,
        api_version=API_VERSION,
        world=space.fixture if isinstance(space.fixture, str) else config.state,
        url=config.url,
        key=space.key,
        portal=await _portal_link(app, space),
        webhook=webhook,
        mail=mail,
    )


async def _portal_link(app: web.Application, space: Space) -> str:
    """Return a link into the demo customer's portal; without that customer, how to get one."""
    from emulator.app import ENGINE
    from emulator.kernel.errors import StripeError

    try:
        session = await app[ENGINE].run(
            space, "PostBillingPortalSessions", {"customer": DEMO_CUSTOMER}, actor="control"
        )
    except StripeError:
        return "POST /v1/billing_portal/sessions gives a link (this world has no cus_demo)"
    return f"{session['url']}  (good for 5 minutes if it is not opened)"
