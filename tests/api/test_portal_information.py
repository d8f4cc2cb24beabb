"""Billing information in the portal: what may be changed, what an address needs, tax ids, and what is announced."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.support.portal import link, page, refused, since
from tests.support.reader import Visitor

if TYPE_CHECKING:
    from tests.support.client import Api

CONFIGURATIONS = "/v1/billing_portal/configurations"
ALL = ("name", "email", "address", "shipping", "phone", "tax_id")
HOME = {"line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}
UPDATED, TAX_ADDED, TAX_GONE = "customer.updated", "customer.tax_id.created", "customer.tax_id.deleted"


async def opened(api: Api, *allowed: str, **customer: Any) -> tuple[str, str]:
    """Return the id of a customer and the token of a session that allows these updates."""
    made = await api.ok("POST", "/v1/customers", {"name": "Ada", "email": "ada@example.com", **customer})
    feature = {"enabled": True, "allowed_updates": list(allowed or ALL)}
    configuration = await api.ok("POST", CONFIGURATIONS, {"features": {"customer_update": feature}})
    return made["id"], await link(api, made["id"], configuration=configuration["id"])


async def test_what_may_be_changed(api: Api) -> None:
    _, token = await opened(api, "phone", "name")
    assert (await page(api, "information", token))["editable"] == ["name", "phone"]
    assert (await page(api, "home", token))["editable"] == ["name", "phone"]
    for field, value in (("email", "b@example.com"), ("address", HOME), ("shipping", {"name": "x", "address": HOME})):
        error = await refused(api, "update_information", token, **{field: value})
        assert (error.status, error.code, error.param) == (403, "portal_not_permitted", field)
    assert (await refused(api, "add_tax_id", token, type="us_ein", value="12-3456789")).status == 403
    error = await refused(api, "update_information", token, name="Eve", balance=-500)
    assert error.code == "parameter_unknown"


@pytest.mark.parametrize("feature", [{"enabled": False}, {"enabled": True, "allowed_updates": ""}])
async def test_nothing_may_be_changed(api: Api, feature: Any) -> None:
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    features = {"customer_update": feature, "invoice_history": {"enabled": True}}
    configuration = await api.ok("POST", CONFIGURATIONS, {"features": features})
    token = await link(api, customer["id"], configuration=configuration["id"])
    assert (await refused(api, "information", token)).status == 403
    assert (await refused(api, "update_information", token, name="Eve")).status == 403
    async with api.client.get(f"/p/session/{token}/customer/update") as answer:
        assert answer.status == 403
    async with api.client.get(f"/p/session/{token}") as answer:
        assert "Update information" not in await answer.text()


async def test_a_change_is_announced_once(api: Api) -> None:
    customer, token = await opened(api, address=HOME)
    before = await api.events()
    given = {"name": "Ada Rivera", "phone": "+1 555", "address": {**HOME, "line2": "Flat 2"}}
    for _ in range(2):
        await page(api, "update_information", token, **given)
    assert await since(api, before) == [UPDATED]
    previous = (await api.happened())[-1]["data"]["previous_attributes"]
    assert previous == {"name": "Ada", "phone": None, "address": {"line2": None}}
    after = await api.ok("GET", f"/v1/customers/{customer}")
    assert (after["name"], after["email"], after["address"]["line2"]) == ("Ada Rivera", "ada@example.com", "Flat 2")


async def test_fields_are_cleared_but_not_the_address_of_the_mails(api: Api) -> None:
    customer, token = await opened(api, phone="1", address=HOME, shipping={"name": "Bo", "address": HOME})
    await page(api, "update_information", token, name="", phone="", address="", shipping="")
    after = await api.ok("GET", f"/v1/customers/{customer}")
    assert [after[name] for name in ("name", "phone", "address", "shipping")] == [None] * 4
    error = await refused(api, "update_information", token, email="")
    assert error.extra["problems"] == {"email": "missing"}


@pytest.mark.parametrize(
    ("address", "problems"),
    [
        ({"country": "US"}, {}),
        ({**HOME}, {}),
        ({"country": "US", "line1": "1 Main St"}, {"city", "state", "postal_code"}),
        ({"country": "DE", "line1": "Weg 1", "city": "Bonn"}, {"postal_code"}),
        ({"country": "DE", "line1": "Weg 1", "city": "Bonn", "postal_code": "53111"}, {}),
        ({"country": "IE", "line1": "1 Quay", "city": "Cork"}, {}),
        ({"country": "HK", "line1": "1 Road"}, {"state"}),
        ({"country": "JP", "line1": "1-1"}, {"city", "state", "postal_code"}),
        ({"line1": "1 Main St"}, {"country"}),
        ({"country": "XX", "line1": "1"}, {"country"}),
        ({"country": "us", "line1": "1"}, {"country"}),
    ],
)
async def test_an_address_has_what_its_country_needs(api: Api, address: Any, problems: set[str]) -> None:
    _, token = await opened(api)
    if not problems:
        await page(api, "update_information", token, address=address)
        return
    error = await refused(api, "update_information", token, address=address)
    assert {name.removeprefix("address[").rstrip("]") for name in error.extra["problems"]} == problems


async def test_an_incomplete_address_that_is_there_may_stay(api: Api) -> None:
    customer, token = await opened(api, address={"line1": "somewhere"})
    await page(api, "update_information", token, name="Eve", address={"line1": "somewhere"})
    assert (await api.ok("GET", f"/v1/customers/{customer}"))["name"] == "Eve"


async def test_shipping_needs_somebody_and_somewhere(api: Api) -> None:
    _, token = await opened(api)
    error = await refused(api, "update_information", token, shipping={"name": "Bo", "address": {}})
    assert set(error.extra["problems"]) == {"shipping[address][line1]"}
    error = await refused(api, "update_information", token, shipping={"name": "", "address": HOME})
    assert error.param == "shipping[name]"
    before = await api.events()
    await page(api, "update_information", token, shipping={"name": "Bo", "phone": "1", "address": HOME})
    assert await since(api, before) == [UPDATED]


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"email": "nobody"}, "email"), ({"name": "x" * 257}, "name"), ({"phone": "1" * 21}, "phone"),
        ({"name": 5}, "name"), ({"name": ["x"]}, "name"), ({"address": "x"}, "address"), ({"address": {"zip": "1"}}, "address[zip]"),
        ({"shipping": {"name": "x"}}, "shipping[address]"), ({"address": {"line1": {"a": 1}}}, "address[line1]"),
    ],
)  # fmt: skip
async def test_the_api_s_own_checks_hold(api: Api, given: Any, param: str) -> None:
    _, token = await opened(api)
    error = await refused(api, "update_information", token, **given)
    assert (error.status, error.param) == (400, param)


async def test_tax_ids_come_and_go(api: Api) -> None:
    await api.freeze(1_790_000_000)
    customer, token = await opened(api)
    before = await api.events()
    for _ in range(2):
        await page(api, "add_tax_id", token, type="eu_vat", value="000000000")
    assert [one["value"] for one in (await page(api, "information", token))["tax_ids"]] == ["000000000"]
    await api.advance("1m")
    assert await since(api, before) == [TAX_ADDED, "customer.tax_id.updated"]
    found = (await page(api, "information", token))["tax_ids"][0]
    assert found["verification"]["status"] == "verified"
    await page(api, "remove_tax_id", token, tax_id=found["id"])
    assert (await since(api, before))[2:] == [TAX_GONE]
    assert (await refused(api, "remove_tax_id", token, tax_id=found["id"])).status == 404
    assert (await api.ok("GET", f"/v1/customers/{customer}/tax_ids"))["data"] == []


async def test_tax_ids_that_are_refused(api: Api) -> None:
    customer, token = await opened(api)
    for given, param in (
        ({"type": "eu_vat", "value": "DE1"}, "value"), ({"type": "xx_vat", "value": "1"}, "type"), ({"type": "eu_vat"}, "value"),
        ({"value": "1"}, "type"), ({"type": ["eu_vat"], "value": "1"}, "type"), ({"type": "eu_vat", "value": 7}, "value"),
    ):  # fmt: skip
        error = await refused(api, "add_tax_id", token, **given)
        assert (error.status, error.param) == (400, param), given
    for number in range(5):
        await page(api, "add_tax_id", token, type="us_ein", value=f"12-345678{number}")
    assert "at most 5" in (await refused(api, "add_tax_id", token, type="us_ein", value="12-3456789")).message
    other = await api.ok("POST", "/v1/customers", {})
    foreign = await api.ok("POST", f"/v1/customers/{other['id']}/tax_ids", {"type": "us_ein", "value": "12-3456789"})
    own = (await api.ok("POST", "/v1/tax_ids", {"type": "us_ein", "value": "12-3456789"}))["id"]
    for id_ in (foreign["id"], own, customer, "txi_nothing", None, {"a": 1}):
        assert (await refused(api, "remove_tax_id", token, tax_id=id_)).status == 404


class Form:
    """The page of the billing information over HTTP, without scripts."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.url = f"/p/session/{token}/customer/update"

    async def get(self, query: str = "") -> str:
        async with self.api.client.get(self.url + query) as answer:
            assert answer.status == 200
            return await answer.text()

    async def send(self, path: str = "", **fields: str) -> tuple[int, str, str]:
        code = re.search(r'name="csrf_token" value="(\w+)"', await self.get())
        assert code
        data = {"csrf_token": code[1], **fields}
        async with self.api.client.post(self.url + path, data=data, allow_redirects=False) as answer:
            return answer.status, urlsplit(answer.headers.get("Location", "")).query, await answer.text()


