"""Decides what billing's refusals say: one constructor per known answer, with its literal message.

Sources are the sections of the billing facts; "choice" marks a wording that was never recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import StripeError, bad_param, card_error, invalid_request, missing_param, not_emulated

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

__all__ = ["missing_param", "not_emulated"]

ISNT_OPEN = "You can only pass in open invoices. This invoice isn't open."


# Subscriptions: create (facts billing 6.2)


def pending_if_incomplete_at_create() -> StripeError:
    """A behaviour that only updates have."""
    return bad_param(
        "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
        param="payment_behavior",
    )


def duplicate_price(price: str) -> StripeError:
    """The same price in two items of one call."""
    return bad_param(
        f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price}", param="plan"
    )


def mixed_currencies(price_currency: str, others: str, index: int) -> StripeError:
    """Items of different currencies; ``index`` is the item that was taken as the standard."""
    return bad_param(
        f"This `price` has `currency={price_currency}`, but other items use `currency={others}`. All items must have "
        "pricing in the same currency. When using multi-currency prices, you can specify `currency` at the top level, "
        "to be used by all items.",
        param=f"items[{index}][price]",
    )


def wrong_currency(only: str, expected: str, param: str) -> StripeError:
    """A price that does not have the subscription's currency (facts billing 6.9)."""
    return invalid_request(
        f"The price specified only supports `{only}`. This doesn't match the expected currency: `{expected}`.",
        param=param,
    )


def one_time_price(param: str) -> StripeError:
    """A one-time price as an item (choice)."""
    return invalid_request(
        "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
        param=param,
    )


def recurring_price(param: str) -> StripeError:
    """A recurring price as an invoice item (choice)."""
    return invalid_request(
        "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
        param=param,
    )


def mixed_intervals(place: str) -> StripeError:
    """Items of different intervals in classic mode (choice; the rule is facts billing 6.1)."""
    return invalid_request(
        "Currency and interval fields must match across all plans on this subscription.", param=place
    )


def days_without_send_invoice() -> StripeError:
    """``days_until_due`` of a subscription that is charged."""
    return invalid_request("You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.")


def days_until_due_missing() -> StripeError:
    """A subscription that sends invoices without saying until when."""
    return invalid_request("If invoice collection method is 'send_invoice', you must specify 'days_until_due'.")


def email_missing() -> StripeError:
    """An invoice to be sent to a customer without an address (facts billing 4)."""
    return invalid_request(
        "Missing email. In order to create invoices that are sent to the customer, the customer must have a valid "
        "email."
    )


def no_payment_method() -> StripeError:
    """Nothing that could pay."""
    return invalid_request(
        "This customer has no attached payment source or default payment method. Please consider adding a default "
        "payment method. For more information, visit "
        "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
        code="resource_missing",
    )


def foreign_payment_method(payment_method: str, param: str) -> StripeError:
    """A payment method of somebody else (choice after facts billing 4)."""
    return invalid_request(
        f"The customer does not have a payment method with the ID {payment_method}. The payment method must be "
        "attached to the customer.",
        code="resource_missing",
        param=param,
    )


def past_timestamp(name: str, value: int) -> StripeError:
    """An instant that is over."""
    return bad_param(
        f"The parameter `{name}` expects a unix timestamp representing a date and time in the future. You specified "
        f"the value `{value}` which is in the past.",
        param=name,
    )


def trial_from_plan_conflict() -> StripeError:
    """Two ways to say how long the trial is."""
    return bad_param("You cannot set `trial_end` or `trial_period_days` when `trial_from_plan=true`.")


def trial_conflict() -> StripeError:
    """``trial_end`` and ``trial_period_days`` together (choice)."""
    return bad_param("You may only specify one of these parameters: trial_end, trial_period_days.", param="trial_end")


def trial_too_long(param: str) -> StripeError:
    """More than two years of trial (choice; the limit is facts billing 6.2)."""
    return bad_param("Trials may not be longer than 730 days.", param=param)


def anchor_too_late(latest: int) -> StripeError:
    """An anchor after the first natural period (choice)."""
    return invalid_request(
        f"billing_cycle_anchor cannot be later than next natural billing date ({latest}) for plan",
        param="billing_cycle_anchor",
    )


