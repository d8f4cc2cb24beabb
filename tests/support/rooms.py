"""The lines of a room's tables with the functions that they name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from emulator.kernel.named import named


def operations(room: str) -> dict[str, Any]:
    """Return operation -> function of a room."""
    lines = import_module(f"emulator.{room}.operations").OPERATIONS
    return {id: named(room, name) for id, name in lines.items()}


def wakeups(room: str) -> dict[str, tuple[Any, Any]]:
    """Return kind -> (next instant, act) of a room."""
    lines = import_module(f"emulator.{room}.operations").WAKEUPS
    return {kind: (named(room, when), named(room, act)) for kind, (when, act) in lines.items()}
