"""Decides what a server without a server answers: sample worlds behind the same ``run`` as the real engine."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from emulator.kernel.errors import StripeError
from tests.pages.fake_objects import (
    ACCOUNT,
    DAY,
    NOW,
    account,
    card,
    customer,
    features,
    invoice,
    item,
    price,
    subscription,
)

Doc = dict[str, Any]


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
            "portal:flow": lambda _: {**space.around(), "completed": False, "permissions": {}, "subscription": None},
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