def payment_needs_action() -> StripeError:
    """Authentication is needed, but ``error_if_incomplete`` keeps nothing that could be authenticated."""
    return card_error(
        "Payment for this subscription requires additional user action, but the requested payment behavior doesn't "
        "save the invoice or PaymentIntent. Retry the request with `payment_behavior=allow_incomplete` or "
        "`payment_behavior=default_incomplete`, then complete the PaymentIntent on the subscription's latest invoice.",
        code="subscription_payment_intent_requires_action",
    )


def currency_conflict(before: str, now: str) -> StripeError:
    """A customer has one currency (facts billing 4)."""
    return invalid_request(
        "You cannot combine currencies on a single customer. This customer has had a subscription or payment in "
        f"{before}, but you are trying to pay in {now}."
    )


# Subscriptions: update and cancel (facts billing 6.3, 6.6, 6.8, 6.9)


def canceled_subscription() -> StripeError:
    """A canceled subscription is nearly immutable."""
    return invalid_request(
        "A canceled subscription can only update its cancellation_details and metadata.",
        code="invalid_canceled_subscription_fields",
    )


def incomplete_subscription(field: str) -> StripeError:
    """What an incomplete subscription cannot change (wording of another emulator: a guess)."""
    return invalid_request(
        f"Cannot update {field} on an incomplete subscription. Only metadata, description, default_source and "
        "default_payment_method can be updated.",
        code="status_transition_invalid",
    )


def details_without_cancellation() -> StripeError:
    """Reasons for something that is not planned."""
    return invalid_request(
        "`cancellation_details` can only be set on subscriptions that are set to cancel.",
        param="cancellation_details",
    )


def cancel_both() -> StripeError:
    """``cancel_at`` and ``cancel_at_period_end`` together (choice)."""
    return bad_param(
        "You may only specify one of these parameters: cancel_at, cancel_at_period_end.", param="cancel_at"
    )


def managed_by_schedule(schedule: str) -> StripeError:
    """A schedule decides about the end."""
    return invalid_request(
        f"The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation behavior "
        "directly is not allowed. Please update the schedule instead."
    )


def trial_on_paused() -> StripeError:
    """A paused subscription must be resumed first."""
    return invalid_request(
        "You cannot set `trial_end` while a subscription is `paused`. Resume the subscription first before setting "
        "`trial_end`."
    )


def not_paused() -> StripeError:
    """``/resume`` of what is not paused."""
    return invalid_request("You can only resume a subscription if it is `paused`.")


def price_taken(price: str, item: str) -> StripeError:
    """A new item with the price of an old one."""
    return invalid_request(
        f"A new item with Price {price} can't be added to this Subscription because an existing Subscription Item "
        f"{item} is already using that Price. If you want to update the existing item (e.g., to adjust the quantity), "
        "pass the existing Subscription Item's `id` in your update request: "
        "https://stripe.com/docs/api/subscriptions/update#update_subscription-items-id",
        param="plan",
    )


def unknown_item(item: str, *, status: int = 404) -> StripeError:
    """A subscription item that does not exist (facts billing 1.6)."""
    return invalid_request(f"Invalid subscription_item id: {item}", status=status)


def last_item() -> StripeError:
    """A subscription needs an item (choice)."""
    return invalid_request(
        "A subscription must have at least one active plan. In order to remove this subscription entirely, please "
        "delete it instead"
    )


def proration_date_outside() -> StripeError:
    """Prorations are made within the current period (facts billing 1.9)."""
    return invalid_request(
        "Cannot specify proration date outside of current subscription period", param="proration_date"
    )


# Invoices (facts billing 7.1)


def isnt_open() -> StripeError:
    """The act needs an open invoice."""
    return invalid_request(ISNT_OPEN)


def already_finalized() -> StripeError:
    """Only drafts are finalized."""
    return invalid_request("This invoice is already finalized, you can't re-finalize a non-draft invoice.")


def already_paid() -> StripeError:
    """Nothing left to pay."""
    return invalid_request("Invoice is already paid")


def paid_cannot_be_voided() -> StripeError:
    """Voiding would lose a payment."""
    return invalid_request("Invoices with `paid` payments cannot be voided.")


def already_uncollectible() -> StripeError:
    """Marked twice."""
    return invalid_request("This invoice has already been marked uncollectible.")


