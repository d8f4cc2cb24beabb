"""The wire as Stripe speaks it, where a parity case cannot say it: headers, bodies, floods of nonsense."""

from __future__ import annotations

import asyncio
import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from emulator.api import decode
from emulator.kernel.errors import StripeError
from emulator.operations import table

if TYPE_CHECKING:
    from tests.support.client import Api

RECORDED_HEADERS = (
    "Request-Id", "Stripe-Version", "Content-Type", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Cache-Control", "Vary",
    "Strict-Transport-Security", "Date", "Content-Length",
)  # fmt: skip


async def test_headers_of_an_answer(api: Api) -> None:
    answer = await api.get("/v1/customers")
    assert not [name for name in RECORDED_HEADERS if name not in answer.headers]
    assert re.fullmatch(r"req_[A-Za-z0-9]{14}", answer.headers["Request-Id"])
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert not [
        name for name in ("Idempotency-Key", "Original-Request", "Stripe-Should-Retry") if name in answer.headers
    ]


async def test_headers_of_a_keyed_post_and_its_replay(api: Api) -> None:
    first = await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k1"})
    assert first.headers["Original-Request"] == first.headers["Request-Id"]
    assert first.headers["Stripe-Should-Retry"] == "false"
    assert "Idempotent-Replayed" not in first.headers
    again = await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k1"})
    assert again.text == first.text
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert again.headers["Request-Id"] != first.headers["Request-Id"]


async def test_a_declined_post_is_replayed_too(api: Api) -> None:
    params = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_chargeDeclined",
        "confirm": True,
        "return_url": "https://example.com",
    }
    first = await api.post("/v1/payment_intents", params, headers={"Idempotency-Key": "k2"})
    assert first.status == 402
    assert first.headers["Original-Request"] == first.headers["Request-Id"]
    again = await api.post("/v1/payment_intents", params, headers={"Idempotency-Key": "k2"})
    assert (again.status, again.text) == (402, first.text)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_a_refused_parameter_is_not_remembered(api: Api) -> None:
    bad = await api.post("/v1/customers", {"nope": "1"}, headers={"Idempotency-Key": "k3"})
    assert bad.status == 400
    good = await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k3"})
    assert good.status == 200
    assert "Idempotent-Replayed" not in good.headers


async def test_a_key_is_new_after_a_day(api: Api) -> None:
    first = await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k4"})
    await api.advance("23h")
    assert (await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k4"})).id == first.id
    await api.advance("1h")
    assert (await api.post("/v1/customers", {"name": "B"}, headers={"Idempotency-Key": "k4"})).id != first.id


async def test_keys_are_scoped_by_account(api: Api) -> None:
    await api.post("/v1/customers", {"name": "A"}, headers={"Idempotency-Key": "k5"})
    other = await api.post("/v1/customers", {"name": "B"}, headers={"Idempotency-Key": "k5"}, key="sk_test_other")
    assert other["name"] == "B"


async def test_a_key_in_flight_is_a_409(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two calls at once with one key is refused while the first still runs."""
    gate = asyncio.Event()

    async def slow(ctx: Any, ids: dict[str, str], params: dict[str, Any]) -> Any:
        del ids
        await gate.wait()
        return ctx.put(
            "product",
            {
                **ctx.blank("product"),
                "id": "prod_slow",
                "metadata": {},
                "updated": ctx.now,
                "name": params["name"],
                "images": [],
                "marketing_features": [],
                "active": True,
            },
        )

    monkeypatch.setitem(table.LOADED, "PostProducts", slow)
    first = asyncio.create_task(api.post("/v1/products", {"name": "x"}, headers={"Idempotency-Key": "k6"}))
    await asyncio.sleep(0.05)
    second = await api.post("/v1/products", {"name": "x"}, headers={"Idempotency-Key": "k6"})
    assert second.status == 409
    assert second.error["code"] == "idempotency_key_in_use"
    assert second.error["message"].startswith(
        "There is currently another in-progress request using this Idempotent Key"
    )
    gate.set()
    assert (await first).status == 200


async def test_bodies_are_indented_like_the_real_ones(api: Api) -> None:
    made = await api.post("/v1/customers", {"name": "A"})
    assert made.text.startswith('{\n  "id": "cus_')
    assert '\n  "metadata": {},' in made.text
    listed = await api.get("/v1/customers")
    assert listed.text.startswith('{\n  "object": "list",\n  "data": [\n    {\n      "id": "cus_')
    assert (
        await api.get("/v1/products")
    ).text == '{\n  "object": "list",\n  "data": [],\n  "has_more": false,\n  "url": "/v1/products"\n}'


async def test_the_error_links_to_its_log(api: Api) -> None:
    answer = await api.get("/v1/customers/cus_x")
    space = await api.space()
    wanted = f"https://dashboard.stripe.com/{space.account}/test/workbench/logs?object={answer.headers['Request-Id']}"
    assert answer.error["request_log_url"] == wanted
    assert list(answer.error) == sorted(answer.error)


async def test_delete_takes_its_parameters_from_query_and_body(api: Api) -> None:
    made = await api.post("/v1/customers", {"name": "A"})
    gone = await api.call("DELETE", f"/v1/customers/{made.id}", body="")
    assert gone.json == {"id": made.id, "object": "customer", "deleted": True}


async def test_worlds_never_see_each_other(api: Api) -> None:
    made = await api.post("/v1/customers", {"name": "A"}, key="sk_test_one")
    assert (await api.get(f"/v1/customers/{made.id}", key="sk_test_two")).status == 404
    assert (await api.get("/v1/customers", key="sk_test_two")).json["data"] == []
    assert (await api.get(f"/v1/customers/{made.id}", key="sk_live_one")).status == 404


async def test_an_object_of_the_other_mode_says_so(api: Api) -> None:
    made = await api.post("/v1/customers", {"name": "A"}, key="sk_test_one")
    answer = await api.get(f"/v1/customers/{made.id}", key="sk_live_one")
    assert answer.error["message"] == (
        f"No such customer: '{made.id}'; a similar object exists in test mode, but a live mode key was used to make this request."
    )
    live = await api.post("/v1/customers", {"name": "A"}, key="sk_live_one")
    answer = await api.post("/v1/billing_portal/sessions", {"customer": live.id}, key="sk_test_one")
    assert answer.error["message"].endswith(
        "a similar object exists in live mode, but a test mode key was used to make this request."
    )


NONSENSE: list[tuple[bytes, int]] = [
    (b"name=%ff%fe", 400),
    (b"name=\xff\xfe", 400),
    (b"name=a%00b", 400),
    (b"a" + b"[b]" * 1000 + b"=1", 400),
    (b"metadata" + b"[b]" * 1000 + b"=1", 400),
    (b"metadata[a][b]=1", 400),
    (b"name[=1", 400),
    (b"=1", 400),
    (b"[]=1", 400),
    (b"&&&", 200),
    (b"metadata[]=1", 400),
    (b"address[]=1&address[x]=2", 400),
    (b"x=1&" * 30_000, 400),
    (b"balance=99999999999999999999999", 400),
    (b'{"name": "json"}', 400),
    (b"\x00\x01\x02", 400),
]


@pytest.mark.parametrize(("body", "status"), NONSENSE, ids=[str(one[0][:24]) for one in NONSENSE])
async def test_nonsense_gets_an_error_and_stores_nothing(api: Api, body: bytes, status: int) -> None:
    before = len((await api.get("/v1/customers")).json["data"])
    answer = await api.call("POST", "/v1/customers", body=body)
    assert answer.status == status, answer.text
    after = len((await api.get("/v1/customers")).json["data"])
    assert after - before == (1 if status == 200 else 0)


async def test_a_body_of_ten_megabytes(api: Api) -> None:
    answer = await api.call("POST", "/v1/customers", body=io.BytesIO(b"name=" + b"x" * 10_000_000))
    assert answer.status == 413
    assert answer.error["type"] == "invalid_request_error"
    assert (await api.get("/v1/customers")).json["data"] == []


async def test_wrong_methods(api: Api) -> None:
    for method in ("PUT", "PATCH", "OPTIONS"):
        answer = await api.call(method, "/v1/customers", body="")
        assert answer.status == 404
        assert answer.error["message"].startswith(f"Unrecognized request URL ({method}: /v1/customers).")


async def test_an_error_inside_is_a_500_and_stores_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(ctx: Any, ids: dict[str, str], params: dict[str, Any]) -> Any:
        del ids, params
        ctx.put("customer", {**ctx.blank("customer"), "id": "cus_broken"})
        raise ZeroDivisionError

    monkeypatch.setitem(table.LOADED, "PostCustomers", broken)
    answer = await api.post("/v1/customers")
    assert answer.status == 500
    assert answer.error["type"] == "api_error"
    assert answer.headers["Request-Id"] in caplog.text
    assert "ZeroDivisionError" not in answer.text
    assert (await api.get("/v1/customers/cus_broken")).status == 404


def test_bracket_forms() -> None:
    assert decode.form("a=1&b[c]=2&b[d][e]=3") == {"a": "1", "b": {"c": "2", "d": {"e": "3"}}}
    assert decode.form("a[]=1&a[]=2") == {"a": ["1", "2"]}
    assert decode.form("a[0]=1&a[1]=2") == {"a": {"0": "1", "1": "2"}}
    assert decode.form("i[0][p]=1&i[0][q]=2&i[1][p]=3") == {"i": {"0": {"p": "1", "q": "2"}, "1": {"p": "3"}}}
    assert decode.form("i[][p]=1&i[][q]=2&i[][p]=3") == {"i": [{"p": "1", "q": "2"}, {"p": "3"}]}
    assert decode.form("a%5Bb%5D=x+y%21") == {"a": {"b": "x y!"}}
    assert decode.form("metadata%5B%C3%A9%5D=%E2%9C%93") == {"metadata": {"é": "✓"}}
    with pytest.raises(StripeError):
        decode.form("a[" * 100 + "]=1" + "[b]" * 100 + "=1&x" + "[y]" * 100 + "=1")


@pytest.mark.parametrize("text", ["a[0]=1&a[1]=2", "a[]=1&a[]=2"])
async def test_arrays_both_ways(api: Api, text: str) -> None:
    body = text.replace("a", "preferred_locales").replace("=1", "=en").replace("=2", "=de")
    answer = await api.call("POST", "/v1/customers", body=body)
    assert answer["preferred_locales"] == ["en", "de"]
