"""Decides whether an API description, given or built in, is the one that the tables were pinned to."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from emulator.cli.output import UsageError, say
from emulator.kernel.data import data_path

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
SHOWN = 20


def _pin() -> dict[str, Any]:
    return tomllib.loads(data_path("api_specs", "PIN.toml").read_text(encoding="utf-8"))


def built_in() -> int:
    """Hold the built-in tables against their pin; returns 0 when they are what was pinned, else 1."""
    pin = _pin()
    data = data_path("api_specs", pin["tables"]).read_bytes()
    tables = json.loads(data)
    same = hashlib.sha256(data).hexdigest() == pin["tables_sha256"]
    counts = {name: len(tables[name]) for name in ("operations", "schemas", "events")}
    same = same and all(counts[name] == pin[name] for name in counts)
    say(f"{pin['version']}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    say("the tables are what was pinned" if same else "the tables are NOT what was pinned in api_specs/PIN.toml")
    return 0 if same else 1


def compared(file: str) -> int:
    """Hold an OpenAPI document against what is built in; returns 0 when they agree, else 1."""
    document = _document(file)
    pin = _pin()
    tables = json.loads(data_path("api_specs", pin["tables"]).read_bytes())
    theirs = {
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS and "operationId" in operation
    }
    ours = set(tables["operations"])
    version = document.get("info", {}).get("version", "?")
    say(f"{file}: {version}, {len(theirs)} operations, {len(document['components']['schemas'])} schemas")
    say(f"built in: {pin['version']}, {len(ours)} operations")
    _names("only in the document", theirs - ours)
    _names("only built in", ours - theirs)
    canonical = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    same = canonical == pin["document_sha256"]
    say("this is the document that the tables were compiled from" if same else "this is another document")
    return 0 if same else 1


def _names(what: str, names: set[str]) -> None:
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        say(f"{what}: {len(names)}: {', '.join(sorted(names)[:SHOWN])}{more}")


def _document(file: str) -> dict[str, Any]:
    try:
        data = Path(file).read_bytes()
        document = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or 'not gzip'}") from None
    except (ValueError, EOFError) as error:
        raise UsageError(f"{file}: not JSON: {error}") from None
    schemas = document.get("components", {}).get("schemas") if isinstance(document, dict) else None
    if not isinstance(schemas, dict) or not isinstance(document.get("paths"), dict):
        raise UsageError(f"{file}: not an OpenAPI document")
    return dict(document)
