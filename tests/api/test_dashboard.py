"""The owner's pages over the real engine: settings, brand, customers, preview, demo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError

if TYPE_CHECKING:
    from tests.support.client import Api

SETTINGS, BRANDING, CUSTOMERS = (
    "/dashboard/settings/billing/portal",
    "/dashboard/settings/branding",
    "/dashboard/customers",
)
CONFIGURATIONS, SESSIONS = "/v1/billing_portal/configurations", "/v1/billing_portal/sessions"
CODE = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
KEY = "sk_test_tests"


async def seen(api: Api, path: str, **query: str) -> tuple[int, str]:
    """Return status and text of a page of the world of the tests."""
    async with api.client.get(path, params={"key": KEY, **query}, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def opened(api: Api) -> str:
    """Open the world of the tests and return its form code."""
    await api.space()
    status, text = await seen(api, SETTINGS)
    assert status == 200
    found = CODE.search(text)
    assert found
    return found[1]


async def sent(api: Api, path: str, fields: Any, **query: str) -> tuple[int, str, str]:
    """Post a form; returns status, text and where it leads."""
    asked = {"key": KEY, **query}
    async with api.client.post(path, params=asked, data=fields, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.get("Location", "")


def fields(text: str) -> dict[str, str]:
    """Return what the settings form sends as it is drawn."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", text[text.index('data-testid="section-') :]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checked" in tag or not re.search(r'type="(checkbox|radio)"', tag)):
            found[name[1]] = value[1] if value else ""
    return found


async def default(api: Api) -> Any:
    params = {"is_default": "true", "expand": ["data.features.subscription_update.products"]}
    page = await api.ok("GET", CONFIGURATIONS, params)
    return page["data"][0] if page["data"] else None


async def plan(api: Api, name: str = "Team", amount: int = 2000) -> tuple[str, str]:
    product = await api.ok("POST", "/v1/products", {"name": name})
    terms = {"currency": "usd", "product": product["id"], "recurring": {"interval": "month"}, "unit_amount": amount}
    return product["id"], (await api.ok("POST", "/v1/prices", terms))["id"]


async def form(api: Api, **more: str) -> dict[str, str]:
    code = await opened(api)
    return {**fields((await seen(api, SETTINGS))[1]), "csrf_token": code, **more}


async def test_saving_what_is_shown_changes_nothing(api: Api) -> None:
    filled = await form(api)
    before, events = await default(api), await api.events()
    status, _, where = await sent(api, SETTINGS, filled)
    assert (status, where) == (303, f"{SETTINGS}?key={KEY}&done=saved")
    assert await default(api) == before
    assert await api.events() == events


