"""The overview: labels and handles that end-to-end suites use on the real pages (facts portal 3.2)."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import Portal
from tests.pages.fake_objects import NOW


async def test_headings_labels_and_handles(portal: Portal) -> None:
    page = await portal.get("saas")
    assert page.status == 200
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page.html) == [
        "Current subscription",
        "Payment methods",
        "Billing information",
        "Invoice history",
    ]
    assert "<title>Billing · Northwind</title>" in page.html
    for handle in (
        "page-container-main",
        "return-to-business-link",
        "cancel-subscription",
        "hip-link",
        "invoice-status-badge-positive",
        "invoice-status-badge-negative",
        "view-more-button",
        "small-footer",
    ):
        assert page.has(handle), handle
    for words in (
        "Team (×5)",  # noqa: RUF001 - the sign of the real pages
        "$100.00 per month",
        "Your subscription renews on August 25, 2024.",
        "Visa •••• 4242 Default",
        "Expires 12/2034",
        "Springfield, IL 62701 US",
        "Jul 25, 2024 $100.00 Paid",
        "Return to Northwind",
        "Northwind partners with Stripe for simplified billing.",
        "Powered by stripe-emulator",
        "TEST MODE",
        "DE123456789",
    ):
        assert words in page.text, words


async def test_one_method_is_singular_and_acts_without_a_page_are_not_drawn(portal: Portal) -> None:
    page = await portal.get("one")
    assert ">Payment method<" in page.html
    for handle in ("update-subscription", "add-payment-method", "overflow-menu-button", "renew-subscription"):
        assert not page.has(handle)
    assert "Update information" not in page.text


async def test_the_real_suites_need_these_to_be_unique(portal: Portal) -> None:
    home = await portal.get("one")
    assert home.html.lower().count("cancel subscription") == 1
    assert home.text.count("Current subscription") == 1
    assert len(re.findall(r">\s*Team\s*<", home.html)) == 1 + home.html.count('data-testid="hip-link"')
    ask = await portal.get("one/subscriptions/sub_1FakeTeam/cancel")
    assert ask.text.lower().count("cancel subscription") == 1
    assert ask.html.count('data-testid="confirm"') == 1


@pytest.mark.parametrize("world", ["leaving", "flexible"])
async def test_a_coming_end_in_both_billing_modes(portal: Portal, world: str) -> None:
    page = await portal.get(world)
    assert page.has("subscription-cancel-at-period-end-badge")
    assert "Cancels Aug 25" in page.text
    assert "Your subscription will be canceled on August 25, 2024." in page.text
    assert "Don't cancel subscription" in page.text
    assert page.has("renew-subscription")
    assert not page.has("cancel-subscription")


async def test_a_trial(portal: Portal) -> None:
    page = await portal.get("trial")
    badge = re.search(r'data-test="trial-ending-badge">(.*?)</div>', page.html)
    assert badge is not None
    assert badge[1] == "<span><span>Trial ends <span>Aug 25</span></span></span>"
    assert "Your free trial ends on August 25, 2024." in page.text


async def test_many_subscriptions_and_prices(portal: Portal) -> None:
    page = await portal.get("many")
    for words in (
        "Premium Support & Success",
        "$499.00 per year",
        "Storage, Seats, and API calls",
        "$46.00 per month plus usage",
        "Price varies with usage",
        "Starts at $0.05 per month",
        "$25.50 every 3 months",
        "Past due",
        "Paused",
        "SEPA Direct Debit •••• 3000",
        "STRIPE TEST BANK •••• 6789",
        "Card •••• 1111",
        "Uncollectible",
        "Void",
        "$1,234,567.89",
    ):
        assert words in page.text, words
    assert page.html.count('data-test="cancel-subscription"') == 5
    assert "$0.03" not in page.text, "a draft invoice is not shown"


async def test_nothing_there_is_drawn_too(portal: Portal) -> None:
    page = await portal.get("nothing")
    for words in (
        "You have no active subscriptions.",
        "No payment method has been saved.",
        "No billing information has been saved.",
        "There are no invoices yet.",
    ):
        assert words in page.text


async def test_switched_off_features_leave_no_trace(portal: Portal) -> None:
    page = await portal.get("viewonly")
    assert not page.has("cancel-subscription")
    assert "Invoice history" not in page.text


async def test_view_more(portal: Portal) -> None:
    first = await portal.get("saas")
    assert first.html.count('data-testid="hip-link"') == 10
    assert 'name="invoices" value="30"' in first.html
    more = await portal.get("saas?invoices=30")
    assert more.html.count('data-testid="hip-link"') == 28
    assert not more.has("view-more-button")
    for odd in ("-1", "0", "x", "99999999999999999999", "٣"):
        assert (await portal.get(f"saas?invoices={odd}")).status == 200


async def test_no_names_no_links(portal: Portal) -> None:
    page = await portal.get("plain")
    assert "All your bills in one place" in page.text
    assert not page.has("return-to-business-link")
    assert "Terms" not in page.text


async def test_a_past_due_trial_end_shows_what_it_is(portal: Portal) -> None:
    world = portal.world("one")
    world.subscriptions["sub_1FakeTeam"]["status"] = "past_due"
    world.subscriptions["sub_1FakeTeam"]["cancel_at"] = NOW + 86_400
    text = (await portal.get("one")).text
    assert "Cancels Aug 2 Past due" in text
