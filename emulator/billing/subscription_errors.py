"""Decides what is said when a subscription cannot begin, change, pause or resume as asked (facts billing 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import bad_param, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError


def not_in_pending_update(name: str) -> StripeError:
    """A parameter that cannot wait for a payment (recorded 2024-09 by users of the real API)."""
    return invalid_request(
        "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. "
        f"`{name}` is not supported. See "
        "https://stripe.com/docs/billing/subscriptions/pending-updates-reference#supported-attributes for more details."
    )


def too_many_subscriptions(limit: int) -> StripeError:
    """A customer has a limited number of live subscriptions (the code is docs.stripe.com/error-codes; choice of words)."""
    return invalid_request(
        f"The maximum number of subscriptions for a customer has been reached. A customer can have at most {limit} "
        "active subscriptions.",
        code="customer_max_subscriptions",
    )


def too_many_on_clock(limit: int) -> StripeError:
    """A customer on a test clock has three subscriptions at most (docs.stripe.com test clocks; choice of words)."""
    return invalid_request(
        f"A customer on a test clock can have at most {limit} subscriptions or subscription schedules."
    )


def too_many_items(limit: int) -> StripeError:
    """A classic subscription has at most twenty items (docs.stripe.com multiple products; choice of words)."""
    return invalid_request(f"Subscriptions can have at most {limit} items.", param="items")


def backdate_in_future() -> StripeError:
    """A start that is still to come (choice)."""
    return bad_param("`backdate_start_date` must be in the past.", param="backdate_start_date")


def backdate_with_config() -> StripeError:
    """An anchor configuration does not go with backdating (facts billing 6.7; choice of words)."""
    return bad_param(
        "You may only specify one of these parameters: backdate_start_date, billing_cycle_anchor_config.",
        param="backdate_start_date",
    )


def config_of_weeks() -> StripeError:
    """A day of the month is for prices of months and years (facts billing 6.7; choice of words)."""
    return bad_param(
        "You can only use `billing_cycle_anchor_config` with prices whose `interval` is `month` or `year`.",
        param="billing_cycle_anchor_config",
    )


def intervals_not_multiples() -> StripeError:
    """Mixed intervals go into each other (facts billing 6.1, docs.stripe.com mixed intervals; choice of words)."""
    return bad_param(
        "All prices on a subscription must have intervals that are multiples of the shortest interval.", param="items"
    )


def backdate_too_long(limit: int) -> StripeError:
    """More lines than an invoice takes (the limit is facts billing 6.16; choice of words)."""
    return bad_param(
        f"Backdating this subscription would create more than {limit} invoice line items.", param="backdate_start_date"
    )


def pause_classic() -> StripeError:
    """Only flexible billing pauses (docs.stripe.com changelog endive/2026-09-30; choice of words)."""
    return invalid_request("Only subscriptions with `billing_mode[type]=flexible` can be paused.")


def pause_scheduled() -> StripeError:
    """A schedule decides about the future (docs.stripe.com api/subscriptions/pause)."""
    return invalid_request("Cannot pause subscriptions with attached schedules.")


def pause_sent() -> StripeError:
    """Invoices that are sent are not paused (docs.stripe.com billing/subscriptions/pause; choice of words)."""
    return invalid_request("You can only pause a subscription if its collection method is `charge_automatically`.")


def resume_classic() -> StripeError:
    """Only flexible billing waits for the success (docs.stripe.com billing/subscriptions/pause; choice of words)."""
    return bad_param(
        "`payment_behavior=resume_on_payment_success` is only available for subscriptions with "
        "`billing_mode[type]=flexible`.",
        param="payment_behavior",
    )


def pause_status(status: str) -> StripeError:
    """A subscription that cannot be paused in its state (choice)."""
    return invalid_request(f"You cannot pause a subscription with status `{status}`.")


def resume_sent() -> StripeError:
    """Invoices that are sent are not resumed (docs.stripe.com api/subscriptions/resume; choice of words)."""
    return invalid_request("You can only resume a subscription if its collection method is `charge_automatically`.")


def resumes_in_past(at: int) -> StripeError:
    """Collection that resumes in the past (wording as for other instants, facts billing 6.2)."""
    return bad_param(
        "The parameter `resumes_at` expects a unix timestamp representing a date and time in the future. You specified "
        f"the value `{at}` which is in the past.",
        param="pause_collection[resumes_at]",
    )


def itemized_for_good() -> StripeError:
    """``included`` after ``itemized`` (docs.stripe.com changelog 2025-09-30 says that it cannot be; choice of words)."""
    return bad_param(
        "You cannot migrate a subscription from `itemized` to `included` proration discounts.",
        param="billing_mode[flexible][proration_discounts]",
    )


def too_many_rates(place: str, most: int) -> StripeError:
    """More tax rates than a line may have (wording of the like refusals)."""
    return bad_param(f"Array {place} exceeded maximum {most} allowed elements.", param=place)
