"""Decides which Event objects a unit of work leaves: one pass over its journal, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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
        events: list[Doc] = []
        for change in journal:
            if change.note:
                subject = change.after or {}
                kind = str(self.known.get(change.note) or subject.get("object")).split("|")[0]
                data: Doc = {"object": await shown(kind, subject)}
                events.append(self._event(change.note, kind, data, request, ids, now, livemode))
                continue
            if change.kind[0] == "_" or change.before is change.after:
                continue
            for rule in self.rules_for(change.kind):
                if rule.when(change.before, change.after):
                    data = await _data(change, rule, shown)
                    events.append(self._event(rule.type, change.kind, data, request, ids, now, livemode))
        return events

    def _event(
        self, type: str, kind: str, data: Doc, request: RequestInfo, ids: IdSource, now: int, livemode: bool
    ) -> Doc:
        number = ids.id("evt", now)
        return {
            "id": "evt_3" + number[5:] if kind in MONEY else number,
            "object": "event",
            "api_version": self.version,
            "created": now,
            "data": data,
            "livemode": livemode,
            "pending_webhooks": 0,
            "request": {"id": request.id, "idempotency_key": request.idempotency_key},
            "type": type,
        }


async def _data(change: Change, rule: Rule, shown: Callable[[str, Doc], Awaitable[Doc]]) -> Doc:
    subject = change.after if change.after is not None else change.before
    # The legacy mirror: a recurring price is announced as a plan too.
    kind = "plan" if rule.type.startswith("plan.") else change.kind
    data: Doc = {"object": await shown(kind, subject or {})}
    if rule.previous and change.before is not None and change.after is not None:
        previous: Any = difference(await shown(kind, change.before), data["object"])
        data["previous_attributes"] = previous
    elif change.after is None and "active" in data["object"] and change.kind == "product":
        data["object"] = {**data["object"], "active": False}
    elif change.after is None and change.kind == "coupon":
        data["object"] = {**data["object"], "valid": False}
    return data
