"""The login of the portal: a code by mail, who gets in, what is counted, and that nobody learns who is a customer."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from emulator.kernel.errors import StripeError
from emulator.portal.login import acts as login
from portal_ui.pages import login as pages
from tests.support.portal import link, page, since, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

CONFIGURATIONS = "/v1/billing_portal/configurations"
CREATED = "billing_portal.session.created"
MAIL = "/_emulator/mail"
START = 1_790_000_000


@pytest.fixture(autouse=True)
async def frozen(api: Api) -> None:
    """Let time stand still before anything happens."""
    await api.freeze(START)


async def door(api: Api, *, allowed: tuple[str, ...] = ("name", "email")) -> tuple[str, str]:
    """Return the id of a configuration with a login page, and that page's token."""
    features = {"customer_update": {"enabled": True, "allowed_updates": list(allowed)}}
    made = await api.ok("POST", CONFIGURATIONS, {"features": features, "login_page": {"enabled": True}})
    return made["id"], str(made["login_page"]["url"].rsplit("/", 1)[1])


async def mails(api: Api, to: str = "") -> list[Any]:
    found: list[Any] = (await api.ok("GET", MAIL, {"to": to} if to else None))["data"]
    return found


async def refused(api: Api, act: str, token: str, **params: Any) -> StripeError:
    with pytest.raises(StripeError) as caught:
        await page(api, act, token, **params)
    return caught.value


