"""Decides what a page about one task is given, and the page that only says something."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame, InfoRow, Link


@drawn_by("confirm.html")
@dataclass(frozen=True, slots=True)
class Confirm:
    """``confirm.html``: one act to confirm."""

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
    back_url: str


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
