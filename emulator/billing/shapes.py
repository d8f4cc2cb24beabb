"""Decides what freshly made billing objects look like, in the newest shape (facts billing 6.1, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import unset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

FLEXIBLE_SINCE = "2025-09-30"  # versions before this day make classic subscriptions (facts billing 6.16)


class Period(NamedTuple):
    """The time something is about: [start, end)."""

    start: int
    end: int

    def shown(self) -> Doc:
        """Return the period as objects print it."""
        return {"end": self.end, "start": self.start}


def embedded(data: list[Doc], url: str) -> Doc:
    """Return a list inside an object: with its count, and its url."""
    return {"object": "list", "data": data, "has_more": False, "total_count": len(data), "url": url}


def item_list(subscription: str, items: list[Doc]) -> Doc:
    """Return ``subscription.items``."""
    return embedded(items, f"/v1/subscription_items?subscription={subscription}")


def subscription(ctx: Context, subscription_id: str, customer: Doc, currency: str, items: list[Doc], mode: Doc) -> Doc:
    """Return a subscription as it is without any further wish: active, charged, no trial."""
    doc = unset.SUBSCRIPTION.copy()
    doc["id"] = subscription_id
    doc["billing_cycle_anchor"] = doc["created"] = doc["start_date"] = ctx.now
    doc["billing_mode"] = mode
    doc["currency"] = currency
    doc["customer"] = customer["id"]
    doc["items"] = item_list(subscription_id, items)
    doc["livemode"] = ctx.livemode
    doc["test_clock"] = customer.get("test_clock")
    return doc


def default_mode(ctx: Context) -> Doc:
    """Return the billing mode that the caller's version makes."""
    if ctx.version[:10] < FLEXIBLE_SINCE:
        return {"type": "classic"}
    return flexible_mode(ctx.now)


def flexible_mode(now: int, proration_discounts: str = "included") -> Doc:
    """Return the flexible mode, adopted at ``now``."""
    return {"flexible": {"proration_discounts": proration_discounts}, "type": "flexible", "updated_at": now}


def item(ctx: Context, subscription_id: str, price: str, quantity: int | None, period: Period) -> Doc:
    """Return a subscription item; metered ones (``quantity`` None) have no quantity at all."""
    doc: Doc = {
        "id": ctx.new_id("subscription_item"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": ctx.now,
        "current_period_end": period.end,
        "current_period_start": period.start,
        "discounts": unset.NONE_YET,
        "metadata": unset.NOTHING_SAID,
        "price": price,
        "subscription": subscription_id,
        "tax_rates": unset.NONE_YET,
    }
    if quantity is not None:
        doc["quantity"] = quantity
    return doc


def line(
    ctx: Context, invoice: str, amount: int, currency: str, text: str, period: Period, *,
    price: Doc, quantity: int | None, parent: Doc, discountable: bool = True, unit_amount: str | None = None,
) -> Doc:  # fmt: skip
    """Return an invoice line; discounts and taxes are worked into it afterwards."""
    return {
        "id": ctx.new_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": text,
        "discount_amounts": unset.NONE_YET,
        "discountable": discountable,
        "discounts": unset.NONE_YET,
        "invoice": invoice,
        "livemode": ctx.livemode,
        "metadata": unset.NOTHING_SAID,
        "parent": parent,
        "period": {"end": period.end, "start": period.start},
        "pretax_credit_amounts": unset.NONE_YET,
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": unit_amount,
        },
        "quantity": quantity,
        "quantity_decimal": None if quantity is None else str(quantity),
        "subtotal": amount,
        "taxes": unset.NONE_YET,
    }


def of_item(subscription_id: str, item_id: str) -> Doc:
    """Return the parent of a line that a subscription item makes."""
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": None,
            "proration": False,
            "proration_details": unset.NOTHING_CREDITED,
            "subscription": subscription_id,
            "subscription_item": item_id,
        },
        "type": "subscription_item_details",
    }


