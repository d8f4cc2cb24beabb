"""Decides when and how the reason of a cancellation is asked."""

from __future__ import annotations

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import subscriptions
from portal_ui.i18n import Words
from portal_ui.session import Visit
from portal_ui.views.home import ReasonOption, Reasons
from portal_ui.views.shared import Form

COMMENT_LIMIT = 5000  # a choice: as long as Stripe's other free texts
CANCELED = "canceled"
FREE = "other"  # the reason that has a free text


def labels(words: Words) -> dict[str, str]:
    """Return the label of each built-in reason (docs.stripe.com/customer-management/cancellation-page)."""
    return {
        "too_expensive": words.gettext("It’s too expensive"),  # noqa: RUF001 - the recorded label
        "missing_features": words.gettext("I need more features"),
        "switched_service": words.gettext("I found an alternative"),
        "unused": words.gettext("I no longer need it"),
        "customer_service": words.gettext("Customer service was less than expected"),
        "too_complex": words.gettext("Ease of use was less than expected"),
        "low_quality": words.gettext("Quality was less than expected"),
        "other": words.gettext("Other reason"),
    }


def _offered(words: Words, answer: Doc) -> tuple[ReasonOption, ...]:
    """Return the reasons that a configuration offers, Stripe's and the merchant's own; none when it does not ask."""
    asked = at(answer["configuration"], "features.subscription_cancel.cancellation_reason") or {}
    if not asked.get("enabled"):
        return ()
    known = labels(words)
    built_in = [ReasonOption(value, known[value]) for value in asked.get("options") or () if value in known]
    own = [ReasonOption(option["id"], option["description"]) for option in answer.get("feedback_options") or ()]
    # The one with the free text comes last, wherever the configuration names it.
    last = [option for option in built_in if option.value == FREE]
    return (*(option for option in built_in if option.value != FREE), *own, *last)


async def question(visit: Visit, words: Words, answer: Doc) -> Reasons | None:
    """Return the question after a cancellation, once, and only of a subscription that was canceled here."""
    wanted = visit.request.query.get(CANCELED)
    options = _offered(words, answer)
    if not wanted or not options:
        return None
    entries = (entry["subscription"] for entry in answer["subscriptions"])
    found = next((document for document in entries if document["id"] == wanted), None)
    if found is None:
        try:
            found = (await visit.ask("portal:subscription", subscription=wanted))["subscription"]
        except StripeError:
            return None
    if not subscriptions.leaving(found) or _answered(found):
        return None
    form = Form(f"{visit.base}/subscriptions/{found['id']}/reason", visit.code)
    return Reasons(form, options, visit.base, COMMENT_LIMIT)


def _answered(subscription: Doc) -> bool:
    details = subscription.get("cancellation_details") or {}
    return bool(details.get("feedback") or details.get("feedback_option"))
