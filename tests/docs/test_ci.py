"""Files of other tools that the documents show fit their tools' schemas, and say what this project understands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from emulator.cli.command import parser
from tests.docs.pages import PAGES, ROOT, Block, blocks_of

# The schemas come with check-jsonschema: those of the Compose specification, of GitHub and of GitLab.
SCHEMAS = {
    "compose.yaml": "compose-spec",
    ".github/workflows/test.yml": "github-workflows",
    ".gitlab-ci.yml": "gitlab-ci",
}
COMPOSE = ROOT / "docker" / "compose.yaml"
SHOWN = [block for page in PAGES for block in blocks_of(page) if block.language == "yaml"]


def checked(schema: str, file: Path) -> str:
    """Return what a schema says against a file; nothing when it fits."""
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def read(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_compose_fits_its_schema(tmp_path: Path) -> None:
    assert not checked("compose-spec", COMPOSE)
    broken = tmp_path / "compose.yaml"
    broken.write_text(COMPOSE.read_text(encoding="utf-8").replace("cap_drop: [ALL]", "cap_drop: ALL"), encoding="utf-8")
    assert "cap_drop" in checked("compose-spec", broken)


def test_compose_builds_and_waits_for_what_is_there() -> None:
    services = read(COMPOSE.read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        build = service["build"]
        context = (COMPOSE.parent / (build if isinstance(build, str) else build["context"])).resolve()
        assert (context / (build["dockerfile"] if isinstance(build, dict) else "Dockerfile")).is_file()
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        for other in service.get("depends_on", {}):
            assert other in services
        for address in re.findall(r"http://([a-z-]+):(\d+)", str(service.get("environment", {}))):
            assert address in {("stripe-emulator", "12111"), ("receiver", "8001")}


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.place)
def test_shown_files_fit_their_schemas(block: Block, tmp_path: Path) -> None:
    assert block.title in SCHEMAS, f"{block.place}: a schema is wanted"
    file = tmp_path / "file.yml"
    file.write_text(block.code, encoding="utf-8")
    assert not checked(SCHEMAS[block.title], file)


def test_the_systems_that_are_promised_are_shown() -> None:
    assert {block.title for block in SHOWN} == {".github/workflows/test.yml", ".gitlab-ci.yml"}


def _shown(title: str) -> Any:
    return read(next(block.code for block in SHOWN if block.title == title))


def test_services_are_reached_where_they_are() -> None:
    job = _shown(".github/workflows/test.yml")["jobs"]["test"]
    assert job["services"]["stripe-emulator"]["ports"] == ["12111:12111"]
    assert job["env"]["STRIPE_API_BASE"] == "http://127.0.0.1:12111"
    lab = _shown(".gitlab-ci.yml")["test"]
    service, variables = lab["services"][0], lab["variables"]
    options = parser().parse_args(service["command"])
    assert (options.command, options.port, options.host) == ("serve", 12111, "0.0.0.0")  # noqa: S104 - read, not bound
    assert options.base_url == variables["STRIPE_API_BASE"] == f"http://{service['alias']}:{options.port}"


def test_commands_after_the_image_are_understood() -> None:
    shown = [
        line for page in PAGES for block in blocks_of(page) for line in block.code.splitlines() if "docker run" in line
    ]
    given = [line.partition(" stripe-emulator")[2].split() for line in shown]
    assert any("--base-url" in words for words in given)
    for words in filter(None, given):
        assert parser().parse_args(words).host == "0.0.0.0"  # noqa: S104 - read, not bound: a container listens for others


def test_the_steps_are_tried_by_a_script_that_parses() -> None:
    done = subprocess.run(["sh", "-n", "docker/try-steps.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for page in ("docs/ci.md", "CONTRIBUTING.md"):
        assert "docker/try-steps.sh" in (ROOT / page).read_text(encoding="utf-8")


def test_the_other_dockerfile_is_linted_too() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", "docker/example/Dockerfile"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
