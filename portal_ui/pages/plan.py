"""Decides what the page of one plan shows, in the generation that has such pages."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from emulator.kernel.documents import Doc
from portal_ui import frame, prices, reductions, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.session import Visit, see_other
from portal_ui.skins import Skin
from portal_ui.views.flows import Plan
from portal_ui.views.shared import InfoRow, Link


async def plan(visit: Visit) -> web.Response:
    """Show a plan; the other generation has everything about it on the home page."""
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    words = frame.words_for(answer, visit.accept)
    skin, subscription = skins.of(words, visit, answer), answer["subscription"]
    if not skin.pages or subscription["status"] in subscriptions.OVER:
        return see_other(visit.base)
    here = f"{visit.base}/subscriptions/{subscription['id']}"
    name = subscriptions.full_name(words, subscription)
    page = Plan(
        frame=frame.of_answer(words, answer, f"{name} · {words.gettext('Billing')}", visit.base),
        heading=name,
        price=subscriptions.price(words, subscription),
        discounts=reductions.running(words, answer.get("discounts") or (), subscription["currency"]),
        badges=subscriptions.badges(words, subscription, skin.canceled_badge, answer.get("scheduled")),
        sentence=subscriptions.change(words, answer.get("scheduled"))
        or subscriptions.sentence(words, subscription, answer.get("resumes_at")),
        facts=_items(words, subscription),
        update=Link(f"{here}/update", skin.update) if answer["permissions"].get("update") else None,
        acts=tuple(_acts(skin, answer, here)),
        back_url=visit.base,
    )
    return render.response(words, page)


def _items(words: Words, subscription: Doc) -> tuple[InfoRow, ...]:
    found = subscriptions.items(subscription)
    if len(found) < 2:
        return ()
    return tuple(
        InfoRow(
            subscriptions.product_name(item), (prices.in_words(words, item["price"], subscriptions.quantity(item)),)
        )
        for item in found
    )


def _acts(skin: Skin, answer: Doc, here: str) -> Iterator[Link]:
    may = answer["permissions"]
    if may.get("renew"):
        yield Link(f"{here}/renew", skin.renew)
    if answer.get("resumable"):
        yield Link(f"{here}/resume", skin.resume)
    if may.get("pause"):
        yield Link(f"{here}/pause", skin.pause)
    if may.get("cancel"):
        yield Link(f"{here}/cancel", skin.cancel)
