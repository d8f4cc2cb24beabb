"""Decides what pytest gets: the fixture ``stripe_emulator``, one server for each worker and a fresh world for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.testing.instrument import StripeEmulator
    from emulator.testing.worlds import Worlds

DEFAULT_WORLD = "saas"
MARKERS = ("stripe_world", "world")
URL = "--stripe-emulator-url"
SEED = "--stripe-emulator-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("stripe-emulator")
    group.addoption(URL, metavar="URL", help="use a server that runs already instead of starting one")
    group.addoption(SEED, metavar="N", help="make the ids of the server that is started repeatable")
    parser.addini("stripe_world", "the world that tests begin with", default=DEFAULT_WORLD)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for name in MARKERS:
        config.addinivalue_line(
            "markers", f"{name}(source): the fixture world, file or document that a test begins with"
        )


@pytest.fixture(scope="session")
def stripe_emulator_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the server: one for each worker of a run, or the one of --stripe-emulator-url."""
    given = request.config.getoption(URL)
    if given:
        yield str(given).rstrip("/")
        return
    from emulator.testing.server import Server

    server = Server(seed=request.config.getoption(SEED)).start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def stripe_emulator_worlds(request: pytest.FixtureRequest, stripe_emulator_url: str) -> Iterator[Worlds]:
    """Where worlds of tests come from."""
    from emulator.testing.worlds import Worlds

    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    worlds = Worlds(stripe_emulator_url, worker)
    yield worlds
    worlds.close()


@pytest.fixture
def stripe_emulator(
    request: pytest.FixtureRequest, stripe_emulator_url: str, stripe_emulator_worlds: Worlds
) -> Iterator[StripeEmulator]:
    """The test's own world: ``saas``, or what ``@pytest.mark.stripe_world("NAME")`` says."""
    from emulator.testing.instrument import StripeEmulator

    key = stripe_emulator_worlds.make(_source(request))
    emulator = StripeEmulator(stripe_emulator_url, key)
    yield emulator
    emulator.close()
    stripe_emulator_worlds.drop(key)


def _source(request: pytest.FixtureRequest) -> Any:
    for name in MARKERS:
        marker = request.node.get_closest_marker(name)
        if marker is not None:
            if len(marker.args) != 1 or not isinstance(marker.args[0], (str, dict)):
                raise pytest.UsageError(f"@pytest.mark.{name} takes one world: a name, a file or a document")
            return _placed(marker.args[0], request.path.parent)
    return _placed(request.config.getini("stripe_world"), request.config.rootpath)


def _placed(source: str | dict[str, Any], folder: Path) -> str | dict[str, Any]:
    """Return a file beside the test (or the ini file) with its folder, wherever pytest was started; all else as it is."""
    if isinstance(source, str) and (source.endswith(".json") or "/" in source) and (folder / source).is_file():
        return str(folder / source)
    return source
