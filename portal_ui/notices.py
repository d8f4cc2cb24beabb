"""Decides what a page says when it cannot be shown: dead link, forbidden act, wrong address, our own failure."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import contacts, frame, i18n, render
from portal_ui.i18n import Words
from portal_ui.views.shared import Frame, Link
from portal_ui.views.tasks import Notice

LIVE: ContextVar[bool] = ContextVar("live", default=False)  # whether the page that was asked for is one of live mode
_LIVE = re.compile(r"/(?:cs_)?live_")
CLOCK, LOCK, LOST, ALERT, DONE = "clock", "lock", "lost", "alert", "done"


def _frame(words: Words, title: str, home_url: str | None, **known: Any) -> Frame:
    account = known.get("account") or {"business_profile": {"name": known.get("business_name")}}
    return frame.drawn(
        words,
        title=title,
        account=account,
        configuration=known.get("configuration") or {},
        return_url=known.get("return_url"),
        home_url=home_url,
        test=not LIVE.get(),
    )


def says_live(path: str) -> bool:
    """Tell whether an address of ours is one of live mode: its token says so."""
    return _LIVE.search(path) is not None


def _words(accept: str) -> Words:
    return i18n.words(i18n.choose(None, (), accept))


def _why(words: Words, reason: Any) -> tuple[str, str, str]:
    """Return sign, heading and explanation of a dead session (own words: facts portal 2 has no recorded ones)."""
    if reason == "unused":
        return (
            CLOCK,
            words.gettext("This link has expired"),
            words.gettext("It was not opened within 5 minutes of being created, so it no longer works."),
        )
    if reason == "idle":
        return (
            CLOCK,
            words.gettext("Your session has expired"),
            words.gettext("You were away for an hour. To keep your billing details safe, we signed you out."),
        )
    if reason == "completed":
        return (
            DONE,
            words.gettext("You are all done"),
            words.gettext("This link was for one task, and that task is completed."),
        )
    return (
        LOST,
        words.gettext("This link is not valid"),
        words.gettext("It may have been copied only in part, or it may never have existed."),
    )


def _dead(words: Words, error: StripeError) -> web.Response:
    extra = error.extra
    sign, heading, why = _why(words, extra.get("reason"))
    around = _frame(words, heading, None, **extra)
    if around.business:
        way = words.gettext("Go back to %(business)s and open your billing page from there.", business=around.business)
    else:
        way = words.gettext("Go back to where you came from and open your billing page from there.")
    links = []
    if url := frame.safe_url(extra.get("login_url")):
        links.append(Link(url, words.gettext("Log in with your email")))
    page = Notice(around, sign, heading, (why, way), tuple(links), None)
    return render.response(words, page, 410)


def _outlived(words: Words, error: StripeError) -> web.Response:
    """Return the page of an invoice link after its time (own words: facts portal 8 has none)."""
    account = error.extra.get("account") or {}
    around = _frame(words, words.gettext("This invoice link has expired"), None, account=account)
    why = words.gettext("Links to invoices work for a limited time. Ask for a new one to see or pay this invoice.")
    page = Notice(around, CLOCK, around.title, (why,), contacts.links(account), None)
    return render.response(words, page, 410)


def refused(home: str | None, accept: str, error: StripeError) -> web.Response:
    """Return the page for a refusal of an operation."""
    words = _words(accept)
    if error.code == "invoice_link_expired":
        return _outlived(words, error)
    if error.status == 410:
        return _dead(words, error)
    if error.status == 404:
        return lost(home, accept)
    heading = words.gettext("This is not available")
    why = words.gettext("This action is turned off or does not apply to your subscription.") if home else ""
    status = error.status if error.status in {400, 402, 403, 409} else 403
    return _simple(words, LOCK, heading, why, home, status)


def lost(home: str | None, accept: str) -> web.Response:
    """Return the page for an address or an object that is none of this session's."""
    words = _words(accept)
    return _lost(words, _frame(words, words.gettext("Page not found"), home), home)


def lost_in(words: Words, answer: Doc, home: str) -> web.Response:
    """Return the same inside a living session, in its frame."""
    return _lost(words, frame.of_answer(words, answer, words.gettext("Page not found"), home), home)


def _lost(words: Words, around: Frame, home: str | None) -> web.Response:
    why = words.gettext("There is nothing at this address.")
    return _told(words, around, LOST, why, home, 404)


def forbidden(words: Words, answer: Doc, home: str) -> web.Response:
    """Return the page for an act that the configuration or the subscription does not permit."""
    heading = words.gettext("This is not available")
    why = words.gettext("This action is turned off or does not apply to your subscription.")
    # A flow that cannot be followed has no way back into the portal, only the one to the merchant.
    back = None if answer["session"].get("flow") else home
    return _told(words, frame.of_answer(words, answer, heading, home), LOCK, why, back, 403)


def forged(home: str | None, accept: str) -> web.Response:
    """Return the page for a form that was not sent from our page."""
    words = _words(accept)
    heading = words.gettext("This form is out of date")
    why = words.gettext("Nothing was changed. Open the page again and repeat the last step.")
    return _simple(words, LOCK, heading, why, home, 403)


def broken(home: str | None, accept: str, request_id: str) -> web.Response:
    """Return the page for a failure of our own."""
    words = _words(accept)
    heading = words.gettext("Something went wrong")
    why = words.gettext("Nothing was changed. Please try again in a moment.")
    return _simple(words, ALERT, heading, why, home, 500, request_id)


def _simple(
    words: Words, sign: str, heading: str, why: str, home: str | None, status: int, request_id: str | None = None
) -> web.Response:
    return _told(words, _frame(words, heading, home), sign, why, home, status, request_id)


def _told(
    words: Words, around: Frame, sign: str, why: str, home: str | None, status: int, request_id: str | None = None
) -> web.Response:
    links = (Link(home, words.gettext("Back to billing")),) if home else ()
    return render.response(words, Notice(around, sign, around.title, (why,), links, request_id), status)
