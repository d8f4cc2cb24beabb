"""Decides what has happened in the worlds that come along: one story for each state in which a portal can be seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.kernel.documents import Doc
from scripts.world_acts import (
    ACME,
    HEADLINE,
    JENNY,
    NOBODY,
    account_settings,
    catalogue,
    customer,
    downgrade,
    pause,
    retry,
    subscribe,
    switching,
    use_card,
)
from scripts.world_parts import Workshop, renew


async def empty(shop: Workshop) -> str:
    """An account on its first day."""
    await account_settings(shop, None)
    return "The account with its default portal configuration, and nothing else."


async def saas(shop: Workshop) -> str:
    """A small company with customers in every situation."""
    await account_settings(shop, HEADLINE, subscription_update=switching("starter", "team", "business"))
    await catalogue(shop)

    shop.ids.label = "jenny"
    start = "-10d-4mo"
    jenny = await customer(shop, "demo", start, **JENNY)
    subscription = await subscribe(shop, jenny, start, "price_team_monthly")
    for month in range(1, 5):
        await renew(shop, subscription, f"{start}+{month}mo", f"{start}+{month + 1}mo")

    tom = await customer(shop, "tom", "-4d", name="Tom Trial", description="Trying Starter for two weeks")
    await subscribe(shop, tom, "-4d", "price_starter_monthly", trial_period_days=14)

    pam = await customer(shop, "pam", "-2d-1mo", name="Pam Pastdue", description="Her card stopped paying")
    late = await subscribe(shop, pam, "-2d-1mo", "price_business_monthly")
    await use_card(shop, pam, "-3d", "pm_card_chargeCustomerFail")
    await renew(shop, late, "-2d-1mo+1mo", "-2d-1mo+2mo")

    carl = await customer(shop, "carl", "-5mo", name="Carl Cancelled", description="Left three months ago")
    gone = await subscribe(shop, carl, "-5mo", "price_starter_monthly", quantity=2)
    await renew(shop, gone, "-5mo+1mo", "-5mo+2mo")
    why = {"feedback": "too_expensive", "comment": "We found something cheaper."}
    await shop.call("-3mo-5d", "DeleteSubscriptionsSubscriptionExposedId", {"cancellation_details": why},
                    subscription_exposed_id=gone)  # fmt: skip
    return "Acme Cloud: three plans, and customers who are paying (cus_demo), on trial, past due and gone."


async def trial_ending(shop: Workshop) -> str:
    """A trial in its last days."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    await subscribe(shop, jenny, "-12d", "price_team_monthly", trial_period_days=14)
    return "Acme Cloud with one customer, cus_demo, whose trial of Team ends in two days."


async def canceling(shop: Workshop) -> str:
    """Somebody who is about to leave."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    subscription = await subscribe(shop, jenny, "-12d", "price_team_monthly", quantity=3)
    why = {"cancellation_details": {"feedback": "too_expensive", "comment": None}}
    await shop.call("-2d", "PostSubscriptionsSubscriptionExposedId", {"cancel_at_period_end": True, **why},
                    subscription_exposed_id=subscription)  # fmt: skip
    return "Acme Cloud with one customer, cus_demo, who has canceled Team at the end of the period."


async def past_due(shop: Workshop) -> str:
    """A card that stopped paying."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-2d-1mo", **JENNY)
    late = await subscribe(shop, jenny, "-2d-1mo", "price_business_monthly")
    await use_card(shop, jenny, "-3d", "pm_card_chargeCustomerFail")
    await renew(shop, late, "-2d-1mo+1mo", "-2d-1mo+2mo")
    return "Acme Cloud with one customer, cus_demo, whose last payment of Business has failed."


