"""Decides what is said when a subscription cannot begin, change, pause or resume as asked (facts billing 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import bad_param, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError


def not_in_pending_update(name: str) -> StripeError:
    """A parameter that cannot wait for a payment (recorded 2024-09 by users of the real API)."""
    return invalid_request(
        "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params. "
        f"`{name}` is not supported. See "
        "https://stripe.com/docs/billing/subscriptions/pending-updates-reference#supported-attributes for more details."
    )


def of_another_customer(subscription: str, customer: str, status: int = 404) -> StripeError:
    """A subscription at the address of a customer who is not its own, or beside one in parameters (400).

    Words, status and ``param`` were recorded by users of the real API from 2015 to 2018 (github.com/stripe/stripe-dotnet 401,
    opencollective/opencollective 876), then of unknown ids too: those have had the words of every unknown id since
    (github.com/thephpleague/omnipay-stripe, recorded 2020-09). The code is a choice.
    """
    return invalid_request(
        f"Customer {customer} does not have a subscription with ID {subscription}",
        code="resource_missing",
        param="subscription",
        status=status,
    )


def no_discount(subscription: Doc) -> StripeError:
    """Nothing to read or take off (words noted by a user of the real API; status and code are a choice)."""
    return invalid_request(
        f"No active discount for subscription {subscription['id']} on customer {subscription['customer']}",
        code="resource_missing",
        status=404,
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


def too_many_items(limit: int, place: str) -> StripeError:
    """A subscription, and a phase of its schedule, has at most twenty items (docs.stripe.com multiple products; choice of words)."""
    return invalid_request(f"Subscriptions can have at most {limit} items.", param=place)


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


def intervals_not_multiples(place: str) -> StripeError:
    """Mixed intervals go into each other (facts billing 6.1, docs.stripe.com mixed intervals; choice of words)."""
    return bad_param(
        "All prices on a subscription must have intervals that are multiples of the shortest interval.", param=place
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


# What tax rates are refused with: the rule is docs.stripe.com/api/tax_rates/object, nobody recorded the words (choice).
ARCHIVED_RATE = "The tax rate `{rate}` is inactive. This field only accepts active tax rates."
RATE_TWICE = "The tax rate `{rate}` is specified more than once."


def archived_rate(rate: str, place: str) -> StripeError:
    """Build the refusal of a tax rate that was archived before it was used here (choice of words)."""
    return bad_param(ARCHIVED_RATE.format(rate=rate), param=place)


def rate_twice(rate: str, place: str) -> StripeError:
    """Build the refusal of one tax rate that is named twice (choice)."""
    return bad_param(RATE_TWICE.format(rate=rate), param=place)


# What callers from before billing modes are told: nobody recorded the words (choice; the rule is facts billing 6.16).
MODES_UNKNOWN = (
    "Changing the billing mode is not supported on api version {version}. Update your API version, or set the API "
    "Version of this request to 2025-06-30.basil or greater."
)


def modes_unknown(version: str) -> StripeError:
    """Build the refusal of a migration by a version that knows no billing modes (choice of words)."""
    return invalid_request(MODES_UNKNOWN.format(version=version))


def foreign_invoice(invoice: str, customer: str) -> StripeError:
    """An item for the draft of another customer (choice, after that of subscriptions)."""
    return invalid_request(
        f"Customer {customer} does not have an invoice with ID {invoice}", code="resource_missing", param="invoice"
    )


def ends_before_it_starts() -> StripeError:
    """A period of an invoice item that runs backwards (the rule is docs.stripe.com/api/invoiceitems; choice of words)."""
    return bad_param("The end of the period must be greater than or equal to its start.", param="period[end]")
