"""Writes fixtures/worlds/*.json: the stories of the worlds that come along (make worlds)."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from emulator.kernel.documents import Doc, changed
from emulator.portal.configurations import seed_default
from emulator.store.worlds import SCHEMA
from scripts.world_parts import Workshop, renew

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
NOBODY: Doc = {"country": "US", "default_currency": "usd"}
ACME: Doc = {
    **NOBODY,
    "business_name": "Acme Cloud",
    "branding": {"icon": None, "logo": None, "primary_color": "#1f4fd8", "secondary_color": "#0f766e"},
}
OPENED = "-1y"
PLANS = (
    ("starter", "Starter", "For one person who wants to try it out", 1_500),
    ("team", "Team", "For teams up to twenty, with shared projects", 4_900),
    ("business", "Business", "For companies: single sign-on, audit log, priority support", 14_900),
)
JENNY: Doc = {
    "name": "Jenny Rosen",
    "email": "jenny@example.com",
    "phone": "+15555550100",
    "description": "The customer of the demo",
    "address": {
        "line1": "510 Townsend St",
        "line2": None,
        "city": "San Francisco",
        "state": "CA",
        "postal_code": "94103",
        "country": "US",
    },
}


async def account_settings(shop: Workshop, headline: str | None) -> None:
    """Save the portal's settings page, as the owner of the account would."""
    async with shop.at(OPENED) as ctx:
        profile = {"headline": headline, "privacy_policy_url": None, "terms_of_service_url": None}
        if headline is not None:
            profile["privacy_policy_url"] = "https://example.com/privacy"
            profile["terms_of_service_url"] = "https://example.com/terms"
        back = None if headline is None else "https://example.com/account"
        ctx.put(
            "billing_portal.configuration",
            seed_default("bpc_default", ctx.now, business_profile=profile, default_return_url=back),
        )


async def catalogue(shop: Workshop) -> None:
    """Sell three plans by the month and by the year (ten months' price), with one code for a discount."""
    for name, title, words, amount in PLANS:
        shop.ids.wanted |= {"prod": f"prod_{name}", "price": f"price_{name}_monthly"}
        terms = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}}
        product = {"name": title, "description": words, "default_price_data": terms}
        await shop.call(OPENED, "PostProducts", product)
        monthly = {"lookup_key": f"{name}_monthly", "nickname": f"{title} monthly"}
        await shop.call(OPENED, "PostPricesPrice", monthly, price=f"price_{name}_monthly")
        shop.ids.wanted["price"] = f"price_{name}_yearly"
        yearly = {
            "product": f"prod_{name}",
            "currency": "usd",
            "unit_amount": amount * 10,
            "recurring": {"interval": "year"},
            "lookup_key": f"{name}_yearly",
            "nickname": f"{title} yearly",
        }
        await shop.call(OPENED, "PostPrices", yearly)
    coupon = {"id": "WELCOME25", "name": "Welcome: 25% off for three months", "percent_off": 25.0}
    await shop.call(OPENED, "PostCoupons", coupon | {"duration": "repeating", "duration_in_months": 3})
    shop.ids.wanted["promo"] = "promo_welcome"
    code = {"promotion": {"type": "coupon", "coupon": "WELCOME25"}, "code": "WELCOME"}
    await shop.call(OPENED, "PostPromotionCodes", code)


async def customer(shop: Workshop, label: str, when: str, card: str | None = "pm_card_visa", **fields: object) -> str:
    """Make a customer whose card pays by default; returns the id."""
    shop.ids.label = label
    shop.ids.wanted = {"cus": f"cus_{label}", "pm": f"pm_{label}"}
    given = {"name": label.title(), "email": f"{label}@example.com", **fields}
    made = await shop.call(when, "PostCustomers", given)
    if card is not None:
        method = await shop.call(
            when, "PostPaymentMethodsPaymentMethodAttach", {"customer": made["id"]}, payment_method=card
        )
        default = {"invoice_settings": {"default_payment_method": method["id"]}}
        await shop.call(when, "PostCustomersCustomer", default, customer=made["id"])
        async with shop.at(when) as ctx:
            # A card of a file has to last for as long as the file does.
            stored = await ctx.need("payment_method", method["id"], "payment_method")
            ctx.put("payment_method", changed(stored, card=changed(stored["card"], exp_month=12, exp_year=2034)))
    return str(made["id"])


async def subscribe(shop: Workshop, owner: str, when: str, price: str, *, quantity: int = 1, **fields: object) -> str:
    """Subscribe a customer to a price; returns the id."""
    shop.ids.wanted = {"sub": owner.replace("cus_", "sub_"), "si": owner.replace("cus_", "si_")}
    params = {"customer": owner, "items": [{"price": price, "quantity": quantity}], **fields}
    return str((await shop.call(when, "PostSubscriptions", params))["id"])


async def empty(shop: Workshop) -> str:
    """An account on its first day."""
    await account_settings(shop, None)
    return "The account with its default portal configuration, and nothing else."


async def saas(shop: Workshop) -> str:
    """A small company with customers in every situation."""
    await account_settings(shop, "Acme Cloud partners with Stripe for simplified billing.")
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


async def use_card(shop: Workshop, owner: str, when: str, card: str) -> None:
    """Give a customer another default card."""
    shop.ids.wanted["pm"] = owner.replace("cus_", "pm_") + "_failing"
    method = await shop.call(when, "PostPaymentMethodsPaymentMethodAttach", {"customer": owner}, payment_method=card)
    default = {"invoice_settings": {"default_payment_method": method["id"]}}
    await shop.call(when, "PostCustomersCustomer", default, customer=owner)


async def trial_ending(shop: Workshop) -> str:
    """A trial in its last days."""
    await account_settings(shop, "Acme Cloud partners with Stripe for simplified billing.")
    await catalogue(shop)
    jenny = await customer(shop, "demo", "-12d", **JENNY)
    await subscribe(shop, jenny, "-12d", "price_team_monthly", trial_period_days=14)
    return "Acme Cloud with one customer, cus_demo, whose trial of Team ends in two days."


STORIES: dict[str, tuple[Doc, Callable[[Workshop], Awaitable[str]]]] = {
    "empty": (NOBODY, empty),
    "saas": (ACME, saas),
    "trial_ending": (ACME, trial_ending),
}


async def build(name: str) -> str:
    """Return the text of a world file."""
    settings, story = STORIES[name]
    shop = Workshop(name, settings)
    await shop.open()
    note = await story(shop)
    return json.dumps(await shop.document(note), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the files, or with --check say whether they are what would be written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.build_worlds", description=__doc__)
    parser.add_argument("worlds", nargs="*", help=f"which ({', '.join(STORIES)}); all without any")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a file is out of date")
    options = parser.parse_args()
    texts = {f"worlds/{name}.json": asyncio.run(build(name)) for name in options.worlds or STORIES}
    texts["world.schema.json"] = json.dumps(SCHEMA, indent=2) + "\n"
    stale = []
    for name, text in texts.items():
        path = FIXTURES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    print("\n".join(f"{'out of date' if options.check else 'written'}: {name}" for name in stale) or "nothing to do")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
