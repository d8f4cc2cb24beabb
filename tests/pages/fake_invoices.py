"""Decides what sample invoices, receipts and 3D Secure questions there are for looking at their pages."""

from __future__ import annotations

import copy
from typing import Any

from emulator.kernel.errors import StripeError
from tests.pages import fake_objects as fake
from tests.pages.fake_engine import XSS
from tests.pages.fake_objects import DAY, NOW

Doc = dict[str, Any]
ADDRESS = {"line1": "1 Market Street", "line2": None, "city": "San Francisco", "state": "CA",
                  "postal_code": "94105", "country": "US"}  # fmt: skip


def line(name: str, amount: int, quantity: int | None = 1, unit: str | None = None, **more: Any) -> Doc:
    return {
        "id": f"il_{name[:8]}",
        "amount": amount,
        "description": f"{quantity} × {name} (at $20.00 / month)",  # noqa: RUF001 - as invoices say it
        "parent": {"subscription_item_details": {"proration": False}, "invoice_item_details": None},
        "period": {"start": NOW - 7 * DAY, "end": NOW + 24 * DAY},
        "pricing": {"price_details": {"price": "price_x", "product": "prod_x"}, "unit_amount_decimal": unit or str(amount)},
        "quantity": quantity,
        **more,
    }  # fmt: skip


def invoice(*lines: Doc, status: str = "paid", currency: str = "usd", **more: Any) -> Doc:
    found = list(lines or (line("Team", 2000),))
    total = more.get("total", sum(one["amount"] for one in found))
    paid = status == "paid"
    return {
        "id": "in_1Fake", "object": "invoice", "account_name": None, "amount_due": total, "amount_paid": total if paid else 0,
        "amount_remaining": 0 if paid else total, "amount_shipping": 0, "attempted": paid, "collection_method": "charge_automatically",
        "created": NOW - 7 * DAY, "currency": currency, "custom_fields": None, "customer": "cus_FakeFake",
        "customer_address": fake.customer()["address"], "customer_email": "ada@lovelace-labs.example", "customer_name": "Ada Rivera",
        "customer_tax_ids": [], "default_payment_method": None, "description": None, "due_date": None, "effective_at": NOW - 7 * DAY,
        "ending_balance": 0, "footer": None, "invoice_pdf": "https://pay.example/x/pdf", "lines": {"object": "list", "data": found},
        "livemode": False, "number": "NWIND-0007", "pre_payment_credit_notes_amount": 0, "receipt_number": None, "starting_balance": 0,
        "status": status, "subtotal": total, "total": total, "total_discount_amounts": [], "total_excluding_tax": total,
        "total_taxes": [],
        "status_transitions": {"finalized_at": NOW - 7 * DAY, "paid_at": NOW - 6 * DAY if paid else None, "voided_at": None},
        **more,
    }  # fmt: skip


def charge(amount: int = 2000, currency: str = "usd", *, paid: bool = True, **more: Any) -> Doc:
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}
    return {
        "id": "ch_3Fake", "object": "charge", "amount": amount, "amount_captured": amount if paid else 0, "amount_refunded": 0,
        "captured": paid, "created": NOW - 6 * DAY, "currency": currency, "customer": "cus_FakeFake", "description": "A workshop",
        "livemode": False, "paid": paid, "payment_method_details": {"type": "card", "card": card}, "receipt_number": None, **more,
    }  # fmt: skip


def paid_with(one: Doc) -> Doc:
    return {"payment": {}, "intent": {"status": "succeeded", "last_payment_error": None}, "charge": one}


def page(found: Doc, *payments: Doc, account: Doc | None = None, locale: str | None = None, **more: Any) -> Doc:
    support = {"name": "Northwind", "support_email": "billing@northwind.example", "support_phone": "+1 555 010 0123",
               "support_url": None, "support_address": ADDRESS}  # fmt: skip
    return {
        "account": account or {**fake.account(), "business_profile": support},
        "coupons": {}, "customer": fake.customer(preferred_locales=[locale] if locale else []), "default_payment_method": "pm_visa4242",
        "invoice": found, "now": NOW, "payment_methods": [fake.card(), fake.card("mastercard", "4444")], "payments": list(payments),
        "products": {}, "tax_rates": {}, **more,
    }  # fmt: skip


