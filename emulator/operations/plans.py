"""Decides what is known of an operation before it is called, and how a call's parameters come to be the newest, checked ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator import API_VERSION
from emulator.operations import references, table
from emulator.payments.operations import REFUSED_PARAMETERS
from emulator.render import versions
from emulator.render.versions import legacy

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.resources.context import RequestInfo
    from emulator.spec.catalogue import Operation

RETIRED_SINCE = "2026-09-30.endive"  # docs.stripe.com/changelog/endive


class Call(NamedTuple):
    """One call of an operation of the API description, its parameters still as they came."""

    operation: Operation
    ids: dict[str, str]
    raw: dict[str, Any]
    request: RequestInfo
    version: str = API_VERSION
    path: str = ""
    versioned: bool = True  # whether the caller named the version


class Plan(NamedTuple):
    """What is known of an operation before it is called."""

    check: Callable[[Any], Doc]
    behaviour: table.Behaviour
    words: frozenset[str] | None  # parameters that callers of some versions may say otherwise; None: any of them
    makes_clock: bool
    holders: frozenset[str]  # the parameters that hold ids which nothing else looks up


def plan_of(engine: Engine, operation: Operation) -> Plan:
    """Look up what every call of an operation needs; kept with the engine."""
    id = operation.id
    plan = engine.plans[id] = Plan(
        check=engine.checkers.operation(operation.input),
        behaviour=table.resolve(operation),
        words=None if versions.speaks(id) else legacy.words(id) | REFUSED_PARAMETERS.get(id, {}).keys(),
        makes_clock=id == "PostTestHelpersTestClocks",
        holders=references.HOLDERS.get(id, frozenset()),
    )
    return plan


def parameters(call: Call, plan: Plan) -> Doc:
    """Return the parameters of a call in the newest words, checked."""
    if call.version == API_VERSION and plan.words is not None and plan.words.isdisjoint(call.raw):
        return plan.check(call.raw)
    operation = call.operation
    raw = call.raw
    _refuse_retired(call)
    if call.version != API_VERSION:
        raw = versions.upgrade(operation.id, raw, call.version)
    elif not call.versioned:
        raw = versions.understood(operation.id, raw)
    heard: legacy.Heard = []
    if operation.id in legacy.LEGACY:
        raw, heard = legacy.take(operation.id, raw, call.version if call.versioned else None)
    params = plan.check(raw)
    return legacy.put_back(params, heard) if heard else params


def _refuse_retired(call: Call) -> None:
    """Refuse parameters that are gone with words of their own; callers who name no version may still say them."""
    retired = REFUSED_PARAMETERS.get(call.operation.id)
    if retired and call.versioned and call.version >= RETIRED_SINCE:
        for name, refusal in retired.items():
            if name in call.raw:
                raise refusal()
