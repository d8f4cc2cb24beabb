"""Decides when and how the reason of a cancellation is asked, and takes it."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.session import Visit, see_other
from portal_ui.views.flows import Reason
from portal_ui.views.home import ReasonOption, Reasons
from portal_ui.views.shared import Form
from portal_ui.views.tasks import Choices, Option

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


def offered(words: Words, answer: Doc) -> tuple[ReasonOption, ...]:
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


def beforehand(words: Words, answer: Doc, *, folded: bool) -> Choices | None:
    """Return the question as a part of the page that cancels; ``folded``: as a list that opens."""
    options = tuple(Option(one.value, one.label) for one in offered(words, answer))
    if not options:
        return None
    free = FREE if any(option.value == FREE for option in options) else None
    return Choices("reason", words.gettext("Reason for cancellation (optional)"), options, folded, free, COMMENT_LIMIT)


async def question(visit: Visit, words: Words, answer: Doc) -> Reasons | None:
    """Return the question after a cancellation, once, and only of a subscription that was canceled here."""
    wanted = visit.request.query.get(CANCELED)
    options = offered(words, answer) if wanted else ()
    if not wanted or not options or skins.of(words, visit, answer).reasons != "after":
        return None
    entries = (entry["subscription"] for entry in answer["subscriptions"])
    found = next((document for document in entries if document["id"] == wanted), None)
    if found is None:
        try:
            found = (await visit.ask("portal:subscription", subscription=wanted))["subscription"]
        except StripeError:
            return None
    if not open_(found):
        return None
    form = Form(f"{visit.base}/subscriptions/{found['id']}/reason", visit.code)
    return Reasons(form, options, visit.base, COMMENT_LIMIT, closes=True)


def open_(subscription: Doc) -> bool:
    """Say whether the reason can still be given: canceled, and nothing said yet."""
    details = subscription.get("cancellation_details") or {}
    return subscriptions.leaving(subscription) and not (details.get("feedback") or details.get("feedback_option"))


def asks_here(words: Words, visit: Visit, answer: Doc) -> bool:
    """Say whether the question has to be put on a page of its own: a flow that does not end on the home page."""
    flow = answer["session"].get("flow")
    if flow is None or flow["after_completion"]["type"] == flows.HOMEPAGE:
        return False
    later = skins.of(words, visit, answer).reasons == "after"
    return later and bool(offered(words, answer)) and open_(answer["subscription"])


def given(fields: dict[str, str]) -> Doc | None:
    """Return what a form says about the reason: ``feedback`` and, with the reason *other*, ``comment``."""
    feedback = fields.get("reason", "")
    if not feedback:
        return None
    comment = fields.get("comment", "").strip()[:COMMENT_LIMIT]
    return {"feedback": feedback, "comment": comment} if feedback == FREE and comment else {"feedback": feedback}


async def ask(visit: Visit) -> web.Response:
    """Ask for the reason in a flow; without a question the flow goes on."""
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    words = frame.words_for(answer, visit.accept)
    here = f"{visit.base}/subscriptions/{visit.subscription}"
    if not asks_here(words, visit, answer):
        return see_other(await flows.done(visit, answer["session"], visit.base))
    title = words.gettext("Cancel subscription")
    page = Reason(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        reasons=Reasons(
            Form(f"{here}/reason", visit.code), offered(words, answer), f"{here}/cancel", COMMENT_LIMIT, closes=False
        ),
        lead=subscriptions.sentence(words, answer["subscription"]),
    )
    return render.response(words, page)


async def give(visit: Visit) -> web.Response:
    """Take the reason of a cancellation; the free text belongs to the reason *other*."""
    told = given(await visit.form())
    if told is None:
        return see_other(visit.base)
    answer = await visit.ask("portal:cancellation_reason", subscription=visit.subscription, **told)
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}?done=feedback"))
