"""Decides what is given to say how an amount comes about."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.bills import Sum


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of what a change costs: ``detail`` is a quantity or a time."""

    name: str
    detail: str
    amount: str


@dataclass(frozen=True, slots=True)
class Costs:
    """How an amount comes about."""

    heading: str
    lines: tuple[CostLine, ...]
    sums: tuple[Sum, ...]
