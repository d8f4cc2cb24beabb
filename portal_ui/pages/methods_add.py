"""Decides what the form of a new payment method shows, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, headers, method_forms, method_words, methods, notices, render
from portal_ui.i18n import Words
from portal_ui.pages.methods import HOME_SAYS, back_url
from portal_ui.session import Visit, see_other
from portal_ui.views.methods import AddMethod, CardFrame, TypeChoice
from portal_ui.views.shared import Form, Link

ADD = "/payment-methods/add"
AUTHENTICATE, VERIFY = "authenticate", "verify"
CARD = "card"
REFUSED = frozenset({400, 402})
OF_ADDRESS = ("line1", "city", "state", "postal_code", "country")


def _known(answer: Doc, type: str) -> dict[str, str]:
    """Return what a form starts with: the customer's own name and address."""
    customer = answer["customer"]
    found = {"email": customer.get("email"), "name": customer.get("name")}
    found |= {name: at(customer, f"address.{name}") for name in OF_ADDRESS}
    if type == CARD:
        found["country"] = found["country"] or (answer["account"] or {}).get("country")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _chosen(answer: Doc, wanted: str | None) -> Doc | None:
    """Return the type that is asked for, else the first one, None when there is none."""
    types: list[Doc] = answer["types"]
    return next((one for one in types if one["type"] == wanted), types[0] if types else None)


def _trial(type: Doc, place: str | None) -> dict[str, str]:
    """Return what the chosen test number fills in."""
    known = place is not None and place.isascii() and place.isdecimal() and len(place) < 4
    if not known or int(place or 0) >= len(type["trials"]):
        return {}
    filled: dict[str, str] = type["trials"][int(place or 0)]["fill"]
    return filled


def _choices(words: Words, visit: Visit, answer: Doc, chosen: Doc) -> tuple[TypeChoice, ...]:
    return tuple(
        TypeChoice(
            methods.type_name(words, one["type"], one["name"]),
            methods.mark_of(one["type"]),
            f"{visit.base}{ADD}?{urlencode({'type': one['type']})}",
            one is chosen,
        )
        for one in answer["types"]
    )


def _terms(words: Words, url: str | None) -> Link | None:
    return Link(url, words.gettext("Terms")) if url else None


def _page(
    visit: Visit,
    answer: Doc,
    wanted: str | None,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> web.Response:
    """Return the form, with what was typed and what is wrong with it when it was refused."""
    words = frame.words_for(answer, visit.accept)
    if not answer["configuration"]["features"]["payment_method_update"]["enabled"]:
        return notices.forbidden(words, answer, visit.base)
    chosen = _chosen(answer, wanted) or {"fields": [], "filled": {}, "name": None, "trials": [], "type": ""}
    type = chosen["type"]
    title = words.gettext("Add payment method")
    around = frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base)
    called = methods.type_name(words, type, chosen["name"])
    if values is None:
        trial = _trial(chosen, visit.request.query.get("test"))
        values = {**(chosen["filled"] if trial else {}), **_known(answer, type), **trial}
    page = AddMethod(
        frame=around,
        back_url=back_url(visit, answer),
        problem=problem,
        types=_choices(words, visit, answer, chosen),
        form=Form(f"{visit.base}{ADD}", visit.code),
        type=type,
        attempt=answer["attempt"],
        card_url=f"{visit.base}/payment-methods/card" if type == CARD else None,
        brands=methods.DRAWN if type == CARD else (),
        asked=method_forms.asked(words, chosen["fields"], values, problems or {}, type),
        lead=method_words.lead(words, type, called),
        mandate=method_words.mandate(words, type, around.business, called),
        terms=_terms(words, around.terms_url),
        button=words.gettext("Continue") if type in method_words.REDIRECTED else words.gettext("Add"),
        trials=method_words.trials(words, chosen["trials"], f"{visit.base}{ADD}?{urlencode({'type': type})}&test="),
    )
    response = render.response(words, page, status)
    response.headers.update(headers.FRAMING)
    return response


async def add(visit: Visit) -> web.Response:
    """Show the form of a new payment method."""
    return _page(visit, await visit.ask("portal:payment_methods"), visit.request.query.get("type"))


async def add_now(visit: Visit) -> web.Response:
    """Add a payment method; sent twice it is added once. What is wrong is told at its field."""
    fields = await visit.form()
    type = fields.get("type", "")
    details = {name: text for name, text in fields.items() if name not in {"attempt", "csrf_token", "type"}}
    if "postalCode" in details:
        details["postal_code"] = details.pop("postalCode")
    try:
        answer = await visit.ask(
            "portal:add_payment_method",
            type=type,
            details=details,
            attempt=fields.get("attempt"),
            user_agent=visit.request.headers.get("User-Agent"),
            ip_address=visit.request.remote,
        )
    except StripeError as error:
        problems = error.extra.get("fields")
        if error.status not in REFUSED or problems is None:
            raise
        return await _refused(visit, type, details, problems, error)
    return see_other(await led(visit, answer))


async def _refused(
    visit: Visit, type: str, details: dict[str, str], problems: dict[str, str], error: StripeError
) -> web.Response:
    answer = await visit.ask("portal:payment_methods")
    words = frame.words_for(answer, visit.accept)
    problem = None if problems else method_forms.problem(words, error.code or "", "")
    return _page(visit, answer, type, details, problems, problem, error.status)


async def led(visit: Visit, answer: Doc) -> str:
    """Return where a new payment method leads: its bank, its proof, or the end."""
    setup = answer["setup_intent"]
    if answer["action"] == AUTHENTICATE:
        back = f"{visit.base}/payment-methods/returned?setup={setup}"
        return f"/3d_secure/{answer['challenge']}?{urlencode({'back': back})}"
    if answer["action"] == VERIFY:
        return f"{visit.base}/payment-methods/verify/{setup}"
    return await flows.done(visit, answer["session"], f"{visit.base}{HOME_SAYS}method_added")


async def returned(visit: Visit) -> web.Response:
    """Take up what was asked elsewhere: the method is saved, or the form says why not."""
    setup = visit.request.query.get("setup")
    try:
        answer = await visit.ask("portal:finish_payment_method", setup_intent=setup)
    except StripeError as error:
        if error.status != 402:
            raise
        answer = await visit.ask("portal:payment_methods")
        words = frame.words_for(answer, visit.accept)
        return _page(visit, answer, None, problem=method_forms.problem(words, error.code or "", ""))
    return see_other(await led(visit, answer))


async def card(visit: Visit) -> web.Response:
    """Show the empty page that scripts put the fields of a card into; only our own pages may frame it."""
    answer = await visit.ask("portal:flow")
    words = frame.words_for(answer, visit.accept)
    page = CardFrame(frame.of_answer(words, answer, "", visit.base))
    response = render.response(words, page)
    response.headers.update(headers.FRAMED)
    return response
