"""Decides the life of a feedback option: an own cancellation reason that portal configurations can offer.

Source: docs.stripe.com/changelog, endive/2026-09-30; facts portal-newest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.portal import errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "billing.feedback_option"
DESCRIPTION_LIMIT = 100


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make an active feedback option; the description is required and at most 100 characters long.

    Raises the refusals of one that is missing or longer.
    """
    if not params.get("description"):
        raise missing_param("description")
    _check(params["description"])
    return ctx.put(
        KIND,
        {
            "id": ctx.new_id(KIND),
            "object": KIND,
            "description": params["description"],
            "livemode": ctx.livemode,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
        },
    )


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change the description; an inactive option stays as customers saw it (choice).

    Raises the refusal of another description of an inactive one.
    """
    option = await ctx.at_path(KIND, ids["id"])
    description = params.get("description")
    if description is None or description == option["description"]:
        return option
    _check(description)
    if option["status"] != "active":
        raise errors.feedback_option_inactive(option["id"], "id")
    return ctx.put(KIND, changed(option, description=description))


async def deactivate(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Stop offering the option; doing it twice keeps the first date (choice)."""
    option = await ctx.at_path(KIND, ids["id"])
    if option["status"] != "active":
        return option
    return ctx.put(KIND, changed(option, status="inactive", status_transitions={"deactivated_at": ctx.now}))


def _check(description: str) -> None:
    if len(description) > DESCRIPTION_LIMIT:
        raise errors.too_long(description, DESCRIPTION_LIMIT, "description")