async def test_every_switch_reaches_the_default_configuration(api: Api) -> None:
    product, price = await plan(api)
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 20, "duration": "once"})
    option = await api.ok("POST", "/v1/billing/feedback_options", {"description": "Moved away"})
    filled = await form(api, **{
        "headline": "Hello", "terms_of_service_url": "https://a.example/t", "privacy_policy_url": "",
        "default_return_url": "https://a.example/back", "subscription_update.enabled": "on", "update.price": "on",
        "update.quantity": "on", f"price.{price}": "on", f"adjustable.{product}": "on", f"minimum.{product}": "2",
        f"maximum.{product}": "9", "update.proration": "always_invoice", "update.anchor": "now",
        "condition.shortening_interval": "on", "update.trial": "continue_trial", "subscription_pause.enabled": "on",
        "pause.type": "interval_options", "pause.month.3": "on", "customer_update.tax_id": "on",
        "cancel.mode": "immediately", "cancel.credit": "on", f"feedback.{option['id']}": "on",
        "retention_coupon": coupon["id"],
    })  # fmt: skip
    del filled["invoice_history.enabled"], filled["reason.unused"]
    events = await api.events()
    assert (await sent(api, SETTINGS, filled))[0] == 303
    assert (await api.events())[len(events) :] == ["billing_portal.configuration.updated"]
    saved = await default(api)
    features = saved["features"]
    assert saved["business_profile"] == {
        "headline": "Hello", "privacy_policy_url": None, "terms_of_service_url": "https://a.example/t",
    }  # fmt: skip
    assert saved["default_return_url"] == "https://a.example/back"
    assert features["invoice_history"] == {"enabled": False}
    assert features["customer_update"]["allowed_updates"] == ["name", "email", "address", "phone", "tax_id"]
    cancel = features["subscription_cancel"]
    assert (cancel["mode"], cancel["proration_behavior"]) == ("immediately", "create_prorations")
    assert cancel["cancellation_reason"] == {
        "enabled": True, "feedback_options": [option["id"]],
        "options": ["too_expensive", "missing_features", "switched_service", "other"],
    }  # fmt: skip
    update = features["subscription_update"]
    assert update["products"] == [
        {"adjustable_quantity": {"enabled": True, "maximum": 9, "minimum": 2}, "prices": [price], "product": product}
    ]
    assert update["default_allowed_updates"] == ["price", "quantity"]
    assert (update["billing_cycle_anchor"], update["proration_behavior"]) == ("now", "always_invoice")
    assert update["schedule_at_period_end"] == {"conditions": [{"type": "shortening_interval"}]}
    assert update["trial_update_behavior"] == "continue_trial"
    duration = {"interval_options": [{"interval": "month", "interval_count": 3}], "type": "interval_options"}
    assert features["subscription_pause"] == {"duration": duration, "enabled": True}
    assert (await api.space()).settings["portal_retention_coupon"] == coupon["id"]
    # What was saved is what is drawn: saving again changes nothing.
    assert (await sent(api, SETTINGS, {**await form(api), "retention_coupon": ""}))[0] == 303
    assert await default(api) == saved
    assert (await api.space()).settings["portal_retention_coupon"] is None


async def test_the_first_save_makes_the_default(api: Api) -> None:
    await api.ok("POST", "/_emulator/settings", {"portal_default_configuration": False})
    customer = await api.ok("POST", "/v1/customers", {})
    space, seeded = await api.space(), (await default(api))["id"]
    async with api.engine.store.begin(space.store_name) as unit:
        unit.remove("billing_portal.configuration", seeded)
        await unit.commit()
    assert (await api.post(SESSIONS, {"customer": customer["id"]})).status == 400
    _, text = await seen(api, SETTINGS)
    assert "have not been saved yet" in text
    assert 'data-testid="preview"' not in text
    filled = await form(api, headline="First")
    events = await api.events()
    assert (await sent(api, SETTINGS, filled))[0] == 303
    assert (await api.events())[len(events) :] == ["billing_portal.configuration.created"]
    made = await default(api)
    assert made["is_default"] is True
    assert made["business_profile"]["headline"] == "First"
    assert made["features"]["subscription_cancel"]["enabled"] is True
    await api.ok("POST", SESSIONS, {"customer": customer["id"]})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"headline": "x" * 61}, "must be at most 60 characters"),
        ({"default_return_url": "nonsense"}, "Not a valid URL"),
        ({"subscription_update.enabled": "on"}, "Missing required param: features[subscription_update][products]"),
        ({"cancel.mode": "sometime"}, "Invalid features[subscription_cancel][mode]"),
        ({"subscription_pause.enabled": "on", "pause.type": "interval_options"}, "Missing required param"),
        ({"pause.type": "interval_options", "pause.moon.2": "on"}, "Invalid features[subscription_pause]"),
        ({"feedback.fo_nothing": "on"}, "No such feedback_option"),
        ({"retention_coupon": "NOPE"}, "No such coupon"),
    ],
)
async def test_refusals_stand_at_their_field_and_store_nothing(api: Api, more: dict[str, str], said: str) -> None:
    filled = await form(api, **more)
    before, events = await default(api), await api.events()
    status, text, _ = await sent(api, SETTINGS, filled)
    assert status == 400
    told = [found.replace("&#39;", "'") for found in re.findall(r'role="alert">([^<]*)<', text)]
    assert len(told) >= 2, told
    assert all(said in one for one in told), told
    assert await default(api) == before
    assert await api.events() == events
    if "headline" in more:
        assert f'value="{more["headline"]}"' in text


