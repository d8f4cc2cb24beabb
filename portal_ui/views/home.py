"""Decides what the overview is given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form, Frame, InfoRow, MethodRow


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One product of a subscription that has several."""

    name: str
    quantity: str
    price: str


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """One subscription on the home page; ``figure`` says that its price starts with an amount."""

    id: str
    name: str
    quantity: str
    price: str
    figure: bool
    items: tuple[ItemLine, ...]
    badges: tuple[Badge, ...]
    sentence: str
    cancel_url: str | None
    renew_url: str | None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice of the history."""

    url: str | None
    day: str
    amount: str
    badge: Badge
    description: str


@dataclass(frozen=True, slots=True)
class Invoices:
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
    """The question after a cancellation."""

    form: Form
    options: tuple[ReasonOption, ...]
    skip_url: str
    comment_limit: int


@drawn_by("home.html")
@dataclass(frozen=True, slots=True)
class Home:
    """``home.html``."""

    frame: Frame
    done: str | None
    reasons: Reasons | None
    subscriptions: tuple[SubscriptionCard, ...]
    methods: tuple[MethodRow, ...]
    methods_heading: str | None
    information: tuple[InfoRow, ...]
    invoices: Invoices | None
