"""Decides how the tests that the documents show are run: by pytest with the plugin, all pages in one run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.docs.pages import blocks_of
from tests.docs.running import BROWSER, CHROMIUM, INI, PLUGINS, suite_environment
from tests.support.live import free_port

# What the documents take for granted: a reader's own application, which receives webhooks.
APP = """
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest


@pytest.fixture
def my_app():
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
"""
LAUNCH = f"""

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {{**browser_type_launch_args, "executable_path": {str(CHROMIUM)!r}, "args": ["--no-sandbox"]}}
"""


def module_of(page: Path) -> str:
    """Return the name of the module that a page's tests become."""
    return f"{page.parent.name}_{page.stem}".replace("-", "_")


def write(page: Path, folder: Path) -> None:
    """Write a page's Python as tests: blocks without a title become one module, in order; the others keep their names."""
    place = folder / module_of(page)
    place.mkdir()
    blocks = [block for block in blocks_of(page) if block.is_test]
    port, app_port = free_port(), free_port()  # a suite starts its own server: nobody listens at the one that is named
    for block in blocks:
        if block.title:
            (place / block.title).write_text(block.at(port, app_port), encoding="utf-8")
    loose = "\n\n".join(block.at(port, app_port) for block in blocks if not block.title)
    if loose:
        (place / f"test_{module_of(page)}.py").write_text(loose, encoding="utf-8")


def run(folder: Path, pages: list[Path], *, browser: bool = False) -> dict[str, tuple[int, str]]:
    """Run the tests of pages in one pytest; returns by module how many passed, and what failed."""
    folder.mkdir()
    (folder / "pytest.ini").write_text(INI if not browser else INI.partition("filterwarnings")[0], encoding="utf-8")
    conftest = APP + (LAUNCH if browser and CHROMIUM.exists() else "")
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    for page in pages:
        write(page, folder)
    plugins = [part for plugin in (*PLUGINS, *(BROWSER if browser else ())) for part in ("-p", plugin)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--tb=short",
            "--import-mode=prepend",
            "--junitxml=result.xml",
            *plugins,
        ],
        cwd=folder,
        env=suite_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    result = folder / "result.xml"
    if not result.exists():
        raise AssertionError(done.stdout + done.stderr)
    told: dict[str, tuple[int, str]] = {module_of(page): (0, "") for page in pages}
    for case in ET.parse(result).getroot().iter("testcase"):  # noqa: S314 - written by our own run
        module = (case.get("classname") or case.get("name") or "").partition(".")[0]
        passed, failures = told.get(module, (0, ""))
        wrong = [one.text or one.get("message") or "" for one in case if one.tag in ("failure", "error", "skipped")]
        told[module] = (passed + (not wrong), failures + "\n".join(wrong))
    return told
