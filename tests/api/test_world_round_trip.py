"""A world that was saved and loaded elsewhere is the same to everybody who looks, and goes on alike."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from emulator.app import build
from emulator.config import Config
from emulator.operations import table
from emulator.spec.catalogue import catalogue
from tests.support import nonsense
from tests.support.client import Api

KNOWN = catalogue()
OPERATIONS = [one for one in KNOWN.operations.values() if table.tier(one) in ("behaviour", "generic")]
LISTS = sorted(
    one.path for one in OPERATIONS
    if one.method == "GET" and "{" not in one.path and "limit" in KNOWN.node(one.input).get("p", ()) and not one.path.endswith("search")
)  # fmt: skip
START = 1_788_220_800  # 1 September 2026
CARD = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
# Texts that a file has a meaning of its own for, or that are hard to write down.
TEXT = some.one_of(
    some.sampled_from(["{account}", "{~account}", "{{base_url}}", "-40d", "now", "\u2028", "\x7f", "é", "e\u0301", "👩‍👧", '"\\', "%7B"]),
    some.text(some.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12),
)  # fmt: skip
KEYS = some.sampled_from(["note", "created", "{account}", "ends_at", "Ключ", "id", "metadata"])
# An id, a token, a code of a bank, the beginning of an invoice's number: what is drawn anew in each world.
DRAWN = re.compile(r"[\w-]*[0-9A-Z][\w-]*", re.ASCII)


class Story:
    """Things that happen in one world; each takes a number that chooses among what there is, and a text."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.customers: list[str] = []
        self.prices: list[str] = []
        self.subscriptions: list[str] = []

    async def begin(self) -> None:
        """Sell something, be told of everything, mail receipts."""
        await self.api.freeze(START)
        await self.api.ok("POST", "/_emulator/settings", {"email_receipts": True})
        hook = {"url": "record://everything", "enabled_events": ["*"]}
        await self.api.ok("POST", "/v1/webhook_endpoints", hook)
        await self.price(0, "Team")
        await self.customer(0, "Ada")

    async def go(self, what: str, number: int, text: str) -> None:
        """Let one thing happen."""
        await getattr(self, what)(number, text)

    async def customer(self, number: int, text: str) -> None:
        """Make a customer."""
        more = {"test_clock": await self.clock()} if number == 4 else {}
        given_ = {"name": text, "email": f"c{number}@example.com", "metadata": {"note": text}, **CARD, **more}
        self.customers.append((await self.api.ok("POST", "/v1/customers", given_))["id"])

    async def clock(self) -> str:
        """Make a test clock."""
        made = await self.api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": START})
        return str(made["id"])

    async def note(self, number: int, text: str) -> None:
        """Write on a customer, also under the account's own id."""
        key = (await self.api.space()).account if number == 3 else ("created", "{account}", "id", "Ключ")[number % 4]
        path = f"/v1/customers/{self.customers[number % len(self.customers)]}"
        await self.api.call("POST", path, {"description": text, "metadata": {key: text, "at": "-3d"}})

    async def price(self, number: int, text: str) -> None:
        """Sell something by the month or the year."""
        recurring = {"interval": ("month", "year", "week")[number % 3]}
        wish = {"currency": "usd", "unit_amount": 500 * number, "recurring": recurring, "product_data": {"name": text}}
        answer = await self.api.call("POST", "/v1/prices", {**wish, "nickname": text})
        if answer.status == 200:
            self.prices.append(answer.id)

    async def subscribe(self, number: int, text: str) -> None:
        """Subscribe a customer, some on trial."""
        wish: dict[str, Any] = {
            "customer": self.customers[number % len(self.customers)],
            "items": [{"price": self.prices[number % len(self.prices)], "quantity": number + 1}],
            "metadata": {"note": text},
        }
        answer = await self.api.call(
            "POST", "/v1/subscriptions", wish | ({"trial_period_days": 9} if number % 2 else {})
        )
        if answer.status == 200:
            self.subscriptions.append(answer.id)

    async def leave(self, number: int, text: str) -> None:
        """Cancel a subscription, now or later."""
        if self.subscriptions:
            path = f"/v1/subscriptions/{self.subscriptions[number % len(self.subscriptions)]}"
            wish = {"cancel_at_period_end": True, "cancellation_details": {"comment": text}}
            await (self.api.call("POST", path, wish) if number % 2 else self.api.call("DELETE", path))

    async def bill(self, number: int, text: str) -> None:
        """Send an invoice with a line."""
        owner = {"customer": self.customers[number % len(self.customers)]}
        await self.api.call(
            "POST", "/v1/invoiceitems", {**owner, "currency": "usd", "amount": 700, "description": text}
        )
        made = await self.api.call(
            "POST", "/v1/invoices", {**owner, "collection_method": "send_invoice", "days_until_due": 3}
        )
        if made.status == 200 and number % 2:
            await self.api.call("POST", f"/v1/invoices/{made.id}/finalize")

    async def delete(self, number: int, text: str) -> None:
        """Delete a customer, all but the first."""
        del text
        await self.api.call("DELETE", f"/v1/customers/{self.customers[number % len(self.customers) or -1]}")

    async def portal(self, number: int, text: str) -> None:
        """Make a portal configuration, and a session of it."""
        wish = {
            "business_profile": {"headline": text[:60]},
            "features": {"invoice_history": {"enabled": True}},
            "name": text,
        }
        made = await self.api.call("POST", "/v1/billing_portal/configurations", {**wish, "metadata": {"at": text}})
        if made.status == 200:
            owner = self.customers[number % len(self.customers)]
            await self.api.call("POST", "/v1/billing_portal/sessions", {"customer": owner, "configuration": made.id})

    async def coupon(self, number: int, text: str) -> None:
        """Make a coupon with a code."""
        made = await self.api.call(
            "POST", "/v1/coupons", {"percent_off": "12.5", "duration": "once", "name": text[:20]}
        )
        if made.status == 200:
            wish = {"promotion": {"type": "coupon", "coupon": made.id}, "code": f"CODE{number}"}
            await self.api.call("POST", "/v1/promotion_codes", wish)

    async def time(self, number: int, text: str) -> None:
        """Let time pass."""
        del text
        await self.api.advance(("1h", "3d", "9d", "32d", "45d", "0s")[number])

    async def quarrel(self, number: int, text: str) -> None:
        """Pay with a card whose payment is disputed, with an idempotency key."""
        wish = {"amount": 900 + number, "currency": "usd", "confirm": True, "payment_method": "pm_card_createDispute",
                "payment_method_types": ["card"], "description": text}  # fmt: skip
        await self.api.call("POST", "/v1/payment_intents", wish, headers={"Idempotency-Key": f"key-{number}"})


