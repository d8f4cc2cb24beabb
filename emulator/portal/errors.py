"""Decides the words of every refusal of the portal: one constructor per known answer.

``E<n>`` names the row of the error catalogue, facts portal 1.8. Words that no source gives are marked *choice* and
stand here only, so that they can be corrected in one place.
"""

from __future__ import annotations

from emulator.kernel.errors import StripeError, bad_param, exclusive, invalid_request, missing_param, resource_missing
from emulator.portal.permissions import Reason

DEFAULT_MISSING = (
    "No configuration provided and your {mode} mode default configuration has not been created. Provide a "
    "configuration or create your default by saving your customer portal settings in {mode} mode at "
    "https://dashboard.stripe.com/{path}settings/billing/portal."
)
UPDATE_PRODUCTS = "features[subscription_update][products]"
CANCEL_PRORATION = "features[subscription_cancel][proration_behavior]"

# What stands after "This subscription cannot be updated/canceled because". Choice, after the pattern of E4.
BECAUSE = {
    Reason.FEATURE_DISABLED: "the portal configuration does not allow it.",
    Reason.MULTIPLE_ITEMS: "it has multiple items.",
    Reason.ENDED: "it has ended.",
    Reason.METERED: "it uses usage-based pricing.",
    Reason.INVOICED: "its invoices are sent for manual payment.",
    Reason.UNSUPPORTED_METHOD: "its payment method is not supported by the customer portal.",
    Reason.SCHEDULED: "it has an update scheduled with a subscription schedule.",
    Reason.STATUS: "of its status.",
    Reason.NOT_FLEXIBLE: "its billing mode is not flexible.",
    Reason.ALREADY_CANCELING: "it is already set to be canceled.",
    Reason.NOT_CANCELING: "it is not set to be canceled.",
    Reason.NOTHING_OFFERED: "there is no price in the portal configuration available to change to.",
}


# -- configurations ----------------------------------------------------------------------------------------------------


def updates_need_payment_methods() -> StripeError:
    """E3: subscription updates switched on while payment methods cannot be managed (recorded)."""
    return invalid_request("Cannot enable subscription updates while payment method update is disabled.")


def interval_repeated() -> StripeError:
    """E10: two prices of one product with the same interval (recorded)."""
    return invalid_request("For each product, its price must have unique billing intervals.")


def price_not_supported() -> StripeError:
    """E11: an archived, tiered, metered or one-time price in the list (recorded)."""
    return invalid_request("Only active, per unit licensed prices are supported.")


def products_missing() -> StripeError:
    """E12: subscription updates switched on without products (recorded)."""
    return missing_param(UPDATE_PRODUCTS)


def too_long(value: str, limit: int, param: str) -> StripeError:
    """E13: a text over its limit (recorded for the headline; the door says the same for limits of the description)."""
    return bad_param(f"Invalid string: {value}; must be at most {limit} characters", param=param)


def too_many(param: str, limit: int) -> StripeError:
    """More entries in a list than allowed (recorded for checkout's discounts)."""
    return bad_param(f"Array {param} exceeded maximum {limit} allowed elements.", param=param)


def cancel_proration_not_allowed() -> StripeError:
    """E19: ``always_invoice`` is listed but refused for cancellations; words are a choice."""
    return invalid_request("The proration behavior `always_invoice` is not supported here.", param=CANCEL_PRORATION)


def price_of_other_product(price: str, product: str, param: str) -> StripeError:
    """A listed price that does not belong to the product of its entry; words are a choice."""
    return invalid_request(f"The price `{price}` does not belong to the product `{product}`.", param=param)


def quantity_bounds(param: str) -> StripeError:
    """A maximum quantity below the minimum, or a negative bound; words are a choice."""
    return bad_param("The maximum quantity must be greater than or equal to the minimum quantity.", param=param)


def pause_too_long(param: str) -> StripeError:
    """A pause of no time or of more than three years; words are a choice."""
    return bad_param("Pause durations must be between one day and three years.", param=param)


def default_stays_active() -> StripeError:
    """The default configuration cannot be deactivated; words are a choice."""
    return invalid_request("You cannot deactivate your default configuration.", param="active")


# -- feedback options --------------------------------------------------------------------------------------------------


def feedback_option_inactive(id: str, param: str) -> StripeError:
    """A deactivated feedback option offered anew, or changed; words are a choice."""
    return invalid_request(f"The feedback option `{id}` is inactive.", param=param)


# -- sessions ----------------------------------------------------------------------------------------------------------


def no_default(*, livemode: bool) -> StripeError:
    """E1 and E1L: no configuration named and no default saved yet (recorded)."""
    mode, path = ("live", "") if livemode else ("test", "test/")
    return invalid_request(DEFAULT_MISSING.format(mode=mode, path=path))


def no_return_url() -> StripeError:
    """E14: recorded 2022; answered by worlds whose setting ``portal_return_url_required`` keeps that rule."""
    return invalid_request(
        "Your PortalConfiguration does not have a `default_return_url`, and you did not provide a `return_url`."
    )


def not_a_url(param: str) -> StripeError:
    """E15: an address that is none (recorded)."""
    return bad_param("Not a valid URL", code="url_invalid", param=param)


def no_configuration(id: str) -> StripeError:
    """E16: a configuration that is not there (recorded)."""
    return resource_missing("configuration", id, param="configuration")


def configuration_inactive(id: str) -> StripeError:
    """A configuration that was deactivated; words are a choice."""
    return invalid_request(
        f"The configuration `{id}` is inactive and cannot be used to create a session.", param="configuration"
    )


