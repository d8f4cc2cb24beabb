"""Decides what somebody sees whose link to an invoice has had its time, and how another one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import contacts, frame, links, render
from portal_ui.hosted import Guest, mailbox
from portal_ui.session import see_other
from portal_ui.views.bills import InvoiceExpired
from portal_ui.views.fields import Entry
from portal_ui.views.shared import Form

GONE, REFUSED = 410, 400
LONGEST_EMAIL = 200
SENT = "sent"


def expired(guest: Guest, told: Mapping[str, Any], typed: str = "", *, wrong: bool = False) -> web.Response:
    """Return the page that asks for the address to which a new link goes; ``told`` are the refusal's facts."""
    account: Doc = told["account"] or {}
    words = guest.words(None)
    heading = words.gettext("This invoice link has expired")
    sent = SENT in guest.request.query and not wrong
    page = InvoiceExpired(
        frame=frame.drawn(
            words,
            title=heading,
            account=account,
            configuration={},
            headline=False,
            return_url=None,
            home_url=None,
            test=not told["livemode"],
        ),
        heading=heading,
        lead=words.gettext(
            "Links to invoices work for a limited time. Enter the email address that the invoice was sent to, and we"
            " send you a new one."
        ),
        sent=words.gettext("If the invoice was sent to this address, a new link is on its way.") if sent else None,
        form=Form(f"/i/{guest.part('account')}/{guest.part('token')}/link", guest.code(_proof(guest))),
        email=Entry(
            "email",
            "email",
            words.gettext("Email"),
            typed,
            kind="email",
            autocomplete="email",
            limit=LONGEST_EMAIL,
            needed=True,
            problem=words.gettext("Enter an email address, for example name@example.com.") if wrong else None,
        ),
        mailbox_url=mailbox(guest.space(), livemode=told["livemode"]) if sent else None,
        contacts=contacts.links(account),
        contact_label=contacts.label(words, account),
    )
    return render.response(words, page, REFUSED if wrong else GONE)


async def send(guest: Guest) -> web.Response:
    """Mail a new link; whether the address is the customer's makes no difference that can be seen."""
    fields = await guest.form(_proof(guest))
    token, email = guest.part("token"), fields.get("email", "")
    try:
        await guest.ask(guest.space(), "invoice:page", token=token)
    except StripeError as error:
        if error.code != "invoice_link_expired":
            raise
        told = error.extra
    else:
        return see_other(f"/i/{guest.part('account')}/{token}")
    words = guest.words(None)
    query = links.mailed(guest.secret, token, told["now"], words.tag)
    try:
        await guest.ask(guest.space(), "invoice:send_link", token=token, email=email, query=query, language=words.tag)
    except StripeError as error:
        if not error.extra.get("fields"):
            raise
        return expired(guest, told, email[:LONGEST_EMAIL], wrong=True)
    return see_other(f"/i/{guest.part('account')}/{token}?{SENT}=1")


def _proof(guest: Guest) -> str:
    return f"invoice link {guest.part('token')}"
