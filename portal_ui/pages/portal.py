"""Decides what the overview shows."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import at
from portal_ui import frame, history, information, methods, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages import reasons
from portal_ui.session import Visit
from portal_ui.views.home import Home

DONE = "done"


async def home(visit: Visit) -> web.Response:
    """Show the overview."""
    shown = _count(visit.request.query.get("invoices"))
    answer = await visit.ask("portal:home", invoices_limit=shown)
    words = frame.words_for(answer, visit.accept)
    asked = await reasons.question(visit, words, answer)
    features = answer["configuration"]["features"]
    saved = tuple(
        methods.method(words, found, answer.get("default_payment_method")) for found in answer["payment_methods"]
    )
    page = Home(
        frame=frame.of_answer(words, answer, words.gettext("Billing"), visit.base),
        done=_done(words, visit.request.query.get(DONE)) if asked is None else None,
        reasons=asked,
        subscriptions=tuple(
            subscriptions.card(words, entry, visit.base)
            for entry in answer["subscriptions"]
            if entry["subscription"]["status"] not in subscriptions.OVER
        ),
        methods=saved,
        methods_heading=_methods_heading(words, len(saved), at(features, "payment_method_update.enabled")),
        information=information.information(words, answer["customer"], answer.get("tax_ids") or ()),
        invoices=history.invoices(words, answer, shown, visit.secret)
        if at(features, "invoice_history.enabled")
        else None,
    )
    return render.response(words, page)


def _count(text: str | None) -> int:
    """Return how many invoices to show."""
    asked = int(text) if text and text.isdecimal() and len(text) < 4 else history.SHOWN
    return min(max(asked, 1), history.MOST)


def _methods_heading(words: Words, count: int, enabled: bool) -> str | None:
    """Return the heading of the payment methods, None when the section is not drawn."""
    if not count and not enabled:
        return None
    return words.gettext("Payment methods") if count > 1 else words.gettext("Payment method")


def _done(words: Words, what: str | None) -> str | None:
    """Return the message of an act that has just been done."""
    told = {
        "canceled": words.gettext("Subscription has been canceled"),
        "renewed": words.gettext("Your subscription will continue."),
        "feedback": words.gettext("Thank you for your feedback."),
    }
    return told.get(what or "")
