"""Decides how a coupon is offered to somebody who wants to cancel, and what accepting it leads to."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, prices, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages.cancel import DECLINED
from portal_ui.reductions import off
from portal_ui.session import Visit, see_other
from portal_ui.views.flows import Offer
from portal_ui.views.shared import Form


def term(words: Words, coupon: Doc) -> str:
    """Return for how long a coupon reduces the price."""
    if coupon["duration"] == "forever":
        return words.gettext("For as long as you stay subscribed.")
    if coupon["duration"] == "once":
        return words.gettext("On your next invoice. After that you pay the regular price again.")
    months = coupon["duration_in_months"]
    return words.ngettext(
        "For %(num)s month. After that you pay the regular price again.",
        "For %(num)s months. After that you pay the regular price again.",
        months,
    )


def _prices(words: Words, answer: Doc) -> tuple[str, str]:
    """Return the price with the coupon and without, empty where they cannot be said as one amount."""
    offered, found = answer["offer"], subscriptions.items(answer["subscription"])
    recurring = [item["price"].get("recurring") or {} for item in found]
    rhythms = {(one.get("interval"), one.get("interval_count")) for one in recurring}
    if offered["before"] is None or len(rhythms) != 1:
        return "", ""
    currency = answer["subscription"]["currency"]
    after, before = (
        prices.per_period(words, words.money(offered[name], currency), recurring[0]) for name in ("after", "before")
    )
    return after, before


def _page(visit: Visit, answer: Doc) -> web.Response:
    words = frame.words_for(answer, visit.accept)
    subscription, coupon = answer["subscription"], answer["offer"]["coupon"]
    here = f"{visit.base}/subscriptions/{subscription['id']}"
    reduced = off(words, coupon, subscription["currency"])
    heading = words.gettext("Stay and get %(offer)s", offer=reduced)
    price, before = _prices(words, answer)
    page = Offer(
        frame=frame.of_answer(words, answer, f"{heading} · {words.gettext('Billing')}", visit.base),
        heading=heading,
        lead=words.gettext(
            "Before you cancel %(name)s, here is an offer for you.", name=subscriptions.full_name(words, subscription)
        ),
        name=coupon.get("name") or reduced,
        price=price,
        before=before,
        term=term(words, coupon),
        note=words.gettext("Taxes may be added. Accepting keeps your subscription; you can still cancel at any time."),
        form=Form(f"{here}/offer", visit.code),
        decline_url=f"{here}/cancel?offer={DECLINED}",
        back_url=None if flows.inside(answer["session"]) else visit.base,
    )
    return render.response(words, page)


async def offer(visit: Visit) -> web.Response:
    """Make the offer; without one the way leads on to canceling."""
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    if not answer.get("offer"):
        return see_other(f"{visit.base}/subscriptions/{visit.subscription}/cancel?offer={DECLINED}")
    return _page(visit, answer)


async def accept(visit: Visit) -> web.Response:
    """Take the offer, once; one that is over by now leads on to canceling."""
    await visit.form()
    try:
        answer = await visit.ask("portal:accept_offer", subscription=visit.subscription)
    except StripeError as error:
        if error.extra.get("reason") != "no_offer":
            raise
        return see_other(f"{visit.base}/subscriptions/{visit.subscription}/cancel?offer={DECLINED}")
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}?done=kept"))
