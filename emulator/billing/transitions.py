"""Decides which states follow which: the tables of subscription and invoice statuses."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

InvoiceAct = Literal["finalize", "pay", "void", "mark_uncollectible", "send", "delete", "update"]

INCOMPLETE_EXPIRY = 23 * 3600  # facts billing 6.13

LIVE = frozenset({"incomplete", "trialing", "active", "past_due", "unpaid", "paused"})
ENDED = frozenset({"canceled", "incomplete_expired"})

# (status, what happens) -> status afterwards (docs.stripe.com billing/subscriptions/overview, facts billing 6.3)
SUBSCRIPTION = MappingProxyType(
    {
        ("incomplete", "paid"): "active",
        ("incomplete", "expired"): "incomplete_expired",
        ("incomplete", "canceled"): "canceled",
        ("trialing", "trial_ended"): "active",
        ("trialing", "payment_failed"): "past_due",
        ("trialing", "trial_added"): "trialing",
        ("trialing", "paused"): "paused",
        ("trialing", "canceled"): "canceled",
        ("active", "payment_failed"): "past_due",
        ("active", "trial_added"): "trialing",
        ("active", "paused"): "paused",
        ("active", "canceled"): "canceled",
        ("past_due", "paid"): "active",
        ("past_due", "payment_failed"): "past_due",
        ("past_due", "trial_added"): "trialing",
        ("past_due", "exhausted"): "unpaid",
        ("past_due", "paused"): "paused",
        ("past_due", "canceled"): "canceled",
        ("unpaid", "paid"): "active",
        ("unpaid", "trial_added"): "trialing",
        ("unpaid", "canceled"): "canceled",
        ("paused", "resumed"): "active",
        ("paused", "canceled"): "canceled",
    }
)

# (status, act) -> status afterwards (docs.stripe.com invoicing/overview, facts billing 7.1)
INVOICE = MappingProxyType(
    {
        ("draft", "finalize"): "open",
        ("draft", "delete"): "deleted",
        ("draft", "update"): "draft",
        ("open", "update"): "open",
        ("open", "pay"): "paid",
        ("open", "void"): "void",
        ("open", "mark_uncollectible"): "uncollectible",
        ("open", "send"): "open",
        ("paid", "update"): "paid",
        ("uncollectible", "pay"): "paid",
        ("uncollectible", "void"): "void",
        ("uncollectible", "update"): "uncollectible",
        ("void", "update"): "void",
    }
)


def subscription_after(status: str, what: str) -> str:
    """Return a subscription's status after ``what``; what does not touch it leaves it as it is."""
    return SUBSCRIPTION.get((status, what), status)


def after_payment(status: str, due: int | None, now: int) -> str:
    """Return a subscription's status after its latest invoice was paid at ``now``; ``due`` is the invoice's due date, if any.

    What was given up stays so when the payment comes after the due date (facts billing 6.3). Both are in unix seconds.
    """
    late = due is not None and due <= now
    return status if late and status == "unpaid" else subscription_after(status, "paid")


def invoice_after(status: str, act: InvoiceAct) -> str | None:
    """Return an invoice's status after an act, or None when the act is refused in this state."""
    return INVOICE.get((status, act))
