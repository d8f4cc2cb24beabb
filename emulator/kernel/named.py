"""Decides how a table names a function of a room, which is loaded when it is called for the first time."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def named(room: str, name: str) -> Any:
    """Return the function ``name`` ("module.function", or deeper) of a room such as "billing".

    Raises ImportError or AttributeError for a name that there is not: tests resolve every line of the tables.
    """
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"emulator.{room}.{module}"), function)
