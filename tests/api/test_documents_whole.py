"""All that an invoice holds stands on paper: both parties with their tax ids, proration, reductions, balances; names of any kind."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from tests.api.test_documents import fetched, paid, text

if TYPE_CHECKING:
    from tests.support.client import Api

START = 1_790_000_000  # 2026-09-21
SCRIPTS = {
    "Bulgarian": "Йордан Ъгълов", "Chinese": "测试有限公司", "Czech": "Žluťoučký kůň", "Greek": "Αλέξανδρος Ύψος",
    "Hungarian": "Fűtő Ödön", "Japanese": "株式会社サンプルカード", "Korean": "주식회사 김철수", "Latvian": "Ķīķa Ņēģis",
    "Maltese": "Ġużè Ħal Żebbuġ", "Polish": "Żółć Łąki", "Romanian": "Ștefan Țăran", "Russian": "Ёжик Щукин",
    "Taiwan": "臺灣測試股份有限公司", "Thai": "ทดสอบ สยาม", "Turkish": "İğde Şişli", "Vietnamese": "Đặng Thị Nguyễn",
}  # fmt: skip


async def issuer(api: Api) -> str:
    """Give the account an address and a tax id; returns the id of that."""
    await api.freeze(START)
    account = (await api.ok("GET", "/v1/account"))["id"]
    address = {"line1": "Hafenstr. 3", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    profile = {"name": "Kaffeehaus Nord", "support_email": "help@nord.example", "support_address": address}
    await api.ok("POST", f"/v1/accounts/{account}", {"business_profile": profile})
    own = {"type": "eu_vat", "value": "DE123456789", "owner": {"type": "self"}}
    return str((await api.ok("POST", "/v1/tax_ids", own))["id"])


async def subscriber(api: Api) -> Any:
    """Return a customer with all that an invoice takes over from one, who is owed five euros."""
    home = {"line1": "1 Rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"}
    store = {"line1": "2 Quai", "city": "Lyon", "postal_code": "69001", "country": "FR"}
    customer = await api.ok("POST", "/v1/customers", {
        "name": "Galerie", "email": "ada@example.com", "address": home, "payment_method": "pm_card_visa",
        "shipping": {"name": "Entrepôt", "address": store}, "tax_id_data": [{"type": "eu_vat", "value": "FR12345678901"}],
        "invoice_settings": {
            "default_payment_method": "pm_card_visa", "custom_fields": [{"name": "PO", "value": "4711"}], "footer": "Capital 1 €",
        },
    })  # fmt: skip
    owed = {"amount": -500, "currency": "eur"}
    await api.ok("POST", f"/v1/customers/{customer['id']}/balance_transactions", owed)
    return customer


async def price(api: Api, amount: int, name: str) -> str:
    given = {"currency": "eur", "unit_amount": amount, "recurring": {"interval": "month"}}
    return str((await api.ok("POST", "/v1/prices", {**given, "product_data": {"name": name}}))["id"])


async def test_a_subscriptions_invoices_say_all(api: Api) -> None:
    own, customer = await issuer(api), await subscriber(api)
    rate = await api.ok("POST", "/v1/tax_rates", {"display_name": "VAT", "percentage": "19", "inclusive": False})
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 20, "duration": "forever", "name": "Summer"})
    made = await api.ok("POST", "/v1/subscriptions", {
        "customer": customer["id"], "items": [{"price": await price(api, 2000, "Team"), "quantity": 3}],
        "discounts": [{"coupon": coupon["id"]}], "default_tax_rates": [rate["id"]],
        "invoice_settings": {"account_tax_ids": [own], "description": "For the gallery"},
    })  # fmt: skip
    await api.advance("10d")
    change = {"id": made["items"]["data"][0]["id"], "price": await price(api, 5000, "Business"), "quantity": 2}
    await api.ok("POST", f"/v1/subscriptions/{made['id']}", {"items": [change], "proration_behavior": "always_invoice"})
    second, first = (await api.ok("GET", "/v1/invoices"))["data"]
    told = text((await fetched(api, first["invoice_pdf"]))[2])
    for part in (
        "Kaffeehaus Nord", "Hafenstr. 3", "20457 Hamburg", "Germany", "help@nord.example", "EU VAT DE123456789",
        "Galerie", "75002 Paris", "France", "EU VAT FR12345678901", "Ship to", "Entrepôt", "69001 Lyon", "PO", "4711",
        "Team", "Sep 21", "Oct 21, 2026", "€20.00", "€60.00", "Summer (20% off)", "-€12.00", "VAT (19% on €48.00)", "€9.12",
        "Total", "€57.12", "Applied balance", "-€5.00", "Amount due", "€52.12", "Amount paid", "Amount remaining", "€0.00",
        "Payment history", "Visa •••• 4242", "For the gallery", "Capital 1 €",
    ):  # fmt: skip
        assert part in told, part
    prorated = text((await fetched(api, second["invoice_pdf"]))[2])
    for part in ("Unused time on 3", "Remaining time on 2", "Business", "-€32.00"):
        assert part in prorated, part
    page = (await fetched(api, first["hosted_invoice_url"]))[2].decode()
    for part in ("DE123456789", "FR12345678901", "20457 Hamburg", "75002 Paris"):
        assert part in page, part


@pytest.mark.parametrize("language", sorted(SCRIPTS))
async def test_names_in_every_script(api: Api, language: str) -> None:
    invoice = await paid(api, name=SCRIPTS[language])
    _, _, body = await fetched(api, invoice["invoice_pdf"])
    assert SCRIPTS[language] in text(body)
    assert b"PDF/UA" in body or b"pdfuaid" in body, "a sign without a glyph is against the standard"


@pytest.mark.parametrize("name", ["😀 Emoji Ltd", "𠮷野家", "a\x07b", "شركة المثال", "שלום", "x" * 300])
async def test_no_name_is_too_strange(api: Api, name: str) -> None:
    account = (await api.ok("GET", "/v1/account"))["id"]
    await api.ok("POST", f"/v1/accounts/{account}", {"business_profile": {"name": name}})
    status, _, body = await fetched(api, (await paid(api, name=name[:200]))["invoice_pdf"])
    assert status == 200
    assert "€12.60" in text(body)


async def test_a_receipt_of_no_invoice_has_the_paper_of_its_country(api: Api) -> None:
    back = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    intent = {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, **back}
    made = await api.ok("POST", "/v1/payment_intents", intent)
    _, _, body = await fetched(api, f"/receipts/payment/{made['latest_charge']}/pdf")
    assert PdfReader(io.BytesIO(body)).pages[0].mediabox[2:] == [612, 792]
