"""Decides how a mail is kept: what it is about and the facts in it, never its words; those are the pages' (translations).

A mail is part of the unit of work that causes it, so that there is none when that fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_mail"
ID_LENGTH = 24
# Settings of an account that mails its customers: what about, and receipts, which have numbers with it.
EMAILS, RECEIPTS = "emails", "email_receipts"


def wanted(ctx: Context) -> bool:
    """Say whether the account mails its customers anything."""
    settings = ctx.settings
    return bool(settings.get(EMAILS) or settings.get(RECEIPTS))


def post(ctx: Context, about: str, to: str, *, locales: Iterable[str | None], facts: dict[str, Any]) -> Doc:
    """Put a mail into the world's mailbox.

    ``about`` is what kind of mail it is, ``to`` an address, ``locales`` the languages it may be in, best first.
    """
    mail = ctx.put(
        KIND,
        {
            "id": f"mail_{ctx.text(ID_LENGTH)}",
            "object": KIND,
            "about": about,
            "created": ctx.server_now,
            "facts": facts,
            "locales": [locale for locale in locales if locale],
            "to": to,
        },
    )
    ctx.mailed(mail)
    return mail
