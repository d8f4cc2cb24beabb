"""Decides what the form of the billing information is given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.fields import Entry
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form, Frame


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; ``country`` decides which ``entries`` there are, ``title`` is None for plain ones."""

    id: str
    title: str | None
    country: Entry | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One tax id and the form that removes it."""

    label: str
    value: str
    badge: Badge | None
    remove: Form
    remove_label: str


@dataclass(frozen=True, slots=True)
class TaxIds:
    """The tax ids; ``add`` is None when there is room for no more."""

    rows: tuple[TaxRow, ...]
    add: Form | None
    entries: tuple[Entry, ...]


@drawn_by("information.html")
@dataclass(frozen=True, slots=True)
class Information:
    """``information.html``: ``form`` is None when only tax ids may be changed, ``back_url`` inside a flow."""

    frame: Frame
    done: str | None
    problem: str | None
    form: Form | None
    groups: tuple[Group, ...]
    back_url: str | None
    tax: TaxIds | None
