"""Decides in what pieces a server asks the system for memory."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# What a world grows by: the C library asks for an eighth of a megabyte at a time otherwise, which is every ninth subscription,
# and each time costs a fifth of one (measured). It is used only as far as it is needed.
PIECE = 64 * 1024 * 1024
M_TOP_PAD = -2  # malloc.h of the GNU C library
LATER = 1.0  # seconds: the first callers do not wait for it


def ask_in_large_pieces(loop: AbstractEventLoop) -> None:
    """Have memory asked for in large pieces from soon on, where the C library can be told (GNU's)."""
    loop.call_later(LATER, _tell)


def _tell() -> bool:
    """Tell the C library; say whether it listened."""
    with suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes  # takes as long to load as several calls

        return bool(ctypes.CDLL(None).mallopt(M_TOP_PAD, PIECE))
    return False
