"""Decides how a customer proves a bank account by its small deposits."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import frame, method_forms, method_words, methods, notices, render
from portal_ui.pages.methods import back_url
from portal_ui.pages.methods_add import ADD, REFUSED, led
from portal_ui.session import Visit, see_other
from portal_ui.views.methods import VerifyMethod
from portal_ui.views.shared import Form, InfoRow, Link
from portal_ui.views.tasks import Notice

CODE = ("descriptor_code",)
AMOUNTS = ("first_amount", "second_amount")
BY_CODE = "us_bank_account"


def _pending(answer: Doc, setup: str) -> Doc | None:
    found: list[Doc] = answer["pending_payment_methods"]
    return next((one["payment_method"] for one in found if one["setup_intent"] == setup), None)


def _page(
    visit: Visit, answer: Doc, method: Doc, values: Mapping[str, str], problems: Mapping[str, str], status: int = 200
) -> web.Response:
    words = frame.words_for(answer, visit.accept)
    by_code = method["type"] == BY_CODE
    here = f"{visit.base}/payment-methods/verify/{visit.request.match_info['setup']}"
    fields = [
        {"name": name, "optional": False, "options": [], "secret": False} for name in (CODE if by_code else AMOUNTS)
    ]
    title = words.gettext("Verify bank account")
    page = VerifyMethod(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        back_url=back_url(visit, answer),
        lead=words.gettext(
            "We have sent a small deposit to your account. Its description starts with a code of six characters."
        )
        if by_code
        else words.gettext("We have sent two small deposits to your account. Tell us their amounts."),
        facts=(InfoRow(words.gettext("Payment method"), (methods.method(words, method, None).title,)),),
        form=Form(here, visit.code),
        asked=method_forms.asked(words, fields, values, problems, method["type"]),
        trials=method_words.proofs(words, f"{here}?test=", by_code=by_code),
    )
    return render.response(words, page, status)


def _filled(visit: Visit, *, by_code: bool) -> dict[str, str]:
    """Return what the chosen row of the drawer fills in."""
    place = visit.request.query.get("test", "")
    if place not in {"0", "1", "2"}:
        return {}
    if by_code:
        return {CODE[0]: method_words.CODES[int(place)]}
    return dict(zip(AMOUNTS, method_words.AMOUNTS[int(place)], strict=True))


async def verify(visit: Visit) -> web.Response:
    """Show what proves the account."""
    answer = await visit.ask("portal:payment_methods")
    method = _pending(answer, visit.request.match_info["setup"])
    if method is None:
        return await _over(visit)
    return _page(visit, answer, method, _filled(visit, by_code=method["type"] == BY_CODE), {})


async def verify_now(visit: Visit) -> web.Response:
    """Take the proof; sent twice it is done once."""
    fields = await visit.form()
    said = {name: fields[name] for name in (*CODE, *AMOUNTS) if name in fields}
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
    ways = (Link(f"{visit.base}{ADD}", words.gettext("Add payment method")),)
    around = frame.of_answer(words, answer, heading, visit.base)
    return render.response(words, Notice(around, notices.ALERT, heading, (why,), ways, None))
