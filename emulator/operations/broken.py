"""Decides how it is told that a test wants a connection broken: what was stored before stays stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.operations.execute import Answer


class BrokenConnectionError(Exception):
    """Raised instead of an answer; ``answer`` is the one that is cut short, None for a connection that is reset."""

    def __init__(self, name: str, answer: Answer | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.answer = answer
