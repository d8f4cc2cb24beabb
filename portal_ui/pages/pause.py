"""Decides what a customer is told before pausing and resuming a subscription, and what the forms do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.durations import add_months
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, notices, prices, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages.cancel import facts
from portal_ui.session import Visit, see_other
from portal_ui.views.shared import Form
from portal_ui.views.tasks import Choices, Confirm, Option

PAUSED = "paused"
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}
DAY = 86_400


def length(words: Words, option: Doc) -> str:
    """Return a duration in words: ``2 months``."""
    count = option["interval_count"]
    return {
        "day": words.ngettext("%(num)s day", "%(num)s days", count),
        "week": words.ngettext("%(num)s week", "%(num)s weeks", count),
        "month": words.ngettext("%(num)s month", "%(num)s months", count),
        "year": words.ngettext("%(num)s year", "%(num)s years", count),
    }[option["interval"]]


def _until(option: Doc, now: int) -> int:
    """Return when a pause that begins now is over, for the label only: the act works it out itself."""
    interval, count = option["interval"], option["interval_count"]
    return now + DAYS[interval] * count * DAY if interval in DAYS else add_months(now, MONTHS[interval] * count)


def _durations(words: Words, answer: Doc) -> Choices | None:
    duration: Doc = at(answer["configuration"], "features.subscription_pause.duration") or {}
    if duration.get("type") != "interval_options":
        return None
    options = []
    for place, option in enumerate(duration["interval_options"]):
        day = words.long_day(_until(option, answer["now"]))
        label = words.gettext("%(duration)s, until %(date)s", duration=length(words, option), date=day)
        options.append(Option(str(place), label))
    return Choices("duration", words.gettext("How long do you want to pause?"), tuple(options), False, None, 0)


def _pause_page(visit: Visit, answer: Doc, problem: str | None) -> Confirm:
    words = frame.words_for(answer, visit.accept)
    subscription, skin = answer["subscription"], skins.of(words, visit, answer)
    choices = _durations(words, answer)
    lead = words.gettext("While your subscription is paused you are not charged, and you cannot use it.")
    ends = (
        words.gettext("It continues by itself at the end of the pause, or earlier whenever you like.")
        if choices
        else words.gettext("It stays paused until you continue it.")
    )
    licensed = [item for item in subscriptions.items(subscription) if not prices.metered(item["price"])]
    credit = words.gettext("You get a credit for the time that you have paid for and do not use.") if licensed else ""
    return Confirm(
        frame=frame.of_answer(words, answer, f"{skin.pause} · {words.gettext('Billing')}", visit.base),
        eyebrow=None,
        heading=words.gettext("Pause your subscription"),
        lead=lead,
        facts=facts(words, subscription, (words.gettext("Starts"), words.gettext("Immediately"))),
        note=f"{ends} {credit}".strip(),
        problem=problem,
        form=Form(f"{visit.base}/subscriptions/{subscription['id']}/pause", visit.code),
        button=skin.pause,
        danger=False,
        back_url=None if flows.inside(answer["session"]) else visit.base,
        choices=choices,
    )


def _resume_page(visit: Visit, answer: Doc, problem: str | None) -> Confirm:
    words = frame.words_for(answer, visit.accept)
    subscription, skin = answer["subscription"], skins.of(words, visit, answer)
    return Confirm(
        frame=frame.of_answer(words, answer, f"{skin.resume} · {words.gettext('Billing')}", visit.base),
        eyebrow=None,
        heading=words.gettext("Resume your subscription"),
        lead=words.gettext("Your subscription continues right away, and a new billing period starts today."),
        facts=facts(words, subscription, (words.gettext("Starts"), words.gettext("Immediately"))),
        note=words.gettext("You pay for the new period now. Credits that you have are used first."),
        problem=problem,
        form=Form(f"{visit.base}/subscriptions/{subscription['id']}/resume", visit.code),
        button=skin.resume,
        danger=False,
        back_url=visit.base,
    )


Draw = Callable[[Visit, Doc, str | None], Confirm]


def _answer(visit: Visit, answer: Doc, draw: Draw, problem: str | None = None, status: int = 200) -> web.Response:
    return render.response(frame.words_for(answer, visit.accept), draw(visit, answer, problem), status)


async def _look(visit: Visit) -> Doc:
    return await visit.ask("portal:subscription", subscription=visit.subscription)


async def pause(visit: Visit) -> web.Response:
    """Ask whether, and for how long, to pause."""
    answer = await _look(visit)
    if answer["permissions"].get("pause"):
        return _answer(visit, answer, _pause_page)
    if answer["subscription"]["status"] == PAUSED:
        return see_other(await flows.done(visit, answer["session"], visit.base))
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


async def pause_now(visit: Visit) -> web.Response:
    """Pause; sent twice it is done once."""
    duration = (await visit.form()).get("duration")
    act = visit.ask("portal:pause", subscription=visit.subscription, duration=duration)
    answer, problem = await _tried(visit, act)
    if answer["subscription"]["status"] != PAUSED:
        return _answer(visit, answer, _pause_page, problem, 409)
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}?done=paused"))


async def resume(visit: Visit) -> web.Response:
    """Ask whether to go on."""
    answer = await _look(visit)
    if answer.get("resumable"):
        return _answer(visit, answer, _resume_page)
    if answer["subscription"]["status"] not in {PAUSED, *subscriptions.OVER}:
        return see_other(visit.base)
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


async def resume_now(visit: Visit) -> web.Response:
    """Let it run again; a payment that fails leaves it paused and says so."""
    await visit.form()
    answer, problem = await _tried(visit, visit.ask("portal:resume", subscription=visit.subscription))
    if answer["subscription"]["status"] == PAUSED:
        words = frame.words_for(answer, visit.accept)
        failed = words.gettext("Your payment did not go through. Use another payment method and try again.")
        return _answer(visit, answer, _resume_page, problem or failed, 402)
    return see_other(f"{visit.base}?done=resumed")


async def _tried(visit: Visit, act: Awaitable[Doc]) -> tuple[Doc, str | None]:
    """Return the answer of an act, or how things are and why it was refused; raises what has a page of its own."""
    try:
        return await act, None
    except StripeError as error:
        if error.status in {403, 404, 410} and error.extra.get("reason") != "duration_not_offered":
            raise
        answer = await _look(visit)
        words = frame.words_for(answer, visit.accept)
        told = {
            "no_payment_method": words.gettext("Add a payment method first."),
            "duration_not_offered": words.gettext("Choose how long you want to pause."),
        }
        again = words.gettext("That did not work, and nothing was changed. Please try again.")
        return answer, told.get(str(error.extra.get("reason")), again)
