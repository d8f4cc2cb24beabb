"""Decides how a connection breaks when a test wants it to: reset without an answer, or closed in the middle of one."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from emulator.operations.broken import BrokenConnectionError

# Closing with a linger time of zero sends a reset instead of a proper end.
_RESET = struct.pack("ii", 1, 0)
NO_ANSWER = 599  # what the log of requests shows as the status of a connection that was reset (a choice)


async def cut(request: web.Request, broken: BrokenConnectionError, whole: web.Response | None) -> web.StreamResponse:
    """Break the connection of ``request``, after half of ``whole`` when there is one; returns what the log is to show."""
    if whole is None:
        if request.transport is not None:
            line = request.transport.get_extra_info("socket")
            if line is not None:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            request.transport.abort()
        return web.Response(status=NO_ANSWER, reason=broken.name)
    body = whole.body if isinstance(whole.body, bytes) else b""
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(body)
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return part