def value(html: str, name: str) -> str | None:
    """Return what stands in a field."""
    field = re.search(rf'<input[^>]* name="{re.escape(name)}"[^>]* value="([^"]*)"', html)
    chosen = re.search(rf'(?s)<select[^>]* name="{re.escape(name)}".*?<option value="([^"]*)" selected', html)
    found = field or chosen
    return unescape(found[1]) if found else None


def flat(address: dict[str, str], prefix: str = "address") -> dict[str, str]:
    return {f"{prefix}[{part}]": text for part, text in address.items()}


async def test_the_form_without_scripts(api: Api) -> None:
    customer, token = await opened(api)
    form = Form(api, token)
    typed = {"name": "Ada R.", "email": "ada@example.com", "phone": "", **flat({"country": "DE", "line1": "Weg 1"})}
    status, _, html = await form.send(refine="1", **typed)
    assert (status, value(html, "address[country]"), value(html, "name")) == (200, "DE", "Ada R.")
    assert "Postal code" in html
    assert "address[state]" not in html
    status, _, html = await form.send(**typed)
    assert status == 400
    assert value(html, "address[line1]") == "Weg 1"
    assert html.count("Please fill in this field.") == 2
    assert re.search(r'<input id="f-address-postal-code"[^>]*aria-describedby="f-address-postal-code-problem"', html)
    assert html.count(" autofocus") == 1
    status, query, _ = await form.send(**typed, **flat({"city": "Bonn", "postal_code": "53111"}))
    assert (status, query) == (303, "done=information")
    shown = await api.ok("GET", f"/v1/customers/{customer}")
    assert shown["address"] == {
        "city": "Bonn", "country": "DE", "line1": "Weg 1", "line2": None, "postal_code": "53111", "state": None,
    }  # fmt: skip


