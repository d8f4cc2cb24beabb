"""Decides what the pages about a change of plan are given: choosing, confirming, a change that waits."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.bills import Choice
from portal_ui.views.costs import Costs
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame, InfoRow, Link


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a quantity may be; ``maximum`` is empty when there is none, both are when it cannot be chosen."""

    minimum: str
    maximum: str


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One price to choose: ``current`` is what is had, ``chosen`` what is marked."""

    value: str
    name: str
    description: str
    includes: tuple[str, ...]
    price: str
    current: bool
    chosen: bool
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The plans that are billed alike often; ``shown`` are those that the page opens with."""

    key: str
    label: str
    url: str
    shown: bool
    cards: tuple[PlanCard, ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """The field of the quantity; ``open``: the marked plan lets it be chosen."""

    value: str
    bounds: Bounds
    open: bool
    problem: str | None


@drawn_by("update.html")
@dataclass(frozen=True, slots=True)
class Update:
    """``update.html``: the plans to choose from. ``present`` and ``count`` are what the subscription has."""

    frame: Frame
    back_url: str | None
    heading: str
    lead: str
    problem: str | None
    action: str
    rhythms: tuple[Rhythm, ...]
    chosen: str
    present: str
    count: str
    quantity: Quantity


@drawn_by("update_waiting.html")
@dataclass(frozen=True, slots=True)
class Waiting:
    """``update_waiting.html``: a change that waits for the end of the period."""

    frame: Frame
    back_url: str | None
    heading: str
    lead: str
    facts: tuple[InfoRow, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Code:
    """The box of the promotion code: ``applied`` is a code that works, ``typed`` what to correct."""

    action: str
    count: str
    typed: str
    applied: str
    remove_url: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Paying:
    """What the change is paid with: the saved methods, and the way to save one."""

    choices: tuple[Choice, ...]
    add: Link | None
    problem: str | None


@drawn_by("update_confirm.html")
@dataclass(frozen=True, slots=True)
class ConfirmUpdate:
    """``update_confirm.html``: one change with all that it costs. ``sent`` are the hidden fields of its form."""

    frame: Frame
    back_url: str | None
    heading: str
    problem: str | None
    name: str
    times: str
    price: str
    before: str
    notes: tuple[str, ...]
    due: str
    facts: tuple[InfoRow, ...]
    costs: Costs | None
    code: Code | None
    form: Form
    sent: tuple[tuple[str, str], ...]
    paying: Paying | None
    terms: Link | None
    button: str | None
