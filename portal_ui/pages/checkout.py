"""Decides what the page of a Checkout session shows, and what its forms do."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, NamedTuple

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import checkout_form, checkout_order, frame, headers, i18n, method_entry, method_forms, notices, render
from portal_ui.hosted import Guest, asked_at, nowhere
from portal_ui.i18n import Words
from portal_ui.pages.challenge import schemes
from portal_ui.session import see_other
from portal_ui.views.checkout import Checkout, Consent
from portal_ui.views.shared import Form, Frame, Link
from portal_ui.views.tasks import Notice

HOSTED, OPEN, COMPLETE, EXPIRED = "hosted_page", "open", "complete", "expired"
WAITING = "requires_action"
PLACEHOLDER = re.compile(r"\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D", re.IGNORECASE)
REFUSED = frozenset({400, 402})
# What the real page says where a bank gives no reason (facts portal handles, Checkout).
PLAIN_DECLINES = frozenset({"card_declined", "generic_decline"})
OTHER_CARDS = frozenset({"debit", "prepaid"})


class Typed(NamedTuple):
    """What was sent and refused: fields, what is wrong with each, what is wrong with the whole."""

    values: dict[str, str]
    problems: dict[str, str]
    problem: str | None = None
    adjusting: bool = False


class Place(NamedTuple):
    """The world of a session, what its page is told, and in which language it says it."""

    space: Any
    answer: Doc
    words: Words


def here(guest: Guest, rest: str = "", **more: str) -> str:
    """Return the address of the session's page."""
    return method_entry.query(f"/c/pay/{guest.part('session')}{rest}", **more)


def proof(guest: Guest) -> str:
    """Return what the codes of the page's forms stand for."""
    return f"checkout {guest.part('session')}"


async def place(guest: Guest) -> Place:
    """Return what an address opens; raises 404 for what is no hosted session's."""
    space, answer = await guest.find("checkout:page", session=guest.part("session"))
    session = answer["session"]
    if session["ui_mode"] != HOSTED:
        raise nowhere()
    told = await guest.ask(space, "account:page")
    types: list[Doc] = []
    if session["status"] == OPEN and not answer["free"]:
        currency = session["currency"] or "usd"
        found = await guest.ask(space, "method:types", types=session["payment_method_types"], currency=currency)
        types = found["types"]
    preferred = (answer["customer"] or {}).get("preferred_locales") or ()
    locale = session["locale"] if session["locale"] not in {None, "auto"} else guest.request.query.get("locale")
    words = i18n.words(i18n.choose(locale, preferred, guest.request.headers.get("Accept-Language", "")))
    return Place(space, {**answer, "account": told["account"], "types": types}, words)


def around(at: Place, title: str) -> Frame:
    """Return the frame of a session's page: its way back is the address for those who do not buy."""
    return frame.drawn(
        at.words,
        title=title,
        account=at.answer["account"],
        configuration={},
        headline=False,
        return_url=at.answer["session"]["cancel_url"],
        home_url=None,
        test=not at.answer["session"]["livemode"],
    )


def ending(session: Doc) -> str:
    """Return where a completed session leads: the merchant's address with the session's id in it."""
    found = frame.safe_url(session["success_url"]) or ""
    if found.startswith(("http://", "https://")):
        return PLACEHOLDER.sub(session["id"], found)
    return ""


async def checkout(guest: Guest) -> web.Response:
    """Show a session: the form while it is open, else what became of it."""
    at = await place(guest)
    session, query = at.answer["session"], guest.request.query
    if session["status"] == COMPLETE:
        returned = "done" in query or "redirect_status" in query
        return see_other(ending(session)) if returned and ending(session) else _over(at)
    if session["status"] == EXPIRED:
        return _over(at)
    failed = "failed" in query or query.get("redirect_status") == "failed"
    return _drawn(guest, at, Typed({}, {}, _last_problem(at)) if failed else None)


def _over(at: Place) -> web.Response:
    """Return the page of a session that is complete or has expired (own words: no source has any)."""
    words, session = at.words, at.answer["session"]
    if session["status"] == COMPLETE:
        heading, why = words.gettext("You are all done"), words.gettext("This purchase has been completed.")
        ways = (Link(ending(session), words.gettext("Continue")),) if ending(session) else ()
        return render.response(words, Notice(around(at, heading), notices.DONE, heading, (why,), ways, None))
    heading = words.gettext("This checkout has expired")
    why = words.gettext("Nothing was charged. Go back to where you came from and start again.")
    back = frame.safe_url(session["cancel_url"])
    shown = around(at, heading)
    ways = (Link(back, shown.return_label),) if back else ()
    return render.response(words, Notice(shown, notices.CLOCK, heading, (why,), ways, None), 410)


