"""Decides the words of every refusal of the catalog: one constructor per known answer.

Messages marked *choice* have no recording behind them; they stand here alone so that one line corrects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, exclusive, invalid_request, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable


# ---------------------------------------------------------------------------------------------- common bounds
def too_small(least: str, value: object | None = None, *, param: str) -> StripeError:
    """Build the refusal of a number below its bound, with the value where Stripe prints it (facts billing 1.5)."""
    tail = f" (it currently is '{value}')" if value is not None else ""
    return invalid_request(
        f"This value must be greater than or equal to {least}{tail}.", param=param, code="parameter_invalid_integer"
    )


def percent_too_small(value: object, *, param: str = "percent_off") -> StripeError:
    """Build the refusal of a percentage below 0.01: the value is printed, there is no code (facts billing 3.3)."""
    return invalid_request(
        f"This value must be greater than or equal to 0.01 (it currently is '{value}').", param=param
    )


def too_large(most: str, value: object, *, param: str) -> StripeError:
    """Build the refusal of a number above its bound (wording: choice, by analogy)."""
    return invalid_request(f"This value must be less than or equal to {most} (it currently is '{value}').", param=param)


def too_many(name: str, most: int) -> StripeError:
    """Build the refusal of a list with too many elements (wording recorded for ``discounts``)."""
    return invalid_request(f"Array {name} exceeded maximum {most} allowed elements.", param=name)


def in_the_past(name: str, value: int) -> StripeError:
    """Build the refusal of an instant that has to lie in the future (facts billing 1.5)."""
    return invalid_request(
        f"The parameter `{name}` expects a unix timestamp representing a date and time in the future. "
        f"You specified the value `{value}` which is in the past.",
        param=name,
    )


def more_than_five_years(name: str) -> StripeError:
    """Build the refusal of an instant too far ahead (facts billing 3.5)."""
    return invalid_request("Invalid timestamp: can be no more than five years in the future.", param=name)


def already_exists(noun: str) -> StripeError:
    """Build the refusal of an id that is taken (facts billing 1.5): code, no param."""
    return invalid_request(f"{noun} already exists.", code="resource_already_exists")


# ------------------------------------------------------------------------------------------------ currencies
def invalid_currency(value: str, known: Iterable[str], param: str) -> StripeError:
    """Build the refusal of an unknown currency in a plain parameter (facts billing 1.5): no code."""
    return invalid_request(
        f"Invalid currency: {value}. Stripe currently supports these currencies: {', '.join(known)}", param=param
    )


def invalid_currency_key(value: str, known: Iterable[str], param: str) -> StripeError:
    """Build the refusal of an unknown currency as a key of a map: the same words and a full stop."""
    return invalid_request(
        f"Invalid currency: {value}. Stripe currently supports these currencies: {', '.join(known)}.", param=param
    )


def currency_key_not_lowercase(value: str, param: str) -> StripeError:
    """Build the refusal of an upper-case currency as a key of a map (facts billing 1.5)."""
    return invalid_request(
        f"Currencies must be lowercase when used as keys in a map. Use `{value.lower()}` instead of `{value}`.",
        param=param,
    )


# -------------------------------------------------------------------------------------------------- products
def product_exists() -> StripeError:
    """Build the refusal of a product id that is taken."""
    return already_exists("Product")


def product_has_skus() -> StripeError:
    """Build the refusal to delete a good with SKUs (docs.stripe.com/api/products/delete; wording: choice)."""
    return invalid_request("This product cannot be deleted because it has one or more SKUs.")


def sku_exists() -> StripeError:
    """Build the refusal of a SKU's id that is taken (choice, by the rule of all chosen ids)."""
    return already_exists("SKU")


def not_a_good(product: str) -> StripeError:
    """Build the refusal of a service where a good belongs (choice)."""
    return invalid_request(f"The product `{product}` must be of type `good`.", param="product")


def product_has_prices() -> StripeError:
    """Build the refusal to delete a product with prices (recorded 2025-12): neither code nor param."""
    return invalid_request("This product cannot be deleted because it has one or more user-created prices.")


def default_price_of_another_product(price: str, product: str) -> StripeError:
    """Build the refusal of a default price that belongs elsewhere (choice)."""
    return invalid_request(
        f"The price `{price}` does not belong to the product `{product}` and cannot be its default price.",
        param="default_price",
    )


def default_price_inactive() -> StripeError:
    """Build the refusal of an archived price as the default one (choice)."""
    return invalid_request("An inactive price cannot be the default price of a product.", param="default_price")


# ---------------------------------------------------------------------------------------------------- prices
def price_needs_product() -> StripeError:
    """Build the refusal of a price without a product (facts billing 3.2)."""
    return invalid_request("You must specify either `product` or `product_data` when creating a price.")


def price_has_two_products() -> StripeError:
    """Build the refusal of a price with both kinds of product (facts billing 3.2)."""
    return one_of("product", "product_data", param="product")


def price_needs_amount() -> StripeError:
    """Build the refusal of a price without an amount (facts billing 3.2)."""
    return invalid_request("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")


