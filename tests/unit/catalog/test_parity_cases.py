"""The parity cases of this package and of the customers, run without the door above."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import StripeError
from tests.unit.catalog.desk import Desk, differences, filled

CASES = Path(__file__).parents[2] / "parity" / "cases"
FILES = sorted([*(CASES / "catalog").glob("*.json"), *(CASES / "customers").glob("*.json")])


CASE_TEXTS = {f"{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8") for path in FILES}


@pytest.mark.parametrize("name", CASE_TEXTS)
async def test_case(name: str, desk: Desk) -> None:
    case: dict[str, Any] = json.loads(CASE_TEXTS[name])
    assert case["words"]
    assert case["source"]
    saved: dict[str, Any] = {}
    for step in case.get("setup", ()):
        doc = await desk.call(step["method"], filled(step["path"], saved), filled(step.get("params", {}), saved))
        saved[step.get("save", "_")] = doc
    request, expect = filled(case["request"], saved), filled(case["expect"], saved)
    act = desk.call(request["method"], request["path"], request.get("params", {}))
    if expect["status"] == 200:
        assert differences(expect.get("body", {}), await act) == []
        return
    with pytest.raises(StripeError) as refused:
        await act
    members = refused.value.members()
    assert refused.value.status == expect["status"]
    assert differences(expect["error"], members) == []
    assert {name: members.get(name) for name in ("code", "param")} == {
        name: expect["error"].get(name) for name in ("code", "param")
    }


def test_there_are_cases() -> None:
    assert len(FILES) > 60
