"""Decides how refusals about meters and their events are worded: one constructor per known answer (facts billing 6.15).

The v2 calls name their refusals by a code (docs.stripe.com/api/v2/billing/meter-event/create); v1 gives words only.
"""

from __future__ import annotations

from emulator.kernel.errors import StripeError, invalid_request


def event_name_taken(name: str) -> StripeError:
    """Two active meters of one event name (choice of words)."""
    return invalid_request(f"An active meter with the event name {name} already exists.", param="event_name")


def already(status: str) -> StripeError:
    """A meter that is what it should become (choice of words)."""
    return invalid_request(f"This meter is already {status}.")


def no_meter(name: str, *, coded: bool) -> StripeError:
    """An event that nobody counts (seen 2025 and 2026)."""
    return invalid_request(
        f'No active meter found for event name "{name}".', param="event_name", code="no_meter" if coded else None
    )


def archived_meter(name: str) -> StripeError:
    """An event of a deactivated meter, as the v2 call says it (choice of words)."""
    return invalid_request(f'The meter for event name "{name}" is inactive.', param="event_name", code="archived_meter")


def duplicate(identifier: str, *, coded: bool) -> StripeError:
    """An event that came before (seen 2024 to 2026)."""
    return invalid_request(
        f"An event already exists with identifier {identifier}.", code="duplicate_meter_event" if coded else None
    )


def too_old(earliest: int, *, coded: bool) -> StripeError:
    """An event of long ago (seen 2025-10 and 2026)."""
    return invalid_request(
        "The event timestamp cannot be more than 35 days in past. Expected a timestamp greater than or equal to "
        f"{earliest}.",
        param="timestamp",
        code="timestamp_too_far_in_past" if coded else None,
    )


def too_early(latest: int, *, coded: bool) -> StripeError:
    """An event that has not happened yet (choice of words, after the one for the past)."""
    return invalid_request(
        "The event timestamp cannot be more than 5 minutes in future. Expected a timestamp less than or equal to "
        f"{latest}.",
        param="timestamp",
        code="timestamp_in_future" if coded else None,
    )


def no_customer(key: str, *, coded: bool) -> StripeError:
    """An event of nobody (choice of words)."""
    return invalid_request(
        f"The payload must have a reference to the customer under the key `{key}`.",
        param=f"payload[{key}]",
        code="payload_no_customer_defined" if coded else None,
    )


def no_value(key: str, *, coded: bool) -> StripeError:
    """An event of nothing (choice of words)."""
    return invalid_request(
        f"The payload must have a value under the key `{key}`.",
        param=f"payload[{key}]",
        code="payload_no_value_defined" if coded else None,
    )


def bad_value(key: str, value: str, *, coded: bool) -> StripeError:
    """An event whose value is no number (choice of words)."""
    return invalid_request(
        f"The payload value of `{key}` must be a number, not `{value}`.",
        param=f"payload[{key}]",
        code="payload_invalid_value" if coded else None,
    )


def unknown_event(identifier: str) -> StripeError:
    """A cancellation of an event that is not there (choice of words)."""
    return invalid_request(
        f"No meter event found with identifier {identifier}.", param="cancel[identifier]", code="resource_missing"
    )


def cancelled_too_late() -> StripeError:
    """A cancellation after the 24 hours in which events can be taken back (choice of words)."""
    return invalid_request(
        "Meter events can only be canceled within 24 hours of Stripe receiving them.", param="cancel[identifier]"
    )


def not_aligned(param: str, unit: str) -> StripeError:
    """Times that cut a minute, an hour or a day of the summaries in two (choice of words)."""
    return invalid_request(f"`{param}` must be aligned with {unit} boundaries.", param=param)


def ends_before_start() -> StripeError:
    """A range without length (choice of words)."""
    return invalid_request("`end_time` must be after `start_time`.", param="end_time")
