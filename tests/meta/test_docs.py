"""Holds the documents to the program: what they name exists, and what exists is named."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from emulator.operations.table import places

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ROOMS = sorted([*(ROOT / "emulator").glob("*/README.md"), ROOT / "portal_ui" / "README.md"])
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "emulator").rglob("*.md"), *(ROOT / "portal_ui").rglob("*.md")])
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "emulator", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE"]
)
def test_the_document_is_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 500


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_commands_in_documents_exist(path: Path) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - TARGETS == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_main_make_targets_are_told() -> None:
    told = README + CONTRIBUTING
    assert [
        name for name in ("demo", "test", "lint", "bench", "api-specs", "worlds") if f"make {name}" not in told
    ] == []


def test_every_command_is_told() -> None:
    commands = re.search(r"\{([a-z,-]+)\}", help_of())
    assert commands is not None
    assert [name for name in commands.group(1).split(",") if f"stripe-emulator {name}" not in README] == []


def test_every_option_of_serve_is_told() -> None:
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", help_of("serve"))) - {"--help"}
    assert sorted(option for option in options if f"`{option}" not in README) == []


def test_told_options_of_serve_exist() -> None:
    section = README.split("`serve` takes:")[1].split("\n## ")[0]
    assert sorted(set(re.findall(r"`(--[a-z-]+)", section)) - set(re.findall(r"--[a-z-]+", help_of("serve")))) == []


@pytest.mark.parametrize("readme", ROOMS, ids=lambda path: path.parent.name)
def test_every_module_of_a_room_is_told(readme: Path) -> None:
    """A module is told by its name, alone or with its folder, with or without ``.py``; ``*`` stands for several."""
    room = readme.parent
    told = {name.removesuffix(".py") for name in re.findall(r"`([\w/.*]+)`", readme.read_text(encoding="utf-8"))}
    modules = [path.relative_to(room).with_suffix("") for path in room.rglob("*.py") if path.stem != "__init__"]
    missing = [
        str(module)
        for module in modules
        if not any(fnmatchcase(str(module), name) or fnmatchcase(module.name, name) for name in told)
    ]
    assert sorted(missing) == []


def test_every_operation_of_the_portal_is_told() -> None:
    told = set(re.findall(r"`(portal:\w+)`", (ROOT / "emulator" / "portal" / "README.md").read_text(encoding="utf-8")))
    assert told == {name for name in places() if name.startswith("portal:")}


def control_calls() -> set[str]:
    """Return the control calls that do something, as the README writes them."""
    source = (ROOT / "emulator" / "control" / "routes.py").read_text(encoding="utf-8")
    rows = re.findall(r'"(GET|POST|DELETE) ([a-z][\w/{}]*)": self\.(\w+)', source)
    places = {"{key}": "KEY", "{id}": "ID", "{act}": "ACT"}
    calls = set()
    for method, path, handler in rows:
        if handler != "not_there_yet":
            calls.add(f"{method} /_emulator/{re.sub('{[a-z]+}', lambda place: places[place[0]], path)}")
    return calls


def test_every_control_call_is_told_and_every_told_one_exists() -> None:
    told = set(re.findall(r"`((?:GET|POST|DELETE) /_emulator/[\w/]+)`", README))
    assert len(told) > 15
    assert sorted(control_calls() - told) == []
    assert sorted(told - control_calls()) == []


def test_every_fixture_world_is_told() -> None:
    worlds = [path.stem for path in (ROOT / "fixtures" / "worlds").glob("*.json") if path.stem != "schema"]
    assert [name for name in worlds if f"| `{name}` |" not in README] == []


def test_the_snippets_speak_of_what_the_demo_serves() -> None:
    world = json.loads((ROOT / "fixtures" / "worlds" / "saas.json").read_text(encoding="utf-8"))
    assert "cus_demo" in {customer["id"] for customer in world["customer"].values()}
    for language in ("Python", "Node", "Ruby", "Go", "PHP", "Java", "curl"):
        snippet = README.split(f"**{language}**")[1].split("```")[1]
        assert "sk_test_demo" in snippet
        assert "127.0.0.1" in snippet
        assert "12111" in snippet


def test_the_readme_says_whose_it_is_not() -> None:
    assert "Not affiliated with Stripe" in README
    assert "Apache-2.0" in README


def test_the_changelog_tells_of_this_version() -> None:
    from emulator import API_VERSION, __version__

    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {__version__}" in changes
    assert API_VERSION in README