async def unpaid(shop: Workshop) -> str:
    """A card that was tried for the last time."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-18d-1mo", **JENNY)
    late = await subscribe(shop, jenny, "-18d-1mo", "price_business_monthly")
    await use_card(shop, jenny, "-20d", "pm_card_chargeCustomerFail")
    bill = await renew(shop, late, "-18d-1mo+1mo", "-18d-1mo+2mo")
    for when in ("-15d+1h", "-10d+1h", "-3d+1h"):
        await retry(shop, bill["id"], when)
    return "Acme Cloud with one customer, cus_demo, whose Business stays unpaid: every attempt has failed."


async def paused(shop: Workshop) -> str:
    """A subscription that its customer has paused for two months."""
    await account_settings(shop, HEADLINE, subscription_pause=MONTHS_OFF)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-20d", **JENNY)
    await pause(shop, await subscribe(shop, jenny, "-20d", "price_team_monthly"), "-5d", MONTHS_OFF["duration"], "1")
    return "Acme Cloud with one customer, cus_demo, who has paused Team for two months and may resume it earlier."


async def changing(shop: Workshop) -> str:
    """A cheaper plan that begins with the next period."""
    cheaper = {"schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]}}
    await account_settings(shop, HEADLINE, subscription_update=switching("starter", "team", "business") | cheaper)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    await downgrade(shop, await subscribe(shop, jenny, "-12d", "price_business_monthly"), "-2d", "price_team_monthly")
    return "Acme Cloud with one customer, cus_demo, whose Business becomes Team at the end of the period."


async def ended(shop: Workshop) -> str:
    """A customer who is gone: nothing is active, the invoices are there."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-2mo-5d", **JENNY)
    gone = await subscribe(shop, jenny, "-2mo-5d", "price_team_monthly")
    await renew(shop, gone, "-2mo-5d+1mo", "-2mo-5d+2mo")
    await shop.call("-20d", "DeleteSubscriptionsSubscriptionExposedId", {}, subscription_exposed_id=gone)
    return "Acme Cloud with one customer, cus_demo, who has left: no subscription, two invoices."


