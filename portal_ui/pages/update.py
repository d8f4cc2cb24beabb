"""Decides what the page of plans shows, and where a choice leads."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, notices, prices, render, skins, subscriptions
from portal_ui.i18n import Words
from portal_ui.session import Visit, see_other
from portal_ui.views.shared import Form, InfoRow
from portal_ui.views.update import Bounds, PlanCard, Quantity, Rhythm, Update, Waiting

MOST, MOST_DIGITS = 999_999, 12  # of a quantity, as the operation has it
FIXED = Bounds("", "")


class Picked(NamedTuple):
    """What the address of the page of plans says; ``price`` is empty when the plan that is had is not offered."""

    price: str
    quantity: str
    bounds: Doc | None
    rhythm: str


async def choose(visit: Visit) -> web.Response:
    """Show the plans; with a choice made, lead on to what it costs."""
    try:
        answer = await visit.ask("portal:update_options", subscription=visit.subscription)
    except StripeError as error:
        return await refused(visit, error)
    words = frame.words_for(answer, visit.accept)
    if answer["scheduled"]:
        return render.response(words, _waiting(visit, words, answer))
    query = visit.request.query
    picked = _picked(answer, query.get("price", ""), query.get("quantity"), query.get("interval", ""))
    if not query.get("go"):
        return render.response(words, _page(visit, words, answer, picked))
    problem = _wrong_quantity(words, picked, answer["current"]["quantity"])
    if problem:
        return render.response(words, _page(visit, words, answer, picked, quantity_problem=problem), 400)
    current = answer["current"]
    if not picked.price or (picked.price, picked.quantity) == (current["price"], str(current["quantity"])):
        problem = words.gettext("Choose another plan or quantity first.")
        return render.response(words, _page(visit, words, answer, picked, problem=problem), 400)
    return see_other(preview_url(visit, picked.price, picked.quantity))


async def undo(visit: Visit) -> web.Response:
    """Take back a change that waits; sent twice it is done once."""
    await visit.form()
    await visit.ask("portal:cancel_change", subscription=visit.subscription)
    return see_other(f"{visit.base}?done=change_canceled")


async def refused(visit: Visit, error: StripeError) -> web.Response:
    """Return the page of a change that is not allowed, in the session's own frame; raises what is no such refusal."""
    if error.status != 403:
        raise error
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    return notices.forbidden(frame.words_for(answer, visit.accept), answer, visit.base)


def here(visit: Visit) -> str:
    """Return the address of the subscription's pages."""
    return f"{visit.base}/subscriptions/{visit.subscription}"


def preview_url(visit: Visit, price: str, quantity: str, **more: str) -> str:
    """Return the address of what a change costs."""
    return f"{here(visit)}/preview/{quote(price, safe='')}?{urlencode({'quantity': quantity, **more})}"


def _picked(answer: Doc, price: str, quantity: str | None, rhythm: str) -> Picked:
    """Return the marked plan, the quantity typed or had, put into the bounds of the plan, and which plans are shown."""
    offered = {one["id"]: (one, offer["quantity"]) for offer in answer["offers"] for one in offer["prices"]}
    current = answer["current"]
    chosen = next((id_ for id_ in (price, current["price"]) if id_ in offered), "")
    bounds = offered[chosen][1] if chosen else None
    count = str(current["quantity"])
    if bounds is not None:
        count = str(_within(int(count), bounds)) if quantity is None else quantity.strip()
    keys = [_key(one["recurring"]) for one, _ in offered.values()]
    known = (
        _key(offered[chosen][0]["recurring"])
        if chosen
        else _key(subscriptions.items(answer["subscription"])[0]["price"]["recurring"])
    )
    return Picked(chosen, count, bounds, next((one for one in (rhythm, known) if one in keys), keys[0] if keys else ""))


def _within(count: int, bounds: Doc) -> int:
    least: int = max(count, bounds["minimum"])
    return least if bounds["maximum"] is None else min(least, bounds["maximum"])


def _key(recurring: Doc) -> str:
    return f"{recurring['interval']}{recurring['interval_count']}"


def _wrong_quantity(words: Words, picked: Picked, present: int) -> str | None:
    bounds, text = picked.bounds, picked.quantity
    if bounds is None:
        return None
    maximum = bounds["maximum"]
    if text.isascii() and text.isdecimal():
        count = int(text[: MOST_DIGITS + 1])
        if _within(count, bounds) == count and (count <= MOST or count == present):
            return None
        if count > MOST:
            maximum = MOST if maximum is None else min(maximum, MOST)
    return quantity_words(words, bounds["minimum"], maximum)


