"""The portal's lines of the table of what can be called."""

from __future__ import annotations

import inspect

from emulator.portal.operations import OPERATIONS
from tests.support import rooms


def test_every_line_is_a_behaviour() -> None:
    for name, function in rooms.operations("portal").items():
        assert inspect.iscoroutinefunction(function), name
        assert list(inspect.signature(function).parameters) == ["ctx", "ids", "params"], name


def test_the_pages_operations_are_there() -> None:
    own = {name for name in OPERATIONS if name.startswith("portal:")}
    acts = ("home", "subscription", "cancel", "cancellation_reason", "renew", "accept_offer", "pause", "resume")
    assert own >= {f"portal:{act}" for act in (*acts, "flow", "complete_flow")}
