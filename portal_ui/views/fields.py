"""Decides what a field of a form is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntryOption:
    """One thing that a field lets choose."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: ``kind`` is the type of an input or ``select``; ``hint`` stands under it, ``problem`` says what is wrong."""

    id: str
    name: str
    label: str
    value: str
    kind: str = "text"
    autocomplete: str = "off"
    limit: int | None = None
    options: tuple[EntryOption, ...] = ()
    half: bool = False
    locked: bool = False
    needed: bool = False
    focused: bool = False
    hint: str | None = None
    problem: str | None = None
