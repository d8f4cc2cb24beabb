"""Decides what the pages of invoices, receipts and 3D Secure are given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.fields import Entry
from portal_ui.views.methods import NewMethod
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form, Frame, InfoRow, Link, MethodRow


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
    """The form that pays an invoice: with what is saved, or with ``new``, which is a choice when anything is saved."""

    form: Form
    button: str
    choices: tuple[Choice, ...]
    new: NewMethod | None


@dataclass(frozen=True, slots=True)
class Download:
    """A document to take away."""

    url: str
    label: str
    test_id: str


@drawn_by("invoice.html")
@dataclass(frozen=True, slots=True)
class Invoice:
    """``invoice.html``: one invoice; ``pay`` when it can be paid here, ``unpayable`` says why it cannot.

    ``waiting`` leads to what a payment that was begun still needs.
    """

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
    waiting: Link | None
    bill: Bill
    contacts: tuple[Link, ...]
    contact_label: str


@drawn_by("invoice_expired.html")
@dataclass(frozen=True, slots=True)
class InvoiceExpired:
    """``invoice_expired.html``: a link after its time; ``form`` asks for the address that a new one goes to."""

    frame: Frame
    heading: str
    lead: str
    sent: str | None
    form: Form
    email: Entry
    mailbox_url: str | None
    contacts: tuple[Link, ...]
    contact_label: str


@drawn_by("receipt.html")
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
    downloads: tuple[Download, ...]
    contacts: tuple[Link, ...]
    contact_label: str


@drawn_by("sheet.html")
@dataclass(frozen=True, slots=True)
class Sheet:
    """``sheet.html``: a paper that only says something: a mandate, a voucher, where to send money."""

    frame: Frame
    eyebrow: str
    heading: str
    amount: str | None
    state: Badge
    lead: str
    facts: tuple[InfoRow, ...]
    links: tuple[Link, ...]


@drawn_by("challenge.html")
@dataclass(frozen=True, slots=True)
class Challenge:
    """``challenge.html``: the bank's question; ``target`` is the signed address that the answer leads to.

    ``inside`` is the address of a frame that asks in its place, ``eyebrow`` what the question is called, ``lead`` whose
    page this stands in for.
    """

    frame: Frame
    eyebrow: str | None
    heading: str
    amount: str | None
    lead: str | None
    facts: tuple[InfoRow, ...]
    form: Form
    target: str
    inside: str | None


@drawn_by("challenge_outer.html")
@dataclass(frozen=True, slots=True)
class OuterFrame:
    """``challenge_outer.html``: what real pages have between themselves and the frame that asks."""

    frame: Frame
    inside: str


@drawn_by("challenge_inner.html")
@dataclass(frozen=True, slots=True)
class InnerFrame:
    """``challenge_inner.html``: the bank's question in a frame, as ``Challenge``."""

    frame: Frame
    form: Form
    target: str