class Browser:
    """Somebody at the login page, without scripts."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.start = f"/p/login/{token}"

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.api.client.get(path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def send(self, path: str, **fields: str) -> tuple[int, str, str]:
        _, html = await self.get(path)
        code = re.search(r'name="csrf_token" value="(\w+)"', html)
        assert code
        data = {"csrf_token": code[1], **fields}
        async with self.api.client.post(path, data=data, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def ask(self, email: str) -> str:
        status, place, html = await self.send(self.start, email=email)
        assert status == 303, html
        return place


async def test_a_code_opens_the_portal(api: Api) -> None:
    customer, _ = await subscribed(api)
    configuration, token = await door(api)
    browser = Browser(api, token)
    status, html = await browser.get(browser.start + "?prefilled_email=jenny%40example.com")
    assert (status, 'value="jenny@example.com"' in html) == (200, True)
    before = await api.events()
    place = await browser.ask("jenny@example.com")
    mail = (await mails(api))[0]
    assert (mail["to"], len(mail["code"])) == ("jenny@example.com", 6)
    assert mail["code"] in mail["subject"]
    assert mail["code"] in mail["text"]
    assert mail["code"] in mail["html"]
    assert await since(api, before) == []
    assert "jenny@example.com" in (await browser.get(place))[1]
    status, session, _ = await browser.send(place, code=f" {mail['code'][:3]} {mail['code'][3:]} ")
    assert status == 303
    assert await since(api, before) == [CREATED]
    told = (await api.happened())[-1]["data"]["object"]
    assert (told["customer"], told["configuration"]) == (customer, configuration)
    assert urlsplit(told["url"]).path == session
    status, html = await browser.get(session)
    assert (status, "Update information" in html) == (200, True)
    again = await browser.send(place, code=mail["code"])
    assert again[:2] == (303, session)
    assert await since(api, before) == [CREATED]


async def test_the_address_that_let_in_cannot_be_changed(api: Api) -> None:
    customer, _ = await subscribed(api)
    _, token = await door(api)
    asked = await page(api, "login_code", token, email="jenny@example.com")
    code = (await mails(api))[0]["code"]
    made = await page(api, "login_finish", token, attempt=asked["attempt"], code=code)
    session = made["url"].rsplit("/", 1)[1]
    assert (await page(api, "information", session))["editable"] == ["name"]
    error = await refused(api, "update_information", session, email="eve@example.com")
    assert (error.status, error.param) == (403, "email")
    async with api.client.get(f"/p/session/{session}/customer/update") as answer:
        assert re.search(r'name="email"[^>]* disabled', await answer.text())
    assert (await api.ok("GET", f"/v1/customers/{customer}"))["email"] == "jenny@example.com"


async def test_an_unknown_address_is_answered_alike(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await subscribed(api)
    _, token = await door(api)
    browser = Browser(api, token)
    waited: list[float] = []
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(pages, "AT_LEAST", 0.0512)  # nobody else waits for just that long
    monkeypatch.setattr("portal_ui.pages.login.asyncio.sleep", slept)
    places = [await browser.ask(email) for email in ("jenny@example.com", "penny@example.com")]
    assert waited.count(pages.AT_LEAST) == 2
    assert len({len(place) for place in places}) == 1
    shown = [(await browser.get(place))[1].replace("penny", "jenny") for place in places]
    blank = [re.sub(r'value="\w{64}"|/p/login/\S+', "", html) for html in shown]
    assert blank[0] == blank[1]
    wrong = [await browser.send(place, code="000000x") for place in places]
    assert wrong[0][0] == wrong[1][0] == 400
    assert [mail["to"] for mail in await mails(api)] == ["jenny@example.com"]


async def test_the_newest_with_an_active_subscription_wins(api: Api) -> None:
    paying, _ = await subscribed(api)
    await api.advance("1h")
    ended, subscription = await subscribed(api)
    await api.ok("DELETE", f"/v1/subscriptions/{subscription}")
    newest = await api.ok("POST", "/v1/customers", {"email": "Jenny@Example.com"})
    _, token = await door(api)

    async def enters() -> str:
        asked = await page(api, "login_code", token, email=" jenny@EXAMPLE.com".strip())
        await page(api, "login_finish", token, attempt=asked["attempt"], code=(await mails(api))[0]["code"])
        return str((await api.happened())[-1]["data"]["object"]["customer"])

    assert await enters() == paying
    for customer in (paying, ended):
        for one in (await api.ok("GET", "/v1/subscriptions", {"customer": customer}))["data"]:
            await api.ok("DELETE", f"/v1/subscriptions/{one['id']}")
    assert await enters() == newest["id"]
    assert (await mails(api))[0]["to"] == "Jenny@Example.com", "to the address that is known"


async def test_wrong_codes_are_counted(api: Api) -> None:
    await subscribed(api)
    _, token = await door(api)
    browser = Browser(api, token)
    place = await browser.ask("jenny@example.com")
    code = (await mails(api))[0]["code"]
    wrong = "123456" if code != "123456" else "654321"
    for left in (4, 3, 2, 1):
        status, _, html = await browser.send(place, code=wrong)
        assert status == 400
        assert f"You can try {left} more time" in html
    before = await api.events()
    status, _, html = await browser.send(place, code=wrong)
    assert "tried too often" in html
    assert (await browser.send(place, code=code))[0] == 400
    assert await since(api, before) == []
    status, another, _ = await browser.send(place, resend="1")
    assert status == 303
    assert "We sent you another code." in (await browser.get(another))[1]
    fresh = (await mails(api))[0]["code"]
    assert (await browser.send(another, code=fresh))[0] == 303


async def test_codes_expire_and_are_forgotten(api: Api) -> None:
    await subscribed(api)
    _, token = await door(api)
    asked = await page(api, "login_code", token, email="jenny@example.com")
    code = (await mails(api))[0]["code"]
    await api.advance(login.CODE_SECONDS - 1)
    assert (await page(api, "login_attempt", token, attempt=asked["attempt"]))["over"] is None
    await api.advance(1)
    error = await refused(api, "login_finish", token, attempt=asked["attempt"], code=code)
    assert error.code == "login_code_expired"
    status, html = await Browser(api, token).get(f"/p/login/{token}/{asked['attempt']}")
    assert (status, "This code has expired" in html) == (200, True)
    proof = re.search(r'name="csrf_token" value="(\w+)"', html)
    assert proof
    await api.advance("1h")
    typed = {"csrf_token": proof[1], "code": code}
    async with api.client.post(f"/p/login/{token}/{asked['attempt']}", data=typed) as answer:  # redirects are followed
        assert (answer.status, answer.url.path) == (200, f"/p/login/{token}")
        assert "This code has expired. Ask for another one." in await answer.text()
    assert "This code has expired" not in (await Browser(api, token).get(f"/p/login/{token}"))[1]
    assert (await refused(api, "login_attempt", token, attempt=asked["attempt"])).status == 404


async def test_asking_is_limited(api: Api) -> None:
    await subscribed(api)
    _, token = await door(api)
    browser = Browser(api, token)
    for email in ("jenny@example.com", "nobody@example.com"):
        for _ in range(login.PER_ADDRESS):
            await page(api, "login_code", token, email=email)
        error = await refused(api, "login_code", token, email=email.upper())
        assert (error.status, error.extra["retry_after"]) == (429, login.ADDRESS_SECONDS)
        status, _, html = await browser.send(browser.start, email=email)
        assert (status, "Try again in 15 minutes" in html) == (429, True)
    assert len(await mails(api)) == login.PER_ADDRESS
    await api.advance(login.ADDRESS_SECONDS)
    await page(api, "login_code", token, email="jenny@example.com")


async def test_a_world_sends_so_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "PER_WORLD", 3)
    _, token = await door(api)
    for number in range(3):
        await page(api, "login_code", token, email=f"{number}@example.com")
    assert (await refused(api, "login_code", token, email="x@example.com")).status == 429


async def test_codes_are_not_kept_readable(api: Api) -> None:
    await subscribed(api)
    _, token = await door(api)
    asked = await page(api, "login_code", token, email="jenny@example.com")
    code = (await mails(api))[0]["code"]
    kept = (await api.engine.store.dump((await api.space()).store_name))[login.KIND]
    assert code not in str(kept)
    assert asked["attempt"] not in str(kept)


@pytest.mark.parametrize(
    "email", ["", "jenny", "a@b@c", "a b@example.com", "x" * 510 + "@example.com", None, 5, ["a@b"]]
)
async def test_what_is_no_address(api: Api, email: Any) -> None:
    _, token = await door(api)
    assert (await refused(api, "login_code", token, email=email)).code == "email_invalid"
    if isinstance(email, str):
        browser = Browser(api, token)
        status, _, html = await browser.send(browser.start, email=email)
        assert (status, 'role="alert"' in html) == (400, True)


async def test_login_pages_that_are_not_there(api: Api) -> None:
    customer, _ = await subscribed(api)
    configuration, token = await door(api)
    asked = await page(api, "login_code", token, email="jenny@example.com")
    other = (await door(api))[1]
    assert (await refused(api, "login_attempt", other, attempt=asked["attempt"])).status == 404
    for attempt in ("x", "", None, 7):
        assert (await refused(api, "login_finish", token, attempt=attempt, code="1")).status == 404
    session = await link(api, customer)
    browser = Browser(api, token)
    for path in (session, token[:-1], "test_x", "live_" + token.removeprefix("test_"), f"{token}/nothing"):
        assert (await browser.get(f"/p/login/{path}"))[0] == 404, path
    await api.ok("POST", f"{CONFIGURATIONS}/{configuration}", {"login_page": {"enabled": False}})
    for act, params in (("login", {}), ("login_code", {"email": "jenny@example.com"}), ("login_finish", asked)):
        assert (await refused(api, act, token, **{"attempt": "x", **params})).status == 404
    async with api.client.post(f"/p/login/{other}", data={"email": "jenny@example.com"}) as answer:
        assert answer.status == 403, "a form without the page's code"


async def test_a_link_that_ran_out_is_recovered(api: Api) -> None:
    customer, _ = await subscribed(api)
    configuration, _ = await door(api)
    await api.ok("POST", "/v1/customers", {"email": "other@example.com"})
    token = await link(
        api, customer, configuration=configuration, locale="de", return_url="https://a.example/",
        after_expiration={"type": "customer_login", "customer_login": {"expires_at": START + 7200}},
    )  # fmt: skip
    await api.advance("10m")
    error = await refused(api, "home", token)
    assert error.extra["login_url"].endswith(f"/p/login/{token}")
    await page(api, "login_code", token, email="other@example.com")
    asked = await page(api, "login_code", token, email="jenny@example.com")
    assert [mail["to"] for mail in await mails(api)] == ["jenny@example.com"]
    await page(api, "login_finish", token, attempt=asked["attempt"], code=(await mails(api))[0]["code"])
    made = (await api.happened())[-1]["data"]["object"]
    assert {name: made[name] for name in ("configuration", "customer", "locale", "return_url")} == {
        "configuration": configuration, "customer": customer, "locale": "de", "return_url": "https://a.example/",
    }  # fmt: skip
    status, html = await Browser(api, token).get(f"/p/login/{token}")
    assert (status, '<html lang="de">' in html) == (200, True)
    await api.advance("3h")
    assert (await Browser(api, token).get(f"/p/login/{token}"))[0] == 404
    assert "/p/login/" + token not in str((await refused(api, "home", token)).extra["login_url"])


async def test_languages(api: Api) -> None:
    await api.ok("POST", "/v1/customers", {"email": "hana@example.com", "preferred_locales": ["ja", "de"]})
    _, token = await door(api)
    asked = await page(api, "login_code", token, email="hana@example.com", language="en")
    assert '<html lang="ja">' in (await mails(api))[0]["html"]
    asked = await page(api, "login_code", token, email="hana@example.com", locale="de", language="en")
    assert '<html lang="de">' in (await mails(api))[0]["html"]
    await page(api, "login_finish", token, attempt=asked["attempt"], code=(await mails(api))[0]["code"])
    assert (await api.happened())[-1]["data"]["object"]["locale"] == "de"
    browser = Browser(api, token)
    status, place, _ = await browser.send(browser.start + "?locale=ja", email="x@example.com")
    assert (status, place.endswith("?locale=ja")) == (303, True)
    asked = await page(api, "login_code", token, email="y@example.com", locale="tlh", language="en")
    assert asked["attempt"]


async def test_a_dead_link_leads_to_the_login(api: Api) -> None:
    customer, _ = await subscribed(api)
    configuration, token = await door(api)
    plain = await link(api, customer, configuration=configuration)
    own = await link(api, customer, configuration=configuration, after_expiration={"type": "customer_login"})
    await api.advance("6m")
    browser = Browser(api, token)
    for session, wanted in ((plain, token), (own, own)):
        status, html = await browser.get(f"/p/session/{session}")
        found = re.search(r'href="[^"]*(/p/login/[^"]+)"', html)
        assert found
        assert (status, found[1]) == (410, f"/p/login/{wanted}")
        assert (await browser.get(found[1]))[0] == 200
