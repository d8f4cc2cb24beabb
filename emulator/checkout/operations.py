"""Decides which calls and which instants Checkout answers for: its lines of the operation and wake-up tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.checkout import acceptance, completion, links, pages, quotes, sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]
    Wakeup = tuple[Callable[[Doc], int | None], Callable[[Context, Doc], Awaitable[None]]]
    Then = Callable[[Context, Doc], Awaitable[None]]

OPERATIONS: dict[str, Behaviour] = {
    "PostCheckoutSessions": sessions.create,
    "GetCheckoutSessions": sessions.index,
    "PostCheckoutSessionsSession": sessions.update,
    "PostCheckoutSessionsSessionExpire": sessions.expire,
    "GetCheckoutSessionsSessionLineItems": sessions.line_items,
    "PostPaymentLinks": links.create,
    "PostPaymentLinksPaymentLink": links.update,
    "GetPaymentLinksPaymentLinkLineItems": links.line_items,
    "PostQuotes": quotes.create,
    "PostQuotesQuote": quotes.update,
    "PostQuotesQuoteFinalize": quotes.finalize,
    "PostQuotesQuoteAccept": acceptance.accept,
    "PostQuotesQuoteCancel": quotes.cancel,
    "GetQuotesQuoteLineItems": quotes.line_items,
    "GetQuotesQuoteComputedUpfrontLineItems": quotes.upfront_items,
    # Calls of the official command line that no description lists (emulator/spec/unlisted.py).
    "payment_pages:retrieve": completion.page,
    "payment_pages:confirm": completion.complete,
    # What pages do.
    "checkout:page": pages.page,
    "checkout:link": pages.link,
    "checkout:recover": pages.recover,
    "checkout:adjust": sessions.adjust,
    "checkout:complete": completion.complete,
    "checkout:open_link": links.opened,
}

WAKEUPS: dict[str, Wakeup] = {
    sessions.KIND: (sessions.due, sessions.wake),
    quotes.KIND: (quotes.due, quotes.wake),
}


# Intents that move elsewhere may be what a session waits for: called after what billing does then.
AFTER: dict[str, Then] = dict.fromkeys(
    (
        "PostPaymentIntentsIntentConfirm",
        "PostPaymentIntentsIntentCapture",
        "payments:authenticate_payment",
        "PostPaymentIntentsIntentVerifyMicrodeposits",
        "PostSetupIntentsIntentConfirm",
        "PostSetupIntentsIntentVerifyMicrodeposits",
        "payments:authenticate_setup",
    ),
    completion.after_intent,
)
# What Checkout does when the bank behind a debit has answered, after billing.
AFTER_DEBIT = completion.after_intent
