"""An in-process client of the API whose every answer is held against the API description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from emulator.app import BACKGROUND, ENGINE
from tests.support.conformance import conforms

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from multidict import CIMultiDictProxy

    from emulator.operations.engine import Engine
    from emulator.operations.space import Space


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: CIMultiDictProxy[str]
    text: str

    @property
    def error(self) -> dict[str, Any]:
        """The members of the error."""
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def id(self) -> str:
        """The id of the object."""
        return str(self.json["id"])

    def __getitem__(self, key: str) -> Any:
        return self.json[key]


def flat(params: Any, name: str = "") -> list[tuple[str, str]]:
    """Return nested parameters as the pairs that the SDKs send."""
    if isinstance(params, dict):
        return [pair for key, value in params.items() for pair in flat(value, f"{name}[{key}]" if name else str(key))]
    if isinstance(params, (list, tuple)):
        return [pair for place, value in enumerate(params) for pair in flat(value, f"{name}[{place}]")]
    if isinstance(params, bool):
        return [(name, "true" if params else "false")]
    return [(name, "" if params is None else str(params))]


def encoded(params: Any) -> str:
    """Return parameters in Stripe's form encoding."""
    return "&".join(f"{quote(key, safe='[]')}={quote(value, safe='')}" for key, value in flat(params or {}))


class Api:
    """Calls the API of one server as one key."""

    def __init__(self, client: TestClient[web.Request, web.Application], key: str = "sk_test_tests") -> None:
        self.client = client
        self.key = key
        app = client.server.app  # type: ignore[attr-defined]
        self.engine: Engine = app[ENGINE]
        self.background = app[BACKGROUND]
        self.check = True

    async def call(
        self,
        method: str,
        path: str,
        params: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send one call; GET and DELETE carry their parameters in the query."""
        sent = {"Authorization": f"Bearer {key or self.key}", **(headers or {})}
        url = path
        data = body
        if method in ("GET", "DELETE"):
            if params:
                url += "?" + encoded(params)
        elif data is None and path.startswith(("/v2/", "/_emulator")):
            data = orjson.dumps(params or {})
            sent.setdefault("Content-Type", "application/json")
        elif data is None:
            data = encoded(params)
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        from yarl import URL

        async with self.client.request(method, URL(url, encoded=True), data=data, headers=sent) as response:
            raw = await response.read()
        content = orjson.loads(raw) if raw[:1] in (b"{", b"[") else None
        answer = Answer(response.status, content, response.headers, raw.decode(errors="replace"))
        if self.check and path.startswith(("/v1/", "/v2/")) and "Stripe-Version" not in (headers or {}):
            conforms(self.engine.catalogue, method, path, answer.status, content)
        return answer

    async def get(self, path: str, params: Any = None, **more: Any) -> Answer:
        """GET."""
        return await self.call("GET", path, params, **more)

    async def post(self, path: str, params: Any = None, **more: Any) -> Answer:
        """POST."""
        return await self.call("POST", path, params, **more)

    async def delete(self, path: str, params: Any = None, **more: Any) -> Answer:
        """DELETE."""
        return await self.call("DELETE", path, params, **more)

    async def ok(self, method: str, path: str, params: Any = None, **more: Any) -> Any:
        """Send a call that must succeed and return its JSON."""
        answer = await self.call(method, path, params, **more)
        assert answer.status == 200, answer.text
        return answer.json

    async def may_debit(self, customer: str, method: Any) -> None:
        """Have a customer agree that their account (a payment method that is attached) is debited from now on."""
        await self.ok("POST", "/v1/setup_intents", {
            "customer": customer, "payment_method": method["id"], "payment_method_types": [method["type"]], "confirm": True,
            "mandate_data": {"customer_acceptance": {"type": "offline"}},
        })  # fmt: skip

    async def space(self) -> Space:
        """Return the world behind the key."""
        return await self.engine.space(self.key)

    async def advance(self, duration: int | str) -> None:
        """Freeze the world's clock and move it; everything due until then happens."""
        from emulator.kernel.durations import parse

        space = await self.space()
        if space.clock.mode != "frozen":
            space.clock.freeze()
        await self.background.advance(space, parse(duration).after(space.clock.now()))

    async def freeze(self, at: int) -> None:
        """Stop the world's clock at an instant."""
        (await self.space()).clock.freeze(at)

    async def happened(self) -> list[dict[str, Any]]:
        """Return the world's events, oldest first."""
        space = await self.space()
        return (await self.engine.store.dump(space.store_name)).get("event", [])

    async def events(self) -> list[str]:
        """Return the types of the world's events, oldest first."""
        return [event["type"] for event in await self.happened()]