async def test_bounds_and_archived_prices_are_refused_by_the_api(api: Api) -> None:
    product, price = await plan(api)
    chosen = {"subscription_update.enabled": "on", "update.price": "on", f"price.{price}": "on"}
    status, text, _ = await sent(api, SETTINGS, await form(api, **chosen, **{f"minimum.{product}": "many"}))
    assert status == 400
    assert "Invalid integer: many" in text
    assert 'value="many"' in text
    assert (await sent(api, SETTINGS, await form(api, **chosen)))[0] == 303
    await api.ok("POST", f"/v1/prices/{price}", {"active": "false"})
    filled = await form(api)
    status, text, _ = await sent(api, SETTINGS, filled)
    assert status == 400
    assert "Only active, per unit licensed prices are supported." in text
    assert "Archived" in text
    del filled[f"price.{price}"], filled["subscription_update.enabled"]
    assert (await sent(api, SETTINGS, filled))[0] == 303


async def test_the_link_is_switched(api: Api) -> None:
    code = await opened(api)
    urls = []
    for _ in range(2):
        assert (await sent(api, SETTINGS + "/link", {"csrf_token": code, "enabled": "true"}))[0] == 303
        urls.append((await default(api))["login_page"]["url"])
        assert "/p/login/test_" in urls[-1]
        assert (await sent(api, SETTINGS + "/link", {"csrf_token": code, "enabled": "false"}))[0] == 303
        assert (await default(api))["login_page"] == {"enabled": False, "url": None}
    assert urls[0] != urls[1]


async def test_whose_dashboard_it_is(api: Api) -> None:
    for key in (KEY, "sk_test_nobody", "pk_test_demo", "rk_test_demo", "sk_test_", "x"):
        async with api.client.get(CUSTOMERS, params={"key": key}) as answer:
            assert answer.status == 404, key
    async with api.client.get(CUSTOMERS) as answer:
        assert answer.status == 200
        assert "sk_test_demo" in await answer.text()
        assert answer.headers["X-Frame-Options"] == "DENY"
    await api.space()
    _, text = await seen(api, CUSTOMERS)
    assert "sk_test_…ests" in text
    for path, where in (
        ("/test/settings/billing/portal", SETTINGS),
        ("/settings/billing/portal", f"{SETTINGS}?key=sk_live_demo"),
    ):
        async with api.client.get(path, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, where)
    async with api.client.get(SETTINGS, params={"key": "sk_live_demo"}) as answer:
        assert "LIVE MODE" in await answer.text()


@pytest.mark.parametrize(
    "path", [SETTINGS, SETTINGS + "/link", SETTINGS + "/preview", CUSTOMERS + "/cus_1/portal", BRANDING]
)
async def test_forms_of_others_do_nothing(api: Api, path: str) -> None:
    await opened(api)
    async with api.client.get(SETTINGS) as answer:
        other = CODE.search(await answer.text())
    before = await default(api)
    for code in ("", "0" * 64, other[1] if other else ""):
        assert (await sent(api, path, {"csrf_token": code, "enabled": "true", "name": "Evil"}))[0] == 403
    assert await default(api) == before


async def test_customers_are_found_and_turned(api: Api) -> None:
    for number in range(23):
        await api.ok("POST", "/v1/customers", {"name": f"Person {number:02}", "email": f"p{number}@example.com"})
    _, text = await seen(api, CUSTOMERS)
    names = re.findall(r'class="person">([^<]+)<', text)
    assert names == [f"Person {number:02}" for number in range(22, 2, -1)]
    after = re.search(r'after=(cus_\w+)[^>]*data-testid="later"', text)
    assert after
    _, second = await seen(api, CUSTOMERS, after=after[1])
    assert re.findall(r'class="person">([^<]+)<', second) == ["Person 02", "Person 01", "Person 00"]
    assert 'data-testid="later"' not in second
    before = re.search(r'before=(cus_\w+)[^>]*data-testid="earlier"', second)
    assert before
    _, first = await seen(api, CUSTOMERS, before=before[1])
    assert re.findall(r'class="person">([^<]+)<', first) == names
    for search, count in (("PERSON 1", 10), ("p7@", 1), ("nobody", 0), ("<script>", 0)):
        _, text = await seen(api, CUSTOMERS, search=search)
        assert len(re.findall(r'data-testid="customer-row"', text)) == count, search
        assert "<script>" not in text.replace("<script src=", "")


