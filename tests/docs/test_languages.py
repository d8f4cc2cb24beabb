"""What the documents show in languages that are not run here: every call is an operation of the description, or of the control API."""

from __future__ import annotations

import re
from functools import cache

import pytest

from emulator.control.description import CALLS
from emulator.spec.catalogue import catalogue
from tests.docs.pages import CHECKED, PAGES, Block, blocks_of

VERBS = {"create": "POST", "update": "POST", "retrieve": "GET", "list": "GET", "delete": "DELETE", "cancel": "DELETE"}
# How each SDK writes `billing_portal.sessions.create`.
CALL = {
    "go": re.compile(r"client\.V1(?P<what>[A-Z]\w+)\.(?P<verb>[A-Z]\w+)\("),
    "ruby": re.compile(r"(?:client|CLIENT)\.v1\.(?P<what>[a-z_.]+)\.(?P<verb>[a-z_]+)\(?"),
    "php": re.compile(r"\$(?:client|stripe)->(?P<what>[a-zA-Z>-]+)->(?P<verb>\w+)\("),
    "java": re.compile(r"client\.v1\(\)\.(?P<what>\w+\(\)(?:\.\w+\(\))*)\.(?P<verb>\w+)\("),
}
CONTROL = re.compile(
    r"""["'](?:/_emulator)?(/(?:worlds|clock|events|deliveries|faults|acts|endpoints|settings)[\w/]*)"""
)
BLOCKS = [block for page in PAGES for block in blocks_of(page) if block.language in CHECKED]


@cache
def operations() -> set[tuple[str, str]]:
    """Return every operation as its method and its path without separators, as a name can be compared with it."""
    found = set()
    for operation in catalogue().operations.values():
        path = re.sub(r"/\{[^}]+\}$", "", operation.path)
        found.add((operation.method, plain(path.removeprefix("/v1"))))
    return found


def plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.place}-{block.language}")
def test_calls_exist(block: Block) -> None:
    calls = [(one["what"], one["verb"]) for one in CALL[block.language].finditer(block.code)]
    assert calls, f"{block.place} shows no call"
    for what, verb in calls:
        method = VERBS[verb.lower()]
        assert (method, plain(what)) in operations(), f"{block.place}: {what}.{verb}"
    control = {"/" + line.partition(" ")[2] for line in CALLS}
    assert set(CONTROL.findall(block.code)) <= control


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.place}-{block.language}")
def test_brackets_close(block: Block) -> None:
    code = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`", "", block.code)
    for opening, closing in ("()", "[]", "{}"):
        assert code.count(opening) == code.count(closing), block.place


def test_every_language_is_shown() -> None:
    shown = {block.language for block in BLOCKS if block.page.name == "languages.md"}
    assert shown == set(CHECKED)
