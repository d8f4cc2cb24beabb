"""Decides how the official SDK is pointed at the emulator, and back: its module, and every client that is made meanwhile."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Module settings that hold an address, and the names of the same addresses in a client.
ADDRESSES = {
    "api_base": "api",
    "connect_api_base": "connect",
    "upload_api_base": "files",
    "meter_events_api_base": "meter_events",
}


def patch(stripe: ModuleType, url: str, key: str) -> Callable[[], None]:
    """Point ``stripe`` at ``url`` with ``key``; returns what undoes it.

    Clients (``stripe.StripeClient``) that are made from now on take the same address and key, whatever key the
    application gives them; one that names its own addresses keeps them.
    """
    before = {name: getattr(stripe, name) for name in (*ADDRESSES, "api_key") if hasattr(stripe, name)}
    for name in before:
        setattr(stripe, name, key if name == "api_key" else url)
    client: Any = stripe.StripeClient
    original: Callable[..., None] = client.__init__

    @functools.wraps(original)
    def made(self: Any, api_key: str | None = None, **more: Any) -> None:
        if not more.get("base_addresses"):
            more["base_addresses"] = dict.fromkeys(ADDRESSES.values(), url)
            api_key = key
        original(self, api_key, **more)

    client.__init__ = made

    def undo() -> None:
        for name, value in before.items():
            setattr(stripe, name, value)
        client.__init__ = original

    return undo