async def test_a_form_that_is_sent_unchanged_changes_nothing(api: Api) -> None:
    for stored in ({}, {"address": HOME}, {"address": {"country": "US"}}, {"address": {**HOME, "state": "Illinois"}},
                   {"address": {"line1": "x", "country": "DE", "state": "NW", "city": "y", "postal_code": "1"}},
                   {"shipping": {"name": "Bo", "address": HOME}}):  # fmt: skip
        _, token = await opened(api, **stored)
        form = Form(api, token)
        html = await form.get()
        names = set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', html)) - {
            "csrf_token",
            "type",
            "value",
            "locale",
        }
        before = await api.events()
        status, query, html = await form.send(**{name: value(html, name) or "" for name in names})
        assert (status, query) == (303, "done=information"), stored
        told = await since(api, before)
        # A state that was written out is kept by its code.
        assert told == ([UPDATED] if stored.get("address", {}).get("state") == "Illinois" else []), stored


async def test_tax_ids_on_the_page(api: Api) -> None:
    _, token = await opened(api, "tax_id", address={**HOME, "country": "DE"})
    form = Form(api, token)
    html = await form.get()
    assert "For example DE123456789" in html
    assert html.index('value="eu_vat"') < html.index('value="us_ein"')
    status, _, html = await form.send("/tax-ids", type="eu_vat", value="nonsense")
    assert (status, value(html, "value")) == (400, "nonsense")
    assert "does not have the format" in html
    assert (await form.send("/tax-ids", type="eu_vat", value=" DE123456789 "))[:2] == (303, "done=tax_id_added")
    id_ = (await page(api, "information", token))["tax_ids"][0]["id"]
    assert (await form.send(f"/tax-ids/{id_}/remove"))[:2] == (303, "done=tax_id_removed")
    # Sent again, or for what is somebody else's: the list, nothing more is removed, and nobody is told which it was.
    stranger = await api.ok("POST", "/v1/customers", {"name": "Eve"})
    theirs = await api.ok("POST", f"/v1/customers/{stranger['id']}/tax_ids", {"type": "us_ein", "value": "12-3456789"})
    before = await api.events()
    for again in (id_, "txi_nothing", theirs["id"]):
        assert (await form.send(f"/tax-ids/{again}/remove"))[:2] == (303, "done=tax_id_removed")
    assert await since(api, before) == []
    assert (await api.get(f"/v1/customers/{stranger['id']}/tax_ids/{theirs['id']}")).status == 200


