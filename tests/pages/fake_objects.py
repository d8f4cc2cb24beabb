"""Stripe objects of sample worlds, as the portal's answers hold them."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]

NOW = 1_722_470_400  # 1 August 2024, 00:00 UTC
DAY = 86_400
ACCOUNT = "acct_1FakeFakeFake123"
REASONS = [
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
]


def product(name: str, id: str = "") -> Doc:
    return {
        "id": id or "prod_" + "".join(filter(str.isalnum, name))[:12],
        "object": "product",
        "name": name,
        "active": True,
    }


def price(
    amount: int | None = 2000, currency: str = "usd", interval: str = "month", count: int = 1, **more: Any
) -> Doc:
    recurring = {
        "interval": interval,
        "interval_count": count,
        "usage_type": more.pop("usage_type", "licensed"),
        "meter": None,
    }
    return {
        "id": f"price_{amount}_{currency}_{interval}{count}",
        "object": "price",
        "currency": currency,
        "unit_amount": amount,
        "unit_amount_decimal": None if amount is None else str(amount),
        "billing_scheme": "per_unit",
        "transform_quantity": None,
        "recurring": recurring,
        "type": "recurring",
        "nickname": None,
        **more,
    }


def item(name: str = "Team", cost: Doc | None = None, quantity: int | None = 1, end: int = NOW + 24 * DAY) -> Doc:
    found = {**(cost or price()), "product": product(name)}
    made = {
        "id": f"si_{abs(hash(name)) % 10**8}",
        "object": "subscription_item",
        "price": found,
        "current_period_start": end - 31 * DAY,
        "current_period_end": end,
    }
    return made if quantity is None else {**made, "quantity": quantity}


def subscription(*items: Doc, id: str = "sub_1FakeTeam", status: str = "active", **more: Any) -> Doc:
    return {
        "id": id,
        "object": "subscription",
        "status": status,
        "customer": "cus_FakeFake",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "ended_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "trial_end": None,
        "items": {"object": "list", "data": list(items or (item(),)), "has_more": False},
        **more,
    }


def card(brand: str = "visa", last4: str = "4242", month: int = 12, year: int = 2034, id: str = "") -> Doc:
    return {
        "id": id or f"pm_{brand}{last4}",
        "object": "payment_method",
        "type": "card",
        "card": {"brand": brand, "display_brand": brand, "last4": last4, "exp_month": month, "exp_year": year},
    }


def invoice(
    number: int, total: int = 2000, status: str = "paid", currency: str = "usd", name: str = "Team", **more: Any
) -> Doc:
    line = {
        "description": f"1 × {name} (at $20.00 / month)",  # noqa: RUF001 - as invoices say it
        "pricing": {"price_details": {"price": "price_x", "product": "prod_unknown"}},
    }
    return {
        "id": f"in_{number:04d}",
        "object": "invoice",
        "created": NOW - (7 + 31 * number) * DAY,
        "status": status,
        "total": total,
        "amount_due": total,
        "currency": currency,
        "attempted": status != "draft",
        "collection_method": "charge_automatically",
        "due_date": None,
        "description": None,
        "hosted_invoice_url": f"/i/{ACCOUNT}/test_{number}?s=il",
        "lines": {"object": "list", "data": [line]},
        **more,
    }


def features(**changes: Any) -> Doc:
    found: Doc = {
        "customer_update": {"allowed_updates": ["email", "address"], "enabled": True},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": True, "options": list(REASONS)},
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": {"enabled": False, "default_allowed_updates": []},
    }
    for name, fields in changes.items():
        found[name] = {**found[name], **fields}
    return found


def customer(**more: Any) -> Doc:
    return {
        "id": "cus_FakeFake",
        "object": "customer",
        "name": "Ada Rivera",
        "email": "ada@lovelace-labs.example",
        "phone": "+1 555 010 0199",
        "address": {
            "line1": "742 Evergreen Terrace",
            "line2": "Floor 3",
            "city": "Springfield",
            "state": "IL",
            "postal_code": "62701",
            "country": "US",
        },
        "shipping": None,
        "preferred_locales": [],
        **more,
    }


def account(
    name: str | None = "Northwind", primary: str | None = "#23395d", secondary: str | None = "#3a5bd0", **branding: Any
) -> Doc:
    return {
        "id": ACCOUNT,
        "object": "account",
        "business_profile": {"name": name},
        "settings": {
            "branding": {
                "icon": None,
                "logo": None,
                "primary_color": primary,
                "secondary_color": secondary,
                **branding,
            },
            "dashboard": {"display_name": None},
        },
    }
