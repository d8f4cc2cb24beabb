"""The merchant's pictures on paper: a logo, else an icon, described for those who do not see it; what is broken is left out."""

from __future__ import annotations

import base64
import io
import struct
import time
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from portal_ui.documents import contents, pictures, typesetting
from portal_ui.i18n import words
from tests.api.test_brands import uploaded
from tests.api.test_documents import fetched, paid, text

if TYPE_CHECKING:
    from tests.support.client import Api

BOX = (150.0, 34.0)
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////2wBD"
    "Af//////////////////////////////////////////////////////////////////////////////////////wAARCAAEAAgDASIAAhEBAxEB/8QAFQABAQAA"
    "AAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/"
    "AJ//2Q=="
)
GIF = base64.b64decode("R0lGODlhAQABAIAAAP8AAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


def png(width: int, height: int, pixel: tuple[int, ...] = (224, 86, 43, 255), filter: int = 0) -> bytes:
    """Return a picture of one colour, red, green, blue and alpha; ``filter`` is that of its rows, 0 or 1."""
    row = bytes(pixel) + (bytes(4) if filter else bytes(pixel)) * (width - 1)
    rows = (bytes([filter]) + row) * height

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return pictures.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def branded(api: Api, **look: Any) -> None:
    account = (await api.ok("GET", "/v1/account"))["id"]
    profile = {"business_profile": {"name": "Kaffeehaus Nord"}}
    await api.ok("POST", f"/v1/accounts/{account}", {**profile, "settings": {"branding": look}})


def drawn(body: bytes) -> list[tuple[int, int]]:
    """Return the pixels of each picture in a document."""
    found = []

    def look(resources: Any) -> None:
        for one in (resources.get("/XObject") or {}).values():
            thing = one.get_object()
            if thing["/Subtype"] == "/Image":
                found.append((thing["/Width"], thing["/Height"]))
            elif "/Resources" in thing:
                look(thing["/Resources"])

    for page in PdfReader(io.BytesIO(body)).pages:
        look(page["/Resources"])
    return found


def told(body: bytes) -> list[str]:
    """Return what stands in place of pictures for those who do not see them."""
    found = []

    def look(part: Any) -> None:
        part = part.get_object() if hasattr(part, "get_object") else part
        if isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, dict):
            if part.get("/S") == "/Figure":
                found.append(str(part["/Alt"]))
            look(part.get("/K", []))

    look(PdfReader(io.BytesIO(body)).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    return found


async def test_every_document_has_the_logo_and_says_whose_it_is(api: Api) -> None:
    await branded(api, logo=(await uploaded(api, "business_logo", png(80, 20)))["id"])
    invoice = await paid(api)
    note = await api.ok("POST", "/v1/credit_notes", {"invoice": invoice["id"], "amount": 500, "refund_amount": 500})
    page = urlsplit(invoice["hosted_invoice_url"]).path.removeprefix("/i")
    for url in (invoice["invoice_pdf"], f"/receipts/invoices{page}/pdf", note["pdf"]):
        first, second = [(await fetched(api, url))[2] for _ in range(2)]
        assert first == second
        assert (80, 20) in drawn(first)
        assert told(first) == ["Kaffeehaus Nord"]


@pytest.mark.parametrize(("content", "size"), [(JPEG, (8, 4)), (GIF, (1, 1)), (png(3, 3), (3, 3))])
async def test_an_icon_stands_beside_the_name(api: Api, content: bytes, size: tuple[int, int]) -> None:
    await branded(api, icon=(await uploaded(api, "business_icon", content))["id"])
    _, _, body = await fetched(api, (await paid(api))["invoice_pdf"])
    assert size in drawn(body)
    assert text(body).count("Kaffeehaus Nord") == 2


@pytest.mark.parametrize(
    "content",
    [
        pictures.PNG + b"\0" * 32, png(80, 20)[:-20], png(80, 20).replace(b"IDAT", b"IDOT"), b"GIF89a",
        JPEG[:-2], b"\xff\xd8\xff\xd9", png(5000, 1), png(2, 2, filter=9), GIF[:13] + b";",
    ],
)  # fmt: skip
async def test_a_broken_picture_is_left_out(api: Api, content: bytes) -> None:
    await branded(api, logo=(await uploaded(api, "business_logo", content))["id"])
    status, _, body = await fetched(api, (await paid(api))["invoice_pdf"])
    assert (status, drawn(body), told(body)) == (200, [], [])
    assert "Kaffeehaus Nord" in text(body)


async def test_a_file_that_is_not_here_is_left_out(api: Api) -> None:
    await branded(api, logo="file_unknown")
    status, _, body = await fetched(api, (await paid(api))["invoice_pdf"])
    assert (status, told(body)) == (200, [])


async def test_a_picture_of_a_world_file(api: Api) -> None:
    address = "data:image/png;base64," + base64.b64encode(png(30, 30)).decode()
    await api.ok("POST", "/_emulator/settings", {"branding": {"logo": address}})
    _, _, body = await fetched(api, (await paid(api))["invoice_pdf"])
    assert (30, 30) in drawn(body)
    for broken in ("data:image/png;base64,!", "data:image/png,plain"):
        assert pictures.of_address(broken) is None


async def test_a_page_with_a_logo_is_set_quickly(api: Api) -> None:
    await branded(api, logo=(await uploaded(api, "business_logo", png(448, 120)))["id"])
    invoice = await paid(api)
    token = urlsplit(invoice["hosted_invoice_url"]).path.rpartition("/")[2]
    answer = await api.engine.run(await api.space(), "invoice:page", {"token": token}, actor="portal")
    document = contents.invoice(words("en"), answer)
    found = pictures.picture(png(448, 120), BOX, "#112233")
    assert found is not None
    document.words["logo"] = {"drawing": pictures.drawing(found), "ground": found.ground, "named": False}
    await typesetting.pdf(document)
    spent = []
    for number in range(8):
        document.words["title"] = f"Invoice {number}"
        begun = time.perf_counter()
        await typesetting.pdf(document)
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.040


async def test_on_behalf_of_has_the_name_of_that_account(api: Api) -> None:
    shop = await api.ok("POST", "/v1/accounts", {"type": "standard", "business_profile": {"name": "Bakery"}})
    back = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    made = await api.ok("POST", "/v1/payment_intents", {
        "amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "on_behalf_of": shop["id"], **back,
    })  # fmt: skip
    _, _, body = await fetched(api, f"/receipts/payment/{made['latest_charge']}/pdf")
    assert "Bakery" in text(body)


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(300, 34, (150, 17)), (40, 340, (4, 34)), (20, 10, (20, 10)), (1200, 272, (150, 34))],
)
def test_it_is_fitted_and_never_blown_up(width: int, height: int, size: tuple[int, int]) -> None:
    found = pictures.picture(png(width, height), BOX, "#112233")
    assert found is not None
    assert (found.width, found.height) == size


@pytest.mark.parametrize("filter", [0, 1])
def test_what_paper_would_swallow_gets_a_ground(filter: int) -> None:
    def ground(*pixel: int, brand: str = "#112233") -> str | None:
        found = pictures.picture(png(8, 1, pixel, filter), BOX, brand)
        assert found is not None
        return found.ground

    assert ground(255, 255, 255, 255) == "#112233"
    assert ground(255, 255, 255, 255, brand="#ffee00") == "#1a1f36", "a light brand would swallow it as well"
    assert ground(20, 30, 40, 255) is None
    assert ground(255, 255, 255, 0) is None, "nothing of it is to be seen"


def test_filters_are_undone() -> None:
    for filter in (2, 4):
        rows = list(pictures._rows(_filtered(filter), 8, 3, 4))
        assert rows == [bytearray((9, 8, 7, 255) * 2)] * 3
    assert list(pictures._rows(bytes((3, 8, 8, 8, 8, 4, 4, 4, 4)), 8, 1, 4)) == [bytearray((8,) * 8)]


def _filtered(filter: int) -> bytes:
    first = bytes((1, 9, 8, 7, 255, 0, 0, 0, 0))
    return first + (bytes([filter]) + bytes(8)) * 2
