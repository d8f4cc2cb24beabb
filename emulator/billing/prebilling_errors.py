"""Decides how refusals of prebilling are worded.

What is refused: docs.stripe.com/billing/subscriptions/prebilling (2026-05 and later); the words are a choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import bad_param, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError

PARAM = "billing_schedules"


def needs_flexible() -> StripeError:
    """A subscription of classic billing."""
    return bad_param("You can only use `billing_schedules` with subscriptions in flexible billing mode.", param=PARAM)


def with_schedule() -> StripeError:
    """A subscription that a schedule manages, or shall."""
    return invalid_request(
        "You cannot use `billing_schedules` on a subscription with a subscription schedule.", param=PARAM
    )


def with_behavior(name: str, value: str) -> StripeError:
    """``proration_behavior`` none, ``payment_behavior`` pending_if_incomplete."""
    return bad_param(f"You cannot use `billing_schedules` when `{name}` is set to `{value}`.", param=name)


def coupon_unfit() -> StripeError:
    """A coupon of an amount, or of some months."""
    return invalid_request(
        "Only coupons with `percent_off` and a `duration` of `once` or `forever` can be used with `billing_schedules`."
    )


def unknown_price(price: str, place: str) -> StripeError:
    """A price that no item has."""
    return bad_param(f"The price `{price}` is not used by any item of this subscription.", param=place)


def metered_price(place: str) -> StripeError:
    """A price that is billed by usage."""
    return bad_param("You cannot use `billing_schedules` with prices that have `usage_type=metered`.", param=place)


def nothing_to_bill() -> StripeError:
    """A subscription of metered items alone."""
    return bad_param("You cannot use `billing_schedules` if all items have usage-based prices.", param=PARAM)


def twice(price: str) -> StripeError:
    """An item that two schedules apply to."""
    return bad_param(f"Only one billing schedule can apply to the price `{price}`.", param=PARAM)


def end_too_early(earliest: int, place: str) -> StripeError:
    """An end within the first billing period."""
    return bad_param(
        f"The end date must be on or after the end of the first billing period, which is `{earliest}`.", param=place
    )


def end_too_late(latest: int, place: str) -> StripeError:
    """An end more than five years ahead, or after the end of the subscription."""
    return bad_param(f"The end date cannot be later than `{latest}`.", param=place)


def too_many_cycles(most: int) -> StripeError:
    """More periods than can be billed ahead."""
    return bad_param(f"You cannot bill more than {most} billing periods in advance.", param=PARAM)
