"""Decides how charges and their balance transactions look: complete documents.

Pure. Values are those of recorded answers of 2025-10 to 2026-08; members that the API description does not
list but every recording has (``destination``, ``dispute``, ``order``, ``source``) are there too.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from emulator.payments.amounts import fee_of
from emulator.payments.shapes import NOTHING_SAID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.payments.test_cards import Decline, MagicCard

# Real scores vary between 0 and 64 on good payments; one number keeps runs alike (a choice).
RISK_SCORES = {"normal": 20, "elevated": 65, "highest": 90}
# Money of a new account in the United States is available after a week (a choice within docs.stripe.com/payouts).
AVAILABLE_AFTER = 7 * 86_400
# docs.stripe.com/payments/place-a-hold-on-a-payment-method: card holds last seven days.
HOLD = 7 * 86_400

# What the method says of itself and its payments do not, and the other way round (the API description).
ONLY_ON_METHODS = frozenset({"email", "financial_connections_account", "generated_from", "networks", "status_details"})
MANDATED_DETAILS = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"})
MORE_DETAILS: dict[str, Doc] = {
    "amazon_pay": {"funding": {"type": None}, "transaction_id": None},
    "cashapp": {"transaction_id": None},
    "link": {"country": None},
    "paypal": {"payer_name": None, "seller_protection": None, "transaction_id": None},
    "us_bank_account": {"payment_reference": None},
}


# Shared by all charges: documents are never changed in place.
DISABLED: Doc = {"status": "disabled"}
UNAVAILABLE: Doc = {"status": "unavailable"}
NO_TOKEN: Doc = {"used": False}
# What a charge says of the card it was made with; what of it is not known yet is None.
CARD_DETAILS: Doc = {
    "amount_authorized": None,
    "authorization_code": None,
    "brand": None,
    "checks": None,
    "country": None,
    "ds_transaction_id": None,
    "exp_month": None,
    "exp_year": None,
    "extended_authorization": DISABLED,
    "fingerprint": None,
    "funding": None,
    "incremental_authorization": UNAVAILABLE,
    "installments": None,
    "last4": None,
    "mandate": None,
    "multicapture": UNAVAILABLE,
    "network": None,
    "network_token": NO_TOKEN,
    "network_transaction_id": None,
    "overcapture": None,
    "regulated_status": "unregulated",
    "three_d_secure": None,
    "wallet": None,
}
# A new charge that took nothing; what of it is not known yet is None.
CHARGE: Doc = {
    "id": None,
    "object": "charge",
    "amount": None,
    "amount_captured": 0,
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "billing_details": None,
    "calculated_statement_descriptor": None,
    "captured": False,
    "created": None,
    "currency": None,
    "customer": None,
    "description": None,
    "destination": None,
    "dispute": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "fraud_details": NOTHING_SAID,
    "livemode": None,
    "metadata": NOTHING_SAID,
    "on_behalf_of": None,
    "order": None,
    "outcome": None,
    "paid": False,
    "payment_intent": None,
    "payment_method": None,
    "payment_method_details": None,
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "status": "failed",
    "transfer_data": None,
    "transfer_group": None,
}


@cache
def approved(risk: str = "normal") -> Doc:
    """Return the outcome of a payment that the bank let through."""
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None if risk == "normal" else f"{risk}_risk_level",
        "risk_level": risk,
        "risk_score": RISK_SCORES[risk],
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def unassessed(seller_message: str = "Payment complete.") -> Doc:
    """Return the outcome of a payment whose risk nobody looked at, which is any that is not by card."""
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "not_assessed",
        "seller_message": seller_message,
        "type": "authorized",
    }


def returned(code: str) -> Doc:
    """Return the outcome of a debit that the bank sent back."""
    return {
        **unassessed(f"The bank returned the decline code `{code}`."),
        "network_status": "declined_by_network",
        "reason": code,
        "type": "issuer_declined",
    }


def refused(decline: Decline, risk: str = "normal") -> Doc:
    """Return the outcome of a payment that was declined or blocked."""
    if decline.blocked:
        reason, seller_message = "highest_risk_level", "Stripe blocked this payment as too risky."
    elif decline.decline_code == "generic_decline":
        reason, seller_message = "generic_decline", "The bank did not return any further details with this decline."
    else:
        reason = decline.decline_code
        seller_message = f"The bank returned the decline code `{reason}`."
    return {
        "advice_code": decline.advice_code,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "network_status": "not_sent_to_network" if decline.blocked else "declined_by_network",
        "reason": reason,
        "risk_level": risk,
        "risk_score": RISK_SCORES[risk],
        "seller_message": seller_message,
        "type": "blocked" if decline.blocked else "issuer_declined",
    }


def charge_details(
    method: Doc, card: MagicCard | None, *, amount: int, code: str | None, hold_until: int | None
) -> Doc:
    """Return ``payment_method_details`` of a charge; ``code`` is the bank's approval, None for a decline."""
    if method["type"] != "card":
        return other_details(method)
    details = method["card"]
    checks = details["checks"]
    result = CARD_DETAILS.copy()
    result["amount_authorized"] = amount if code else None
    result["authorization_code"] = code
    result["brand"] = result["network"] = details["brand"]
    result["checks"] = {
        "address_line1_check": checks["address_line1_check"],
        "address_postal_code_check": checks["address_postal_code_check"],
        "cvc_check": checks["cvc_check"],
    }
    result["country"] = details["country"]
    result["exp_month"] = details["exp_month"]
    result["exp_year"] = details["exp_year"]
    result["fingerprint"] = details["fingerprint"]
    result["funding"] = details["funding"]
    result["last4"] = details["last4"]
    result["network_transaction_id"] = card.network_transaction_id if card else None
    result["overcapture"] = {"maximum_amount_capturable": amount, "status": "unavailable"}
    if hold_until is not None:
        result["capture_before"] = hold_until
    return {"card": result, "type": "card"}


