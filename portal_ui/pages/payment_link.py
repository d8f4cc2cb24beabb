"""Decides where a payment link leads, what is said after a purchase by it, and how an expired session comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from emulator.kernel.errors import StripeError
from portal_ui import frame, notices, render
from portal_ui.hosted import Guest
from portal_ui.session import see_other
from portal_ui.views.tasks import Notice


async def opened(guest: Guest) -> web.Response:
    """Begin a session by a payment link, and show it."""
    query = guest.request.query
    names = ("prefilled_email", "client_reference_id", "locale", "prefilled_promo_code")
    given = {name: query[name][:200] for name in names if name in query}
    try:
        _, session = await guest.find("checkout:open_link", payment_link=guest.part("link"), **given)
    except StripeError as error:
        if error.code != "payment_link_inactive":
            raise
        return await _said(guest, notices.LOCK, error.message, None)
    return see_other(urlsplit(session["url"]).path)


async def thanked(guest: Guest) -> web.Response:
    """Say that a purchase by a link is done, in the merchant's words where there are some."""
    space, answer = await guest.find("checkout:link", payment_link=guest.part("link"))
    return await _said(guest, notices.DONE, answer["custom_message"], space)


async def _said(guest: Guest, sign: str, message: str | None, space: Any) -> web.Response:
    words = guest.words(None)
    if space is None:
        space, _ = await guest.find("checkout:link", payment_link=guest.part("link"))
    told = await guest.ask(space, "account:page")
    done = sign == notices.DONE
    heading = words.gettext("Thank you") if done else words.gettext("This link is not active")
    why = message or words.gettext("Your payment has been received.")
    shown = frame.drawn(
        words,
        title=heading,
        account=told["account"],
        configuration={},
        headline=False,
        return_url=None,
        home_url=None,
        test=not told["livemode"],
    )
    return render.response(words, Notice(shown, sign, heading, (why,), (), None), 200 if done else 410)


async def recovered(guest: Guest) -> web.Response:
    """Begin a new session in the place of an expired one."""
    _, session = await guest.find("checkout:recover", session=guest.part("session"))
    return see_other(urlsplit(session["url"]).path)