def _last_problem(at: Place) -> str:
    intent = at.answer["intent"] or {}
    error = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
    return _declined(at.words, error.get("decline_code") or error.get("code") or "", error)


def _declined(words: Words, code: str, error: Any) -> str:
    card = (error.get("payment_method") or {}).get("card") or {}
    if code in PLAIN_DECLINES and card.get("funding") not in OTHER_CARDS:
        return words.gettext("Your credit card was declined. Try paying with a debit card instead.")
    return method_forms.problem(words, code, "")


def _drawn(guest: Guest, at: Place, typed: Typed | None = None, status: int = 200) -> web.Response:
    """Return the form, with what was typed and what is wrong with it when it was refused."""
    words, answer, session = at.words, at.answer, at.answer["session"]
    wanted = typed.values.get("type") if typed else None
    type = method_entry.chosen(answer["types"], wanted or guest.request.query.get("type"))
    values = checkout_form.started(type, guest.request.query, answer)
    if typed and not typed.adjusting:
        values |= typed.values
    problems = typed.problems if typed else {}
    paying = {} if typed and typed.adjusting else problems
    title = checkout_order.title(words, answer) if answer["items"] else words.gettext("Save your payment details")
    shown = around(at, title)
    code = guest.code(proof(guest))
    page = Checkout(
        frame=shown,
        heading=words.gettext("Payment") if answer["items"] else title,
        problem=typed.problem if typed else None,
        order=checkout_order.order(
            words,
            answer,
            Form(here(guest, "/adjust"), code),
            typed.values if typed and typed.adjusting else {},
            problems if typed and typed.adjusting else {},
        ),
        form=Form(here(guest), code),
        expected=session["amount_total"] or 0,
        email=checkout_form.fixed_email(answer),
        contact=checkout_form.contact(words, answer, values, paying),
        shipping=checkout_form.shipping(words, session, values, paying),
        method=_method(guest, at, type, values, paying, shown.business) if type else None,
        extra=checkout_form.custom(words, session, values, paying),
        consent=_consent(words, answer, values, paying),
        message=((session["custom_text"] or {}).get("submit") or {}).get("message"),
        button=_button(words, answer),
    )
    response = render.response(words, page, status)
    response.headers.update(headers.leaving(schemes(ending(session))))
    return response


def _method(guest: Guest, at: Place, type: Doc, values: dict[str, str], problems: dict[str, str], business: str) -> Any:
    return method_entry.drawn(
        at.words,
        checkout_form.card_type(type, at.answer["session"]),
        types=at.answer["types"],
        values=values,
        problems=problems,
        business=business,
        url=partial(here, guest),
        card_url=None,
        known_as=checkout_form.KNOWN_AS,
        kept=at.answer["kept"],
    )


def _consent(words: Words, answer: Doc, values: dict[str, str], problems: dict[str, str]) -> Consent | None:
    if not checkout_form.needs_consent(answer["session"]):
        return None
    profile = (answer["account"] or {}).get("business_profile") or {}
    url = frame.safe_url(profile.get("terms_of_service_url") or profile.get("url"))
    wrong = words.gettext("Agree to the terms to continue.") if checkout_form.AGREED in problems else None
    return Consent(
        label=words.gettext("I agree to the terms of service."),
        terms=Link(url, words.gettext("Terms")) if url else None,
        given=bool(values.get(checkout_form.AGREED)),
        problem=wrong,
    )


def _button(words: Words, answer: Doc) -> str:
    session = answer["session"]
    told = {
        "book": words.gettext("Book"),
        "donate": words.gettext("Donate"),
        "pay": words.gettext("Pay"),
        "subscribe": words.gettext("Subscribe"),
    }
    if session["mode"] == checkout_order.SETUP:
        return words.gettext("Save")
    if session["submit_type"] in told:
        return told[session["submit_type"]]
    if session["mode"] == checkout_order.SUBSCRIPTION:
        trial = answer["trial"]["days"] or answer["trial"]["end"]
        return words.gettext("Start trial") if trial else told["subscribe"]
    return told["pay"]


# ---- acts


async def complete(guest: Guest) -> web.Response:
    """Complete a session; sent twice it is done once. What is wrong is told in place."""
    fields = await guest.form(proof(guest))
    at = await place(guest)
    if at.answer["session"]["status"] != OPEN:
        return _after(guest, at)
    typed = Typed(checkout_form.read(fields), {})
    try:
        params = await _params(guest, at, typed)
        if typed.problems:
            return _drawn(guest, at, typed, 400)
        done = await guest.ask(at.space, "checkout:complete", session=guest.part("session"), **params)
    except StripeError as error:
        return await _refused(guest, typed, error)
    if done["status"] == OPEN:
        at = await place(guest)
    return _after(guest, at._replace(answer={**at.answer, "session": done}))


