"""Decides what the overview is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from portal_ui.views.costs import Costs
from portal_ui.views.methods import MethodsBlock
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form, Frame, InfoRow


class ItemLine(NamedTuple):
    """One product of a subscription that has several."""

    name: str
    quantity: str
    price: str


class SubscriptionCard(NamedTuple):
    """One subscription on the home page; ``figure`` says that its price starts with an amount.

    ``change`` says what it will change to, ``change_url`` is where that is taken back.
    ``costs`` are those of the next invoice when it bills a change too.
    """

    id: str
    name: str
    quantity: str
    price: str
    discounts: tuple[str, ...]
    figure: bool
    items: tuple[ItemLine, ...]
    badges: tuple[Badge, ...]
    sentence: str
    change: str
    change_url: str | None
    costs: Costs | None
    plan_url: str | None
    update_url: str | None
    pause_url: str | None
    resume_url: str | None
    cancel_url: str | None
    renew_url: str | None


class InvoiceRow(NamedTuple):
    """One invoice of the history."""

    url: str | None
    day: str
    amount: str
    badge: Badge
    description: str


class Invoices(NamedTuple):
    """The invoice history; ``more`` is how many to ask for next, 0 when all are here."""

    rows: tuple[InvoiceRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ReasonOption:
    """One reason for cancelling."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The question after a cancellation; ``closes``: behind it is the page that skipping leads to."""

    form: Form
    options: tuple[ReasonOption, ...]
    skip_url: str
    comment_limit: int
    closes: bool


@drawn_by("home.html")
@dataclass(frozen=True, slots=True)
class Home:
    """``home.html``."""

    frame: Frame
    done: str | None
    reasons: Reasons | None
    subscriptions: tuple[SubscriptionCard, ...]
    methods: MethodsBlock | None
    information: tuple[InfoRow, ...]
    information_url: str | None
    invoices: Invoices | None
