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


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of an invoice: what, for which time, how many and at how much, what it costs."""

    name: str
    period: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One line under the lines of an invoice; the ``strong`` ones are what it comes to."""

    label: str
    amount: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an invoice."""

    day: str
    method: str
    amount: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Bill:
    """The inside of an invoice: who, what, the sums, and the merchant's own words."""

    parties: tuple[InfoRow, ...]
    lines: tuple[BillLine, ...]
    sums: tuple[Sum, ...]
    payments: tuple[Payment, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One saved payment method to pay with."""

    value: str
    row: MethodRow
    chosen: bool


@dataclass(frozen=True, slots=True)
class Pay:
    """The form that pays an invoice."""

    form: Form
    button: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A document to take away."""

    url: str
    label: str
    test_id: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """``invoice.html``: one invoice; ``pay`` when it can be paid here, ``unpayable`` says why it cannot."""

    frame: Frame
    done: str | None
    problem: str | None
    heading: str
    amount: str
    state: Badge
    sentence: str
    facts: tuple[InfoRow, ...]
    downloads: tuple[Download, ...]
    receipt_url: str | None
    pay: Pay | None
    unpayable: str | None
    bill: Bill
    contacts: tuple[Link, ...]
    contact_label: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """``receipt.html``: what was paid, when and with what; ``bill`` when it was an invoice."""

    frame: Frame
    heading: str
    amount: str
    sentence: str
    facts: tuple[InfoRow, ...]
    bill: Bill | None
    invoice_url: str | None
    contacts: tuple[Link, ...]
    contact_label: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """``challenge.html``: the bank's question; ``target`` is the signed address that the answer leads to."""

    frame: Frame
    heading: str
    amount: str | None
    lead: str
    facts: tuple[InfoRow, ...]
    form: Form
    target: str