def other_details(method: Doc, mandate: str | None = None) -> Doc:
    """Return ``payment_method_details`` of a payment that is not by card; ``mandate`` allows a debit."""
    type = method["type"]
    known = method.get(type) or {}
    shown = {name: value for name, value in known.items() if name not in ONLY_ON_METHODS}
    if type in MANDATED_DETAILS:
        shown["mandate"] = mandate
    return {type: {**shown, **MORE_DETAILS.get(type, {})}, "type": type}


def charge(method: Doc, *, now: int, livemode: bool, more: Doc) -> Doc:
    """Return a charge of ``method``; ``more`` holds members by name: its id, amount and currency, and others."""
    doc = CHARGE.copy()
    doc["billing_details"] = method["billing_details"]
    doc["created"] = now
    doc["livemode"] = livemode
    doc["payment_method"] = method["id"]
    doc.update(more)
    return doc


def charge_transaction(id: str, charge: Doc, *, amount: int, now: int, fees: Sequence[Doc] = ()) -> Doc:
    """Return the balance transaction of money that came in, less Stripe's fee and those of others (``fees``)."""
    fee = fee_of(amount)
    kind = "charge" if charge["payment_method_details"]["type"] == "card" else "payment"
    detail = {
        "amount": fee,
        "application": None,
        "currency": charge["currency"],
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    total = fee + sum(one["amount"] for one in fees)
    return _transaction(id, charge, amount=amount, fee=total, details=[*fees, detail], now=now, kind=kind)


def dispute_transaction(id: str, dispute: Doc, *, amount: int, fee: int, now: int, description: str) -> Doc:
    """Return the balance transaction of money that a dispute takes (``amount`` below 0) or brings back."""
    source = {"id": dispute["id"], "currency": dispute["currency"], "description": description}
    words = "Dispute fee" if fee >= 0 else "Dispute fee refund"
    detail = {
        "amount": fee,
        "application": None,
        "currency": dispute["currency"],
        "description": words,
        "type": "stripe_fee",
    }
    details = [detail] if fee else []
    entry = _transaction(id, source, amount=amount, fee=fee, details=details, now=now, kind="adjustment")
    return {**entry, "reporting_category": "dispute" if amount < 0 else "dispute_reversal"}


def failed_refund_transaction(id: str, refund: Doc, *, now: int) -> Doc:
    """Return the balance transaction of a refund that came back."""
    source = {**refund, "description": "REFUND FAILURE"}
    return _transaction(id, source, amount=refund["amount"], fee=0, details=[], now=now, kind="refund_failure")


def refund_transaction(id: str, refund: Doc, *, now: int, description: str, returned: Sequence[Doc] = ()) -> Doc:
    """Return the balance transaction of money that goes back; no fees are but the platform's (``returned``: negative)."""
    source = {**refund, "description": description}
    fee, details = sum(one["amount"] for one in returned), list(returned)
    return _transaction(id, source, amount=-refund["amount"], fee=fee, details=details, now=now, kind="refund")


def _transaction(id: str, source: Doc, *, amount: int, fee: int, details: list[Doc], now: int, kind: str) -> Doc:
    return {
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": (now + AVAILABLE_AFTER) // 86_400 * 86_400,
        "balance_type": "payments",
        "created": now,
        "currency": source["currency"],
        "description": source["description"],
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": "charge" if kind == "payment" else kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }
