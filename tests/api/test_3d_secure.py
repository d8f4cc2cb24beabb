"""The frames in which a bank asks: who may show them, where their forms may lead, and what has none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.support.invoices import billed
from tests.support.reader import Visitor, asking

if TYPE_CHECKING:
    from tests.support.client import Api


@pytest.fixture
async def place(api: Api) -> str:
    """The address of a question that came up on the way of a hosted page."""
    intent = await api.ok("POST", "/v1/payment_intents", {
        "amount": 500, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True,
        "return_url": "https://shop.example/back",
    })  # fmt: skip
    invoice = await billed(api)
    back = "/i/" + invoice["hosted_invoice_url"].partition("/i/")[2].partition("?")[0]
    return f"/3d_secure/{intent['client_secret']}?back={quote(back, safe='')}"


async def test_only_the_frames_may_be_framed_and_only_by_us(api: Api, place: str) -> None:
    visitor = Visitor(api)
    outer = place.replace("?", "/frame?")
    seen = {}
    for path in (place, outer, asking(place)):
        await visitor.see(path)
        assert visitor.status == 200
        seen[path] = visitor.headers
        policy = visitor.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert visitor.headers["Cache-Control"] == "no-store"
    policies = [one["Content-Security-Policy"] for one in seen.values()]
    assert ["frame-ancestors 'self'" in one for one in policies] == [False, True, True]
    assert ["frame-src 'self'" in one for one in policies] == [True, True, False]
    assert ["form-action 'self'" in one for one in policies] == [True, False, True]
    assert [one["X-Frame-Options"] for one in seen.values()] == ["DENY", "SAMEORIGIN", "SAMEORIGIN"]


@pytest.mark.parametrize("back", ["", "?back=https%3A%2F%2Fevil.example", "?back=%2F%2Fevil.example%2Fi%2Fa"])
@pytest.mark.parametrize("frame", ["frame", "challenge"])
async def test_there_is_no_frame_without_a_page_of_ours(api: Api, place: str, frame: str, back: str) -> None:
    visitor = Visitor(api)
    secret = place.partition("?")[0]
    await visitor.see(f"{secret}/{frame}{back}")
    assert visitor.status == 404
    await visitor.see(secret + back)
    assert "<iframe" not in visitor.html
    assert 'id="test-source-authorize-3ds"' in visitor.html


@pytest.mark.parametrize("type", ["card", "amazon_pay", "ideal"])
async def test_only_what_is_asked_about_a_card_is_called_3d_secure(api: Api, type: str) -> None:
    method = (
        {"payment_method": "pm_card_authenticationRequired"}
        if type == "card"
        else {"payment_method_data": {"type": type}}
    )
    intent = await api.ok("POST", "/v1/payment_intents", {
        "amount": 500, "currency": "eur" if type == "ideal" else "usd", "payment_method_types": [type], "confirm": True,
        "return_url": "https://shop.example/back", **method,
    })  # fmt: skip
    visitor = Visitor(api)
    await visitor.see(f"/3d_secure/{intent['client_secret']}")
    assert "Confirm your payment" in visitor.html
    assert ("3D Secure" in visitor.html) is (type == "card")
    assert ("the page of your bank" in visitor.html) is (type != "amazon_pay")


async def test_the_frames_of_another_intent_are_not_there(api: Api) -> None:
    visitor = Visitor(api)
    for frame in ("frame", "challenge"):
        await visitor.see(f"/3d_secure/pi_none_secret_none/{frame}?back=%2Fi%2Fa%2Fb")
        assert visitor.status == 404
