"""The site is whole: every page has its place, links lead somewhere, and the made pages tell all that the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.cli.names import COMMANDS
from emulator.control import acts
from emulator.control.description import CALLS
from emulator.control.fault_presets import PRESETS
from scripts import docs_site
from tests.docs.pages import DOCS, ROOT, name_of

SITE = sorted(DOCS.rglob("*.md"))
MADE = docs_site.pages()
RECIPES = [page for page in (DOCS / "recipes").glob("*.md") if page.name != "index.md"]
NAV = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"([\w/-]+\.md)", NAV))
    assert named == {page.relative_to(DOCS).as_posix() for page in SITE} | set(MADE)


def test_there_are_recipes_and_each_is_listed() -> None:
    listed = (DOCS / "recipes" / "index.md").read_text(encoding="utf-8")
    assert len(RECIPES) >= 20
    assert [page.name for page in RECIPES if f"]({page.name})" not in listed] == []
    assert [page.name for page in RECIPES if "```" not in page.read_text(encoding="utf-8")] == []


def slug(heading: str) -> str:
    return re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@pytest.mark.parametrize("document", SITE, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    texts = {page.relative_to(DOCS).as_posix(): page.read_text(encoding="utf-8") for page in SITE} | MADE
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve().relative_to(DOCS).as_posix() if path else name_in_docs(document)
        assert target in texts, link
        assert not anchor or anchor in map(slug, HEADING.findall(texts[target])), link


def name_in_docs(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def test_the_reference_tells_every_control_call() -> None:
    page = MADE["reference/control.md"]
    for line, call in CALLS.items():
        method, _, path = line.partition(" ")
        heading = f"### `{method} /_emulator/{path}`"
        assert heading in page
        section = page.split(heading + "\n")[1].split("\n### ")[0]
        assert [name for name in (*call.query, *call.body) if f"| `{name}` |" not in section] == []
    assert "## More" not in page, "a new family of calls wants a heading in scripts/docs_site.py"
    assert [name for name in (*PRESETS, *acts.ACTS) if f"| `{name}` |" not in page] == []


def test_the_coverage_counts_every_operation() -> None:
    page = MADE["reference/coverage.md"]
    rows = re.findall(r"^\| `/[^|]+\| ([\d ]*)\| ([\d ]*)\| ([\d ]*)\|$", page, re.MULTILINE)
    counts = [sum(int(row[place].strip() or 0) for row in rows) for place in range(3)]
    told = [int(number) for number in re.findall(r"^- \*\*(\d+) ", page, re.MULTILINE)]
    assert counts == told
    assert sum(counts) == int(re.findall(r"Of the (\d+) operations", page)[0])
    assert len(re.findall(r"^- `(?:GET|POST|DELETE) /", page, re.MULTILINE)) == told[2]


def test_every_command_is_told() -> None:
    page = MADE["reference/commands.md"]
    wanted = (
        *COMMANDS,
        "serve",
        "save-world",
        "load-world",
        "check-spec",
        "clock advance",
        "worlds fork",
        "faults add",
    )
    assert [name for name in wanted if f"`stripe-emulator {name}`\n" not in page] == []
    assert "| `--probability` |" in page


def test_every_fixture_world_is_told() -> None:
    page = (DOCS / "worlds.md").read_text(encoding="utf-8")
    worlds = [path.stem for path in (ROOT / "fixtures" / "worlds").glob("*.json")]
    assert [name for name in worlds if f"| `{name}` |" not in page] == []


def test_the_comparison_is_dated_and_names_its_sources() -> None:
    page = (DOCS / "comparison.md").read_text(encoding="utf-8")
    assert re.search(r"As of [A-Z][a-z]+ 20\d\d", page)
    assert len(re.findall(r"\]\(https://", page)) > 12


def test_no_page_asks_another_host_for_anything() -> None:
    assert "font: false" in NAV
    assert "analytics" not in NAV
