"""Decides what goes over the wire: headers as the real API sends them, and refusals turned into bodies (recorded 2026-08)."""

from __future__ import annotations

from aiohttp import web
from multidict import CIMultiDict

STATIC = (
    ("Content-Type", "application/json"),
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
    ),
    ("Access-Control-Max-Age", "300"),
    ("Cache-Control", "no-cache, no-store"),
    (
        "Content-Security-Policy",
        "base-uri 'none'; default-src 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
    ),
    ("Server", "stripe-emulator"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
    ("Vary", "Origin"),
    ("X-Stripe-Routing-Context-Priority-Tier", "api-testmode"),
)


_BASE = CIMultiDict(STATIC)


def reply(
    body: bytes,
    request_id: str,
    version: str,
    *,
    status: int = 200,
    idempotency_key: str | None = None,
    original: str | None = None,
    account: str | None = None,
    more: dict[str, str] | None = None,
) -> web.Response:
    """Return a response with Stripe's headers; ``original`` is the first request's id of a replay."""
    headers = _BASE.copy()
    headers["Request-Id"] = request_id
    headers["Stripe-Version"] = version
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
        headers["Original-Request"] = original or request_id
        headers["Stripe-Should-Retry"] = "false"
        if original is not None:
            headers["Idempotent-Replayed"] = "true"
    if account is not None:
        headers["Stripe-Account"] = account
    if more:
        headers.update(more)
    return web.Response(body=body, status=status, headers=headers)
