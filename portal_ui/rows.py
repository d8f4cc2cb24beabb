"""Decides how payment methods, billing information and invoices are listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.kernel.documents import Doc
from portal_ui import links, subscriptions
from portal_ui.i18n import Words
from portal_ui.views import Badge, InfoRow, InvoiceRow, Invoices, MethodRow

CARDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
DRAWN = frozenset({"amex", "diners", "discover", "jcb", "mastercard", "unionpay", "visa"})
# Proper names: not translated.
OTHERS = {
    "acss_debit": "Pre-authorized debit",
    "amazon_pay": "Amazon Pay",
    "au_becs_debit": "BECS Direct Debit",
    "bacs_debit": "Bacs Direct Debit",
    "cashapp": "Cash App Pay",
    "link": "Link",
    "paypal": "PayPal",
    "revolut_pay": "Revolut Pay",
    "sepa_debit": "SEPA Direct Debit",
}
STEP = 20  # how many more invoices "View more" brings (a choice)
MOST = 100
SHOWN = 10  # how many are there at first (a choice)
_LINE = re.compile(r"^\d+ × (?P<name>.+) \(at .+\)$")  # noqa: RUF001 - the sign that invoice lines hold


def _ending(title: str, last4: str | None) -> str:
    return f"{title} •••• {last4}" if last4 else title


def _card(words: Words, card: Doc) -> tuple[str, str, str]:
    brand = card.get("display_brand") or card.get("brand") or ""
    brand = brand.lower().replace(" ", "_").replace("american_express", "amex")
    title = _ending(CARDS.get(brand) or words.gettext("Card"), card.get("last4"))
    month, year = card.get("exp_month"), card.get("exp_year")
    detail = words.gettext("Expires %(date)s", date=f"{month:02d}/{year}") if month and year else ""
    return brand if brand in DRAWN else "card", title, detail


def method(words: Words, document: Doc, default: str | None) -> MethodRow:
    """Return one payment method (or an older source) as a row."""
    kind = document.get("type") or document.get("object") or ""
    own = document.get(kind)
    details: Doc = own if isinstance(own, dict) else document
    if kind == "card":
        mark, title, detail = _card(words, details)
    elif kind == "us_bank_account":
        mark, detail = "bank", ""
        title = _ending(details.get("bank_name") or words.gettext("Bank account"), details.get("last4"))
    else:
        bank = kind.endswith("_debit") or kind == "bank_account"
        mark = "bank" if bank else "wallet"
        title = _ending(OTHERS.get(kind) or kind.replace("_", " ").title(), details.get("last4"))
        detail = details.get("email") or details.get("payer_email") or details.get("cashtag") or ""
    return MethodRow(mark, title, detail, document["id"] == default)


def address_lines(address: Doc | None) -> tuple[str, ...]:
    """Return the lines of an address, the last one as ``Springfield, IL 62701 US``."""
    if not address:
        return ()
    place = " ".join(filter(None, (address.get("state"), address.get("postal_code"), address.get("country"))))
    town = ", ".join(filter(None, (address.get("city"), place)))
    return tuple(line for line in (address.get("line1"), address.get("line2"), town) if line)


def information(words: Words, customer: Doc, tax_ids: Iterable[Doc]) -> tuple[InfoRow, ...]:
    """Return what is known of the customer; what is not known has no row."""
    shipping = customer.get("shipping") or {}
    known = [
        (words.gettext("Name"), (customer.get("name"),)),
        (words.gettext("Email"), (customer.get("email"),)),
        (words.gettext("Billing address"), address_lines(customer.get("address"))),
        (words.gettext("Shipping address"), address_lines(shipping.get("address"))),
        (words.gettext("Phone number"), (customer.get("phone"),)),
        (words.gettext("Tax ID"), tuple(tax_id["value"] for tax_id in tax_ids)),
    ]
    rows = (InfoRow(label, tuple(line for line in lines if line)) for label, lines in known)
    return tuple(row for row in rows if row.lines)


def invoice_badge(words: Words, invoice: Doc, now: int) -> Badge:
    """Return the state of an invoice as a label."""
    status = invoice["status"]
    if status == "paid":
        text, tone = words.gettext("Paid"), "positive"
    elif status == "void":
        text, tone = words.gettext("Void"), "neutral"
    elif status == "uncollectible":
        text, tone = words.gettext("Uncollectible"), "negative"
    elif invoice.get("attempted") and invoice.get("collection_method") != "send_invoice":
        text, tone = words.gettext("Failed"), "negative"
    elif invoice.get("due_date") and invoice["due_date"] < now:
        text, tone = words.gettext("Past due"), "negative"
    else:
        text, tone = words.gettext("Open"), "neutral"
    return Badge(text, {"positive": "ok", "negative": "bad"}.get(tone, "neutral"), f"invoice-status-badge-{tone}")


def line_name(line: Doc, products: Mapping[str, str]) -> str:
    """Return what an invoice line is for: its product, else its own text."""
    details: Any = (line.get("pricing") or {}).get("price_details") or {}
    text = line.get("description") or ""
    match = _LINE.match(text)
    return products.get(str(details.get("product"))) or (match["name"] if match else text)


def _names(invoice: Doc, products: Mapping[str, str]) -> list[str]:
    """Return the products of an invoice's lines, each once."""
    lines = (invoice.get("lines") or {}).get("data") or ()
    return [name for name in dict.fromkeys(line_name(line, products) for line in lines) if name]


def _description(words: Words, invoice: Doc, products: Mapping[str, str]) -> str:
    return invoice.get("description") or words.listed(_names(invoice, products)[:3])


def _known_products(answer: Doc) -> dict[str, str]:
    """Return the names of the products that the answer holds, by id."""
    known = dict(answer.get("products") or {})
    for entry in answer["subscriptions"]:
        for item in subscriptions.items(entry["subscription"]):
            product = item["price"].get("product")
            known[product["id"] if isinstance(product, dict) else str(product)] = subscriptions.product_name(item)
    return known


def invoices(words: Words, answer: Doc, shown: int, secret: bytes) -> Invoices:
    """Return the invoice history of a ``portal:home`` answer; drafts are none of the customer's business.

    ``secret`` signs the links: what is shown here stays good for some days.
    """
    products = _known_products(answer)
    rows = (
        InvoiceRow(
            url=links.invoice(secret, invoice.get("hosted_invoice_url"), answer["now"], words.tag),
            day=words.day(invoice["created"]),
            amount=words.money(invoice["total"], invoice["currency"]),
            badge=invoice_badge(words, invoice, answer["now"]),
            description=_description(words, invoice, products),
        )
        for invoice in answer["invoices"]["data"]
        if invoice.get("status") not in {None, "draft"}
    )
    more = shown + STEP if answer["invoices"].get("has_more") and shown < MOST else 0
    return Invoices(tuple(rows), min(more, MOST))
