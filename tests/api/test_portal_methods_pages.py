"""The pages of payment methods over the real engine, without a browser: forms, refusals, headers, flows."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.reader import asking

if TYPE_CHECKING:
    from tests.support.client import Api

VISA = {"cvc": "123", "expiry": "12 / 34", "number": "4242 4242 4242 4242", "postalCode": "94105", "country": "US"}


class Reader:
    """Somebody whose browser runs no scripts."""

    def __init__(self, api: Api, customer: str, token: str) -> None:
        self.api = api
        self.customer = customer
        self.base = f"/p/session/{token}"
        self.html = ""
        self.status = 0
        self.headers: Any = {}
        self.at = ""

    async def ask(self, method: str, path: str, **fields: str) -> str:
        """Open or send; returns where a redirect leads, or an empty text."""
        url = path if path.startswith(("/p/", "/3d_secure")) else self.base + path
        async with self.api.client.request(
            method, url, data=fields or None, headers={"User-Agent": "Reader/1"}, allow_redirects=False
        ) as answer:
            self.html, self.status, self.headers = await answer.text(), answer.status, answer.headers
        return str(self.headers.get("Location", ""))

    async def see(self, path: str) -> str:
        """Open a page and return its words."""
        assert await self.ask("GET", path) == ""
        return self.words()

    def words(self) -> str:
        """Return what the page says."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html.partition("<body>")[2])).split())

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the page's form."""
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.html))

    def typed(self) -> dict[str, str]:
        """Return what the fields hold."""
        inputs = re.findall(r'<input id="f-(\w+)"[^>]* value="([^"]*)"', self.html)
        selects = re.findall(r'(?s)<select id="f-(\w+)".*?<option value="(\w*)" selected>', self.html)
        return {**{name: unescape(value) for name, value in inputs}, **dict(selects)}

    async def send(self, path: str, **fields: str) -> str:
        """Send the form of the page that is open."""
        return await self.ask("POST", path, **{**self.hidden(), **fields})

    async def methods(self) -> list[dict[str, Any]]:
        """Return the customer's payment methods."""
        found: list[dict[str, Any]] = (await self.api.ok("GET", f"/v1/customers/{self.customer}/payment_methods"))[
            "data"
        ]
        return found


@pytest.fixture
async def reader(api: Api) -> Reader:
    """A customer of a shop that takes everything."""
    return await visiting(api)


async def visiting(api: Api, country: str = "US", currency: str = "usd", **session: Any) -> Reader:
    await api.ok("POST", "/_emulator/settings", {"country": country, "default_currency": currency})
    [offer] = (await api.ok("GET", "/v1/payment_method_configurations"))["data"]
    types = ("us_bank_account", "sepa_debit", "bacs_debit", "boleto", "paypal", "cashapp")
    on = {type: {"display_preference": {"preference": "on"}} for type in types}
    await api.ok("POST", f"/v1/payment_method_configurations/{offer['id']}", on)
    made = await api.ok("POST", "/v1/customers", {"email": "ada@example.com", "name": "Ada <b>Rivera</b>"})
    link = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": made["id"], **session})
    return Reader(api, made["id"], link["url"].rsplit("/", 1)[1])


async def test_a_card_is_added_without_scripts(reader: Reader) -> None:
    assert "Add payment method" in await reader.see("")
    words = await reader.see("/payment-methods/add")
    for label in ("Card number", "Expiration date", "Security code", "Country", "you allow Acme to charge it"):
        assert label in words
    sent = reader.hidden()
    after = await reader.send("/payment-methods/add", **VISA)
    assert after == f"{reader.base}?done=method_added"
    assert await reader.ask("POST", "/payment-methods/add", **{**sent, **VISA}) == after, "sent twice"
    words = await reader.see(after)
    assert "Visa •••• 4242 Default Expires 12/2034" in words
    assert "Your payment method has been added." in words
    [method] = await reader.methods()
    assert method["billing_details"]["address"]["country"] == "US"


@pytest.mark.parametrize(
    ("number", "said", "status"),
    [
        ("4000000000009995", "Your card has insufficient funds.", 402),
        ("4000000000000002", "Your card was declined.", 402),
        ("4000000000000069", "Your card has expired.", 402),
        ("4000000000000127", "Your card's security code is incorrect.", 402),
        ("4242424242424241", "Your card number is incorrect.", 402),
        ("4242 4242", "Your card number is incomplete.", 400),
        ("4111111111111111", "used a non test card", 402),
        ("<script>alert(1)</script>", "Your card number is invalid.", 400),
    ],
)
async def test_a_refused_card_is_told_at_its_field(reader: Reader, number: str, said: str, status: int) -> None:
    await reader.see("/payment-methods/add")
    assert await reader.send("/payment-methods/add", **{**VISA, "number": number}) == ""
    assert reader.status == status
    assert said in reader.words()
    [wrong] = re.findall(r'<p class="pm-wrong" id="p-(\w+)" role="alert">', reader.html)
    assert re.search(
        rf'<input id="f-{wrong}"[^>]* aria-invalid="true" aria-describedby="p-{wrong}" autofocus>', reader.html
    )
    assert reader.typed()["number"] == number, "what was typed stays"
    assert reader.typed()["cvc"] == ("" if wrong == "cvc" else "123")
    assert "<script>alert" not in reader.html
    assert await reader.methods() == []


