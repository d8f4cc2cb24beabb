"""Decides which Event objects a unit of work leaves: one pass over its journal, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.events.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emulator.events.rules import Rule
    from emulator.kernel.documents import Doc
    from emulator.kernel.ids import IdSource
    from emulator.resources.context import RequestInfo
    from emulator.store.port import Change

MONEY = frozenset({"payment_intent", "charge", "refund"})  # their events' ids are of the family that moves money
_MISSING = object()


def difference(before: Doc, after: Doc) -> Doc:
    """Return previous_attributes: old values of changed keys; nested objects show changed members only, lists are whole.

    A key that is new shows null (recorded with metadata). Identical parts cost nothing: documents share what stayed the same.
    """
    result: Doc = {}
    for key in {**before, **after}:
        old, new = before.get(key, _MISSING), after.get(key, _MISSING)
        if old is new or old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list":
            result[key] = difference(old, new)
        else:
            result[key] = None if old is _MISSING else old
    return result


class Deriver(NamedTuple):
    """What is needed to turn changes into events; ``shown`` presents a stored object."""

    known: dict[str, str]
    rules: dict[str, tuple[Rule, ...]]
    version: str

    def rules_for(self, kind: str) -> tuple[Rule, ...]:
        """Return a kind's rules, worked out once."""
        found = self.rules.get(kind)
        if found is None:
            found = self.rules[kind] = rules_of(kind, self.known)
        return found

    async def events(
        self,
        journal: Sequence[Change],
        request: RequestInfo,
        ids: IdSource,
        now: int,
        livemode: bool,
        shown: Callable[[str, Doc], Awaitable[Doc]],
    ) -> list[Doc]:
        """Return the events of a journal in its order, each with the object as it was after its own write."""
        common = {"api_version": self.version, "created": now, "livemode": livemode}
        asked = {"id": request.id, "idempotency_key": request.idempotency_key}
        events: list[Doc] = []
        for change in journal:
            kind = change.kind
            if change.note:
                subject = change.after or {}
                kind = str(self.known.get(change.note) or subject.get("object")).split("|")[0]
                events.append(
                    _event(change.note, kind, {"object": await shown(kind, subject)}, common, asked, ids, now)
                )
                continue
            before, after = change.before, change.after
            if kind[0] == "_" or before is after:
                continue
            object: Doc | None = None  # the object as shown, worked out once for all events of a write
            for rule in self.rules_for(kind):
                if not rule.when(before, after):
                    continue
                if rule.type.startswith("plan."):
                    data = await _data(change, rule, await shown("plan", after or before or {}), "plan", shown)
                else:
                    if object is None:
                        object = await shown(kind, after or before or {})
                    data = await _data(change, rule, object, kind, shown)
                events.append(_event(rule.type, kind, data, common, asked, ids, now))
        return events


def _event(type: str, kind: str, data: Doc, common: Doc, asked: Doc, ids: IdSource, now: int) -> Doc:
    number = ids.id("evt", now)
    return {
        "id": "evt_3" + number[5:] if kind in MONEY else number,
        "object": "event",
        "api_version": common["api_version"],
        "created": now,
        "data": data,
        "livemode": common["livemode"],
        "pending_webhooks": 0,
        "request": asked,
        "type": type,
    }


async def _data(change: Change, rule: Rule, object: Doc, kind: str, shown: Callable[[str, Doc], Awaitable[Doc]]) -> Doc:
    """Return an event's data; a deleted product or coupon is shown as what it no longer is (recorded)."""
    if change.after is None:
        if kind == "product":
            return {"object": {**object, "active": False}}
        return {"object": {**object, "valid": False}} if kind == "coupon" else {"object": object}
    if rule.previous and change.before is not None:
        return {"object": object, "previous_attributes": difference(await shown(kind, change.before), object)}
    return {"object": object}
