"""An overview that is looked at again is drawn again only where something is different."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.portal import link, subscribed

if TYPE_CHECKING:
    from tests.support.client import Api

DRAWN = "portal:home"


class Looks:
    """Looks at an overview and counts how often it is drawn."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.path = f"/p/session/{token}"
        self.drawn = 0

    async def now(self, path: str = "", **headers: str) -> tuple[bool, str]:
        """Return whether the page was drawn for this look, and the page."""
        before = self.drawn
        answer = await self.api.client.get((path or self.path), headers=headers)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        return self.drawn > before, await answer.text()


@pytest.fixture
async def looks(api: Api, monkeypatch: pytest.MonkeyPatch) -> Looks:
    customer, _ = await subscribed(api)
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    made = Looks(api, await link(api, customer))
    run = api.engine.run

    async def counted(space: Any, operation: str, params: Any, **more: Any) -> Any:
        made.drawn += operation == DRAWN
        return await run(space, operation, params, **more)

    monkeypatch.setattr(api.engine, "run", counted)
    assert (await made.now())[0], "the first look is written down"
    assert (await made.now())[0]
    return made


async def test_the_same_page_is_drawn_once(looks: Looks) -> None:
    first = await looks.now()
    assert not first[0]
    assert "Current subscription" in first[1]
    assert await looks.now() == first


async def test_what_a_page_hangs_on_draws_it_anew(looks: Looks, api: Api) -> None:
    _, before = await looks.now()
    assert (await looks.now(**{"Accept-Language": "de"}))[0]
    assert (await looks.now(looks.path + "?invoices=1"))[0]
    assert (await looks.now(Cookie="language=fr"))[0]
    assert not (await looks.now())[0], "each of them has a page of its own"
    await api.ok("POST", "/_emulator/settings", {"business_name": "Rocket Rides"})
    drawn, page = await looks.now()
    assert drawn
    assert "Rocket Rides" in page
    assert "Rocket Rides" not in before


async def test_a_change_of_the_world_draws_it_anew(looks: Looks, api: Api) -> None:
    (customer,) = (await api.ok("GET", "/v1/customers"))["data"]
    await api.ok("POST", f"/v1/customers/{customer['id']}", {"name": "Ada Lovelace"})
    drawn, page = await looks.now()
    assert drawn
    assert "Ada Lovelace" in page


async def test_time_draws_it_anew_and_ends_it(looks: Looks, api: Api) -> None:
    await api.ok("POST", "/_emulator/clock", {"advance": "60s"})
    assert (await looks.now())[0]
    await api.ok("POST", "/_emulator/clock", {"advance": "2h"})
    assert (await api.client.get(looks.path)).status == 410


async def test_faults_and_other_worlds_keep_nothing(looks: Looks, api: Api) -> None:
    await api.ok("POST", "/_emulator/faults", {"match": {"path": "/v1/nothing"}, "action": {"latency": "1s"}})
    assert (await looks.now())[0]
    assert (await looks.now())[0]
    await api.ok("DELETE", "/_emulator/faults")
    assert not (await looks.now())[0], "nothing has changed since"
    space = await api.engine.space("sk_test_tests")
    api.engine.forget(space)
    assert (await looks.now())[0]
