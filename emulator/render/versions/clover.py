"""Decides how the releases of autumn 2025 and winter 2026 (clover) look to callers from before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.kernel.documents import Doc, changed
from emulator.render.versions.change import EVERY_OPERATION, Change, Retired, collapsed, replaced, section, without


class PriceReference(Change):
    """``pricing.price_details.price`` became expandable; before it was an id and nothing else.

    Source: typed difference of the official SDK releases 14.0.1 and 14.1.0.
    """

    since = "2025-12-15.clover"
    kinds = ("line_item", "invoiceitem")

    def down(self, doc: Doc) -> Doc:
        """Return the line with the id of its price."""
        return collapsed(doc, "pricing.price_details.price")


class DiscountSource(Change):
    """``discount.coupon``, always a whole coupon, became ``discount.source.coupon``, an id that can be expanded.

    Source: docs.stripe.com/changelog/clover/2025-09-30/add-discount-source-property.
    """

    since = "2025-09-30.clover"
    kinds = ("discount",)
    embeds: ClassVar[Mapping[str, tuple[str, ...]]] = {"discount": ("source.coupon",)}

    def down(self, doc: Doc) -> Doc:
        """Return the discount with its coupon at the top."""
        return _coupon_on_top(doc, "source")


class PromotionHash(Change):
    """``coupon`` of a promotion code, parameter and field, moved into the hash ``promotion``; it is an id since.

    Source: docs.stripe.com/changelog/clover/2025-09-30/polymorphic-coupon.
    """

    since = "2025-09-30.clover"
    kinds = ("promotion_code",)
    operations = ("PostPromotionCodes",)
    embeds: ClassVar[Mapping[str, tuple[str, ...]]] = {"promotion_code": ("promotion.coupon",)}
    names: ClassVar[Mapping[str, str]] = {"promotion[coupon]": "coupon", "promotion": "coupon"}

    def down(self, doc: Doc) -> Doc:
        """Return the promotion code with its coupon at the top."""
        return _coupon_on_top(doc, "promotion")

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the coupon in its hash."""
        if "coupon" not in params or "promotion" in params:
            return params
        return changed(without(params, "coupon"), promotion={"type": "coupon", "coupon": params["coupon"]})


class CouponPaths(Change):
    """Paths of ``expand`` through a coupon lead through its new holder; sources: as the two changes above."""

    since = "2025-09-30.clover"
    operations = (EVERY_OPERATION,)

    def up(self, operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with ``discounts.coupon`` written ``discounts.source.coupon`` and so on."""
        if "expand" not in params:
            return params
        own = {"", "data"} if "PromotionCodes" in operation_id else set()
        params = _expand_through(params, {"discount", "discounts"}, "source")
        return _expand_through(params, {"promotion_code", *own}, "promotion")


def _coupon_on_top(doc: Doc, holder: str) -> Doc:
    inner = doc.get(holder)
    return changed(without(doc, holder), coupon=inner.get("coupon")) if isinstance(inner, dict) else doc


def _expand_through(params: Doc, before: set[str], holder: str) -> Doc:
    """Put ``holder`` before every step ``coupon`` that follows one of the steps in ``before`` ("" is the start)."""
    paths = params.get("expand")
    if isinstance(paths, list):
        return changed(params, expand=[_through(path, before, holder) for path in paths])
    if isinstance(paths, dict):
        return changed(params, expand={key: _through(path, before, holder) for key, path in paths.items()})
    return params


def _through(path: Any, before: set[str], holder: str) -> Any:
    if not isinstance(path, str) or "coupon" not in path:
        return path
    steps = path.split(".")
    found = [
        f"{holder}.coupon" if step == "coupon" and last in before else step
        for last, step in zip(["", *steps], steps, strict=False)
    ]
    return ".".join(found)


class BillingModeDefault(Change):
    """New subscriptions are flexible unless told otherwise; callers from before get classic ones by default.

    Source: docs.stripe.com/changelog/clover/2025-09-30/billing-mode-default-flexible.
    """

    since = "2025-09-30.clover"
    operations = (
        "PostSubscriptions",
        "PostSubscriptionSchedules",
        "PostQuotes",
        "PostCheckoutSessions",
        "PostInvoicesCreatePreview",
    )

    def up(self, operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the classic mode spelled out where a new subscription would come of them."""
        if operation_id == "PostSubscriptions":
            return _classic(params, "")
        if operation_id == "PostSubscriptionSchedules":
            return params if "from_subscription" in params else _classic(params, "")
        if operation_id == "PostQuotes":
            return params if "from_quote" in params else _classic(params, "subscription_data")
        if operation_id == "PostCheckoutSessions":
            return _classic(params, "subscription_data") if params.get("mode") == "subscription" else params
        if "schedule_details" in params and "schedule" not in params:
            return _classic(params, "schedule_details")
        new = "subscription_details" in params and "subscription" not in params and "schedule" not in params
        return _classic(params, "subscription_details") if new else params


def _classic(params: Doc, name: str) -> Doc:
    holder = section(params, name) if name else params
    if holder is None or "billing_mode" in holder:
        return params
    return replaced(params, f"{name}.billing_mode".lstrip("."), {"type": "classic"})


class RetiredInClover(Retired):
    """Updating a payment method no longer takes ``link`` and ``pay_by_bank``; source: the SDK releases differ."""

    since = "2025-09-30.clover"
    dropped: ClassVar[Mapping[str, tuple[str, ...]]] = {"PostPaymentMethodsPaymentMethod": ("link", "pay_by_bank")}
    operations = tuple(dropped)


CHANGES: tuple[Change, ...] = (
    PriceReference(),
    DiscountSource(),
    PromotionHash(),
    CouponPaths(),
    BillingModeDefault(),
    RetiredInClover(),
)
