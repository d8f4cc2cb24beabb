"""Decides what browsers may do with a page: nothing from elsewhere, no frame, no copy kept, no address passed on."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

Response = TypeVar("Response", bound=web.StreamResponse)

# `form-action` also governs where an answer to a form may lead: a flow that ends at the merchant's own
# address has to leave by a link or a page, not by the redirect of a form.
POLICY = "; ".join(  # noqa: FLY002 - one directive a line
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    # The address is a credential: other hosts never see it. Our own pages do, so that forms carry an Origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}

# Pages that may be framed, by our own pages only: the empty one that scripts put the fields of a card into, and a bank's
# question as it stands on the way of a payment.
_FRAMED = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'self'"
FRAMED = {"Content-Security-Policy": _FRAMED, "X-Frame-Options": "SAMEORIGIN"}
# The page around it.
FRAMING = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
# A frame that holds nothing but another one.
NESTING = {**FRAMED, "Content-Security-Policy": f"{_FRAMED}; frame-src 'self'"}


def secured(response: Response) -> Response:
    """Return ``response`` with the headers of a page (facts portal 2: no framing, no CORS); its own go first."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response


def leaving(schemes: tuple[str, ...], *, framed: bool = False) -> dict[str, str]:
    """Return the policy of a page whose form ends at an address of one of ``schemes``, by way of any host.

    Browsers hold every redirect of a form's answer against ``form-action``, also those that the merchant's site adds.
    """
    way = "".join(("form-action 'self'", *(f" {scheme}:" for scheme in schemes)))
    if framed:
        return {**FRAMED, "Content-Security-Policy": f"{_FRAMED}; {way}"}
    return {"Content-Security-Policy": POLICY.replace("form-action 'self'", way)}
