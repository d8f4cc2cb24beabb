"""Decides which documents there are, which blocks of code they hold, and what of a block is put in place of its addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
RUN = ("python", "sh", "js")
CHECKED = ("go", "ruby", "php", "java")
# What is only shown: files of other tools, answers, and the words of a terminal.
SHOWN = ("yaml", "json", "ini", "toml", "text", "html")
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
PORT, APP_PORT = re.compile(r"\b12111\b"), re.compile(r"\b8000\b")


@dataclass(frozen=True)
class Block:
    """A fenced block; ``title`` is the name of the file that it shows."""

    page: Path
    line: int
    language: str
    title: str | None
    code: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{name_of(self.page)}:{self.line}"

    @property
    def is_test(self) -> bool:
        """Say whether it is Python that pytest runs: a test, a fixture, or a file that tests import."""
        return self.language == "python" and (bool(self.title) or "def test_" in self.code)

    @property
    def is_script(self) -> bool:
        """Say whether it is Python that runs as it stands."""
        return self.language == "python" and not self.is_test

    @property
    def drives_browser(self) -> bool:
        """Say whether it asks for a ``page`` of Playwright."""
        return self.language == "python" and "page.goto(" in self.code

    def at(self, port: int, app_port: int) -> str:
        """Return the code with the ports of a test in place of those that the documents name."""
        return APP_PORT.sub(str(app_port), PORT.sub(str(port), self.code))


def name_of(page: Path) -> str:
    """Return a page's name, relative to the project."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        language, _, rest = match["info"].strip().partition(" ")
        title = TITLE.search(rest)
        indent = len(match["indent"])
        code = "".join(line[indent:] if line.strip() else "\n" for line in match["code"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, language, title[1] if title else None, code))
    return found


def with_language(*languages: str) -> list[Path]:
    """Return the pages that hold a block of one of these languages."""
    return [page for page in PAGES if any(block.language in languages for block in blocks_of(page))]


def with_tests(*, browser: bool) -> list[Path]:
    """Return the pages that hold tests for pytest, with or without a browser, which async tests cannot share a process with."""
    found = []
    for page in PAGES:
        tests = [block for block in blocks_of(page) if block.is_test]
        if tests and any(block.drives_browser for block in tests) is browser:
            found.append(page)
    return found
