"""Decides how refusals about subscription schedules are worded: one constructor per known answer (facts billing 6.14)."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, bad_param, invalid_request

MOST_PHASES = 10  # current and future ones (docs.stripe.com/billing/subscriptions/subscription-schedules)


def set_with_subscription(name: str) -> StripeError:
    """Anything said beside ``from_subscription`` (seen 2023 and 2026)."""
    return bad_param(f"You cannot set `{name}` if `from_subscription` is set.", param=name)


def already_scheduled(schedule: str) -> StripeError:
    """A subscription has one schedule at most (seen 2022 to 2026)."""
    return invalid_request(f"You cannot migrate a subscription that is already attached to a schedule: `{schedule}`.")


def subscription_over(status: str) -> StripeError:
    """A schedule for what is over, or has not begun (choice)."""
    return invalid_request(
        f"You cannot create a subscription schedule from a subscription with the status `{status}`.",
        param="from_subscription",
    )


def wrong_status(act: str, status: str) -> StripeError:
    """An act on a schedule that is over; ``act`` is "update", "cancel" or "release" (seen 2021 and 2023)."""
    done = {"update": "updated", "cancel": "canceled", "release": "released"}[act]
    return invalid_request(
        f"You cannot {act} a subscription schedule that is currently in the `{status}` status. It must be in "
        f"`not_started, active` status to be {done}."
    )


def foreign(schedule: str, customer: str) -> StripeError:
    """A schedule of another customer than the call is about (choice, after that of subscriptions)."""
    return invalid_request(
        f"Customer {customer} does not have a subscription schedule with ID {schedule}",
        code="resource_missing",
        param="schedule",
    )


def start_moved() -> StripeError:
    """The current phase was sent with another start (seen 2022 to 2025)."""
    return invalid_request("You can not modify the start date of the current phase.")


def current_left_out() -> StripeError:
    """The current phase is missing, or would be over already (seen 2019)."""
    return invalid_request("You can only adjust the end date to a future date for the current phase.")


def no_start() -> StripeError:
    """No phase of an update says when it begins (seen 2019)."""
    return invalid_request(
        "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to."
    )


def end_behavior_unknown() -> StripeError:
    """``renew``, which is read-only since 2019-10-17 (changelog; the wording of the like refusals)."""
    return bad_param("Invalid end_behavior: must be one of cancel or release", param="end_behavior")


def two_ends(index: int, first: str, second: str) -> StripeError:
    """A phase with two ends (wording of the like refusals; the names are a choice)."""
    return bad_param(f"You may only specify one of these parameters: {first}, {second}.", param=f"phases[{index}]")


def gap(index: int) -> StripeError:
    """A phase that does not begin where the one before it ends (choice)."""
    return bad_param(
        "The start date of a phase must be equal to the end date of the phase before it.",
        param=f"phases[{index}][start_date]",
    )


def ends_before_start(index: int) -> StripeError:
    """A phase without length (choice)."""
    return bad_param("The end date of a phase must be after its start date.", param=f"phases[{index}][end_date]")


def ends_too_late(index: int) -> StripeError:
    """A phase that ends at no date (choice)."""
    return bad_param("The end date of a phase is too far in the future.", param=f"phases[{index}][end_date]")


def trial_outside(index: int) -> StripeError:
    """A trial that is longer than its phase (choice)."""
    return bad_param("The trial must end within its phase.", param=f"phases[{index}][trial_end]")


def pause_not_flexible() -> StripeError:
    """Only flexible billing pauses (docs.stripe.com billing/subscriptions/pause/schedules; choice of words)."""
    return bad_param("Pause schedules need `billing_mode[type]=flexible`.", param="pause_schedules")


def pause_sends() -> StripeError:
    """A phase that sends its invoices cannot be paused (docs.stripe.com pause/schedules; choice of words)."""
    return bad_param(
        "Pause schedules need `collection_method=charge_automatically` in every phase.", param="pause_schedules"
    )


def pause_twice(key: str) -> StripeError:
    """Two entries of one key (choice of words)."""
    return bad_param(
        f"Each entry of `pause_schedules` must have its own `key`, `{key}` is there twice.", param="pause_schedules"
    )


def resume_before_pause(place: str) -> StripeError:
    """A subscription resumes after it was paused (choice of words)."""
    return bad_param("`resume_at` must be after `pause_at`.", param=f"{place}[resume][resume_at]")


def too_many_added(place: str, most: int) -> StripeError:
    """More one-time items than a phase may add (wording as for other lists)."""
    return bad_param(f"Array {place} exceeded maximum {most} allowed elements.", param=place)


def too_many_phases() -> StripeError:
    """More phases than a schedule may have (choice of words)."""
    return bad_param(
        f"A subscription schedule can have at most {MOST_PHASES} current or future phases.", param="phases"
    )
