"""What hostile texts, forged and repeated forms, other hosts and dead links get from the pages over the real engine."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_portal_flows import Browser, Shown
from tests.support.portal import SESSIONS, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}${7*7}%(x)s%s"
CONFIGURATIONS = "/v1/billing_portal/configurations"
PAUSE = {"enabled": True, "duration": {"type": "interval_options", "interval_options": [{"interval": "month"}]}}


async def hostile(api: Api, flow: Any = None, **more: Any) -> tuple[str, Browser]:
    """Return a subscription and a browser in a world where everybody types scripts wherever they can."""
    settings = (await api.space()).settings
    settings["portal_retention_coupon"] = "EVIL"
    await api.ok("POST", "/v1/coupons", {"id": "EVIL", "percent_off": 10, "duration": "once", "name": EVIL[:40]})
    option = await api.ok("POST", "/v1/billing/feedback_options", {"description": EVIL[:100]})
    customer, subscription = await subscribed(api)
    product = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["items"]["data"][0]["price"]["product"]
    await api.ok("POST", f"/v1/products/{product}", {"name": EVIL, "description": EVIL, "unit_label": EVIL[:12]})
    address = {"line1": EVIL, "line2": EVIL, "city": EVIL, "state": EVIL, "postal_code": EVIL[:20], "country": "US"}
    about = {"name": EVIL, "phone": EVIL[:20], "address": address, "email": '"<b>x</b>"@example.com'}
    await api.ok("POST", f"/v1/customers/{customer}", about)
    reasons = {"enabled": True, "options": ["other"], "feedback_options": [option["id"]]}
    features = {
        "subscription_cancel": {"enabled": True, "cancellation_reason": reasons}, "subscription_pause": PAUSE,
        "invoice_history": {"enabled": True}, "payment_method_update": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["name", "address", "phone", "email"]},
    }  # fmt: skip
    params = {"business_profile": {"headline": EVIL[:60]}, "features": features}
    configuration = await api.ok("POST", CONFIGURATIONS, params)
    data = {"flow_data": flow(subscription)} if flow else {}
    made = await api.ok("POST", SESSIONS, {"customer": customer, "configuration": configuration["id"], **data, **more})
    return subscription, Browser(api, made["url"])


def harmless(shown: Shown) -> None:
    """Demand that a page holds no mark-up but its own, and no way to be framed, scripted or cached."""
    assert len(re.findall(r"<script\b", shown.html)) == 1, "only our own script"
    assert re.search(r'<script src="/portal-assets/portal-[0-9a-f]+\.js"', shown.html)
    body = shown.html.partition("<body>")[2]
    assert "<img" not in body
    assert not re.search(r"<[^>]+\son\w+\s*=", body)
    assert "javascript:" not in body
    assert "&gt;49" not in body, "no text is a template"
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert shown.headers["X-Frame-Options"] == "DENY"
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in shown.headers


@pytest.mark.parametrize("skin", ["b", "b-survey", "c"])
async def test_what_people_type_is_text_on_every_page(api: Api, skin: str) -> None:
    (await api.space()).settings["portal_skin"] = skin
    subscription, at = await hostile(api)
    here = f"subscriptions/{subscription}"
    pages = ["", f"{here}/offer", f"{here}/cancel?offer=declined", f"{here}/pause", "no/such/page"]
    pages += [here] if skin == "c" else []
    for path in pages:
        shown = await at.get(path)
        assert shown.status in {200, 404}, path
        assert "&lt;script&gt;alert(1)" in shown.html, path
        harmless(shown)
    await at.get(f"{here}/cancel?offer=declined")
    done = await at.post(f"{here}/cancel", reason="other", comment=EVIL)
    _, after = await at.follow(done.target) if skin == "c" else ("", await at.get(f"?canceled={subscription}"))
    harmless(after)
    harmless(await at.get(f"{here}/renew"))
    if skin == "b":
        assert "&lt;script&gt;alert(1)" in after.html.partition('role="dialog"')[2], "the merchant's own reason"
        await at.post(f"{here}/reason", reason="other", comment=EVIL)
    details = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["cancellation_details"]
    assert details["comment"] == EVIL, "kept as it was typed"
    harmless(await at.get("?done=<script>&canceled=<script>&invoices=<script>"))


async def test_the_confirmation_page_shows_text(api: Api) -> None:
    def flow(subscription: str) -> Any:
        after = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": EVIL}}
        pause = {"subscription": subscription}
        return {"type": "subscription_pause", "subscription_pause": pause, "after_completion": after}

    subscription, at = await hostile(api, flow)
    await at.follow()
    await at.post(f"subscriptions/{subscription}/pause", duration="0")
    shown = await at.get("completed")
    assert "&lt;script&gt;alert(1)" in shown.html
    harmless(shown)
    harmless(await at.get())


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "https://"]
)
async def test_flows_leave_for_addresses_of_the_web_only(api: Api, address: str) -> None:
    customer, subscription = await subscribed(api)
    data = {
        "type": "subscription_cancel", "subscription_cancel": {"subscription": subscription},
        "after_completion": {"type": "redirect", "redirect": {"return_url": address}},
    }  # fmt: skip
    answer = await api.post(SESSIONS, {"customer": customer, "flow_data": data})
    assert answer.status == 400
    assert answer.error["message"] == "Not a valid URL"


async def test_nobody_else_chooses_where_a_flow_leads(api: Api) -> None:
    subscription, at = await hostile(api)
    for path in (
        "?return_url=https://evil.example",
        "completed?return_url=https://evil.example",
        "?next=//evil.example",
    ):
        _, shown = await at.follow(path)
        assert "evil.example" not in shown.html
    await at.get(f"subscriptions/{subscription}/pause")
    done = await at.post(f"subscriptions/{subscription}/pause", duration="0", return_url="https://evil.example")
    assert done.headers["Location"] == f"{at.base}?done=paused"


FORMS = ["cancel", "offer", "reason", "renew", "pause", "resume"]


@pytest.mark.parametrize("act", FORMS)
async def test_a_form_that_is_not_ours_changes_nothing(api: Api, act: str) -> None:
    subscription, at = await hostile(api)
    _, other = Browser(api, at.base), at
    await other.get(f"subscriptions/{subscription}/pause")
    before = await api.events()
    for code in ("", "wrong", "é", other.code[:-1], other.code + "0"):
        other.code, kept = code, other.code
        shown = await other.post(f"subscriptions/{subscription}/{act}", reason="other", duration="0")
        other.code = kept
        assert shown.status == 403, code
        assert "This form is out of date" in shown.html
    assert await since(api, before) == []


async def test_a_link_is_long_and_found_by_its_hash_only(api: Api) -> None:
    customer, _ = await subscribed(api)
    tokens = [(await api.ok("POST", SESSIONS, {"customer": customer}))["url"].rsplit("/", 1)[1] for _ in range(50)]
    assert len({token[40:] for token in tokens}) == 50
    assert min(map(len, tokens)) > 60
    kept = str((await api.engine.store.dump((await api.space()).store_name))["_portal_visit"])
    assert [token for token in tokens if token.partition("_")[2][:60] in kept] == []
    for token in tokens[:3]:
        assert (await Browser(api, f"/p/session/{token}").get()).status == 200
        assert (await Browser(api, f"/p/session/{token[:-1]}").get()).status == 410


async def test_another_sessions_code_opens_nothing(api: Api) -> None:
    subscription, at = await hostile(api)
    customer = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["customer"]
    second = Browser(api, (await api.ok("POST", SESSIONS, {"customer": customer}))["url"])
    await at.get(f"subscriptions/{subscription}/pause")
    second.code = at.code
    assert (await second.post(f"subscriptions/{subscription}/cancel")).status == 403


@pytest.mark.parametrize(("body", "headers"), [
    ("name=%FF%FE", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"}),
    ("name=x", {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}),
    ("name=x", {"Content-Encoding": "gzip"}),
])  # fmt: skip
async def test_a_form_that_cannot_be_read_is_not_ours(api: Api, body: str, headers: dict[str, str]) -> None:
    _, at = await hostile(api)
    before = await api.events()
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    async with api.client.post(f"{at.base}/customer/update", data=body.encode(), headers=sent) as answer:
        assert answer.status == 403
    assert await since(api, before) == []


async def test_what_is_no_text_is_not_stored(api: Api) -> None:
    subscription, at = await hostile(api)
    customer = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["customer"]
    await at.get("customer/update")
    assert (await at.post("customer/update", name="A\0da", email="ada@example.com")).status == 303
    assert (await api.ok("GET", f"/v1/customers/{customer}"))["name"] == "Ada"


async def test_each_act_sent_three_times_at_once_is_done_once(api: Api) -> None:
    subscription, at = await hostile(api)
    here = f"subscriptions/{subscription}"
    await at.get(f"{here}/pause")
    told = []
    for act, fields in (("offer", {}), ("pause", {"duration": "0"}), ("resume", {}), ("cancel", {}), ("renew", {})):
        before = await api.events()
        replies = await asyncio.gather(*(at.post(f"{here}/{act}", **fields) for _ in range(3)))
        assert {reply.status for reply in replies} == {303}, act
        assert len({reply.headers["Location"] for reply in replies}) == 1
        told.append(await since(api, before))
    assert told[0].count("customer.discount.created") == 1
    assert told[1].count("customer.subscription.paused") == 1
    assert told[2].count("customer.subscription.resumed") == 1
    assert told[3] == told[4] == ["customer.subscription.updated"]


async def test_acts_upon_other_peoples_subscriptions_are_not_there(api: Api) -> None:
    subscription, at = await hostile(api)
    _, foreign = await subscribed(api)
    await at.get(f"subscriptions/{subscription}/pause")
    before = await api.events()
    for act in FORMS:
        for id_ in (foreign, "sub_0", "%3Cscript%3E", "..%2F..%2Fetc"):
            shown = await at.post(f"subscriptions/{id_}/{act}", reason="other", duration="0")
            assert shown.status == 404, (act, id_)
            assert '<span class="business">Acme</span>' in shown.html, "the session's own merchant says so"
            harmless(shown)
    for act in ("cancel", "offer", "reason", "renew", "pause", "resume", "canceled", ""):
        assert (await at.get(f"subscriptions/{foreign}/{act}".rstrip("/"))).status == 404, act
    assert await since(api, before) == []


async def test_hidden_acts_typed_by_hand_are_refused(api: Api) -> None:
    customer, subscription = await subscribed(api)
    silent = await api.ok("POST", CONFIGURATIONS, {"features": {"invoice_history": {"enabled": True}}})
    made = await api.ok("POST", SESSIONS, {"customer": customer, "configuration": silent["id"]})
    at = Browser(api, made["url"])
    from portal_ui import csrf

    at.code = csrf.code(api.engine.page_secret, at.token)
    before = await api.events()
    for act in ("cancel", "pause"):
        assert (await at.get(f"subscriptions/{subscription}/{act}")).status == 403
    for act in FORMS:
        shown = await at.post(f"subscriptions/{subscription}/{act}", reason="other", duration="0")
        assert shown.status in {303, 403, 409}, act
    assert await since(api, before) == []
    shown = await api.ok("GET", f"/v1/subscriptions/{subscription}")
    assert (shown["status"], shown["cancel_at"]) == ("active", None)


@pytest.mark.parametrize(
    ("wait", "words"),
    [("5m", "It was not opened within 5 minutes"), ("61m", "You were away for an hour.")],
)
async def test_dead_links_say_why_and_offer_the_login_page(api: Api, wait: str, words: str) -> None:
    customer, subscription = await subscribed(api)
    features = {"subscription_cancel": {"enabled": True}}
    login = await api.ok("POST", CONFIGURATIONS, {"features": features, "login_page": {"enabled": True}})
    params = {"customer": customer, "configuration": login["id"], "return_url": "https://app.example/"}
    at = Browser(api, (await api.ok("POST", SESSIONS, params))["url"])
    if wait != "5m":
        assert (await at.get()).status == 200
    await api.advance(wait)
    for path in ("", f"subscriptions/{subscription}/cancel", "completed", "no/such/page"):
        shown = await at.get(path)
        assert shown.status == 410
        assert words in shown.html
        assert f'href="{login["login_page"]["url"]}"' in shown.html
        assert 'href="https://app.example/"' in shown.html
        harmless(shown)
    assert (await at.post(f"subscriptions/{subscription}/cancel")).status in {403, 410}
    await api.ok("POST", f"{CONFIGURATIONS}/{login['id']}", {"login_page": {"enabled": False}})
    assert "Log in with your email" not in (await at.get()).html
