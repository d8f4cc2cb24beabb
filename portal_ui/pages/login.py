"""Decides what the login pages show: an address is asked for, then the code that was sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import frame, i18n, render
from portal_ui.hosted import Guest, mailbox, nowhere
from portal_ui.i18n import Words
from portal_ui.session import see_other
from portal_ui.views.fields import Entry
from portal_ui.views.login import Login, LoginCode
from portal_ui.views.shared import Form, Frame

# An address that nobody has takes as long as one that somebody has: no answer comes sooner than this (seconds).
AT_LEAST = 0.05
PREFILLED = "prefilled_email"  # docs.stripe.com/customer-management/activate-no-code-customer-portal
RESEND, RESENT = "resend", "sent"
FORGOTTEN = "failed"  # the code that was typed in is so old that nothing is known of it any more
LONGEST_EMAIL, CODE_LENGTH = 512, 6
REFUSED, GONE, TOO_MANY = 400, 404, 429


async def login(guest: Guest) -> web.Response:
    """Ask for the address."""
    _, answer = await _answer(guest, "portal:login")
    return _asked(guest, answer, guest.request.query.get(PREFILLED, "")[:LONGEST_EMAIL])


async def send(guest: Guest) -> web.Response:
    """Send a code, and show where it is typed in; whether the address is known makes no difference that can be seen."""
    fields = await guest.form(_proof(guest))
    email = fields.get("email", "").strip()
    try:
        attempt = await _sent(guest, email)
    except StripeError as error:
        if error.status not in {REFUSED, TOO_MANY}:
            raise
        _, answer = await _answer(guest, "portal:login")
        return _asked(guest, answer, email, error)
    return see_other(_place(guest, attempt))


async def code(guest: Guest) -> web.Response:
    """Ask for the code."""
    space, answer = await _answer(guest, "portal:login_attempt", attempt=guest.part("attempt"))
    return _code_page(guest, space, answer)


async def enter(guest: Guest) -> web.Response:
    """Begin the session of the right code, or send another one."""
    fields = await guest.form(_proof(guest))
    attempt = guest.part("attempt")
    try:
        space, answer = await _answer(guest, "portal:login_attempt", attempt=attempt)
    except StripeError as error:
        if error.status != GONE:
            raise
        return see_other(_place(guest, **{FORGOTTEN: "1"}))
    try:
        if RESEND in fields:
            return see_other(_place(guest, await _sent(guest, answer["email"]), **{RESENT: "1"}))
        begun = await guest.ask(
            space, "portal:login_finish", token=guest.part("token"), attempt=attempt, code=fields.get("code", "")
        )
    except StripeError as error:
        if error.status not in {REFUSED, TOO_MANY}:
            raise
        _, answer = await _answer(guest, "portal:login_attempt", attempt=attempt)
        return _code_page(guest, space, answer, error)
    # Only the path: the reader may have come by another name of this machine, and forms lead to the same one only.
    return see_other(urlsplit(begun["url"]).path)


async def _answer(guest: Guest, operation: str, **params: Any) -> tuple[Any, Doc]:
    """Return the world of the address and what an operation answers; raises 404."""
    space = guest.engine.space_of_token(guest.part("token"))
    if space is None:
        raise nowhere()
    return space, await guest.ask(space, operation, token=guest.part("token"), **params)


async def _sent(guest: Guest, email: str) -> str:
    """Ask for a code and return the secret of the page that takes it, never sooner than ``AT_LEAST``."""
    locale = i18n.CHOSEN.get() or guest.request.query.get("locale")
    given = {"email": email, "language": _chosen(guest, None), "locale": locale}
    (_, answer), _ = await asyncio.gather(_answer(guest, "portal:login_code", **given), asyncio.sleep(AT_LEAST))
    secret: str = answer["attempt"]
    return secret


def _asked(guest: Guest, answer: Doc, email: str, error: StripeError | None = None) -> web.Response:
    words = _words(guest, answer)
    business = frame.business_name(answer["account"])
    lead = (
        words.gettext(
            "Enter your email address, and we send you a code to log in to your billing with %(business)s.",
            business=business,
        )
        if business
        else words.gettext("Enter your email address, and we send you a code to log in to your billing.")
    )
    wrong = error is not None and error.status == REFUSED
    problem = _over(words, "expired") if FORGOTTEN in guest.request.query else None
    page = Login(
        frame=_frame(words, answer, words.gettext("Log in")),
        lead=lead,
        problem=_too_many(words, error) if error is not None and not wrong else problem,
        form=Form(_here(guest), guest.code(_proof(guest))),
        email=Entry(
            "email",
            "email",
            words.gettext("Email"),
            email,
            kind="email",
            autocomplete="email",
            limit=LONGEST_EMAIL,
            needed=True,
            focused=True,
            problem=words.gettext("Enter an email address, for example name@example.com.") if wrong else None,
        ),
    )
    return render.response(words, page, error.status if error is not None else 200)


def _code_page(guest: Guest, space: Any, answer: Doc, error: StripeError | None = None) -> web.Response:
    words = _words(guest, answer)
    over = _over(words, answer["over"])
    if error is not None and error.status == TOO_MANY:
        over = _too_many(words, error)
    wrong = error is not None and error.code == "login_code_wrong"
    page = LoginCode(
        frame=_frame(words, answer, words.gettext("Check your email")),
        done=words.gettext("We sent you another code.") if RESENT in guest.request.query and error is None else None,
        lead=words.gettext("Enter the code we sent to %(email)s.", email=answer["email"]),
        over=over,
        form=Form(_here(guest), guest.code(_proof(guest))),
        code=Entry(
            "code",
            "code",
            words.gettext("Code"),
            "",
            autocomplete="one-time-code",
            limit=CODE_LENGTH * 2,  # it may be typed with gaps
            needed=True,
            focused=True,
            problem=_wrong(words, error) if wrong else None,
        ),
        resend=Form(_here(guest), guest.code(_proof(guest))),
        back_url=_place(guest),
        mailbox_url=mailbox(space, livemode=answer["livemode"]),
    )
    return render.response(words, page, error.status if error is not None else 200)


def _wrong(words: Words, error: StripeError | None) -> str:
    left = int(error.extra.get("left") or 0) if error is not None else 0
    return words.ngettext(
        "That is not the code. You can try %(num)s more time.",
        "That is not the code. You can try %(num)s more times.",
        left,
    )


def _over(words: Words, why: str | None) -> str | None:
    told = {
        "expired": words.gettext("This code has expired. Ask for another one."),
        "locked": words.gettext("This code was tried too often. Ask for another one."),
    }
    return told.get(why or "")


def _too_many(words: Words, error: StripeError | None) -> str:
    seconds = int(error.extra.get("retry_after") or 0) if error is not None else 0
    return words.ngettext(
        "Too many codes were asked for. Try again in %(num)s minute.",
        "Too many codes were asked for. Try again in %(num)s minutes.",
        max(1, -(-seconds // 60)),
    )


def _chosen(guest: Guest, session: Mapping[str, Any] | None) -> str:
    accept = guest.request.headers.get("Accept-Language", "")
    return i18n.choose(guest.request.query.get("locale") or (session or {}).get("locale"), (), accept)


def _words(guest: Guest, answer: Doc) -> Words:
    """Return the language: the address's, else that of the session to be replaced, else the browser's."""
    return i18n.words(_chosen(guest, answer["session"]))


def _frame(words: Words, answer: Doc, title: str) -> Frame:
    session = answer["session"] or {}
    return frame.drawn(
        words,
        title=f"{title} · {words.gettext('Billing')}",
        account=answer["account"] or {},
        configuration=answer["configuration"],
        return_url=session.get("return_url") or answer["configuration"].get("default_return_url"),
        home_url=None,
        test=not answer["livemode"],
    )


def _proof(guest: Guest) -> str:
    """Return what a form's code stands for: the login address, and the page of one code."""
    return f"login {guest.part('token')} {guest.request.match_info.get('attempt', '')}"


def _here(guest: Guest) -> str:
    attempt = guest.request.match_info.get("attempt")
    return _place(guest, attempt)


def _place(guest: Guest, attempt: str | None = None, **more: str) -> str:
    """Return the address of the login page, or of the page of one code, in the language that the address names."""
    path = f"/p/login/{guest.part('token')}" + (f"/{attempt}" if attempt else "")
    query = {**more, **({"locale": guest.request.query["locale"]} if "locale" in guest.request.query else {})}
    return str(guest.request.url.with_path(path).with_query(query).relative())