def busy() -> Doc:
    """An invoice with everything that can stand on one."""
    found = invoice(
        line("Team", 10000, 5, "2000"),
        line("Storage, a long product name that has to be broken somewhere on small screens", 1234567, 3, "411522.3333"),
        line("Unused time on Starter after 25 Jul 2024", -1500, 1, period={"start": NOW - 7 * DAY, "end": NOW},
             description="Unused time on Starter after 25 Jul 2024", parent={"subscription_item_details": {"proration": True}}),
        line("Setup", 5000, None, period={"start": NOW, "end": NOW}, description="Setup and training"),
        total=1000_000, total_excluding_tax=923_788, starting_balance=-2500, ending_balance=0, amount_due=997_500, amount_paid=997_500,
        total_discount_amounts=[{"amount": 249_613, "discount": "di_1"}, {"amount": 74_666, "discount": "di_gone"}],
        total_taxes=[
            {"amount": 76_212, "tax_behavior": "exclusive", "taxable_amount": 923_788, "tax_rate_details": {"tax_rate": "txr_1"}},
            {"amount": 100, "tax_behavior": "inclusive", "taxable_amount": 900, "tax_rate_details": {"tax_rate": "txr_2"}},
        ],
        custom_fields=[{"name": "Purchase order", "value": "PO-2024-118"}], customer_tax_ids=[{"type": "eu_vat", "value": "DE123456789"}],
        description="Thank you for staying with us.", footer="Northwind Inc. · registered in Delaware\nPlease quote the invoice number.",
    )  # fmt: skip
    refused = {"payment": {}, "intent": {"status": "succeeded", "last_payment_error": None},
               "charge": charge(997_500, paid=False)}  # fmt: skip
    return page(
        found, paid_with(charge(997_500)), refused,
        coupons={"di_1": {"name": "Summer", "percent_off": 20, "amount_off": None}, "di_gone": None},
        tax_rates={"txr_1": {"display_name": "Sales tax", "percentage": 8.25}, "txr_2": {"display_name": "VAT", "percentage": 19}},
    )  # fmt: skip


def still_open(**more: Any) -> Doc:
    return page(invoice(status="open", due_date=NOW + 14 * DAY, collection_method="send_invoice", **more))


XSS_INVOICE: Doc = {"custom_fields": [{"name": XSS, "value": XSS}], "description": XSS, "footer": XSS,
               "customer_name": XSS, "number": XSS, "invoice_pdf": "javascript:alert(1)"}  # fmt: skip

PAGES = {
    "paid": lambda: page(invoice(), paid_with(charge())),
    "busy": busy,
    "open": still_open,
    "overdue": lambda: page(invoice(status="open", due_date=NOW - DAY, collection_method="send_invoice")),
    "failed": lambda: page(invoice(status="open", attempted=True)),
    "nomethod": lambda: page(invoice(status="open"), payment_methods=[], default_payment_method=None),
    "processing": lambda: page(
        invoice(status="open"), {"payment": {}, "intent": {"status": "processing", "last_payment_error": None}, "charge": None}
    ),
    "void": lambda: page(invoice(status="void")),
    "writtenoff": lambda: page(invoice(status="uncollectible")),
    "yen": lambda: page(
        invoice(line("チームプラン", 6000, 3, "2000"), status="open", currency="jpy", customer_name="山田 花子"),
        account=fake.account("ノースウィンド", "#0a7a5c", "#0a7a5c"), locale="ja",
    ),
    "german": lambda: page(
        invoice(line("Straßenverkehrsüberwachung Größe XL", 123456), currency="eur"), paid_with(charge(123456, "eur")), locale="de",
        account=fake.account("Müller & Söhne Großhandelsgesellschaft mbH", "#f4c20d", "#f4c20d"),
    ),
    "nameless": lambda: page(invoice(customer_email=None, customer_name=None, customer_address=None), account=fake.account(None)),
    "xss": lambda: page(
        invoice(line(XSS, 2000, description=XSS), **XSS_INVOICE), paid_with(charge()), locale="en",
        account=fake.account(XSS), coupons={"di_1": {"name": XSS, "percent_off": 5}},
    ),
}  # fmt: skip