def of_invoice_item(item_doc: Doc) -> Doc:
    """Return the parent of a line that comes from an invoice item: a proration's is its subscription item."""
    parent = item_doc["parent"]
    details = parent["subscription_details"] if parent else {}
    credited = ((item_doc.get("proration_details") or {}).get("credited_items") or {}).get("invoice_line_item_details")
    if item_doc["proration"] and details.get("subscription_item"):
        return {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": item_doc["id"],
                "proration": True,
                "proration_details": {"credited_items": credited},
                "subscription": details["subscription"],
                "subscription_item": details["subscription_item"],
            },
            "type": "subscription_item_details",
        }
    return {
        "invoice_item_details": {
            "invoice_item": item_doc["id"],
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": details.get("subscription"),
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def invoice_item(
    ctx: Context, customer: Doc, amount: int, currency: str, text: str | None, period: Period, *,
    price: Doc, quantity: int, unit_amount: str | None, parent: Doc | None = None,
) -> Doc:  # fmt: skip
    """Return a pending invoice item."""
    return {
        "id": ctx.new_id("invoiceitem"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "date": ctx.now,
        "description": text,
        "discountable": True,
        "discounts": [],
        "frozen_fields": [],
        "invoice": None,
        "invoicing_rules": [],
        "livemode": ctx.livemode,
        "metadata": {},
        "parent": parent,
        "period": {"end": period.end, "start": period.start},
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": unit_amount,
        },
        "proration": False,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": customer.get("test_clock"),
    }


def account_of(ctx: Context) -> tuple[str, str | None]:
    """Return (country, name) of the account that issues invoices."""
    settings = ctx.settings
    return settings.get("country") or "US", settings.get("business_name")


def address(invoice: Doc, customer: Doc) -> None:
    """Write into an invoice that is not stored yet whom it is for, as the customer is now."""
    invoice["customer_address"] = customer["address"]
    invoice["customer_email"] = customer["email"]
    invoice["customer_name"] = customer["name"]
    invoice["customer_phone"] = customer["phone"]
    invoice["customer_shipping"] = customer["shipping"]


def invoice(
    ctx: Context, invoice_id: str, customer: Doc, currency: str, lines: Sequence[Doc], period: Period, reason: str,
    amounts: Doc, *, subscription_id: str | None = None, subscription_metadata: Doc | None = None,
) -> Doc:  # fmt: skip
    """Return a draft; ``amounts`` are the sums of its lines (see amounts.py)."""
    doc = unset.INVOICE.copy()
    doc["id"] = invoice_id
    doc["account_country"], doc["account_name"] = account_of(ctx)
    doc["starting_balance"] = balance = customer["balance"]
    doc["amount_due"] = doc["amount_remaining"] = max(0, amounts["total"] + balance)
    doc["billing_reason"] = reason
    doc["created"] = doc["webhooks_delivered_at"] = ctx.now
    doc["currency"] = currency
    doc["customer"] = customer["id"]
    address(doc, customer)
    doc["customer_tax_exempt"] = customer["tax_exempt"]
    doc["lines"] = embedded(list(lines), f"/v1/invoices/{invoice_id}/lines")
    doc["livemode"] = ctx.livemode
    if subscription_id is not None:
        metadata = subscription_metadata or unset.NOTHING_SAID
        doc["parent"] = {
            "quote_details": None,
            "subscription_details": {"metadata": metadata, "subscription": subscription_id},
            "type": "subscription_details",
        }
    doc["period_end"], doc["period_start"] = period.end, period.start
    doc["test_clock"] = customer.get("test_clock")
    doc.update(amounts)
    return doc


def invoice_payment(ctx: Context, invoice_doc: Doc, payment_intent: str, amount: int) -> Doc:
    """Return the link between an invoice and the PaymentIntent that pays it, still open (facts billing 7.3)."""
    return {
        "id": ctx.new_id("invoice_payment"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": amount,
        "created": ctx.now,
        "currency": invoice_doc["currency"],
        "invoice": invoice_doc["id"],
        "is_default": True,
        "livemode": ctx.livemode,
        "payment": {"payment_intent": payment_intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": unset.NOT_PAID,
    }


def balance_transaction(
    ctx: Context, customer: Doc, amount: int, ending: int, kind: str, currency: str, invoice_id: str | None
) -> Doc:
    """Return an entry of a customer's balance."""
    return {
        "id": ctx.new_id("customer_balance_transaction"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": ctx.now,
        "credit_note": None,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "description": None,
        "ending_balance": ending,
        "invoice": invoice_id,
        "livemode": ctx.livemode,
        "metadata": {},
        "type": kind,
    }
