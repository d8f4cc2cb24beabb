"""Decides how the newest shape of Stripe's objects and requests is translated for callers of older API versions.

Shapes are answered exactly from 2025-09-30.clover on, and in 2025-03-31.basil as far as an object tells by itself;
callers from before get the shape of basil (`nearest`) with the fields and parameters added that they use most.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.kernel.documents import Doc
from emulator.render.versions.plan import plan_of, speaks, understood
from emulator.render.versions.releases import NEWEST, OLDEST_SHAPE, RELEASED, known, nearest

__all__ = [
    "NEWEST",
    "OLDEST_SHAPE",
    "RELEASED",
    "downgrade",
    "embedded",
    "known",
    "nearest",
    "parameter_name",
    "speaks",
    "understood",
    "upgrade",
]


def downgrade(kind: str, doc: Doc, version: str) -> Doc:
    """Return an object of the newest shape as callers of ``version`` know it, with every object inside it.

    Pure: the input stays as it is, unchanged parts are shared, and for the newest version it is returned itself.
    Lists, search results and events (``data.object`` and ``data.previous_attributes``) are understood.
    """
    plan = plan_of(version)
    return doc if plan is None else plan.down(kind, doc)


def upgrade(operation_id: str, params: Doc, version: str) -> Doc:
    """Return raw decoded request parameters of a caller of ``version`` in the words of the newest version.

    To be called before validation. Parameters that came later than ``version`` are let through.
    """
    plan = plan_of(version)
    return params if plan is None else plan.up(operation_id, params)


def parameter_name(operation_id: str, name: str, version: str) -> str:
    """Return what callers of ``version`` call a parameter: the ``param`` of an error, given in the newest words."""
    plan = plan_of(version)
    return name if plan is None else plan.old_name(operation_id, name)


def embedded(version: str) -> Mapping[str, tuple[str, ...]]:
    """Return kind -> references that ``version`` always carried as whole objects: to be expanded before `downgrade`."""
    plan = plan_of(version)
    return {} if plan is None else plan.embeds
