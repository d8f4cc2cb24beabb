"""Feedback options: made, reworded, deactivated once."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.errors import StripeError
from emulator.portal.settings import feedback_options


async def test_an_option_is_made_and_deactivated(ctx: Any) -> None:
    made = await feedback_options.create(ctx, {}, {"description": "Too slow"})
    assert made == {
        "description": "Too slow",
        "id": made["id"],
        "livemode": False,
        "object": "billing.feedback_option",
        "status": "active",
        "status_transitions": {"deactivated_at": None},
    }
    ids = {"id": made["id"]}
    assert (await feedback_options.update(ctx, ids, {"description": "Slow"}))["description"] == "Slow"
    ctx.puts.clear()
    assert (await feedback_options.update(ctx, ids, {}))["description"] == "Slow"
    assert ctx.puts == []
    gone = await feedback_options.deactivate(ctx, ids, {})
    assert (gone["status"], gone["status_transitions"]) == ("inactive", {"deactivated_at": ctx.now})
    ctx.now += 5
    assert await feedback_options.deactivate(ctx, ids, {}) == gone
    with pytest.raises(StripeError, match="inactive"):
        await feedback_options.update(ctx, ids, {"description": "Other"})


@pytest.mark.parametrize(
    "description,code", [("", "parameter_missing"), (None, "parameter_missing"), ("x" * 101, None)]
)
async def test_descriptions(ctx: Any, description: str | None, code: str | None) -> None:
    with pytest.raises(StripeError) as caught:
        await feedback_options.create(ctx, {}, {"description": description})
    assert (caught.value.code, caught.value.param) == (code, "description")
