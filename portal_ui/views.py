"""Decides what each template is given: one frozen class per template, words and addresses ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    lang: str
    title: str
    business: str
    monogram: str
    logo: str | None
    icon: str | None
    headline: str
    home_url: str | None
    return_url: str | None
    return_label: str
    terms_url: str | None
    privacy_url: str | None
    test_mode: bool
    styles: tuple[str, ...]
    script: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A small coloured label; ``day`` is put into ``text`` where it says ``%(day)s``."""

    text: str
    tone: str
    test_id: str
    day: str = ""


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
class MethodRow:
    """One payment method."""

    mark: str
    title: str
    detail: str
    default: bool


@dataclass(frozen=True, slots=True)
class InfoRow:
    """One line of the billing information: a label and its value's lines."""

    label: str
    lines: tuple[str, ...]


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
class Form:
    """Where a form goes and the code that proves it is ours."""

    action: str
    code: str


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


@dataclass(frozen=True, slots=True)
class Link:
    """A way on."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """``notice.html``: a page that can only say something and show the way back."""

    frame: Frame
    sign: str
    heading: str
    paragraphs: tuple[str, ...]
    links: tuple[Link, ...]
    request_id: str | None
