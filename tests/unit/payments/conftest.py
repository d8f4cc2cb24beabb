"""A tiny world for the functions of payments: a real Context over dictionaries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulator.kernel.ids import IdSource
from emulator.resources.context import Context, RequestInfo, Services, World
from emulator.spec.blanks import Blanks
from emulator.spec.catalogue import catalogue

NOW = 1_785_715_369  # 2 August 2026


class Uow:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.journal: list[Any] = []
        self.puts: list[tuple[str, str]] = []

    async def get(self, kind: str, id: str) -> Any:
        return self.rows.get(kind, {}).get(id)

    def put(self, kind: str, doc: dict[str, Any], *, due: int | None = None) -> None:
        self.rows.setdefault(kind, {})[doc["id"]] = doc
        self.puts.append((kind, doc.get("status", "")))

    def remove(self, kind: str, id: str) -> None:
        del self.rows[kind][id]

    def bound(self, kind: str, where: Any) -> int:
        del where
        return len(self.rows.get(kind, {}))

    async def page(self, kind: str, query: Any) -> Any:
        where = query.where
        found = [d for d in self.rows.get(kind, {}).values() if all(d.get(k) == v for k, v in where.items())]
        return SimpleNamespace(docs=found[::-1][: query.limit], more=False)


@pytest.fixture
def uow() -> Uow:
    return Uow()


@pytest.fixture
def ctx(uow: Uow) -> Context:
    services = Services(catalogue(), Blanks(catalogue()), lambda _kind, _doc: None)
    account = "acct_1FiqEsKuuB1fWySn"
    world = World(account, False, {}, IdSource(account, "seed"), "http://127.0.0.1:12111")
    return Context(services, world, uow, NOW, RequestInfo("req_1", None, "api"), "2026-10-28.endive")  # type: ignore[arg-type]


@pytest.fixture
def customer(ctx: Context) -> dict[str, Any]:
    doc = {
        "id": "cus_1", "object": "customer", "default_source": None, "invoice_settings": {"default_payment_method": None},
    }  # fmt: skip
    return ctx.put("customer", doc)
