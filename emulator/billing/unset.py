"""Decides what billing objects, and their parts, hold that nobody has set (facts billing 6.1, 7).

Parts are shared by all objects, and new objects are copies of whole ones: documents are never changed in place.
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
NO_DETAILS: Doc = {"comment": None, "feedback": None, "feedback_option": None, "reason": None}

# A new subscription, charged and without a trial; what of it is not known yet is None.
SUBSCRIPTION: Doc = {
    "id": None,
    "object": "subscription",
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": NO_TAX,
    "billing_cycle_anchor": None,
    "billing_cycle_anchor_config": None,
    "billing_mode": None,
    "billing_schedules": NONE_YET,
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "cancellation_details": NO_DETAILS,
    "collection_method": "charge_automatically",
    "created": None,
    "currency": None,
    "customer": None,
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": NONE_YET,
    "description": None,
    "discounts": NONE_YET,
    "ended_at": None,
    "invoice_settings": INVOICE_SETTINGS,
    "items": None,
    "latest_invoice": None,
    "livemode": None,
    "managed_payments": UNMANAGED,
    "metadata": NOTHING_SAID,
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": PAYMENT_SETTINGS,
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "start_date": None,
    "status": "active",
    "test_clock": None,
    "transfer_data": None,
    "trial_end": None,
    "trial_settings": TRIAL_SETTINGS,
    "trial_start": None,
}
# A draft; what of it is not known yet is None.
INVOICE: Doc = {
    "id": None,
    "object": "invoice",
    "account_country": None,
    "account_name": None,
    "account_tax_ids": None,
    "amount_due": None,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_paid_off_stripe": 0,
    "amount_remaining": None,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": NO_INVOICE_TAX,
    "automatically_finalizes_at": None,
    "billing_reason": None,
    "collection_method": "charge_automatically",
    "created": None,
    "currency": None,
    "custom_fields": None,
    "customer": None,
    "customer_account": None,
    "customer_address": None,
    "customer_email": None,
    "customer_name": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": None,
    "customer_tax_ids": NONE_YET,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": NONE_YET,
    "description": None,
    "discounts": NONE_YET,
    "due_date": None,
    "effective_at": None,
    "ending_balance": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": OWN,
    "last_finalization_error": None,
    "latest_revision": None,
    "lines": None,
    "livemode": None,
    "metadata": NOTHING_SAID,
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": INVOICE_PAYMENT_SETTINGS,
    "period_end": None,
    "period_start": None,
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": RENDERING,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": None,
    "statement_descriptor": None,
    "status": "draft",
    "status_transitions": NOT_YET,
    "subtotal": None,
    "subtotal_excluding_tax": None,
    "test_clock": None,
    "total": None,
    "total_discount_amounts": None,
    "total_excluding_tax": None,
    "total_pretax_credit_amounts": None,
    "total_taxes": None,
    "webhooks_delivered_at": None,
}
