"""The composition root: puts store, engine, API, control calls, pages and background tasks together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator.api import cli_session
from emulator.api.auth import Keys
from emulator.api.front import API, Runner
from emulator.api.routes import MAX_FILE, Api
from emulator.control import hosts
from emulator.control.background import Background
from emulator.control.clock_runs import ClockRuns
from emulator.control.demos import Demos
from emulator.kernel.clock import Clock
from emulator.operations.engine import Engine
from emulator.spec.catalogue import catalogue
from emulator.store import worlds
from emulator.store.memory import MemoryStore
from emulator.store.places import filled, places_of

if TYPE_CHECKING:
    from emulator.config import Config
    from emulator.control.smtp import Forwarder
    from emulator.control.worlds import Worlds
    from emulator.kernel.documents import Doc
    from emulator.operations.space import Space
    from emulator.store.port import Store

ENGINE = web.AppKey("engine", Engine)
BACKGROUND = web.AppKey("background", Background)
__all__ = ["BACKGROUND", "ENGINE", "Runner", "build", "build_engine", "load_world"]


def load_world(source: str | dict[str, Any], clock: Clock, places: dict[str, str], *, set_clock: bool) -> worlds.World:
    """Return a fixture world by name or file, or an inline document: relative times counted from ``clock``, ``places`` filled in.

    ``set_clock`` lets the world say what its clock shows, as a saved one does.
    """
    from emulator.control.worlds import read

    loaded = read(source, clock.now())
    if set_clock and "clock" in loaded.meta:
        worlds.set_clock(clock, loaded.meta)
    return loaded._replace(objects=filled(loaded.objects, places_of(**places)))


def build_engine(config: Config, store: Store | None = None) -> Engine:
    """Return the engine of a server."""
    engine = Engine(
        store or MemoryStore(),
        catalogue(),
        base_url=config.url,
        seed=config.seed,
        load=load_world,
        default_world=config.world,
    )
    if config.frozen_at is not None:
        at = config.frozen_at
        engine.new_clock = lambda: Clock(at)
    if config.webhook:
        engine.prepare.append(_webhook(engine, config.webhook, config.webhook_secret or ""))
    return engine


def _webhook(engine: Engine, url: str, secret: str) -> Any:
    async def prepare(space: Space) -> None:
        await engine.run(space, "webhooks:seed", {"url": url, "secret": secret}, actor="control")

    return prepare


def build(config: Config, store: Store | None = None) -> web.Application:
    """Return the whole server as an application; its tasks run while the application does."""
    engine = build_engine(config, store)
    background = Background(engine)
    runs = ClockRuns(engine)
    names = hosts.Hosts(config.allowed_hosts, config.url)
    app = web.Application(client_max_size=MAX_FILE, middlewares=[hosts.guard(names)])
    app[ENGINE] = engine
    app[BACKGROUND] = background
    worlds = _control(app, engine, background, config)
    _pages(app, engine, config, Demos(worlds))
    keys = Keys(engine, config.keys)
    cli_session.setup(app, engine, keys)
    api = app[API] = Api(engine, keys)
    _door(app, api)
    # The router looks paths up by their beginning: with one of its own the API is found at the first try.
    for beginning in ("/v1", "/v2", ""):
        app.router.add_route("*", beginning + "/{path:.*}", api.answer)

    mail = _forwarder(engine, config.smtp) if config.smtp else None

    async def running(_: web.Application) -> Any:
        await background.start()
        if mail is not None:
            await mail.start()
        yield
        if mail is not None:
            await mail.stop()
        await runs.stop()
        await background.stop()

    app.cleanup_ctx.append(running)
    return app


def _forwarder(engine: Engine, address: str) -> Forwarder:
    from emulator.control import smtp

    return smtp.Forwarder(engine, smtp.parsed(address))


def _control(app: web.Application, engine: Engine, background: Background, config: Config) -> Worlds:
    from emulator.control import inspector, routes

    return routes.setup(app, engine, background, allowed=config.keys, in_front=inspector.setup).worlds


def _door(app: web.Application, api: Api) -> None:
    from emulator.control import inspector

    app.router.add_get("/", inspector.door(api.answer))
    app.router.add_get("/favicon.ico", inspector.no_icon)


def _pages(app: web.Application, engine: Engine, config: Config, demos: Demos) -> None:
    from portal_ui import routes, server

    def letters(mail: Doc) -> Doc:
        from portal_ui import mails  # with the languages: when the first mail is read

        return mails.written(mail)

    engine.letters = letters
    from portal_ui.documents import typesetting

    documents, skin = typesetting.available(), config.portal_skin
    routes.setup(app, engine=engine, secret=engine.page_secret, documents=documents, skin=skin)
    app[server.PAGES].desk = server.Desk(config.key, config.keys, demos)
