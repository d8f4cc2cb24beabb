"""Decides which template draws which class: ``TEMPLATES``, filled by the decorator that stands over each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
TEMPLATES: dict[type[Any], str] = {}


def drawn_by(template: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator that says: this class holds all that ``template`` may use."""

    def note(view: type[T]) -> type[T]:
        TEMPLATES[view] = template
        return view

    return note
