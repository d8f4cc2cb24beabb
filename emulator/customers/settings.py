"""Decides what a customer's nested objects hold: addresses, shipping, invoice settings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

ADDRESS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
# Shared by all customers that never set anything: documents are never changed in place.
EMPTY: Final[Doc] = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
# A new customer; what of it is not known yet is None.
CUSTOMER: Final[Doc] = {
    "id": None,
    "object": "customer",
    "address": None,
    "balance": 0,
    "created": None,
    "currency": None,
    "customer_account": None,
    "default_source": None,
    "delinquent": False,
    "description": None,
    "discount": None,
    "email": None,
    "invoice_prefix": None,
    "invoice_settings": EMPTY,
    "livemode": None,
    "metadata": {},
    "name": None,
    "next_invoice_sequence": 1,
    "phone": None,
    "preferred_locales": [],
    "shipping": None,
    "tax_exempt": "none",
    "test_clock": None,
}


def address(before: Doc | None, given: Doc | None) -> Doc | None:
    """Return an address with all six keys, changed leaf by leaf; None clears it (facts billing 4)."""
    if given is None:
        return None
    old = before or {}
    return {key: given[key] if key in given else old.get(key) for key in ADDRESS}


def shipping(before: Doc | None, given: Doc | None) -> Doc | None:
    """Return the shipping details; None clears them."""
    if given is None:
        return None
    old = before or {}
    return {
        "address": address(old.get("address"), given.get("address") or {}),
        "name": given.get("name", old.get("name")),
        "phone": given.get("phone", old.get("phone")),
    }


def _rendering(before: Doc | None, given: Doc | None) -> Doc | None:
    if given is None:
        return None
    old = before or {}
    return {key: (given[key] or None) if key in given else old.get(key) for key in ("amount_tax_display", "template")}


def invoice_settings(before: Doc, given: Doc | None) -> Doc:
    """Return the invoice settings, changed leaf by leaf; cleared members are null."""
    result = dict(before)
    for key, value in (given or {}).items():
        if key == "rendering_options":
            result[key] = _rendering(before["rendering_options"], value)
        else:
            result[key] = value or None
    return result
