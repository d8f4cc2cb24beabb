"""Decides how each test gets a world of its own: a copy of one that was made once from its fixture."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from emulator.store import worlds
from emulator.testing.wire import RefusedError, Wire


class Worlds:
    """Makes worlds on one server; names hold the worker and its process, so that nobody else's are touched."""

    def __init__(self, url: str, worker: str) -> None:
        self.url = url
        self._wire = Wire(url, "sk_test_worlds")
        self._prefix = f"sk_test_{worker}-{os.getpid()}-"
        self._templates: dict[str, str] = {}
        self._made = 0

    def make(self, source: str | dict[str, Any]) -> str:
        """Return the key of a new world made from a fixture's name, a file or a document."""
        name = source if isinstance(source, str) else json.dumps(source, sort_keys=True)
        template = self._templates.get(name)
        if template is None:
            template = f"{self._prefix}template-{len(self._templates)}"
            self._load(template, source)
            self._templates[name] = template
        self._made += 1
        key = f"{self._prefix}{self._made}"
        self._wire.control("POST", f"/worlds/{template}/fork", {"to": key})
        return key

    def _load(self, key: str, source: str | dict[str, Any]) -> None:
        """Make a world; a file is read here, as the server may run elsewhere. Raises WorldError, which names the file."""
        file = isinstance(source, str) and worlds.path_of(source) == Path(source)
        if isinstance(source, dict) or not file:
            what = "fixture" if isinstance(source, str) else "document"
            self._wire.control("POST", "/worlds", {"key": key, what: source})
            return
        try:
            self._wire.control("POST", "/worlds", {"key": key, "document": worlds.read(source)})
        except RefusedError as refused:
            raise worlds.WorldError(worlds.named(refused.error.get("message", str(refused)), source)) from None

    def drop(self, key: str) -> None:
        """Forget a world."""
        self._wire.control("DELETE", f"/worlds/{key}")

    def close(self) -> None:
        """Forget the worlds that the others were copied from."""
        for key in self._templates.values():
            self.drop(key)
        self._templates.clear()
        self._wire.close()
