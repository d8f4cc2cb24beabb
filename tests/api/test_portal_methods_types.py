"""Every type of payment method that the portal takes: added with its test numbers, and paid with afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from emulator.portal.methods import checks, kinds, trials
from tests.support.portal import link, page

if TYPE_CHECKING:
    from tests.support.client import Api

PLACES = {
    "card": ("US", "usd"), "us_bank_account": ("US", "usd"), "sepa_debit": ("DE", "eur"), "bacs_debit": ("GB", "gbp"),
    "au_becs_debit": ("AU", "aud"), "nz_bank_account": ("NZ", "nzd"), "acss_debit": ("CA", "cad"), "boleto": ("BR", "brl"),
    "link": ("US", "usd"), "paypal": ("DE", "eur"), "cashapp": ("US", "usd"), "amazon_pay": ("US", "usd"),
    "custom": ("US", "usd"),
}  # fmt: skip
SAVED = ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]
DEFAULT = "customer.updated"


async def settled(api: Api, country: str, currency: str, *types: str) -> str:
    """Open a shop in a country that takes these types; returns a portal link of a new customer."""
    await api.ok(
        "POST",
        "/_emulator/settings",
        {
            "country": country,
            "default_currency": currency,
            "payment_methods": {"custom": [{"type": "cpmt_1Credit", "display_name": "Store credit"}]},
        },
    )
    [offer] = (await api.ok("GET", "/v1/payment_method_configurations"))["data"]
    on = {type: {"display_preference": {"preference": "on"}} for type in types if type != "custom"}
    if on:
        await api.ok("POST", f"/v1/payment_method_configurations/{offer['id']}", on)
    customer = await api.ok("POST", "/v1/customers", {"email": "jenny@example.com"})
    return await link(api, customer["id"])


async def proven(api: Api, token: str, answer: Any) -> Any:
    """Do what is still asked of the customer, as their bank or wallet would."""
    if answer["action"] == "authenticate":
        space = api.engine.space_of_token(token)
        assert space is not None
        await api.engine.run(
            space, "payments:authenticate_setup", {"outcome": "succeed"}, actor="portal", intent=answer["setup_intent"]
        )
        return await page(api, "finish_payment_method", token, setup_intent=answer["setup_intent"])
    if answer["action"] == "verify":
        amounts = {"first_amount": "0.32", "second_amount": "45"}
        return await page(api, "verify_payment_method", token, setup_intent=answer["setup_intent"], **amounts)
    return answer


def rows(*types: str) -> list[Any]:
    found = [(type, trial) for type in types for trial in trials.trials(type, 2030)]
    return [pytest.param(type, trial, id=f"{type} {trial.number}") for type, trial in found]


@pytest.mark.parametrize(("type", "trial"), rows(*kinds.PLACES))
async def test_every_number_of_the_drawer_does_what_is_said(api: Api, type: str, trial: trials.Trial) -> None:
    token = await settled(api, *PLACES[type], type)
    before = await api.events()
    if trial.does == "refused":
        with pytest.raises(StripeError) as caught:
            await page(api, "add_payment_method", token, type=type, details=trial.fill)
        assert list(caught.value.extra["fields"].values()) == [trial.code]
        assert (await page(api, "home", token))["payment_methods"] == []
        left = (await api.events())[len(before) :]
        assert left in ([], ["setup_intent.created", "setup_intent.setup_failed"])
        return
    answer = await page(api, "add_payment_method", token, type=type, details=trial.fill)
    if trial.does == "deposits_fail":
        assert answer["action"] == "verify"
        with pytest.raises(StripeError, match="do not match"):
            await proven(api, token, answer)
        return
    answer = await proven(api, token, answer)
    assert answer["action"] is None
    assert answer["payment_method"]["type"] == type
    assert answer["default_payment_method"] == answer["payment_method"]["id"]
    happened = (await api.events())[len(before) :]
    refused = ["mandate.updated"] if trial.does == "mandate_refused" else []
    told = [event for event in happened if event != "setup_intent.requires_action"]
    assert told == [*SAVED[:2], *refused, SAVED[2], DEFAULT]
    waited = trial.does in {"asks", "asks_always"} or type in {"us_bank_account", "acss_debit"}
    assert ("setup_intent.requires_action" in happened) is waited
    if trial.does == "mandate_refused":
        intent = await api.ok("GET", f"/v1/setup_intents/{answer['setup_intent']}")
        assert (await api.ok("GET", f"/v1/mandates/{intent['mandate']}"))["status"] == "inactive"


@pytest.mark.parametrize("type", ["paypal", "cashapp", "amazon_pay", "custom"])
async def test_what_asks_for_nothing(api: Api, type: str) -> None:
    token = await settled(api, *PLACES[type], type)
    before = await api.events()
    answer = await page(api, "add_payment_method", token, type=type, details={})
    assert (answer["action"] == "authenticate") is (type != "custom")
    if type != "custom":
        assert answer["default_payment_method"] is None
        assert answer["challenge"].startswith(answer["setup_intent"])
    answer = await proven(api, token, answer)
    assert answer["default_payment_method"] == answer["payment_method"]["id"]
    happened = (await api.events())[len(before) :]
    assert [event for event in happened if event != "setup_intent.requires_action"] == [*SAVED, DEFAULT]
    if type == "custom":
        own = {"display_name": "Store credit", "logo": None, "type": "cpmt_1Credit"}
        assert answer["payment_method"]["custom"] == own


PAID = {"works": (2, "paid"), "works_later": (180, "paid"), "fails": (2, "open"), "fails_later": (180, "open")}
MONEY = [
    ("card", "4242 4242 4242 4242"), ("card", "4000 0025 0000 3155"), ("card", "4000 0000 0000 0341"),
    ("us_bank_account", "000123456789"), ("us_bank_account", "000222222227"), ("us_bank_account", "000000000009"),
    ("sepa_debit", "DE89 3704 0044 0532 0130 00"), ("sepa_debit", "DE08 3704 0044 0532 0130 03"),
    ("sepa_debit", "DE62 3704 0044 0532 0130 01"), ("sepa_debit", "DE78 3704 0044 0532 0130 04"),
    ("bacs_debit", "00012345"), ("bacs_debit", "90012345"), ("bacs_debit", "22222227"), ("bacs_debit", "92222227"),
    ("au_becs_debit", "000123456"), ("au_becs_debit", "900123456"), ("au_becs_debit", "111111113"),
    ("nz_bank_account", "11-0000-0000000-010"), ("nz_bank_account", "11-0000-5555555-059"),
    ("acss_debit", "000123456789"), ("acss_debit", "900123456789"), ("acss_debit", "000222222227"),
    ("boleto", "000.000.000-00"), ("boleto", "000.000.000-00 · expire_immediately@example.com"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "number"), MONEY)
async def test_what_was_added_pays_or_does_not(api: Api, type: str, number: str) -> None:
    country, currency = PLACES[type]
    await api.advance(0)
    token = await settled(api, country, currency, type)
    trial = next(one for one in trials.trials(type, 2030) if one.number == number)
    added = await proven(api, token, await page(api, "add_payment_method", token, type=type, details=trial.fill))
    invoice = await api.ok("POST", "/v1/invoices", {"customer": added["customer"]["id"], "currency": currency})
    line = {"customer": added["customer"]["id"], "invoice": invoice["id"], "amount": 5000, "currency": currency}
    await api.ok("POST", "/v1/invoiceitems", line)
    await api.ok("POST", f"/v1/invoices/{invoice['id']}/finalize")
    paid = await api.post(f"/v1/invoices/{invoice['id']}/pay", {"off_session": True})
    wait, status = PAID.get(trial.does, (180, "paid" if trial.does == "asks" else "open"))
    if trial.does in {"works", "fails"} and type == "card":
        assert paid.status == (200 if trial.does == "works" else 402)
    await api.advance(wait)
    assert (await api.ok("GET", f"/v1/invoices/{invoice['id']}"))["status"] == status


@pytest.mark.parametrize(
    ("country", "currency", "offered"),
    [
        ("US", "usd", "card us_bank_account acss_debit link cashapp amazon_pay custom"),
        ("DE", "eur", "card sepa_debit link paypal custom"),
        ("US", "eur", "card sepa_debit link custom"),
        ("GB", "gbp", "card bacs_debit link paypal custom"),
        ("AU", "aud", "card au_becs_debit link custom"),
        ("NZ", "nzd", "card nz_bank_account link custom"),
        ("CA", "cad", "card acss_debit link custom"),
        ("BR", "brl", "card boleto link custom"),
        ("BR", "eur", "card link custom"),
        ("IN", "inr", "card link custom"),
    ],
)
async def test_what_is_offered_where(api: Api, country: str, currency: str, offered: str) -> None:
    everything = await settled(api, country, currency, *kinds.PLACES)
    answer = await page(api, "payment_methods", everything)
    assert [one["type"] for one in answer["types"]] == offered.split()
    for type in set(PLACES) - set(offered.split()):
        with pytest.raises(StripeError) as caught:
            await page(api, "add_payment_method", everything, type=type, details={})
        assert (caught.value.status, caught.value.extra["reason"]) == (403, "type_not_offered")


async def test_the_customers_currency_and_the_sessions_configuration_decide(api: Api) -> None:
    token = await settled(api, "DE", "usd", "sepa_debit")
    customer = (await page(api, "home", token))["customer"]["id"]
    assert "sepa_debit" not in (await page(api, "home", token))["addable_payment_methods"]
    item = {"amount": 100, "currency": "eur", "customer": customer}
    await api.ok("POST", "/v1/invoiceitems", item)
    await api.ok("POST", "/v1/invoices", {"customer": customer, "currency": "eur"})
    assert "sepa_debit" in (await page(api, "home", token))["addable_payment_methods"]
    off = {"card": {"display_preference": {"preference": "off"}}, "link": {"display_preference": {"preference": "on"}}}
    own = await api.ok("POST", "/v1/payment_method_configurations", {"name": "Portal", **off})
    features = {"payment_method_update": {"enabled": True, "payment_method_configuration": own["id"]}}
    configuration = await api.ok("POST", "/v1/billing_portal/configurations", {"features": features})
    params = {"customer": customer, "configuration": configuration["id"]}
    narrow = (await api.ok("POST", "/v1/billing_portal/sessions", params))["url"].rsplit("/", 1)[1]
    assert (await page(api, "home", narrow))["addable_payment_methods"] == ["link", "custom"]
    with pytest.raises(StripeError, match="`card` is not offered"):
        await page(api, "add_payment_method", narrow, type="card", details=trials.trials("card", 2030)[0].fill)


FLAWS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("card", {}, {"number": "incomplete_number", "expiry": "incomplete_expiry", "cvc": "incomplete_cvc"}),
    ("card", {"number": "4242 4242"}, {"number": "incomplete_number"}),
    ("card", {"number": "4242 4242 4242 424x"}, {"number": "invalid_number"}),
    ("card", {"number": "4242424242424241"}, {"number": "incorrect_number"}),
    ("card", {"number": "4111111111111111"}, {"number": "test_mode_live_card"}),
    ("card", {"expiry": "13 / 40"}, {"expiry": "invalid_expiry_month"}),
    ("card", {"expiry": "12 / 20"}, {"expiry": "invalid_expiry_year_past"}),
    ("card", {"expiry": "1"}, {"expiry": "incomplete_expiry"}),
    ("card", {"cvc": "12"}, {"cvc": "incomplete_cvc"}),
    ("card", {"cvc": "1234"}, {"cvc": "invalid_cvc"}),
    ("card", {"number": "378282246310005", "cvc": "123"}, {"cvc": "incomplete_cvc"}),
    ("card", {"country": "usa"}, {"country": "invalid_country"}),
    ("sepa_debit", {"iban": "DE89370400440532013001"}, {"iban": "invalid_iban"}),
    ("sepa_debit", {"iban": "DE8937040044"}, {"iban": "incomplete_iban"}),
    ("sepa_debit", {"iban": "US89370400440532013000"}, {"iban": "invalid_iban_country"}),
    ("sepa_debit", {"email": "jenny", "name": ""}, {"name": "incomplete_name", "email": "invalid_email"}),
    ("bacs_debit", {"sort_code": "10-88"}, {"sort_code": "incomplete_sort_code"}),
    ("bacs_debit", {"account_number": "1234567a"}, {"account_number": "invalid_account_number"}),
    ("bacs_debit", {"postal_code": ""}, {"postal_code": "incomplete_zip"}),
    ("au_becs_debit", {"bsb": "000-0000"}, {"bsb": "invalid_bsb"}),
    ("nz_bank_account", {"nz_account": "11-0000-000"}, {"nz_account": "incomplete_nz_account"}),
    ("us_bank_account", {"routing_number": "110000001"}, {"routing_number": "invalid_routing_number"}),
    ("us_bank_account", {"account_type": "golden"}, {"account_type": "invalid_account_type"}),
    ("acss_debit", {"institution_number": "12", "transit_number": "123456"},
     {"institution_number": "incomplete_institution_number", "transit_number": "invalid_transit_number"}),
    ("boleto", {"tax_id": "529.982.247-26"}, {"tax_id": "invalid_tax_id"}),
    ("boleto", {"tax_id": "11.222.333/0001-82"}, {"tax_id": "invalid_tax_id"}),
    ("link", {"passcode": "12"}, {"passcode": "incomplete_passcode"}),
]  # fmt: skip


@pytest.mark.parametrize(("type", "wrong", "fields"), FLAWS)
async def test_what_cannot_be_right_is_said_at_its_field(
    api: Api, type: str, wrong: dict[str, str], fields: dict[str, str]
) -> None:
    token = await settled(api, *PLACES[type], type)
    before = await api.events()
    details = {**trials.trials(type, 2030)[0].fill, **wrong} if wrong else {}
    with pytest.raises(StripeError) as caught:
        await page(api, "add_payment_method", token, type=type, details=details)
    assert caught.value.extra["fields"] == fields
    assert caught.value.status in (400, 402)
    assert await api.events() == before
    assert (await page(api, "home", token))["payment_methods"] == []


@pytest.mark.parametrize("number", ["529.982.247-25", "52998224725", "11.222.333/0001-81"])
def test_real_tax_numbers_pass(number: str) -> None:
    assert checks.brazilian_tax_id(number) == checks.digits(number)
