"""Decides the refusals of webhook endpoints: one constructor per known answer."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, invalid_request


def no_scheme() -> StripeError:
    """Build the refusal of a URL without a scheme (facts billing 9.3)."""
    return invalid_request(
        "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
    )


def invalid_url() -> StripeError:
    """Build the refusal of anything else that is no URL (facts billing 9.3)."""
    return invalid_request("Not a valid URL", param="url", code="url_invalid")


def too_many(limit: int, *, livemode: bool) -> StripeError:
    """Build the refusal of one endpoint too many in a mode (facts billing 9.3)."""
    mode = "live" if livemode else "test"
    return invalid_request(f"You have reached the maximum of {limit} {mode} webhook endpoints.")
