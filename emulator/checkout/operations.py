"""Decides which calls and which instants Checkout answers for: its lines of the operation and wake-up tables."""

from __future__ import annotations

# Functions are named, not imported: a module is loaded when something of it is called for the first time.
OPERATIONS = {
    "PostCheckoutSessions": "sessions.create",
    "GetCheckoutSessions": "sessions.index",
    "PostCheckoutSessionsSession": "sessions.update",
    "PostCheckoutSessionsSessionExpire": "sessions.expire",
    "GetCheckoutSessionsSessionLineItems": "sessions.line_items",
    "PostPaymentLinks": "links.create",
    "PostPaymentLinksPaymentLink": "links.update",
    "GetPaymentLinksPaymentLinkLineItems": "links.line_items",
    "PostQuotes": "quotes.create",
    "PostQuotesQuote": "quotes.update",
    "PostQuotesQuoteFinalize": "quotes.finalize",
    "PostQuotesQuoteAccept": "acceptance.accept",
    "PostQuotesQuoteCancel": "quotes.cancel",
    "GetQuotesQuoteLineItems": "quotes.line_items",
    "GetQuotesQuoteComputedUpfrontLineItems": "quotes.upfront_items",
    "payment_pages:retrieve": "completion.page",
    "payment_pages:confirm": "completion.complete",
    "checkout:page": "pages.page",
    "checkout:link": "pages.link",
    "checkout:recover": "pages.recover",
    "checkout:adjust": "sessions.adjust",
    "checkout:complete": "completion.complete",
    "checkout:open_link": "links.opened",
}

# What happens by itself: kind -> (its next instant, what is done then).
WAKEUPS = {
    "checkout.session": ("sessions.due", "sessions.wake"),
    "quote": ("quotes.due", "quotes.wake"),
}

# Intents that move elsewhere may be what a session waits for: called after what billing does then.
AFTER = dict.fromkeys(
    (
        "PostPaymentIntentsIntentConfirm",
        "PostPaymentIntentsIntentCapture",
        "payments:authenticate_payment",
        "PostPaymentIntentsIntentVerifyMicrodeposits",
        "PostSetupIntentsIntentConfirm",
        "PostSetupIntentsIntentVerifyMicrodeposits",
        "payments:authenticate_setup",
    ),
    "completion.after_intent",
)
# What Checkout does when the bank behind a debit has answered, after billing.
AFTER_DEBIT = "completion.after_intent"