async def test_hostile_words_are_text(api: Api) -> None:
    evil = "<script>alert(1)</script>\"'>"
    _, token = await opened(api, name=evil, phone=evil[:20], address={**HOME, "city": evil, "state": evil})
    for html in (await Form(api, token).get(), await Form(api, token).get(f"?address[country]={evil}&done={evil}")):
        assert len(re.findall(r"<script\b", html)) == 1
        assert value(html, "address[city]") == evil


async def test_the_flow_ends_where_it_should(api: Api) -> None:
    customer, _ = await opened(api)
    flow = {
        "type": "customer_update",
        "after_completion": {"type": "redirect", "redirect": {"return_url": "https://a.example/ok"}},
    }
    token = await link(api, customer, flow_data=flow)
    async with api.client.get(f"/p/session/{token}", allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/p/session/{token}/customer/update"
    form = Form(api, token)
    html = await form.get()
    assert 'data-test="cancel"' not in html
    assert 'class="back"' not in html
    assert (await form.send(name="Eve"))[0] == 303
    async with api.client.get(f"/p/session/{token}/completed", allow_redirects=False) as answer:
        assert "https://a.example/ok" in (answer.headers.get("Location", "") + await answer.text())


async def test_a_refused_tax_id_can_be_read_in_another_language(api: Api) -> None:
    _, token = await opened(api)
    base = f"/p/session/{token}/customer/update"
    visitor = Visitor(api)
    await visitor.see(base)
    await visitor.send('data-testid="add-tax-id"', type="eu_vat", value="hello")
    assert (visitor.status, visitor.at) == (400, f"{base}/tax-ids")
    # The menu of languages, and a reload by the address, open what the address bar shows.
    assert await visitor.ask("GET", f"{visitor.at}?lang=de") == f"{base}/tax-ids"
    await visitor.see(f"{base}/tax-ids")
    assert (visitor.status, '<html lang="de"' in visitor.html) == (200, True)
    await visitor.send('data-testid="add-tax-id"', type="eu_vat", value="DE123456789")
    await visitor.see(base)
    removal = re.search(r'action="([^"]+/remove)"', visitor.html)
    assert removal is not None
    await visitor.see(removal[1])
    assert "DE123456789" in visitor.html, "opening the address removes nothing"