async def test_the_drawer_fills_the_form(reader: Reader) -> None:
    await reader.see("/payment-methods/add")
    links = [unescape(url) for url in re.findall(r'<li><a href="([^"]+)" [^>]*><span class="figures" ', reader.html)]
    assert len(links) == 15
    assert '<details class="fold trials"' in reader.html
    assert not {"4242", "declined"} & set(re.findall(r"\w+", reader.words())), (
        "a selector finds the card, the problem alone"
    )
    await reader.see(links[1])
    assert {name: reader.typed()[name] for name in ("number", "cvc")} == {"number": "5555 5555 5555 4444", "cvc": "123"}
    await reader.see("/payment-methods/add?type=us_bank_account&test=0")
    typed = reader.typed()
    assert (typed["name"], typed["account_number"]) == ("Ada <b>Rivera</b>", "000123456789")
    assert typed["routing_number"] == "110000000"
    for odd in ("-1", "99", "x", "²", "1" * 9):
        await reader.see(f"/payment-methods/add?test={odd}")
        assert reader.typed()["number"] == ""


async def test_a_bank_account_is_proven(reader: Reader) -> None:
    await reader.see("/payment-methods/add?type=us_bank_account&test=0")
    verify = await reader.send("/payment-methods/add", **reader.typed())
    assert "/payment-methods/verify/seti_" in verify
    assert "STRIPE TEST BANK •••• 6789 Not verified" in await reader.see("")
    assert "STRIPE TEST BANK •••• 6789" in await reader.see(verify)
    await reader.send(verify, descriptor_code="SM00XX")
    assert (reader.status, reader.typed()) == (400, {"descriptor_code": "SM00XX"})
    assert "This is not the code that was sent to your account." in reader.words()
    assert await reader.send(verify, descriptor_code="SM11AA") == f"{reader.base}?done=method_added"
    assert await reader.ask("GET", verify) == f"{reader.base}?done=method_added", "opened again"
    assert "STRIPE TEST BANK •••• 6789 Default" in await reader.see("")


async def test_too_many_tries_end_the_proof(reader: Reader) -> None:
    await reader.see("/payment-methods/add?type=us_bank_account&test=0")
    verify = await reader.send("/payment-methods/add", **reader.typed())
    await reader.see(verify)
    await reader.send(verify, descriptor_code="SM33CC")
    assert "This account could not be verified" in reader.words()
    assert "Not verified" not in await reader.see("")


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
async def test_a_bank_asks_and_leads_back(reader: Reader, outcome: str) -> None:
    await reader.see("/payment-methods/add?test=3")
    away = await reader.send("/payment-methods/add", **reader.typed())
    assert away.startswith("/3d_secure/seti_")
    await reader.ask("GET", asking(away))
    fields = {**reader.hidden(), "outcome": outcome}
    back = await reader.ask("POST", away.partition("?")[0], **{key: unescape(value) for key, value in fields.items()})
    assert back.startswith(f"{reader.base}/payment-methods/returned?setup=seti_")
    after = await reader.ask("GET", back)
    if outcome == "succeed":
        assert after == f"{reader.base}?done=method_added"
        assert "•••• 3155 Default" in await reader.see(after)
    else:
        assert after == ""
        assert "We are unable to authenticate your payment method." in reader.words()
        assert await reader.methods() == []


async def test_a_wallet_is_asked_on_its_own_page(api: Api) -> None:
    reader = await visiting(api, "DE", "eur")
    words = await reader.see("/payment-methods/add?type=paypal")
    assert "You continue on the page of PayPal" in words
    assert ">Continue</button>" in reader.html
    assert (await reader.send("/payment-methods/add")).startswith("/3d_secure/seti_")


@pytest.mark.parametrize(
    ("country", "currency", "type", "said"),
    [
        ("DE", "eur", "sepa_debit", "authorize Acme to instruct your bank"),
        ("GB", "gbp", "bacs_debit", "The Direct Debit Guarantee"),
        ("BR", "brl", "boleto", "a boleto for each payment"),
    ],
)
async def test_mandates_are_shown(api: Api, country: str, currency: str, type: str, said: str) -> None:
    reader = await visiting(api, country, currency)
    assert said in await reader.see(f"/payment-methods/add?type={type}&test=0")
    assert await reader.send("/payment-methods/add", **reader.typed()) == f"{reader.base}?done=method_added"
    assert [method["type"] for method in await reader.methods()] == [type]


