"""Decides what a customer is told before canceling, and what the forms of canceling do."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, notices, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages import reasons
from portal_ui.session import Visit, see_other
from portal_ui.views.flows import Completed
from portal_ui.views.shared import Form, InfoRow, Link
from portal_ui.views.tasks import Confirm

IMMEDIATELY = "immediately"
DECLINED = "declined"  # what the address says once the offer before canceling was turned down


def facts(words: Words, subscription: Doc, *more: tuple[str, str]) -> tuple[InfoRow, ...]:
    """Return what a confirm page says about a subscription: what, how much, and ``more`` (when)."""
    known = [
        (words.gettext("Subscription"), subscriptions.full_name(words, subscription)),
        (words.gettext("Price"), subscriptions.price(words, subscription)),
        *more,
    ]
    return tuple(InfoRow(label, (value,)) for label, value in known if value)


def _now_words(words: Words, feature: Doc) -> tuple[str, str, str]:
    """Return lead, day and note of a cancellation that ends the subscription at once."""
    credited = feature.get("proration_behavior") == "create_prorations"
    return (
        words.gettext("If you cancel this subscription, it ends right away."),
        words.gettext("Immediately"),
        words.gettext("Your subscription will be canceled now. You get a credit for the time that is left.")
        if credited
        else words.gettext("Your subscription will be canceled now. This cannot be undone."),
    )


def _later_words(words: Words, subscription: Doc) -> tuple[str, str, str]:
    """Return lead, day and note of a cancellation that waits for the end of the period."""
    trial = subscription["status"] == "trialing"
    end = (subscription.get("trial_end") if trial else None) or subscriptions.period_end(subscription)
    if end is None:
        return _now_words(words, {})
    day = words.long_day(end)
    if trial:
        lead = words.gettext(
            "If you cancel this subscription, it will still be available until the end of your free trial on %(date)s.",
            date=day,
        )
    else:
        lead = words.gettext(
            "If you cancel this subscription, it will still be available until the end of your billing period"
            " on %(date)s.",
            date=day,
        )
    note = words.gettext(
        "Your subscription will be canceled on %(date)s. Until then you can change your mind.", date=day
    )
    return lead, day, note


def _page(visit: Visit, answer: Doc, problem: bool) -> web.Response:
    words = frame.words_for(answer, visit.accept)
    subscription = answer["subscription"]
    skin = skins.of(words, visit, answer)
    feature: Doc = at(answer["configuration"], "features.subscription_cancel") or {}
    if feature.get("mode") == IMMEDIATELY:
        lead, day, note = _now_words(words, feature)
    else:
        lead, day, note = _later_words(words, subscription)
    page = Confirm(
        frame=frame.of_answer(words, answer, f"{skin.cancel} · {words.gettext('Billing')}", visit.base),
        eyebrow=skin.cancel_eyebrow,
        heading=skin.cancel_heading,
        lead=lead,
        facts=facts(words, subscription, (words.gettext("Ends"), day)),
        note=note,
        problem=words.gettext("That did not work, and nothing was changed. Please try again.") if problem else None,
        form=Form(f"{visit.base}/subscriptions/{subscription['id']}/cancel", visit.code),
        button=skin.cancel,
        danger=True,
        back_url=None if flows.inside(answer["session"]) else visit.base,
        choices=reasons.beforehand(words, answer, folded=True) if skin.reasons == "on" else None,
        # Who has been through it is not asked once more after a refusal.
        survey=reasons.beforehand(words, answer, folded=False) if skin.reasons == "over" and not problem else None,
    )
    return render.response(words, page, 409 if problem else 200)


async def _shown(visit: Visit, *, problem: bool = False) -> web.Response:
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    if answer["permissions"].get("cancel"):
        if answer.get("offer") and not problem and visit.request.query.get("offer") != DECLINED:
            return see_other(f"{visit.base}/subscriptions/{visit.subscription}/offer")
        return _page(visit, answer, problem)
    if subscriptions.leaving(answer["subscription"]):
        return see_other(await flows.done(visit, answer["session"], visit.base))
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


async def cancel(visit: Visit) -> web.Response:
    """Ask whether to cancel; first whether an offer changes the customer's mind."""
    return await _shown(visit)


async def cancel_now(visit: Visit) -> web.Response:
    """Cancel; sent twice it is done once, and the second answer is the first one's."""
    fields = await visit.form()
    try:
        answer = await visit.ask("portal:cancel", subscription=visit.subscription)
    except StripeError as error:
        if error.status in {404, 410}:
            raise
        answer = await visit.ask("portal:subscription", subscription=visit.subscription)
        if not subscriptions.leaving(answer["subscription"]):
            return await _shown(visit, problem=True)
    words = frame.words_for(answer, visit.accept)
    skin = skins.of(words, visit, answer)
    told = reasons.given(fields) if skin.reasons != "after" else None
    if told and told["feedback"] in {option.value for option in reasons.offered(words, answer)}:
        await visit.ask("portal:cancellation_reason", subscription=visit.subscription, **told)
    here = f"{visit.base}/subscriptions/{visit.subscription}"
    if reasons.asks_here(words, visit, answer):
        return see_other(f"{here}/reason")
    after = f"{here}/canceled" if skin.pages else f"{visit.base}?{reasons.CANCELED}={visit.subscription}&done=canceled"
    return see_other(await flows.done(visit, answer["session"], after))


async def canceled(visit: Visit) -> web.Response:
    """Say that it was canceled, on a page of its own."""
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    subscription = answer["subscription"]
    if not subscriptions.leaving(subscription):
        return see_other(visit.base)
    words = frame.words_for(answer, visit.accept)
    skin = skins.of(words, visit, answer)
    end = subscriptions.ends_at(subscription) or subscription.get("ended_at")
    page = Completed(
        frame=frame.of_answer(words, answer, f"{skin.canceled} · {words.gettext('Billing')}", visit.base),
        heading=skin.canceled,
        message=None,
        facts=facts(words, subscription, (words.gettext("Ends"), words.long_day(end) if end else "")),
        link=None,
        label=None,
        button=Link(visit.base, words.gettext("Done")),
    )
    return render.response(words, page)
