"""Holds the code to the rules about size, docstrings and layers."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("emulator", "portal_ui", "api_specs", "bench", "scripts", "tests")
GENERATED = {"emulator/spec/types.py"}
LONGEST_FILE = 400
SHORT_FUNCTION = 40


def sources() -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if path.relative_to(ROOT).as_posix() not in GENERATED]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def product_sources() -> list[Path]:
    return [path for path in sources() if name_of(path).startswith(("emulator/", "portal_ui/"))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_code_to_look_at() -> None:
    assert len(sources()) > 50


def test_no_file_is_over_400_lines() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nine_functions_in_ten_are_short() -> None:
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1 for path in product_sources() for node in functions(path)
    ]
    short = sum(length <= SHORT_FUNCTION for length in lengths)
    assert short / len(lengths) >= 0.9


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_opens_with_a_sentence(folder: str) -> None:
    silent = []
    for path in sources():
        if not name_of(path).startswith(f"{folder}/"):
            continue
        first = (ast.get_docstring(tree_of(path)) or "").split("\n\n", maxsplit=1)[0].strip()
        if not first.endswith((".", "::")):
            silent.append(name_of(path))
    assert silent == []


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{name_of(path)}: {node.name}"
        for path in product_sources()
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_package_has_an_init() -> None:
    folders = {path.parent for path in product_sources()}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_data_folders_are_no_packages() -> None:
    assert [name_of(path) for name in ("fixtures", "api_specs") for path in (ROOT / name).rglob("__init__.py")] == []


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout
