"""Whose brand the pages wear: saved by the owner or over the API, with uploaded pictures, also on behalf of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData

from emulator.kernel.errors import StripeError

if TYPE_CHECKING:
    from tests.support.client import Api

BRANDING = "/dashboard/settings/branding"
SESSIONS = "/v1/billing_portal/sessions"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
CODE = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
KEY = "sk_test_tests"


async def opened(api: Api) -> str:
    """Open the world of the tests and return its form code."""
    await api.space()
    async with api.client.get(BRANDING, params={"key": KEY}) as answer:
        found = CODE.search(await answer.text())
    assert found
    return found[1]


async def sent(api: Api, fields: Any) -> tuple[int, str]:
    """Post the form of the brand."""
    async with api.client.post(BRANDING, params={"key": KEY}, data=fields, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def uploaded(api: Api, purpose: str, content: bytes = PNG, *, link: bool = False) -> Any:
    """Upload a file over the API."""
    data = FormData(default_to_multipart=True)
    data.add_field("purpose", purpose)
    if link:
        data.add_field("file_link_data[create]", "true")
    data.add_field("file", content, filename="shop.png")
    headers = {"Authorization": f"Bearer {KEY}"}
    async with api.client.post("/v1/files", data=data, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def worn(api: Api, **more: str) -> str:
    """Return the home page of a new customer's portal."""
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    session = await api.ok("POST", SESSIONS, {"customer": customer["id"], **more})
    async with api.client.get("/p/session/" + session["url"].rsplit("/", 1)[1]) as answer:
        assert answer.status == 200
        return await answer.text()


def multipart(code: str, pictures: dict[str, bytes], **texts: str) -> FormData:
    data = FormData(default_to_multipart=True)
    for name, value in {"csrf_token": code, **texts}.items():
        data.add_field(name, value)
    for name, content in pictures.items():
        data.add_field(name, content, filename=f"{name}.png", content_type="image/png")
    return data


async def test_the_brand_is_saved_and_worn(api: Api) -> None:
    code = await opened(api)
    sheet = multipart(
        code, {"logo": PNG}, name="Café <b>Noir</b>", support_email="help@a.example", primary_color="#000000",
        secondary_color="#ffff00", font_family="noto_serif", border_style="pill",
    )  # fmt: skip
    assert (await sent(api, sheet))[0] == 303
    account = await api.ok("GET", "/v1/account")
    assert account["business_profile"]["name"] == "Café <b>Noir</b>"
    brand = account["settings"]["branding"]
    assert (brand["primary_color"], brand["secondary_color"], brand["icon"]) == ("#000000", "#ffff00", None)
    file = await api.ok("GET", f"/v1/files/{brand['logo']}")
    assert (file["purpose"], file["size"], file["filename"]) == ("business_logo", len(PNG), "logo.png")
    text = await worn(api)
    assert f'src="/portal-files/{brand["logo"]}"' in text
    assert "<b>Noir" not in text
    found = re.search(r"/portal-assets/brand-000000-ffff00-noto_serif\.pill-[0-9a-f]{8}\.css", text)
    assert found
    async with api.client.get(found[0]) as answer:
        assert "Georgia" in await answer.text()
    async with api.client.get(f"/portal-files/{brand['logo']}") as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", PNG)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    gone = multipart(code, {}, default_colors="on", primary_color="#000000", **{"remove.logo": "on"})
    assert (await sent(api, gone))[0] == 303
    after = (await api.ok("GET", "/v1/account"))["settings"]["branding"]
    assert after == {"icon": None, "logo": None, "primary_color": None, "secondary_color": "#ffff00"}


@pytest.mark.parametrize(
    ("pictures", "texts", "said"),
    [
        ({"icon": b"<svg onload=alert(1)>"}, {}, "must be a PNG, JPEG or GIF"),
        ({"icon": PNG + b"\0" * 600_000}, {}, "at most 512 KB"),
        ({"logo": PNG}, {"primary_color": "red"}, "Invalid color"),
        ({}, {"font_family": "comic"}, "Invalid font_family"),
        ({}, {"name": "x" * 5001}, "must be at most 5000 characters"),
    ],
)
async def test_a_refused_brand_stores_nothing(
    api: Api, pictures: dict[str, bytes], texts: dict[str, str], said: str
) -> None:
    code = await opened(api)
    before = await api.ok("GET", "/v1/account")
    status, text = await sent(api, multipart(code, pictures, **texts))
    assert status == 400
    assert said in text
    assert await api.ok("GET", "/v1/account") == before
    assert (await api.ok("GET", "/v1/files"))["data"] == []


async def test_a_brand_set_over_the_api(api: Api) -> None:
    icon = await uploaded(api, "business_icon")
    account = (await api.ok("GET", "/v1/account"))["id"]
    look = {"icon": icon["id"], "primary_color": "#123456"}
    await api.ok("POST", f"/v1/accounts/{account}", {"settings": {"branding": look}})
    text = await worn(api)
    assert f'<img class="icon" src="/portal-files/{icon["id"]}" alt="">' in text
    assert "brand-123456-" in text


async def test_what_cannot_be_shown_is_a_monogram(api: Api) -> None:
    account = (await api.ok("GET", "/v1/account"))["id"]
    text = b"<script>alert(1)</script>"
    for file in ("file_unknown", (await uploaded(api, "business_logo", text))["id"]):
        await api.ok("POST", f"/v1/accounts/{account}", {"settings": {"branding": {"logo": file}}})
        page = await worn(api)
        assert "<img" not in page
        assert '<span class="icon" aria-hidden="true">A</span>' in page
        async with api.client.get(f"/portal-files/{file}") as answer:
            assert answer.status == 404


async def test_settings_fill_what_the_account_leaves_out(api: Api) -> None:
    await api.ok(
        "POST", "/_emulator/settings", {"branding": {"primary_color": "#00aa00", "border_style": "rectangular"}}
    )
    assert "brand-00aa00-" in (page := await worn(api))
    assert "-default.rectangular-" in page
    account = (await api.ok("GET", "/v1/account"))["id"]
    await api.ok("POST", f"/v1/accounts/{account}", {"settings": {"branding": {"primary_color": "#aa0000"}}})
    assert "brand-aa0000-" in await worn(api)


async def test_a_font_of_the_world_file_stays(api: Api) -> None:
    await api.ok("POST", "/_emulator/settings", {"branding": {"font_family": "lora"}})
    assert (await sent(api, multipart(await opened(api), {}, font_family="lora", border_style="pill")))[0] == 303
    assert "-lora.pill-" in await worn(api)


async def test_on_behalf_of_wears_that_accounts_brand(api: Api) -> None:
    made = await api.ok("POST", "/v1/accounts", {
        "business_profile": {"name": "Bakery"}, "settings": {"branding": {"primary_color": "#a0522d"}}, "type": "standard",
    })  # fmt: skip
    page = await worn(api, on_behalf_of=made["id"], return_url="https://a.example/")
    assert "Return to Bakery" in page
    assert "brand-a0522d-" in page
    assert "Bakery" not in await worn(api)


async def test_only_logos_and_icons_are_public(api: Api) -> None:
    file = await uploaded(api, "dispute_evidence")
    async with api.client.get(f"/portal-files/{file['id']}") as answer:
        assert answer.status == 404


async def test_file_links(api: Api) -> None:
    await api.freeze(1_800_000_000)
    file = await uploaded(api, "dispute_evidence", b"%PDF-1.7 evidence")
    link = await api.ok("POST", "/v1/file_links", {"file": file["id"], "expires_at": 1_800_000_100})
    path = re.sub(r"^https?://[^/]+", "", link["url"])
    async with api.client.get(path) as answer:
        assert (answer.status, await answer.read()) == (200, b"%PDF-1.7 evidence")
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
    await api.advance("100s")
    for gone in (path, "/links/nothing"):
        async with api.client.get(gone) as answer:
            assert answer.status == 404
    identity = await uploaded(api, "identity_document")
    assert (await api.post("/v1/file_links", {"file": identity["id"]})).status == 400
    shared = await uploaded(api, "business_logo", link=True)
    assert shared["links"]["data"][0]["file"] == shared["id"]


async def test_an_upload_leaves_its_content_out_of_the_log(api: Api) -> None:
    await uploaded(api, "business_logo", PNG)
    log = await api.ok("GET", "/_emulator/requests")
    assert '"digest"' in str(log)
    assert "PNG\\r" not in str(log)


async def test_a_large_file_keeps_its_facts_only(api: Api) -> None:
    file = await uploaded(api, "dispute_evidence", b"x" * 600_000)
    assert file["size"] == 600_000
    with pytest.raises(StripeError):
        await api.engine.run(await api.space(), "file:picture", {"file": file["id"]}, actor="portal")