def intent(kind: str = "payment_intent", status: str = "requires_action") -> Doc:
    id = "pi_3Fake" if kind == "payment_intent" else "seti_1Fake"
    return {"id": id, "object": kind, "amount": 2000, "currency": "usd", "client_secret": f"{id}_secret_fake", "livemode": False,
            "description": "Subscription update", "status": status}  # fmt: skip


class Hall:
    """The world of the sample invoices: a token is ``test_`` and a name of ``PAGES``."""

    def __init__(self) -> None:
        self.pages = {name: make() for name, make in PAGES.items()}
        self.intents = {found["client_secret"]: found for found in (intent(), intent("setup_intent"))}
        self.acts: list[str] = []

    def run(self, operation: str, params: Doc, ids: dict[str, str]) -> Doc:
        act = {
            "invoice:page": self.invoice,
            "receipt:page": self.receipt,
            "challenge:page": self.challenge,
            "invoice:pay": self.pay,
            "payments:authenticate_payment": self.authenticate,
            "payments:authenticate_setup": self.authenticate,
        }[operation]
        answer: Doc = copy.deepcopy(act({**params, **ids}))
        return answer

    def page(self, token: str) -> Doc:
        name = token.removeprefix("test_")
        if name == "expired":
            account = PAGES["paid"]()["account"]
            raise StripeError(
                "This invoice link has expired.", status=410, code="invoice_link_expired", account=account
            )
        if name == "crash":
            raise ZeroDivisionError("a secret detail")
        if name not in self.pages:
            raise StripeError("no such page", status=404)
        found = self.pages[name]
        found["invoice"]["hosted_invoice_url"] = f"/i/{fake.ACCOUNT}/{token}?s=ap"
        return found

    def invoice(self, params: Doc) -> Doc:
        found = self.page(params["token"])
        found["invoice"]["id"] = params["token"]
        return found

    def receipt(self, params: Doc) -> Doc:
        if params.get("token"):
            found = self.page(params["token"])
            return {**found, "charge": found["payments"][0]["charge"]}
        if params["charge"] != "ch_3Fake":
            raise StripeError("no such page", status=404)
        return {**page({}), "invoice": None, "charge": charge(4200, amount_refunded=1200, receipt_number="2024-1187")}

    def challenge(self, params: Doc) -> Doc:
        found = self.intents.get(params["client_secret"])
        if found is None:
            raise StripeError("no such page", status=404)
        back = "https://shop.example/back?order=7" if found["object"] == "payment_intent" else None
        return {
            "account": fake.account(),
            "customer": fake.customer(),
            "intent": found,
            "method": fake.card(),
            "return_url": back,
        }

    def pay(self, params: Doc) -> Doc:
        self.acts.append("pay")
        found = self.page(params["invoice"])
        if params["payment_method"] != "pm_visa4242":
            raise StripeError("Your card was declined.", status=402, type="card_error", code="card_declined")
        changes = {"status": "paid", "amount_paid": found["invoice"]["total"], "amount_remaining": 0}
        moments = {**found["invoice"]["status_transitions"], "paid_at": NOW}
        found["invoice"] = {**found["invoice"], **changes, "status_transitions": moments}
        found["payments"] = [paid_with(charge(found["invoice"]["total"], found["invoice"]["currency"]))]
        return {"intent": None}

    def authenticate(self, params: Doc) -> Doc:
        self.acts.append(params["outcome"])
        key, found = next((key, one) for key, one in self.intents.items() if one["id"] == params["intent"])
        status = "succeeded" if params["outcome"] == "succeed" else "requires_payment_method"
        self.intents[key] = {**found, "status": status}
        return self.intents[key]
