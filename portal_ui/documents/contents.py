"""Decides what an invoice, a receipt and a credit note say on paper: the same words and amounts as the pages have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from emulator.kernel.documents import Doc, at
from portal_ui import bills, branding, frame, history, information
from portal_ui.i18n import Words
from portal_ui.views.bills import Sum
from portal_ui.views.shared import InfoRow

# In this order a glyph is looked for: Latin, Greek and Cyrillic, Thai, then Chinese, Japanese and Korean.
FONTS = ["Noto Sans", "Noto Sans Thai", "WenQuanYi Micro Hei"]
PAPERS = {"a4": "a4", "letter": "us-letter"}
LETTER_COUNTRIES = frozenset({"CA", "US"})  # a receipt that is of no invoice has no size of its own (a choice)


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be set: a file ``name``, the ``words`` that the source reads, the ``instant`` (unix seconds) it is dated.

    ``logo`` and ``icon`` are the addresses of the merchant's pictures; which is shown is found out with their contents.
    """

    name: str
    words: dict[str, Any]
    instant: int
    logo: str | None = None
    icon: str | None = None


def invoice(words: Words, answer: Doc) -> Document:
    """Return an invoice of an ``invoice:page`` answer."""
    doc = answer["invoice"]
    issued = doc["effective_at"] or doc["status_transitions"]["finalized_at"] or doc["created"]
    due = words.long_day(doc["due_date"] or issued)
    amount = words.money(doc["amount_due"], doc["currency"])
    facts = [
        (words.gettext("Invoice number"), doc["number"]),
        (words.gettext("Date of issue"), words.long_day(issued)),
        (words.gettext("Date due"), due),
        *(
            (field["name"], field["value"])
            for field in doc["custom_fields"] or _settings(answer).get("custom_fields") or ()
        ),
    ]
    payable = doc["status"] == "open" and doc["amount_remaining"] > 0 and doc["hosted_invoice_url"]
    return _document(
        words,
        answer,
        kind="Invoice",
        heading=words.gettext("Invoice"),
        number=doc["number"],
        facts=facts,
        statement=_statement(words, doc, amount, due),
        pay=(frame.safe_url(doc["hosted_invoice_url"]), words.gettext("Pay online")) if payable else None,
        instant=issued,
        sums=bills.bill(words, answer).sums,
        lines=_lines(words, answer),
    )


def receipt(words: Words, answer: Doc) -> Document:
    """Return a receipt of a ``receipt:page`` answer: of an invoice's payment, or of a payment that has none."""
    charge, doc = answer["charge"], answer["invoice"]
    paid = words.long_day(charge["created"])
    amount = words.money(charge["amount_captured"], charge["currency"])
    number = charge["receipt_number"] or (doc or {}).get("receipt_number")
    facts = [
        (words.gettext("Invoice number"), (doc or {}).get("number")),
        (words.gettext("Receipt number"), number),
        (words.gettext("Date paid"), paid),
        (words.gettext("Payment method"), bills.method_name(words, charge)),
    ]
    refunded = charge["amount_refunded"]
    sums = (
        list(bills.bill(words, answer, payments=False).sums)
        if doc
        else [Sum(words.gettext("Amount paid"), amount, strong=True)]
    )
    if refunded:
        sums.append(Sum(words.gettext("Refunded"), words.money(refunded, charge["currency"]), strong=False))
    what = charge["description"] or words.gettext("Payment")
    alone: list[Doc] = [{"name": what, "more": [], "quantity": "", "unit": "", "amount": amount}]
    return _document(
        words,
        answer,
        kind="Receipt",
        heading=words.gettext("Receipt"),
        number=number or (doc or {}).get("number") or charge["id"],
        facts=facts,
        statement=words.gettext("%(amount)s paid on %(date)s", amount=amount, date=paid),
        pay=None,
        instant=charge["created"],
        sums=sums,
        lines=_lines(words, answer) if doc else alone,
    )


