"""Decides which Event objects a unit of work leaves: one pass over its journal, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.events.rules import Rules, rules_of
from emulator.kernel.documents import Doc
from emulator.render.present import flat, present
from emulator.store.port import Change

if TYPE_CHECKING:
    from emulator.events.rules import Asked
    from emulator.kernel.ids import IdSource
    from emulator.resources.context import Context

Fact = tuple[str, str, Doc]  # type, kind of the object, data
Told = Change | list[Fact]
MONEY = frozenset({"payment_intent", "charge", "refund"})  # their events' ids are of the family that moves money
_MISSING = object()


def difference(before: Doc, after: Doc) -> Doc:
    """Return previous_attributes: old values of changed keys; nested objects show changed members only, lists are whole.

    A key that is new shows null (recorded with metadata). Identical parts cost nothing: documents share what stayed the same.
    """
    result: Doc = {}
    gone = 0
    for key, old in before.items():
        new = after.get(key, _MISSING)
        if old is new:
            continue
        if new is _MISSING:
            gone += 1
        elif old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            result[key] = difference(old, new)
        else:
            result[key] = old
    if len(after) > len(before) - gone:
        result |= {key: None for key in after if key not in before}
    return result


class Kind(NamedTuple):
    """What is known of a kind's announcements: its rules, and whether its objects are shown just as they are stored."""

    rules: Rules
    flat: bool


class Deriver(NamedTuple):
    """What is needed to turn changes into events."""

    known: dict[str, str]
    kinds: dict[str, Kind]
    version: str

    def kind(self, ctx: Context, name: str) -> Kind:
        """Work out what is known of a kind, and keep it."""
        rules = Rules(() if name[0] == "_" else rules_of(name, self.known))
        found = self.kinds[name] = Kind(rules, flat(name, ctx.catalogue.includable))
        return found

    async def told(self, ctx: Context) -> list[Told]:
        """Return what the events of a unit of work are made of, in its journal's order: nothing of it changes any more.

        A change of what is shown as it is stored says everything by itself. What is shown with parts that are stored
        elsewhere is looked at now, as it was after its own write.
        """
        told: list[Told] = []
        kinds = self.kinds
        for change in ctx.journal:
            name, _, before, after, note = change
            if note:
                told.append([await self._noted(ctx, note, after or {})])
                continue
            kind = kinds.get(name) or self.kind(ctx, name)
            if before is after or not kind.rules.rules:
                continue
            if kind.flat:
                told.append(change)
            elif facts := await self._composed(ctx, change, kind.rules):
                told.append(facts)
        return told

    def events(self, untold: Untold) -> list[Doc]:
        """Return the events of a unit of work, each with the object as it was after its own write."""
        facts: list[Fact] = []
        for one in untold.told:
            if isinstance(one, list):
                facts += one
                continue
            kind, _, before, after, _ = one
            rules = self.kinds[kind].rules.asked(before, after)
            if before is None:
                data = {"object": after}
                facts += [(type, kind, data) for type, when, _ in rules if when is None or when(None, after)]
            else:
                subject = after or before
                facts += [
                    (rule.type, kind, _data(one, rule, subject, before))
                    for rule in rules
                    if rule.when is None or rule.when(before, after)
                ]
        now, livemode, ids, version = untold.now, untold.livemode, untold.ids, self.version
        asked = {"id": untold.request.id, "idempotency_key": untold.request.idempotency_key}
        return [
            {
                "id": "evt_3" + ids.id("evt", now)[5:] if kind in MONEY else ids.id("evt", now),
                "object": "event",
                "api_version": version,
                "created": now,
                "data": data,
                "livemode": livemode,
                "pending_webhooks": 0,
                "request": asked,
                "type": type,
            }
            for type, kind, data in facts
        ]

    async def _noted(self, ctx: Context, note: str, subject: Doc) -> Fact:
        kind = str(self.known.get(note) or subject.get("object")).split("|")[0]
        return note, kind, {"object": await present(ctx, kind, subject)}

    async def _composed(self, ctx: Context, change: Change, rules: Rules) -> list[Fact]:
        """Return what a write is announced as whose object is not shown just as it is stored."""
        kind, _, before, after, _ = change
        subject = after or before or {}
        facts: list[Fact] = []
        for rule in rules.asked(before, after):
            if rule.when is not None and not rule.when(before, after):
                continue
            shown = "plan" if kind == "price" and rule.type.startswith("plan.") else kind
            was = await present(ctx, shown, before) if rule.previous and before is not None else None
            facts.append((rule.type, kind, _data(change, rule, await present(ctx, shown, subject), was)))
        return facts


class Untold:
    """Events that are not made yet: what they are made of, and what all of a unit of work have in common."""

    __slots__ = ("deriver", "ids", "livemode", "now", "request", "told")

    def __init__(self, deriver: Deriver, told: list[Told], ids: IdSource, ctx: Context) -> None:
        self.deriver = deriver
        self.told = told
        self.ids = ids
        self.now = ctx.server_now  # also for objects on test clocks
        self.livemode = ctx.livemode
        self.request = ctx.request

    def __call__(self) -> list[Doc]:
        """Make them."""
        return self.deriver.events(self)


def _data(change: Change, rule: Asked, object: Doc, was: Doc | None) -> Doc:
    """Return an event's data; a deleted product or coupon is shown as what it no longer is (recorded)."""
    if change.after is None:
        if change.kind == "product":
            return {"object": {**object, "active": False}}
        return {"object": {**object, "valid": False}} if change.kind == "coupon" else {"object": object}
    if rule.previous and was is not None:
        return {"object": object, "previous_attributes": difference(was, object)}
    return {"object": object}
