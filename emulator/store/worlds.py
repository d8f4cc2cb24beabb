"""Decides how a whole world looks as one readable TinyDB file, and how such a file is read, checked and saved.

A file holds one table per kind of object and a table ``_meta`` about the world itself::

    {"_meta": {"1": {"name": "saas", "settings": {}}}, "customer": {"1": {"id": "cus_demo", "created": "-40d"}}}

The documents of a table are in the order in which they were made. A time may be told from the moment of loading:
``"now"``, ``"-40d"``, ``"+3h"``, ``"-1mo"``. TinyDB is the form of the file, not the live store: it is read with
orjson and written by :class:`AtomicStorage`, which TinyDB can use too (``TinyDB(path, storage=AtomicStorage)``).
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from emulator.kernel import durations
from emulator.kernel.clock import Clock
from emulator.kernel.data import data_path
from emulator.kernel.documents import Doc

META = "_meta"
FORMAT = 1
ASIDE = frozenset({"_default", "$schema"})  # TinyDB's own table, and where editors find the schema
# What lies below these keys is the user's own text.
OPAQUE = frozenset({"metadata", "request", "response"})


class WorldError(Exception):
    """A world that cannot be read or written; the message is one line that names the place."""


class World(NamedTuple):
    """A world outside the store: facts about it, and its objects by kind, oldest first."""

    name: str
    meta: Doc = {}  # noqa: RUF012 - never changed in place
    objects: dict[str, list[Doc]] = {}  # noqa: RUF012 - as above

    @property
    def settings(self) -> Doc:
        """Account settings of the world."""
        return dict(self.meta.get("settings") or {})


class AtomicStorage:
    """A TinyDB storage whose file is always whole: written beside, synced, then moved over the old one."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the tables, or None where there is no file or an empty one."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        return orjson.loads(data) if data.strip() else None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the file's content as one step; a crash leaves the old file or the new one."""
        body = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
        folder = self._path.parent
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode(self._path))
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(folder)

    def close(self) -> None:
        """Nothing is held open."""


def _mode(path: Path) -> int:
    """Return the rights of the file that is replaced; a new one may be read by its owner only, as it holds secrets."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o600


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def path_of(source: str) -> Path:
    """Return the file of a world given by the name of a fixture (``saas``) or by a path."""
    if source.endswith(".json") or "/" in source or os.sep in source:
        return Path(source)
    return data_path("fixtures", "worlds") / f"{source}.json"


def names() -> list[str]:
    """Return the names of the fixture worlds."""
    return sorted(path.stem for path in data_path("fixtures", "worlds").glob("*.json") if path.stem != "schema")


def read(source: str) -> Doc:
    """Return the raw document of a fixture name or file; raises WorldError in one line."""
    path = path_of(source)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if path == Path(source):
            raise WorldError(f"no world file {source}") from None
        raise WorldError(f"no world is called {source!r}; there are {', '.join(names()) or 'none'}") from None
    except OSError as error:
        raise WorldError(f"cannot read {source}: {error.strerror}") from None
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise WorldError(f"{source}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise WorldError(f"{source}: a world file is a JSON object of tables")
    return document


def named(message: str, source: str) -> str:
    """Return what was said of a document that came from a file with the file's name."""
    return source + message.removeprefix("document") if message.startswith("document: ") else message


def load(source: str | Mapping[str, Any], now: int) -> World:
    """Read, check and resolve a world at ``now`` (unix seconds): a fixture's name, a file or a document.

    Raises WorldError.
    """
    return parse(read(source), now, source) if isinstance(source, str) else parse(source, now)


def parse(document: Mapping[str, Any], now: int, where: str = "document") -> World:
    """Turn a world document into a world; ``where`` names it in messages. Raises WorldError with the path."""
    collecting = gc.isenabled()
    gc.disable()  # many small objects are made and none becomes garbage: half of the time of a load otherwise
    try:
        check(document, where)
        tables = {kind: list(table.values()) for kind, table in document.items() if kind not in ASIDE}
        metas = tables.pop(META, [])
        try:
            meta = _resolved(metas[0], now, f"{META}.1") if metas else {}
            now = _clock_of(meta).get("now", now)
            objects = {
                kind: [_resolved(doc, now, f"{kind}.{place}") for place, doc in zip(document[kind], docs, strict=True)]
                for kind, docs in tables.items()
            }
        except ValueError as error:
            raise WorldError(f"{where}: {error}") from None
        return World(str(meta.get("name") or Path(where).stem), meta, objects)
    finally:
        if collecting:
            gc.enable()


def _clock_of(meta: Doc) -> Doc:
    return dict(meta.get("clock") or {})


def set_clock(clock: Clock, meta: Doc) -> None:
    """Set the clock of a new world to what its file says; where it says nothing, to the system's time."""
    told = _clock_of(meta)
    clock.set_real()
    if told.get("mode") == "frozen":
        clock.freeze(told.get("now"))
    elif told.get("mode") == "offset" and "now" in told:
        clock.advance_to(told["now"])


def dump(meta: Doc, objects: Mapping[str, Iterable[Doc]]) -> Doc:
    """Return the document of a world: what ``parse`` takes, what TinyDB opens."""
    tables: Doc = {META: {"1": {"format": FORMAT, **meta}}}
    for kind, docs in objects.items():
        table = {str(place): doc for place, doc in enumerate(docs, 1)}
        if table:
            tables[kind] = table
    return tables


