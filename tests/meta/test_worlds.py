"""Checks the worlds that come along: they load, hang together, and are what their stories make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pytest_aiohttp.plugin import AiohttpClient

from emulator.app import build as server
from emulator.config import Config
from emulator.spec.catalogue import catalogue
from emulator.store import worlds
from scripts.build_worlds import build
from scripts.world_schema import schema
from scripts.world_stories import STORIES
from tests.support.client import Api
from tests.support.portal import link, page

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(STORIES)
NOW = 1_800_000_000
REFERENCE = re.compile(r"(cus|prod|price|pm|sub|si|in|il|pi|ch|inpay|di|promo|bpc|txn)_[A-Za-z0-9_]+\Z")
LISTS = {
    "customer": "/v1/customers",
    "product": "/v1/products",
    "price": "/v1/prices",
    "coupon": "/v1/coupons",
    "promotion_code": "/v1/promotion_codes",
    "subscription": "/v1/subscriptions",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "payment_intent": "/v1/payment_intents",
    "charge": "/v1/charges",
    "balance_transaction": "/v1/balance_transactions",
    "billing_portal.configuration": "/v1/billing_portal/configurations",
}
WORDS = {"price_details"}
DAY = 86_400
EDITOR = Draft202012Validator(schema())


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"]
        for part in value.values():
            yield from ids(part)
    elif isinstance(value, list):
        for part in value:
            yield from ids(part)


def objects(name: str) -> dict[str, list[dict[str, Any]]]:
    return worlds.load(name, NOW).objects


def test_there_is_a_story_for_every_file() -> None:
    assert worlds.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
async def test_the_file_is_what_its_story_makes(name: str) -> None:
    written = (ROOT / "fixtures" / "worlds" / f"{name}.json").read_text(encoding="utf-8")
    assert written == await build(name), "run `make worlds`"


def test_the_schema_for_editors_is_the_one_that_is_made() -> None:
    text = (ROOT / "fixtures" / "world.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema(), "run `make worlds`"
    assert len(text) < 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_for_editors_finds_nothing(name: str) -> None:
    EDITOR.validate(worlds.read(name))


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("customer", {"email": 5}, "5 is not of type 'string', 'null'"),
        ("customer", {"created": "-40d", "name": "Ada"}, None),
        ("subscription", {"status": "late"}, "'late' is not one of"),
        ("price", {"recurring": {"interval": "mouth"}}, "'mouth' is not one of"),
        ("nothing_known", {"x": 1}, None),
    ],
)
def test_editors_are_told_what_fields_hold(kind: str, fields: Any, message: str | None) -> None:
    fault = best_match(EDITOR.iter_errors({kind: {"1": {"id": "x_1", **fields}}}))
    assert (fault is None) is (message is None)
    assert fault is None or fault.message.startswith(str(message))


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_to_an_object(name: str) -> None:
    tables = objects(name)
    known = set(ids(list(tables.values())))
    assert (
        sorted(
            {text for text in strings(list(tables.values())) if REFERENCE.match(text) and "_secret_" not in text}
            - known
            - WORDS
        )
        == []
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_is_always_there_is_there(name: str) -> None:
    lacking = [
        f"{doc['id']}.{field}"
        for kind, docs in objects(name).items()
        if kind in catalogue().schemas
        for doc in docs
        for field in catalogue().schema(kind).get("req", ())
        if field not in doc and field not in {"refunds", "billing_schedules"}
    ]
    assert lacking == []


@pytest.mark.parametrize("name", NAMES)
async def test_the_server_answers_every_object_as_described(name: str, aiohttp_client: AiohttpClient) -> None:
    api = Api(await aiohttp_client(server(Config(world=name))), "sk_test_demo")
    for kind, path in LISTS.items():
        answer = await api.get(path)  # the client compares each answer with the description
        assert answer.status == 200
        assert {doc["id"] for doc in answer.json["data"]} == {
            doc["id"]
            for doc in objects(name).get(kind, [])
            if doc.get("status") != "canceled" or kind != "subscription"
        }
    for invoice in (await api.get("/v1/invoices")).json["data"]:
        assert "{" not in str(invoice["hosted_invoice_url"])


@pytest.mark.parametrize("name", NAMES)
def test_no_time_is_left_as_a_number(name: str) -> None:
    text = (ROOT / "fixtures" / "worlds" / f"{name}.json").read_text(encoding="utf-8")
    assert re.findall(r'"\w+": 1[678]\d{8}\b', text) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_default_portal_configuration_is_there(name: str) -> None:
    defaults = [doc for doc in objects(name)["billing_portal.configuration"] if doc["is_default"]]
    assert len(defaults) == 1
    features = defaults[0]["features"]
    changing = name != "view_only"
    assert features["subscription_cancel"]["enabled"] is changing
    assert features["subscription_cancel"]["mode"] == "at_period_end"
    assert features["subscription_cancel"]["cancellation_reason"]["enabled"]
    assert features["invoice_history"]["enabled"]
    assert features["payment_method_update"]["enabled"] is changing
    assert features["customer_update"]["enabled"] is changing


def test_saas_has_jenny_with_five_paid_invoices() -> None:
    tables = objects("saas")
    jenny = next(doc for doc in tables["customer"] if doc["id"] == "cus_demo")
    assert (jenny["name"], jenny["email"]) == ("Jenny Rosen", "jenny@example.com")
    card = next(
        doc for doc in tables["payment_method"] if doc["id"] == jenny["invoice_settings"]["default_payment_method"]
    )
    assert (card["card"]["brand"], card["card"]["last4"]) == ("visa", "4242")
    subscription = next(doc for doc in tables["subscription"] if doc["customer"] == "cus_demo")
    assert subscription["status"] == "active"
    assert subscription["billing_mode"]["type"] == "flexible"
    item = subscription["items"]["data"][0]
    assert item["current_period_start"] <= NOW < item["current_period_end"]
    invoices = [doc for doc in tables["invoice"] if doc["customer"] == "cus_demo"]
    assert [doc["status"] for doc in invoices] == ["paid"] * 5
    assert [doc["number"][-4:] for doc in invoices] == ["0001", "0002", "0003", "0004", "0005"]
    assert {doc["total"] for doc in invoices} == {4900}
    assert subscription["latest_invoice"] == invoices[-1]["id"]


def test_saas_has_customers_in_every_situation() -> None:
    statuses = {doc["customer"]: doc["status"] for doc in objects("saas")["subscription"]}
    assert statuses == {"cus_demo": "active", "cus_tom": "trialing", "cus_pam": "past_due", "cus_carl": "canceled"}


def test_the_trial_of_trial_ending_ends_in_two_days() -> None:
    (subscription,) = objects("trial_ending")["subscription"]
    assert subscription["status"] == "trialing"
    assert subscription["trial_end"] == NOW + 2 * DAY


async def shown(name: str, client: AiohttpClient) -> dict[str, Any]:
    """Return what the portal's home page is told in a world, with the first of its subscriptions."""
    api = Api(await client(server(Config(world=name))), "sk_test_demo")
    home: dict[str, Any] = await page(api, "home", await link(api, "cus_demo"))
    return home | {"first": next(iter(home["subscriptions"]), None)}


