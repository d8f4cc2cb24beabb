"""Decides what those parts of billing objects hold that nobody has set.

They are shared by all objects: documents are never changed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

NONE_YET: list[Any] = []
NOTHING_SAID: Doc = {}
OWN: Doc = {"type": "self"}
NO_TAX: Doc = {"disabled_reason": None, "enabled": False, "liability": None}
NO_INVOICE_TAX: Doc = {**NO_TAX, "provider": None, "status": None}
INVOICE_SETTINGS: Doc = {
    "account_tax_ids": None,
    "custom_fields": NONE_YET,
    "description": None,
    "footer": None,
    "issuer": OWN,
}
PAYMENT_SETTINGS: Doc = {
    "payment_method_options": None,
    "payment_method_types": None,
    "save_default_payment_method": "off",
}
INVOICE_PAYMENT_SETTINGS: Doc = {
    "default_mandate": None,
    "payment_method_options": None,
    "payment_method_types": None,
}
TRIAL_SETTINGS: Doc = {"end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}}
UNMANAGED: Doc = {"enabled": False}
RENDERING: Doc = {
    "amount_tax_display": None,
    "pdf": {"page_size": "auto"},
    "template": None,
    "template_version": None,
}
NOT_YET: Doc = {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None}
NOT_PAID: Doc = {"canceled_at": None, "paid_at": None}
NOTHING_CREDITED: Doc = {"credited_items": None}
PAGES: dict[str, Doc] = {size: {"page_size": size} for size in ("letter", "a4")}
