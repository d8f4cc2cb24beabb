"""Decides what a page about one task is given, and the page that only says something."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame, InfoRow, Link


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Choices:
    """A question that goes with an act; ``folded``: as a list that opens. ``free`` is the answer with a free text."""

    name: str
    label: str
    options: tuple[Option, ...]
    folded: bool
    free: str | None
    limit: int


@drawn_by("confirm.html")
@dataclass(frozen=True, slots=True)
class Confirm:
    """``confirm.html``: one act to confirm, ``survey`` what is asked over it; no ``back_url``: nothing to go back to."""

    frame: Frame
    eyebrow: str | None
    heading: str
    lead: str
    facts: tuple[InfoRow, ...]
    note: str | None
    problem: str | None
    form: Form
    button: str
    danger: bool
    back_url: str | None
    choices: Choices | None = None
    survey: Choices | None = None


@drawn_by("notice.html")
@dataclass(frozen=True, slots=True)
class Notice:
    """``notice.html``: a page that can only say something and show the way back."""

    frame: Frame
    sign: str
    heading: str
    paragraphs: tuple[str, ...]
    links: tuple[Link, ...]
    request_id: str | None