STEPS = [name for name in vars(Story) if name[0] != "_" and name not in {"begin", "go", "clock"}]


async def control(api: Api, path: str) -> Any:
    return await api.ok("GET", f"/_emulator{path}")


async def exported(api: Api) -> Any:
    return await control(api, f"/worlds/{api.key}/export")


async def seen(api: Api, lists: list[str]) -> dict[str, Any]:
    """Return everything that a caller can see of a world; None for a list that cannot be had."""
    answers = {path: await api.get(path, {"limit": 100}) for path in lists}
    told = {path: await control(api, path) for path in ("/clock", "/events", "/deliveries", "/mail", "/settings")}
    return {path: one.json if one.status == 200 else None for path, one in answers.items()} | told


def of(server: Api, key: str) -> Api:
    """Return a client of another key, whose answers other tests hold against the description."""
    made = Api(server.client, key)
    made.check = False
    return made


def alike(value: Any, known: str) -> list[str]:
    """Return the parts of a world in an order of their own, with everything that was drawn since struck out."""
    words = set(DRAWN.findall(known))  # whole ones: six digits may stand anywhere in a long text

    def plain(found: re.Match[str]) -> str:
        drawn = found[0] not in words or found[0].startswith("req_")  # those of a seed are the same on every server
        return "~" if drawn and len(found[0]) > 5 else found[0]

    return sorted(DRAWN.sub(plain, orjson.dumps(part).decode()) for part in value)


async def whole(api: Api) -> list[Any]:
    """Return all objects of a world with their kind; of deliveries not what is of the real time or drawn by lot."""
    tables = await exported(api)
    aside = {"request": None, "order": None}  # what happens at one instant to two subscriptions has no order
    return [
        [kind, {**doc, **(aside if kind == "_delivery" else {})}]
        for kind, rows in tables.items()
        for doc in rows.values()
    ]


