"""Decides how a document becomes a PDF: set by typst with the fonts of this package, in a thread, the same bytes for the same words."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from portal_ui.documents.contents import Document

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "document.typ"
STANDARD = "ua-1"  # tagged, with title and language, so that readers for the blind can follow it
_LOCK = threading.Lock()


def available() -> bool:
    """Say whether PDFs can be made here: typst is the extra ``pdf``."""
    return importlib.util.find_spec("typst") is not None


@cache
def _compiler() -> Any:
    """Return the typesetter with fonts and source read once."""
    import typst

    return typst.Compiler(str(SOURCE), root=str(FOLDER), font_paths=[str(FOLDER / "fonts")], ignore_system_fonts=True)


def _set(words: bytes, instant: int) -> bytes:
    import typst

    given = {"format": "pdf", "sys_inputs": {"data": words.decode()}, "timestamp": instant}
    with _LOCK:
        try:
            made: bytes = _compiler().compile(**given, pdf_standards=[STANDARD])
        except typst.TypstError:
            # A sign that no font here has, such as an emoji in a name, is against the standard: then without it.
            made = _compiler().compile(**given)
    return made


def _made(document: Document) -> bytes:
    import typst

    try:
        return _set(orjson.dumps(document.words), document.instant)
    except typst.TypstError:
        if document.words["logo"] is None:
            raise
        # A picture that looked whole and is not.
        return _set(orjson.dumps({**document.words, "logo": None}), document.instant)


async def pdf(document: Document) -> bytes:
    """Return a document as PDF; other requests are answered meanwhile."""
    return await asyncio.to_thread(_made, document)
