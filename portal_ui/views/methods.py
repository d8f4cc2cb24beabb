"""Decides what the pages about payment methods are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame, InfoRow, Link, MethodRow


class PendingMethod(NamedTuple):
    """An account that has to be proven first, and where that is done."""

    row: MethodRow
    verify_url: str


class OwnMethod(NamedTuple):
    """A subscription that is not paid with the default, and where that is changed."""

    sentence: str
    way: Link


class MethodsBlock(NamedTuple):
    """The saved payment methods; ``delete`` is the form of the question before one is deleted, if any can be."""

    heading: str
    saved: tuple[MethodRow, ...]
    pending: tuple[PendingMethod, ...]
    own: tuple[OwnMethod, ...]
    add_url: str | None
    delete: Form | None


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """One type that can be added."""

    label: str
    mark: str
    url: str
    selected: bool


@dataclass(frozen=True, slots=True)
class AskOption:
    """One answer to choose."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One field of a payment method; ``kind`` is the type of an input or ``select``; ``problem`` is what is wrong."""

    id: str
    name: str
    label: str
    value: str
    kind: str
    keyboard: str
    autocomplete: str
    example: str
    narrow: bool
    needed: bool
    focused: bool
    choices: tuple[AskOption, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One test number, what it does, and the address that fills it in."""

    number: str
    outcome: str
    url: str


@dataclass(frozen=True, slots=True)
class NewMethod:
    """One payment method to type in; ``card_url`` is the page in which scripts put card fields, None for plain ones."""

    types: tuple[TypeChoice, ...]
    type: str
    card_url: str | None
    brands: tuple[str, ...]
    asked: tuple[Ask, ...]
    lead: str | None
    mandate: str
    terms: Link | None
    trials: tuple[TrialRow, ...]


@drawn_by("methods.html")
@dataclass(frozen=True, slots=True)
class Manage:
    """``methods.html``: all payment methods."""

    frame: Frame
    back_url: str | None
    methods: MethodsBlock


@drawn_by("method_add.html")
@dataclass(frozen=True, slots=True)
class AddMethod:
    """``method_add.html``: one payment method to add, None where none can be."""

    frame: Frame
    back_url: str | None
    problem: str | None
    form: Form
    attempt: str
    method: NewMethod | None
    button: str


@drawn_by("method_card.html")
@dataclass(frozen=True, slots=True)
class CardFrame:
    """``method_card.html``: the empty page that holds the fields of a card."""

    frame: Frame


@drawn_by("method_verify.html")
@dataclass(frozen=True, slots=True)
class VerifyMethod:
    """``method_verify.html``: what proves an account; ``target`` is the signed address that outside pages lead to."""

    frame: Frame
    back_url: str | None
    lead: str
    facts: tuple[InfoRow, ...]
    form: Form
    target: str | None
    asked: tuple[Ask, ...]
    trials: tuple[TrialRow, ...]
