"""Portal configurations and feedback options over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.client import Api

PATH = "/v1/billing_portal/configurations"
PRODUCTS = "features.subscription_update.products"
MINIMAL = {"features": {"invoice_history": {"enabled": True}}}


async def offered(api: Api) -> dict[str, Any]:
    """Make a product with two prices and return features that offer them."""
    product = await api.ok("POST", "/v1/products", {"name": "Basic"})
    prices = [
        await api.ok(
            "POST",
            "/v1/prices",
            {"currency": "usd", "product": product["id"], "recurring": {"interval": interval}, "unit_amount": 1000},
        )
        for interval in ("month", "year")
    ]
    entry = {"prices": [price["id"] for price in prices], "product": product["id"]}
    update = {"default_allowed_updates": ["price"], "enabled": True, "products": [entry]}
    return {"payment_method_update": {"enabled": True}, "subscription_update": update}


async def test_products_are_there_only_when_expanded(api: Api) -> None:
    features = await offered(api)
    made = await api.ok("POST", PATH, {"features": features})
    assert "products" not in made["features"]["subscription_update"]
    url = f"{PATH}/{made['id']}"
    assert "products" not in (await api.ok("GET", url))["features"]["subscription_update"]
    expanded = await api.ok("GET", url, {"expand": [PRODUCTS]})
    wanted = {
        **features["subscription_update"]["products"][0],
        "adjustable_quantity": {"enabled": True, "maximum": None, "minimum": 1},
    }
    assert expanded["features"]["subscription_update"]["products"] == [wanted]
    page = await api.ok("GET", PATH, {"expand": [f"data.{PRODUCTS}"], "is_default": False})
    assert page["data"][0]["features"]["subscription_update"]["products"] == [wanted]
    plain = await api.ok("GET", PATH)
    assert all("products" not in doc["features"]["subscription_update"] for doc in plain["data"])


async def test_life_of_a_configuration_with_its_events(api: Api) -> None:
    before = await api.events()
    made = await api.ok("POST", PATH, {**MINIMAL, "metadata": {"a": "1"}, "name": "One"})
    await api.ok("POST", f"{PATH}/{made['id']}", {"name": "Two"})
    await api.ok("POST", f"{PATH}/{made['id']}", {"name": "Two"})
    off = await api.ok("POST", f"{PATH}/{made['id']}", {"active": False, "metadata": "", "name": ""})
    assert (off["active"], off["metadata"], off["name"]) == (False, {}, None)
    assert (await api.events())[len(before) :] == [
        "billing_portal.configuration.created",
        "billing_portal.configuration.updated",
        "billing_portal.configuration.updated",
    ]
    changed = (await api.happened())[len(before) + 1]
    assert changed["data"]["previous_attributes"]["name"] == "One"


async def test_list_filters(api: Api) -> None:
    made = [(await api.ok("POST", PATH, MINIMAL))["id"] for _ in range(3)]
    await api.ok("POST", f"{PATH}/{made[0]}", {"active": False})
    inactive = await api.ok("GET", PATH, {"active": False})
    assert [doc["id"] for doc in inactive["data"]] == [made[0]]
    page = await api.ok("GET", PATH, {"is_default": False, "limit": 2})
    assert ([doc["id"] for doc in page["data"]], page["has_more"]) == ([made[2], made[1]], True)
    default = await api.ok("GET", PATH, {"is_default": True})
    assert [doc["is_default"] for doc in default["data"]] == [True]


async def test_the_default_cannot_be_deactivated_but_changed(api: Api) -> None:
    default = (await api.ok("GET", PATH, {"is_default": True}))["data"][0]["id"]
    answer = await api.post(f"{PATH}/{default}", {"active": False})
    assert (answer.status, answer.error["param"]) == (400, "active")
    profile = {"headline": "Hello"}
    assert (await api.ok("POST", f"{PATH}/{default}", {"business_profile": profile}))["business_profile"][
        "headline"
    ] == "Hello"


async def test_login_page(api: Api) -> None:
    made = await api.ok("POST", PATH, {**MINIMAL, "login_page": {"enabled": True}})
    first = made["login_page"]["url"]
    assert "/p/login/test_" in first
    await api.ok("POST", f"{PATH}/{made['id']}", {"login_page": {"enabled": False}})
    again = await api.ok("POST", f"{PATH}/{made['id']}", {"login_page": {"enabled": True}})
    assert again["login_page"]["url"] not in {first, None}


async def test_parameters_of_create_and_update_differ(api: Api) -> None:
    assert (await api.post(PATH, {"name": "no features"})).error["param"] == "features"
    assert (await api.post(PATH, {**MINIMAL, "active": True})).error["code"] == "parameter_unknown"
    answer = await api.post(PATH, {"features": {"subscription_cancel": {"mode": "immediately"}}})
    assert answer.error["param"] == "features[subscription_cancel][enabled]"
    made = await api.ok("POST", PATH, MINIMAL)
    url = f"{PATH}/{made['id']}"
    after = await api.ok("POST", url, {"features": {"subscription_cancel": {"mode": "immediately"}}})
    assert after["features"]["subscription_cancel"]["mode"] == "immediately"


async def test_feedback_options(api: Api) -> None:
    path = "/v1/billing/feedback_options"
    made = await api.ok("POST", path, {"description": "Too slow"})
    assert made["id"].startswith("fo_")
    reason = {"enabled": True, "feedback_options": [made["id"]], "options": ["other"]}
    features = {"subscription_cancel": {"cancellation_reason": reason, "enabled": True}}
    configuration = await api.ok("POST", PATH, {"features": features})
    stored = configuration["features"]["subscription_cancel"]["cancellation_reason"]
    assert stored["feedback_options"] == [made["id"]]
    assert (await api.ok("POST", f"{path}/{made['id']}", {"description": "Slow"}))["description"] == "Slow"
    gone = await api.ok("POST", f"{path}/{made['id']}/deactivate")
    assert gone["status_transitions"]["deactivated_at"] is not None
    assert (await api.ok("GET", path, {"status": "active"}))["data"] == []
    assert (await api.ok("GET", f"{path}/{made['id']}"))["status"] == "inactive"
