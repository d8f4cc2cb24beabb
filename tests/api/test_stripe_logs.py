"""What ``stripe logs tail`` hears of the calls of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.api.test_stripe_listen import Line, connect, session

if TYPE_CHECKING:
    from tests.support.client import Api


async def tail(api: Api, **filters: list[str]) -> Line:
    told = {"websocket_features[]": "request_logs", "filters": orjson.dumps(filters).decode()}
    promised = await session(api, **told)
    assert promised["websocket_authorized_feature"] == "request_logs"
    return await connect(api, promised)


async def heard(line: Line) -> dict[str, Any]:
    got = orjson.loads((await line.socket.receive(timeout=5)).data)
    assert got["type"] == "request_log_event"
    payload: dict[str, Any] = orjson.loads(got["event_payload"])
    assert payload["request_id"] == got["request_log_id"]
    return payload


async def test_calls_are_told_as_they_come(api: Api) -> None:
    line = await tail(api)
    made = await api.post("/v1/customers", {"name": "Ada"})
    await api.get("/v1/customers/cus_none")
    await api.post("/v1/customers", {"name": "x"}, key="sk_test_others")
    await api.get("/v1/customers")
    first, second, third = [await heard(line) for _ in range(3)]
    assert {**first, "created_at": 0} == {
        "created_at": 0, "livemode": False, "method": "POST", "request_id": made.headers["Request-Id"], "status": 200,
        "url": "/v1/customers", "error": {},
    }  # fmt: skip
    assert second["error"] == {
        "type": "invalid_request_error", "code": "resource_missing", "message": "No such customer: 'cus_none'", "param": "id",
    }  # fmt: skip
    assert (third["method"], third["url"]) == ("GET", "/v1/customers")
    await line.close()


@pytest.mark.parametrize(
    "filters",
    [
        {"filter_http_method": ["DELETE", "GET"], "filter_status_code": ["404"]},
        {"filter_status_code_type": ["400"]},
        {"filter_status_code_type": ["4xx"]},
        {"filter_request_status": ["FAILED"]},
        {"filter_request_path": ["/v1/customers/cus_none"]},
        {"filter_source": ["API"], "filter_request_status": ["failed"]},
        {"filter_account": ["connect_in"], "filter_request_status": ["FAILED"]},
        {"filter_ip_address": ["127.0.0.1"], "filter_http_method": ["get"]},
    ],
)
async def test_filters(api: Api, filters: dict[str, list[str]]) -> None:
    line = await tail(api, **filters)
    await api.post("/v1/customers", {"name": "Ada"})
    await api.get("/v1/customers/cus_none")
    assert (await heard(line))["status"] == 404
    await line.close()


async def test_nothing_comes_from_the_dashboard(api: Api) -> None:
    line, all_of_it = await tail(api, filter_source=["DASHBOARD"]), await tail(api)
    await api.post("/v1/customers", {"name": "Ada"})
    await heard(all_of_it)
    with pytest.raises(TimeoutError):
        await line.socket.receive(timeout=0.1)


async def test_the_account_filter(api: Api) -> None:
    assert (await tail(api, filter_account=["self"])).session["display_connect_filter_warning"] is True
    account = await api.ok("POST", "/v1/accounts", {"type": "standard"})
    await api.ok("GET", "/v1/customers", headers={"Stripe-Account": account["id"]})
    line = await tail(api, filter_account=["connect_out"])
    assert line.session["display_connect_filter_warning"] is False
    await api.ok("GET", "/v1/customers")
    await api.ok("GET", "/v1/invoices", headers={"Stripe-Account": account["id"]})
    assert (await heard(line))["url"] == "/v1/invoices"


async def test_the_log_costs_nothing_when_nobody_follows(api: Api) -> None:
    log = api.engine.requests

    def heard_by() -> Any:
        return log.hear

    line = await tail(api)
    await api.ok("GET", "/v1/customers")
    assert heard_by() is not None
    await line.close()
    await api.ok("GET", "/v1/invoices")
    assert api.engine.requests is log
    assert heard_by() is None
    paths = [row["path"] for row in (await api.get("/_emulator/requests")).json["data"]]
    assert paths[-2:] == ["/v1/customers", "/v1/invoices"]
