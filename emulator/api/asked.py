"""Decides what of a request a call of the API is told: its head and its body; the library's own request where more is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import StreamReader, web


class Asked:
    """A call as it arrived. Nearly all of them are answered without the library's request, which takes longer to make."""

    __slots__ = ("_make", "_whole", "content", "headers", "method", "raw_path")

    def __init__(
        self,
        method: str,
        raw_path: str,
        headers: Mapping[str, str],
        content: StreamReader,
        make: Callable[[], web.Request],
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.headers = headers
        self.content = content
        self._make = make
        self._whole: web.Request | None = None

    def whole(self) -> web.Request:
        """Return the library's request, made when it is asked for the first time."""
        if self._whole is None:
            self._whole = self._make()
        return self._whole


def of(request: web.Request) -> Asked:
    """Return a request of the library as a call."""
    return Asked(request.method, request.raw_path, request.headers, request.content, lambda: request)
