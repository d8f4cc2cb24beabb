"""Decides how payment methods are listed, and which ways lead on from each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import Doc
from portal_ui import flows, method_kinds, subscriptions
from portal_ui.i18n import Words
from portal_ui.views.methods import MethodsBlock, OwnMethod, PendingMethod
from portal_ui.views.shared import Form, Link, MethodMenu, MethodRow

if TYPE_CHECKING:
    from portal_ui.session import Visit

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
DRAWN = ("visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay")


def type_name(words: Words, type: str, own: str | None = None) -> str:
    """Return what a type of payment method is called; ``own`` is the merchant's name for a custom one."""
    return (own if type == "custom" else None) or words.gettext(method_kinds.of(type).name)


def mark_of(type: str) -> str:
    """Return the drawing of a type of payment method."""
    return method_kinds.of(type).mark


def _ending(title: str, last4: str | None) -> str:
    return f"{title} •••• {last4}" if last4 else title


def _card(words: Words, card: Doc) -> tuple[str, str, str]:
    brand = card.get("display_brand") or card.get("brand") or ""
    brand = brand.lower().replace(" ", "_").replace("american_express", "amex")
    title = _ending(CARDS.get(brand) or words.gettext("Card"), card.get("last4"))
    month, year = card.get("exp_month"), card.get("exp_year")
    detail = words.gettext("Expires %(date)s", date=f"{month:02d}/{year}") if month and year else ""
    return brand if brand in DRAWN else "card", title, detail


def method(words: Words, document: Doc, default: str | None, menu: MethodMenu | None = None) -> MethodRow:
    """Return one payment method (or an older source) as a row."""
    kind = document.get("type") or document.get("object") or ""
    own = document.get(kind)
    details: Doc = own if isinstance(own, dict) else document
    if kind == "card":
        mark, title, detail = _card(words, details)
    elif method_kinds.of(kind).named_by_bank:
        mark, detail = mark_of(kind), ""
        title = _ending(details.get("bank_name") or type_name(words, kind), details.get("last4"))
    else:
        mark = mark_of(kind)
        title = _ending(type_name(words, kind, details.get("display_name")), details.get("last4"))
        detail = details.get("email") or details.get("payer_email") or details.get("cashtag") or ""
    return MethodRow(mark, title, detail, document["id"] == default, menu)


def _menu(visit: Visit, id: str, acts: Doc) -> MethodMenu | None:
    """Return what can be done with a method, None when nothing can."""
    here = f"{visit.base}/payment-methods/{id}"
    default = Form(f"{here}/default", visit.code) if acts.get("make_default") else None
    delete = f"{here}/delete" if acts.get("remove") else None
    return MethodMenu(id, default, delete) if default or delete else None


def _own(words: Words, answer: Doc, visit: Visit) -> tuple[OwnMethod, ...]:
    """Return the subscriptions that are not paid with the default (facts portal 6.2, 14 no. 17)."""
    listed = answer.get("payment_method_overrides") or ()
    saved = {one["id"]: one for one in answer["payment_methods"]}
    found = []
    for block in answer.get("subscriptions") or ():
        subscription = block["subscription"]
        if subscription["id"] not in listed:
            continue
        with_what = saved.get(subscription["default_payment_method"])
        told = {"subscription": subscriptions.full_name(words, subscription)}
        sentence = (
            words.gettext(
                "%(subscription)s is paid with %(method)s.", method=method(words, with_what, None).title, **told
            )
            if with_what
            else words.gettext("%(subscription)s is not paid with your default payment method.", **told)
        )
        url = f"{visit.base}/payment-methods/subscriptions/{subscription['id']}"
        found.append(OwnMethod(sentence, Link(url, words.gettext("Use your default instead"))))
    return tuple(found)


def block(words: Words, answer: Doc, visit: Visit) -> MethodsBlock | None:
    """Return the saved payment methods with their ways on, None where the section is not drawn."""
    acts: Doc = answer.get("payment_method_acts") or {}
    default = answer.get("default_payment_method")
    rows = tuple(
        method(words, one, default, _menu(visit, one["id"], acts.get(one["id"]) or {}))
        for one in answer["payment_methods"]
    )
    addable = bool(answer.get("addable_payment_methods"))
    managed = answer["configuration"]["features"]["payment_method_update"]["enabled"]
    if not rows and not managed:
        return None
    return MethodsBlock(
        heading=words.gettext("Payment methods") if len(rows) > 1 else words.gettext("Payment method"),
        saved=rows,
        pending=tuple(
            PendingMethod(
                method(words, one["payment_method"], None), f"{visit.base}/payment-methods/verify/{one['setup_intent']}"
            )
            for one in answer.get("pending_payment_methods") or ()
        ),
        own=() if flows.inside(answer["session"]) else _own(words, answer, visit),
        add_url=f"{visit.base}/payment-methods/add" if addable else None,
        # Scripts put the chosen method's own address into it.
        delete=Form(f"{visit.base}/payment-methods", visit.code)
        if any(row.menu and row.menu.delete_url for row in rows)
        else None,
    )
