"""Decides how a customer proves a bank account by its small deposits."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import frame, method_proofs, methods, notices, onward, render
from portal_ui.pages.methods import back_url
from portal_ui.pages.methods_add import ADD, REFUSED, led
from portal_ui.session import Visit, see_other
from portal_ui.views.methods import VerifyMethod
from portal_ui.views.shared import Form, InfoRow, Link
from portal_ui.views.tasks import Notice


def _pending(answer: Doc, setup: str) -> Doc | None:
    found: list[Doc] = answer["pending_payment_methods"]
    return next((one["payment_method"] for one in found if one["setup_intent"] == setup), None)


def _page(
    visit: Visit, answer: Doc, method: Doc, values: Mapping[str, str], problems: Mapping[str, str], status: int = 200
) -> web.Response:
    words = frame.words_for(answer, visit.accept)
    here = f"/payment-methods/verify/{visit.request.match_info['setup']}"
    type = method["type"]
    title = words.gettext("Verify bank account")
    page = VerifyMethod(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        back_url=onward.to(visit) or back_url(visit, answer),
        lead=method_proofs.lead(words, type),
        facts=(InfoRow(words.gettext("Payment method"), (methods.method(words, method, None).title,)),),
        form=Form(onward.address(visit, here), visit.code),
        target=None,
        asked=method_proofs.asked(words, type, values, problems),
        trials=method_proofs.trials(words, type, onward.address(visit, here, test="")),
    )
    return render.response(words, page, status)


async def verify(visit: Visit) -> web.Response:
    """Show what proves the account."""
    answer = await visit.ask("portal:payment_methods")
    method = _pending(answer, visit.request.match_info["setup"])
    if method is None:
        return await _over(visit)
    filled = method_proofs.filled(method["type"], visit.request.query.get("test"))
    return _page(visit, answer, method, filled, {})


async def verify_now(visit: Visit) -> web.Response:
    """Take the proof; sent twice it is done once."""
    fields = await visit.form()
    said = method_proofs.said(fields)
    setup = visit.request.match_info["setup"]
    try:
        answer = await visit.ask("portal:verify_payment_method", setup_intent=setup, **said)
    except StripeError as error:
        problems = error.extra.get("fields")
        if error.status not in REFUSED or not problems:
            raise
        answer = await visit.ask("portal:payment_methods")
        method = _pending(answer, setup)
        if method is None:
            return await _over(visit)
        return _page(visit, answer, method, said, problems, error.status)
    return see_other(await led(visit, answer))


async def _over(visit: Visit) -> web.Response:
    """Return the page of a proof that is not asked for any more: done, or failed for good."""
    try:
        answer = await visit.ask("portal:finish_payment_method", setup_intent=visit.request.match_info["setup"])
    except StripeError as error:
        if error.status != 402:
            raise
        return await _failed(visit)
    return see_other(await led(visit, answer))


async def _failed(visit: Visit) -> web.Response:
    answer = await visit.ask("portal:payment_methods")
    words = frame.words_for(answer, visit.accept)
    heading = words.gettext("This account could not be verified")
    why = words.gettext("Add the bank account again, or choose another payment method.")
    ways = (Link(onward.address(visit, ADD), words.gettext("Add payment method")),)
    around = frame.of_answer(words, answer, heading, visit.base)
    return render.response(words, Notice(around, notices.ALERT, heading, (why,), ways, None))
