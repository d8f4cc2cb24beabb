"""Decides what a customer is told before canceling, and what the forms of canceling do."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import frame, notices, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages import reasons
from portal_ui.session import Visit, see_other
from portal_ui.views.shared import Form, InfoRow
from portal_ui.views.tasks import Confirm

IMMEDIATELY = "immediately"


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
    feature: Doc = at(answer["configuration"], "features.subscription_cancel") or {}
    if feature.get("mode") == IMMEDIATELY:
        lead, day, note = _now_words(words, feature)
    else:
        lead, day, note = _later_words(words, subscription)
    title = words.gettext("Cancel subscription")
    page = Confirm(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        eyebrow=words.gettext("Cancel your subscription"),
        heading=words.gettext("Confirm cancellation"),
        lead=lead,
        facts=facts(words, subscription, (words.gettext("Ends"), day)),
        note=note,
        problem=words.gettext("That did not work, and nothing was changed. Please try again.") if problem else None,
        form=Form(f"{visit.base}/subscriptions/{subscription['id']}/cancel", visit.code),
        button=title,
        danger=True,
        back_url=visit.base,
    )
    return render.response(words, page, 409 if problem else 200)


async def _shown(visit: Visit, *, problem: bool = False) -> web.Response:
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    if answer["permissions"].get("cancel"):
        return _page(visit, answer, problem)
    if subscriptions.leaving(answer["subscription"]):
        return see_other(visit.base)
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


async def cancel(visit: Visit) -> web.Response:
    """Ask whether to cancel."""
    return await _shown(visit)


async def cancel_now(visit: Visit) -> web.Response:
    """Cancel; sent twice it is done once, and the second answer is the first one's."""
    await visit.form()
    after = f"{visit.base}?{reasons.CANCELED}={visit.subscription}&done=canceled"
    try:
        await visit.ask("portal:cancel", subscription=visit.subscription)
    except StripeError as error:
        if error.status in {404, 410}:
            raise
        answer = await visit.ask("portal:subscription", subscription=visit.subscription)
        if not subscriptions.leaving(answer["subscription"]):
            return await _shown(visit, problem=True)
    return see_other(after)


async def give_reason(visit: Visit) -> web.Response:
    """Take the reason of a cancellation; the free text belongs to the reason *other*."""
    fields = await visit.form()
    feedback = fields.get("reason", "")
    if not feedback:
        return see_other(visit.base)
    params: Doc = {"feedback": feedback}
    comment = fields.get("comment", "").strip()[: reasons.COMMENT_LIMIT]
    if feedback == reasons.FREE and comment:
        params["comment"] = comment
    await visit.ask("portal:cancellation_reason", subscription=visit.subscription, **params)
    return see_other(f"{visit.base}?done=feedback")
