"""The pytest plugin in runs of its own: examples, worlds, workers, what it costs."""

from __future__ import annotations

import importlib
import re
import resource
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.testing.worlds import Worlds

Run = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]


def counts(done: Any) -> dict[str, int]:
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
    return {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)", last)}


@pytest.mark.parametrize("name,number", [("flask", 3), ("django", 3), ("fastapi", 2), ("aiohttp", 2)])
def test_examples(run: Run, name: str, number: int) -> None:
    done = run(f"examples/{name}_example.py")
    assert counts(done) == {"passed": number}, done.stdout + done.stderr


@pytest.mark.parametrize("workers", [0, 2])
def test_worlds_alone_and_with_workers(run: Run, workers: int) -> None:
    done = run("suites/worlds_suite.py", "-n", str(workers))
    assert counts(done) == {"passed": 23, "failed": 1, "error": 1}, done.stdout + done.stderr
    assert "ExpectationError" in done.stdout
    assert "events: expected these in order, came 1" in done.stdout
    assert "- customer.deleted" in done.stdout
    assert "no world is called 'nowhere'" in done.stdout
    assert "emulator/testing/webhooks.py" not in done.stdout.split("short test summary")[0].split("test_failing")[1]


def test_a_server_that_runs_already(run: Run, worlds: Worlds) -> None:
    done = run("suites/worlds_suite.py", "-k", "each or another", "--stripe-emulator-url", worlds.url)
    assert counts(done) == {"passed": 21}, done.stdout + done.stderr
    keys = [row["key"] for row in worlds._wire.control("GET", "/worlds")["data"]]
    assert not [key for key in keys if "-main-" in key or "main-" in key.removeprefix("sk_test_")], keys


WORLD_BESIDE = """import pytest

@pytest.mark.stripe_world("ada.json")
def test_it(stripe_emulator):
    assert stripe_emulator.api("GET", "/v1/customers/cus_ada")["name"] == "Ada"

@pytest.mark.stripe_world("wrong.json")
def test_what_is_wrong(stripe_emulator):
    pass
"""


def test_a_world_file_lies_beside_its_test(run: Run, tmp_path: Path, worlds: Worlds) -> None:
    """Wherever pytest, or the server, was started."""
    folder = tmp_path / "billing"
    folder.mkdir()
    (folder / "test_beside.py").write_text(WORLD_BESIDE)
    (folder / "ada.json").write_text('{"customer": {"1": {"id": "cus_ada", "name": "Ada"}}}')
    (folder / "wrong.json").write_text('{"customer": {"1": {"id": "cus_ada", "nmae": "Ada"}}}')
    done = run("suites/worlds_suite.py", "billing", "--stripe-emulator-url", worlds.url)
    assert counts(done) == {"passed": 1, "error": 1}, done.stdout + done.stderr
    assert "wrong.json: customer.1: there is no 'nmae'; did you mean 'name'?" in done.stdout


def test_a_run_without_the_fixture_starts_nothing(run: Run, tmp_path: Any) -> None:
    (tmp_path / "test_else.py").write_text(
        "import sys\n\ndef test_nothing_is_loaded():\n"
        "    assert not {'emulator.app', 'emulator.testing.server', 'emulator.testing.instrument', 'aiohttp'} & set(sys.modules)\n"
    )
    done = run("suites/worlds_suite.py", "test_else.py")
    assert counts(done) == {"passed": 1}, done.stdout + done.stderr


def test_a_world_costs_little(worlds: Worlds) -> None:
    """At most 2 ms; the best of five rounds, for a machine that does something else as well."""
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(20):
            worlds.drop(worlds.make("saas"))
        best = min(best, (time.perf_counter() - started) / 20)
    assert best <= 0.002


def test_a_thousand_tests_add_less_than_five_seconds(run: Run, tmp_path: Path) -> None:
    """The whole of it: the server, a thousand worlds, pytest's own work for the fixture.

    Counted is processor time, which other programs on the machine do not lengthen: nothing of it is spent waiting.
    """
    many = "import pytest\n\n@pytest.mark.parametrize('turn', range(1000))\ndef test_{name}(turn, {name}):\n    assert {name}\n"
    (tmp_path / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef nothing():\n    return 'nothing'\n")
    for name in ("nothing", "stripe_emulator"):
        (tmp_path / f"test_{name}.py").write_text(many.format(name=name))

    def seconds(name: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = run("suites/worlds_suite.py", f"test_{name}.py")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert counts(done) == {"passed": 1000}, done.stdout + done.stderr
        return took

    took = seconds(
        "stripe_emulator"
    )  # with pytest's own work for a thousand tests, which is taken off only where it matters
    assert took < 5 or any(seconds("stripe_emulator") - seconds("nothing") < 5 for _ in range(2)), took


def test_the_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = importlib.import_module(project["entry-points"]["pytest11"]["stripe_emulator"])
    assert callable(module.pytest_addoption)
    assert {"stripe_emulator", "stripe_emulator_url"} <= set(vars(module))
