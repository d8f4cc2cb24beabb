"""Decides whether a form came from our own page: each carries a code bound to its session by a secret of the server."""

from __future__ import annotations

import hashlib
import hmac

FIELD = "csrf_token"


def code(secret: bytes, token: str) -> str:
    """Return the form code of the session ``token``."""
    return hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()


def right(secret: bytes, token: str, given: object) -> bool:
    """Say whether ``given`` is the session's code, in constant time."""
    return isinstance(given, str) and hmac.compare_digest(code(secret, token).encode(), given.encode())
