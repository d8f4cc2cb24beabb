"""Invoices, receipts and credit notes as PDF: what they say, that the same words give the same bytes, and how quickly."""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from portal_ui.documents import contents, typesetting
from portal_ui.i18n import words

if TYPE_CHECKING:
    from tests.support.client import Api

NAMES = "Đặng Thị Ω Ёжик 株式会社 김철수 汉字 Żółć <b>#let x</b>"
BUYER = {
    "name": NAMES,
    "email": "ada@example.com",
    "address": {"line1": "1 Rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"},
    "payment_method": "pm_card_visa",
    "invoice_settings": {"default_payment_method": "pm_card_visa", "custom_fields": [{"name": "PO", "value": "4711"}]},
    "tax_id_data": [{"type": "eu_vat", "value": "FR12345678901"}],
}


async def paid(api: Api, count: int = 1, **buyer: Any) -> Any:
    """Return a paid invoice with ``count`` lines, taxes of both kinds and a footer."""
    customer = await api.ok("POST", "/v1/customers", {**BUYER, **buyer})
    rates = [
        (await api.ok("POST", "/v1/tax_rates", {"display_name": name, "percentage": percent, "inclusive": inclusive}))[
            "id"
        ]
        for name, percent, inclusive in (("VAT", "20", True), ("City tax", "2.5", False))
    ]
    for number in range(count):
        item = {"customer": customer["id"], "amount": 1234, "currency": "eur", "description": f"Work {number}"}
        await api.ok("POST", "/v1/invoiceitems", {**item, "tax_rates": rates})
    draft = await api.ok(
        "POST",
        "/v1/invoices",
        {"customer": customer["id"], "footer": "Thank you very much", "pending_invoice_items_behavior": "include"},
    )
    return await api.ok("POST", f"/v1/invoices/{draft['id']}/pay")


async def fetched(api: Api, url: str) -> tuple[int, Any, bytes]:
    """Return status, headers and body of one of our own addresses."""
    parts = urlsplit(url)
    async with api.client.get(f"{parts.path}?{parts.query}") as answer:
        return answer.status, answer.headers, await answer.read()


def text(pdf: bytes) -> str:
    """Return what can be selected."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_an_invoice_says_all(api: Api) -> None:
    invoice = await paid(api)
    status, headers, body = await fetched(api, invoice["invoice_pdf"])
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert headers["Content-Disposition"] == f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
    assert headers["Cache-Control"] == "no-store"
    told = text(body)
    for part in (
        "Invoice number", invoice["number"], "PO", "4711", "Bill to", "75002", "EU VAT FR12345678901", "Work 0",
        "€12.34", "VAT (20%, included)", "City tax (2.5% on €10.28)", "Total excluding tax", "Amount due",
        "Visa •••• 4242", "Thank you very much", "Page 1 of 1", "株式会社", "김철수", "Ёжик", "Đặng", "<b>#let x</b>",
    ):  # fmt: skip
        assert part in told, part


async def test_it_is_tagged_and_in_its_language(api: Api) -> None:
    invoice = await paid(api, preferred_locales=["de-DE"])
    _, _, body = await fetched(api, invoice["invoice_pdf"])
    root: Any = PdfReader(io.BytesIO(body)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"] == True  # noqa: E712
    assert str(root["/Lang"]).lower().startswith("de")
    assert "12,34\xa0€" in text(body)
    _, _, other = await fetched(api, invoice["invoice_pdf"] + "&locale=ja")
    assert "€12.34" in text(other)


async def test_the_same_words_give_the_same_bytes(api: Api) -> None:
    invoice = await paid(api)
    first, second = [(await fetched(api, invoice["invoice_pdf"]))[2] for _ in range(2)]
    assert first == second


async def test_two_hundred_lines_break_over_pages_with_their_heads(api: Api) -> None:
    invoice = await paid(api, 200)
    _, _, body = await fetched(api, invoice["invoice_pdf"])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    assert len(pages) > 5
    assert len(re.findall(r"Work \d+", "\n".join(pages))) == 200
    assert all("Unit price" in page and f"of {len(pages)}" in page for page in pages[:-1])


async def test_a_receipt(api: Api) -> None:
    invoice = await paid(api)
    page = urlsplit(invoice["hosted_invoice_url"]).path.removeprefix("/i")
    status, headers, body = await fetched(api, f"/receipts/invoices{page}/pdf")
    assert status == 200
    assert headers["Content-Disposition"].startswith('attachment; filename="Receipt-')
    told = text(body)
    assert invoice["number"] in told
    assert "Date paid" in told
    assert "€12.60 paid on" in told
    charge = (await api.ok("GET", "/v1/charges", {"limit": 1}))["data"][0]
    _, _, alone = await fetched(api, f"/receipts/payment/{charge['id']}/pdf")
    assert "€12.60 paid on" in text(alone)


async def test_a_payment_without_an_invoice_has_a_receipt(api: Api) -> None:
    intent = {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "description": "Tea"}
    back = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    made = await api.ok("POST", "/v1/payment_intents", {**intent, **back})
    status, _, body = await fetched(api, f"/receipts/payment/{made['latest_charge']}/pdf")
    assert status == 200
    assert "Tea" in text(body)


async def test_a_credit_note(api: Api) -> None:
    invoice = await paid(api)
    wish = {"invoice": invoice["id"], "amount": 500, "refund_amount": 500, "memo": "Sorry for that"}
    note = await api.ok("POST", "/v1/credit_notes", wish)
    status, headers, body = await fetched(api, note["pdf"])
    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="Credit-note-{note["number"]}.pdf"'
    told = text(body)
    for part in (note["number"], invoice["number"], "Total credited", "€5.00", "Refunded", "Sorry for that"):
        assert part in told, part


@pytest.mark.parametrize("path", ["/invoice/{account}/{token}x/pdf", "/invoice/acct_1/test_x/pdf",
                                  "/credit_notes/{account}/{token}/pdf", "/receipts/payment/ch_none/pdf",
                                  "/receipts/invoices/{account}/live_x/pdf"])  # fmt: skip
async def test_addresses_of_nothing(api: Api, path: str) -> None:
    invoice = await paid(api)
    _, _, account, token = urlsplit(invoice["hosted_invoice_url"]).path.split("/")
    status, headers, body = await fetched(api, path.format(account=account, token=token))
    assert (status, headers["Content-Type"].partition(";")[0]) == (404, "text/html")
    assert not body.startswith(b"%PDF")


async def test_an_old_link_is_dead_for_the_document_too(api: Api) -> None:
    invoice = await paid(api)
    await api.advance("31d")
    status, _, _ = await fetched(api, invoice["invoice_pdf"])
    assert status == 410


async def test_a_page_is_set_quickly(api: Api) -> None:
    invoice = await paid(api)
    space = api.engine.by_store[next(iter(api.engine.by_store))]
    token = urlsplit(invoice["hosted_invoice_url"]).path.rpartition("/")[2]
    answer = await api.engine.run(space, "invoice:page", {"token": token}, actor="portal")
    document = contents.invoice(words("en"), answer)
    await typesetting.pdf(document)
    spent = []
    for number in range(8):
        document.words["title"] = f"Invoice {number}"  # another document each time: nothing is remembered
        begun = time.perf_counter()
        await typesetting.pdf(document)
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.040
