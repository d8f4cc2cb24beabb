"""Which versions are accepted, and whose shape a caller gets."""

from __future__ import annotations

import pytest

from emulator.render import versions


@pytest.mark.parametrize("version", ["2011-01-01", "2024-06-20", "2025-09-30.clover", "2026-10-28.endive"])
def test_released_versions_are_known(version: str) -> None:
    assert versions.known(version)


@pytest.mark.parametrize("version", ["", "latest", "2024-06-21", "2025-09-30", "2025-09-30.basil", "2026-10-28"])
def test_other_names_are_not(version: str) -> None:
    assert not versions.known(version)


def test_beta_flags_are_looked_past() -> None:
    assert versions.known("2023-10-16; risk_in_requirements_beta=v1")


@pytest.mark.parametrize(
    "version, shape",
    [
        ("2026-10-28.endive", "2026-10-28.endive"),
        ("2026-02-25.clover", "2026-02-25.clover"),
        ("2025-03-31.basil", "2025-03-31.basil"),
        ("2025-02-24.acacia", "2025-03-31.basil"),
        ("2013-02-13", "2025-03-31.basil"),
    ],
)
def test_the_nearest_shape(version: str, shape: str) -> None:
    assert versions.nearest(version) == shape
