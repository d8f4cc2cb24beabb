"""Builds world files with the emulator's own behaviour at chosen instants, and tells their times from now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from emulator import API_VERSION
from emulator.billing import amounts, line_texts, shapes
from emulator.billing.shapes import Period
from emulator.kernel import durations
from emulator.kernel.documents import Doc, changed
from emulator.kernel.durations import is_time
from emulator.kernel.ids import MONEY_FAMILY, IdSource
from emulator.resources.context import Context, RequestInfo, Services, World
from emulator.spec.blanks import Blanks
from emulator.spec.catalogue import catalogue
from emulator.store.memory import MemoryStore
from emulator.store.worlds import META, OPAQUE

# The middle of a month: a month back or forth from here never meets a day that the month lacks.
NOW = 1_781_524_800  # 2026-06-15 12:00:00 UTC
SPACE = "world"
# Filled in when the world is loaded: each key has an account of its own, and each server an address.
ACCOUNT = "{account}"
BASE_URL = "{base_url}"
UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def never(_kind: str, _doc: Doc) -> None:
    """Let nothing happen by itself while a story is told."""


class NamedIds(IdSource):
    """Ids that a reader can follow: in_jenny_1, in_jenny_2 ... for the customer whose story is being told."""

    def __init__(self, seed: str) -> None:
        super().__init__("acct_0000000000000000", seed)
        self._counts: dict[str, int] = {}
        self.label = ""
        self.wanted: dict[str, str] = {}

    def id(self, prefix: str, now: int) -> str:  # noqa: ARG002 - the time is in real ids only
        """Return the id that was wished for, else prefix, story and a running number."""
        if prefix in self.wanted:
            return self.wanted.pop(prefix)
        name = f"{prefix}_{self.label}" if self.label else prefix
        self._counts[name] = self._counts.get(name, 0) + 1
        # The ids of one payment share all but their last seven characters.
        return f"{name}_{self._counts[name]:0{7 if prefix in MONEY_FAMILY else 1}d}"


class Workshop:
    """A world in the making."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.settings = dict(settings)
        self.ids = NamedIds(name)
        self.instants: dict[int, str] = {NOW: "now"}
        self._store = MemoryStore()
        self._services = Services(catalogue(), Blanks(catalogue()), never)

    async def open(self) -> None:
        """Make the empty space."""
        await self._store.create(SPACE, {}, never)

    @asynccontextmanager
    async def at(self, when: str) -> AsyncIterator[Context]:
        """Give a context at an instant told from now, such as "-40d"; what it wrote is kept."""
        instant = durations.resolve(when, NOW)
        self.instants.setdefault(instant, when)
        world = World(ACCOUNT, False, self.settings, self.ids, BASE_URL)
        async with self._store.begin(SPACE) as uow:
            request = RequestInfo(None, None, "control")
            yield Context(self._services, world, uow, instant, request, API_VERSION)
            await uow.commit()

    async def call(self, when: str, operation: str, params: Doc, **path: str) -> Doc:
        """Carry out an operation of the API at an instant."""
        from emulator.operations.table import behaviour

        async with self.at(when) as ctx:
            return cast("Doc", await behaviour(operation)(ctx, path, params))

    async def document(self, note: str) -> Doc:
        """Return the world document with its times told from now."""
        tables = await self._store.dump(SPACE)
        meta = {"format": 1, "name": self.name, "note": note, "api_version": API_VERSION, "settings": self.settings}
        kinds = sorted(tables, key=lambda kind: (ORDER.index(kind) if kind in ORDER else len(ORDER), kind))
        document: Doc = {META: {"1": meta}}
        for kind in kinds:
            document[kind] = {str(place): self.told(titled(doc)) for place, doc in enumerate(tables[kind], 1)}
        return document

    def told(self, value: Any, name: str = "") -> Any:
        """Return a document with its unix times replaced by what they are from now."""
        if isinstance(value, dict):
            return {key: part if key in OPAQUE else self.told(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self.told(part) for part in value]
        if is_time(name) and isinstance(value, int) and not isinstance(value, bool) and value > 10**9:
            told = self.from_now(value)
            # The word "now" is a choice of Stripe's in fields such as billing_cycle_anchor.
            return "+0s" if told == "now" and name.endswith("_anchor") else told
        return value

    def from_now(self, instant: int) -> str:
        """Return an instant as a known one plus or minus whole units, the nearest known one first."""
        if instant in self.instants:
            return self.instants[instant]
        nearest = min(self.instants, key=lambda known: (abs(known - instant), known))
        left = abs(instant - nearest)
        parts = ""
        for seconds, unit in UNITS:
            count, left = divmod(left, seconds)
            parts += f"{count}{unit}" if count else ""
        told = self.instants[nearest]
        sign = "+" if instant > nearest else "-"
        return f"{'' if told == 'now' else told}{sign}{parts}"


ORDER = [
    "account", "billing_portal.configuration", "product", "price", "coupon", "promotion_code", "customer",
    "payment_method", "subscription", "invoice", "invoice_payment", "payment_intent", "charge", "balance_transaction",
]  # fmt: skip


def titled(doc: Doc) -> Doc:
    """Return a document that begins with what it is; the links to its pages carry its id instead of random text."""
    told = {key: doc[key] for key in ("id", "object") if key in doc} | doc
    if doc.get("hosted_invoice_url"):
        told["hosted_invoice_url"] = f"{BASE_URL}/i/{ACCOUNT}/test_{doc['id']}?s=ap"
        told["invoice_pdf"] = f"{BASE_URL}/invoice/{ACCOUNT}/test_{doc['id']}/pdf?s=ap"
    return told


async def renew(shop: Workshop, subscription_id: str, start: str, end: str, *, pays: bool = True) -> Doc:
    """Let a monthly subscription pass into the period [start, end): draft at its start, charged an hour later."""
    from emulator.billing import settlement

    async with shop.at(end) as ctx:
        until = ctx.now
    async with shop.at(start) as ctx:
        subscription = await ctx.need("subscription", subscription_id, "subscription")
        customer = await ctx.need("customer", subscription["customer"], "customer")
        item = subscription["items"]["data"][0]
        price = await ctx.need("price", item["price"], "price")
        product = await ctx.need("product", price["product"], "product")
        invoice_id = ctx.new_id("invoice")
        over = Period(item["current_period_start"], item["current_period_end"])
        parent = shapes.of_item(subscription_id, item["id"])
        line = shapes.line(
            ctx, invoice_id, price["unit_amount"] * item["quantity"], price["currency"],
            line_texts.licensed(product, price, item["quantity"]), Period(ctx.now, until), price=price,
            quantity=item["quantity"], parent=parent, unit_amount=price["unit_amount_decimal"],
        )  # fmt: skip
        sums = amounts.plain([line])
        draft = shapes.invoice(
            ctx, invoice_id, customer, price["currency"], sums.lines, over, "subscription_cycle", sums.fields,
            subscription_id=subscription_id, subscription_metadata=subscription["metadata"],
        )  # fmt: skip
        ctx.put("invoice", draft)
        moved = changed(item, current_period_start=ctx.now, current_period_end=until)
        items = changed(subscription["items"], data=[moved])
        ctx.put("subscription", changed(subscription, items=items, latest_invoice=invoice_id))
    async with shop.at(f"{start}+1h") as ctx:
        return await settlement.finalize(ctx, draft, collecting=pays)
