"""Decides what goes over the wire: headers as the real API sends them, and refusals turned into bodies (recorded 2026-08)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.http import SERVER_SOFTWARE
from multidict import CIMultiDict

from emulator.kernel.clock import http_date

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

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

BODILESS = (204, 304)
_HEAD = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in STATIC)


class Reply(web.StreamResponse):
    """A 200 whose head is printed here and goes out in one piece with its body.

    What is the same in every head is printed once and not gone through header by header for each answer. The rare turns of
    HTTP (HEAD, 1.0, a connection that ends) are left to the library's own response.
    """

    # Instead of what the library's constructor puts together for each response: this one has no headers to be changed.
    _status = 200
    _reason = "OK"
    _writer: AbstractStreamWriter | None = None
    _whole: web.Response | None = None

    def __init__(self, body: bytes, own: dict[str, str]) -> None:
        self.body = body
        self.own = own

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection goes on: with a head printed here, always."""
        return True if self._whole is None else self._whole.keep_alive

    @property
    def prepared(self) -> bool:
        """Whether this response has been given to a connection."""
        return self._writer is not None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Take the connection that this goes to."""
        if request.version != HttpVersion11 or not request.keep_alive or request.method == "HEAD":
            self._whole = whole(self.body, 200, self.own)
            return await self._whole.prepare(request)
        self._writer = request.writer
        return self._writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Send everything."""
        if self._whole is not None:
            await self._whole.write_eof(data)
        elif self._writer is not None:
            await self._writer.write_eof(self.printed())

    def printed(self) -> bytes:
        """Return head and body as they go over an HTTP/1.1 connection that goes on."""
        own = "".join([f"{name}: {value}\r\n" for name, value in self.own.items()])
        head = f"{_HEAD}{own}Content-Length: {len(self.body)}\r\nDate: {http_date()}\r\n\r\n"
        return head.encode() + self.body


def printed(response: web.StreamResponse) -> bytes | None:
    """Return head and body of a whole response as they go over an HTTP/1.1 connection that goes on; None where more is asked for."""
    body = response.body if response.__class__ is web.Response else None
    if body.__class__ is not bytes or response._cookies:  # noqa: SLF001  # looking for them makes some
        return None
    if response.chunked or response.compression or response.keep_alive is False:
        return None
    headers = response.headers
    if response.status not in BODILESS:
        headers[hdrs.CONTENT_LENGTH] = str(len(body))
    headers.setdefault(hdrs.DATE, http_date())
    headers.setdefault(hdrs.SERVER, SERVER_SOFTWARE)
    own = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if own.count("\n") != len(headers) or own.count("\r") != len(headers):
        return None  # the library refuses such a header
    return f"HTTP/1.1 {response.status} {response.reason}\r\n{own}\r\n".encode() + body


def whole(body: bytes, status: int, own: dict[str, str]) -> web.Response:
    """Return a response of any status with Stripe's headers and the answer's own; one that says so ends the connection."""
    response = web.Response(body=body, status=status, headers=CIMultiDict((*STATIC, *own.items())))
    if own.get("Connection") == "close":
        response.force_close()
    return response


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
) -> Reply | web.Response:
    """Return a response with Stripe's headers; ``original`` is the first request's id of a replay."""
    own = {"Request-Id": request_id, "Stripe-Version": version}
    if idempotency_key is not None:
        own["Idempotency-Key"] = idempotency_key
        own["Original-Request"] = original or request_id
        own["Stripe-Should-Retry"] = "false"
        if original is not None:
            own["Idempotent-Replayed"] = "true"
    if account is not None:
        own["Stripe-Account"] = account
    if more:
        own.update(more)
    # What a caller chose is repeated in a printed head only where it cannot be taken for more than one line.
    plain = version.isprintable() and (len(own) == 2 or all(value.isprintable() for value in own.values()))
    if status == 200 and plain:
        return Reply(body, own)
    return whole(body, status, own)
