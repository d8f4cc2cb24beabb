"""Decides the words of every refusal of coupons, promotion codes and discounts: one constructor per known answer.

Messages marked *choice* have no recording behind them; they stand here alone so that one line corrects them.
"""

from __future__ import annotations

from emulator.catalog.errors import already_exists
from emulator.kernel.errors import StripeError, exclusive, invalid_request, missing_param, one_of


# --------------------------------------------------------------------------------------------------- coupons
def coupon_exists() -> StripeError:
    """Build the refusal of a coupon id that is taken."""
    return already_exists("Coupon")


def coupon_needs_value() -> StripeError:
    """Build the refusal of a coupon that takes nothing off (facts billing 3.3)."""
    return invalid_request("Must provide percent_off or amount_off.", code="parameter_missing")


def coupon_two_values() -> StripeError:
    """Build the refusal of a coupon with both kinds of value (facts billing 3.3)."""
    return exclusive("percent_off", "amount_off")


def coupon_needs_currency() -> StripeError:
    """Build the refusal of an amount without its currency (facts billing 3.3)."""
    return invalid_request("You must pass currency when passing amount_off", param="currency")


def coupon_needs_months() -> StripeError:
    """Build the refusal of a repeating coupon without a length (facts billing 3.3)."""
    return invalid_request(
        "The duration_in_months param must be set when creating a coupon with a repeating duration", param="duration"
    )


def coupon_months_not_repeating() -> StripeError:
    """Build the refusal of a length on a coupon that does not repeat (choice)."""
    return invalid_request(
        "The duration_in_months param can only be set when creating a coupon with a repeating duration",
        param="duration_in_months",
    )


def coupon_options_with_percent() -> StripeError:
    """Build the refusal of currencies on a percentage (facts billing 3.3)."""
    return one_of("currency_options", "percent_off")


def coupon_expired(coupon: str, param: str) -> StripeError:
    """Build the refusal of a coupon past its last day (facts billing 3.3)."""
    return invalid_request(f"Coupon {coupon} is expired and cannot be applied.", code="coupon_expired", param=param)


def coupon_used_up(coupon: str, param: str) -> StripeError:
    """Build the refusal of a coupon redeemed as often as it may be (facts billing 3.3)."""
    return invalid_request(f"Coupon {coupon} is used up and cannot be applied.", code="coupon_expired", param=param)


# ------------------------------------------------------------------------------------------- promotion codes
def promotion_needs_coupon() -> StripeError:
    """Build the refusal of a promotion without its coupon (facts billing 3.5); the dotted param is Stripe's own."""
    return invalid_request("You must pass promotion.coupon when passing promotion", param="promotion.coupon")


def promotion_code_characters(code: str) -> StripeError:
    """Build the refusal of a code with other characters (facts billing 3.5)."""
    return invalid_request(
        f"This value must match the regex pattern. (/\\A[a-zA-Z0-9\\-_]+\\z/ does not match for the value {code}).",
        param="code",
    )


def promotion_code_taken(code: str) -> StripeError:
    """Build the refusal of a code that is in use (facts billing 3.5)."""
    return invalid_request(f"An active promotion code with `code: {code}` already exists.")


def promotion_needs_minimum_currency() -> StripeError:
    """Build the refusal of a minimum without a currency (facts billing 3.5)."""
    return invalid_request(
        "You must pass minimum_amount_currency when passing minimum_amount",
        param="restrictions[minimum_amount_currency]",
    )


def promotion_outlives_coupon() -> StripeError:
    """Build the refusal of a code that ends after its coupon (docs.stripe.com; wording: choice)."""
    return invalid_request("`expires_at` cannot be after the coupon's `redeem_by`.", param="expires_at")


def promotion_exceeds_coupon() -> StripeError:
    """Build the refusal of more redemptions than the coupon has (docs.stripe.com; wording: choice)."""
    return invalid_request("`max_redemptions` cannot be greater than the coupon's.", param="max_redemptions")


def promotion_cannot_reactivate() -> StripeError:
    """Build the refusal to switch on a code that ended for good (docs.stripe.com; wording: choice)."""
    return invalid_request(
        "This promotion code cannot be activated because its coupon is not valid, or because it is expired or used up.",
        param="active",
    )


def promotion_inactive(param: str) -> StripeError:
    """Build the refusal to redeem a code that is switched off (choice)."""
    return invalid_request("This promotion code is inactive", param=param)


def promotion_expired(code: str, param: str) -> StripeError:
    """Build the refusal to redeem a code past its last day (choice)."""
    return invalid_request(
        f"Promotion code {code} is expired and cannot be applied.", code="coupon_expired", param=param
    )


def promotion_used_up(code: str, param: str) -> StripeError:
    """Build the refusal to redeem a code used as often as it may be (choice)."""
    return invalid_request(
        f"Promotion code {code} is used up and cannot be applied.", code="coupon_expired", param=param
    )


def promotion_other_customer(param: str) -> StripeError:
    """Build the refusal to redeem somebody else's code (choice)."""
    return invalid_request(
        "This promotion code cannot be redeemed because it is restricted to a different customer.", param=param
    )


def promotion_not_first(param: str) -> StripeError:
    """Build the refusal of a first-time code for a known buyer (facts billing 3.5)."""
    return invalid_request(
        "This promotion code cannot be redeemed because the associated customer has prior transactions.", param=param
    )


def promotion_minimum_on_update(param: str) -> StripeError:
    """Build the refusal of a code with a minimum on a subscription update (facts billing 3.5; the typo is Stripe's)."""
    return invalid_request(
        "This promotion code cannot be redeemed on a subcription update because it uses the `minimum_amount` "
        "restriction.",
        param=param,
    )


def promotion_below_minimum(param: str) -> StripeError:
    """Build the refusal of a code whose minimum is not reached (choice)."""
    return invalid_request(
        "This promotion code cannot be redeemed because the amount is below the promotion code's minimum.", param=param
    )


def promotion_minimum_on_item(param: str) -> StripeError:
    """Build the refusal of a code with a minimum on one item (docs.stripe.com coupons; wording: choice)."""
    return invalid_request(
        "This promotion code cannot be redeemed on an item because it uses the `minimum_amount` restriction.",
        param=param,
    )


def promotion_minimum_on_phase(param: str) -> StripeError:
    """Build the refusal of a code with a minimum in a phase to come (docs.stripe.com coupons; wording: choice)."""
    return invalid_request(
        "This promotion code cannot be redeemed in a future phase because it uses the `minimum_amount` restriction.",
        param=param,
    )


# ------------------------------------------------------------------------------------------------- discounts
def discount_twice(coupon: str, param: str) -> StripeError:
    """Build the refusal of one coupon named twice, in whatever way (docs.stripe.com coupons; wording: choice)."""
    return invalid_request(f"The coupon {coupon} cannot be applied more than once.", param=param)


def discount_needs_source(param: str) -> StripeError:
    """Build the refusal of a discount without coupon, promotion code or discount (choice)."""
    return missing_param(f"{param}[coupon]")


def discount_two_sources(param: str) -> StripeError:
    """Build the refusal of a discount with several origins (choice, by analogy)."""
    return one_of("coupon", "promotion_code", "discount", param=param)


def discount_currency(coupon: str, currency: str, param: str) -> StripeError:
    """Build the refusal of an amount off in another currency (choice)."""
    return invalid_request(f"The coupon {coupon} cannot be applied: it has no amount in {currency}.", param=param)
