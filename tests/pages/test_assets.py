"""Style sheets, scripts, colours, weight and speed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_ui import branding
from tests.pages.conftest import Portal

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


async def test_assets_are_kept_for_a_year_under_hashed_names(portal: Portal) -> None:
    page = await portal.get("saas")
    found = re.findall(r'(?:href|src)="(/portal-assets/[^"]+)"', page.html)
    assert len(found) == 3
    weight = len(page.html.encode())
    for url in found:
        asset = await portal.raw(url)
        assert asset.status == 200
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert asset.headers["Content-Type"].startswith(("text/css", "text/javascript"))
        weight += len(asset.html.encode())
    assert weight < 60_000


async def test_nothing_comes_from_elsewhere(portal: Portal) -> None:
    page = await portal.get("saas")
    assert re.findall(r'<(?:link|script|img|iframe)[^>]+(?:href|src)="(?!/portal-assets/|data:)[^"]*"', page.html) == []


@given(brand=HEX, accent=HEX)
def test_all_text_on_brand_colours_is_readable(brand: str, accent: str) -> None:
    values = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", branding.sheet(brand, accent)))
    for text, ground in (("brand-text", brand), ("brand-quiet", brand), ("accent-text", accent), ("link", "#ffffff")):
        assert branding.contrast(values[text], ground) >= 4.5


@given(st.one_of(st.none(), st.text(), HEX))
def test_only_colours_get_into_the_sheet(colour: str | None) -> None:
    account: dict[str, Any] = {"settings": {"branding": {"primary_color": colour, "secondary_color": colour}}}
    name = branding.sheet_name(account)
    assert re.fullmatch(r"brand-[0-9a-f]{6}-[0-9a-f]{6}-[0-9a-f]{8}\.css", name)
    assert branding.sheet_of_name(name) is not None


@pytest.mark.parametrize(
    "value", ["https://cdn.example/x.png", "//cdn.example/x", "javascript:alert(1)", "file_123", None, 5]
)
def test_images_come_from_here_only(value: object) -> None:
    assert branding.image({"settings": {"branding": {"logo": value}}}, "logo") is None


async def test_pages_are_quick(portal: Portal) -> None:
    from portal_ui import frame, history, i18n, information, methods, render, subscriptions
    from portal_ui.views.home import Home

    answer = portal.world("saas").home({"invoices_limit": 10})
    words = i18n.words("en")

    def draw() -> str:
        page = Home(
            frame=frame.of_answer(words, answer, "Billing", "/p/session/x"),
            done=None,
            reasons=None,
            subscriptions=tuple(subscriptions.card(words, entry, "/p") for entry in answer["subscriptions"]),
            methods=methods.block(words, answer, SimpleNamespace(base="/p", code="x")),  # type: ignore[arg-type]
            information=information.information(words, answer["customer"], ()),
            information_url="/p/customer/update",
            invoices=history.invoices(words, answer, 10, b"secret"),
        )
        return render.html(words, page)

    draw()
    times = []
    for _ in range(30):
        started = time.perf_counter()
        draw()
        times.append(time.perf_counter() - started)
    assert min(times) < 0.003


def test_routes_load_without_templates_and_languages() -> None:
    code = "import sys, portal_ui.routes; print(sorted({'jinja2', 'babel', 'portal_ui.pages'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30)
    assert found.stdout.strip() == "[]"
