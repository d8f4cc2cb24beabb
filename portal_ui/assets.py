"""Decides how style sheets and scripts are delivered: under names that hold their content's hash, kept for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from portal_ui import branding

FOLDER = Path(__file__).parent / "static"
PREFIX = "/portal-assets/"
TYPES = {".css": "text/css", ".js": "text/javascript"}
# For machines that have no letters of their own for these languages; the style sheet names them last.
FONTS = frozenset({"NotoSansThai-Regular.ttf", "wqy-microhei.ttf"})
FONT_FOLDER = Path(__file__).parent / "documents" / "fonts"
FOREVER = "public, max-age=31536000, immutable"


SENT = {
    "Cache-Control": FOREVER,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Asset(NamedTuple):
    """One file as it is sent."""

    body: bytes
    content_type: str


def _parts(path: Path) -> list[Path]:
    """Return what else belongs into a file: those of its kind in the folder of its name, in the order of their names."""
    return sorted((FOLDER / path.stem).glob(f"*{path.suffix}"))


@cache
def _files() -> dict[str, Asset]:
    """Return what is served, by hashed name."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in TYPES:
            body = b"\n".join(part.read_bytes() for part in (path, *_parts(path)))
            name = f"{path.stem}-{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
            found[name] = Asset(body, TYPES[path.suffix])
    return found


@cache
def _font(name: str) -> Asset:
    return Asset((FONT_FOLDER / name).read_bytes(), "font/ttf")


@cache
def url(file: str) -> str:
    """Return the address of ``portal.css`` or ``portal.js``."""
    stem, _, suffix = file.partition(".")
    return next(PREFIX + name for name in _files() if name.startswith(f"{stem}-") and name.endswith(suffix))


def answer(name: str) -> web.Response:
    """Return the asset ``name``; colours of a merchant are a style sheet made from its name."""
    if name in FONTS:
        font = _font(name)
        return web.Response(body=font.body, content_type=font.content_type, headers=SENT)
    asset = _files().get(name)
    if asset is None:
        sheet = branding.sheet_of_name(name)
        if sheet is None:
            return web.Response(status=404, text="Not found", headers={"X-Content-Type-Options": "nosniff"})
        asset = Asset(sheet.encode(), "text/css")
    return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=SENT)
