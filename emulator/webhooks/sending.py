"""Decides how one webhook request is made and what of its answer is kept."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from emulator.kernel.clock import monotonic
from emulator.kernel.documents import Doc
from emulator.webhooks.answers import TIMEOUT, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

# How much of an answer's body is kept (a choice).
KEPT_BYTES = 65_536
# As captured from the real sender in 2025-05 (facts billing 9.3).
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    "Accept": "*/*; q=0.5, application/xml",
    "Cache-Control": "no-cache",
    "Accept-Encoding": "gzip",
}


class Sender:
    """One client session for all webhooks, opened when the first one leaves."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._verified: ssl.SSLContext | None = None

    async def close(self) -> None:
        """Close the session and its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post ``body`` to ``url``; never raises for what receiver or network do. Redirects are not followed."""
        import aiohttp

        session = self._open()
        # The library's own contexts may have been made without certificates to save start-up time: bring our own.
        verified = await self._context() if url.startswith("https:") else True
        started = monotonic()
        try:
            async with session.post(url, data=body, headers=headers, ssl=verified, allow_redirects=False) as reply:
                text = await _start_of(reply.content)
                status, kept = reply.status, dict(reply.headers)
            good = 200 <= status < 300
            response: Doc | None = {"status": status, "headers": kept, "body": text.decode(errors="replace")}
            error = None if good else f"the receiver answered {status}"
        except TimeoutError:
            good, response, error = False, None, f"no answer within {self._timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            good, response, error = False, None, str(failure) or type(failure).__name__
        return Answer(good, round((monotonic() - started) * 1000), response, error)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=0, use_dns_cache=True),
            )
        return self._session

    async def _context(self) -> ssl.SSLContext:
        """Return a context that trusts the system's certificates; loading them takes 50 ms, so a thread does it."""
        if self._verified is None:
            self._verified = await asyncio.to_thread(ssl.create_default_context)
        return self._verified


async def _start_of(content: aiohttp.StreamReader) -> bytes:
    parts: list[bytes] = []
    left = KEPT_BYTES
    while left > 0 and (part := await content.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
