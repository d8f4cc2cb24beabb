"""Decides which operations the portal answers: those of the API and those of its own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.portal import actions, completion, dashboard, sessions
from emulator.portal.changes import preview, updates
from emulator.portal.information import acts as information
from emulator.portal.invoices import acts as invoice_acts
from emulator.portal.login import acts as login
from emulator.portal.methods import acts as methods
from emulator.portal.methods import entry
from emulator.portal.settings import configurations, feedback_options
from emulator.portal.subscriptions import pausing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]

# Each module of this room that customers' clicks reach lists its own.
ROOMS = (actions, completion, dashboard, entry, information, invoice_acts, login, methods, updates, preview)

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