def quantity_words(words: Words, minimum: int, maximum: int | None) -> str:
    """Return what a quantity has to be."""
    if maximum is None:
        return words.gettext("Enter a whole number of at least %(minimum)s.", minimum=words.number(minimum))
    return words.gettext(
        "Enter a whole number from %(minimum)s to %(maximum)s.",
        minimum=words.number(minimum),
        maximum=words.number(maximum),
    )


def _page(
    visit: Visit,
    words: Words,
    answer: Doc,
    picked: Picked,
    *,
    problem: str | None = None,
    quantity_problem: str | None = None,
) -> Update:
    subscription, heading = answer["subscription"], skins.of(words, visit, answer).update
    return Update(
        frame=frame.of_answer(words, answer, f"{heading} · {words.gettext('Billing')}", visit.base),
        back_url=None if flows.inside(answer["session"]) else visit.base,
        heading=heading,
        lead=words.gettext(
            "You are on %(plan)s, %(price)s.",
            plan=subscriptions.full_name(words, subscription),
            price=subscriptions.price(words, subscription),
        ),
        problem=problem,
        action=f"{here(visit)}/update",
        rhythms=_rhythms(visit, words, answer, picked),
        chosen=picked.price,
        present=answer["current"]["price"],
        count=str(answer["current"]["quantity"]),
        quantity=Quantity(picked.quantity, _bounds(picked.bounds), picked.bounds is not None, quantity_problem),
    )


def _rhythms(visit: Visit, words: Words, answer: Doc, picked: Picked) -> tuple[Rhythm, ...]:
    """Return the plans by how often they are billed, the shortest period first."""
    found: dict[str, list[tuple[Doc, Doc]]] = {}
    for offer in answer["offers"]:
        for one in offer["prices"]:
            found.setdefault(_key(one["recurring"]), []).append((offer, one))
    order = sorted(found, key=lambda key: _length(found[key][0][1]["recurring"]))
    return tuple(
        Rhythm(
            key=key,
            label=prices.rhythm(words, found[key][0][1]["recurring"]),
            url=f"{here(visit)}/update?interval={key}",
            shown=key == picked.rhythm,
            cards=tuple(_card(words, answer, offer, one, picked) for offer, one in found[key]),
        )
        for key in order
    )


def _length(recurring: Doc) -> tuple[int, int]:
    return ("day", "week", "month", "year").index(recurring["interval"]), recurring["interval_count"]


def _card(words: Words, answer: Doc, offer: Doc, one: Doc, picked: Picked) -> PlanCard:
    product = offer["product"]
    return PlanCard(
        value=one["id"],
        name=product["name"],
        description=product.get("description") or "",
        includes=tuple(feature["name"] for feature in product.get("marketing_features") or () if feature.get("name")),
        price=prices.in_words(words, one, 1),
        current=one["id"] == answer["current"]["price"],
        chosen=one["id"] == picked.price,
        bounds=_bounds(offer["quantity"]),
    )


def _bounds(bounds: Doc | None) -> Bounds:
    if bounds is None:
        return FIXED
    return Bounds(str(bounds["minimum"]), "" if bounds["maximum"] is None else str(bounds["maximum"]))


def _waiting(visit: Visit, words: Words, answer: Doc) -> Waiting:
    """Return the page of a change that waits: there is nothing else to do than to take it back."""
    coming, heading = answer["scheduled"], skins.of(words, visit, answer).update
    name = f"{subscriptions.product_name(coming)} {subscriptions.times(coming)}".strip()
    known = (
        (words.gettext("Current subscription"), subscriptions.full_name(words, answer["subscription"])),
        (words.gettext("New subscription"), name),
        (words.gettext("Price"), prices.in_words(words, coming["price"], subscriptions.quantity(coming))),
        (words.gettext("Starts"), words.long_day(coming["at"])),
    )
    return Waiting(
        frame=frame.of_answer(words, answer, f"{heading} · {words.gettext('Billing')}", visit.base),
        back_url=None if flows.inside(answer["session"]) else visit.base,
        heading=heading,
        lead=words.gettext(
            "Your subscription will be updated at the end of your current billing period on %(date)s.",
            date=words.long_day(coming["at"]),
        ),
        facts=tuple(InfoRow(label, (value,)) for label, value in known),
        form=Form(f"{here(visit)}/update/undo", visit.code),
    )