async def go_on(api: Api, before: dict[str, Any], known: str) -> list[str]:
    """Let some more happen, and return what there is then; what is new has ids of its own and left last."""
    story = Story(api)
    story.customers = [doc["id"] for doc in before["/v1/customers"]["data"]]
    story.prices = [doc["id"] for doc in before["/v1/prices"]["data"]]
    await story.customer(0, "Grace")
    assert story.customers[-1] not in known
    for what, number in (("subscribe", 2), ("bill", 1), ("time", 3)):
        await story.go(what, number, "later")
    sent = [row["order"] for row in (await control(api, "/deliveries?limit=10000"))["data"]]
    assert len(set(sent)) == len(sent)
    return alike(await whole(api), known)


async def same(first: Api, twin: Api) -> None:
    """Demand that two worlds are equal for everyone who looks, and go on alike."""
    before, document = await seen(first, LISTS), await exported(first)  # the first look makes what every account has
    await twin.ok("POST", "/_emulator/worlds", {"key": twin.key, "document": document})
    assert await exported(twin) == document
    lists = [path for path in LISTS if before[path] and before[path]["data"]]
    for path, answer in (await seen(twin, lists)).items():
        assert before[path] == answer, path
    known = orjson.dumps(document).decode()
    assert await go_on(first, before, known) == await go_on(twin, before, known)


@pytest.fixture
async def servers(aiohttp_client: Any) -> tuple[Api, Api]:
    """Two servers of one seed."""
    one, other = [Api(await aiohttp_client(build(Config(world="empty", seed="7")))) for _ in range(2)]
    return one, other


@settings(
    max_examples=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=some.lists(some.tuples(some.sampled_from(STEPS), some.integers(0, 5), TEXT), min_size=6, max_size=18))
async def test_whatever_has_happened(servers: tuple[Api, Api], steps: list[tuple[str, int, str]]) -> None:
    first, second = servers
    key = f"sk_test_told{len(first.engine.spaces)}"
    story = Story(of(first, key))
    await story.begin()
    for step in steps:
        await story.go(*step)
    await same(story.api, of(second, key))


async def test_after_a_walk_through_everything(servers: tuple[Api, Api]) -> None:
    key = "sk_test_walked"
    first, second = (of(one, key) for one in servers)
    await first.ok("POST", "/_emulator/worlds", {"key": key, "fixture": "several"})
    await first.advance("1h")
    steps = [one for one in OPERATIONS if one.id != "DeleteAccountsAccount"]  # a world without its account is none
    walk = nonsense.Walk(KNOWN, steps, seed="around")
    for step in range(240):
        if step % 40 == 0:
            await walk.look(first)
            await first.advance(walk.choose(("1h", "3d", "40d")))
        await first.call(*walk.call())
    await same(first, second)


async def test_another_key_has_links_of_its_own(servers: tuple[Api, Api]) -> None:
    first, second = of(servers[0], "sk_test_here"), of(servers[1], "sk_test_there")
    story = Story(first)
    await story.begin()
    await story.bill(1, "Work")
    wish = {"features": {"invoice_history": {"enabled": True}}, "login_page": {"enabled": True}}
    made = await first.ok("POST", "/v1/billing_portal/configurations", wish)
    await second.ok("POST", "/_emulator/worlds", {"key": second.key, "document": await exported(first)})
    invoice = (await second.ok("GET", "/v1/invoices"))["data"][0]
    login = (await second.ok("GET", f"/v1/billing_portal/configurations/{made['id']}"))["login_page"]
    for url in (invoice["hosted_invoice_url"], login["url"]):
        assert (await second.client.get(f"/{url.split('/', 3)[3]}")).status == 200, url


async def test_the_mode_is_the_key_s(servers: tuple[Api, Api]) -> None:
    first = of(servers[0], "sk_test_one")
    await Story(first).begin()
    for key, live in (("sk_live_one", True), ("sk_test_two", False)):
        then = of(servers[0], key)
        await then.ok("POST", "/_emulator/worlds", {"key": key, "document": await exported(first)})
        assert (await then.ok("GET", "/v1/customers"))["data"][0]["livemode"] is live
        first = then


async def test_a_copy_draws_no_id_of_the_original(servers: tuple[Api, Api]) -> None:
    one, other = (of(servers[0], f"sk_test_{name}") for name in ("one", "other"))
    await Story(one).begin()
    for here, there in ((one, other), (other, one)):
        await here.ok("POST", f"/_emulator/worlds/{here.key}/fork", {"to": there.key})
        await Story(there).customer(0, "Grace")
    customers = (await one.ok("GET", "/v1/customers"))["data"]
    assert len(customers) == len({doc["id"] for doc in customers}) == 3
