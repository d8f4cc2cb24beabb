"""Decides how pages are looked at in a real browser: every console error fails, every page is photographed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support.live import LiveServer
from tests.support.merchant import Merchant, opened

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the browser of the system, quietly."""
    return {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Look at pages as a reader of English with a wide screen."""
    return {"viewport": {"width": WIDE, "height": HEIGHT}, "locale": "en-US"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture
def sample_server() -> Iterator[str]:
    """A server of the sample worlds, fresh for each test, because tests change them; gives its address."""
    port = _free_port()
    command = [sys.executable, str(ROOT / "tests/pages/serve_fake.py"), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while not _answers(url + "/p/session/x"):
            assert process.poll() is None, "the sample server stopped"
            assert time.monotonic() < deadline, "the sample server does not answer"
            time.sleep(0.05)
        yield url
        process.terminate()


class Reader:
    """Somebody at a browser."""

    def __init__(self, page: Page, url: str, shots: Path) -> None:
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
        """Photograph the page at three widths; it never scrolls sideways, and axe finds nothing serious."""
        for width in (NARROWEST, NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls at {width}"
            self.page.screenshot(path=self.shots / f"{name}-{width}.png", full_page=True, animations="disabled")
            self.accessible(f"{name} at {width}")

    def accessible(self, name: str) -> None:
        """Let axe look at the page."""
        found = Axe().run(self.page).response["violations"]
        serious = [
            f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found if rule["impact"] in {"serious", "critical"}
        ]
        assert serious == [], name


@contextmanager
def looking(page: Page, url: str, folders: pytest.TempPathFactory, *allowed: str) -> Iterator[Reader]:
    """Give somebody at a browser; console errors and requests to other hosts fail the test at the end.

    ``allowed``: what the console may complain of.
    """
    shots = folders.getbasetemp() / SHOTS
    shots.mkdir(exist_ok=True)
    page.set_default_timeout(5000)
    expect.set_options(timeout=5000)
    made = Reader(page, url, shots)
    made.allowed = allowed
    yield made
    assert made.problems == []


@pytest.fixture
def reader(page: Page, sample_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader of the sample worlds."""
    with looking(page, sample_server, tmp_path_factory) as made:
        yield made


@pytest.fixture
def eye(page: Page, live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader of the real pages."""
    with looking(page, live_server.url, tmp_path_factory) as made:
        yield made


@pytest.fixture
def merchant(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Merchant]:
    """A merchant whose world belongs to this test."""
    with opened(Merchant, live_server.url, request) as made:
        yield made