async def test_a_customers_portal_is_opened_in_test_mode_only(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    code = await opened(api)
    events = await api.events()
    status, _, where = await sent(api, f"{CUSTOMERS}/{customer['id']}/portal", {"csrf_token": code})
    assert status == 303
    assert where.startswith("/p/session/test_")
    assert KEY not in where
    assert (await api.events())[len(events) :] == ["billing_portal.session.created"]
    async with api.client.get(where) as answer:
        assert answer.status == 200
        assert KEY not in await answer.text()
    assert (await sent(api, f"{CUSTOMERS}/cus_other/portal", {"csrf_token": code}))[0] == 400
    live = await api.ok("POST", "/v1/customers", {"name": "Liv"}, key="sk_live_demo")
    async with api.client.get(CUSTOMERS, params={"key": "sk_live_demo"}) as answer:
        text = await answer.text()
    assert "Liv" in text
    assert "open-customer-portal" not in text
    async with api.client.get(SETTINGS, params={"key": "sk_live_demo"}) as answer:
        found = CODE.search(await answer.text())
    assert found
    path = f"{CUSTOMERS}/{live['id']}/portal"
    assert (await sent(api, path, {"csrf_token": found[1]}, key="sk_live_demo"))[0] == 403


async def test_a_preview_shows_and_does_nothing(saas: Api) -> None:
    saas.engine.default_world = "saas"
    async with saas.client.get(SETTINGS) as answer:
        found = CODE.search(await answer.text())
    assert found
    events = await saas.events()
    async with saas.client.post(SETTINGS + "/preview", data={"csrf_token": found[1]}, allow_redirects=False) as answer:
        where = answer.headers["Location"]
    async with saas.client.get(where) as answer:
        text = await answer.text()
    assert "This is a preview" in text
    token = where.rsplit("/", 1)[1]
    space = await saas.space()
    home = await saas.engine.run(space, "portal:home", {"token": token}, actor="portal")
    subscription = home["subscriptions"][0]["subscription"]["id"]
    async with saas.client.get(f"{where}/subscriptions/{subscription}/cancel") as answer:
        text = await answer.text()
    assert '<form inert method="post"' in text
    with pytest.raises(StripeError) as refused:
        await saas.engine.run(space, "portal:cancel", {"token": token, "subscription": subscription}, actor="portal")
    assert (refused.value.status, refused.value.code) == (403, "portal_preview")
    after = await saas.ok("GET", f"/v1/subscriptions/{subscription}")
    assert after["cancel_at"] is None
    assert await saas.events() == events


async def test_a_preview_of_a_world_without_customers(api: Api) -> None:
    code = await opened(api)
    status, _, where = await sent(api, SETTINGS + "/preview", {"csrf_token": code})
    assert status == 303
    async with api.client.get(where) as answer:
        assert answer.status == 200
        assert "Sam Sample" in await answer.text()
    await api.ok("POST", "/_emulator/settings", {"portal_default_configuration": False})
    status, text, _ = await sent(api, SETTINGS + "/preview", {"csrf_token": code})
    assert status == 400
    assert "No configuration provided" in text


async def test_demos_are_worlds_of_their_own_and_make_room(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    places = []
    for _ in range(21):
        async with api.client.get("/customer-portal-demo", allow_redirects=False) as answer:
            assert answer.status == 303
            places.append(answer.headers["Location"])
    demos = [key for key in api.engine.spaces if key.startswith("sk_test_portaldemo")]
    assert len(demos) == len(set(demos)) == 20
    async with api.client.get(places[0]) as answer:
        assert answer.status == 410, "the oldest made room"
    async with api.client.get(places[-1]) as answer:
        assert "Jenny Rosen" in await answer.text()
    for world in ("../saas", "nothing", "SAAS", ""):
        async with api.client.get("/customer-portal-demo", params={"world": world}) as answer:
            assert answer.status == 404, world
    customer = await api.ok("POST", "/v1/customers", {"name": "Mine"})
    async with api.client.get("/customer-portal-demo", params={"key": KEY}) as answer:
        assert "Mine" in await answer.text()
    page = await api.ok("GET", "/v1/billing_portal/configurations")
    assert customer["id"]
    assert page["data"], "the copied world stays"
