"""Decides the words of every refusal of a change of plan in the portal: one constructor per known answer.

No source records what the real pages' own calls answer: all words here are a choice, pages have their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import StripeError, bad_param, card_error, invalid_request

if TYPE_CHECKING:
    from collections.abc import Mapping

QUANTITY = "portal_quantity"
CODE = "portal_promotion_code"
REFUSED = "portal_not_permitted"
WAITS = "change_waits"


def wrong_type(param: str) -> StripeError:
    """A member that is no text or whole number."""
    return bad_param(f"Invalid {param}.", param=param)


def price_not_offered(price: str) -> StripeError:
    """A price that the configuration, the currency or the tax behavior keeps from this subscription."""
    return invalid_request(
        f"The price `{price}` is not offered.", status=403, code=REFUSED, param="price", reason="price_not_offered"
    )


def quantity_fixed() -> StripeError:
    """Another quantity of a product whose quantity the customer may not choose."""
    return invalid_request(
        "The quantity cannot be changed.", status=403, code=REFUSED, param="quantity", reason="quantity_fixed"
    )


def quantity_outside(minimum: int, maximum: int | None) -> StripeError:
    """A quantity outside of the bounds of its product, or none at all."""
    return invalid_request(
        "The quantity is not allowed.", code=QUANTITY, param="quantity", minimum=minimum, maximum=maximum
    )


def code_refused(reason: str) -> StripeError:
    """A promotion code that does not work here; ``reason`` is one of ``promotions``."""
    return invalid_request("This code is invalid.", code=CODE, param="promotion_code", reason=reason)


def change_waits() -> StripeError:
    """A second change while one is waiting for the end of the period: it is to be taken back first."""
    return invalid_request("This subscription has an update scheduled.", status=403, code=REFUSED, reason=WAITS)


def method_not_saved(method: str) -> StripeError:
    """A payment method that this customer does not have, or that pays no subscription here."""
    return invalid_request(
        f"No such payment method: '{method}'", status=403, code=REFUSED, param="payment_method", reason="payment_method"
    )


def declined(error: Mapping[str, Any] | None, *, keep: bool) -> StripeError:
    """A payment that did not go through, in the words of its last error; ``keep`` leaves its traces."""
    told = error or {}
    return card_error(
        told.get("message") or "Your card was declined.",
        code=told.get("code") or "card_declined",
        decline_code=told.get("decline_code"),
        keep=keep,
    )