async def _params(guest: Guest, at: Place, typed: Typed) -> Doc:
    """Return what completes the session, and put the mistakes of the form into ``typed``; raises other refusals."""
    type = method_entry.chosen(at.answer["types"], typed.values.get("type"))
    typed.problems.update(checkout_form.mistakes(at.answer, typed.values, type))
    method = None
    if type is not None:
        names = {one["name"] for one in type["fields"]}
        details = {name: text for name, text in typed.values.items() if name in names}
        if "email" in names:
            details["email"] = checkout_form.fixed_email(at.answer) or details.get("email", "")
        try:
            method = await guest.ask(at.space, "method:checked", type=type["type"], details=details)
        except StripeError as error:
            typed.problems.update(error.extra.get("fields") or {"type": error.code or ""})
    params = checkout_form.passed_on(at.answer, typed.values, method)
    expected = typed.values.get("expected_amount", "")
    if at.answer["items"] and expected.isascii() and expected.isdecimal() and len(expected) < 16:
        params["expected_amount"] = int(expected)
    return params


def _after(guest: Guest, at: Place) -> web.Response:
    """Lead on from a form: to the merchant, to what the payment still waits for, or back to the page."""
    session, intent = at.answer["session"], at.answer["intent"] or {}
    if session["status"] == COMPLETE and ending(session):
        return see_other(ending(session))
    if session["status"] == OPEN and intent.get("status") == WAITING:
        return see_other(asked_at(intent, here(guest)))
    return see_other(here(guest))


async def _refused(guest: Guest, typed: Typed, error: StripeError) -> web.Response:
    at = await place(guest)
    if at.answer["session"]["status"] != OPEN:
        return _after(guest, at)
    if error.status not in REFUSED:
        raise error
    words = at.words
    if error.status == 402:
        code = str(error.extra.get("decline_code") or error.code or "")
        told = _declined(words, code, error.extra)
        type = method_entry.chosen(at.answer["types"], typed.values.get("type"))
        field = method_forms.placed(error, type["fields"] if type else [])
        if field and told == method_forms.problem(words, code, ""):
            return _drawn(guest, at, typed._replace(problems={field: code}), 402)
        return _drawn(guest, at, typed._replace(problem=told), 402)
    if error.code == "checkout_amount_mismatch":
        changed = words.gettext("The total has changed since this page was opened. Check it, and try again.")
        return _drawn(guest, at, typed._replace(problem=changed), 409)
    why = words.gettext("That did not work, and nothing was changed. Please try again.")
    if error.code == "checkout_amount_missing":
        why = words.gettext("Choose an amount first.")
    return _drawn(guest, at, typed._replace(problem=why), 400)


async def adjust(guest: Guest) -> web.Response:
    """Change what the customer may change: a promotion code, quantities, amounts they choose, the way of shipping."""
    fields = await guest.form(proof(guest))
    at = await place(guest)
    if at.answer["session"]["status"] != OPEN:
        return _after(guest, at)
    wish, field = _wish(at, fields)
    words = at.words
    if wish is not None:
        try:
            await guest.ask(at.space, "checkout:adjust", session=guest.part("session"), **wish)
        except StripeError as error:
            if error.status != 400:
                raise
        else:
            return see_other(here(guest))
    wrong = words.gettext("This code is invalid.")
    if field != "promotion_code":
        wrong = words.gettext("This is not right. Check what you typed.")
    typed = {**fields, field: fields.get("quantity", fields.get("amount", ""))} if field != "promotion_code" else fields
    return _drawn(guest, at, Typed(typed, {field: wrong}, adjusting=True), 400)


def _wish(at: Place, fields: dict[str, str]) -> tuple[Doc | None, str]:
    """Return the change that a form asks for, None when it cannot be meant, and the field at which a refusal is told."""
    if "remove_code" in fields:
        return {"promotion_code": None}, "promotion_code"
    if "shipping_rate" in fields:
        return {"shipping_rate": fields["shipping_rate"]}, "shipping_rate"
    item = fields.get("item", "")
    if item in {one["id"] for one in at.answer["items"]}:
        if "amount" in fields:
            chosen = checkout_order.minor(fields["amount"], at.answer["session"]["currency"])
            return ({"line_items": [{"id": item, "amount": chosen}]} if chosen is not None else None), item
        text = fields.get("quantity", "").strip()
        right = text.isascii() and text.isdecimal() and len(text) < 7
        return ({"line_items": [{"id": item, "quantity": int(text)}]} if right else None), item
    code = fields.get("promotion_code", "").strip()
    return ({"promotion_code": code} if code else None), "promotion_code"
