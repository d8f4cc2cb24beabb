"""Decides what an attempt needs to know before it leaves, or why it cannot be made."""

from __future__ import annotations

from typing import NamedTuple

from emulator.kernel.documents import Doc
from emulator.store.port import UnitOfWork
from emulator.webhooks.endpoints import ENABLED, SECRETS
from emulator.webhooks.endpoints import KIND as ENDPOINT
from emulator.webhooks.listeners import Listeners


class Target(NamedTuple):
    """What an attempt needs to know, read in one unit of work."""

    row: Doc
    event: Doc
    endpoint: Doc
    secrets: list[str]


async def read(unit: UnitOfWork, row: Doc, listeners: Listeners, platform: UnitOfWork | None = None) -> Target | str:
    """Return the target of a delivery row, or the reason why there is none.

    ``platform`` is where an endpoint may be that hears of connected accounts, None for an account of its own.
    """
    event = await unit.get("event", row["event"])
    listener = listeners.find(row["endpoint"])
    if listener is not None:
        endpoint: Doc | None = listener.session.endpoint(connect=event is not None and "account" in event)
        secrets = [listener.session.secret]
    else:
        endpoint = await unit.get(ENDPOINT, row["endpoint"])
        if endpoint is None and platform is not None:
            endpoint, unit = await platform.get(ENDPOINT, row["endpoint"]), platform
        secret = await unit.get(SECRETS, row["endpoint"])
        secrets = [secret["secret"]] if secret is not None else []
    if endpoint is None:
        return "the endpoint was deleted"
    if endpoint["status"] != ENABLED and row["automatic"]:
        return "the endpoint is disabled"
    return "the event is gone" if event is None else Target(row, event, endpoint, secrets)
