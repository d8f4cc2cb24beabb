"""Decides how the releases of spring and summer 2025 (basil) look to callers from before them.

The shape of basil is the oldest that is answered in full. What stands here for callers from before 2025-03-31 is
what can be told from the object alone, **added** to the shape of basil: the fields that such callers read first, and
the parameters that they send. Nothing of basil is taken away from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.kernel.documents import Doc, at, changed
from emulator.render.versions.change import Change, replaced, section, without


class LineSubscription(Change):
    """``parent.subscription_item_details.subscription`` of a line may be null; before, it always named one.

    Source: typed difference of the official SDK releases 12.0.1 and 12.1.0.
    """

    since = "2025-04-30.basil"
    kinds = ("line_item",)

    def down(self, doc: Doc) -> Doc:
        """Return the line with the subscription of the line itself where the details name none."""
        details = at(doc, "parent.subscription_item_details")
        if not isinstance(details, dict) or details.get("subscription", "") is not None or not doc.get("subscription"):
            return doc
        return replaced(doc, "parent.subscription_item_details.subscription", doc["subscription"])


class SubscriptionPeriod(Change):
    """The billing period lives on each item; before, on the subscription, whose items all shared it.

    Source: docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end.
    """

    since = "2025-03-31.basil"
    kinds = ("subscription",)

    def down(self, doc: Doc) -> Doc:
        """Return the subscription with the period of its first item."""
        items = at(doc, "items.data")
        if not isinstance(items, list) or not items or "current_period_end" not in items[0]:
            return doc
        start, end = items[0].get("current_period_start"), items[0]["current_period_end"]
        return changed(doc, current_period_start=start, current_period_end=end)


class InvoiceOrigin(Change):
    """What an invoice came from moved into ``parent``, its payments into ``payments``.

    Source: docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects. ``charge`` and
    ``payment_intent`` are told only where the payments are part of the answer.
    """

    since = "2025-03-31.basil"
    kinds = ("invoice",)

    def down(self, doc: Doc) -> Doc:
        """Return the invoice with its links, its tax and whether it is paid at the top."""
        more: Doc = {}
        if "parent" in doc:
            details = at(doc, "parent.subscription_details")
            more["subscription"] = at(doc, "parent.subscription_details.subscription")
            more["subscription_details"] = {"metadata": at(doc, "parent.subscription_details.metadata")}
            more["quote"] = at(doc, "parent.quote_details.quote")
            if isinstance(details, dict) and details.get("subscription_proration_date"):
                more["subscription_proration_date"] = details["subscription_proration_date"]
        if "status" in doc:
            more |= {"paid": doc["status"] == "paid", "paid_out_of_band": False}
        if isinstance(doc.get("total_taxes"), list):
            more["total_tax_amounts"] = [_tax(one) for one in doc["total_taxes"]]
            more["tax"] = sum(one["amount"] for one in doc["total_taxes"]) if doc["total_taxes"] else None
        if payments := at(doc, "payments.data"):
            more["payment_intent"] = at(payments[0], "payment.payment_intent")
            more["charge"] = at(payments[0], "payment.charge")
        return {**doc, **more} if more else doc


class LineOrigin(Change):
    """What a line of an invoice came from moved into ``parent``.

    Source: docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects.
    """

    since = "2025-03-31.basil"
    kinds = ("line_item",)

    def down(self, doc: Doc) -> Doc:
        """Return the line with its origin and its taxes at the top."""
        more: Doc = {}
        if isinstance(parent := doc.get("parent"), dict):
            of_item = parent.get("subscription_item_details") or {}
            details = of_item or parent.get("invoice_item_details") or {}
            more["type"] = "subscription" if of_item else "invoiceitem"
            more["proration"] = bool(details.get("proration"))
            more["proration_details"] = details.get("proration_details") or {"credited_items": None}
            more["invoice_item"] = details.get("invoice_item")
            more["subscription_item"] = of_item.get("subscription_item")
        if isinstance(doc.get("taxes"), list):
            more["tax_amounts"] = [_tax(one) for one in doc["taxes"]]
            more["tax_rates"] = []
        return {**doc, **more} if more else doc


def _tax(tax: Doc) -> Doc:
    return {
        "amount": tax.get("amount"),
        "inclusive": tax.get("tax_behavior") == "inclusive",
        "tax_rate": at(tax, "tax_rate_details.tax_rate"),
        "taxability_reason": tax.get("taxability_reason"),
        "taxable_amount": tax.get("taxable_amount"),
    }


class SingularCoupon(Change):
    """``coupon`` and ``promotion_code`` became elements of ``discounts``.

    Source: docs.stripe.com/changelog/basil/2025-03-31/deprecate-singular-coupon-promotion-code. Customers no longer
    take a discount at all.
    """

    since = "2025-03-31.basil"
    operations = (
        "PostSubscriptions",
        "PostSubscriptionsSubscriptionExposedId",
        "PostCustomersCustomerSubscriptions",
        "PostCustomersCustomerSubscriptionsSubscriptionExposedId",
        "PostInvoicesCreatePreview",
    )

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the list of discounts; an empty text clears it, as it cleared the coupon."""
        for name in ("coupon", "promotion_code"):
            if name in params:
                value = params[name]
                params = without(params, name)
                if "discounts" not in params:
                    params = changed(params, discounts=[{name: value}] if value else "")
        return params


class InvoiceItemPricing(Change):
    """``price`` of an invoice item moved into ``pricing``, ``unit_amount`` into ``unit_amount_decimal``.

    Source: typed difference of the official SDK releases 11.6.1 and 12.0.0.
    """

    since = "2025-03-31.basil"
    operations = ("PostInvoiceitems", "PostInvoiceitemsInvoiceitem")

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters in the newer words."""
        if "price" in params and section(params, "pricing") is not None:
            price: Any = params["price"]
            params = replaced(without(params, "price"), "pricing.price", price)
        if "unit_amount" in params and "unit_amount_decimal" not in params:
            amount = params["unit_amount"]
            params = changed(without(params, "unit_amount"), unit_amount_decimal=str(amount))
        return params


class CreditNoteRefund(Change):
    """The one ``refund`` of a credit note became ``refunds``, its ``tax_amounts`` became ``total_taxes``.

    Source: typed difference of the official SDK releases 11.6.1 and 12.0.0.
    """

    since = "2025-03-31.basil"
    kinds = ("credit_note", "credit_note_line_item")
    operations = ("PostCreditNotes", "GetCreditNotesPreview", "GetCreditNotesPreviewLines")
    names: ClassVar[Mapping[str, str]] = {"refunds[0][refund]": "refund"}

    def down(self, doc: Doc) -> Doc:
        """Return the note, or the line of one, with its first refund and its taxes in the older words."""
        more: Doc = {}
        if isinstance(refunds := doc.get("refunds"), list):
            more["refund"] = refunds[0].get("refund") if refunds else None
        taxes = doc.get("total_taxes", doc.get("taxes"))
        if isinstance(taxes, list):
            more["tax_amounts"] = [_tax(one) for one in taxes]
        return {**doc, **more} if more else doc

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the list of refunds; one that is sent besides the list is left to the check."""
        if "refund" not in params or "refunds" in params:
            return params
        return changed(without(params, "refund"), refunds=[{"refund": params["refund"]}])


CHANGES: tuple[Change, ...] = (
    LineSubscription(),
    SubscriptionPeriod(),
    InvoiceOrigin(),
    LineOrigin(),
    SingularCoupon(),
    InvoiceItemPricing(),
    CreditNoteRefund(),
)
