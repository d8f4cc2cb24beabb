"""Decides which step an intent may take from which state, and where it leads.

Pure tables and functions; the refusals are worded in ``errors``.
"""

from __future__ import annotations

REQUIRES_PAYMENT_METHOD = "requires_payment_method"
REQUIRES_CONFIRMATION = "requires_confirmation"
REQUIRES_ACTION = "requires_action"
REQUIRES_CAPTURE = "requires_capture"
PROCESSING = "processing"
SUCCEEDED = "succeeded"
CANCELED = "canceled"

# In the order in which the refusals list them (facts billing 5.4, 5.5).
CONFIRMABLE = (REQUIRES_PAYMENT_METHOD, REQUIRES_CONFIRMATION, REQUIRES_ACTION)
AMOUNT_EDITABLE = CONFIRMABLE
CAPTURABLE = (REQUIRES_CAPTURE,)
PAYMENT_CANCELABLE = (
    REQUIRES_PAYMENT_METHOD,
    REQUIRES_CAPTURE,
    REQUIRES_CONFIRMATION,
    REQUIRES_ACTION,
    PROCESSING,
)
SETUP_CANCELABLE = CONFIRMABLE


def after_payment_method(status: str, payment_method: str | None) -> str:
    """Return the state of an intent that was given a payment method, or lost it."""
    if payment_method is None:
        return REQUIRES_PAYMENT_METHOD
    return REQUIRES_CONFIRMATION if status in CONFIRMABLE else status


def after_authorization(capture_method: str) -> str:
    """Return the state of a payment that the bank approved."""
    return REQUIRES_CAPTURE if capture_method == "manual" else SUCCEEDED


def after_authentication(*, passed: bool) -> str:
    """Return the state that the customer's answer to 3D Secure leads to, before the bank is asked."""
    return REQUIRES_CONFIRMATION if passed else REQUIRES_PAYMENT_METHOD
