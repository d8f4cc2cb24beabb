"""Decides the colours of the pages from a merchant's branding, so that every text stays readable (WCAG AA)."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

from emulator.kernel.documents import Doc, at

# Choices: what the pages wear when the account has no branding.
BRAND = "#20304f"
ACCENT = "#3a5bd0"
WHITE = "#ffffff"
INK = "#1a1f36"
BLACK = "#000000"
ENOUGH = 4.5  # WCAG 2.2, 1.4.3: contrast of text

REVISION = "2"  # raise it when the sheet's rules change: names are cached for a year
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_NAME = re.compile(r"brand-([0-9a-f]{6})-([0-9a-f]{6})-([0-9a-f]{8})\.css")

Rgb = tuple[int, int, int]


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Return the relative luminance as WCAG defines it (0 to 1)."""
    parts = [value / 255 for value in _rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, percent: int) -> str:
    """Return ``colour`` with ``percent`` of ``other`` in it."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{(a * (100 - percent) + b * percent + 50) // 100:02x}" for a, b in pairs)


def text_on(ground: str) -> str:
    """Return the text colour for a ground: white where it is readable, else ink, else black."""
    for colour in (WHITE, INK):
        if contrast(colour, ground) >= ENOUGH:
            return colour
    return BLACK


def readable(colour: str, ground: str) -> str:
    """Return ``colour``, moved towards black or white just as far as text of it on ``ground`` needs."""
    goal = BLACK if _luminance(ground) > 0.18 else WHITE
    for percent in range(0, 101, 5):
        tried = mixed(colour, goal, percent)
        if contrast(tried, ground) >= ENOUGH:
            return tried
    return goal


def colours(account: Doc) -> tuple[str, str]:
    """Return brand and accent colour of an account (``settings.branding``), or the defaults."""
    branding: Any = at(account, "settings.branding") or {}
    brand = _HEX.fullmatch(branding.get("primary_color") or "")
    accent = _HEX.fullmatch(branding.get("secondary_color") or "")
    first = f"#{brand[1].lower()}" if brand else BRAND
    return first, f"#{accent[1].lower()}" if accent else (readable(first, WHITE) if brand else ACCENT)


@lru_cache(256)
def sheet(brand: str, accent: str) -> str:
    """Return the style sheet that defines the colour properties of one merchant."""
    on_brand = text_on(brand)
    quiet = mixed(on_brand, brand, 25)
    link = readable(accent, WHITE)
    values = {
        "brand": brand,
        "brand-text": on_brand,
        "brand-quiet": quiet if contrast(quiet, brand) >= ENOUGH else on_brand,
        "brand-veil": mixed(brand, on_brand, 14),
        "accent": accent,
        "accent-text": text_on(accent),
        "accent-deep": mixed(accent, BLACK if text_on(accent) == WHITE else WHITE, 14),
        "link": link,
        "focus": accent + "66",
    }
    return ":root{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"


def _stamp(brand: str, accent: str) -> str:
    return hashlib.sha256(f"{REVISION}{brand}{accent}".encode()).hexdigest()[:8]


def sheet_name(account: Doc) -> str:
    """Return the file name of an account's colours; the colours are in it, so any process can serve it."""
    brand, accent = colours(account)
    return f"brand-{brand[1:]}-{accent[1:]}-{_stamp(brand, accent)}.css"


def sheet_of_name(name: str) -> str | None:
    """Return the style sheet that a name stands for, or None when the name was not made here."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    brand, accent = f"#{match[1]}", f"#{match[2]}"
    return sheet(brand, accent) if match[3] == _stamp(brand, accent) else None


def image(account: Doc, which: str) -> str | None:
    """Return the source of the ``logo`` or ``icon`` when it can be shown without asking another host.

    A file id stands for an upload whose content is not public: the monogram is drawn instead.
    """
    value: Any = at(account, f"settings.branding.{which}")
    if isinstance(value, dict):
        value = value.get("url")
    if not isinstance(value, str):
        return None
    return value if value.startswith(("data:image/", "/")) and not value.startswith("//") else None
