"""Decides, once per version, what has to be done to the objects and requests of its callers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from emulator.kernel.documents import Doc, at, changed
from emulator.render.versions import basil, clover, dahlia, endive
from emulator.render.versions.change import EVERY_OPERATION, Change
from emulator.render.versions.fields import later_fields, stripped
from emulator.render.versions.releases import NEWEST, nearest, plain, rank

Step = Callable[[Doc], Doc]

# Oldest first: the way a request takes. Objects go the other way.
CHANGES: tuple[Change, ...] = tuple(
    sorted((*basil.CHANGES, *clover.CHANGES, *dahlia.CHANGES, *endive.CHANGES), key=lambda change: rank(change.since))
)
# What callers name themselves: keys such as "object" in it mean nothing.
_FREE = "metadata"


class Plan:
    """Everything between the newest shape and one older version."""

    def __init__(self, version: str) -> None:
        self.changes = tuple(change for change in CHANGES if rank(change.since) > rank(version))
        self.steps = self._prepared(nearest(version))
        self.embeds: Mapping[str, tuple[str, ...]] = self._embedded()

    def _prepared(self, version: str) -> dict[str, tuple[Step, ...]]:
        steps: dict[str, tuple[Step, ...]] = {}
        for change in reversed(self.changes):
            for kind in change.kinds:
                steps[kind] = (*steps.get(kind, ()), change.down)
        for kind, fields in later_fields(version).items():
            steps[kind] = (*steps.get(kind, ()), partial(stripped, fields=fields))
        return steps

    def _embedded(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for change in self.changes:
            for kind, paths in change.embeds.items():
                found[kind] = (*found.get(kind, ()), *paths)
        return found

    def down(self, kind: str, doc: Doc) -> Doc:
        """Return an object and all objects in it in the older shape; what needs no change is shared."""
        doc = self._inside(doc)
        if kind == "event":
            doc = self._previous(doc)
        return self._stepped(kind, doc)

    def _inside(self, node: Doc) -> Doc:
        result = node
        for key, value in node.items():
            after = value
            if value.__class__ is dict:
                if key != _FREE:
                    after = self._part(value)
            elif value.__class__ is list:
                after = self._each(value)
            if after is not value:
                result = dict(node) if result is node else result
                result[key] = after
        return result

    def _part(self, node: Doc) -> Doc:
        kind = node.get("object")
        return self.down(kind, node) if isinstance(kind, str) else self._inside(node)

    def _each(self, nodes: list[Any]) -> list[Any]:
        after = [
            self._part(node) if node.__class__ is dict else self._each(node) if node.__class__ is list else node
            for node in nodes
        ]
        return after if any(new is not old for new, old in zip(after, nodes, strict=True)) else nodes

    def _previous(self, event: Doc) -> Doc:
        kind, before = at(event, "data.object.object"), at(event, "data.previous_attributes")
        if not isinstance(kind, str) or not isinstance(before, dict):
            return event
        after = self._stepped(kind, before)
        return event if after is before else changed(event, data=changed(event["data"], previous_attributes=after))

    def _stepped(self, kind: str, doc: Doc) -> Doc:
        for step in self.steps.get(kind, ()):
            doc = step(doc)
        return doc

    def up(self, operation_id: str, params: Doc) -> Doc:
        """Return raw request parameters in the words of the newest version."""
        for change in self.changes:
            if operation_id in change.operations or EVERY_OPERATION in change.operations:
                params = change.up(operation_id, params)
        return params

    def old_name(self, operation_id: str, name: str) -> str:
        """Return what this version's callers call a parameter, for the ``param`` of an error."""
        for change in reversed(self.changes):
            if operation_id in change.operations:
                for new, old in change.names.items():
                    if name == new or name.startswith(f"{new}["):
                        name = old + name[len(new) :]
                        break
        return name


# Changes of wording only: what a caller who names no version may still say (a choice: such callers are people at a shell
# and tools older than the account, and no older word means something else today).
WORDS = (
    clover.PromotionHash,
    dahlia.CheckoutModeNames,
    endive.AllowedPaymentMethodTypes,
    endive.BillingCycleAnchorHash,
)
_WORDS = tuple(change for change in CHANGES if isinstance(change, WORDS))
_SPOKEN = frozenset(operation for change in _WORDS for operation in change.operations)


def speaks(operation_id: str) -> bool:
    """Say whether an operation understands older words of callers who name no version."""
    return operation_id in _SPOKEN


def understood(operation_id: str, params: Doc) -> Doc:
    """Return raw request parameters of a caller who names no version: older words become the newest ones."""
    if operation_id in _SPOKEN:
        for change in _WORDS:
            if operation_id in change.operations:
                params = change.up(operation_id, params)
    return params


def plan_of(version: str) -> Plan | None:
    """Return the plan of a version, or None where there is nothing to do."""
    if version == NEWEST:
        return None
    version = plain(version)
    return None if rank(version) == rank(NEWEST) else _plan(version)


@cache
def _plan(version: str) -> Plan:
    return Plan(version)