def cannot_be_sent() -> StripeError:
    """Only unpaid invoices of the sending kind are sent."""
    return invalid_request(
        "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with "
        "details, so we can help."
    )


def only_drafts_deleted() -> StripeError:
    """Finalized invoices stay."""
    return invalid_request("You can only delete draft invoices.")


def subscription_draft_deleted() -> StripeError:
    """What a subscription made must be voided (docs.stripe.com/api/invoices/delete; words recorded by users)."""
    return invalid_request("You can't delete invoices created by subscriptions.")


def not_updatable(param: str) -> StripeError:
    """Finalized invoices are frozen."""
    return invalid_request("Finalized invoices can't be updated in this way", param=param)


def not_editable() -> StripeError:
    """Lines and items of a finalized invoice are frozen."""
    return invalid_request("Invalid invoice: This invoice is no longer editable", code="invoice_not_editable")


def due_date_missing() -> StripeError:
    """An invoice to be sent needs a due date."""
    return invalid_request(
        "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'."
    )


def due_date_without_sending() -> StripeError:
    """A due date of an invoice that is charged."""
    return invalid_request(
        "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'."
    )


def nothing_to_invoice(what: str) -> StripeError:
    """``include`` without pending items; ``what`` is "customer" or "subscription"."""
    return invalid_request(f"Nothing to invoice for {what}", code=f"invoice_no_{what}_line_items")


def unknown_line(line: str, param: str, status: int) -> StripeError:
    """A line that the invoice does not have (choice)."""
    return invalid_request(f"No such invoice line item: '{line}'", param=param, code="resource_missing", status=status)


def item_not_pending(param: str) -> StripeError:
    """An item that is on an invoice already, or somebody else's (choice)."""
    return invalid_request("The invoice item is not a pending item of this invoice's customer.", param=param)


def payment_not_attachable(param: str) -> StripeError:
    """A payment of somebody else, in another currency, or one that is over (choice)."""
    return invalid_request(
        "The payment cannot be attached to this invoice: customer and currency must be the invoice's, and it must not "
        "be canceled.",
        param=param,
    )


def not_revisable() -> StripeError:
    """A revision of a draft or of something void (choice)."""
    return invalid_request("Only finalized invoices that are not void can be revised.", param="from_invoice[invoice]")


def tax_location_invalid() -> StripeError:
    """Automatic tax for a customer whose place is unknown (facts billing 14: wording widely seen, unsourced)."""
    return invalid_request(
        "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate "
        "tax.",
        code="customer_tax_location_invalid",
        param="automatic_tax[enabled]",
    )


def preview_of_nobody() -> StripeError:
    """A preview that names neither a customer nor a subscription (recorded of the older endpoint)."""
    return invalid_request("You must either provide a `customer` or a `subscription` to the upcoming invoice endpoint.")


def nothing_upcoming(customer: str) -> StripeError:
    """A customer whom nothing will be billed (facts billing 7.4)."""
    return invalid_request(f"No upcoming invoices for customer: {customer}", code="invoice_upcoming_none", status=404)


def invoice_needs_action(invoice: str, payment_intent: Doc) -> StripeError:
    """Paying needs the customer's authentication."""
    return card_error(
        "This payment requires additional user action before it can be completed successfully. Payment can be "
        f"completed using the PaymentIntent associated with invoice: {invoice}",
        code="invoice_payment_intent_requires_action",
        keep=True,
        payment_intent=payment_intent,
    )


def customer_or_account_missing() -> StripeError:
    """Neither of the two ways to name who pays (facts billing 5.3)."""
    return bad_param("Must provide customer or customer_account.", code="parameter_missing")


def item_without_amount() -> StripeError:
    """An invoice item without a price (choice)."""
    return bad_param("You must pass one of `amount`, `pricing`, `price_data` or `unit_amount_decimal`.", param="amount")


def kept(error: StripeError, *, keep: bool, **extra: Any) -> StripeError:
    """Return ``error`` with another decision about what stays stored, and further members."""
    return StripeError(
        error.message, status=error.status, type=error.type, code=error.code, param=error.param, keep=keep,
        headers=error.headers, **{**error.extra, **extra},
    )  # fmt: skip