def credit_note(words: Words, answer: Doc) -> Document:
    """Return a credit note of a ``credit_note:page`` answer."""
    note, doc = answer["credit_note"], answer["invoice"]
    issued = note["effective_at"] or note["created"]
    amount = words.money(note["total"], note["currency"])
    facts = [
        (words.gettext("Credit note number"), note["number"]),
        (words.gettext("Invoice number"), doc["number"]),
        (words.gettext("Date of issue"), words.long_day(issued)),
    ]
    made = _document(
        words,
        answer,
        kind="Credit-note",
        heading=words.gettext("Credit note"),
        number=note["number"],
        facts=facts,
        statement=words.gettext("%(amount)s credited on %(date)s", amount=amount, date=words.long_day(issued)),
        pay=None,
        instant=issued,
        sums=list(_note_sums(words, note)),
        lines=[_note_line(words, line, note["currency"]) for line in note["lines"]["data"]],
    )
    made.words["remarks"] = [note["memo"]] if note["memo"] else []
    if note["status"] == "void":
        made.words["remark"] = words.gettext("Void")
    return made


def _settings(answer: Doc) -> Doc:
    """Return what a customer's invoices say when they do not say it themselves (docs.stripe.com/api/customers)."""
    return (answer["customer"] or {}).get("invoice_settings") or {}


def _statement(words: Words, doc: Doc, amount: str, due: str) -> str:
    if doc["status"] == "void":
        return words.gettext("Void")
    return words.gettext("%(amount)s due %(date)s", amount=amount, date=due)


def voucher(words: Words, answer: Doc, *, number: str, due: str) -> Document:
    """Return a boleto that waits to be paid, of a ``challenge:page`` answer."""
    intent = answer["intent"]
    amount = words.money(intent["amount"], intent["currency"])
    what = intent["description"] or words.gettext("Payment")
    return _document(
        words,
        {**answer, "invoice": None},
        kind="Boleto",
        heading="Boleto",
        number=number,
        facts=[(words.gettext("Number"), number), (words.gettext("Due date"), due)],
        statement=words.gettext("%(amount)s due %(date)s", amount=amount, date=due),
        pay=None,
        instant=intent["created"],
        sums=[Sum(words.gettext("Amount due"), amount, strong=True)],
        lines=[{"name": what, "more": [], "quantity": "", "unit": "", "amount": amount}],
    )


def _document(
    words: Words,
    answer: Doc,
    *,
    kind: str,
    heading: str,
    number: str | None,
    facts: Iterable[tuple[str, str | None]],
    statement: str,
    pay: tuple[str | None, str] | None,
    instant: int,
    sums: Iterable[Sum],
    lines: list[Doc],
) -> Document:
    account, doc = answer["account"], answer.get("invoice") or {}
    business = frame.business_name(account)
    brand, accent = branding.colours(account)
    territory = words.locale.territory or ""
    # docs.stripe.com/tax/tax-rates: the customer owes the tax, and the papers say so.
    reverse = words.gettext("Reverse charge") if doc.get("customer_tax_exempt") == "reverse" else None
    remarks = [reverse, doc.get("description"), doc.get("footer") or _settings(answer).get("footer")]
    told = {
        "accent": brand,
        "business": business,
        "columns": [
            words.gettext("Description"),
            words.gettext("Qty"),
            words.gettext("Unit price"),
            words.gettext("Amount"),
        ],
        "facts": [fact for fact in facts if fact[1]],
        "fonts": FONTS,
        "heading": heading,
        "lang": words.locale.language,
        "lines": lines,
        "link": branding.readable(accent, branding.WHITE),
        "logo": None,
        "page": words.gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "paper": PAPERS.get(at(doc, "rendering.pdf.page_size") or _paper(account), "a4"),
        "parties": [[party.label, party.lines] for party in _parties(words, answer)],
        "pay": pay if pay and pay[0] else None,
        "payment-columns": [
            words.gettext("Date"),
            words.gettext("Payment method"),
            words.gettext("Amount"),
            words.gettext("Status"),
        ],
        "payments": _payments(words, answer),
        "payments-heading": words.gettext("Payment history"),
        "region": territory if len(territory) == 2 else None,
        "remark": None,
        "remarks": [remark for remark in remarks if remark],
        "running": " · ".join(part for part in (number, statement) if part),
        "statement": statement,
        "sums": [[sum.label, sum.amount, sum.strong] for sum in sums],
        "title": " ".join(part for part in (heading, number) if part),
    }
    pictures = (branding.image(account, which) for which in ("logo", "icon"))
    return Document(f"{kind}-{number}.pdf", told, instant, *pictures)