async def test_a_type_that_is_not_offered_is_refused_by_hand(reader: Reader) -> None:
    await reader.see("/payment-methods/add?type=sepa_debit")
    assert reader.hidden()["type"] == "card", "the first one that is offered stands in"
    await reader.send("/payment-methods/add", type="bacs_debit", name="x")
    assert reader.status == 403


async def saved(reader: Reader) -> tuple[str, str]:
    """Save two cards; returns the other one's id and the default one's."""
    for place in (0, 1):
        await reader.see(f"/payment-methods/add?test={place}")
        await reader.send("/payment-methods/add", **reader.typed())
    new, old = (method["id"] for method in await reader.methods())
    return old, new


async def test_make_default_and_delete_without_scripts(reader: Reader) -> None:
    old, new = await saved(reader)
    words = await reader.see("/payment-methods")
    assert words.count("Manage your payment methods") == 1
    assert reader.html.count('data-testid="overflow-menu-button"') == 1
    code = {"csrf_token": reader.hidden()["csrf_token"]}
    done = await reader.ask("POST", f"/payment-methods/{old}/default", **code)
    assert done == f"{reader.base}?done=method_default"
    assert "Visa •••• 4242 Default" in await reader.see("")
    assert "Mastercard •••• 4444 Expires" in await reader.see(f"/payment-methods/{new}/delete")
    for _ in range(2):
        assert (
            await reader.ask("POST", f"/payment-methods/{new}/delete", **code) == f"{reader.base}?done=method_deleted"
        )
    assert [method["id"] for method in await reader.methods()] == [old]
    await reader.ask("POST", f"/payment-methods/{old}/delete", **code)
    assert reader.status == 403
    await reader.ask("GET", f"/payment-methods/{old}/delete")
    assert reader.status == 403
    await reader.ask("GET", "/payment-methods/pm_nobody/delete")
    assert reader.status == 404


@pytest.mark.parametrize("code", ["", "wrong"])
async def test_forms_without_the_sessions_code_do_nothing(reader: Reader, code: str) -> None:
    old, _ = await saved(reader)
    before = await reader.api.events()
    for path in ("add", f"{old}/default", f"{old}/delete", "verify/seti_1", "subscriptions/sub_1"):
        await reader.ask("POST", f"/payment-methods/{path}", csrf_token=code, type="card", **VISA)
        assert reader.status == 403
    assert await reader.api.events() == before


async def test_only_the_empty_page_may_be_framed_and_only_by_us(reader: Reader) -> None:
    await reader.see("/payment-methods/card")
    policy = reader.headers["Content-Security-Policy"]
    assert (reader.headers["X-Frame-Options"], "frame-ancestors 'self'" in policy) == ("SAMEORIGIN", True)
    assert "script-src" not in policy
    assert '<body class="card-page"></body>' in reader.html
    await reader.see("/payment-methods/add")
    policy = reader.headers["Content-Security-Policy"]
    assert (reader.headers["X-Frame-Options"], "frame-ancestors 'none'" in policy) == ("DENY", True)
    assert "frame-src 'self'" in policy
    await reader.see("")
    assert "frame-src" not in reader.headers["Content-Security-Policy"]


async def test_a_flow_opens_at_the_form_and_ends(api: Api) -> None:
    flow = {"type": "payment_method_update", "after_completion": {"type": "hosted_confirmation"}}
    reader = await visiting(api, flow_data=flow)
    assert await reader.ask("GET", "") == f"{reader.base}/payment-methods/add"
    assert 'class="back"' not in (await reader.see("/payment-methods/add") and reader.html)
    assert await reader.send("/payment-methods/add", **VISA) == f"{reader.base}/completed"
    assert len(await reader.methods()) == 1


async def test_where_nothing_may_be_managed(api: Api) -> None:
    features = {"payment_method_update": {"enabled": False}, "invoice_history": {"enabled": True}}
    configuration = await api.ok("POST", "/v1/billing_portal/configurations", {"features": features})
    reader = await visiting(api, configuration=configuration["id"])
    assert "Add payment method" not in await reader.see("")
    for path in ("", "/add"):
        await reader.ask("GET", f"/payment-methods{path}")
        assert reader.status == 403


async def test_a_subscription_changes_to_the_default(reader: Reader) -> None:
    old, _ = await saved(reader)
    recurring = {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
    product = await reader.api.ok("POST", "/v1/products", {"name": "Team", "default_price_data": recurring})
    params = {"items": [{"price": product["default_price"]}], "default_payment_method": old}
    made = await reader.api.ok("POST", "/v1/subscriptions", {"customer": reader.customer, **params})
    words = await reader.see("")
    assert "Team is paid with Visa •••• 4242. Use your default instead" in words
    path = f"/payment-methods/subscriptions/{made['id']}"
    assert "Mastercard •••• 4444" in await reader.see(path)
    assert await reader.send(path) == f"{reader.base}?done=method_fallback"
    assert await reader.ask("GET", path) == reader.base
    shown = await reader.api.ok("GET", f"/v1/subscriptions/{made['id']}")
    assert shown["default_payment_method"] is None
