"""Decides by which names of the server its control calls and Dashboard pages may be asked for: not by those of a stranger's site.

A site that lets its own name lead to this machine (DNS rebinding) is, for a browser, the same site as this server: neither
``Sec-Fetch-Site`` nor ``Origin`` tells. Its name does, which every browser sends as ``Host`` and no page can change. What
nobody can own on the public internet is answered to: addresses, ``localhost``, names of one word such as a service of
docker-compose has, and endings that are reserved for private use. Others are to be named with ``--allowed-host``. The API
itself (``/v1``) and the pages whose links cannot be guessed answer to any name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from emulator.control.call import PREFIX, reply
from emulator.control.errors import ControlError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GUARDED: Final = (PREFIX, "/dashboard", "/customer-portal-demo")
ANY: Final = "*"
# RFC 6761, RFC 6762, RFC 8375 and ICANN's resolution of 2024-07-29 on .internal: never delegated to anybody.
PRIVATE: Final = (".localhost", ".local", ".internal", ".test", ".home.arpa")


def name_of(host: str) -> str:
    """Return the name in a ``Host`` header: in lower case, without the port, brackets and the dot of the root."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def is_private(name: str) -> bool:
    """Say whether a name is one that nobody can have on the public internet."""
    if "." not in name or name.endswith(PRIVATE):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Hosts:
    """The names that one server answers to; ``*.example.com`` stands for all names below that one, ``*`` for all."""

    def __init__(self, allowed: Iterable[str] = (), base_url: str = "") -> None:
        own = urlsplit(base_url).hostname or ""
        self._names = {one.lower().rstrip(".") for one in allowed} | {own}

    def knows(self, host: str) -> bool:
        """Say whether the server answers to a ``Host`` header."""
        name = name_of(host)
        if is_private(name) or name in self._names or ANY in self._names:
            return True
        return any(name.endswith(one[1:]) for one in self._names if one.startswith("*."))


def unknown_name(name: str) -> ControlError:
    """Build the refusal of a name that is none of this server's."""
    return ControlError(
        f"this server does not answer to the name {name}",
        status=403,
        hint=f"if it is yours, start the server with --allowed-host {name}; localhost and IP addresses always work",
    )


def guard(hosts: Hosts) -> Middleware:
    """Return the middleware that refuses strangers' names (403) where it matters, and looks at nothing else."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host")
        if host is not None and request.path.startswith(GUARDED) and not hosts.knows(host):
            refusal = unknown_name(name_of(host))
            if request.path.startswith(PREFIX):
                return reply(refusal.body(), refusal.status)
            return web.Response(status=refusal.status, text=f"Sorry, {refusal.message}: {refusal.hint}.\n")
        return await handler(request)

    return guarded
