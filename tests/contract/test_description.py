"""The compiled API description: what it refuses, what it holds, how quickly it is there."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from emulator.kernel.data import data_path
from emulator.spec.catalogue import catalogue, load_tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compiler() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compile_specs", ROOT / "api_specs" / "compile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def document(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "info": {"version": "2030-01-01.test"},
        "paths": {
            "/v1/things": {
                "post": {
                    "operationId": "PostThings",
                    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}},
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}}
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "thing": {
                    "type": "object",
                    "properties": {"id": {"type": "string"}},
                    "required": ["id"],
                    "x-resourceId": "thing",
                }
            }
        },
    }


def tables(compiler: ModuleType, schema: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = compiler.Compiler(document(schema), []).tables({}, {})
    return result


def test_parameters_become_shapes(compiler: ModuleType) -> None:
    made = tables(
        compiler,
        {
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": "string", "maxLength": 5, "description": "prose"},
                "b": {"anyOf": [{"type": "integer"}, {"enum": [""], "type": "string"}]},
                "c": {"type": "string", "enum": ["", "x", "y"]},
            },
        },
    )
    shapes = made["shapes"]
    node = shapes[made["operations"]["PostThings"]["in"]]
    assert node["req"] == ["a"]
    assert shapes[node["p"]["a"]] == {"t": "str", "max": 5}
    assert shapes[node["p"]["b"]] == {"t": "int", "clear": 1}
    assert shapes[node["p"]["c"]] == {"t": "str", "clear": 1, "enum": ["x", "y"]}
    assert "prose" not in orjson.dumps(made).decode()


@pytest.mark.parametrize(
    "schema", [{"type": "string", "minLength": 2}, {"type": "mystery"}, {"type": "string", "format": "color"}]
)
def test_what_the_tables_cannot_hold_is_refused(compiler: ModuleType, schema: dict[str, Any]) -> None:
    with pytest.raises(compiler.RefusedError):
        tables(compiler, {"type": "object", "properties": {"a": schema}})


def test_a_refused_document_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_bytes(
        orjson.dumps(document({"type": "object", "properties": {"a": {"type": "string", "multipleOf": 2}}}))
    )
    ran = subprocess.run(
        [sys.executable, ROOT / "api_specs" / "compile.py", path, "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == "refused: PostThings.a: unknown schema keywords ['multipleOf']\n"


def test_the_pin_is_true() -> None:
    pin = tomllib.loads(data_path("api_specs", "PIN.toml").read_text())
    raw = data_path("api_specs", pin["tables"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == pin["tables_sha256"]
    held = catalogue()
    assert (pin["version"], pin["operations"]) == (held.version, len(held.operations)) == ("2026-10-28.endive", 703)
    assert pin["source"]


def test_no_prose_got_in() -> None:
    """The longest text in the tables is a name, not a sentence."""

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [one for key, part in value.items() for one in (key, *texts(part))]
        if isinstance(value, list):
            return [one for part in value for one in texts(part)]
        return [value] if isinstance(value, str) else []

    found = texts(orjson.loads(data_path("api_specs", f"{catalogue().version}.json").read_bytes()))
    assert not [one for one in found if " " in one and not one.startswith("v1.")][:5]


def test_loading_takes_under_30_ms() -> None:
    """Measured in a process of its own, the best of several: what the machine does meanwhile is not counted."""
    code = (
        "import time\nfrom emulator.kernel.data import data_path\nfrom emulator.spec.catalogue import load_tables\n"
        "path = data_path('api_specs', '2026-10-28.endive.json')\ntimes = []\n"
        "for _ in range(7):\n    started = time.process_time()\n    load_tables(path)\n    times.append(time.process_time() - started)\n"
        "print(min(times) * 1000)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert float(ran.stdout) < 30, ran.stdout


def test_every_event_names_a_known_kind() -> None:
    held = catalogue()
    assert len(held.events) == 275
    unknown = {kind for one in held.events.values() for kind in one.split("|") if kind not in held.schemas}
    assert not unknown - {"billing.alert_triggered"}, unknown


def test_a_second_table_can_be_loaded() -> None:
    assert load_tables(data_path("api_specs", "2026-10-28.endive.json")).version == "2026-10-28.endive"
