"""Decides how pages are looked at in a real browser: every console error fails, photographs are made on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.pages import serve_fake
from tests.support.live import LiveServer, Served
from tests.support.merchant import Merchant, opened

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WIDE, NARROW, NARROWEST = 1280, 390, 320
HEIGHT = 900
SHOTS = "page-screenshots"
# What moves for a time is brought to its end: colours on their way are neither's.
AT_REST = """() => document.getAnimations().forEach(one => {
    if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
})"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the browser of the system, quietly."""
    return {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Look at pages as a reader of English with a wide screen."""
    return {"viewport": {"width": WIDE, "height": HEIGHT}, "locale": "en-US"}


class SampleServer(Served):
    """The pages over the sample worlds."""

    def runner(self) -> web.AppRunner:
        """Make fresh worlds."""
        return web.AppRunner(serve_fake.app(), access_log=None, shutdown_timeout=1)


@pytest.fixture
def sample_server() -> Iterator[str]:
    """A server of the sample worlds, fresh for each test, because tests change them; gives its address."""
    server = SampleServer()
    server.start()
    yield server.url
    server.stop()


class Reader:
    """Somebody at a browser."""

    def __init__(self, page: Page, url: str, shots: Path | None) -> None:
        self.page = page
        self.url = url
        self.shots = shots
        self.problems: list[str] = []
        self.allowed: tuple[str, ...] = ()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(words in message.text for words in self.allowed):
            self.problems.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.problems.append(f"asked another host: {url}")

    def open(self, path: str) -> None:
        """Open a page of a sample world: ``saas`` or ``saas/subscriptions/...``."""
        self.page.goto(f"{self.url}/p/session/test_{path}")

    def looks(self, name: str) -> None:
        """Look at the page at three widths: it never scrolls sideways, and axe finds nothing serious."""
        for width in (NARROWEST, NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls at {width}"
            self.photograph(f"{name}-{width}")
            self.accessible(f"{name} at {width}")

    def photograph(self, name: str) -> None:
        """Keep the whole page as a picture, where pictures are wanted."""
        if self.shots is not None:
            self.page.screenshot(path=self.shots / f"{name}.png", full_page=True, animations="disabled")

    def accessible(self, name: str) -> None:
        """Let axe look at the page, as it is when nothing moves any more."""
        self.page.evaluate(AT_REST)
        if not self.page.evaluate("'axe' in window"):  # once for each page that is loaded
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")
        serious = [
            f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found if rule["impact"] in {"serious", "critical"}
        ]
        assert serious == [], name


@pytest.fixture(scope="session")
def shots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Where photographs go with ``--screenshot=on``: no test looks at them, and they take long."""
    if request.config.getoption("--screenshot") != "on":
        return None
    return tmp_path_factory.mktemp(SHOTS, numbered=False)


@contextmanager
def looking(page: Page, url: str, shots: Path | None, *allowed: str) -> Iterator[Reader]:
    """Give somebody at a browser; console errors and requests to other hosts fail the test at the end.

    ``allowed``: what the console may complain of.
    """
    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    made = Reader(page, url, shots)
    made.allowed = allowed
    yield made
    assert made.problems == []


@pytest.fixture
def reader(page: Page, sample_server: str, shots: Path | None) -> Iterator[Reader]:
    """A reader of the sample worlds."""
    with looking(page, sample_server, shots) as made:
        yield made


@pytest.fixture
def eye(page: Page, live_server: LiveServer, shots: Path | None) -> Iterator[Reader]:
    """A reader of the real pages."""
    with looking(page, live_server.url, shots) as made:
        yield made


@pytest.fixture
def merchant(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Merchant]:
    """A merchant whose world belongs to this test."""
    with opened(Merchant, live_server.url, request) as made:
        yield made
