"""Decides what stands at the end of a flow: the confirmation page, or the way to the merchant's own address."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc
from portal_ui import frame, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages.cancel import facts
from portal_ui.session import Visit, see_other
from portal_ui.views.flows import Completed
from portal_ui.views.shared import InfoRow, Link

REDIRECT = "redirect"
CANCEL = "subscription_cancel"
UPDATES = ("subscription_update", "subscription_update_confirm")


def _heading(words: Words, answer: Doc) -> str:
    """Return what was done, by the kind of the flow and what became of the subscription."""
    kind, subscription = answer["session"]["flow"]["type"], answer["subscription"]
    if kind == CANCEL and subscription is not None and not subscriptions.leaving(subscription):
        return words.gettext("Your offer has been applied")
    if kind in UPDATES and answer.get("scheduled"):
        return words.gettext("Your subscription will be updated")
    return {
        "customer_update": words.gettext("Your billing information has been updated"),
        "payment_method_update": words.gettext("Your payment method has been updated"),
        CANCEL: words.gettext("Subscription has been canceled"),
        "subscription_pause": words.gettext("Subscription has been paused"),
        "subscription_update": words.gettext("Your subscription has been updated"),
        "subscription_update_confirm": words.gettext("Your subscription has been updated"),
    }[kind]


async def done(visit: Visit) -> web.Response:
    """Confirm what was done; a flow that ends elsewhere leaves from here.

    The merchant's address is reached by a page and not by the redirect of a form: browsers hold every redirect of a
    form's answer against the policy that keeps forms on this site.
    """
    answer = await visit.ask("portal:flow")
    flow = answer["session"].get("flow")
    if flow is None or not answer.get("completed"):
        return see_other(visit.base)
    words = frame.words_for(answer, visit.accept)
    heading = _heading(words, answer)
    around = frame.of_answer(words, answer, f"{heading} · {words.gettext('Billing')}", visit.base)
    ending = flow["after_completion"]
    target = frame.safe_url(ending["redirect"]["return_url"]) if ending["type"] == REDIRECT else around.return_url
    onward = words.gettext("Continue to %(business)s", business=around.business or words.gettext("the website"))
    label = around.return_label if ending["type"] != REDIRECT else onward
    page = Completed(
        frame=around,
        heading=heading,
        message=(ending.get("hosted_confirmation") or {}).get("custom_message"),
        facts=_told(words, answer),
        link=Link(target, label) if target else None,
        label=words.gettext("You will be taken there in a moment.") if ending["type"] == REDIRECT else None,
        button=None,
    )
    response = render.response(words, page)
    if ending["type"] == REDIRECT and target:
        response.headers["Refresh"] = f"0; url={target}"
    return response


def _told(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    subscription = answer["subscription"]
    if subscription is None:
        return ()
    ended = subscription.get("ended_at")
    known = facts(words, subscription, *([(words.gettext("Ends"), words.long_day(ended))] if ended else []))
    if answer["session"]["flow"]["type"] == CANCEL and not subscriptions.leaving(subscription):
        known = known[:1]  # the price is not the one that is paid from now on
    sentence = subscriptions.change(words, answer.get("scheduled")) or subscriptions.sentence(
        words, subscription, answer.get("resumes_at")
    )
    return (*known, InfoRow(words.gettext("Next"), (sentence,))) if sentence else known
