"""Decides how a page links to an invoice, and for how long such a link counts as just shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

SHOWN, PLACE, LOCALE = "t", "s", "locale"
HOUR = 3600
FROM_LIST = "il"  # the mark of links from the portal's list (recorded 2024-07)
FROM_MAIL = "em"  # the mark of links from mails (docs.stripe.com/invoicing/hosted-invoice-page)


def invoice(secret: bytes, url: str | None, now: int, locale: str) -> str | None:
    """Return an invoice's address as the portal shows it at ``now`` (unix seconds), signed with ``secret``.

    Within an hour it is the same address.
    """
    return _invoice(secret, url, now - now % HOUR, locale) if url else None


def mailed(secret: bytes, token: str, now: int, locale: str) -> str:
    """Return the query of a link that is mailed at ``now`` (unix seconds), signed with ``secret``."""
    return urlencode({PLACE: FROM_MAIL, LOCALE: locale, SHOWN: f"{now}.{_signature(secret, token, now)}"})


@lru_cache(4096)
def _invoice(secret: bytes, url: str, now: int, locale: str) -> str:
    bare = urlsplit(url)._replace(query="", fragment="")
    token = bare.path.rpartition("/")[2]
    query = {PLACE: FROM_LIST, LOCALE: locale, SHOWN: f"{now}.{_signature(secret, token, now)}"}
    return bare._replace(query=urlencode(query)).geturl()


def shown_at(secret: bytes, token: str, query: Mapping[str, str]) -> int | None:
    """Return when one of our pages showed this link, None when no page of ours did."""
    text, _, signature = query.get(SHOWN, "").partition(".")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return None
    right = hmac.compare_digest(_signature(secret, token, int(text)).encode(), signature.encode())
    return int(text) if right else None


def _signature(secret: bytes, token: str, now: int) -> str:
    return hmac.new(secret, f"invoice {token} {now}".encode(), hashlib.sha256).hexdigest()[:24]
