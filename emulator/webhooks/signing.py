"""Decides the ``Stripe-Signature`` header of a webhook."""

from __future__ import annotations

import hmac
from collections.abc import Sequence


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of ``<timestamp>.<body>``; the key is the whole ``whsec_...`` text."""
    return hmac.new(secret.encode(), b"%d.%s" % (timestamp, body), "sha256").hexdigest()


def header(secrets: Sequence[str], timestamp: int, body: bytes, *, fake: str | None = None) -> str:
    """Return ``t=...,v1=...``: one ``v1`` for each secret that is valid at ``timestamp`` (unix seconds).

    ``fake`` adds the ``v0`` scheme that test events carry beside the real one; receivers ignore it
    (docs.stripe.com/webhooks/signatures).
    """
    parts = [f"t={timestamp}", *(f"v1={signature(secret, timestamp, body)}" for secret in secrets)]
    if fake is not None:
        parts.append(f"v0={signature(fake, timestamp, body)}")
    return ",".join(parts)
