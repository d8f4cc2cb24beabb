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

REVISION = "3"  # raise it when the sheet's rules change: names are cached for a year
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_NAME = re.compile(
    r"(brand|sample)-([0-9a-f]{6})-([0-9a-f]{6})(?:-([a-z_0-9]{1,32})\.([a-z]{1,16}))?-([0-9a-f]{8})\.css"
)
# What a sheet dresses: the whole page, or the small picture of one that the owner sees.
ROOTS = {"brand": ":root", "sample": ".sample"}
BODIES = {"brand": "body", "sample": ".sample"}
# Fonts by the names of Checkout's `font_family`. Nothing is fetched: a family stands for a kind of system font.
DEFAULT_FONT, DEFAULT_CORNERS = "default", "rounded"
SERIF = frozenset({"bitter", "hahmlet", "lora", "noto_serif", "pridi", "pt_serif", "roboto_slab"})
ROUND = frozenset({"m_plus_1_code", "nunito", "zen_maru_gothic"})
MONO = frozenset({"inconsolata", "ubuntu_mono"})
SANS = frozenset(
    {
        "be_vietnam_pro", "chakra_petch", "inter", "lato", "montserrat", "noto_sans", "noto_sans_jp", "open_sans",
        "pt_sans", "raleway", "roboto", "source_sans_pro", "titillium_web",
    }
)  # fmt: skip
_EAST = '"Noto Sans CJK JP","Noto Sans JP","Hiragino Sans","Noto Sans CJK SC","Noto Sans CJK KR","Noto Sans Thai"'
STACKS = {
    SERIF: f'ui-serif,Georgia,Cambria,"Noto Serif","Liberation Serif","Times New Roman","Noto Serif CJK JP",{_EAST},serif',
    ROUND: f'ui-rounded,"Hiragino Maru Gothic ProN",Nunito,Quicksand,"Arial Rounded MT Bold",system-ui,"Noto Sans",{_EAST},sans-serif',
    MONO: f'ui-monospace,SFMono-Regular,Menlo,"Noto Sans Mono","DejaVu Sans Mono","Liberation Mono",{_EAST},monospace',
}
# Corners by the names of Checkout's `border_style`.
CORNERS = {"rectangular": "0px", "pill": "22px", DEFAULT_CORNERS: ""}
_FAINT = 1.5  # a ground that lies on white with less contrast gets an edge

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


def style(account: Doc) -> tuple[str, str]:
    """Return font and corners of an account by Checkout's names; what is not known is the default."""
    branding: Any = at(account, "settings.branding") or {}
    font, corners = branding.get("font_family"), branding.get("border_style")
    known = any(font in kind for kind in (SERIF, ROUND, MONO, SANS)) if isinstance(font, str) else False
    return (
        font if known else DEFAULT_FONT,
        corners if isinstance(corners, str) and corners in CORNERS else DEFAULT_CORNERS,
    )


def _styled(root: str, font: str, corners: str) -> str:
    """Return the rules for font and corners; nothing for the default ones."""
    stack = next((found for names, found in STACKS.items() if font in names), "")
    rules = f"{BODIES[root]}{{font-family:{stack}}}\n" if stack else ""
    if radius := CORNERS[corners]:
        rules += f"{ROOTS[root]}{{--round:{radius}}}\n"
    if corners == "rectangular":
        rules += ".badge,.boxed,.icon,.ask,.fold,.mark,fieldset{border-radius:0!important}\n"
    return rules


def _edges(root: str, brand: str, accent: str) -> str:
    """Return the rules for a panel or buttons that would not be seen on white."""
    panel, button = (".sample-panel", ".sample .primary") if root == "sample" else (".panel", ".primary")
    rules = f"{panel}{{box-shadow:0 0 0 1px #d5dbe3}}\n" if contrast(brand, WHITE) < _FAINT else ""
    return rules + (f"{button}{{border-color:#8792a2}}\n" if contrast(accent, WHITE) < _FAINT else "")


@lru_cache(256)
def sheet(
    brand: str, accent: str, font: str = DEFAULT_FONT, corners: str = DEFAULT_CORNERS, root: str = "brand"
) -> str:
    """Return the style sheet that defines the colour properties of one merchant, with font and corners."""
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
    own = ROOTS[root] + "{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"
    return own + _edges(root, brand, accent) + _styled(root, font, corners)


@lru_cache(256)
def _stamp(*parts: str) -> str:
    return hashlib.sha256("-".join((REVISION, *parts)).encode()).hexdigest()[:8]


def sheet_name(account: Doc, root: str = "brand") -> str:
    """Return the file name of an account's style; all of it is in the name, so any process can serve it.

    ``root`` is ``brand`` for a page, ``sample`` for the small picture of one.
    """
    brand, accent = colours(account)
    font, corners = style(account)
    plain = (font, corners) == (DEFAULT_FONT, DEFAULT_CORNERS)
    more = "" if plain else f"-{font}.{corners}"
    return f"{root}-{brand[1:]}-{accent[1:]}{more}-{_stamp(root, brand, accent, font, corners)}.css"


def sheet_of_name(name: str) -> str | None:
    """Return the style sheet that a name stands for, or None when the name was not made here."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    root, brand, accent = match[1], f"#{match[2]}", f"#{match[3]}"
    font, corners = match[4] or DEFAULT_FONT, match[5] or DEFAULT_CORNERS
    return sheet(brand, accent, font, corners, root) if match[6] == _stamp(root, brand, accent, font, corners) else None


def image(account: Doc, which: str) -> str | None:
    """Return the source of the ``logo`` or ``icon`` when it can be shown without asking another host.

    Answers of operations hold addresses of our own for uploads; a bare file id has no content: the monogram is drawn.
    """
    value: Any = at(account, f"settings.branding.{which}")
    if isinstance(value, dict):
        value = value.get("url")
    if not isinstance(value, str):
        return None
    return value if value.startswith(("data:image/", "/")) and not value.startswith("//") else None
