"""Brands of every kind: fonts, corners, colours that would not be seen, and the picture that owners see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_ui import branding, frame, i18n

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
WORDS = st.one_of(st.none(), st.text(), st.sampled_from(sorted(branding.SERIF | branding.MONO | branding.ROUND)))


def account(**look: Any) -> dict[str, Any]:
    return {"settings": {"branding": look}}


@given(brand=HEX, accent=HEX, font=WORDS, corners=WORDS, root=st.sampled_from(["brand", "sample"]))
def test_a_sheets_name_says_all_of_it(brand: str, accent: str, font: Any, corners: Any, root: str) -> None:
    dressed = account(primary_color=brand, secondary_color=accent, font_family=font, border_style=corners)
    name = branding.sheet_name(dressed, root)
    assert re.fullmatch(r"[a-z0-9_.-]+", name)
    sheet = branding.sheet_of_name(name)
    assert sheet is not None
    assert f"--brand:{brand};" in sheet
    assert f"--accent:{accent};" in sheet
    assert sheet.startswith(branding.ROOTS[root])
    assert branding.sheet_of_name(name.replace("-", "-0", 1)) is None


@pytest.mark.parametrize(
    "name",
    [
        "brand-000000-000000-00000000.css",
        "brand-000000-000000-comic.pill-00000000.css",
        "brand-000000-000000-x}body{y.pill-00000000.css",
        "other-000000-000000-00000000.css",
    ],
)
def test_names_that_were_not_made_here_are_nothing(name: str) -> None:
    assert branding.sheet_of_name(name) is None


def test_the_plain_style_keeps_the_short_name() -> None:
    plain = branding.sheet_name(account(primary_color="#123456"))
    assert re.fullmatch(r"brand-123456-[0-9a-f]{6}-[0-9a-f]{8}\.css", plain)
    assert branding.sheet_name(account(primary_color="#123456", font_family="inter", border_style="oval")) != plain
    assert branding.style(account(font_family="comic", border_style=["pill"])) == ("default", "rounded")


@pytest.mark.parametrize(
    ("family", "has"), [("lora", "Georgia"), ("ubuntu_mono", "monospace"), ("nunito", "ui-rounded"), ("inter", "")]
)
def test_fonts_are_those_of_the_system(family: str, has: str) -> None:
    sheet = branding.sheet("#000000", "#000000", family)
    assert ("font-family" in sheet) is bool(has)
    assert has in sheet
    assert "url(" not in sheet
    assert "@" not in sheet
    if has:
        assert "Noto Sans CJK JP" in sheet, "every script of the page still has a font"


@pytest.mark.parametrize(
    ("corners", "radius"), [("rectangular", "--round:0px"), ("pill", "--round:22px"), ("rounded", "")]
)
def test_corners(corners: str, radius: str) -> None:
    sheet = branding.sheet("#000000", "#000000", corners=corners)
    assert radius in sheet
    assert ("--round" in sheet) is bool(radius)


def test_white_on_white_gets_an_edge() -> None:
    seen = branding.sheet("#ffffff", "#fffdf0")
    assert ".panel{box-shadow" in seen
    assert ".primary{border-color" in seen
    assert ".sample .primary{border-color" in branding.sheet("#ffffff", "#ffffff", root="sample")
    dark = branding.sheet("#000000", "#000000")
    assert "box-shadow" not in dark
    assert "border-color" not in dark


@pytest.mark.parametrize("name", ["", "A" * 200, "株式会社みどりの丘電力", "Ünïcode & Søns", None])
def test_any_name_makes_a_frame(name: str | None) -> None:
    around = frame.drawn(
        i18n.words("en"), title="Billing", account={"business_profile": {"name": name}}, configuration={},
        return_url="https://a.example/", home_url=None,
    )  # fmt: skip
    assert len(around.monogram) == 1
    assert around.business == (name or "")
    assert around.headline
    assert around.logo is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/portal-files/file_1", "/portal-files/file_1"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("data:text/html,x", None),
        ("//evil.example/x", None),
        ("file_1", None),
        ({"url": "/portal-files/file_2"}, "/portal-files/file_2"),
        ({"url": "https://evil.example/x"}, None),
    ],
)
def test_pictures_come_from_here(value: object, shown: str | None) -> None:
    assert branding.image(account(icon=value), "icon") == shown
