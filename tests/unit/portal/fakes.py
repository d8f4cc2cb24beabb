"""A context made of dictionaries, documents as far as the portal looks at them, and a recorder in billing's place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from emulator.kernel.documents import Doc, changed
from emulator.kernel.errors import resource_missing
from emulator.operations.space import default_settings
from emulator.resources.nouns import noun, path_param

NOW = 1_800_000_000


class FakeContext:
    """Objects by kind and id, newest last; counts ids; writes down the order of puts."""

    def __init__(self) -> None:
        self.now = NOW
        self.clocked = False
        self.account = "acct_1TestAccount0000"
        self.linked = self.account
        self.platform = None
        self.livemode = False
        self.settings: dict[str, Any] = default_settings()
        self.version = "2026-10-28.endive"
        self.base_url = "http://localhost:12111"
        self.catalogue = SimpleNamespace(schemas={})
        self.rows: dict[str, dict[str, Doc]] = {}
        self.puts: list[tuple[str, Doc]] = []
        self.ids = 0

    @property
    def server_now(self) -> int:
        return self.now

    async def introduced(self) -> None:
        return None

    async def find(self, kind: str, id: str) -> Doc | None:
        return self.rows.get(kind, {}).get(id)

    async def need(self, kind: str, id: str, param: str, *, status: int = 400) -> Doc:
        doc = await self.find(kind, id)
        if doc is None:
            raise resource_missing(noun(kind), id, param=param, status=status)
        return doc

    async def at_path(self, kind: str, id: str, param: str | None = None) -> Doc:
        return await self.need(kind, id, param or path_param(kind), status=404)

    async def select(self, kind: str, limit: int | None = None, **where: Any) -> list[Doc]:
        rows = reversed(list(self.rows.get(kind, {}).values()))
        found = [doc for doc in rows if all(doc.get(name) == value for name, value in where.items())]
        return found if limit is None else found[:limit]

    async def page(self, kind: str, query: Any) -> tuple[list[Doc], bool]:
        rows = [doc for doc in await self.select(kind, **query.where) if query.keep is None or query.keep(doc)]
        return rows[: query.limit], len(rows) > query.limit

    def new_id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}_{self.ids}"

    def token(self, length: int, alphabet: str = "") -> str:
        self.ids += 1
        return f"{self.ids:0{length}d}"

    def put(self, kind: str, doc: Doc) -> Doc:
        self.puts.append((kind, doc))
        self.rows.setdefault(kind, {})[doc["id"]] = doc
        return doc

    def blank(self, kind: str) -> Doc:
        return {}

    def get(self, kind: str, id: str) -> Doc:
        return self.rows[kind][id]


def price(id: str, *, product: str = "prod_1", interval: str = "month", **more: Any) -> Doc:
    """Return a price as stored, as far as the portal looks at it."""
    return {
        "active": True,
        "billing_scheme": "per_unit",
        "currency": "usd",
        "id": id,
        "product": product,
        "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"},
        "tax_behavior": "exclusive",
        **more,
    }


def subscription(id: str = "sub_1", *prices: str, customer: str = "cus_1", **more: Any) -> Doc:
    """Return a subscription as stored, as far as the portal looks at it."""
    items = [{"id": f"si_{n}", "price": name, "quantity": 1} for n, name in enumerate(prices or ("price_month",))]
    return {
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically",
        "currency": "usd",
        "customer": customer,
        "default_payment_method": None,
        "id": id,
        "items": {"data": items, "has_more": False, "object": "list"},
        "object": "subscription",
        "on_behalf_of": None,
        "schedule": None,
        "status": "active",
        **more,
    }


class Billing:
    """What the portal asked billing to do."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def cancel_now(self, ctx: Any, doc: Doc, **how: Any) -> Doc:
        self.calls.append(("cancel_now", how))
        return self._put(ctx, changed(doc, status="canceled", canceled_at=ctx.now))

    async def cancel_at_period_end(self, ctx: Any, doc: Doc, **how: Any) -> Doc:
        self.calls.append(("cancel_at_period_end", how))
        return self._put(
            ctx, changed(doc, cancel_at=ctx.now + 1000, cancel_at_period_end=doc["billing_mode"]["type"] == "classic")
        )

    async def undo_cancel(self, ctx: Any, doc: Doc) -> Doc:
        self.calls.append(("undo_cancel", {}))
        return self._put(ctx, changed(doc, cancel_at=None, cancel_at_period_end=False))

    @staticmethod
    def _put(ctx: Any, doc: Doc) -> Doc:
        stored: Doc = ctx.put("subscription", doc)
        return stored
