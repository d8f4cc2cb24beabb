"""Decides how ``No such ...`` spells each kind, and which parameter it blames for an id in the path (facts billing 1.6)."""

from __future__ import annotations

NOUNS = {
    "customer": "customer", "product": "product", "price": "price", "coupon": "coupon", "promotion_code": "promotion code",
    "tax_rate": "tax rate", "payment_method": "PaymentMethod", "payment_intent": "payment_intent", "setup_intent": "setupintent",
    "subscription": "subscription", "invoice": "invoice", "line_item": "invoice line item", "charge": "charge", "plan": "plan",
    "billing_portal.configuration": "configuration", "account": "account", "token": "token", "event": "event",
    "webhook_endpoint": "webhook endpoint", "test_helpers.test_clock": "testclock", "payment_source": "source",
}  # fmt: skip

PATH_PARAMS = {
    "customer": "id", "product": "id", "price": "price", "coupon": "coupon", "promotion_code": "promotion_code",
    "tax_rate": "tax_rate", "payment_method": "payment_method", "payment_intent": "intent", "setup_intent": "intent",
    "subscription": "id", "invoice": "invoice", "invoiceitem": "id", "line_item": "line_item_id", "charge": "id", "plan": "plan",
    "test_helpers.test_clock": "test_clock",
}  # fmt: skip


def noun(kind: str) -> str:
    """Return the word for a kind; one without a recording gets its last name (choice)."""
    return NOUNS.get(kind) or kind.rsplit(".", 1)[-1]


def path_param(kind: str, name: str = "id") -> str:
    """Return what ``param`` says for a bad path id of a kind; else the path's own name."""
    return PATH_PARAMS.get(kind, name)
