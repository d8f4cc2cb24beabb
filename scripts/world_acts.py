"""Decides what the stories of fixture worlds are told with: accounts, plans, customers, subscriptions."""

from __future__ import annotations

from emulator.billing import renewals, selection
from emulator.kernel.documents import Doc, changed
from emulator.portal.settings.configurations import seed_default
from emulator.portal.subscriptions import pausing, pending_changes
from emulator.portal.subscriptions.deferral import Terms
from scripts.world_parts import Workshop

NOBODY: Doc = {"country": "US", "default_currency": "usd"}
ACME: Doc = {
    **NOBODY,
    "business_name": "Acme Cloud",
    "branding": {"icon": None, "logo": None, "primary_color": "#1f4fd8", "secondary_color": "#0f766e"},
}
HEADLINE = "Acme Cloud partners with Stripe for simplified billing."
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


async def account_settings(shop: Workshop, headline: str | None, **features: Doc) -> None:
    """Save the portal's settings page, as the owner of the account would, with ``features`` other than at first."""
    async with shop.at(OPENED) as ctx:
        profile = {"headline": headline, "privacy_policy_url": None, "terms_of_service_url": None}
        if headline is not None:
            profile["privacy_policy_url"] = "https://example.com/privacy"
            profile["terms_of_service_url"] = "https://example.com/terms"
        back = None if headline is None else "https://example.com/account"
        seeded = seed_default("bpc_default", ctx.now, business_profile=profile, default_return_url=back)
        own = {name: {**seeded["features"][name], **fields} for name, fields in features.items()}
        ctx.put("billing_portal.configuration", changed(seeded, features={**seeded["features"], **own}))


def switching(*plans: str) -> Doc:
    """Return the feature that lets customers switch between the prices of these products, quantities and codes too."""
    return {
        "default_allowed_updates": ["price", "quantity", "promotion_code"],
        "enabled": True,
        "products": [
            {
                "adjustable_quantity": {"enabled": True, "maximum": None, "minimum": 1},
                "prices": [f"price_{plan}_monthly", f"price_{plan}_yearly"],
                "product": f"prod_{plan}",
            }
            for plan in plans
        ],
        "proration_behavior": "always_invoice",
    }


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
        await lasting(shop, method["id"], when)
    return str(made["id"])


async def lasting(shop: Workshop, card: str, when: str) -> None:
    """Let a card last for as long as the file does."""
    async with shop.at(when) as ctx:
        stored = await ctx.need("payment_method", card, "payment_method")
        ctx.put("payment_method", changed(stored, card=changed(stored["card"], exp_month=12, exp_year=2034)))


async def subscribe(shop: Workshop, owner: str, when: str, price: str, *, quantity: int = 1, **fields: object) -> str:
    """Subscribe a customer to a price; returns the id."""
    shop.ids.wanted = {"sub": owner.replace("cus_", "sub_"), "si": owner.replace("cus_", "si_")}
    params = {"customer": owner, "items": [{"price": price, "quantity": quantity}], **fields}
    return str((await shop.call(when, "PostSubscriptions", params))["id"])


async def use_card(shop: Workshop, owner: str, when: str, card: str) -> None:
    """Give a customer another default card."""
    shop.ids.wanted["pm"] = owner.replace("cus_", "pm_") + "_failing"
    method = await shop.call(when, "PostPaymentMethodsPaymentMethodAttach", {"customer": owner}, payment_method=card)
    default = {"invoice_settings": {"default_payment_method": method["id"]}}
    await shop.call(when, "PostCustomersCustomer", default, customer=owner)
    await lasting(shop, method["id"], when)


async def retry(shop: Workshop, invoice: str, when: str) -> None:
    """Try once more to collect an invoice, as happens by itself on its day."""
    async with shop.at(when) as ctx:
        await renewals.wake_invoice(ctx, await ctx.need("invoice", invoice, "invoice"))


async def pause(shop: Workshop, subscription: str, when: str, duration: Doc, option: str) -> None:
    """Let a customer pause a subscription in the portal for one of the durations that it offers."""
    async with shop.at(when) as ctx:
        await pausing.pause(ctx, await ctx.need("subscription", subscription, "subscription"), duration, option)


async def downgrade(shop: Workshop, subscription: str, when: str, price: str) -> None:
    """Let a customer choose in the portal one unit of a price that begins after the period."""
    async with shop.at(when) as ctx:
        after = Terms(await selection.currency_option(ctx, price, "usd"), 1)
        await pending_changes.make(ctx, await ctx.need("subscription", subscription, "subscription"), after, [])
