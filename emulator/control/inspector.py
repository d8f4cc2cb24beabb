"""Decides what somebody at a browser gets at ``/_emulator/``: the inspector; programs get the list of calls as before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp import web

from emulator import API_VERSION, __version__
from emulator.control import origins
from emulator.control.call import DEFAULT_KEY, PREFIX, reply
from emulator.control.errors import ControlError
from emulator.control.mail import wants_page
from emulator.store import worlds
from emulator.store.port import Query
from emulator.webhooks import outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.control.routes import Control
    from emulator.kernel.documents import Doc
    from emulator.operations.space import Space

FOLDER: Final = Path(__file__).parent / "static"
PAGE: Final = "inspector.html"
TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
SETTINGS: Final = ("business_name", "country", "default_currency", "default_api_version")
# Nothing from elsewhere, nothing inline; and no text ever becomes markup: browsers that know trusted types refuse it.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}


class File(NamedTuple):
    """One file of the page as it is sent."""

    body: bytes
    content_type: str
    etag: str


@cache
def files() -> Mapping[str, File]:
    """Return what the page is made of, by name; read when the first browser asks."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in TYPES:
            body = path.read_bytes()
            found[path.name] = File(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:16])
    return found


def _sent(request: web.Request, name: str) -> web.Response:
    file = files().get(name)
    if file is None:
        return reply(ControlError(f"no such file: {name}").body(), 404)
    headers = {**HEADERS, "ETag": f'"{file.etag}"', "Vary": "Accept"}
    known = request.if_none_match or ()
    if any(one.value == file.etag for one in known):
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)


class Inspector:
    """The pages of one server; what they show of a world beside what the control API tells."""

    def __init__(self, control: Control, prefix: str) -> None:
        self.control = control
        self.prefix = prefix
        self._streams: Any = None

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Answer a browser with the page, everybody else with the list of calls."""
        return _sent(request, PAGE) if wants_page(request) else await self.control.handle(request)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Send a style sheet or a script."""
        return _sent(request, request.match_info["name"])

    async def world(self, request: web.Request) -> web.StreamResponse:
        """Answer what the page tells of a world at a glance."""
        return await self._of_world(request, self._overview)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell of a world as things happen, until the browser or the server leaves."""
        return await self._of_world(request, self._streamed)

    async def _of_world(
        self, request: web.Request, answer: Callable[[web.Request, Space], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            origins.refuse_foreign(request, reading=True)
            return await answer(request, await self.control.space_of(request.query.get("key", DEFAULT_KEY)))
        except ControlError as refusal:
            return reply(refusal.body(), refusal.status)

    async def _overview(self, _: web.Request, space: Space) -> web.Response:
        return reply(await overview(self.control, space))

    async def _streamed(self, request: web.Request, space: Space) -> web.StreamResponse:
        if self._streams is None:
            from emulator.control.inspector_stream import Streams  # loaded by the first who watches

            self._streams = Streams(self.control)
        response: web.StreamResponse = await self._streams.serve(request, space.key)
        return response

    async def close(self, _: web.Application) -> None:
        """End all streams: the server waits for its answers."""
        if self._streams is not None:
            self._streams.close()


async def overview(control: Control, space: Space) -> Doc:
    """Return how much there is of what in a world, and what can be done with it."""
    engine = control.engine
    async with engine.store.begin(space.store_name) as unit:
        rows = (await unit.page(outbox.KIND, Query())).docs
    tables = await engine.store.dump(space.store_name)
    counts = {kind: len(docs) for kind, docs in tables.items() if docs}
    return {
        "key": space.key,
        "account": space.account,
        "livemode": space.livemode,
        "connected": space.platform is not None,
        "base_url": engine.base_url,
        "version": __version__,
        "api_version": API_VERSION,
        "objects": {kind: count for kind, count in sorted(counts.items()) if kind[:1] != "_" and kind != "event"},
        "events": counts.get("event", 0),
        "deliveries": Counter(row["status"] for row in rows),
        "requests": sum(1 for record in engine.requests if record.key == space.key),
        "settings": {name: space.settings.get(name) for name in SETTINGS},
        "snapshots": list(space.snapshots),
        "fixtures": worlds.names(),
    }


def door(
    others: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the handler of ``/``: it leads a browser to the inspector and leaves everybody else to ``others``."""

    async def opened(request: web.Request) -> web.StreamResponse:
        if wants_page(request):
            return web.Response(status=302, headers={"Location": f"{PREFIX}/", "Vary": "Accept"})
        return await others(request)

    return opened


async def no_icon(_: web.Request) -> web.Response:
    """Tell a browser that asks by itself that there is no picture for its tabs: pages say so, answers of the API cannot."""
    return web.Response(status=204, headers={"Cache-Control": "max-age=86400"})


def setup(app: web.Application, control: Control, prefix: str) -> None:
    """Put the inspector into an application, in front of the control calls."""
    inspector = Inspector(control, prefix)
    for path in (prefix, f"{prefix}/"):
        app.router.add_get(path, inspector.page)
    app.router.add_get(f"{prefix}/inspector/stream", inspector.stream, allow_head=False)
    app.router.add_get(f"{prefix}/inspector/world", inspector.world)
    app.router.add_get(f"{prefix}/inspector/{{name}}", inspector.file)
    app.on_shutdown.append(inspector.close)
