"""The page of a Checkout session over the real engine, without a browser: what it asks, says, does, and where it leads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.client import Api
from tests.support.reader import Visitor, asking

CARD = {
    "billingCountry": "US",
    "billingName": "Ada Rivera",
    "billingPostalCode": "94105",
    "cardCvc": "123",
    "cardExpiry": "12 / 34",
    "cardNumber": "4242 4242 4242 4242",
    "email": "ada@example.com",
}
SUBMIT = "hosted-payment-submit-button"
SUCCESS = "https://shop.example/done?session={CHECKOUT_SESSION_ID}"


@pytest.fixture
def visitor(api: Api) -> Visitor:
    return Visitor(api)


async def price(api: Api, amount: int = 2000, *, monthly: bool = True, name: str = "Team") -> str:
    params: dict[str, Any] = {"currency": "usd", "unit_amount": amount, "product_data": {"name": name}}
    if monthly:
        params["recurring"] = {"interval": "month"}
    return str((await api.ok("POST", "/v1/prices", params))["id"])


async def session(api: Api, mode: str = "subscription", *items: Any, **more: Any) -> Any:
    rows = [one if isinstance(one, dict) else {"price": one, "quantity": 1} for one in items]
    if not rows and mode != "setup":
        rows = [{"price": await price(api, monthly=mode == "subscription"), "quantity": 1}]
    own = {"line_items": rows} if rows else {"currency": "usd"}
    params = {"mode": mode, "success_url": SUCCESS, "cancel_url": "https://shop.example/cart", **own, **more}
    return await api.ok("POST", "/v1/checkout/sessions", params)


async def now(api: Api, made: Any) -> Any:
    return await api.ok("GET", f"/v1/checkout/sessions/{made['id']}")


def done(made: Any) -> str:
    return f"https://shop.example/done?session={made['id']}"


async def test_a_subscription_is_bought(api: Api, visitor: Visitor) -> None:
    made = await session(api)
    words = await visitor.see(made["url"])
    for said in (
        "Subscribe to Team",
        "$20.00 per month",
        "Total due today $20.00",
        "Return to Acme",
        "Email",
        "Subscribe",
    ):
        assert said in words, said
    for id in ("email", "cardNumber", "cardExpiry", "cardCvc", "billingName", "billingCountry", "billingPostalCode"):
        assert f'id="{id}"' in visitor.html, id
    for handle in (SUBMIT, "product-summary-name", "product-summary-total-amount", "line-item-product-name",
                   "card-accordion-item-button"):  # fmt: skip
        assert f'data-testid="{handle}"' in visitor.html, handle
    assert 'href="https://shop.example/cart"' in visitor.html
    action, held = visitor.form(SUBMIT)
    assert await visitor.ask("POST", action, **{**held, **CARD}) == done(made)
    assert await visitor.ask("POST", action, **{**held, **CARD}) == done(made), "sent twice"
    after = await now(api, made)
    assert (after["status"], after["payment_status"], after["url"]) == ("complete", "paid", None)
    found = await api.ok("GET", f"/v1/subscriptions/{after['subscription']}")
    assert found["status"] == "active"
    method = await api.ok("GET", f"/v1/payment_methods/{found['default_payment_method']}")
    assert (method["billing_details"]["name"], method["billing_details"]["email"]) == ("Ada Rivera", "ada@example.com")
    assert method["billing_details"]["address"]["postal_code"] == "94105"
    customer = await api.ok("GET", f"/v1/customers/{after['customer']}")
    assert (customer["email"], customer["name"]) == ("ada@example.com", "Ada Rivera")
    assert len((await api.ok("GET", "/v1/subscriptions"))["data"]) == 1
    assert "You are all done" in await visitor.see(f"/c/pay/{made['id']}")
    assert done(made) in visitor.html


async def test_a_form_sent_twice_at_once_buys_once(api: Api, visitor: Visitor) -> None:
    made = await session(api)
    await visitor.see(made["url"])
    action, held = visitor.form(SUBMIT)
    both = (visitor, Visitor(api))
    ends = await asyncio.gather(*(one.ask("POST", action, **{**held, **CARD}) for one in both))
    assert ends == [done(made), done(made)]
    assert len((await api.ok("GET", "/v1/subscriptions"))["data"]) == 1


async def test_a_payment_without_an_account(api: Api, visitor: Visitor) -> None:
    made = await session(api, "payment", await price(api, 1500, monthly=False, name="Mug"))
    words = await visitor.see(made["url"])
    assert "Mug $15.00" in words
    assert "for future payments" not in words, "nothing is kept"
    assert await visitor.send(SUBMIT, **CARD) == done(made)
    after = await now(api, made)
    assert (after["payment_status"], after["customer"], after["customer_details"]["email"]) == (
        "paid",
        None,
        "ada@example.com",
    )


async def test_a_method_is_set_up(api: Api, visitor: Visitor) -> None:
    customer = await api.ok("POST", "/v1/customers", {"email": "ada@example.com"})
    made = await session(api, "setup", customer=customer["id"])
    words = await visitor.see(made["url"])
    assert "Save your payment details" in words
    assert 'data-testid="product-summary-name"' not in visitor.html
    assert 'id="email">ada@example.com<' in visitor.html, "the customer's own address is not asked for"
    assert await visitor.send(SUBMIT, **{name: text for name, text in CARD.items() if name != "email"}) == done(made)
    intent = await api.ok("GET", f"/v1/setup_intents/{made['setup_intent']}")
    assert (intent["status"], intent["customer"]) == ("succeeded", customer["id"])


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4000000000000002", "Your credit card was declined. Try paying with a debit card instead."),
        ("4242424242424241", "Your card number is incorrect."),
        ("4000000000009995", "Your card has insufficient funds."),
        ("4000000000000069", "Your card has expired."),
        ("4000000000000127", "Your card's security code is incorrect."),
    ],
)
@pytest.mark.parametrize("mode", ["payment", "subscription", "setup"])
async def test_declines_are_told_in_place(api: Api, visitor: Visitor, mode: str, number: str, said: str) -> None:
    made = await session(api, mode)
    await visitor.see(made["url"])
    assert await visitor.send(SUBMIT, **{**CARD, "cardNumber": number}) == ""
    assert (visitor.status, visitor.alerts()) == (402, [said])
    assert visitor.form(SUBMIT)[1]["billingName"] == "Ada Rivera", "what was typed stays"
    assert (await now(api, made))["status"] == "open"
    assert await visitor.send(SUBMIT, **CARD) == done(made)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": ""}, "Please fill in this field."),
        ({"email": "ada"}, "Enter an address such as you@example.com."),
        ({"cardNumber": "4242"}, "Your card number is incomplete."),
        ({"cardExpiry": "12 / 20"}, "Your card's expiration year is in the past."),
        ({"cardCvc": ""}, "Your card's security code is incomplete."),
        ({"billingName": " "}, "Please fill in this field."),
    ],
)
async def test_what_is_missing_is_told_at_its_field(
    api: Api, visitor: Visitor, wrong: dict[str, str], said: str
) -> None:
    made = await session(api)
    before = await api.events()
    await visitor.see(made["url"])
    assert await visitor.send(SUBMIT, **{**CARD, **wrong}) == ""
    assert (visitor.status, visitor.alerts()) == (400, [said])
    assert f'aria-describedby="p-{next(iter(wrong))}"' in visitor.html
    assert await api.events() == before


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
@pytest.mark.parametrize("mode", ["payment", "subscription", "setup"])
async def test_3d_secure_on_the_way(api: Api, visitor: Visitor, mode: str, outcome: str) -> None:
    made = await session(api, mode)
    await visitor.see(made["url"])
    away = await visitor.send(SUBMIT, **{**CARD, "cardNumber": "4000 0027 6000 3184"})
    assert away.startswith("/3d_secure/")
    await visitor.see(asking(away))
    assert "form-action 'self' https: http:" in visitor.headers["Content-Security-Policy"]
    back = await visitor.send("test-source-authorize-3ds", outcome=outcome)
    assert back.startswith(f"/c/pay/{made['id']}?")
    if outcome == "succeed":
        assert await visitor.ask("GET", back) == done(made)
        assert (await now(api, made))["status"] == "complete"
        return
    await visitor.see(back)
    assert visitor.alerts() == [
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    ]
    assert await visitor.send(SUBMIT, **CARD) == done(made)


async def test_promotion_codes(api: Api, visitor: Visitor) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 25, "duration": "once"})
    promotion = {"type": "coupon", "coupon": coupon["id"]}
    await api.ok("POST", "/v1/promotion_codes", {"promotion": promotion, "code": "HELLO"})
    made = await session(api, allow_promotion_codes=True)
    here = f"/c/pay/{made['id']}"
    await visitor.see(made["url"])
    assert await visitor.send("promotionCode", promotion_code="<b>NO</b>") == ""
    assert (visitor.status, visitor.alerts()) == (400, ["This code is invalid."])
    assert visitor.form("promotionCode")[1]["promotion_code"] == "<b>NO</b>"
    assert await visitor.send("promotionCode", promotion_code="HELLO") == here
    assert "HELLO -$5.00 Total due today $15.00" in await visitor.see(here)
    assert await visitor.send("remove_code", remove_code="1") == here
    assert "Total due today $20.00" in await visitor.see(here)
    await visitor.send("promotionCode", promotion_code="HELLO")
    await visitor.see(here)
    assert await visitor.send(SUBMIT, **CARD) == done(made)
    assert (await now(api, made))["amount_total"] == 1500


async def test_no_codes_where_none_are_allowed(api: Api, visitor: Visitor) -> None:
    made = await session(api)
    await visitor.see(made["url"])
    assert "promotionCode" not in visitor.html
    _, held = visitor.form(SUBMIT)
    code = {"csrf_token": held["csrf_token"], "promotion_code": "HELLO"}
    assert await visitor.ask("POST", f"/c/pay/{made['id']}/adjust", **code) == ""
    assert visitor.status == 400


async def test_quantities(api: Api, visitor: Visitor) -> None:
    bounds = {"enabled": True, "minimum": 2, "maximum": 5}
    made = await session(api, "subscription", {"price": await price(api), "quantity": 2, "adjustable_quantity": bounds})
    here = f"/c/pay/{made['id']}"
    assert "$40.00 per month" in await visitor.see(made["url"])
    for wrong in ("6", "0", "-1", "x", "", "²"):
        assert await visitor.send("line-item-quantity", quantity=wrong) == ""
        assert (visitor.status, visitor.alerts()) == (400, ["This is not right. Check what you typed."])
    assert await visitor.send("line-item-quantity", quantity="3") == here
    assert "Total due today $60.00" in await visitor.see(here)
    assert await visitor.send("line-item-quantity", item="li_of_someone_else", quantity="3") == ""
    await visitor.see(here)
    await visitor.send(SUBMIT, **CARD)
    after = await now(api, made)
    found = await api.ok("GET", f"/v1/subscriptions/{after['subscription']}")
    assert found["items"]["data"][0]["quantity"] == 3


async def test_the_amount_that_was_shown_is_the_one_that_is_paid(api: Api, visitor: Visitor) -> None:
    made = await session(api)
    await visitor.see(made["url"])
    assert await visitor.send(SUBMIT, **{**CARD, "expected_amount": "1"}) == ""
    assert (visitor.status, (await now(api, made))["status"]) == (409, "open")
    assert "The total has changed" in visitor.alerts()[0]


async def test_a_trial(api: Api, visitor: Visitor) -> None:
    made = await session(api, subscription_data={"trial_period_days": 14})
    words = await visitor.see(made["url"])
    for said in ("Try Team", "14 days free", "Then $20.00 per month", "Total due today $0.00", "Start trial"):
        assert said in words, said
    assert await visitor.send(SUBMIT, **CARD) == done(made)
    assert (await now(api, made))["payment_status"] == "no_payment_required"


async def test_nothing_to_pay_with_is_asked_where_nothing_is_due(api: Api, visitor: Visitor) -> None:
    trial = {"trial_period_days": 14}
    made = await session(api, payment_method_collection="if_required", subscription_data=trial)
    await visitor.see(made["url"])
    assert "cardNumber" not in visitor.html
    assert await visitor.send(SUBMIT, email="ada@example.com") == done(made)
    assert (await now(api, made))["status"] == "complete"


async def test_everything_that_a_merchant_may_ask(api: Api, visitor: Visitor) -> None:
    rate = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": {"amount": 500, "currency": "usd"}}
    fast = {**rate, "display_name": "Courier", "fixed_amount": {"amount": 900, "currency": "usd"}}
    size = {"options": [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}]}
    made = await session(
        api,
        "payment",
        billing_address_collection="required",
        consent_collection={"terms_of_service": "required"},
        custom_fields=[
            {"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "dropdown", "dropdown": size},
            {"key": "note", "label": {"type": "custom", "custom": "Note"}, "type": "text", "optional": True},
        ],
        phone_number_collection={"enabled": True},
        shipping_address_collection={"allowed_countries": ["DE", "FR"]},
        shipping_options=[{"shipping_rate_data": rate}, {"shipping_rate_data": fast}],
    )
    words = await visitor.see(made["url"])
    assert "Shipping $5.00" in words
    other = visitor.html.partition("Courier")[0].rpartition('value="')[2].partition('"')[0]
    assert await visitor.send("shipping_rate", shipping_rate=other) == f"/c/pay/{made['id']}"
    assert "Total due $29.00" in await visitor.see(made["url"])
    await visitor.send(SUBMIT, **CARD)
    wrong = ("phoneNumber", "shippingName", "shippingAddressLine1", "billingAddressLine1", "billingLocality",
             "termsOfServiceConsentCheckbox")  # fmt: skip
    for name in wrong:
        marked = visitor.html.partition(f'id="{name}"')[2].partition(">")[0]
        assert 'aria-invalid="true"' in marked, name
    more = {
        **CARD, "phoneNumber": "+1 555 010 0123", "shippingName": "Ada Rivera", "shippingCountry": "DE",
        "shippingAddressLine1": "Ring 1", "shippingLocality": "Ulm", "billingAddressLine1": "1 Market St",
        "billingLocality": "San Francisco", "custom-size": "l", "termsOfServiceConsentCheckbox": "1",
    }  # fmt: skip
    for odd in ({"shippingCountry": "US"}, {"custom-size": "xl"}, {"phoneNumber": "call me"}):
        assert await visitor.send(SUBMIT, **{**more, **odd}) == ""
        assert (visitor.status, len(visitor.alerts())) == (400, 1), odd
    assert await visitor.send(SUBMIT, **more) == done(made)
    after = await now(api, made)
    assert after["collected_information"]["shipping_details"]["address"]["city"] == "Ulm"
    assert after["custom_fields"][0]["dropdown"]["value"] == "l"
    assert (after["customer_details"]["phone"], after["amount_total"]) == ("+1 555 010 0123", 2900)
    assert after["customer_details"]["address"]["line1"] == "1 Market St"


async def test_a_bank_account_is_proven_on_the_way(api: Api, visitor: Visitor) -> None:
    [offer] = (await api.ok("GET", "/v1/payment_method_configurations"))["data"]
    on = {"us_bank_account": {"display_preference": {"preference": "on"}}}
    await api.ok("POST", f"/v1/payment_method_configurations/{offer['id']}", on)
    made = await session(api, "payment")
    await visitor.see(f"/c/pay/{made['id']}?type=us_bank_account&test=0")
    away = await visitor.send(SUBMIT)
    assert away.startswith("/microdeposit/pi_")
    await visitor.see(away)
    back = await visitor.send("descriptor_code", descriptor_code="SM11AA")
    assert back.startswith(f"/c/pay/{made['id']}?")
    assert await visitor.ask("GET", back) == done(made)
    assert (await now(api, made))["payment_status"] == "unpaid", "the bank has not answered yet"


async def test_expired_sessions(api: Api, visitor: Visitor) -> None:
    recovery = {"recovery": {"enabled": True, "allow_promotion_codes": True}}
    made = await session(api, after_expiration=recovery, customer_email="ada@example.com")
    await visitor.see(made["url"])
    action, held = visitor.form(SUBMIT)
    gone = await api.ok("POST", f"/v1/checkout/sessions/{made['id']}/expire")
    assert await visitor.ask("POST", action, **{**held, **CARD}) == f"/c/pay/{made['id']}"
    words = await visitor.see(f"/c/pay/{made['id']}")
    assert (visitor.status, "This checkout has expired" in words) == (410, True)
    assert 'href="https://shop.example/cart"' in visitor.html
    again = await visitor.ask("GET", gone["after_expiration"]["recovery"]["url"])
    assert again.startswith("/c/pay/cs_test_")
    assert "Subscribe to Team" in await visitor.see(again)
    found = await api.ok("GET", f"/v1/checkout/sessions/{again.rpartition('/')[2]}")
    assert (found["recovered_from"], found["customer_email"]) == (made["id"], "ada@example.com")
    await visitor.ask("GET", f"/r/{found['id']}")
    assert visitor.status == 404, "an open session has nothing to bring back"


async def test_payment_links_open_a_session(api: Api, visitor: Visitor) -> None:
    rows = [{"price": await price(api), "quantity": 1}]
    confirmation = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Welcome <aboard>"}}
    link = await api.ok("POST", "/v1/payment_links", {"line_items": rows, "after_completion": confirmation})
    first = await visitor.ask("GET", link["url"] + "?prefilled_email=ada%40example.com")
    assert first.startswith("/c/pay/cs_test_")
    words = await visitor.see(first)
    assert ("Subscribe to Team" in words, "ada@example.com" in words) == (True, True)
    after = await visitor.send(SUBMIT, **CARD)
    assert after.endswith(f"/b/{link['id']}/complete")
    assert "Welcome <aboard>" in await visitor.see(after)
    await api.ok("POST", f"/v1/payment_links/{link['id']}", {"active": "false"})
    words = await visitor.see(link["url"])
    assert (visitor.status, "This link is not active" in words) == (410, True)


@pytest.mark.parametrize(
    "path", ["/c/pay/cs_test_nobody", "/b/plink_nobody", "/b/plink_nobody/complete", "/r/cs_x", "/c/x"]
)
async def test_addresses_of_nothing(visitor: Visitor, path: str) -> None:
    await visitor.ask("GET", path)
    assert visitor.status == 404
    assert "Page not found" in visitor.words()


@pytest.mark.parametrize("code", ["", "wrong"])
async def test_forms_without_the_pages_code_do_nothing(api: Api, visitor: Visitor, code: str) -> None:
    made = await session(api, allow_promotion_codes=True)
    before = await api.events()
    for rest in ("", "/adjust"):
        await visitor.ask("POST", f"/c/pay/{made['id']}{rest}", csrf_token=code, type="card", **CARD)
        assert visitor.status == 403
    assert await api.events() == before


async def test_the_drawer_fills_the_form(api: Api, visitor: Visitor) -> None:
    made = await session(api)
    await visitor.see(f"/c/pay/{made['id']}?type=card&test=0")
    held = visitor.form(SUBMIT)[1]
    assert (held["cardNumber"], held["email"]) == ("4242 4242 4242 4242", "jenny.rosen@example.com")
    assert await visitor.send(SUBMIT) == done(made), "one tap is enough"


async def test_nothing_typed_runs(api: Api, visitor: Visitor) -> None:
    odd = '<script>alert(1)</script>"'
    made = await session(api, "payment", await price(api, 500, monthly=False, name=odd))
    await visitor.see(made["url"])
    await visitor.send(SUBMIT, **{**CARD, "email": odd, "billingName": odd, "cardNumber": odd})
    assert "<script>alert" not in visitor.html
    assert visitor.form(SUBMIT)[1]["billingName"] == odd
