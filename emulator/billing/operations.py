"""Decides which calls and which instants billing answers for: its lines of the operation and wake-up tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    bank_payments,
    billing_modes,
    cancellations,
    consequences,
    instants,
    invoice_items,
    invoice_operations,
    invoices,
    pausing,
    renewals,
    schedules,
    subscription_reads,
    subscription_updates,
    subscriptions,
    trial_notices,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]
    Wakeup = tuple[Callable[[Doc], int | None], Callable[[Context, Doc], Awaitable[None]]]

OPERATIONS: dict[str, Behaviour] = {
    "PostSubscriptions": subscriptions.create,
    "GetSubscriptions": subscription_reads.list_all,
    "GetSubscriptionsSubscriptionExposedId": subscription_reads.retrieve,
    "PostSubscriptionsSubscriptionExposedId": subscription_updates.update,
    "DeleteSubscriptionsSubscriptionExposedId": cancellations.delete,
    "DeleteSubscriptionsSubscriptionExposedIdDiscount": subscription_updates.delete_discount,
    "PostSubscriptionsSubscriptionMigrate": billing_modes.migrate,
    "PostSubscriptionsSubscriptionResume": pausing.resume,
    "PostSubscriptionsSubscriptionPause": pausing.pause,
    "GetSubscriptionItems": subscription_reads.list_items,
    "PostSubscriptionItems": subscription_reads.create_item,
    "GetSubscriptionItemsItem": subscription_reads.retrieve_item,
    "PostSubscriptionItemsItem": subscription_reads.update_item,
    "DeleteSubscriptionItemsItem": subscription_reads.delete_item,
    "PostInvoices": invoices.create,
    "GetInvoices": subscription_reads.list_invoices,
    "PostInvoicesInvoice": invoices.update,
    "DeleteInvoicesInvoice": invoices.delete,
    "GetInvoicesInvoiceLines": subscription_reads.list_lines,
    "PostInvoicesInvoiceFinalize": invoices.finalize,
    "PostInvoicesInvoicePay": consequences.pay,
    "PostInvoicesInvoiceVoid": invoices.void,
    "PostInvoicesInvoiceMarkUncollectible": invoices.mark_uncollectible,
    "PostInvoicesInvoiceSend": invoices.send,
    "PostInvoiceitems": invoice_items.create,
    "GetInvoiceitems": invoice_items.list_all,
    "GetInvoiceitemsInvoiceitem": invoice_items.retrieve,
    "PostInvoiceitemsInvoiceitem": invoice_items.update,
    "DeleteInvoiceitemsInvoiceitem": invoice_items.delete,
}

# Operations of billing that say honestly that they are not there yet.
NOT_EMULATED: frozenset[str] = frozenset()

# kind -> (next instant of an object, what to do then)
WAKEUPS: dict[str, Wakeup] = {
    "subscription": (instants.due(instants.subscription), renewals.wake_subscription),
    "invoice": (instants.due(instants.invoice), renewals.wake_invoice),
    trial_notices.TRIAL_NOTICE: (instants.due(instants.trial_notice), trial_notices.wake),
}
WAKEUPS |= schedules.WAKEUPS
invoice_operations.add_wakeups(WAKEUPS)
OPERATIONS |= invoice_operations.OPERATIONS | invoice_operations.with_wakeups(WAKEUPS)

OPERATIONS |= bank_payments.OPERATIONS

# What billing does after an operation of another package, given that operation's answer.
AFTER: dict[str, Callable[[Context, Doc], Awaitable[None]]] = {
    "PostPaymentIntentsIntentConfirm": consequences.after_payment_intent,
    "PostPaymentIntentsIntentApplyCustomerBalance": consequences.after_payment_intent,
    "PostPaymentIntentsIntentCapture": consequences.after_payment_intent,
    "payments:authenticate_payment": consequences.after_payment_intent,
    "PostPaymentIntentsIntentVerifyMicrodeposits": consequences.after_payment_intent,
    "PostSetupIntentsIntentConfirm": consequences.after_setup_intent,
    "PostSetupIntentsIntentVerifyMicrodeposits": consequences.after_setup_intent,
    "payments:authenticate_setup": consequences.after_setup_intent,
    "PostInvoicesInvoiceFinalize": consequences.after_invoice,
    "PostInvoicesInvoiceVoid": consequences.after_invoice,
    "PostInvoicesInvoiceMarkUncollectible": consequences.after_invoice,
    "PostInvoicesInvoiceAttachPayment": consequences.after_invoice,
    "PostCreditNotes": consequences.after_credit_note,
}
# What billing does when the bank behind a debit has answered: it settles its invoice by the same means.
AFTER_DEBIT = consequences.after_payment_intent
