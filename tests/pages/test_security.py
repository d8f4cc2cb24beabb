"""What a stranger, a forged form, a hostile name or a dead link gets."""

from __future__ import annotations

import re

import pytest

from portal_ui import csrf, frame
from tests.pages.conftest import Portal
from tests.pages.fake_engine import XSS

SUB = "subscriptions/sub_1FakeTeam"
PAGES = [
    "saas",
    f"one/{SUB}/cancel",
    f"leaving/{SUB}/renew",
    f"leaving/{SUB}/cancel",
    "leaving?canceled=sub_1FakeTeam",
    "idle",
    "nobody",
    "crash",
    f"viewonly/{SUB}/cancel",
    "one/nothing/here",
    "one/subscriptions/sub_0/cancel",
]


@pytest.mark.parametrize("path", PAGES)
async def test_headers_of_every_page(portal: Portal, path: str) -> None:
    headers = (await portal.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("code", [None, "wrong", csrf.code(Portal.secret, "test_saas"), "é"])
@pytest.mark.parametrize("path", [f"one/{SUB}/cancel", f"leaving/{SUB}/renew", f"leaving/{SUB}/reason"])
async def test_a_form_without_the_sessions_code_does_nothing(portal: Portal, path: str, code: str | None) -> None:
    refused = await portal.post(path, code=code, reason="unused")
    assert refused.status == 403
    assert "This form is out of date" in refused.text
    assert portal.engine.calls == []


async def test_every_form_that_changes_something_has_the_code(portal: Portal) -> None:
    for path in (f"one/{SUB}/cancel", f"leaving/{SUB}/renew", "leaving?canceled=sub_1FakeTeam"):
        token = "test_" + path.partition("/")[0].partition("?")[0]
        forms = re.findall(r'(?s)<form method="post".*?</form>', (await portal.get(path)).html)
        assert forms
        assert all(f'name="csrf_token" value="{csrf.code(Portal.secret, token)}"' in form for form in forms)


async def test_huge_and_odd_forms(portal: Portal) -> None:
    assert (await portal.post(f"one/{SUB}/cancel", filler="x" * 70_000)).status == 403
    url = f"/p/session/test_one/{SUB}/cancel"
    async with portal.client.post(url, data=b"\xff\x00%%%", headers={"Content-Type": "multipart/form-data"}) as answer:
        assert answer.status in {400, 403}
    async with portal.client.put(url) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("path", ["xss", f"xss/{SUB}/cancel", "xss?done=<script>&canceled=<script>&invoices=<script>"])
async def test_names_are_text(portal: Portal, path: str) -> None:
    page = await portal.get(path)
    assert page.status == 200
    body = page.html.partition("<body>")[2]
    assert len(re.findall(r"<script\b", page.html)) == 1
    assert "onerror" not in re.sub(r"onerror=alert\(1\)(&gt;|&#62;)", "", page.html).replace("&lt;img src=x ", "")
    assert "<img" not in body
    assert 'href="javascript' not in page.html
    assert 'href="data:text' not in page.html
    assert "red;}" not in page.html
    assert XSS in page.text or "subscriptions" in path


async def test_hostile_addresses(portal: Portal) -> None:
    for path in (
        "one%0d%0aX: 1",
        "../../etc/passwd",
        "one/subscriptions/%3Cscript%3E/cancel",
        "one" + "x" * 4000,
        "%00",
    ):
        page = await portal.get(path)
        assert page.status in {404, 410}, path
        assert "<script>" not in page.html
    assert (await portal.raw("/portal-assets/..%2f..%2fsession.py")).status == 404
    assert (await portal.raw("/portal-assets/brand-ffffff-000000-00000000.css")).status == 404


@pytest.mark.parametrize(
    "url, safe",
    [
        ("https://a.example/x?y=1", True),
        ("http://localhost:3000", True),
        ("myapp://billing", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://%0aalert(1)", False),
        (" data:text/html,x", False),
        ("vbscript:x", False),
        ("", False),
        (None, False),
        ("/relative", False),
    ],
)
def test_links_run_nothing(url: str | None, safe: bool) -> None:
    assert (frame.safe_url(url) is not None) is safe


@pytest.mark.parametrize(
    "world, words",
    [
        ("unused", "It was not opened within 5 minutes"),
        ("idle", "You were away for an hour."),
        ("completed", "that task is completed"),
        ("gone", "This link is not valid"),
        ("never_made", "This link is not valid"),
    ],
)
async def test_dead_links_say_why(portal: Portal, world: str, words: str) -> None:
    for path in (world, f"{world}/{SUB}/cancel", f"{world}/no/such/page"):
        page = await portal.get(path)
        assert page.status == 410
        assert words in page.text
        assert "Current subscription" not in page.text
        assert page.has("return-to-business-link") is (world in {"unused", "idle", "completed"})
    posted = await portal.post(f"{world}/{SUB}/cancel")
    assert posted.status == (303 if world == "completed" else 410), "what is sent twice ends where the first one did"


async def test_a_dead_session_offers_the_login_page(portal: Portal) -> None:
    from emulator.kernel.errors import StripeError
    from portal_ui import notices

    error = StripeError(
        "over", status=410, reason="idle", business_name="Northwind", login_url="https://x.example/p/login/1"
    )
    assert "https://x.example/p/login/1" in (notices.refused("/p/session/x", "", error).text or "")


async def test_our_own_failure_shows_a_number_and_no_inside(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    page = await portal.get("crash")
    assert page.status == 500
    number = re.search(r"req_\w{14}", page.text)
    assert number is not None
    assert "secret detail" not in page.html
    assert "Traceback" not in page.html
    assert number[0] in caplog.text
    assert "test_crash" not in caplog.text, "the log does not hold the session's secret"


async def test_an_unknown_page_of_a_living_session(portal: Portal) -> None:
    page = await portal.get("one/payment-methods/what")
    assert page.status == 404
    assert 'href="/p/session/test_one"' in page.html
