"""Fixtures of the tests below the door."""

from __future__ import annotations

import pytest

from tests.unit.catalog.desk import Desk


@pytest.fixture
async def desk() -> Desk:
    """A fresh world."""
    return await Desk().open()
