"""Decides how invoices are listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.kernel.documents import Doc
from portal_ui import links, subscriptions
from portal_ui.i18n import Words
from portal_ui.views.home import InvoiceRow, Invoices
from portal_ui.views.shared import Badge

STEP = 20  # how many more invoices "View more" brings (a choice)
MOST = 1000  # invoices on one page (a choice)
SHOWN = 10  # how many are there at first (a choice)
_LINE = re.compile(r"^\d+ × (?P<name>.+) \(at .+\)$")  # noqa: RUF001 - the sign that invoice lines hold


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
