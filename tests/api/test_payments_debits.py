"""Money that arrives later, or does not: debits, vouchers, wallets, small deposits and mandates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.payments.test_accounts import SHORT

if TYPE_CHECKING:
    from tests.support.client import Api

AGREED = {"mandate_data": {"customer_acceptance": {"type": "offline"}}}
SENT = ["payment_intent.created", "charge.pending", "payment_intent.processing"]


async def pay(api: Api, method: str | None = None, data: Any = None, **more: Any) -> Any:
    given = {"payment_method": method} if method else {"payment_method_data": data}
    params = {"amount": 2000, "currency": "usd", "confirm": True, **AGREED, **given, **more}
    return await api.ok("POST", "/v1/payment_intents", params)


@pytest.mark.parametrize(
    "method,currency,wait,status",
    [
        ("pm_usBankAccount_success", "usd", SHORT, "succeeded"),
        ("pm_usBankAccount_insufficientFunds", "usd", SHORT, "requires_payment_method"),
        ("pm_usBankAccount_processing", "usd", 86_400, "processing"),
        ("pm_success_de", "eur", SHORT, "succeeded"),
        ("pm_successDelayed_de", "eur", 180, "succeeded"),
        ("pm_failed_fr", "eur", SHORT, "requires_payment_method"),
        ("pm_failedDelayed_fr", "eur", 180, "requires_payment_method"),
        ("pm_bacsDebit_success", "gbp", SHORT, "succeeded"),
        ("pm_nzBankAccount_referToCustomer", "nzd", SHORT, "requires_payment_method"),
    ],
)
async def test_a_debit_is_answered_later(api: Api, method: str, currency: str, wait: int, status: str) -> None:
    await api.advance(0)
    intent = await pay(api, method, currency=currency, expand=["latest_charge"])
    charge = intent["latest_charge"]
    assert (intent["status"], charge["status"], charge["paid"]) == ("processing", "pending", False)
    assert charge["id"].startswith("py_")
    assert await api.events() == SENT
    await api.advance(wait - 1)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "processing"
    await api.advance(1)
    after = await api.ok("GET", f"/v1/payment_intents/{intent['id']}", {"expand": ["latest_charge"]})
    assert after["status"] == status
    ends = {
        "succeeded": ["charge.succeeded", "payment_intent.succeeded"],
        "requires_payment_method": ["charge.failed", "payment_intent.payment_failed"],
        "processing": [],
    }
    assert (await api.events())[3:] == ends[status]
    if status == "succeeded":
        assert (after["amount_received"], after["latest_charge"]["paid"]) == (2000, True)
        assert after["latest_charge"]["balance_transaction"]
    if status == "requires_payment_method":
        error = after["last_payment_error"]
        assert error["code"] == after["latest_charge"]["failure_code"]
        assert error["payment_method"]["type"] == after["latest_charge"]["payment_method_details"]["type"]


async def test_rooms_above_hear_of_the_answer(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    async def hear(_ctx: Any, intent: Any) -> None:
        heard.append(intent["status"])

    await api.advance(0)
    monkeypatch.setattr("emulator.billing.consequences.after_payment_intent", hear)
    monkeypatch.setattr("emulator.checkout.completion.after_intent", hear)
    await pay(api, "pm_success_at", currency="eur")
    await api.advance(2)
    assert heard == ["succeeded", "succeeded"]


async def test_a_canceled_debit_stays_canceled(api: Api) -> None:
    await api.advance(0)
    intent = await pay(api, "pm_success_be", currency="eur")
    await api.ok("POST", f"/v1/payment_intents/{intent['id']}/cancel")
    await api.advance(10)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "canceled"


async def test_a_refund_of_a_debit(api: Api) -> None:
    await api.advance(0)
    intent = await pay(api, "pm_success_de", currency="eur")
    await api.advance(2)
    refund = await api.ok("POST", "/v1/refunds", {"payment_intent": intent["id"]})
    assert (refund["id"][:4], refund["destination_details"]["type"]) == ("pyr_", "sepa_debit")


@pytest.mark.parametrize(
    "type,currency,data",
    [
        ("au_becs_debit", "aud", {"bsb_number": "000000", "account_number": "900123456"}),
        ("bacs_debit", "gbp", {"sort_code": "108800", "account_number": "90012345"}),
        ("sepa_debit", "eur", {"iban": "DE08 3704 0044 0532 0130 03"}),
    ],
)
async def test_typed_accounts(api: Api, type: str, currency: str, data: dict[str, str]) -> None:
    await api.advance(0)
    intent = await pay(api, data={"type": type, type: data}, currency=currency)
    assert intent["payment_method_types"] == ["card", "link", type]
    await api.advance(179)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "processing"
    await api.advance(1)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "succeeded"


@pytest.mark.parametrize(
    "email,wait,status",
    [
        ("a@example.com", 180, "succeeded"),
        ("succeed_immediately@example.com", 2, "succeeded"),
        ("expire_immediately@example.com", 2, "requires_payment_method"),
        ("fill_never@example.com", 3 * 86_400, "requires_payment_method"),
    ],
)
async def test_a_voucher(api: Api, email: str, wait: int, status: str) -> None:
    await api.advance(0)
    data = {"type": "boleto", "boleto": {"tax_id": "000.000.000-00"}, "billing_details": {"email": email}}
    intent = await pay(api, data=data, currency="brl")
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "boleto_display_details")
    await api.advance(wait)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == status


async def test_a_wallet_asks_its_owner_once(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers")
    for type in ("paypal", "amazon_pay", "cashapp"):
        params = {"customer": customer["id"], "confirm": True, "payment_method_data": {"type": type}}
        setup = await api.ok("POST", "/v1/setup_intents", {**params, "return_url": "https://example.com/back"})
        assert setup["status"] == "requires_action"
        kind = setup["next_action"]["type"]
        assert kind == ("cashapp_handle_redirect_or_display_qr_code" if type == "cashapp" else "redirect_to_url")
        await api.engine.run(await api.space(), "payments:authenticate_setup", {}, intent=setup["id"])
        done = await api.ok("GET", f"/v1/setup_intents/{setup['id']}", {"expand": ["mandate", "payment_method"]})
        assert (done["status"], done["mandate"]["type"]) == ("succeeded", "multi_use")
        assert done["payment_method"]["customer"] == customer["id"]
        paid = await pay(api, done["payment_method"]["id"], customer=customer["id"], off_session=True)
        assert paid["status"] == "succeeded"


@pytest.mark.parametrize("outcome,status", [("succeed", "succeeded"), ("fail", "requires_payment_method")])
async def test_a_payment_on_somebody_elses_page(api: Api, outcome: str, status: str) -> None:
    waiting = await pay(api, data={"type": "ideal", "ideal": {}}, currency="eur", return_url="https://example.com/back")
    assert waiting["next_action"]["redirect_to_url"]["return_url"] == "https://example.com/back"
    await api.engine.run(await api.space(), "payments:authenticate_payment", {"outcome": outcome}, intent=waiting["id"])
    assert (await api.ok("GET", f"/v1/payment_intents/{waiting['id']}"))["status"] == status


async def test_link_and_custom_pay_at_once(api: Api) -> None:
    link = await pay(api, data={"type": "link", "billing_details": {"email": "a@example.com"}})
    assert link["status"] == "succeeded"
    custom = await api.ok("POST", "/v1/payment_methods", {"type": "custom", "custom": {"type": "cpmt_1"}})
    assert custom["custom"] == {"display_name": None, "logo": None, "type": "cpmt_1"}


# ---- small deposits


ACCOUNT = {"type": "us_bank_account", "billing_details": {"name": "A"}}


def account(number: str = "000123456789") -> dict[str, Any]:
    return {**ACCOUNT, "us_bank_account": {"account_number": number, "routing_number": "110000000"}}


@pytest.mark.parametrize("proof", [{"amounts": [32, 45]}, {"descriptor_code": "SM11AA"}])
async def test_deposits_prove_an_account(api: Api, proof: dict[str, Any]) -> None:
    await api.advance(0)
    customer = await api.ok("POST", "/v1/customers")
    params = {"customer": customer["id"], "confirm": True, **AGREED, "payment_method_data": account()}
    setup = await api.ok("POST", "/v1/setup_intents", params)
    assert setup["next_action"]["verify_with_microdeposits"]["microdeposit_type"] == "descriptor_code"
    done = await api.ok("POST", f"/v1/setup_intents/{setup['id']}/verify_microdeposits", proof)
    assert done["status"] == "succeeded"
    intent = await pay(api, done["payment_method"], customer=customer["id"])
    assert intent["status"] == "processing"
    mandates = [done["mandate"]]
    charge = await api.ok("GET", f"/v1/charges/{intent['latest_charge']}")
    assert charge["payment_method_details"]["us_bank_account"]["mandate"] == mandates[0]
    again = await api.post(f"/v1/setup_intents/{setup['id']}/verify_microdeposits", proof)
    assert again.error["code"] == "intent_invalid_state"


async def test_a_payment_waits_for_its_deposits(api: Api) -> None:
    await api.advance(0)
    intent = await pay(api, data=account())
    path = f"/v1/payment_intents/{intent['id']}/verify_microdeposits"
    assert (await api.post(path)).error["code"] == "parameter_missing"
    wrong = await api.post(path, {"amounts": [1, 2]})
    assert wrong.error["code"] == "payment_method_microdeposit_verification_amounts_mismatch"
    assert wrong.error["message"].endswith("You have 9 verification attempts left.")
    wrong = await api.post(path, {"descriptor_code": "SM99ZZ"})
    assert wrong.error["code"] == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    assert wrong.error["message"].endswith("You have 8 verification attempts left.")
    assert (await api.post(path, {"amounts": [32]})).error["code"] == (
        "payment_method_microdeposit_verification_amounts_invalid"
    )
    done = await api.ok("POST", path, {"amounts": [32, 45]})
    assert done["status"] == "processing"
    await api.advance(2)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "succeeded"


@pytest.mark.parametrize(
    "proof,code", [({"descriptor_code": "SM33CC"}, "attempts_exceeded"), ({"amounts": [40, 41]}, "timeout")]
)
async def test_deposits_that_end_the_wait(api: Api, proof: dict[str, Any], code: str) -> None:
    setup = await api.ok("POST", "/v1/setup_intents", {"confirm": True, **AGREED, "payment_method_data": account()})
    answer = await api.post(f"/v1/setup_intents/{setup['id']}/verify_microdeposits", proof)
    assert answer.error["code"] == f"payment_method_microdeposit_verification_{code}"
    after = await api.ok("GET", f"/v1/setup_intents/{setup['id']}")
    assert after["status"] == "requires_payment_method"
    assert after["last_setup_error"]["code"] == answer.error["code"]


async def test_too_many_wrong_amounts(api: Api) -> None:
    setup = await api.ok("POST", "/v1/setup_intents", {"confirm": True, **AGREED, "payment_method_data": account()})
    codes = [
        (await api.post(f"/v1/setup_intents/{setup['id']}/verify_microdeposits", {"amounts": [1, 2]})).error["code"]
        for _ in range(10)
    ]
    assert codes[-2:] == [
        f"payment_method_microdeposit_verification_{end}" for end in ("amounts_mismatch", "attempts_exceeded")
    ]


async def test_deposits_that_do_not_arrive(api: Api) -> None:
    await api.advance(0)
    number = "000666666661"
    setup = await api.ok(
        "POST", "/v1/setup_intents", {"confirm": True, **AGREED, "payment_method_data": account(number)}
    )
    await api.advance(2)
    after = await api.ok("GET", f"/v1/setup_intents/{setup['id']}")
    assert after["last_setup_error"]["code"] == "payment_method_microdeposit_failed"


async def test_instant_verification_needs_no_deposits(api: Api) -> None:
    options = {"us_bank_account": {"verification_method": "instant"}}
    intent = await pay(api, data=account(), payment_method_options=options)
    assert intent["status"] == "processing"


# ---- mandates


async def test_mandates_of_bacs(api: Api) -> None:
    await api.advance(0)
    customer = await api.ok("POST", "/v1/customers")

    async def saved(number: str) -> Any:
        data = {"type": "bacs_debit", "bacs_debit": {"sort_code": "108800", "account_number": number}}
        acceptance = {"type": "online", "online": {"ip_address": "127.0.0.1", "user_agent": "x"}}
        params = {"customer": customer["id"], "confirm": True, "payment_method_data": data, "mandate_data": {
            "customer_acceptance": acceptance}}  # fmt: skip
        return await api.post("/v1/setup_intents", params)

    good = await saved("33333335")
    mandate = await api.ok("GET", f"/v1/mandates/{good['mandate']}")
    assert (mandate["status"], mandate["customer_acceptance"]["online"]["ip_address"]) == ("active", "127.0.0.1")
    await pay(api, good["payment_method"], customer=customer["id"], currency="gbp")
    await api.advance(2)
    mandate = await api.ok("GET", f"/v1/mandates/{good['mandate']}")
    details = mandate["payment_method_details"]["bacs_debit"]
    assert (mandate["status"], details["revocation_reason"]) == ("inactive", "debit_not_authorized")
    assert "mandate.updated" in await api.events()
    refused = await saved("00033333")
    mandate = await api.ok("GET", f"/v1/mandates/{refused['mandate']}")
    assert mandate["payment_method_details"]["bacs_debit"]["network_status"] == "refused"
    broken = await saved("00044444")
    assert (broken.status, broken.error["setup_intent"]["status"]) == (400, "requires_payment_method")


async def test_a_disputed_debit(api: Api) -> None:
    await api.advance(0)
    await pay(api, "pm_disputed_de", currency="eur")
    await api.advance(2)
    dispute = (await api.ok("GET", "/v1/disputes"))["data"][0]
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")


async def test_an_invoice_is_paid_from_a_legacy_bank_account(api: Api) -> None:
    await api.advance(0)
    customer = await api.ok("POST", "/v1/customers")
    bank = await api.ok("POST", f"/v1/customers/{customer['id']}/sources", {"source": "btok_us_verified"})
    method = await api.ok("GET", f"/v1/payment_methods/{bank['id']}")
    assert (method["us_bank_account"]["last4"], method["customer"]) == ("6789", customer["id"])
    intent = await pay(api, bank["id"], customer=customer["id"], off_session=True)
    await api.advance(2)
    assert (await api.ok("GET", f"/v1/payment_intents/{intent['id']}"))["status"] == "succeeded"


# ---- with invoices


@pytest.mark.parametrize(
    "method,wait,invoice,subscription,events",
    [
        ("pm_success_de", 2, "paid", "active", ["invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]),
        ("pm_successDelayed_de", 180, "paid", "active", ["invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]),
        ("pm_failed_de", 2, "open", "past_due", ["invoice.payment_failed", "customer.subscription.updated"]),
        ("pm_failedDelayed_de", 180, "open", "past_due", ["invoice.payment_failed", "customer.subscription.updated"]),
    ],
)  # fmt: skip
async def test_a_subscription_is_paid_by_debit(
    api: Api, method: str, wait: int, invoice: str, subscription: str, events: list[str]
) -> None:
    await api.advance(0)
    settings = {"payment_method": method, "invoice_settings": {"default_payment_method": method}}
    customer = await api.ok("POST", "/v1/customers", settings)
    saved = await api.ok("GET", "/v1/payment_methods", {"customer": customer["id"]})
    await api.may_debit(customer["id"], saved["data"][0])
    price = {"currency": "eur", "unit_amount": 1000, "recurring": {"interval": "month"}}
    product = await api.ok("POST", "/v1/products", {"name": "Gold", "default_price_data": price})
    params = {"customer": customer["id"], "items": [{"price": product["default_price"]}]}
    made = await api.ok("POST", "/v1/subscriptions", {**params, "expand": ["latest_invoice"]})
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "open")
    before = len(await api.events())
    await api.advance(wait)
    after = await api.ok("GET", f"/v1/subscriptions/{made['id']}", {"expand": ["latest_invoice"]})
    assert (after["latest_invoice"]["status"], after["status"]) == (invoice, subscription)
    caused = (await api.events())[before:]
    assert caused[:2] in (
        ["charge.succeeded", "payment_intent.succeeded"],
        ["charge.failed", "payment_intent.payment_failed"],
    )
    assert [one for one in events if one in caused] == events
