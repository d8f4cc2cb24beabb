"""Every first inhabitant, called by the official SDK over a real port, sync and async."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import stripe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.live import LiveServer


@pytest.fixture
def http() -> Iterator[stripe.RequestsClient]:
    """The connections of one test, closed after it."""
    made = stripe.RequestsClient()
    yield made
    made.close()


@pytest.fixture
def client(live_server: LiveServer, http: stripe.RequestsClient) -> stripe.StripeClient:
    """A client of a world of its own."""
    return client_of(f"sk_test_{uuid.uuid4().hex}", live_server, http)


def client_of(key: str, server: LiveServer, http: stripe.HTTPClient) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": server.url}, max_network_retries=0, http_client=http)


def price_of(client: stripe.StripeClient, amount: int = 2000) -> stripe.Price:
    return client.v1.prices.create(
        {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}, "product_data": {"name": "Team"}}
    )


def subscriber(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create(
        {
            "name": "Jenny Rosen",
            "email": "jenny@example.com",
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
        }
    )


def test_account(client: stripe.StripeClient) -> None:
    account = client.v1.accounts.retrieve_current()
    assert account.id.startswith("acct_1")
    assert account.charges_enabled


def test_customers(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create(
        {"name": "Jo", "metadata": {"a": "1"}, "tax_id_data": [{"type": "eu_vat", "value": "DE123456789"}]}
    )
    changed = client.v1.customers.update(made.id, {"metadata": {"b": "2"}, "phone": "+1555"})
    assert changed.to_dict()["metadata"] == {"a": "1", "b": "2"}
    full = client.v1.customers.retrieve(made.id, {"expand": ["subscriptions", "sources", "tax", "tax_ids"]})
    assert full.tax_ids is not None
    assert [one.value for one in full.tax_ids.data] == ["DE123456789"]
    assert full.subscriptions is not None
    assert full.subscriptions.data == []
    assert [one.id for one in client.v1.customers.list({"limit": 3}).auto_paging_iter()] == [made.id]
    assert client.v1.customers.search({"query": 'name:"jo"'}).data[0].id == made.id
    gone = client.v1.customers.delete(made.id)
    assert gone.deleted
    assert client.v1.customers.retrieve(made.id).deleted


def test_auto_paging(client: stripe.StripeClient) -> None:
    made = [client.v1.products.create({"name": f"P{number}"}).id for number in range(25)]
    assert [one.id for one in client.v1.products.list({"limit": 10}).auto_paging_iter()] == made[::-1]


def test_tokens_and_sources(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"source": "tok_visa"})
    assert str(customer.default_source).startswith("card_")
    method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
    assert method.card is not None
    assert method.card.brand == "mastercard"


def test_products_and_prices(client: stripe.StripeClient) -> None:
    product = client.v1.products.create(
        {
            "name": "Team",
            "default_price_data": {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}},
        }
    )
    price = client.v1.prices.retrieve(str(product.default_price), {"expand": ["product"]})
    assert isinstance(price.product, stripe.Product)
    assert price.product.name == "Team"
    assert client.v1.prices.update(price.id, {"nickname": "n"}).nickname == "n"
    with pytest.raises(stripe.InvalidRequestError, match="Received unknown parameter: unit_amount"):
        client.v1.prices.update(price.id, {"unit_amount": 5})  # type: ignore[arg-type]


def test_coupons_and_promotion_codes(client: stripe.StripeClient) -> None:
    coupon = client.v1.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 3})
    code = client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SAVE20"})
    assert client.v1.promotion_codes.list({"code": "SAVE20"}).data[0].id == code.id


def test_payment_methods(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "Jo"})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert method.customer == customer.id
    assert client.v1.payment_methods.detach(method.id).customer is None
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})
    assert (refused.value.http_status, refused.value.code) == (402, "card_declined")


def test_a_subscription_is_created_invoiced_and_paid(client: stripe.StripeClient) -> None:
    customer = subscriber(client)
    made = client.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price_of(client).id, "quantity": 3}],
            "expand": ["latest_invoice.payments"],
        }
    )
    assert made.status == "active"
    invoice = made.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 6000, "subscription_create")
    assert invoice.lines.data[0].description == "3 × Team (at $20.00 / month)"  # noqa: RUF001 - the real sign
    assert invoice.payments is not None
    intent = client.v1.payment_intents.retrieve(str(invoice.payments.data[0].payment.payment_intent))
    assert (intent.status, intent.amount) == ("succeeded", 6000)
    assert client.v1.customers.retrieve(customer.id).currency == "usd"
    types = {one.type for one in client.v1.events.list({"limit": 100}).data}
    assert types >= {
        "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
        "payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "invoice_payment.paid",
    }  # fmt: skip


def test_portal(client: stripe.StripeClient, live_server: LiveServer) -> None:
    customer = subscriber(client)
    subscription = client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price_of(client).id}]})
    config = client.v1.billing_portal.configurations.create(
        {
            "features": {
                "subscription_cancel": {"enabled": True, "mode": "immediately"},
                "invoice_history": {"enabled": True},
            }
        }
    )
    session = client.v1.billing_portal.sessions.create(
        {
            "customer": customer.id,
            "configuration": config.id,
            "return_url": "https://example.com/account",
            "flow_data": {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription.id}},
        }
    )
    assert session.url.startswith(f"{live_server.url}/p/session/test_")
    assert session.flow is not None
    assert session.flow.subscription_cancel is not None
    assert session.flow.subscription_cancel.subscription == subscription.id


def test_webhook_endpoints(client: stripe.StripeClient) -> None:
    made = client.v1.webhook_endpoints.create({"url": "https://example.com/hook", "enabled_events": ["*"]})
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    assert "secret" not in client.v1.webhook_endpoints.retrieve(made.id).to_dict()
    assert client.v1.webhook_endpoints.delete(made.id).deleted


def test_errors_become_the_sdks_own(
    client: stripe.StripeClient, live_server: LiveServer, http: stripe.RequestsClient
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_nope")
    assert (missing.value.code, missing.value.param, missing.value.http_status) == ("resource_missing", "id", 404)
    stranger = client_of("nonsense", live_server, http)
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()
    public = client_of("pk_test_x", live_server, http)
    with pytest.raises(stripe.PermissionError):
        public.v1.customers.list()
    again = {"idempotency_key": "same"}
    client.v1.customers.create({"name": "A"}, options=again)  # type: ignore[arg-type]
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "B"}, options=again)  # type: ignore[arg-type]


@pytest.fixture
async def async_http() -> AsyncIterator[stripe.AIOHTTPClient]:
    """The connections of one asynchronous test, closed after it."""
    made = stripe.AIOHTTPClient()
    yield made
    await made.close_async()


async def test_the_async_client(live_server: LiveServer, async_http: stripe.AIOHTTPClient) -> None:
    client = client_of(f"sk_test_{uuid.uuid4().hex}", live_server, async_http)
    customer = await client.v1.customers.create_async(
        {"name": "Jo", "payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )
    product = await client.v1.products.create_async({"name": "Team"})
    price = await client.v1.prices.create_async(
        {"currency": "eur", "unit_amount": 900, "recurring": {"interval": "year"}, "product": product.id}
    )
    subscription = await client.v1.subscriptions.create_async({"customer": customer.id, "items": [{"price": price.id}]})
    assert subscription.status == "active"
    session = await client.v1.billing_portal.sessions.create_async({"customer": customer.id})
    assert session.customer == customer.id
    coupon = await client.v1.coupons.create_async({"amount_off": 100, "currency": "eur", "duration": "once"})
    assert (await client.v1.coupons.retrieve_async(coupon.id)).amount_off == 100
    listed = await client.v1.customers.list_async({"limit": 5})
    assert [one.id async for one in listed.auto_paging_iter()] == [customer.id]
    with pytest.raises(stripe.CardError):
        await client.v1.payment_methods.attach_async("pm_card_chargeDeclinedLostCard", {"customer": customer.id})
    methods = await client.v1.payment_methods.list_async({"customer": customer.id})
    assert len(methods.data) == 1
    account = await client.v1.accounts.retrieve_current_async()
    assert account.object == "account"
