"""An emulator for tests of what the plugin's fixture can do, and a way to run pytest as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator.testing.instrument import StripeEmulator
from emulator.testing.server import Server
from emulator.testing.worlds import Worlds

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Run by test_plugin.py, each in a folder and a process of its own.
collect_ignore_glob = ["examples/*", "suites/*"]
PLUGINS = ("emulator.testing.plugin", "pytest_asyncio.plugin", "xdist.plugin")


@pytest.fixture(scope="session")
def worlds() -> Iterator[Worlds]:
    server = Server().start()
    made = Worlds(server.url, "plugin")
    yield made
    made.close()
    server.stop()


@pytest.fixture
def emulator(worlds: Worlds) -> Iterator[StripeEmulator]:
    made = StripeEmulator(worlds.url, worlds.make("saas"))
    yield made
    made.close()
    worlds.drop(made.key)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a file of examples or suites as a suite of its own, with the plugin and nothing else of this project."""

    def pytest_run(file: str, *options: str) -> subprocess.CompletedProcess[str]:
        name = Path(file).stem
        (tmp_path / f"test_{name}.py").write_text((HERE / file).read_text(encoding="utf-8"), encoding="utf-8")
        ini = "[pytest]\nfilterwarnings = error\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        (tmp_path / "pytest.ini").write_text(ini, encoding="utf-8")
        plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--strict-markers", *plugins, *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return pytest_run
