"""Decides what a customer is told before taking a cancellation back, and what the form does."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import frame, notices, render, skins, subscriptions
from portal_ui.pages.cancel import facts
from portal_ui.session import Visit, see_other
from portal_ui.views.shared import Form
from portal_ui.views.tasks import Confirm


def _page(visit: Visit, answer: Doc, problem: bool) -> web.Response:
    words = frame.words_for(answer, visit.accept)
    subscription = answer["subscription"]
    due = subscriptions.period_end(subscription)
    skin = skins.of(words, visit, answer)
    when = (words.gettext("Next payment"), words.long_day(due)) if due else ("", "")
    page = Confirm(
        frame=frame.of_answer(words, answer, f"{skin.renew_button} · {words.gettext('Billing')}", visit.base),
        eyebrow=None,
        heading=skin.renew_heading,
        lead=words.gettext("Your subscription will not be canceled. It goes on as before, at the same price."),
        facts=facts(words, subscription, when),
        note=None,
        problem=words.gettext("That did not work, and nothing was changed. Please try again.") if problem else None,
        form=Form(f"{visit.base}/subscriptions/{subscription['id']}/renew", visit.code),
        button=skin.renew_button,
        danger=False,
        back_url=visit.base,
    )
    return render.response(words, page, 409 if problem else 200)


async def _shown(visit: Visit, *, problem: bool = False) -> web.Response:
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    if answer["permissions"].get("renew"):
        return _page(visit, answer, problem)
    if not subscriptions.leaving(answer["subscription"]):
        return see_other(visit.base)
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


async def renew(visit: Visit) -> web.Response:
    """Ask whether to go on."""
    return await _shown(visit)


async def renew_now(visit: Visit) -> web.Response:
    """Take the cancellation back; sent twice it is done once."""
    await visit.form()
    try:
        await visit.ask("portal:renew", subscription=visit.subscription)
    except StripeError as error:
        if error.status in {404, 410}:
            raise
        answer = await visit.ask("portal:subscription", subscription=visit.subscription)
        if subscriptions.leaving(answer["subscription"]):
            return await _shown(visit, problem=True)
    return see_other(f"{visit.base}?done=renewed")
