"""Decides what the form of a new payment method shows, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, headers, method_entry, method_forms, method_kinds, notices, onward, render
from portal_ui.pages.methods import HOME_SAYS, back_url
from portal_ui.session import Visit, see_other
from portal_ui.views.methods import AddMethod, CardFrame
from portal_ui.views.shared import Form

ADD = "/payment-methods/add"
AUTHENTICATE, VERIFY = "authenticate", "verify"
REFUSED = frozenset({400, 402})


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
    types: list[Doc] = answer["types"]
    chosen = method_entry.chosen(types, wanted)
    title = words.gettext("Add payment method")
    around = frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base)
    method = None
    if chosen is not None:
        if values is None:
            values = method_entry.started(chosen, visit.request.query, answer["customer"], answer["account"])
        method = method_entry.drawn(
            words,
            chosen,
            types=types,
            values=values,
            problems=problems,
            business=around.business,
            url=partial(method_entry.query, f"{visit.base}{ADD}", **onward.kept(visit)),
            card_url=f"{visit.base}/payment-methods/card",
            terms_url=around.terms_url,
        )
    leaves = method is not None and method_kinds.of(method.type).redirected
    page = AddMethod(
        frame=around,
        back_url=onward.to(visit) or back_url(visit, answer),
        problem=problem,
        form=Form(onward.address(visit, ADD), visit.code),
        attempt=answer["attempt"],
        method=method,
        button=words.gettext("Continue") if leaves else words.gettext("Add"),
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
    typed = {name: text for name, text in fields.items() if name not in {"attempt", "csrf_token", "type"}}
    details = method_entry.details(typed)
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
    """Return where a new payment method leads: its bank, its proof, the change that it was saved for, or the end."""
    setup = answer["setup_intent"]
    if answer["action"] == AUTHENTICATE:
        back = onward.address(visit, "/payment-methods/returned", setup=setup)
        return f"/3d_secure/{answer['challenge']}?{urlencode({'back': back})}"
    if answer["action"] == VERIFY:
        return onward.address(visit, f"/payment-methods/verify/{setup}")
    otherwise = onward.to(visit) or f"{visit.base}{HOME_SAYS}method_added"
    return await flows.done(visit, answer["session"], otherwise)


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
