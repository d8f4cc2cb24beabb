"""Decides how a rule says which writes it means: tests of an object before and after, and what of them a status settles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.kernel.documents import Doc

    Test = Callable[[Doc | None, Doc | None], bool]


class Write(NamedTuple):
    """What can be told of a write at a glance; ``moved``: the status is not what it was."""

    how: str  # "new", "changed" or "gone"
    moved: bool
    status: str | None


# What such a glance makes of a test: its answer, or what is left to ask.
_GIVEN: dict[Test, Callable[[Write], bool | Test]] = {}


def settled(test: Test, write: Write) -> bool | Test:
    """Return a test's answer for all such writes, or the test that is left to ask."""
    given = _GIVEN.get(test)
    return test if given is None else given(write)


def created(before: Doc | None, after: Doc | None) -> bool:
    """Say whether the object is new."""
    return before is None and after is not None


def deleted(before: Doc | None, after: Doc | None) -> bool:
    """Say whether the object went away."""
    return before is not None and after is None


def updated(before: Doc | None, after: Doc | None) -> bool:
    """Say whether an object that was there has changed: writes that leave everything as it was are never asked about."""
    return before is not None and after is not None


_GIVEN[created] = lambda write: write.how == "new"
_GIVEN[deleted] = lambda write: write.how == "gone"
_GIVEN[updated] = lambda write: write.how == "changed"


def became(field: str, *values: Any) -> Test:
    """Return the test of a field taking one of the values, at creation too."""

    def test(before: Doc | None, after: Doc | None) -> bool:
        return after is not None and after.get(field) in values and (before is None or before.get(field) not in values)

    def given(write: Write) -> bool | Test:
        if write.how == "gone":
            return False
        if field != "status" or write.status is None:
            return test
        if write.status not in values or not write.moved:
            return False
        # One of several values may follow another of them, which is no news.
        return True if write.how == "new" or len(values) == 1 else test

    _GIVEN[test] = given
    return test


def changed_to(field: str, *values: Any) -> Test:
    """Return the test of a field taking one of the values on an object that was there."""
    return both(updated, became(field, *values))


def both(*tests: Test) -> Test:
    """Return the test that all of the tests pass."""

    def given(write: Write) -> bool | Test:
        left = _left(tests, write, decides=False)
        return False if left is None else not left or _every(left)

    test = _every(tests)
    _GIVEN[test] = given
    return test


def neither(*tests: Test) -> Test:
    """Return the test that none of the tests passes."""

    def given(write: Write) -> bool | Test:
        left = _left(tests, write, decides=True)
        return False if left is None else not left or _none(left)

    test = _none(tests)
    _GIVEN[test] = given
    return test


def same(field: str) -> Test:
    """Return the test that a field stayed what it was."""

    def test(before: Doc | None, after: Doc | None) -> bool:
        return before is not None and after is not None and before.get(field) == after.get(field)

    def given(write: Write) -> bool | Test:
        if write.how != "changed":
            return False
        return not write.moved if field == "status" else test

    _GIVEN[test] = given
    return test


def gained(field: str) -> Test:
    """Return the test that a field went from nothing to something."""
    return lambda before, after: after is not None and bool(after.get(field)) and not (before or {}).get(field)


def lost(field: str) -> Test:
    """Return the test that a field went from something to nothing."""
    return both(updated, lambda before, after: bool((before or {}).get(field)) and not (after or {}).get(field))


def grew(field: str) -> Test:
    """Return the test that a number became larger."""
    return lambda before, after: after is not None and (after.get(field) or 0) > ((before or {}).get(field) or 0)


def _left(tests: Sequence[Test], write: Write, *, decides: bool) -> list[Test] | None:
    """Return the tests that are left to ask, None where one of them is known to answer what ``decides``."""
    left: list[Test] = []
    for known in (settled(test, write) for test in tests):
        if known is decides:
            return None
        if not isinstance(known, bool):
            left.append(known)
    return left


def _every(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:  # the common case, without a loop: rules run for every write
        first, second = tests
        return lambda before, after: first(before, after) and second(before, after)
    return lambda before, after: all(test(before, after) for test in tests)


def _none(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        only = tests[0]
        return lambda before, after: not only(before, after)
    return lambda before, after: not any(test(before, after) for test in tests)
