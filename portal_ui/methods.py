"""Decides how payment methods are listed."""

from __future__ import annotations

from emulator.kernel.documents import Doc
from portal_ui.i18n import Words
from portal_ui.views.shared import MethodRow

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
