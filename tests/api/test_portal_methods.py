"""What a customer does with payment methods in the portal: add, authenticate, prove, make default, delete."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.portal import link, page, refused, since

if TYPE_CHECKING:
    from tests.support.client import Api

VISA = {"cvc": "123", "expiry": "12 / 34", "number": "4242 4242 4242 4242"}
MASTERCARD = {**VISA, "number": "5555555555554444"}
ASKS = {**VISA, "number": "4000002500003155"}
ACCOUNT = {
    "account_holder_type": "individual",
    "account_number": "000123456789",
    "account_type": "checking",
    "name": "Jenny Rosen",
    "routing_number": "110000000",
}
ADDED = ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded", "customer.updated"]


async def customer(api: Api, *, subscribed: bool = False, own: bool = False) -> tuple[str, str, str | None]:
    """Return a customer, a portal link and a subscription; ``own``: it has a payment method of its own."""
    made = await api.ok("POST", "/v1/customers", {"email": "jenny@example.com"})
    subscription = None
    if subscribed:
        methods = [
            await api.ok("POST", f"/v1/payment_methods/{name}/attach", {"customer": made["id"]})
            for name in ("pm_card_visa", "pm_card_amex")
        ]
        settings = {"default_payment_method": methods[0]["id"]}
        await api.ok("POST", f"/v1/customers/{made['id']}", {"invoice_settings": settings})
        recurring = {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
        product = await api.ok("POST", "/v1/products", {"name": "Team", "default_price_data": recurring})
        params = {"customer": made["id"], "items": [{"price": product["default_price"]}]}
        more = {"default_payment_method": methods[1]["id"]} if own else {}
        subscription = (await api.ok("POST", "/v1/subscriptions", {**params, **more}))["id"]
        if not own:
            await api.ok("POST", f"/v1/payment_methods/{methods[1]['id']}/detach")
    return made["id"], await link(api, made["id"]), subscription


async def add(api: Api, token: str, details: dict[str, str], type: str = "card", **more: Any) -> Any:
    return await page(api, "add_payment_method", token, type=type, details=details, **more)


async def test_a_new_card_becomes_the_default(api: Api) -> None:
    id, token, _ = await customer(api)
    before = await api.events()
    answer = await add(
        api, token, {**VISA, "country": "US", "postal_code": "94105"}, user_agent="Test", ip_address="::1"
    )
    assert await since(api, before) == ADDED
    method = answer["payment_method"]
    assert (method["card"]["last4"], method["card"]["exp_month"], method["card"]["exp_year"]) == ("4242", 12, 2034)
    assert method["billing_details"]["address"]["postal_code"] == "94105"
    assert set(method["card"]["checks"].values()) == {"pass", None}
    shown = await api.ok("GET", f"/v1/customers/{id}")
    assert shown["invoice_settings"]["default_payment_method"] == method["id"]
    intent = await api.ok("GET", f"/v1/setup_intents/{answer['setup_intent']}")
    assert (intent["usage"], intent["status"], intent["customer"]) == ("off_session", "succeeded", id)
    told = (await api.happened())[-1]["data"]["previous_attributes"]
    assert told == {"invoice_settings": {"default_payment_method": None}}
    assert answer["payment_method_acts"] == {method["id"]: {"make_default": False, "remove": False}}


async def test_a_form_sent_twice_adds_one_method(api: Api) -> None:
    _, token, _ = await customer(api)
    form = await page(api, "payment_methods", token)
    before = await api.events()
    both = await asyncio.gather(*(add(api, token, VISA, attempt=form["attempt"]) for _ in range(2)))
    assert both[0]["payment_method"] == both[1]["payment_method"]
    assert await since(api, before) == ADDED
    assert (await page(api, "payment_methods", token))["attempt"] != form["attempt"]
    await add(api, token, MASTERCARD, attempt="another form")
    assert len((await page(api, "home", token))["payment_methods"]) == 2


async def test_a_form_that_was_declined_can_be_sent_again(api: Api) -> None:
    _, token, _ = await customer(api)
    before = await api.events()
    with pytest.raises(StripeError) as caught:
        await add(api, token, {**VISA, "number": "4000000000009995"}, attempt="one")
    error = caught.value
    assert await since(api, before) == ["setup_intent.created", "setup_intent.setup_failed"]
    assert (error.status, error.code, error.extra["decline_code"]) == (402, "card_declined", "insufficient_funds")
    assert error.message == "Your card has insufficient funds."
    assert error.extra["fields"] == {"number": "insufficient_funds"}
    assert (await add(api, token, VISA, attempt="one"))["action"] is None


@pytest.mark.parametrize("passed", [True, False])
async def test_three_d_secure_comes_in_between(api: Api, passed: bool) -> None:
    id, token, _ = await customer(api)
    before = await api.events()
    waiting = await add(api, token, ASKS, attempt="x")
    assert (waiting["action"], waiting["default_payment_method"]) == ("authenticate", None)
    assert (await add(api, token, ASKS, attempt="x"))["challenge"] == waiting["challenge"]
    assert await since(api, before) == ["setup_intent.created", "setup_intent.requires_action"]
    setup = {"setup_intent": waiting["setup_intent"]}
    assert (await page(api, "finish_payment_method", token, **setup))["action"] == "authenticate"
    outcome = {"outcome": "succeed" if passed else "fail"}
    space = api.engine.space_of_token(token)
    assert space is not None
    await api.engine.run(space, "payments:authenticate_setup", outcome, actor="portal", intent=waiting["setup_intent"])
    if passed:
        for _ in range(2):
            done = await page(api, "finish_payment_method", token, **setup)
            assert done["default_payment_method"] == done["payment_method"]["id"]
        assert (await since(api, before))[2:] == ADDED[1:]
    else:
        error = await refused(api, "finish_payment_method", token, **setup)
        assert (error.status, error.code) == (402, "setup_intent_authentication_failure")
        assert (await since(api, before))[2:] == ["setup_intent.setup_failed"]
        assert (await api.ok("GET", f"/v1/customers/{id}/payment_methods"))["data"] == []


async def test_deposits_prove_an_account(api: Api) -> None:
    _, token, _ = await customer(api)
    configurations = await api.ok("GET", "/v1/payment_method_configurations")
    on = {"us_bank_account": {"display_preference": {"preference": "on"}}}
    await api.ok("POST", f"/v1/payment_method_configurations/{configurations['data'][0]['id']}", on)
    answer = await add(api, token, ACCOUNT, "us_bank_account")
    assert answer["action"] == "verify"
    [waiting] = (await page(api, "home", token))["pending_payment_methods"]
    assert waiting["setup_intent"] == answer["setup_intent"]
    assert waiting["payment_method"]["us_bank_account"]["last4"] == "6789"
    setup = {"setup_intent": answer["setup_intent"]}
    wrong = await refused(api, "verify_payment_method", token, **setup, descriptor_code="SM00XX")
    assert wrong.code == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    assert "9 verification attempts left" in wrong.message
    assert list(wrong.extra["fields"]) == ["descriptor_code"]
    text = await refused(api, "verify_payment_method", token, **setup, first_amount="many", second_amount="2")
    assert text.extra["fields"] == {"first_amount": "invalid_amount"}
    before = await api.events()
    for _ in range(2):
        done = await page(api, "verify_payment_method", token, **setup, descriptor_code=" sm11aa ")
        assert (done["action"], done["default_payment_method"]) == (None, done["payment_method"]["id"])
    assert await since(api, before) == ADDED[1:]
    assert (await page(api, "home", token))["pending_payment_methods"] == []


async def test_make_default_and_delete(api: Api) -> None:
    id, token, _ = await customer(api, subscribed=True)
    [old] = (await page(api, "home", token))["payment_methods"]
    new = (await add(api, token, MASTERCARD))["payment_method"]
    acts = (await page(api, "home", token))["payment_method_acts"]
    assert acts == {
        new["id"]: {"make_default": False, "remove": False},
        old["id"]: {"make_default": True, "remove": True},
    }
    before = await api.events()
    for _ in range(2):
        answer = await page(api, "make_default", token, payment_method=old["id"])
        assert answer["default_payment_method"] == old["id"]
    assert await since(api, before) == ["customer.updated"]
    error = await refused(api, "remove_payment_method", token, payment_method=old["id"])
    assert (error.status, error.extra["reason"]) == (403, "default")
    answer = await page(api, "remove_payment_method", token, payment_method=new["id"])
    assert [method["id"] for method in answer["payment_methods"]] == [old["id"]]
    assert await since(api, before) == ["customer.updated", "payment_method.detached"]
    assert (await api.happened())[-1]["data"]["previous_attributes"] == {"customer": id}
    assert (await refused(api, "remove_payment_method", token, payment_method=new["id"])).status == 404


async def test_the_last_method_of_a_subscription_stays(api: Api) -> None:
    id, token, subscription = await customer(api, subscribed=True)
    [only] = (await page(api, "home", token))["payment_methods"]
    await api.ok("POST", f"/v1/customers/{id}", {"invoice_settings": {"default_payment_method": ""}})
    await api.ok("POST", f"/v1/subscriptions/{subscription}", {"default_payment_method": only["id"]})
    error = await refused(api, "remove_payment_method", token, payment_method=only["id"])
    assert (error.status, error.extra["reason"]) == (403, "needed")
    await api.ok("POST", "/v1/payment_methods/pm_card_amex/attach", {"customer": id})
    error = await refused(api, "remove_payment_method", token, payment_method=only["id"])
    assert error.extra["reason"] == "needed", "the other one would pay for nothing"
    await api.ok("DELETE", f"/v1/subscriptions/{subscription}")
    answer = await page(api, "remove_payment_method", token, payment_method=only["id"])
    assert len(answer["payment_methods"]) == 1


async def test_a_subscription_drops_its_own_method(api: Api) -> None:
    _, token, subscription = await customer(api, subscribed=True, own=True)
    answer = await page(api, "home", token)
    assert answer["payment_method_overrides"] == [subscription]
    manage = await page(api, "payment_methods", token)
    assert [block["subscription"]["id"] for block in manage["subscriptions"]] == [subscription]
    before = await api.events()
    for _ in range(2):
        answer = await page(api, "use_customer_default", token, subscription=subscription)
        assert answer["payment_method_overrides"] == []
    assert await since(api, before) == ["customer.subscription.updated"]
    previous = (await api.happened())[-1]["data"]["previous_attributes"]
    assert list(previous) == ["default_payment_method"]
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    assert shown["default_payment_method"] is None


async def test_without_a_default_the_own_method_is_kept(api: Api) -> None:
    id, token, subscription = await customer(api, subscribed=True, own=True)
    await api.ok("POST", f"/v1/customers/{id}", {"invoice_settings": {"default_payment_method": ""}})
    assert (await page(api, "home", token))["payment_method_overrides"] == []
    assert (await refused(api, "use_customer_default", token, subscription=subscription)).status == 403


async def test_a_legacy_card_is_shown_made_default_and_deleted(api: Api) -> None:
    id, token, _ = await customer(api)
    card = await api.ok("POST", f"/v1/customers/{id}/sources", {"source": "tok_visa"})
    answer = await page(api, "home", token)
    assert [method["id"] for method in answer["payment_methods"]] == [card["id"]]
    assert answer["default_payment_method"] == card["id"]
    await add(api, token, MASTERCARD)
    assert (await page(api, "make_default", token, payment_method=card["id"]))["default_payment_method"] == card["id"]
    new = (await add(api, token, VISA))["payment_method"]
    answer = await page(api, "remove_payment_method", token, payment_method=card["id"])
    assert card["id"] not in [method["id"] for method in answer["payment_methods"]]
    assert answer["default_payment_method"] == new["id"]


async def test_nobody_reaches_somebody_elses(api: Api) -> None:
    other, theirs, subscription = await customer(api, subscribed=True, own=True)
    _, token, _ = await customer(api)
    waiting = await add(api, theirs, ASKS)
    method = (await page(api, "home", theirs))["payment_methods"][0]["id"]
    intent = await api.ok("POST", "/v1/setup_intents", {"customer": other})
    for name, params in (
        ("make_default", {"payment_method": method}),
        ("remove_payment_method", {"payment_method": method}),
        ("make_default", {"payment_method": "pm_card_visa"}),
        ("make_default", {"payment_method": None}),
        ("remove_payment_method", {"payment_method": ["pm_1"]}),
        ("use_customer_default", {"subscription": subscription}),
        ("use_customer_default", {"subscription": 7}),
        ("finish_payment_method", {"setup_intent": waiting["setup_intent"]}),
        ("finish_payment_method", {"setup_intent": intent["id"]}),
        ("verify_payment_method", {"setup_intent": waiting["setup_intent"], "descriptor_code": "SM11AA"}),
        ("verify_payment_method", {}),
    ):
        assert (await refused(api, name, token, **params)).status == 404, name


async def test_what_is_no_text_is_refused(api: Api) -> None:
    _, token, _ = await customer(api)
    wrong: tuple[dict[str, Any], ...] = (
        {"type": 7, "details": {}},
        {"type": "card", "details": "4242"},
        {"type": "card", "details": {"number": 4242}},
        {"details": {}},
        {"type": "card"},
    )
    for params in wrong:
        assert (await refused(api, "add_payment_method", token, **params)).status == 400
    huge = await refused(api, "add_payment_method", token, type="card", details={**VISA, "postal_code": "9" * 5000})
    assert huge.extra["fields"] == {"postal_code": "invalid_postal_code"}


async def test_a_portal_without_payment_methods_refuses_every_act(api: Api) -> None:
    id, _, subscription = await customer(api, subscribed=True, own=True)
    features = {"payment_method_update": {"enabled": False}, "invoice_history": {"enabled": True}}
    configuration = await api.ok("POST", "/v1/billing_portal/configurations", {"features": features})
    token = await link(api, id, configuration=configuration["id"])
    answer = await page(api, "home", token)
    assert answer["addable_payment_methods"] == []
    assert answer["payment_method_acts"] == {}
    method = answer["payment_methods"][0]["id"]
    for name, params in (
        ("add_payment_method", {"type": "card", "details": VISA}),
        ("make_default", {"payment_method": method}),
        ("remove_payment_method", {"payment_method": method}),
        ("use_customer_default", {"subscription": subscription}),
        ("finish_payment_method", {"setup_intent": "seti_1"}),
        ("verify_payment_method", {"setup_intent": "seti_1"}),
    ):
        error = await refused(api, name, token, **params)
        assert (error.status, error.extra["reason"]) == (403, "feature_disabled"), name


async def test_a_type_that_the_portal_does_not_know_stays_as_it_is(api: Api) -> None:
    id, token, _ = await customer(api)
    made = await api.ok("POST", "/v1/payment_methods", {"type": "klarna", "klarna": {}})
    await api.ok("POST", f"/v1/payment_methods/{made['id']}/attach", {"customer": id})
    assert (await page(api, "home", token))["payment_method_acts"] == {
        made["id"]: {"make_default": False, "remove": True}
    }
    error = await refused(api, "make_default", token, payment_method=made["id"])
    assert (error.status, error.extra["reason"]) == (403, "type_not_supported")


async def test_the_mandate_says_how_it_was_given(api: Api) -> None:
    _, token, _ = await customer(api)
    await api.ok("POST", "/_emulator/settings", {"default_currency": "eur"})
    configurations = await api.ok("GET", "/v1/payment_method_configurations")
    on = {"sepa_debit": {"display_preference": {"preference": "on"}}}
    await api.ok("POST", f"/v1/payment_method_configurations/{configurations['data'][0]['id']}", on)
    details = {"email": "jenny@example.com", "iban": "DE89370400440532013000", "name": "Jenny Rosen"}
    answer = await add(api, token, details, "sepa_debit", user_agent="Mozilla/5.0 " + "x" * 900, ip_address="192.0.2.7")
    intent = await api.ok("GET", f"/v1/setup_intents/{answer['setup_intent']}", {"expand": ["mandate"]})
    online = intent["mandate"]["customer_acceptance"]["online"]
    assert (online["ip_address"], len(online["user_agent"])) == ("192.0.2.7", 500)
    assert answer["payment_method"]["billing_details"]["name"] == "Jenny Rosen"
