"""Decides how the objects of payments look when they are new: complete documents from literals.

Pure. Values are those of recorded answers of 2025-10 to 2026-08; members that the API description does not
list but every recording has (``source`` of a payment) are there too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.payments.test_cards import LEGACY_BRANDS
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.payments.test_cards import MagicCard

ADDRESS: Doc = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
BILLING_DETAILS: Doc = {"address": ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}
CARD_OPTIONS: Doc = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}
# Shared by all intents: documents are never changed in place.
NOTHING_SAID: Doc = {}
NO_TIP: Doc = {"tip": {}}
UNMANAGED: Doc = {"enabled": False}
BY_CARD: Doc = {"card": CARD_OPTIONS}
CARD = ["card"]
SETUP_CARD_OPTIONS: Doc = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
# A new payment intent without a payment method; what of it is not known yet is None.
PAYMENT_INTENT: Doc = {
    "id": None,
    "object": "payment_intent",
    "allowed_payment_method_types": None,
    "amount": None,
    "amount_capturable": 0,
    "amount_details": NO_TIP,
    "amount_received": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic_async",
    "client_secret": None,
    "confirmation_method": "automatic",
    "created": None,
    "currency": None,
    "customer": None,
    "customer_account": None,
    "description": None,
    "excluded_payment_method_types": None,
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": None,
    "managed_payments": UNMANAGED,
    "metadata": NOTHING_SAID,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": BY_CARD,
    "payment_method_types": CARD,
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shared_payment_granted_token": None,
    "shipping": None,
    "source": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
}


def billing_details(given: Doc | None) -> Doc:
    """Return complete billing details from what the caller sent."""
    if not given:
        return BILLING_DETAILS
    address = given.get("address")
    return {**BILLING_DETAILS, **given, "address": {**ADDRESS, **address} if address else ADDRESS}


def shipping(given: Doc | None) -> Doc | None:
    """Return a complete shipping address from what the caller sent."""
    if not given:
        return None
    blank = {"carrier": None, "name": None, "phone": None, "tracking_number": None}
    return {"address": {**ADDRESS, **(given.get("address") or {})}, **blank, **_without(given, "address")}


def card_details(card: MagicCard, exp_month: int, exp_year: int, billing: Doc, *, cvc: bool) -> Doc:
    """Return the ``card`` member of a new payment method."""
    checks = {
        "address_line1_check": "unchecked" if billing["address"]["line1"] else None,
        "address_postal_code_check": "unchecked" if billing["address"]["postal_code"] else None,
        "cvc_check": "unchecked" if cvc else None,
    }
    return {
        "brand": card.brand,
        "checks": checks,
        "country": card.country,
        "display_brand": card.networks[0],
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks), "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure_supported},
        "wallet": None,
    }


def payment_method(id: str, type: str, details: Doc, *, billing: Doc, now: int, livemode: bool, more: Doc) -> Doc:
    """Return a new payment method of any type; ``more`` holds what the caller chose."""
    return {
        "id": id,
        "object": "payment_method",
        "allow_redisplay": more.get("allow_redisplay") or "unspecified",
        "billing_details": billing,
        type: details,
        "created": now,
        "customer": None,
        "customer_account": None,
        "livemode": livemode,
        "metadata": merge_map(None, more.get("metadata")),
        "shared_payment_granted_token": None,
        "type": type,
    }


def checked(method: Doc, card: MagicCard | None) -> Doc:
    """Return a payment method whose card the bank has looked at: what was ``unchecked`` has an answer."""
    if card is None or "card" not in method:
        return method
    before = method["card"]["checks"]
    checks = {
        "address_line1_check": card.line1_check if before["address_line1_check"] else None,
        "address_postal_code_check": card.zip_check if before["address_postal_code_check"] else None,
        "cvc_check": card.cvc_check if before["cvc_check"] else None,
    }
    return method if checks == before else {**method, "card": {**method["card"], "checks": checks}}


def legacy_card(id: str, card: MagicCard, exp_month: int, exp_year: int, customer: str | None) -> Doc:
    """Return a ``card_`` object, as tokens and sources hold it (recorded 2025-12)."""
    return {
        "id": id,
        "object": "card",
        "address_city": None,
        "address_country": None,
        "address_line1": None,
        "address_line1_check": None,
        "address_line2": None,
        "address_state": None,
        "address_zip": None,
        "address_zip_check": None,
        "allow_redisplay": "unspecified",
        "brand": LEGACY_BRANDS.get(card.brand, "Unknown"),
        "country": card.country,
        "customer": customer,
        "cvc_check": card.cvc_check if customer else "unchecked",
        "dynamic_last4": None,
        "email": None,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "metadata": {},
        "name": None,
        "phone": None,
        "regulated_status": "unregulated",
        "tokenization_method": None,
        "wallet": None,
    }


def card_as_method(source: Doc, card: MagicCard, *, now: int, livemode: bool) -> Doc:
    """Return a ``card_`` object in the shape of a payment method, as the newer endpoints show it."""
    address = {
        "city": source["address_city"],
        "country": source["address_country"],
        "line1": source["address_line1"],
        "line2": source["address_line2"],
        "postal_code": source["address_zip"],
        "state": source["address_state"],
    }
    billing = {**BILLING_DETAILS, "address": address, "name": source["name"]}
    details = card_details(card, source["exp_month"], source["exp_year"], billing, cvc=True)
    more = {"metadata": source["metadata"]}
    method = payment_method(source["id"], "card", details, billing=billing, now=now, livemode=livemode, more=more)
    return checked({**method, "customer": source["customer"]}, card)


def payment_intent(id: str, *, amount: int, currency: str, now: int, livemode: bool, secret: str) -> Doc:
    """Return a new payment intent that has no payment method yet."""
    doc = PAYMENT_INTENT.copy()
    doc["id"] = id
    doc["amount"] = amount
    doc["client_secret"] = secret
    doc["created"] = now
    doc["currency"] = currency
    doc["livemode"] = livemode
    return doc


def setup_intent(id: str, *, now: int, livemode: bool, secret: str) -> Doc:
    """Return a new setup intent that has no payment method yet."""
    return {
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": None,
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": secret,
        "created": now,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": livemode,
        "managed_payments": {"enabled": False},
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": SETUP_CARD_OPTIONS},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def _without(doc: Doc, key: str) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if name != key}