def two_amounts(first: str = "unit_amount", second: str = "unit_amount_decimal") -> StripeError:
    """Build the refusal of an amount that is given twice (choice, by analogy)."""
    return exclusive(first, second)


def too_many_decimals(value: str, param: str) -> StripeError:
    """Build the refusal of more than twelve decimal places (choice)."""
    return invalid_request(f"Invalid decimal: {value}; must contain at maximum twelve decimal places.", param=param)


def metered_needs_meter() -> StripeError:
    """Build the refusal of a metered price without a meter (facts billing 3.2)."""
    return invalid_request(
        "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.",
        param="recurring[meter]",
    )


def meter_needs_metered() -> StripeError:
    """Build the refusal of a meter on a licensed price (choice)."""
    return invalid_request(
        "`recurring[meter]` can only be set when `recurring[usage_type]=metered`.", param="recurring[meter]"
    )


def tiers_need_recurring() -> StripeError:
    """Build the refusal of a tiered one-time price (facts billing 3.2); the param is Stripe's own oddity."""
    return invalid_request("Prices with `type=one_time` are not supported with tiered billing.", param="interval")


def tiers_without_scheme() -> StripeError:
    """Build the refusal of tiers on a price that is not tiered (choice)."""
    return invalid_request("`tiers` can only be set when `billing_scheme=tiered`.", param="tiers")


def tiers_with_amount() -> StripeError:
    """Build the refusal of an amount beside tiers (choice)."""
    return invalid_request("`unit_amount` cannot be set when `billing_scheme=tiered`.", param="unit_amount")


def tiers_not_ascending(param: str) -> StripeError:
    """Build the refusal of tiers out of order (choice)."""
    return invalid_request("`tiers` must be ordered by ascending values of `up_to`.", param=param)


def last_tier_not_open() -> StripeError:
    """Build the refusal of tiers that end somewhere (choice)."""
    return invalid_request("The last tier must have `up_to` set to `inf`.", param="tiers")


def tier_without_amount(param: str) -> StripeError:
    """Build the refusal of a tier that costs nothing at all (choice)."""
    return invalid_request("Each tier must have a `unit_amount` or a `flat_amount`.", param=param)


def transform_with_tiers() -> StripeError:
    """Build the refusal of a divided quantity on a tiered price (docs.stripe.com: not together; wording: choice)."""
    return invalid_request(
        "`transform_quantity` cannot be combined with `billing_scheme=tiered`.", param="transform_quantity"
    )


def custom_amount_recurring() -> StripeError:
    """Build the refusal of a recurring price that the customer sets (docs.stripe.com: one-time; wording: choice)."""
    return invalid_request("`custom_unit_amount` is only supported for one-time prices.", param="custom_unit_amount")


def interval_too_long(param: str = "recurring[interval_count]") -> StripeError:
    """Build the refusal of more than three years between two invoices (docs.stripe.com; wording: choice)."""
    return invalid_request(
        "Invalid interval_count: the interval between two billings can be at most three years.", param=param
    )


def lookup_key_taken(price: str) -> StripeError:
    """Build the refusal of a lookup key that another price holds (facts billing 3.2)."""
    return invalid_request(f"A price (`{price}`) already uses that lookup key.", param="lookup_key")


def price_inactive(param: str) -> StripeError:
    """Build the refusal to sell at an archived price (facts billing 3.2)."""
    return invalid_request("The price specified is inactive. This field only accepts active prices.", param=param)


def product_inactive(price: str, param: str) -> StripeError:
    """Build the refusal to sell an archived product (recorded 2025-11 for Checkout; elsewhere by analogy)."""
    return invalid_request(
        f"Price `{price}` is not available to be purchased because its product is not active.", param=param
    )


def price_is_default() -> StripeError:
    """Build the refusal to archive a product's default price (widely seen; choice)."""
    return invalid_request(
        "This price cannot be archived because it is the default price of its product.", param="active"
    )


def tax_behavior_fixed() -> StripeError:
    """Build the refusal to change a tax behaviour that is set (docs.stripe.com; wording: choice)."""
    return invalid_request(
        "The `tax_behavior` of a price cannot be changed once it is set to `inclusive` or `exclusive`.",
        param="tax_behavior",
    )


def plan_exists() -> StripeError:
    """Build the refusal of a plan id that is taken."""
    return already_exists("Plan")


def plan_needs_amount() -> StripeError:
    """Build the refusal of a plan without an amount (choice, by analogy with prices)."""
    return invalid_request("Plans require an `amount` or `amount_decimal` parameter to be set.")


# ------------------------------------------------------------------------------------------------- tax rates
def percentage_range(value: object) -> StripeError:
    """Build the refusal of a tax percentage outside 0 to 100 (choice)."""
    return invalid_request(f"Invalid percentage: {value}. It must be between 0 and 100.", param="percentage")


def percentage_decimals() -> StripeError:
    """Build the refusal of a tax percentage with more than four decimals (docs.stripe.com; wording: choice)."""
    return invalid_request("Invalid percentage: it can have at most four decimal places.", param="percentage")
