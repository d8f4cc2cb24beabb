"""Decides what a customer is told when a payment did not go through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal_ui.i18n import Words


def told(words: Words, error: Mapping[str, Any]) -> str:
    """Return the words for a card error's members; why a card was reported lost or stolen is not the customer's news.

    English is what the API says (docs.stripe.com/declines/codes), so that suites find it.
    """
    known = {
        "authentication_required": words.gettext("Your card was declined. This transaction requires authentication."),
        "card_velocity_exceeded": words.gettext(
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
        ),
        "expired_card": words.gettext("Your card has expired."),
        "incorrect_cvc": words.gettext("Your card's security code is incorrect."),
        "incorrect_number": words.gettext("Your card number is incorrect."),
        "insufficient_funds": words.gettext("Your card has insufficient funds."),
        "payment_intent_authentication_failure": words.gettext(
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        ),
        "processing_error": words.gettext("An error occurred while processing your card. Try again in a little bit."),
    }
    names = (error.get("decline_code"), error.get("code"))
    return next((known[name] for name in names if name in known), words.gettext("Your card was declined."))
