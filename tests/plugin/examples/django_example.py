"""A Django application that sells a subscription, and its tests."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
import pytest
import stripe
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

# ------------------------------------------------------------------------------------------------ the application
PLANS: dict[str, str] = {}  # what each customer has: the price, or nothing

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of-this-example",
    STRIPE_WEBHOOK_SECRET="",
)
django.setup()


def plan(request: HttpRequest, customer: str) -> HttpResponse:
    return HttpResponse(PLANS.get(customer, "nothing"))


def billing(request: HttpRequest, customer: str) -> HttpResponse:
    session = stripe.billing_portal.Session.create(customer=customer, return_url=request.build_absolute_uri("/"))
    return HttpResponseRedirect(session.url)


def webhook(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Stripe-Signature", "")
    try:
        event = stripe.Webhook.construct_event(request.body, signature, settings.STRIPE_WEBHOOK_SECRET)
    except stripe.SignatureVerificationError:
        return HttpResponse(status=400)
    subscription = event.data.object
    if event.type == "customer.subscription.updated":
        PLANS[subscription["customer"]] = subscription["items"]["data"][0]["price"]["id"]
    elif event.type == "customer.subscription.deleted":
        PLANS.pop(subscription["customer"], None)
    return HttpResponse(status=204)


urlpatterns = [
    path("plans/<customer>", plan),
    path("billing/<customer>", billing),
    path("webhook", require_POST(csrf_exempt(webhook))),  # signed by the sender: no token of a form
]


# ------------------------------------------------------------------------------------------------ its tests
class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def my_app(stripe_emulator: Any) -> Iterator[SimpleNamespace]:
    stripe_emulator.patch(stripe)
    settings.STRIPE_WEBHOOK_SECRET = stripe_emulator.webhooks.secret
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    PLANS.clear()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_upgrade_in_the_portal(stripe_emulator: Any, my_app: Any) -> None:
    import requests

    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    assert requests.get(f"{my_app.url}/plans/cus_demo", timeout=10).text == "nothing"
    with stripe_emulator.webhooks.expect("customer.subscription.updated", object="sub_demo"):
        stripe_emulator.portal("cus_demo").update("price_business_monthly")
    assert requests.get(f"{my_app.url}/plans/cus_demo", timeout=10).text == "price_business_monthly"


def test_nobody_pays(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    PLANS["cus_demo"] = "price_team_monthly"
    stripe_emulator.faults.add("card_declined", match={"object": "cus_demo"})
    with stripe_emulator.webhooks.expect(
        "invoice.payment_failed", "customer.subscription.deleted", customer="cus_demo"
    ):
        stripe_emulator.clock.advance(months=2)
    assert "cus_demo" not in PLANS


def test_the_link_leads_to_the_portal(stripe_emulator: Any, my_app: Any) -> None:
    import requests

    answer = requests.get(f"{my_app.url}/billing/cus_demo", timeout=10)
    assert answer.url.startswith(stripe_emulator.url + "/p/session/")
    assert "Current subscription" in answer.text
