"""Decides how invoices are listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.kernel.documents import Doc
from portal_ui import links, subscriptions
from portal_ui.i18n import Words
from portal_ui.views.home import InvoiceRow, Invoices
from portal_ui.views.shared import Badge

STEP = 20  # how many more invoices "View more" brings (a choice)
MOST = 1000  # invoices on one page (a choice)
ROWS_KEPT = 1024
NAMED = 3  # products that say what an invoice is for (a choice)
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
    elif _late(invoice, now):
        text, tone = words.gettext("Past due"), "negative"
    else:
        text, tone = words.gettext("Open"), "neutral"
    return Badge(text, {"positive": "ok", "negative": "bad"}.get(tone, "neutral"), f"invoice-status-badge-{tone}")


def _late(invoice: Doc, now: int) -> bool:
    return bool(invoice.get("due_date")) and int(invoice["due_date"]) < now


def line_name(line: Doc, products: Mapping[str, str]) -> str:
    """Return what an invoice line is for: its product, else its own text."""
    details: Any = (line.get("pricing") or {}).get("price_details") or {}
    text = line.get("description") or ""
    name = products.get(str(details.get("product")))
    if name:
        return name
    match = _LINE.match(text)
    return match["name"] if match else text


def _names(invoice: Doc, products: Mapping[str, str]) -> list[str]:
    """Return the first products of an invoice's lines, each once."""
    found: list[str] = []
    for line in (invoice.get("lines") or {}).get("data") or ():
        name = line_name(line, products)
        if name and name not in found:
            found.append(name)
            if len(found) == NAMED:
                break
    return found


def _description(words: Words, invoice: Doc, products: Mapping[str, str]) -> str:
    return invoice.get("description") or words.listed(_names(invoice, products))


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
    now = answer["now"]
    rows = [
        _row(words, invoice, products, links.invoice(secret, invoice.get("hosted_invoice_url"), now, words.tag), now)
        for invoice in answer["invoices"]["data"]
        if invoice.get("status") not in {None, "draft"}
    ]
    more = shown + STEP if answer["invoices"].get("has_more") and shown < MOST else 0
    return Invoices(tuple(rows), min(more, MOST))


class Known(NamedTuple):
    """An invoice's row, and what it was made of besides the invoice."""

    invoice: Doc
    url: str | None
    late: bool
    products: dict[str, str]
    row: InvoiceRow


_KNOWN: dict[tuple[int, Words], Known] = {}  # the latest rows, by the document's identity and the language


def _row(words: Words, invoice: Doc, products: dict[str, str], url: str | None, now: int) -> InvoiceRow:
    """Return an invoice's row; documents never change, so that of the same one is made once."""
    key = (id(invoice), words)
    known = _KNOWN.get(key)
    late = _late(invoice, now)
    if known is not None and known.invoice is invoice and known[1:4] == (url, late, products):
        return known.row
    row = InvoiceRow(
        url=url,
        day=words.day(invoice["created"]),
        amount=words.money(invoice["total"], invoice["currency"]),
        badge=invoice_badge(words, invoice, now),
        description=_description(words, invoice, products),
    )
    if len(_KNOWN) >= ROWS_KEPT:
        _KNOWN.clear()
    _KNOWN[key] = Known(invoice, url, late, products, row)
    return row