def no_customer(id: str, param: str = "customer") -> StripeError:
    """E17: a customer that is not there or deleted (recorded)."""
    return resource_missing("customer", id, param=param)


def no_subscription(id: str, param: str, *, status: int = 400) -> StripeError:
    """E17: a subscription that is not there, or another customer's: the answer does not tell which (choice)."""
    return resource_missing("subscription", id, param=param, status=status)


def customer_needed(*, account_allowed: bool) -> StripeError:
    """Neither customer nor customer_account; before 2025-12-15 customer was simply required (facts billing 13)."""
    if account_allowed:
        return invalid_request("Must provide customer or customer_account.")
    return missing_param("customer")


def customer_twice() -> StripeError:
    """Both customer and customer_account; pattern of Stripe's exclusive parameters."""
    return exclusive("customer", "customer_account")


def in_the_past(param: str, value: int) -> StripeError:
    """A deadline that is over (recorded pattern, facts billing 1.5)."""
    return bad_param(
        f"The parameter `{param}` expects a unix timestamp representing a date and time in the future. You specified "
        f"the value `{value}` which is in the past.",
        param=param,
    )


# -- flows -------------------------------------------------------------------------------------------------------------


def nothing_to_confirm() -> StripeError:
    """E5: the confirm flow asks for what is already so (recorded)."""
    return invalid_request("Cannot update the subscription because there are no changes to confirm.")


def already_canceling(id: str) -> StripeError:
    """E6: a cancel flow for a subscription that is set to cancel, by flag or by date (recorded)."""
    return invalid_request(f"The subscription {id} is already set to be canceled at period end.")


def several_items(id: str) -> StripeError:
    """E9: an update flow for a subscription with several items (recorded)."""
    return invalid_request(f"This PortalSession cannot update subscription `{id}` because it has multiple items.")


def managed_by_schedule(schedule: str) -> StripeError:
    """E21: a cancel flow for a subscription whose schedule has changes to come (recorded for the API's cancel)."""
    return invalid_request(
        f"The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation behavior "
        "directly is not allowed. Please update the schedule instead."
    )


def feature_disabled(what: str, done: str, feature: str) -> StripeError:
    """E4 (recorded for updates) and, in its pattern, E8 and the other features (choice)."""
    return invalid_request(
        f"This {what} cannot be {done} because the {feature} feature in the portal configuration is disabled."
    )


def not_possible(done: str, reason: Reason) -> StripeError:
    """E7 and the limits named in docs.stripe.com/customer-management; the words are a choice."""
    return invalid_request(f"This subscription cannot be {done} because {BECAUSE[reason]}")


def price_not_listed(price: str, param: str) -> StripeError:
    """A confirm flow to a price that the configuration does not list; words are a choice."""
    return invalid_request(
        f"The price `{price}` is not in the portal configuration's list of products and prices.", param=param
    )


def no_such_item(id: str, param: str) -> StripeError:
    """A confirm flow for an item that the subscription does not have (message recorded, facts billing 1.6)."""
    return invalid_request(f"Invalid subscription_item id: {id}", param=param)


def negative(param: str) -> StripeError:
    """A quantity below zero (recorded pattern, facts billing 1.5)."""
    return bad_param("This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=param)


# -- the portal's own pages --------------------------------------------------------------------------------------------


def session_dead(
    reason: str, *, return_url: str | None = None, login_url: str | None = None, business_name: str | None = None
) -> StripeError:
    """A link that is dead: ``unused`` for 5 minutes, ``idle`` for an hour, ``completed``, ``unknown``; a choice."""
    return invalid_request(
        "This customer portal session has expired.",
        status=410,
        code="portal_session_expired",
        reason=reason,
        return_url=return_url,
        login_url=login_url,
        business_name=business_name,
    )


def not_permitted(done: str, reason: Reason) -> StripeError:
    """An act that the configuration or the subscription does not allow, tried on a page; a choice."""
    return invalid_request(
        f"This subscription cannot be {done} because {BECAUSE[reason]}",
        status=403,
        code="portal_not_permitted",
        reason=reason.value,
    )


def reason_not_offered(feedback: str) -> StripeError:
    """A cancellation reason that the configuration does not offer; a choice."""
    return invalid_request(
        f"The cancellation reason `{feedback}` is not offered.",
        status=403,
        code="portal_not_permitted",
        param="feedback",
        reason="reason_not_offered",
    )


def nothing_offered() -> StripeError:
    """A retention offer accepted that is not made, or not any more; a choice."""
    return invalid_request(
        "There is no retention offer for this subscription.", status=403, code="portal_not_permitted", reason="no_offer"
    )


def duration_not_offered() -> StripeError:
    """A pause of another length than the configuration offers; a choice."""
    return invalid_request(
        "This pause duration is not offered.",
        status=403,
        code="portal_not_permitted",
        param="duration",
        reason="duration_not_offered",
    )


def no_method() -> StripeError:
    """A paused subscription resumed while there is nothing to pay with; a choice."""
    return invalid_request(
        "This customer has no payment method. Add one to resume the subscription.",
        status=402,
        code="portal_payment_method_needed",
        reason="no_payment_method",
    )


def only_a_preview() -> StripeError:
    """Anything done in the portal that the owner looks at from the settings page; a choice."""
    return invalid_request("This is a preview. Nothing can be changed in it.", status=403, code="portal_preview")
