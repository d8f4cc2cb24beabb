"""Decides which operations the portal answers: those of the API and those of its own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.portal import (
    actions,
    completion,
    configurations,
    dashboard,
    entry,
    feedback_options,
    information,
    invoice_acts,
    login,
    methods,
    pausing,
    sessions,
    update_preview,
    updates,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]

# Each module of this room that customers' clicks reach lists its own.
ROOMS = (actions, completion, dashboard, entry, information, invoice_acts, login, methods, updates, update_preview)

OPERATIONS: dict[str, Behaviour] = {
    "GetBillingPortalConfigurations": configurations.index,
    "GetBillingPortalConfigurationsConfiguration": configurations.retrieve,
    "PostBillingPortalConfigurations": configurations.create,
    "PostBillingPortalConfigurationsConfiguration": configurations.update,
    "PostBillingPortalSessions": sessions.create,
    "PostBillingFeedbackOptions": feedback_options.create,
    "PostBillingFeedbackOptionsId": feedback_options.update,
    "PostBillingFeedbackOptionsIdDeactivate": feedback_options.deactivate,
    **{name: act for room in ROOMS for name, act in room.OPERATIONS.items()},
}

WAKEUPS = {**pausing.WAKEUPS, **login.WAKEUPS}
