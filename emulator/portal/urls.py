"""Decides what counts as an address, and what the secret part of the portal's own addresses looks like (PURE)."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from emulator.portal import errors

SECRET_LENGTH = 32  # random characters inside the token; the account id before them says which world it belongs to
TAIL_LENGTH = 8
# Seen in live links: the token ends in a marker of its kind and a few more characters (facts portal 1.7).
SESSION_MARK = "0100"
LOGIN_MARK = "0300"  # choice: real login tokens are short, ours carry the account as the other links do
MODES = {True: "live", False: "test"}


def check_url(value: str | None, param: str) -> None:
    """Raise E15 unless ``value`` is None or an http or https address with a host (facts portal 1.8)."""
    if value is None:
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in value)
        good = good and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise errors.not_a_url(param)


def token(account: str, secret: str, mark: str) -> str:
    """Return the token of a link of ``account`` (``ctx.linked``) from its random text (``SECRET_LENGTH`` + ``TAIL_LENGTH`` characters)."""
    core = f"{account},_{secret[:SECRET_LENGTH]}"
    return base64.urlsafe_b64encode(core.encode()).decode().rstrip("=") + mark + secret[SECRET_LENGTH:]


def bare(shown: str) -> str:
    """Return the token without the ``test_`` or ``live_`` that stands before it in an address."""
    for mode in MODES.values():
        shown = shown.removeprefix(f"{mode}_")
    return shown


def account_of(shown: str) -> str | None:
    """Return the account that a token names, None for what is no token; the token itself is not checked."""
    core = bare(shown)[: -len(SESSION_MARK) - TAIL_LENGTH]
    try:
        text = base64.b64decode(core + "=" * (-len(core) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:  # not of the alphabet, or not text
        return None
    named, comma, _ = text.partition(",_")
    account = named.partition("@")[0]
    return account if comma and account.startswith("acct_") else None


def session_url(base: str, token: str, *, livemode: bool) -> str:
    """Return the address of a portal session (facts portal 1.7)."""
    return f"{base}/p/session/{MODES[livemode]}_{token}"


def login_url(base: str, token: str, *, livemode: bool) -> str:
    """Return the address of a configuration's login page (facts portal 13)."""
    return f"{base}/p/login/{MODES[livemode]}_{token}"
