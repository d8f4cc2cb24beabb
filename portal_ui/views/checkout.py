"""Decides what the page of a Checkout session is given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.bills import Sum
from portal_ui.views.methods import Ask, NewMethod
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame, Link


@dataclass(frozen=True, slots=True)
class Amount:
    """How many of a line item the customer takes, or what they pay for it, between bounds; ``name`` is the field's."""

    item: str
    name: str
    handle: str
    label: str
    value: str
    minimum: str
    maximum: str
    step: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One thing in the basket."""

    name: str
    detail: str
    amount: str
    quantity: Amount | None


@dataclass(frozen=True, slots=True)
class Code:
    """A promotion code: those in use, or the field for one."""

    used: tuple[str, ...]
    typed: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Rate:
    """One way of shipping."""

    value: str
    label: str
    amount: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What is bought: the name and amount of all, the lines, the sums; ``adjust`` is the form that changes it."""

    title: str
    amount: str
    note: str
    lines: tuple[OrderLine, ...]
    sums: tuple[Sum, ...]
    adjust: Form
    code: Code | None
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """Terms that have to be agreed to, and where they are."""

    label: str
    terms: Link | None
    given: bool
    problem: str | None


@drawn_by("checkout.html")
@dataclass(frozen=True, slots=True)
class Checkout:
    """``checkout.html``: ``email`` is fixed where ``contact`` does not ask for it; ``method`` None where nothing is due."""

    frame: Frame
    heading: str
    problem: str | None
    order: Order | None
    form: Form
    expected: int
    email: str | None
    contact: tuple[Ask, ...]
    shipping: tuple[Ask, ...]
    method: NewMethod | None
    extra: tuple[Ask, ...]
    consent: Consent | None
    message: str | None
    button: str
