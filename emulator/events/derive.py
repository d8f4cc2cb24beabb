"""Decides which Event objects a unit of work leaves: one pass over its journal, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.events.rules import Rules, rules_of
from emulator.kernel.documents import Doc
from emulator.render.present import flat, present

if TYPE_CHECKING:
    from emulator.events.rules import Asked
    from emulator.kernel.ids import IdSource
    from emulator.resources.context import Context
    from emulator.store.port import Change

Fact = tuple[str, str, Doc]  # type, kind of the object, data
MONEY = frozenset({"payment_intent", "charge", "refund"})  # their events' ids are of the family that moves money
_MISSING = object()


def difference(before: Doc, after: Doc) -> Doc:
    """Return previous_attributes: old values of changed keys; nested objects show changed members only, lists are whole.

    A key that is new shows null (recorded with metadata). Identical parts cost nothing: documents share what stayed the same.
    """
    result: Doc = {}
    keys = before.keys()
    for key in keys if keys == after.keys() else {**before, **after}:
        old, new = before.get(key, _MISSING), after.get(key, _MISSING)
        if old is new or old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            result[key] = difference(old, new)
        else:
            result[key] = None if old is _MISSING else old
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
        rules = Rules(rules_of(name, self.known))
        found = self.kinds[name] = Kind(rules, flat(name, ctx.catalogue.includable))
        return found

    async def events(self, ctx: Context, ids: IdSource) -> list[Doc]:
        """Return the events of a unit of work in its journal's order, each with the object as it was after its own write."""
        facts: list[Fact] = []
        kinds = self.kinds
        for change in ctx.journal.copy():
            kind, _, before, after, note = change
            if note:
                subject = after or {}
                kind = str(self.known.get(note) or subject.get("object")).split("|")[0]
                facts.append((note, kind, {"object": await present(ctx, kind, subject)}))
            elif kind[0] != "_" and before is not after:
                own = kinds.get(kind) or self.kind(ctx, kind)
                rules = own.rules.asked(before, after)
                if before is None and own.flat:
                    data = {"object": after}
                    facts += [(type, kind, data) for type, when, _ in rules if when is None or when(None, after)]
                elif rules:
                    await _written(ctx, change, rules, facts, flat=own.flat)
        asked = {"id": ctx.request.id, "idempotency_key": ctx.request.idempotency_key}
        now, livemode, version = ctx.server_now, ctx.livemode, self.version
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


async def _written(ctx: Context, change: Change, rules: tuple[Asked, ...], facts: list[Fact], *, flat: bool) -> None:
    """Add what a write is announced as; ``flat`` objects are shown as they are stored."""
    kind, _, before, after, _ = change
    subject = after or before or {}
    object: Doc | None = subject if flat else None  # as shown, worked out once for all events of a write
    for rule in rules:
        if rule.when is not None and not rule.when(before, after):
            continue
        if kind == "price" and rule.type.startswith("plan."):
            facts.append((rule.type, kind, await _data(ctx, change, rule, await present(ctx, "plan", subject), "plan")))
            continue
        if object is None:
            object = await present(ctx, kind, subject)
        data = {"object": object} if before is None else await _data(ctx, change, rule, object, kind)
        facts.append((rule.type, kind, data))


async def _data(ctx: Context, change: Change, rule: Asked, object: Doc, kind: str) -> Doc:
    """Return an event's data; a deleted product or coupon is shown as what it no longer is (recorded)."""
    if change.after is None:
        if kind == "product":
            return {"object": {**object, "active": False}}
        return {"object": {**object, "valid": False}} if kind == "coupon" else {"object": object}
    if rule.previous and change.before is not None:
        return {"object": object, "previous_attributes": difference(await present(ctx, kind, change.before), object)}
    return {"object": object}