# What may be done: cancel, renew, pause and update, in this order.
@pytest.mark.parametrize(
    ("name", "status", "may"),
    [
        ("saas", "active", "cu"),
        ("trial_ending", "trialing", "c"),
        ("canceling", "active", "r"),
        ("past_due", "past_due", "c"),
        ("unpaid", "unpaid", "c"),
        ("paused", "paused", "c"),
        ("changing", "active", "cu"),
        ("metered", "active", "c"),
        ("discounted", "active", "c"),
        ("view_only", "active", ""),
        ("yen", "active", "cu"),
    ],
)
async def test_the_portal_shows_the_state(name: str, status: str, may: str, aiohttp_client: AiohttpClient) -> None:
    first = (await shown(name, aiohttp_client))["first"]
    permitted = first["permissions"]
    assert first["subscription"]["status"] == status
    assert "".join(act[0] for act in ("cancel", "renew", "pause", "update") if permitted[act]) == may


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_is_renewed_or_finalized_by_the_loading(name: str, aiohttp_client: AiohttpClient) -> None:
    api = Api(await aiohttp_client(server(Config(world=name))), "sk_test_demo")
    async with api.client.get("/_emulator/clock", headers={"Authorization": "Bearer sk_test_demo"}) as answer:
        clock = await answer.json()
    overdue = [one for one in clock["next"] if one["at"] <= clock["now"]]
    assert [one["object"] for one in overdue if one["what"] in {"subscription", "invoice"}] == []


async def test_a_pause_says_when_it_ends(aiohttp_client: AiohttpClient) -> None:
    first = (await shown("paused", aiohttp_client))["first"]
    assert first["resumes_at"] is not None
    assert first["resumable"]


async def test_a_change_to_come_can_be_taken_back(aiohttp_client: AiohttpClient) -> None:
    first = (await shown("changing", aiohttp_client))["first"]
    assert (first["scheduled"]["own"], first["scheduled"]["price"]["id"]) == (True, "price_team_monthly")
    assert first["scheduled"]["at"] == first["subscription"]["items"]["data"][0]["current_period_end"]


async def test_nothing_active_leaves_the_invoices(aiohttp_client: AiohttpClient) -> None:
    home = await shown("ended", aiohttp_client)
    assert (home["first"], len(home["invoices"]["data"])) == (None, 2)