def _paper(account: Doc) -> str:
    return "letter" if account.get("country") in LETTER_COUNTRIES else "a4"


def _parties(words: Words, answer: Doc) -> Iterator[InfoRow]:
    """Yield who asks for the money, who owes it, and where things are sent."""
    account, doc = answer["account"], answer.get("invoice") or {}
    customer = answer["customer"] or {}
    address = at(account, "business_profile.support_address") or at(account, "company.address")
    business = frame.business_name(account) or doc.get("account_name") or ""
    own = (*information.address_lines(words, address), at(account, "business_profile.support_email"))
    yield InfoRow(business, tuple(line for line in (*own, *_numbers(answer.get("account_tax_ids"))) if line))
    name = doc.get("customer_name") or customer.get("name")
    owes = (
        *information.address_lines(words, doc.get("customer_address") or customer.get("address"), name),
        doc.get("customer_phone"),
        doc.get("customer_email") or customer.get("email"),
        *_numbers(doc.get("customer_tax_ids")),
    )
    yield InfoRow(words.gettext("Bill to"), tuple(line for line in owes if line))
    shipping = doc.get("customer_shipping") or {}
    sent = information.address_lines(words, shipping.get("address"), shipping.get("name"))
    if sent:
        yield InfoRow(words.gettext("Ship to"), sent)


def _numbers(tax_ids: Iterable[Doc] | None) -> Iterator[str]:
    for tax_id in tax_ids or ():
        yield f"{tax_id['type'].replace('_', ' ').upper()} {tax_id['value']}"


def _lines(words: Words, answer: Doc) -> list[Doc]:
    doc = answer["invoice"]
    return [_line(words, line, doc["currency"], answer["products"]) for line in doc["lines"]["data"]]


def _line(words: Words, line: Doc, currency: str, products: dict[str, str]) -> Doc:
    period = line.get("period") or {}
    prorated = at(line, "parent.subscription_item_details.proration") or at(
        line, "parent.invoice_item_details.proration"
    )
    spans = period.get("start") is not None and period["start"] < period["end"]
    unit, quantity = at(line, "pricing.unit_amount_decimal"), line.get("quantity")
    return {
        "name": line["description"] if prorated else history.line_name(line, products),
        "more": [words.span(period["start"], period["end"])] if spans else [],
        "quantity": words.number(quantity) if quantity is not None else "",
        "unit": words.money(Decimal(unit), currency) if unit is not None and not prorated else "",
        "amount": words.money(line["amount"], currency),
    }


def _note_line(words: Words, line: Doc, currency: str) -> Doc:
    unit = line["unit_amount_decimal"]
    return {
        "name": line["description"] or words.gettext("Credit"),
        "more": [],
        "quantity": words.number(line["quantity"]) if line["quantity"] is not None else "",
        "unit": words.money(Decimal(unit), currency) if unit is not None else "",
        "amount": words.money(line["amount"], currency),
    }


def _note_sums(words: Words, note: Doc) -> Iterator[Sum]:
    def amount(minor: int) -> str:
        return words.money(minor, note["currency"])

    yield Sum(words.gettext("Subtotal"), amount(note["subtotal"]), strong=False)
    if note["discount_amount"]:
        yield Sum(words.gettext("Discount"), amount(-note["discount_amount"]), strong=False)
    taxes = sum(tax["amount"] for tax in note["total_taxes"] or () if tax["tax_behavior"] == bills.EXCLUSIVE)
    if taxes:
        yield Sum(words.gettext("Tax"), amount(taxes), strong=False)
    yield Sum(words.gettext("Total credited"), amount(note["total"]), strong=True)
    refunded = sum(refund["amount_refunded"] for refund in note["refunds"])
    if refunded:
        yield Sum(words.gettext("Refunded"), amount(refunded), strong=False)
    if note["pre_payment_amount"]:
        yield Sum(words.gettext("Taken off the amount due"), amount(note["pre_payment_amount"]), strong=False)


def _payments(words: Words, answer: Doc) -> list[list[str]]:
    if "payments" not in answer:
        return []
    return [
        [payment.day, payment.method, payment.amount, payment.badge.text]
        for payment in bills.bill(words, answer).payments
        if payment.badge.tone == "ok"
    ]
