"""Billing information and the login in a real browser: as public suites drive the real pages, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Reader, looking
from tests.support.live import LiveServer
from tests.support.merchant import Merchant, opened

TIMEOUT = 20
ALLOWED = ("name", "email", "address", "phone")
HOME = {"line1": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}


class Shop(Merchant):
    """A merchant with a world of its own, whose customers a reader looks after."""

    def configuration(self, *allowed: str) -> Any:
        fields = {f"features[customer_update][allowed_updates][{at}]": name for at, name in enumerate(allowed)}
        switches = {"features[customer_update][enabled]": "true", "login_page[enabled]": "true"}
        return self.post("/v1/billing_portal/configurations", **switches, **fields)

    def customer(self, **fields: Any) -> Any:
        address = {f"address[{name}]": value for name, value in HOME.items()}
        return self.post("/v1/customers", name="Ada", email="ada@example.com", **address, **fields)


@pytest.fixture
def shop(live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop whose world belongs to this test."""
    with opened(Shop, live_server.url, request) as made:
        yield made


@pytest.fixture
def eyes(page: Page, shop: Shop, shots: Path | None) -> Iterator[Reader]:
    """A customer of the shop; a refused form is answered with its status."""
    with looking(page, shop.url, shots, "400 (Bad Request)") as made:
        yield made


def test_the_steps_of_public_suites(shop: Shop, eyes: Reader) -> None:
    customer = shop.customer()["id"]
    page = eyes.page
    page.goto(shop.portal(customer, configuration=shop.configuration(*ALLOWED)["id"]))
    page.get_by_role("button", name="Update information").click()
    expect(page.locator("form").get_by_text("Billing information")).to_be_visible()
    for label in ("Name", "Email"):
        expect(page.locator("div").filter(has_text=re.compile(f"^{label}$")).first).to_be_visible()
    for label in ("Address", "Phone number"):
        expect(page.locator("div").filter(has_text=re.compile(f"^{label}$"))).to_be_visible()
    expect(page.locator('[data-testid="confirm"]')).to_be_visible()
    expect(page.locator('[data-test="cancel"]')).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("My Team")
    page.get_by_role("textbox", name="Address line 1").fill("N/A")
    page.get_by_role("textbox", name="Address line 2").fill("")
    page.get_by_role("textbox", name="City").fill("N/A")
    page.get_by_label("State").click()
    page.get_by_label("State").type("Alabama")
    page.get_by_label("State").press("Enter")
    page.get_by_role("textbox", name="ZIP").fill("95014")
    page.locator('[data-testid="confirm"]').click()
    expect(page.get_by_text("NameMy Team")).to_be_visible()
    expect(page.get_by_text("N/A", exact=True)).to_be_visible()
    expect(page.get_by_text("N/A, AL 95014 US")).to_be_visible()
    after = shop.get(f"/v1/customers/{customer}")
    assert (after["name"], after["address"]["state"]) == ("My Team", "AL")
    told = shop.get("/v1/events?type=customer.updated")["data"]
    assert len(told) == 1
    assert set(told[0]["data"]["previous_attributes"]) == {"name", "address"}


def test_another_country_and_what_it_asks(shop: Shop, eyes: Reader) -> None:
    customer = shop.customer()["id"]
    page = eyes.page
    configuration = shop.configuration(*ALLOWED, "shipping", "tax_id")["id"]
    page.goto(shop.portal(customer, configuration=configuration) + "/customer/update")
    billing = page.get_by_role("group", name="Address", exact=True)
    billing.get_by_label("City").fill("Bonn")
    billing.get_by_label("Country or region").select_option(label="Germany")
    expect(billing.get_by_label("Postal code")).to_have_value("62701")
    expect(billing.get_by_label("City")).to_have_value("Bonn")
    expect(billing.get_by_label("State")).to_have_count(0)
    billing.get_by_label("Postal code").fill("")
    eyes.looks("information")
    page.locator('[data-testid="confirm"]').click()
    expect(billing.get_by_text("Please fill in this field.")).to_be_visible()
    expect(billing.get_by_label("Postal code")).to_be_focused()
    eyes.accessible("information-refused")
    billing.get_by_label("Postal code").fill("53111")
    page.get_by_label("Tax ID type").select_option("eu_vat")
    page.locator('[data-testid="confirm"]').click()
    expect(page.get_by_text("Your billing information has been updated.")).to_be_visible()
    page.get_by_role("button", name="Update information").click()
    page.get_by_label("Tax ID", exact=True).fill("000000000")
    page.get_by_role("button", name="Add tax ID").click()
    expect(page.get_by_text("The tax ID has been added.")).to_be_visible()
    page.get_by_role("button", name="Remove 000000000").click()
    expect(page.get_by_text("The tax ID has been removed.")).to_be_visible()
    assert shop.get(f"/v1/customers/{customer}")["address"]["country"] == "DE"


def test_without_scripts(shop: Shop, browser: Browser) -> None:
    customer = shop.customer()["id"]
    configuration = shop.configuration(*ALLOWED)["id"]
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(shop.portal(customer, configuration=configuration) + "/customer/update")
        page.get_by_label("Country or region").select_option("JP")
        page.get_by_role("button", name="Show the fields of this country").click()
        page.get_by_label("Prefecture").fill("Tokyo")
        page.get_by_label("Postal code").fill("100-0001")
        page.locator('[data-testid="confirm"]').click()
        expect(page.get_by_text("Your billing information has been updated.")).to_be_visible()
    assert shop.get(f"/v1/customers/{customer}")["address"]["state"] == "Tokyo"


def test_logging_in_by_keyboard_alone(shop: Shop, eyes: Reader) -> None:
    shop.customer()
    page = eyes.page
    login = shop.url + urlsplit(shop.configuration(*ALLOWED)["login_page"]["url"]).path
    page.goto(login + "?prefilled_email=ada%40example.com")
    expect(page.get_by_label("Email")).to_be_focused()
    eyes.looks("login")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You can try 4 more times.")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    eyes.looks("login-code")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the test mailbox").click()
    mailbox = Reader(opened.value, shop.url, eyes.shots)
    code = opened.value.get_by_test_id("mail-code").inner_text()
    mailbox.accessible("mailbox")
    opened.value.close()
    assert mailbox.problems == []
    page.get_by_label("Code").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Billing"))
    page.get_by_role("button", name="Update information").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email")).to_be_disabled()
    expect(page.get_by_text("You logged in with this address")).to_be_visible()
    page.get_by_role("textbox", name="Name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Ada Lovelace")
    page.keyboard.press("Enter")
    expect(page.get_by_text("NameAda Lovelace")).to_be_visible()
