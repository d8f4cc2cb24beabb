"""Decides Stripe's own refusals that a fault may answer with: one constructor per known answer (facts billing 1.5)."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, internal
from emulator.operations import idempotency
from emulator.payments import errors
from emulator.payments.test_cards import book

DECLINED = "card_declined"
PLAIN_DECLINE = "generic_decline"
IN_FLIGHT = "idempotency_key_in_use"
NAMES = ("rate_limit", "lock_timeout", "api_error", IN_FLIGHT)
# What is told of retrying is not recorded for each of them (a choice): the SDKs repeat what is over in a moment,
# and leave it to the program to slow down.
RETRY, NO_RETRY = {"Stripe-Should-Retry": "true"}, {"Stripe-Should-Retry": "false"}
NO_KEY = "(no idempotency key was sent)"


def rate_limit(*, livemode: bool) -> StripeError:
    """Build the 429 of too many requests; test mode has words of its own."""
    words = (
        "Request rate limit exceeded."
        if livemode
        else "Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode."
    )
    return StripeError(
        f"{words} You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        status=429,
        code="rate_limit",
        headers={**NO_RETRY, "Stripe-Rate-Limited-Reason": "global-rate"},
    )


def lock_timeout() -> StripeError:
    """Build the 429 of an object that another request holds."""
    return StripeError(
        "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you "
        "see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent "
        "requests to a single object, make your requests serially or at a lower rate.",
        status=429,
        code="lock_timeout",
        headers={**RETRY, "Stripe-Rate-Limited-Reason": "resource-specific"},
    )


def api_error() -> StripeError:
    """Build the 500 of a fault on Stripe's side."""
    error = internal()
    error.headers = dict(RETRY)
    return error


def key_in_use(key: str | None) -> StripeError:
    """Build the 409 of an idempotency key whose first call is still running."""
    error = idempotency.in_flight(key or NO_KEY)
    error.headers = dict(RETRY)
    return error


def declined(code: str) -> StripeError:
    """Build the 402 of a decline, for calls that take no money; nothing is stored."""
    return errors.declined(book().declines[code])


def decline_codes() -> tuple[str, ...]:
    """Return the codes that ``card_declined:CODE`` takes."""
    return tuple(book().declines)


def named(name: str, *, livemode: bool, idempotency_key: str | None) -> StripeError:
    """Return the refusal of a name of NAMES, or of ``card_declined:CODE``."""
    if name == "rate_limit":
        return rate_limit(livemode=livemode)
    if name == "lock_timeout":
        return lock_timeout()
    if name == IN_FLIGHT:
        return key_in_use(idempotency_key)
    if name.startswith(DECLINED):
        return declined(name.partition(":")[2] or PLAIN_DECLINE)
    return api_error()
