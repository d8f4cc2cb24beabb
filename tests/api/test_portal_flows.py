"""Deep links over the real engine: where a flow opens, what it hides, and where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from emulator.app import build
from emulator.config import Config
from tests.support.client import Api
from tests.support.portal import SESSIONS, page, since, subscribed

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = "https://app.example/account"
HOMEPAGE: dict[str, Any] = {"type": "portal_homepage"}
CONFIRMATION: dict[str, Any] = {
    "type": "hosted_confirmation",
    "hosted_confirmation": {"custom_message": "Come <b>back</b>"},
}
ELSEWHERE: dict[str, Any] = {"type": "redirect", "redirect": {"return_url": "https://app.example/done?a=1&b=2"}}


@dataclass
class Shown:
    """A page as a browser gets it."""

    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def target(self) -> str:
        """Where it redirects to, inside the session."""
        assert self.status == 303, self.html
        return self.headers["Location"].partition("/p/session/")[2].partition("/")[2]


class Browser:
    """Somebody at the pages of one session, without scripts."""

    def __init__(self, api: Api, url: str) -> None:
        self.api = api
        self.base = url[url.index("/p/session/") :]
        self.token = self.base.rsplit("/", 1)[1]
        self.code = ""

    async def get(self, path: str = "") -> Shown:
        url = self.base + (path if path.startswith("?") or not path else f"/{path}")
        async with self.api.client.get(url, allow_redirects=False) as answer:
            shown = Shown(answer.status, answer.headers, await answer.text())
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown.html)
        self.code = found[1] if found else self.code
        return shown

    async def post(self, path: str, **fields: str) -> Shown:
        data = {"csrf_token": self.code, **fields}
        async with self.api.client.post(f"{self.base}/{path}", data=data, allow_redirects=False) as answer:
            return Shown(answer.status, answer.headers, await answer.text())

    async def follow(self, path: str = "", hops: int = 5) -> tuple[str, Shown]:
        """Open an address and go where it leads; returns the last address and its page."""
        for _ in range(hops):
            shown = await self.get(path)
            if shown.status != 303:
                return path, shown
            path = shown.target
        raise AssertionError(f"{path} leads round and round")


async def opened(api: Api, kind: str, after: Any = None, **more: Any) -> tuple[str, Browser]:
    """Return a subscription and a browser at a flow about it."""
    customer, subscription = await subscribed(api)
    branch = {"subscription": subscription, **more.pop("branch", {})}
    data: dict[str, Any] = (
        {"type": kind} if kind in ("customer_update", "payment_method_update") else {"type": kind, kind: branch}
    )
    if after:
        data["after_completion"] = after
    params = {"customer": customer, "return_url": HOME, "flow_data": data, **more}
    return subscription, Browser(api, (await api.ok("POST", SESSIONS, params))["url"])


async def no_reasons(api: Api, **features: Any) -> str:
    wanted = {"subscription_cancel": {"enabled": True}, "invoice_history": {"enabled": True}, **features}
    return str((await api.ok("POST", "/v1/billing_portal/configurations", {"features": wanted}))["id"])


async def test_a_flow_opens_straight_in_and_hides_the_rest(api: Api) -> None:
    subscription, at = await opened(api, "subscription_cancel")
    cancel = f"subscriptions/{subscription}/cancel"
    for path in ("", "nothing/here", f"subscriptions/{subscription}/renew?x=1", "subscriptions/sub_x/cancel"):
        found, shown = await at.follow(path)
        assert (found, shown.status) in {(cancel, 200), ("subscriptions/sub_x/cancel", 404)}, path
    shown = await at.get(cancel)
    assert f'href="{HOME}"' in shown.html, "the way back to the merchant stays"
    assert f'href="{at.base}"' not in shown.html, "the rest of the portal is not linked"
    assert 'data-test="cancel"' not in shown.html
    before = await api.events()
    assert (await at.post(f"subscriptions/{subscription}/pause")).target == cancel
    assert (await at.post(f"subscriptions/{subscription}/resume")).target == cancel
    assert await since(api, before) == []


async def test_the_flow_of_another_subscription_is_not_acted_upon(api: Api) -> None:
    subscription, at = await opened(api, "subscription_cancel")
    customer = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["customer"]
    price = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["items"]["data"][0]["price"]["id"]
    other = await api.ok("POST", "/v1/subscriptions", {"customer": customer, "items": [{"price": price}]})
    await at.follow()
    shown = await at.post(f"subscriptions/{other['id']}/cancel")
    assert shown.target == f"subscriptions/{subscription}/cancel"
    assert (await api.ok("GET", f"/v1/subscriptions/{other['id']}"))["cancel_at"] is None


async def test_ending_on_the_home_page(api: Api) -> None:
    subscription, at = await opened(api, "subscription_cancel", HOMEPAGE)
    await at.follow()
    before = await api.events()
    shown = await at.post(f"subscriptions/{subscription}/cancel")
    assert shown.headers["Location"] == f"{at.base}?canceled={subscription}&done=canceled"
    assert await since(api, before) == ["customer.subscription.updated"]
    asked = await at.get(f"?canceled={subscription}&done=canceled")
    assert 'data-test="cancel-reason-opt-unused"' in asked.html
    found, home = await at.follow()
    assert (found, home.status) == ("", 200), "the rest of the portal shows again"
    assert 'data-test="renew-subscription"' in home.html
    assert (await at.get("completed")).target == ""
    again = await at.post(f"subscriptions/{subscription}/cancel")
    assert again.headers["Location"].startswith(f"{at.base}?")
    assert len(await since(api, before)) == 1


@pytest.mark.parametrize("after", [CONFIRMATION, ELSEWHERE], ids=["confirmation", "redirect"])
async def test_ending_elsewhere(api: Api, after: Any) -> None:
    configuration = await no_reasons(api)
    subscription, at = await opened(api, "subscription_cancel", after, configuration=configuration)
    assert (await at.get("completed")).target == "", "nothing is completed yet"
    await at.follow()
    shown = await at.post(f"subscriptions/{subscription}/cancel")
    assert shown.target == "completed"
    assert (await at.post(f"subscriptions/{subscription}/cancel")).target == "completed", "sent twice"
    for _ in range(2):
        shown = await at.get("completed")
        assert shown.status == 200
        assert "Subscription has been canceled" in shown.html
    if after is CONFIRMATION:
        assert "Come &lt;b&gt;back&lt;/b&gt;" in shown.html
        assert f'href="{HOME}"' in shown.html
        assert "Refresh" not in shown.headers
    else:
        assert shown.headers["Refresh"] == "0; url=https://app.example/done?a=1&b=2"
        assert 'href="https://app.example/done?a=1&amp;b=2"' in shown.html
    for path in ("", f"subscriptions/{subscription}/cancel", f"subscriptions/{subscription}/renew"):
        gone = await at.get(path)
        assert gone.status == 410
        assert "You are all done" in gone.html
    await api.advance("61m")
    assert (await at.get("completed")).status == 410


async def test_a_subscription_that_ended_at_once_is_not_said_to_renew(api: Api) -> None:
    configuration = await no_reasons(api, subscription_cancel={"enabled": True, "mode": "immediately"})
    subscription, at = await opened(api, "subscription_cancel", CONFIRMATION, configuration=configuration)
    await at.follow()
    assert (await at.post(f"subscriptions/{subscription}/cancel")).target == "completed"
    shown = (await at.get("completed")).html
    assert "Subscription has been canceled" in shown
    assert "renews on" not in shown
    assert re.search(r"<dt>Ends</dt>\s*<dd>", shown)


async def test_the_reason_is_asked_before_a_flow_ends_elsewhere(api: Api) -> None:
    subscription, at = await opened(api, "subscription_cancel", CONFIRMATION)
    await at.follow()
    here = f"subscriptions/{subscription}"
    assert (await at.post(f"{here}/cancel")).target == f"{here}/reason"
    shown = await at.get(f"{here}/reason")
    assert 'data-test="cancel-reason-opt-unused"' in shown.html
    found, _ = await at.follow()
    assert found == "completed", "who does not answer is done too"
    subscription, at = await opened(api, "subscription_cancel", CONFIRMATION)
    here = f"subscriptions/{subscription}"
    await at.follow()
    await at.post(f"{here}/cancel")
    assert (await at.post(f"{here}/reason", reason="unused")).target == "completed"
    details = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["cancellation_details"]
    assert details["feedback"] == "unused"


async def test_an_offer_in_a_flow(api: Api) -> None:
    await api.ok("POST", "/v1/coupons", {"id": "STAY", "percent_off": 25, "duration": "forever", "name": "A <quarter>"})
    offered = {"retention": {"type": "coupon_offer", "coupon_offer": {"coupon": "STAY"}}}
    subscription, at = await opened(api, "subscription_cancel", CONFIRMATION, branch=offered)
    here = f"subscriptions/{subscription}"
    found, shown = await at.follow()
    assert found == f"{here}/offer"
    for words in ("Stay and get 25% off", "A &lt;quarter&gt;", "$15.00 per month", "$20.00 per month"):
        assert words in shown.html
    found, declined = await at.follow(f"{here}/cancel?offer=declined")
    assert (found, declined.status) == (f"{here}/cancel?offer=declined", 200)
    before = await api.events()
    assert (await at.post(f"{here}/offer")).target == "completed"
    assert "customer.discount.created" in await since(api, before)
    so_far = await api.events()
    assert (await at.post(f"{here}/offer")).target == "completed"
    assert await api.events() == so_far
    assert "Your offer has been applied" in (await at.get("completed")).html


async def test_pausing_in_a_flow(api: Api) -> None:
    pause = {"enabled": True, "duration": {"type": "interval_options", "interval_options": [{"interval": "month"}]}}
    configuration = await no_reasons(api, subscription_pause=pause)
    subscription, at = await opened(api, "subscription_pause", CONFIRMATION, configuration=configuration)
    here = f"subscriptions/{subscription}/pause"
    found, shown = await at.follow()
    assert found == here
    assert "1 month, until" in shown.html
    refused = await at.post(here, duration="7")
    assert refused.status == 409
    assert "Choose how long you want to pause." in refused.html
    assert (await at.post(here, duration="0")).target == "completed"
    assert "Subscription has been paused" in (await at.get("completed")).html


@pytest.mark.parametrize(
    ("kind", "page"), [("payment_method_update", "payment-methods/add"), ("customer_update", "customer/update")]
)
async def test_flows_of_the_customer_open_one_page(api: Api, kind: str, page: str) -> None:
    subscription, at = await opened(api, kind)
    found, shown = await at.follow()
    assert (found, shown.status) == (page, 200)
    assert (await at.get(f"subscriptions/{subscription}/cancel")).target == found


async def test_what_was_done_elsewhere_completes_the_flow(api: Api) -> None:
    subscription, at = await opened(api, "subscription_cancel", ELSEWHERE, configuration=await no_reasons(api))
    await api.ok("POST", f"/v1/subscriptions/{subscription}", {"cancel_at_period_end": True})
    found, _ = await at.follow()
    assert found == "completed"


async def test_completing_is_an_act_of_flows_only(api: Api) -> None:
    customer, _ = await subscribed(api)
    url = (await api.ok("POST", SESSIONS, {"customer": customer}))["url"]
    token = url.rsplit("/", 1)[1]
    answer = await page(api, "complete_flow", token)
    assert (answer["completed"], answer["subscription"]) == (False, None)
    assert (await page(api, "home", token))["session"]["flow"] is None


async def test_the_server_may_wear_the_redesign(aiohttp_client: Any) -> None:
    redesigned = Api(await aiohttp_client(build(Config(world="empty", portal_skin="c"))), "sk_test_skins")
    customer, subscription = await subscribed(redesigned)
    at = Browser(redesigned, (await redesigned.ok("POST", SESSIONS, {"customer": customer}))["url"])
    home, plan = await at.get(), await at.get(f"subscriptions/{subscription}")
    assert 'data-test="cancel-subscription"' not in home.html
    assert "Cancel plan" in plan.html
    (await redesigned.space()).settings["portal_skin"] = "b"
    assert 'data-test="cancel-subscription"' in (await at.get()).html, "a world's own goes first"
    assert (await at.get(f"subscriptions/{subscription}")).target == ""


async def test_a_survey_before_the_cancellation_in_a_flow(api: Api) -> None:
    (await api.space()).settings["portal_skin"] = "b-survey"
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 30, "duration": "once"})
    own = await api.ok("POST", "/v1/billing/feedback_options", {"description": "Closing <b>down</b>"})
    reasons = {"enabled": True, "options": ["unused"], "feedback_options": [own["id"]]}
    asking = await no_reasons(api, subscription_cancel={"enabled": True, "cancellation_reason": reasons})
    offer = {"retention": {"type": "coupon_offer", "coupon_offer": {"coupon": coupon["id"]}}}
    subscription, at = await opened(api, "subscription_cancel", ELSEWHERE, branch=offer, configuration=asking)
    cancel = f"subscriptions/{subscription}/cancel"
    assert (await at.follow())[0] == f"subscriptions/{subscription}/offer", "the offer comes first"
    shown = await at.get(f"{cancel}?offer=declined")
    assert "Continue to cancellation" in shown.html
    assert "Closing &lt;b&gt;down&lt;/b&gt;" in shown.html
    assert 'id="comment"' not in shown.html, "there is no free text without the reason for it"
    before = await api.events()
    assert (await at.post(cancel, reason=own["id"])).target == "completed", "nothing is asked afterwards"
    assert await since(api, before) == ["customer.subscription.updated"] * 2
    details = (await api.ok("GET", f"/v1/subscriptions/{subscription}"))["cancellation_details"]
    assert (details["feedback_option"], details["feedback"]) == (own["id"], None)


async def test_no_survey_where_no_reasons_are_asked(api: Api) -> None:
    (await api.space()).settings["portal_skin"] = "b-survey"
    subscription, at = await opened(api, "subscription_cancel", configuration=await no_reasons(api))
    shown = await at.get(f"subscriptions/{subscription}/cancel")
    assert ("<dialog" in shown.html, 'data-testid="confirm"' in shown.html) == (False, True)
    before = await api.events()
    await at.post(f"subscriptions/{subscription}/cancel", reason="unused")
    assert await since(api, before) == ["customer.subscription.updated"], "a reason typed by hand is not taken"