def save(path: str | Path, document: Doc) -> None:
    """Write a world document as a TinyDB file in one step; raises WorldError where the place cannot be written."""
    try:
        AtomicStorage(path).write(document)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from None


def writable(path: str | Path) -> None:
    """Raise WorldError unless a world could be saved at ``path`` now; for saying so early."""
    target = Path(path)
    if target.is_dir():
        raise WorldError(f"cannot write {path}: it is a folder")
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from None


# ------------------------------------------------------------------------------------------------ relative times
def _resolved(value: Any, now: int, path: str, name: str = "") -> Any:
    """Return ``value`` with relative times replaced by unix seconds; raises ValueError naming the path."""
    if isinstance(value, dict):
        return {
            key: part if key in OPAQUE else _resolved(part, now, f"{path}.{key}", key) for key, part in value.items()
        }
    if isinstance(value, list):
        return [_resolved(part, now, f"{path}.{place}") for place, part in enumerate(value)]
    # "now" is also the word for resetting an anchor: there it stays what it is.
    word = value == "now" and name == "billing_cycle_anchor"
    if isinstance(value, str) and not word and durations.is_time(name) and durations.is_relative(value):
        try:
            return durations.resolve(value, now)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    return value


# ------------------------------------------------------------------------------------------------ checks
_NUMBER = "^[1-9][0-9]*$"
_META_SCHEMA: Doc = {
    "type": "object",
    "properties": {
        "format": {"const": FORMAT},
        "name": {"type": "string", "minLength": 1},
        "note": {"type": "string"},
        "api_version": {"type": "string"},
        "account": {"type": "object"},
        "livemode": {"type": "boolean"},
        "settings": {"type": "object"},
        "saved": {"type": "integer"},
        "clock": {
            "type": "object",
            "properties": {"mode": {"enum": ["real", "frozen", "offset"]}, "now": {"type": ["integer", "string"]}},
            "required": ["mode"],
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
SCHEMA: Doc = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        META: {"type": "object", "properties": {"1": _META_SCHEMA}, "additionalProperties": False},
        "_default": {"type": "object", "maxProperties": 0},
        "$schema": {"type": "string"},
    },
    "patternProperties": {
        r"^(?!_meta$|_default$)_?[a-z][a-z0-9_.]*$": {
            "type": "object",
            "patternProperties": {
                _NUMBER: {
                    "type": "object",
                    "properties": {"id": {"type": "string", "minLength": 1}, "object": {"type": "string"}},
                    "required": ["id"],
                }
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}


def check(document: Any, where: str = "document") -> None:
    """Raise WorldError, with the path of the first fault, unless ``document`` is a world document."""
    if not _plainly_right(document):
        _explain(document, where)
    for kind, table in document.items():
        if kind == META or kind in ASIDE:
            continue
        seen: dict[str, str] = {}
        for place, doc in table.items():
            first = seen.setdefault(doc["id"], place)
            if first != place:
                raise WorldError(f"{where}: {kind}.{place}.id: {doc['id']!r} is the id of {kind}.{first} already")


def _plainly_right(document: Any) -> bool:
    """Say whether the document is right without doubt: the schema library costs 100 ms and a start has none to give."""
    if not isinstance(document, dict) or document.get(META, {}) != {} or document.get("_default", {}) != {}:
        if not isinstance(document, dict) or document.get("_default", {}) != {}:
            return False
        if not _meta_plainly_right(document.get(META)):
            return False
    return isinstance(document.get("$schema", ""), str) and all(
        isinstance(table, dict)
        and kind.replace("_", "").replace(".", "").isalnum()
        and kind == kind.lower()
        and kind.isascii()
        and kind.removeprefix("_")[:1].isalpha()
        and all(
            place.isdecimal() and place.isascii() and place[0] != "0" and isinstance(doc, dict) and _has_id(doc)
            for place, doc in table.items()
        )
        for kind, table in document.items()
        if kind != META and kind not in ASIDE
    )


def _has_id(doc: Doc) -> bool:
    return isinstance(doc.get("id"), str) and doc["id"] != "" and isinstance(doc.get("object", ""), str)


def _meta_plainly_right(table: Any) -> bool:
    if not isinstance(table, dict) or set(table) != {"1"} or not isinstance(table["1"], dict):
        return False
    meta = table["1"]
    texts = ("name", "note", "api_version")
    return (
        set(meta) <= {"format", "settings", *texts}
        and meta.get("format", FORMAT) == FORMAT
        and isinstance(meta.get("settings", {}), dict)
        and all(isinstance(meta.get(name, "x"), str) and meta.get(name, "x") for name in texts)
    )


def _explain(document: Any, where: str) -> None:
    from jsonschema import Draft202012Validator  # 100 ms that only a doubtful file needs
    from jsonschema.exceptions import best_match

    fault = best_match(Draft202012Validator(SCHEMA).iter_errors(document))
    if fault is not None:
        place = ".".join(str(step) for step in fault.absolute_path)
        raise WorldError(f"{where}: {place + ': ' if place else ''}{' '.join(fault.message.split())[:300]}")
