"""Decides which calls of test clocks are answered here; deleting one takes its customers along and is composed above."""

from __future__ import annotations

OPERATIONS = {
    "PostTestHelpersTestClocks": "test_clocks.create",
    "PostTestHelpersTestClocksTestClockAdvance": "test_clocks.advance",
}
