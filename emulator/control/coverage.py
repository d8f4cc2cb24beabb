"""Decides how it is told what is emulated and what is not."""

from __future__ import annotations

from emulator.events import rules
from emulator.kernel.documents import Doc
from emulator.operations import table
from emulator.operations.engine import Engine


def coverage(engine: Engine) -> Doc:
    """Return operations by tier, and events by whether a rule can announce them."""
    return {"operations": table.coverage(engine.catalogue), "events": _events(engine)}


def _events(engine: Engine) -> Doc:
    known = engine.catalogue.events
    kinds = {*rules.RULES, *(kind for kinds in known.values() for kind in kinds.split("|"))}
    announced = {rule.type for kind in kinds for rule in rules.rules_of(kind, known)} | rules.NOTED
    missing = sorted(set(known) - announced)
    return {"total": len(known), "announced": len(known) - len(missing), "not_announced": missing}
