"""Decides which operations of the API description the catalog answers; what is not here is generic."""

from __future__ import annotations

# Functions are named, not imported: a module is loaded when something of it is called for the first time.
OPERATIONS = {
    "GetProducts": "products.list_all",
    "PostProducts": "products.create",
    "PostProductsId": "products.update",
    "DeleteProductsId": "products.delete",
    "PostProductsProductFeatures": "product_features.create",
    "GetProductsProductFeatures": "product_features.list_all",
    "GetProductsProductFeaturesId": "product_features.retrieve",
    "DeleteProductsProductFeaturesId": "product_features.delete",
    "GetPrices": "prices.list_all",
    "PostPrices": "prices.create",
    "PostPricesPrice": "prices.update",
    "PostPlans": "plans.create",
    "GetPlans": "plans.list_all",
    "GetPlansPlan": "plans.retrieve",
    "PostPlansPlan": "plans.update",
    "DeletePlansPlan": "plans.delete",
    "PostCoupons": "coupons.create",
    "PostCouponsCoupon": "coupons.update",
    "DeleteCouponsCoupon": "coupons.delete",
    "PostPromotionCodes": "promotion_codes.create",
    "PostPromotionCodesPromotionCode": "promotion_codes.update",
    "GetPromotionCodes": "promotion_codes.list_all",
    "PostShippingRates": "shipping_rates.create",
    "PostShippingRatesShippingRateToken": "shipping_rates.update",
    "PostTaxRates": "tax_rates.create",
    "PostTaxRatesTaxRate": "tax_rates.update",
    # Calls that no description lists any more (emulator/spec/unlisted.py).
    "skus:create": "skus.create",
    "skus:list": "skus.list_all",
    "skus:retrieve": "skus.retrieve",
    "skus:update": "skus.update",
    "skus:delete": "skus.delete",
}

# What happens by itself: kind -> (its next instant, what is done then).
WAKEUPS = {
    "coupon": ("coupons.next_instant", "coupons.expire"),
    "promotion_code": ("promotion_codes.next_instant", "promotion_codes.expire"),
}
