"""Decides the words of refusals at the portal's login; all of them are choices (facts portal 13 has no recording)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import invalid_request

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError


def no_such_page() -> StripeError:
    """A login address that is none, or whose configuration does not offer it any more."""
    return invalid_request("There is no login page at this address.", status=404, code="resource_missing")


def no_such_attempt() -> StripeError:
    """The address of a code that was never asked for, or so long ago that it is forgotten."""
    return invalid_request("There is no login in progress at this address.", status=404, code="resource_missing")


def not_an_address() -> StripeError:
    """A text that is no e-mail address."""
    return invalid_request("Invalid email address.", code="email_invalid", param="email")


def too_many_codes(seconds: int) -> StripeError:
    """More codes asked for than are sent; ``seconds`` until the next one is."""
    return invalid_request(
        "Too many login codes were requested.", status=429, code="login_rate_limited", retry_after=seconds
    )


def wrong_code(left: int) -> StripeError:
    """Another code than the one sent; ``left`` is how often it may be tried again. The try is counted."""
    return invalid_request("The code is not right.", code="login_code_wrong", param="code", left=left, keep=True)


def no_more_tries() -> StripeError:
    """A code that was guessed at too often."""
    return invalid_request("The code was tried too often.", code="login_code_locked", param="code", keep=True)


def code_expired() -> StripeError:
    """A code after its time."""
    return invalid_request("The code has expired.", code="login_code_expired", param="code")
