"""Decides what the overview shows."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import at
from portal_ui import frame, history, information, methods, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages import reasons, update_costs
from portal_ui.session import Visit
from portal_ui.views.home import Home

DONE = "done"


async def home(visit: Visit) -> web.Response:
    """Show the overview."""
    shown = _count(visit.request.query.get("invoices"))
    answer = await visit.ask("portal:home", invoices_limit=shown)
    words = frame.words_for(answer, visit.accept)
    skin = skins.of(words, visit, answer)
    asked = await reasons.question(visit, words, answer)
    features = answer["configuration"]["features"]
    page = Home(
        frame=frame.of_answer(words, answer, words.gettext("Billing"), visit.base),
        done=_done(words, visit.request.query.get(DONE)) if asked is None else None,
        reasons=asked,
        subscriptions=tuple(
            [
                subscriptions.card(words, entry, visit.base, skin, await update_costs.waiting(visit, words, entry))
                for entry in answer["subscriptions"]
                if entry["subscription"]["status"] not in subscriptions.OVER
            ]
        ),
        methods=methods.block(words, answer, visit),
        information=information.information(words, answer["customer"], answer.get("tax_ids") or ()),
        information_url=visit.base + "/customer/update" if answer.get("editable") else None,
        invoices=history.invoices(words, answer, shown, visit.secret)
        if at(features, "invoice_history.enabled")
        else None,
    )
    return render.response(words, page)


def _count(text: str | None) -> int:
    """Return how many invoices to show."""
    asked = int(text) if text and text.isdecimal() and len(text) < 5 else history.SHOWN
    return min(max(asked, 1), history.MOST)


def _done(words: Words, what: str | None) -> str | None:
    """Return the message of an act that has just been done."""
    if what is None:
        return None
    told = {
        "canceled": words.gettext("Subscription has been canceled"),
        "renewed": words.gettext("Your subscription will continue."),
        "kept": words.gettext("Your offer has been applied. Your subscription continues."),
        "paused": words.gettext("Subscription has been paused"),
        "resumed": words.gettext("Your subscription continues."),
        "method_added": words.gettext("Your payment method has been added."),
        "method_default": words.gettext("Your default payment method has been changed."),
        "method_deleted": words.gettext("Your payment method has been deleted."),
        "method_fallback": words.gettext("Your subscription now uses your default payment method."),
        "updated": words.gettext("Your subscription has been updated."),
        "scheduled": words.gettext("Your subscription will be updated at the end of your current billing period."),
        "change_canceled": words.gettext("The change has been canceled. Your subscription stays as it is."),
        "information": words.gettext("Your billing information has been updated."),
        "feedback": words.gettext("Thank you for your feedback."),
    }
    return told.get(what)
