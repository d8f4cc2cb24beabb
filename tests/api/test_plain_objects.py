"""Objects that are only stored and shown: never less than whole, never made where nothing stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_brands import uploaded

if TYPE_CHECKING:
    from tests.support.client import Api

NOT_MADE: dict[str, dict[str, Any]] = {
    "/v1/sources": {"type": "ach_credit_transfer", "currency": "usd"},
    "/v1/accounts/{account}/external_accounts": {"external_account": "btok_us"},
    "/v1/account_links": {"account": "{account}", "type": "account_onboarding"},
    "/v1/account_sessions": {"account": "{account}", "components": {"payments": {"enabled": True}}},
}
HOUR = 3600


@pytest.mark.parametrize("path", NOT_MADE)
async def test_what_would_lead_nowhere_is_not_made(api: Api, path: str) -> None:
    account = await api.ok("POST", "/v1/accounts", {"type": "custom", "country": "US"})
    params = {name: account["id"] if value == "{account}" else value for name, value in NOT_MADE[path].items()}
    answer = await api.post(path.replace("{account}", account["id"]), params)
    assert answer.status == 501, answer.text
    assert answer.headers["Stripe-Emulator-Not-Emulated"]
    assert (await api.ok("GET", f"/v1/accounts/{account['id']}/external_accounts"))["data"] == []


async def test_an_empty_text_does_not_unset_what_is_always_there(api: Api) -> None:
    made = await api.ok("POST", "/v1/entitlements/features", {"name": "Exports", "lookup_key": "exports"})
    path = f"/v1/entitlements/features/{made['id']}"
    answer = await api.post(path, {"name": "", "metadata": {"a": "b"}})
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_invalid_empty", "name")
    assert await api.ok("GET", path) == made
    assert (await api.ok("POST", path, {"metadata": {"a": "b"}}))["metadata"] == {"a": "b"}
    assert (await api.ok("POST", path, {"metadata": ""}))["metadata"] == {}


async def test_what_is_given_in_part_is_shown_whole(api: Api) -> None:
    rules = {"automatic_transfer_rules_by_currency": {"usd": [{"payout_method": "x", "type": "transfer_all"}]}}
    after = await api.ok("POST", "/v1/balance_settings", {"payments": {"payouts": rules}})
    payouts = after["payments"]["payouts"]
    assert payouts["automatic_transfer_rules_by_currency"]["usd"][0]["type"] == "transfer_all"
    assert "status" in payouts


async def test_an_ephemeral_key_tells_its_secret_once_and_ends_after_an_hour(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    made = await api.ok("POST", "/v1/ephemeral_keys", {"customer": customer["id"]})
    assert made["secret"].startswith("ek_test_")
    assert made["expires"] == made["created"] + HOUR
    gone = await api.ok("DELETE", f"/v1/ephemeral_keys/{made['id']}")
    assert (gone["id"], "secret" in gone) == (made["id"], False)
    assert (await api.delete(f"/v1/ephemeral_keys/{made['id']}")).status == 404


@pytest.mark.parametrize("path", ["/v1/ephemeral_keys", "/v1/customer_sessions"])
async def test_keys_and_sessions_are_somebodys(api: Api, path: str) -> None:
    more = {"components": {"buy_button": {"enabled": True}}} if path.endswith("sessions") else {}
    nobody = await api.post(path, more)
    assert (nobody.status, nobody.error["code"], nobody.error["param"]) == (400, "parameter_missing", "customer")
    unknown = await api.post(path, {**more, "customer": "cus_nobody"})
    assert (unknown.status, unknown.error["code"], unknown.error["param"]) == (400, "resource_missing", "customer")


async def test_a_customer_session_has_a_secret_an_end_and_whole_components(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {})
    given = {"payment_element": {"enabled": True, "features": {"payment_method_save": "enabled"}}}
    made = await api.ok("POST", "/v1/customer_sessions", {"customer": customer["id"], "components": given})
    element = made["components"]["payment_element"]
    assert (element["enabled"], element["features"]["payment_method_save"]) == (True, "enabled")
    assert element["features"]["payment_method_remove"] == "disabled"
    assert made["components"]["pricing_table"] == {"enabled": False}
    assert made["client_secret"].startswith("cuss_secret_")
    assert made["expires_at"] == made["created"] + HOUR // 2


async def test_a_file_link_is_ended_at_once(api: Api) -> None:
    file = await uploaded(api, "dispute_evidence")
    link = await api.ok("POST", "/v1/file_links", {"file": file["id"]})
    path = f"/v1/file_links/{link['id']}"
    address = link["url"][link["url"].index("/links/") :]
    assert (await api.client.get(address)).status == 200
    later = await api.ok("POST", path, {"expires_at": link["created"] + HOUR})
    assert (later["expires_at"], later["expired"]) == (link["created"] + HOUR, False)
    ended = await api.ok("POST", path, {"expires_at": "now"})
    assert (ended["expires_at"] >= link["created"], ended["expired"]) == (True, True)
    assert (await api.client.get(address)).status == 404
    assert (await api.ok("POST", path, {"expires_at": ""}))["expired"] is False
    assert (await api.client.get(address)).status == 200
    assert (await api.post("/v1/file_links/link_nobody", {"expires_at": "now"})).status == 404


async def test_now_is_this_instant(api: Api) -> None:
    await api.freeze(1_800_000_000)
    options = {"us": {"type": "state_sales_tax", "state": "CA"}}
    params = {"active_from": "now", "country": "US", "country_options": options}
    made = await api.ok("POST", "/v1/tax/registrations", params)
    assert (made["active_from"], made["expires_at"]) == (1_800_000_000, None)
    ended = await api.ok("POST", f"/v1/tax/registrations/{made['id']}", {"expires_at": "now"})
    assert ended["expires_at"] == 1_800_000_000


async def test_a_shipping_rate_gets_amounts_in_other_currencies(api: Api) -> None:
    seen = {"expand": ["fixed_amount.currency_options"]}
    amount = {"amount": 500, "currency": "usd", "currency_options": {"eur": {"amount": 400}}}
    made = await api.ok(
        "POST", "/v1/shipping_rates", {"display_name": "Post", "type": "fixed_amount", "fixed_amount": amount}
    )
    options = {"gbp": {"amount": 300, "tax_behavior": "inclusive"}}
    path = f"/v1/shipping_rates/{made['id']}"
    after = await api.ok("POST", path, {"fixed_amount": {"currency_options": options}, **seen})
    assert after["fixed_amount"] == {
        "amount": 500, "currency": "usd",
        "currency_options": {"eur": {"amount": 400, "tax_behavior": "unspecified"}, **options},
    }  # fmt: skip
    again = await api.ok("POST", path, {"fixed_amount": {"currency_options": {"eur": {"amount": 450}}}, **seen})
    assert again["fixed_amount"]["currency_options"]["eur"]["amount"] == 450
    assert (await api.post("/v1/shipping_rates/shr_nobody", {"active": False})).status == 404


async def listed(api: Api, path: str, **filters: Any) -> list[str]:
    """Return the ids of a list."""
    return [one["id"] for one in (await api.ok("GET", path, filters))["data"]]


async def test_filters_without_a_field_of_their_name_filter(api: Api) -> None:
    features = [
        (await api.ok("POST", "/v1/entitlements/features", {"name": key, "lookup_key": key}))["id"] for key in "ab"
    ]
    await api.ok("POST", f"/v1/entitlements/features/{features[0]}", {"active": False})
    assert await listed(api, "/v1/entitlements/features", archived=True) == features[:1]
    assert await listed(api, "/v1/entitlements/features", archived=False) == features[1:]
    rates = []
    for currency in ("usd", "eur"):
        amount = {"amount": 500, "currency": currency}
        params = {"display_name": "Post", "type": "fixed_amount", "fixed_amount": amount}
        rates.append((await api.ok("POST", "/v1/shipping_rates", params))["id"])
    assert await listed(api, "/v1/shipping_rates", currency="eur") == rates[1:]
    await api.ok("POST", "/v1/charges", {"amount": 500, "currency": "usd", "source": "tok_bypassPending"})
    payout = await api.ok("POST", "/v1/payouts", {"amount": 100, "currency": "usd"})
    assert len(await listed(api, "/v1/balance_transactions")) == 2
    assert await listed(api, "/v1/balance_transactions", payout=payout["id"]) == []


async def test_new_objects_are_in_use(api: Api) -> None:
    feature = await api.ok("POST", "/v1/entitlements/features", {"name": "Exports", "lookup_key": "exports"})
    domain = await api.ok("POST", "/v1/payment_method_domains", {"domain_name": "example.com"})
    off = await api.ok("POST", "/v1/payment_method_domains", {"domain_name": "example.org", "enabled": False})
    alert = await api.ok("POST", "/v1/billing/alerts", {"title": "Much", "alert_type": "usage_threshold"})
    assert (feature["active"], domain["enabled"], off["enabled"], alert["status"]) == (True, True, False, "active")
