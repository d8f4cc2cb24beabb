"""Decides which operations of the API description the catalog answers; what is not here is generic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emulator.catalog import (
    coupons,
    plans,
    prices,
    product_features,
    products,
    promotion_codes,
    shipping_rates,
    skus,
    tax_rates,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

OPERATIONS: Final[Mapping[str, Callable[..., Awaitable[Any]]]] = {
    "GetProducts": products.list_all,
    "PostProducts": products.create,
    "PostProductsId": products.update,
    "DeleteProductsId": products.delete,
    "PostProductsProductFeatures": product_features.create,
    "GetProductsProductFeatures": product_features.list_all,
    "GetProductsProductFeaturesId": product_features.retrieve,
    "DeleteProductsProductFeaturesId": product_features.delete,
    "PostPrices": prices.create,
    "PostPricesPrice": prices.update,
    "PostPlans": plans.create,
    "GetPlans": plans.list_all,
    "GetPlansPlan": plans.retrieve,
    "PostPlansPlan": plans.update,
    "DeletePlansPlan": plans.delete,
    "PostCoupons": coupons.create,
    "PostCouponsCoupon": coupons.update,
    "DeleteCouponsCoupon": coupons.delete,
    "PostPromotionCodes": promotion_codes.create,
    "PostPromotionCodesPromotionCode": promotion_codes.update,
    "GetPromotionCodes": promotion_codes.list_all,
    "PostShippingRates": shipping_rates.create,
    "PostTaxRates": tax_rates.create,
    "PostTaxRatesTaxRate": tax_rates.update,
    # Calls that no description lists any more (emulator/spec/unlisted.py).
    "skus:create": skus.create,
    "skus:list": skus.list_all,
    "skus:retrieve": skus.retrieve,
    "skus:update": skus.update,
    "skus:delete": skus.delete,
}

# What of the catalog happens by itself: kind -> (next instant of an object, what happens then).
WAKEUPS: Final[Mapping[str, tuple[Callable[..., int | None], Callable[..., Awaitable[None]]]]] = {
    "coupon": (coupons.next_instant, coupons.expire),
    "promotion_code": (promotion_codes.next_instant, promotion_codes.expire),
}