async def metered(shop: Workshop) -> str:
    """A plan that is billed by what is used."""
    await account_settings(shop, HEADLINE, subscription_update=switching("starter", "team", "business"))
    await catalogue(shop)
    shop.ids.wanted = {"mtr": "mtr_calls", "prod": "prod_calls", "price": "price_calls"}
    calls: Doc = {"display_name": "API calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    meter = await shop.call("-1y", "PostBillingMeters", calls)
    await shop.call("-1y", "PostProducts", {"name": "API calls", "unit_label": "call"})
    by_use = {"interval": "month", "usage_type": "metered", "meter": meter["id"]}
    price = {"product": "prod_calls", "currency": "usd", "unit_amount": 2, "recurring": by_use}
    await shop.call("-1y", "PostPrices", price)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    shop.ids.wanted = {"sub": "sub_demo", "si": "si_demo"}
    await shop.call("-12d", "PostSubscriptions", {"customer": jenny, "items": [{"price": "price_calls"}]})
    return "Acme Cloud with one customer, cus_demo, who pays for what is used: that can be canceled and not updated."


async def invoiced(shop: Workshop) -> str:
    """Bills that are sent, one of them overdue."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-40d", **JENNY)
    await subscribe(shop, jenny, "-10d", "price_business_monthly", collection_method="send_invoice", days_until_due=30)
    shop.ids.wanted = {"prod": "prod_onboarding", "price": "price_onboarding"}
    await shop.call("-1y", "PostProducts", {"name": "Onboarding"})
    one_off = {"product": "prod_onboarding", "currency": "usd", "unit_amount": 25_000}
    await shop.call("-1y", "PostPrices", one_off)
    await bill(shop, jenny, "-38d", "price_onboarding", 1, days=14)
    await shop.call("-239h", "PostInvoicesInvoiceFinalize", {}, invoice="in_demo_1")  # a draft's hour is long over
    await bill(shop, jenny, "-5d", "price_onboarding", 3, days=30)
    return "Acme Cloud with one customer, cus_demo, who pays by invoice: two are open, one is overdue, none can be changed."


async def bill(shop: Workshop, owner: str, when: str, price: str, quantity: int, days: int) -> None:
    """Send a customer a bill that is due in ``days``."""
    item = {"customer": owner, "pricing": {"price": price}, "quantity": quantity}
    await shop.call(when, "PostInvoiceitems", item)
    draft = await shop.call(
        when,
        "PostInvoices",
        {
            "customer": owner,
            "collection_method": "send_invoice",
            "days_until_due": days,
            "pending_invoice_items_behavior": "include",
        },
    )
    await shop.call(when, "PostInvoicesInvoiceFinalize", {}, invoice=draft["id"])


async def several(shop: Workshop) -> str:
    """More than one subscription, one of them with several products."""
    await account_settings(shop, HEADLINE, subscription_update=switching("starter", "team", "business"))
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-20d", **JENNY)
    await subscribe(shop, jenny, "-20d", "price_team_monthly", quantity=5)
    shop.ids.wanted = {"sub": "sub_demo_bundle"}
    both = [{"price": "price_starter_monthly", "quantity": 1}, {"price": "price_business_monthly", "quantity": 2}]
    await shop.call("-9d", "PostSubscriptions", {"customer": jenny, "items": both})
    shop.ids.wanted = {"sub": "sub_demo_yearly"}
    yearly = [{"price": "price_starter_yearly", "quantity": 1}]
    await shop.call("-3d", "PostSubscriptions", {"customer": jenny, "items": yearly})
    return "Acme Cloud with one customer, cus_demo, who has three subscriptions; the one of two products cannot be changed."


async def discounted(shop: Workshop) -> str:
    """A coupon that runs for some months, and credit."""
    await account_settings(shop, HEADLINE)
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-20d", **JENNY)
    await shop.call("-20d", "PostCustomersCustomerBalanceTransactions",
                    {"amount": -500, "currency": "usd", "description": "Sorry for the outage"}, customer=jenny)  # fmt: skip
    await subscribe(shop, jenny, "-20d", "price_team_monthly", discounts=[{"coupon": "WELCOME25"}])
    return "Acme Cloud with one customer, cus_demo, who pays a quarter less for three months and had five dollars of credit."


async def view_only(shop: Workshop) -> str:
    """A portal in which nothing can be changed."""
    off = {"enabled": False}
    await account_settings(
        shop,
        HEADLINE,
        subscription_cancel=off,
        payment_method_update=off,
        customer_update={**off, "allowed_updates": []},
    )
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    await subscribe(shop, jenny, "-12d", "price_team_monthly")
    return "Acme Cloud with one customer, cus_demo, and a portal that only shows."


async def shop_eu(shop: Workshop) -> str:
    """A shop in Germany: euros, VAT inside the prices, SEPA Direct Debit, customers who read German and French."""
    await account_settings(
        shop, "Kaffeehaus Nord: Abos verwalten", subscription_update=switching("filter", "espresso"),
        customer_update={"allowed_updates": ["name", "email", "address", "phone", "tax_id"], "enabled": True},
    )  # fmt: skip
    shop.ids.wanted = {"txr": "txr_vat_de"}
    vat = {
        "display_name": "MwSt.",
        "percentage": 19.0,
        "inclusive": True,
        "country": "DE",
        "jurisdiction": "DE",
        "tax_type": "vat",
    }
    rate = await shop.call("-1y", "PostTaxRates", vat)
    for name, title, amount in (("filter", "Filterkaffee-Abo", 1_490), ("espresso", "Espresso-Abo", 1_990)):
        await plan(shop, name, title, "eur", amount, tax_behavior="inclusive")
    shop.ids.label = "anna"
    anna = await customer(
        shop, "demo", "-70d", "pm_card_mastercard", name="Anna Müller", email="anna@example.de", preferred_locales=["de"],
        address={"line1": "Lange Reihe 12", "line2": None, "city": "Hamburg", "state": None, "postal_code": "20099", "country": "DE"},
        tax_id_data=[{"type": "eu_vat", "value": "DE123456789"}],
    )  # fmt: skip
    rates: Doc = {"default_tax_rates": [rate["id"]]}
    subscription = await subscribe(shop, anna, "-70d", "price_espresso_monthly", quantity=2, **rates)
    await renew(shop, subscription, "-70d+1mo", "-70d+2mo")
    await renew(shop, subscription, "-70d+2mo", "-70d+3mo")
    luc = await customer(
        shop, "luc", "-8d", name="Luc Martin", email="luc@example.fr", preferred_locales=["fr"],
        address={"line1": "3 rue Oberkampf", "line2": None, "city": "Paris", "state": None, "postal_code": "75011", "country": "FR"},
    )  # fmt: skip
    await subscribe(shop, luc, "-8d", "price_filter_monthly", **rates)
    return "Kaffeehaus Nord in Hamburg: coffee by subscription in euros with VAT inside; cus_demo reads German, cus_luc French."


async def yen(shop: Workshop) -> str:
    """A Japanese service whose prices have no decimals."""
    await account_settings(shop, "株式会社ミドリのお支払い", subscription_update=switching("standard", "premium"))
    for name, title, amount in (("standard", "スタンダードプラン", 1_200), ("premium", "プレミアムプラン", 2_980)):
        await plan(shop, name, title, "jpy", amount)
    hana = await customer(
        shop, "demo", "-50d", "pm_card_jcb", name="佐藤 花", email="hana@example.jp", phone="+81312345678",
        preferred_locales=["ja"],
        address={"line1": "丸の内1-1-1", "line2": None, "city": "千代田区", "state": "東京都", "postal_code": "100-0005", "country": "JP"},
    )  # fmt: skip
    subscription = await subscribe(shop, hana, "-50d", "price_standard_monthly")
    await renew(shop, subscription, "-50d+1mo", "-50d+2mo")
    return "Midori in Tokyo: two plans in yen, and one customer, cus_demo, who reads Japanese."


async def plan(shop: Workshop, name: str, title: str, currency: str, amount: int, **terms: str) -> None:
    """Sell a product by the month and by the year (ten months' price)."""
    shop.ids.wanted |= {"prod": f"prod_{name}"}
    await shop.call("-1y", "PostProducts", {"name": title})
    for interval, times in (("month", 1), ("year", 10)):
        shop.ids.wanted["price"] = f"price_{name}_{interval}ly"
        price = {"product": f"prod_{name}", "currency": currency, "unit_amount": amount * times, **terms}
        await shop.call("-1y", "PostPrices", {**price, "recurring": {"interval": interval}})


KAFFEE: Doc = {
    **NOBODY,
    "country": "DE",
    "default_currency": "eur",
    "business_name": "Kaffeehaus Nord",
    "branding": {"icon": None, "logo": None, "primary_color": "#3b2416", "secondary_color": "#b4531f"},
}
MIDORI: Doc = {
    **NOBODY,
    "country": "JP",
    "default_currency": "jpy",
    "business_name": "株式会社ミドリ",
    "branding": {"icon": None, "logo": None, "primary_color": "#14532d", "secondary_color": "#15803d"},
}

MONTHS_OFF: Doc = {
    "duration": {
        "interval_options": [{"interval": "month", "interval_count": count} for count in (1, 2, 3)],
        "type": "interval_options",
    },
    "enabled": True,
}

STORIES: dict[str, tuple[Doc, Callable[[Workshop], Awaitable[str]]]] = {
    "empty": (NOBODY, empty),
    "saas": (ACME, saas),
    "trial_ending": (ACME, trial_ending),
    "canceling": (ACME, canceling),
    "past_due": (ACME, past_due),
    "unpaid": ({**ACME, "dunning": {"then": "unpaid"}}, unpaid),
    "paused": (ACME, paused),
    "changing": (ACME, changing),
    "ended": (ACME, ended),
    "metered": (ACME, metered),
    "invoiced": (ACME, invoiced),
    "several": (ACME, several),
    "discounted": (ACME, discounted),
    "view_only": (ACME, view_only),
    "shop_eu": (KAFFEE, shop_eu),
    "yen": (MIDORI, yen),
}
