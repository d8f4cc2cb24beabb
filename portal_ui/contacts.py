"""Decides how a customer reaches the merchant: the public support details of the account."""

from __future__ import annotations

import re

from emulator.kernel.documents import Doc
from portal_ui import frame
from portal_ui.i18n import Words
from portal_ui.views.shared import Link

_EMAIL = re.compile(r"[^\s<>\"'?&,;:]+@[^\s<>\"'?&,;:]+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,30}")


def links(account: Doc) -> tuple[Link, ...]:
    """Return mail, telephone and help page of a merchant, as far as they are known."""
    profile = account.get("business_profile") or {}
    found = []
    email, phone = profile.get("support_email"), profile.get("support_phone")
    if isinstance(email, str) and _EMAIL.fullmatch(email):
        found.append(Link(f"mailto:{email}", email))
    if isinstance(phone, str) and _PHONE.fullmatch(phone):
        found.append(Link("tel:" + re.sub(r"[^+0-9]", "", phone), phone))
    if url := frame.safe_url(profile.get("support_url")):
        found.append(Link(url, url))
    return tuple(found)


def label(words: Words, account: Doc) -> str:
    """Return the words before the ways to reach the merchant."""
    business = frame.business_name(account)
    if business:
        return words.gettext("Questions? Contact %(business)s:", business=business)
    return words.gettext("Questions? Contact us:")
