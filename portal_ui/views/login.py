"""Decides what the login pages are given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.fields import Entry
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Form, Frame


@drawn_by("login.html")
@dataclass(frozen=True, slots=True)
class Login:
    """``login.html``: asks for the address that a code is sent to."""

    frame: Frame
    lead: str
    problem: str | None
    form: Form
    email: Entry


@drawn_by("login_code.html")
@dataclass(frozen=True, slots=True)
class LoginCode:
    """``login_code.html``: takes the code; ``over`` is why it cannot be used any more, then only another one helps."""

    frame: Frame
    done: str | None
    lead: str
    over: str | None
    form: Form
    code: Entry
    resend: Form
    back_url: str
    mailbox_url: str | None
