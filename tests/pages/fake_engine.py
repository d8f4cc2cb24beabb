"""Decides what a server without a server answers: sample worlds behind the same ``run`` as the real engine."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from emulator.kernel.errors import StripeError

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


class World:
    """One customer and what belongs to it."""

    def __init__(
        self,
        *subscriptions: Doc,
        methods: list[Doc] | None = None,
        invoices: list[Doc] | None = None,
        locale: str | None = None,
        **more: Any,
    ) -> None:
        self.now = NOW
        self.dead: str | None = None
        self.subscriptions = {found["id"]: found for found in (subscriptions or (subscription(),))}
        self.methods = [card()] if methods is None else methods
        self.invoices = [invoice(number) for number in range(4)] if invoices is None else invoices
        self.customer = more.get("customer") or customer()
        self.account = more.get("account") or account()
        self.tax_ids = more.get("tax_ids") or []
        self.features = more.get("features") or features()
        self.profile = more.get("profile") or {
            "headline": None,
            "privacy_policy_url": "https://northwind.example/privacy",
            "terms_of_service_url": "https://northwind.example/terms",
        }
        self.session = {
            "id": "bps_1Fake",
            "object": "billing_portal.session",
            "locale": locale,
            "return_url": more.get("return_url", "https://northwind.example/account"),
            "livemode": False,
            "flow": None,
        }
        self.acts: list[str] = []

    def permissions(self, found: Doc) -> dict[str, bool]:
        leaving = bool(found["cancel_at"]) or found["cancel_at_period_end"]
        over = found["status"] in {"canceled", "incomplete_expired"}
        return {
            "update": False,
            "cancel": self.features["subscription_cancel"]["enabled"] and not leaving and not over,
            "renew": leaving and not over,
            "pause": False,
        }

    def around(self) -> Doc:
        configuration = {
            "id": "bpc_1Fake",
            "object": "billing_portal.configuration",
            "business_profile": self.profile,
            "default_return_url": None,
            "features": self.features,
            "login_page": {"enabled": False, "url": None},
        }
        return {
            "session": self.session,
            "configuration": configuration,
            "customer": self.customer,
            "account": self.account,
            "now": self.now,
        }

    def home(self, params: Doc) -> Doc:
        limit = params.get("invoices_limit") or 10
        shown = [
            found for found in self.subscriptions.values() if found["status"] not in {"canceled", "incomplete_expired"}
        ]
        return {
            **self.around(),
            "subscriptions": [{"subscription": found, "permissions": self.permissions(found)} for found in shown],
            "payment_methods": self.methods,
            "default_payment_method": self.methods[0]["id"] if self.methods else None,
            "invoices": {"data": self.invoices[:limit], "has_more": len(self.invoices) > limit},
            "tax_ids": self.tax_ids,
        }

    def one(self, params: Doc) -> Doc:
        found = self.subscriptions.get(params["subscription"])
        if found is None:
            raise StripeError("No such subscription", status=404, code="resource_missing")
        return {**self.around(), "subscription": found, "permissions": self.permissions(found)}

    def put(self, found: Doc, **changes: Any) -> None:
        self.subscriptions[found["id"]] = {**found, **changes}

    def cancel(self, params: Doc) -> Doc:
        answer = self.one(params)
        if not answer["permissions"]["cancel"]:
            raise StripeError("This subscription cannot be canceled", status=400)
        found = answer["subscription"]
        details = {**found["cancellation_details"], "reason": "cancellation_requested"}
        if self.features["subscription_cancel"]["mode"] == "immediately":
            self.put(found, status="canceled", canceled_at=self.now, ended_at=self.now, cancellation_details=details)
        else:
            end = found["trial_end"] or max(line["current_period_end"] for line in found["items"]["data"])
            self.put(
                found, cancel_at=end, cancel_at_period_end=True, canceled_at=self.now, cancellation_details=details
            )
        self.acts.append("cancel")
        return self.one(params)

    def cancellation_reason(self, params: Doc) -> Doc:
        found = self.one(params)["subscription"]
        details = {**found["cancellation_details"], "feedback": params["feedback"], "comment": params.get("comment")}
        self.put(found, cancellation_details=details)
        self.acts.append("reason")
        return self.one(params)

    def renew(self, params: Doc) -> Doc:
        answer = self.one(params)
        if not answer["permissions"]["renew"]:
            raise StripeError("This subscription cannot be renewed", status=400)
        details = {"comment": None, "feedback": None, "reason": None}
        self.put(
            answer["subscription"],
            cancel_at=None,
            cancel_at_period_end=False,
            canceled_at=None,
            cancellation_details=details,
        )
        self.acts.append("renew")
        return self.one(params)


class FakeEngine:
    """The one door with sample worlds behind it; a token is ``test_`` and the name of a world."""

    def __init__(self, worlds: dict[str, Callable[[], World]] | None = None) -> None:
        self.worlds = {f"test_{name}": make() for name, make in (worlds or WORLDS).items()}
        self.calls: list[tuple[str, str]] = []
        from tests.pages.fake_invoices import Hall

        self.hall = Hall()
        self.by_store = {ACCOUNT: self.hall}

    def space_of(self, account: str, *, livemode: bool) -> Any:
        return self.hall if account == ACCOUNT and not livemode else None

    def space_of_token(self, token: str) -> World | None:
        return self.worlds.get(token)

    async def run(self, space: Any, op: str, params: Doc, *, actor: str, **ids: str) -> Doc:
        assert actor == "portal"
        if space is self.hall:
            drawn: Doc = self.hall.run(op, params, ids)
            return drawn
        assert isinstance(space, World)
        self.calls.append((op, params["token"]))
        await asyncio.sleep(0)
        if space.dead == "crash":
            raise ZeroDivisionError("a secret detail")
        if space.dead:
            extra: Doc = (
                {}
                if space.dead == "unknown"
                else {"business_name": "Northwind", "return_url": "https://northwind.example/account"}
            )
            raise StripeError(
                "This session is over", status=410, code="portal_session_expired", reason=space.dead, **extra
            )
        act = {
            "portal:home": space.home,
            "portal:subscription": space.one,
            "portal:cancel": space.cancel,
            "portal:cancellation_reason": space.cancellation_reason,
            "portal:renew": space.renew,
        }
        answer: Doc = copy.deepcopy(act[op](params))
        return answer


def _dead(reason: str) -> Callable[[], World]:
    def make() -> World:
        world = World()
        world.dead = reason
        return world

    return make


XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

WORLDS: dict[str, Callable[[], World]] = {
    "saas": lambda: World(
        subscription(item("Team", quantity=5)),
        methods=[card(), card("mastercard", "4444", 3, 2040), card("amex", "0005", 7, 2031)],
        invoices=[
            invoice(0, 10000, name="Team"),
            invoice(1, 10000, "open"),
            *[invoice(number, 10000) for number in range(2, 28)],
        ],
        tax_ids=[{"id": "txi_1", "type": "eu_vat", "value": "DE123456789"}],
    ),
    "one": World,
    "trial": lambda: World(
        subscription(item("Unlimited", price(700)), status="trialing", trial_end=NOW + 24 * DAY),
        invoices=[invoice(0, 0)],
    ),
    "leaving": lambda: World(subscription(cancel_at=NOW + 24 * DAY, cancel_at_period_end=True, canceled_at=NOW)),
    "flexible": lambda: World(subscription(cancel_at=NOW + 24 * DAY, canceled_at=NOW)),
    "many": lambda: World(
        subscription(item("Premium Support & Success", price(49900, interval="year")), id="sub_1Support"),
        subscription(
            item("Storage", price(1000)),
            item("Seats", price(1200), 3),
            item("API calls", price(None, usage_type="metered"), None),
            id="sub_1Bundle",
        ),
        subscription(item("API calls", price(None, usage_type="metered"), None), id="sub_1Usage"),
        subscription(
            item("Emails", price(None, billing_scheme="tiered", tiers=[{"unit_amount": 5, "up_to": 1000}]), 300),
            id="sub_1Tiered",
            status="past_due",
        ),
        subscription(item("Archive", price(2550, interval="month", count=3)), id="sub_1Quarter", status="paused"),
        methods=[
            card("visa"),
            {"id": "pm_sepa", "object": "payment_method", "type": "sepa_debit", "sepa_debit": {"last4": "3000"}},
            {
                "id": "pm_link",
                "object": "payment_method",
                "type": "link",
                "link": {"email": "ada@lovelace-labs.example"},
            },
            card("unknown", "1111"),
            {
                "id": "pm_bank",
                "object": "payment_method",
                "type": "us_bank_account",
                "us_bank_account": {"bank_name": "STRIPE TEST BANK", "last4": "6789"},
            },
        ],
        invoices=[
            invoice(0, 49900, "open", attempted=False, collection_method="send_invoice", due_date=NOW - DAY),
            invoice(1, 2000, "void"),
            invoice(2, 123456789, "uncollectible"),
            invoice(3, 3, "draft"),
        ],
    ),
    "nothing": lambda: World(
        subscription(status="canceled"),
        methods=[],
        invoices=[],
        customer=customer(name=None, email=None, phone=None, address=None),
    ),
    "yen": lambda: World(
        subscription(item("チームプラン", price(2000, "jpy"), 3)),
        locale="ja",
        account=account("ノースウィンド", "#0a7a5c", "#0a7a5c"),
        invoices=[invoice(0, 6000, currency="jpy", name="チームプラン"), invoice(1, 12345, "void", "kwd")],
        customer=customer(name="山田 花子"),
    ),
    "german": lambda: World(
        subscription(item("Straßenverkehrsüberwachung Größe XL", price(123456, "eur")), cancel_at=NOW + 24 * DAY),
        locale="de",
        account=account("Müller & Söhne Großhandelsgesellschaft mbH", "#f4c20d", "#f4c20d"),
    ),
    "immediate": lambda: World(
        features=features(subscription_cancel={"mode": "immediately", "proration_behavior": "create_prorations"})
    ),
    "noreasons": lambda: World(
        features=features(subscription_cancel={"cancellation_reason": {"enabled": False, "options": []}})
    ),
    "viewonly": lambda: World(
        features=features(
            subscription_cancel={"enabled": False},
            payment_method_update={"enabled": False},
            invoice_history={"enabled": False},
        )
    ),
    "plain": lambda: World(
        account=account(None, None, None),
        return_url=None,
        profile={"headline": "All your bills in one place", "privacy_policy_url": None, "terms_of_service_url": None},
    ),
    "xss": lambda: World(
        subscription(item(XSS)),
        customer=customer(name=XSS, email=XSS, address={"line1": XSS}, phone=XSS),
        account=account(XSS, "red;}body{display:none", "</style><script>", logo="javascript:alert(1)"),
        methods=[{"id": "pm_x", "type": "us_bank_account", "us_bank_account": {"bank_name": XSS, "last4": XSS}}],
        invoices=[invoice(0, name=XSS, description=XSS)],
        profile={
            "headline": XSS,
            "privacy_policy_url": "javascript:alert(1)",
            "terms_of_service_url": "data:text/html,x",
        },
        return_url="javascript:alert(document.domain)",
    ),
    "unused": _dead("unused"),
    "idle": _dead("idle"),
    "gone": _dead("unknown"),
    "completed": _dead("completed"),
    "crash": _dead("crash"),
}
