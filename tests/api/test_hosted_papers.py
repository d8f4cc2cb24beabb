"""What payments point to, over the real engine: accounts proven by deposits, mandates, boletos, transfers, codes to scan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import Api
from tests.support.invoices import billed, now, switch_on
from tests.support.reader import Visitor

SUBMIT = "hosted-invoice-submit-button"


@pytest.fixture
def visitor(api: Api) -> Visitor:
    return Visitor(api)


async def proving(api: Api, kind: str, type: str) -> Any:
    await switch_on(
        api, type, country="CA" if type == "acss_debit" else "US", currency="cad" if type == "acss_debit" else "usd"
    )
    customer = await api.ok("POST", "/v1/customers", {"email": "ada@example.com"})
    details = {"account_number": "000123456789"}
    if type == "acss_debit":
        details |= {"institution_number": "000", "transit_number": "11000"}
    else:
        details |= {"routing_number": "110000000", "account_holder_type": "individual"}
    data = {"type": type, type: details, "billing_details": {"name": "Ada", "email": "ada@example.com"}}
    amount = {"amount": 2000, "currency": "cad" if type == "acss_debit" else "usd"} if kind == "payment_intents" else {}
    options = {"acss_debit": {"mandate_options": {"payment_schedule": "sporadic", "transaction_type": "personal"}}}
    made = {"customer": customer["id"], "payment_method_data": data, "confirm": True, **amount,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "mandate_data": {"customer_acceptance": {"type": "offline"}}}  # fmt: skip
    if type == "acss_debit":
        made["payment_method_options"] = options
    intent = await api.ok("POST", f"/v1/{kind}", made)
    assert intent["next_action"]["type"] == "verify_with_microdeposits"
    return intent


@pytest.mark.parametrize("kind", ["payment_intents", "setup_intents"])
async def test_the_address_of_small_deposits(api: Api, visitor: Visitor, kind: str) -> None:
    intent = await proving(api, kind, "us_bank_account")
    url = intent["next_action"]["verify_with_microdeposits"]["hosted_verification_url"]
    assert "STRIPE TEST BANK •••• 6789" in await visitor.see(url)
    assert await visitor.send("descriptor_code", descriptor_code=" ") == ""
    assert visitor.alerts() == ["Please fill in this field."]
    await visitor.send("descriptor_code", descriptor_code="SM11AA")
    assert "Your bank account is verified" in visitor.words()
    after = await api.ok("GET", f"/v1/{kind}/{intent['id']}")
    assert after["status"] == ("processing" if kind == "payment_intents" else "succeeded")
    assert "Your bank account is verified" in await visitor.see(url), "opened again"


async def test_amounts_prove_too(api: Api, visitor: Visitor) -> None:
    intent = await proving(api, "setup_intents", "acss_debit")
    await visitor.see(intent["next_action"]["verify_with_microdeposits"]["hosted_verification_url"])
    for wrong in ("x", "", "1.00", "²"):
        await visitor.send("first_amount", first_amount=wrong, second_amount="0.45")
        assert (visitor.status, len(visitor.alerts())) == (400, 1)
    await visitor.send("first_amount", first_amount="0.45", second_amount="0,32")
    assert (await api.ok("GET", f"/v1/setup_intents/{intent['id']}"))["status"] == "succeeded"


@pytest.mark.parametrize("code", ["SM33CC", "SM44DD"])
async def test_a_proof_that_fails_for_good(api: Api, visitor: Visitor, code: str) -> None:
    intent = await proving(api, "payment_intents", "us_bank_account")
    url = intent["next_action"]["verify_with_microdeposits"]["hosted_verification_url"]
    await visitor.see(url)
    assert await visitor.send("descriptor_code", descriptor_code=code) == ""
    assert "This account could not be verified" in visitor.words()
    assert "This account could not be verified" in await visitor.see(url)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "requires_payment_method"


async def test_the_answer_leads_nowhere_else(api: Api, visitor: Visitor) -> None:
    intent = await proving(api, "payment_intents", "us_bank_account")
    url = intent["next_action"]["verify_with_microdeposits"]["hosted_verification_url"]
    for evil in ("https://evil.example/", "//evil.example", "/i/x/y?z=<script>", "javascript:alert(1)"):
        await visitor.see(f"{url}?back={evil}")
        action, held = visitor.form("descriptor_code")
        assert held["target"] == ""
        await visitor.ask("POST", action, **{**held, "target": evil, "descriptor_code": "SM11AA"})
        assert visitor.status == 403


async def test_a_mandate_has_a_page(api: Api, visitor: Visitor) -> None:
    await switch_on(api, "sepa_debit", country="DE", currency="eur")
    customer = await api.ok("POST", "/v1/customers", {})
    made = {"customer": customer["id"], "payment_method": "pm_success_de", "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "mandate_data": {"customer_acceptance": {"type": "offline"}}}  # fmt: skip
    intent = await api.ok("POST", "/v1/setup_intents", made)
    mandate = await api.ok("GET", f"/v1/mandates/{intent['mandate']}")
    words = await visitor.see(mandate["payment_method_details"]["sepa_debit"]["url"])
    for said in ("Mandate", mandate["payment_method_details"]["sepa_debit"]["reference"], "SEPA Direct Debit •••• 3000",
                 "authorize Acme", "Active"):  # fmt: skip
        assert said in words, said


async def test_a_boleto_has_a_page(api: Api, visitor: Visitor) -> None:
    await switch_on(api, "boleto", country="BR", currency="brl")
    invoice = await billed(api, currency="brl")
    here = invoice["hosted_invoice_url"].partition("?")[0]
    await visitor.see(f"{here}?type=boleto&test=0")
    away = await visitor.send(SUBMIT)
    assert away.startswith("/vouchers/pi_")
    words = await visitor.see(away)
    for said in ("R$30.00", "01010101010101010101010101010101010101010101010", "Waiting for payment", "Continue"):
        assert said in words, said
    assert "Your boleto has not been paid yet." in await visitor.see(here)
    async with api.client.get(away.partition("?")[0] + "/pdf") as answer:
        assert (answer.status, (await answer.read())[:5]) == (200, b"%PDF-")
    await api.advance("1d")
    assert "Paid" in await visitor.see(away)
    assert (await now(api, invoice))["status"] == "paid"


async def test_where_to_send_money(api: Api, visitor: Visitor) -> None:
    customer = await api.ok("POST", "/v1/customers", {"email": "ada@example.com"})
    made = {"customer": customer["id"], "amount": 2000, "currency": "eur", "confirm": True,
            "payment_method_data": {"type": "customer_balance"}, "allowed_payment_method_types": ["customer_balance"],
            "payment_method_options": {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": {
                "type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}}}}}  # fmt: skip
    intent = await api.ok("POST", "/v1/payment_intents", made)
    told = intent["next_action"]["display_bank_transfer_instructions"]
    words = await visitor.see(told["hosted_instructions_url"])
    for said in (told["reference"], told["financial_addresses"][0]["iban"]["iban"], "€20.00", "Waiting for payment"):
        assert said in words, said


async def test_a_code_to_scan_is_a_picture(api: Api) -> None:
    await switch_on(api, "cashapp")
    made = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method_data": {"type": "cashapp"},
            "return_url": "https://shop.example/", "automatic_payment_methods": {"enabled": True}}  # fmt: skip
    intent = await api.ok("POST", "/v1/payment_intents", made)
    code = intent["next_action"]["cashapp_handle_redirect_or_display_qr_code"]["qr_code"]
    for url, start, type in (
        (code["image_url_png"], b"\x89PNG", "image/png"),
        (code["image_url_svg"], b"<svg", "image/svg+xml"),
    ):
        async with api.client.get("/" + url.split("/", 3)[3]) as answer:
            assert (answer.status, answer.content_type) == (200, type)
            assert (await answer.read()).startswith(start)


@pytest.mark.parametrize(
    "path",
    ["/mandates/mandate_x", "/microdeposit/pi_x_secret_y", "/vouchers/pi_x_secret_y", "/vouchers/x/pdf",
     "/payment_instructions/pi_x_secret_y", "/3d_secure/pi_x_secret_y/qr.png", "/mandates/a/b", "/vouchers/a/b/c"],
)  # fmt: skip
async def test_addresses_of_nothing(visitor: Visitor, path: str) -> None:
    await visitor.ask("GET", path)
    assert visitor.status == 404
    assert "Page not found" in visitor.words()


async def test_a_page_is_only_of_what_its_payment_needs(api: Api, visitor: Visitor) -> None:
    intent = await api.ok(
        "POST", "/v1/payment_intents", {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa"}
    )
    for place in ("vouchers", "payment_instructions"):
        await visitor.ask("GET", f"/{place}/{intent['client_secret']}")
        assert visitor.status == 404
