"""What a world file may hold beside its tables."""

from __future__ import annotations

import pytest

from emulator.store import worlds

ADA = {"customer": {"1": {"id": "cus_ada", "object": "customer"}}}


def test_a_file_may_name_its_schema_for_editors() -> None:
    loaded = worlds.parse({"$schema": "fixtures/world.schema.json", **ADA}, 1_790_000_000)
    assert list(loaded.objects) == ["customer"]
    with pytest.raises(worlds.WorldError, match=r"\$schema: 7 is not of type 'string'"):
        worlds.parse({"$schema": 7, **ADA}, 1_790_000_000)
