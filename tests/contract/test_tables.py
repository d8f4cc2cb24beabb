"""Every line of the operation and wake-up tables names a function that there is, and the right kind of one."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import pytest

from emulator.billing import operations as billing
from emulator.checkout import operations as checkout
from emulator.kernel.named import named
from emulator.operations import table, wakeups


def waits(function: Any) -> bool:
    """Say whether a function is to be awaited."""
    return inspect.iscoroutinefunction(function.func if isinstance(function, partial) else function)


@pytest.mark.parametrize("id", table.places())
def test_an_operation_has_its_function(id: str) -> None:
    function = table.behaviour(id)
    assert waits(function)
    assert len(inspect.signature(function).parameters) >= 3


@pytest.mark.parametrize("kind", wakeups.places())
def test_a_kind_that_wakes_has_its_functions(kind: str) -> None:
    room, when, _ = wakeups.places()[kind]
    assert waits(wakeups.act(kind))
    assert not waits(named(room, when))


@pytest.mark.parametrize(("room", "after"), [("billing", billing), ("checkout", checkout)])
def test_what_follows_has_its_function(room: str, after: Any) -> None:
    for id, name in after.AFTER.items():
        assert id in table.places(), id
        assert waits(named(room, name)), name
    assert waits(named(room, after.AFTER_DEBIT))
