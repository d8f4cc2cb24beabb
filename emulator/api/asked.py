"""Decides what of a request a call of the API is told: its head and its body; the library's own request where more is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import StreamReader, web
    from aiohttp.http import RawRequestMessage
    from multidict import CIMultiDictProxy


class Asked:
    """A call as it arrived. Nearly all of them are answered without the library's request, which takes longer to make."""

    __slots__ = ("_made", "_make", "content", "headers", "method", "raw_path")

    def __init__(
        self, message: RawRequestMessage, content: StreamReader, make: Callable[[Any, StreamReader], web.Request]
    ) -> None:
        self.method: str = message.method
        self.raw_path: str = message.path
        self.headers: CIMultiDictProxy[str] = message.headers
        self.content = content
        self._make = make
        self._made: web.Request | RawRequestMessage = message

    def whole(self) -> web.Request:
        """Return the library's request, made when it is asked for the first time."""
        make, made = self._make, self._made
        if make is not _there:
            self._made = made = make(made, self.content)
            self._make = _there
        return made  # type: ignore[return-value]


def _there(request: Any, _: StreamReader) -> Any:
    return request


def of(request: web.Request) -> Asked:
    """Return a request of the library as a call."""
    asked = Asked.__new__(Asked)
    asked.method, asked.raw_path = request.method, request.raw_path
    asked.headers, asked.content = request.headers, request.content
    asked._make, asked._made = _there, request  # noqa: SLF001  # a second constructor
    return asked
