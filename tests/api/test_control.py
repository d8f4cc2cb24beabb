"""The control API: worlds, events, requests, settings, and how it refuses."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from yarl import URL

from emulator.api.front import API
from emulator.app import BACKGROUND

KEY = "sk_test_tests"


async def control(api: Any, method: str, path: str, body: Any = None, key: str = KEY) -> tuple[int, Any]:
    async with api.client.request(
        method, f"/_emulator{path}", json=body, headers={"Authorization": f"Bearer {key}"}
    ) as answer:
        return answer.status, await answer.json()


async def good(api: Any, method: str, path: str, body: Any = None, key: str = KEY) -> Any:
    status, content = await control(api, method, path, body, key)
    assert status == 200, content
    return content


async def test_health_ready_and_the_list_of_calls(api: Any) -> None:
    health = await good(api, "GET", "/health")
    assert health == {"status": "ok", "version": "0.1.0", "api_version": "2026-10-28.endive", "store": "memory"}
    assert await good(api, "GET", "/ready") == {"status": "ready"}
    assert "POST /_emulator/worlds/{key}/fork" in (await good(api, "GET", "/"))["calls"]
    api.background.running = False
    assert (await control(api, "GET", "/ready"))[0] == 503
    api.background.running = True


async def test_coverage_counts_every_operation_and_event(api: Any) -> None:
    told = await good(api, "GET", "/coverage")
    operations = told["operations"]
    assert operations["total"] == 703
    assert operations["behaviour"] + operations["generic"] + len(operations["not_emulated"]) == 703
    events = told["events"]
    assert events["total"] == 275
    assert events["announced"] + len(events["not_announced"]) == 275
    assert "customer.subscription.deleted" not in events["not_announced"]


@pytest.mark.parametrize(
    "method,path,body,status,message",
    [
        ("GET", "/nothing", None, 404, "no such control call: GET /_emulator/nothing"),
        ("PUT", "/clock", None, 405, "PUT is not a method of this call"),
        ("GET", "/clock?x=1", None, 200, None),
        ("GET", "/events?kind=x", None, 400, "unknown: kind"),
        ("GET", "/events?limit=0", None, 400, "limit must be a number from 1 to 10000"),
        ("GET", "/events?since=evt_x", None, 404, "no such event: evt_x"),
        ("GET", "/events/wait?timeout=61", None, 400, "timeout must be seconds from 0 to 60"),
        ("GET", "/events/wait?timeout=x", None, 400, "timeout must be seconds from 0 to 60"),
        ("GET", "/requests?status=ok", None, 400, "status must be a status code"),
        ("POST", "/worlds", {}, 400, "key is missing"),
        ("POST", "/worlds", {"key": 5}, 400, "key must be a text"),
        ("POST", "/worlds", {"key": "demo"}, 400, "key must be a secret key"),
        ("POST", "/worlds", {"key": "sk_test_a", "fixture": "saas", "document": {}}, 400, "give one of fixture and document"),
        ("POST", "/worlds", {"key": "sk_test_a", "document": []}, 400, "document must be a world document"),
        ("POST", "/worlds", {"key": "sk_test_a", "fixtures": "saas"}, 400, "unknown: fixtures"),
        ("POST", "/worlds", {"key": "sk_test_a", "document": {"customer": {"1": {}}}}, 400, "document: customer.1: 'id' is a required property"),
        ("POST", "/worlds", [], 400, "the body must be a JSON object"),
        ("DELETE", "/worlds/sk_test_nobody", None, 404, "no world is open for the key sk_test_nobody"),
        ("POST", "/worlds/sk_test_nobody/reset", None, 404, "no world is open for the key sk_test_nobody"),
        ("GET", "/mail/mail_x", None, 404, "no such mail: mail_x"),
        ("POST", "/faults", {}, 400, "action is missing"),
        ("POST", "/settings", {"nope": 1}, 400, "unknown: nope"),
        ("POST", "/settings", {"country": "usa"}, 400, "country must be a country of two capital letters"),
        ("POST", "/settings", {"default_currency": "USD"}, 400, "default_currency must be a currency of three small letters"),
        ("POST", "/settings", {"portal_default_configuration": "no"}, 400, "portal_default_configuration must be true or false"),
        ("POST", "/settings", {"branding": None}, 400, "branding must be an object"),
        ("POST", "/settings", {"business_name": ""}, 400, "business_name must be a text"),
        ("POST", "/settings", {"default_api_version": "1999"}, 400, "default_api_version must be a known API version or null"),
        ("POST", "/settings", {"webhook_retries": ["soon"]}, 400, "not a duration: 'soon' (use"),
        ("POST", "/settings", {"webhook_retries": "5m"}, 400, "webhook_retries is a list of durations"),
    ],
)  # fmt: skip
async def test_refusals_have_one_shape(
    api: Any, method: str, path: str, body: Any, status: int, message: str | None
) -> None:
    if message is None:
        return
    got, content = await control(api, method, path, body)
    assert got == status, content
    assert set(content) == {"error"}
    assert set(content["error"]) <= {"message", "param", "hint"}
    assert content["error"]["message"].startswith(message)


async def test_a_body_that_is_not_json(api: Any) -> None:
    async with api.client.post("/_emulator/clock", data=b"{") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["message"].startswith("the body is not JSON")


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Basic !!", "Digest x", "Basic Og=="])
async def test_what_is_no_key(api: Any, header: str) -> None:
    async with api.client.get("/_emulator/clock", headers={"Authorization": header}) as answer:
        assert answer.status == 401
        assert "hint" in (await answer.json())["error"]


async def test_without_a_key_it_is_the_demo_world_and_basic_works_too(api: Any) -> None:
    await api.ok("POST", "/v1/customers", {"name": "Demo"}, key="sk_test_demo")
    async with api.client.get("/_emulator/events") as answer:
        assert [event["type"] for event in (await answer.json())["data"]] == ["customer.created"]
    async with api.client.get("/_emulator/events", headers={"Authorization": "Basic c2tfdGVzdF9kZW1vOg=="}) as answer:
        assert len((await answer.json())["data"]) == 1
    assert (await good(api, "GET", "/events"))["data"] == []


# ------------------------------------------------------------------------------------------------ worlds
async def test_worlds_are_made_replaced_listed_and_dropped(api: Any) -> None:
    row = await good(api, "POST", "/worlds", {"key": "sk_test_new", "fixture": "saas"})
    assert (row["key"], row["fixture"]) == ("sk_test_new", "saas")
    assert row["objects"] > 10
    assert (await api.ok("GET", "/v1/customers/cus_demo", key="sk_test_new"))["id"] == "cus_demo"
    row = await good(api, "POST", "/worlds", {"key": "sk_test_new", "document": {"customer": {"1": {"id": "cus_1"}}}})
    assert row["fixture"] == "document"
    assert (await api.get("/v1/customers/cus_demo", key="sk_test_new")).status == 404
    rows = (await good(api, "GET", "/worlds"))["data"]
    assert "sk_test_new" in [row["key"] for row in rows]
    assert all(isinstance(row["created"], int) and isinstance(row["objects"], int) for row in rows)
    assert await good(api, "DELETE", "/worlds/sk_test_new") == {}
    assert "sk_test_new" not in [row["key"] for row in (await good(api, "GET", "/worlds"))["data"]]
    assert (await api.ok("GET", "/v1/customers", key="sk_test_new"))["data"] == []  # opened anew


async def test_nothing_keeps_a_world_that_was_dropped_or_made_anew(api: Any) -> None:
    gone = []
    for number in range(3):
        key = f"sk_test_passing{number}"
        await good(api, "POST", "/worlds", {"key": key, "fixture": "saas"})
        await api.ok("GET", "/v1/customers", key=key)  # an answer that is kept, for a caller who is known
        await api.ok("GET", "/v1/customers", key=key)
        await api.ok("POST", "/v1/customers", key=key)
        gone.append(api.engine.spaces[key].rendered)
        assert gone[-1]
        if number == 0:
            await good(api, "POST", f"/worlds/{key}/reset")
        else:
            await good(api, "DELETE", f"/worlds/{key}")
    assert gone == [{}, {}, {}]
    answering = api.client.server.app[API]
    assert {caller.key for caller in answering.callers.values()}.isdisjoint(
        {"sk_test_passing0", "sk_test_passing1", "sk_test_passing2"}
    )
    assert all(kept.space.key == KEY for kept in answering.kept.values())
    assert "sk_test_passing1" not in api.client.server.app[BACKGROUND]._soonest


async def test_reset_brings_back_what_the_world_was_made_from(api: Any) -> None:
    await good(api, "POST", "/worlds", {"key": KEY, "fixture": "saas"})
    before = [one["id"] for one in (await api.ok("GET", "/v1/customers", {"limit": 100}))["data"]]
    await api.ok("POST", "/v1/customers")
    await api.ok("DELETE", "/v1/customers/cus_demo")
    await good(api, "POST", "/clock", {"freeze": True})
    await good(api, "POST", "/clock", {"advance": "3mo"})
    assert await good(api, "POST", f"/worlds/{KEY}/reset") == {}
    assert [one["id"] for one in (await api.ok("GET", "/v1/customers", {"limit": 100}))["data"]] == before
    assert (await good(api, "GET", "/clock"))["mode"] == "real"
    assert await api.events() == []


async def test_a_world_may_come_with_a_clock(api: Any) -> None:
    document = {
        "_meta": {"1": {"clock": {"mode": "frozen", "now": "-1y"}}},
        "customer": {"1": {"id": "cus_1", "created": "-1d"}},
    }
    for _ in range(2):
        await good(api, "POST", "/worlds", {"key": KEY, "document": document})
        told = await good(api, "GET", "/clock")
        assert told["mode"] == "frozen"
        assert 364 * 86_400 < time.time() - told["now"] < 367 * 86_400
        assert (await api.engine.store.dump((await api.space()).store_name))["customer"][0]["created"] == told[
            "now"
        ] - 86_400


async def test_a_fork_goes_its_own_way(api: Any) -> None:
    first = await api.ok("POST", "/v1/customers", {"name": "Both"})
    await good(api, "POST", "/clock", {"freeze": True})
    row = await good(api, "POST", f"/worlds/{KEY}/fork", {"to": "sk_test_fork"})
    assert row["key"] == "sk_test_fork"
    await api.ok("POST", f"/v1/customers/{first['id']}", {"name": "Mine"})
    assert (await api.ok("GET", f"/v1/customers/{first['id']}", key="sk_test_fork"))["name"] == "Both"
    await api.ok("POST", "/v1/customers", {"name": "Theirs"}, key="sk_test_fork")
    assert len((await api.ok("GET", "/v1/customers"))["data"]) == 1
    assert (await api.ok("GET", "/v1/account", key="sk_test_fork"))["id"] == row["account"]
    await good(api, "POST", "/clock", {"advance": "1d"})
    clocks = [(await good(api, "GET", "/clock", key=key))["now"] for key in (KEY, "sk_test_fork")]
    assert clocks[0] - clocks[1] == 86_400
    for to, message in ((KEY, "another key"), ("sk_live_x", "same mode"), ("fork", "secret key")):
        status, content = await control(api, "POST", f"/worlds/{KEY}/fork", {"to": to})
        assert status == 400
        assert message in content["error"]["message"]


FEATURES = {"invoice_history": {"enabled": True}}


async def test_pages_that_a_fork_names_are_its_own(api: Any) -> None:
    await good(api, "POST", "/worlds", {"key": "sk_test_source", "fixture": "invoiced"})
    login = {"login_page": {"enabled": True}}
    made = await api.ok(
        "POST", "/v1/billing_portal/configurations", {"features": FEATURES, **login}, key="sk_test_source"
    )
    row = await good(api, "POST", "/worlds/sk_test_source/fork", {"to": "sk_test_copy"})
    own = await api.ok("GET", f"/v1/billing_portal/configurations/{made['id']}", key="sk_test_copy")
    assert own["login_page"]["url"] != made["login_page"]["url"]
    async with api.client.get(URL(own["login_page"]["url"]).relative()) as page:
        assert page.status == 200
    invoice = await api.ok("GET", "/v1/invoices/in_demo_3", key="sk_test_copy")
    original = await api.ok("GET", "/v1/invoices/in_demo_3", key="sk_test_source")
    for link in ("hosted_invoice_url", "invoice_pdf"):
        assert row["account"] in invoice[link]
        assert row["account"] not in original[link]
    async with api.client.get(URL(invoice["hosted_invoice_url"]).relative()) as page:
        text = await page.text()
    code = text.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": code, "payment_method": "pm_demo"}
    async with api.client.post(URL(invoice["hosted_invoice_url"]).relative(), data=form):
        pass
    keys = ("sk_test_copy", "sk_test_source")
    paid = [(await api.ok("GET", "/v1/invoices/in_demo_3", key=key))["status"] for key in keys]
    assert paid == ["paid", "open"]
    due = [(await good(api, "GET", "/clock", key=key))["next"] for key in keys]
    assert {one["object"] for one in due[0]} >= {one["object"] for one in due[1]} - {"in_demo_3"} != set()

    draft = await api.ok("POST", "/v1/invoices", {"customer": "cus_demo"}, key="sk_test_source")
    await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize", key="sk_test_source")
    again = await good(api, "POST", "/worlds/sk_test_source/fork", {"to": "sk_test_later"})
    later = await api.ok("GET", f"/v1/invoices/{draft['id']}", key="sk_test_later")
    assert again["account"] in later["hosted_invoice_url"]


async def test_snapshots(api: Any) -> None:
    first = await api.ok("POST", "/v1/customers", {"name": "One"})
    await good(api, "POST", "/settings", {"business_name": "Then"})
    await good(api, "POST", "/clock", {"freeze": True})
    then = await good(api, "GET", "/clock")
    name = (await good(api, "POST", f"/worlds/{KEY}/snapshot"))["snapshot"]
    for _ in range(2):
        await api.ok("POST", f"/v1/customers/{first['id']}", {"name": "Two"})
        await api.ok("POST", "/v1/webhook_endpoints", {"url": "record://x", "enabled_events": ["*"]})
        await good(api, "POST", "/settings", {"business_name": "Now"})
        await good(api, "POST", "/clock", {"advance": "1y"})
        assert await good(api, "POST", f"/worlds/{KEY}/restore", {"snapshot": name}) == {}
        assert (await api.ok("GET", f"/v1/customers/{first['id']}"))["name"] == "One"
        assert (await good(api, "GET", "/settings"))["business_name"] == "Then"
        assert await good(api, "GET", "/clock") == then
        assert await api.events() == ["customer.created"]
        await api.ok("POST", "/v1/products", {"name": "x"})
        assert (await good(api, "GET", "/deliveries"))["data"] == []
        await good(api, "POST", f"/worlds/{KEY}/restore", {"snapshot": name})
    status, content = await control(api, "POST", f"/worlds/{KEY}/restore", {"snapshot": "snap_x"})
    assert (status, content["error"]["param"]) == (404, "snapshot")


async def test_an_exported_world_can_be_loaded_under_another_key(api: Any) -> None:
    await good(api, "POST", "/worlds", {"key": KEY, "fixture": "saas"})
    made = await api.ok(
        "POST", "/v1/customers", {"name": "Ada", "metadata": {"a": "-1d"}}, headers={"Idempotency-Key": "k"}
    )
    await good(api, "POST", "/settings", {"business_name": "Kept"})
    await good(api, "POST", "/clock", {"freeze": True})
    document = await good(api, "GET", f"/worlds/{KEY}/export")
    assert document["_meta"]["1"]["clock"] == {"mode": "frozen", "now": (await good(api, "GET", "/clock"))["now"]}
    account = (await api.ok("GET", "/v1/account"))["id"]
    assert account not in str(document)
    await good(api, "POST", "/worlds", {"key": "sk_test_copy", "document": document})
    assert await api.ok("GET", f"/v1/customers/{made['id']}", key="sk_test_copy") == made
    assert (await good(api, "GET", "/settings", key="sk_test_copy"))["business_name"] == "Kept"
    assert await good(api, "GET", "/clock", key="sk_test_copy") == await good(api, "GET", "/clock")
    assert (await api.ok("GET", "/v1/account", key="sk_test_copy"))["id"] != account
    again = await good(api, "GET", "/worlds/sk_test_copy/export")
    assert {kind: again[kind] for kind in again if kind != "_meta"} == {
        kind: document[kind] for kind in document if kind != "_meta"
    }


# ------------------------------------------------------------------------------------------------ events
async def test_events_are_read_oldest_first(api: Any) -> None:
    one = await api.ok("POST", "/v1/customers")
    await api.ok("POST", "/v1/products", {"name": "Cup"})
    await api.ok("POST", f"/v1/customers/{one['id']}", {"name": "x"})

    async def types(query: str) -> list[str]:
        return [event["type"] for event in (await good(api, "GET", f"/events?{query}"))["data"]]

    assert await types("") == ["customer.created", "product.created", "customer.updated"]
    assert await types("type=customer.*") == ["customer.created", "customer.updated"]
    assert await types("type=product.created") == ["product.created"]
    assert await types(f"object={one['id']}&type=customer.updated") == ["customer.updated"]
    page = await good(api, "GET", "/events?limit=1")
    assert page["has_more"] is True
    since = page["data"][0]["id"]
    assert await types(f"since={since}") == ["product.created", "customer.updated"]
    page = await good(api, "GET", f"/events?since={since}&limit=1")
    assert ([event["type"] for event in page["data"]], page["has_more"]) == (["product.created"], True)


async def test_waiting_for_an_event(api: Any) -> None:
    waiting = asyncio.create_task(good(api, "GET", "/events/wait?type=customer.updated"))
    await asyncio.sleep(0.05)
    one = await api.ok("POST", "/v1/customers")
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await api.ok("POST", f"/v1/customers/{one['id']}", {"name": "x"})
    event = await asyncio.wait_for(waiting, 5)
    assert (event["type"], event["data"]["object"]["name"]) == ("customer.updated", "x")
    assert (await good(api, "GET", "/events/wait?type=customer.*"))["type"] == "customer.created"
    status, content = await control(api, "GET", f"/events/wait?since={event['id']}&timeout=0.1")
    assert status == 408
    assert content["error"]["message"] == f"no event came within 0.1 s: since={event['id']}"


async def test_one_world_does_not_wake_those_who_wait_for_another(api: Any) -> None:
    waiting = asyncio.create_task(control(api, "GET", "/events/wait?timeout=0.3"))
    await asyncio.sleep(0.05)
    await api.ok("POST", "/v1/customers", key="sk_test_other")
    assert (await waiting)[0] == 408


# ------------------------------------------------------------------------------------------------ requests, settings
async def test_the_log_of_requests(api: Any) -> None:
    await api.ok("POST", "/v1/customers", {"name": "x"}, headers={"Idempotency-Key": "key-1"})
    await api.get("/v1/customers/cus_missing")
    await api.ok("GET", "/v1/customers")
    await api.ok("GET", "/v1/customers", key="sk_test_other")
    rows = (await good(api, "GET", "/requests"))["data"]
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [
        ("POST", "/v1/customers", 200),
        ("GET", "/v1/customers/cus_missing", 404),
        ("GET", "/v1/customers", 200),
    ]
    assert (rows[0]["params"], rows[0]["idempotency_key"], rows[0]["api_version"]) == (
        {"name": "x"},
        "key-1",
        "2026-10-28.endive",
    )
    assert rows[0]["id"].startswith("req_")
    assert rows[1]["error"] == "resource_missing"
    assert rows[0]["duration_ms"] > 0
    assert len((await good(api, "GET", "/requests?method=get"))["data"]) == 2
    assert len((await good(api, "GET", "/requests?path=/v1/customers/*"))["data"]) == 1
    assert len((await good(api, "GET", "/requests?status=404"))["data"]) == 1
    last = await good(api, "GET", "/requests?limit=1")
    assert (last["data"][0]["method"], last["has_more"]) == ("GET", True)


async def test_name_and_colours_that_are_set_are_those_of_the_pages(api: Any) -> None:
    key = "sk_test_renamed"
    await good(api, "POST", "/worlds", {"key": key, "fixture": "saas"})
    before = await api.ok("GET", "/v1/account", key=key)
    look = {"primary_color": "#123456", "font_family": "serif"}
    await good(api, "POST", "/settings", {"business_name": "Zebra & Co", "branding": look}, key=key)
    account = await api.ok("GET", "/v1/account", key=key)
    assert account["business_profile"] == {**before["business_profile"], "name": "Zebra & Co"}
    assert account["settings"]["dashboard"]["display_name"] == "Zebra & Co"
    assert account["settings"]["branding"] == {**before["settings"]["branding"], "primary_color": "#123456"}
    session = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": "cus_demo"}, key=key)
    async with api.client.get(URL(session["url"]).relative()) as page:
        text = await page.text()
    assert "Return to Zebra &amp; Co" in text


async def test_settings_merge(api: Any) -> None:
    before = await good(api, "GET", "/settings")
    after = await good(api, "POST", "/settings", {"branding": {"primary_color": "#123456"}, "country": "DE"})
    assert after["country"] == "DE"
    assert after["branding"] == {**before["branding"], "primary_color": "#123456"}
    assert await good(api, "GET", "/settings") == after
    status, _ = await control(api, "POST", "/settings", {"country": "FR", "nope": 1})
    assert status == 400
    assert await good(api, "GET", "/settings") == after
