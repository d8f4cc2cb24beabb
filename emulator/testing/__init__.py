"""The test instrument in Python: a pytest plugin, and what its fixture ``stripe_emulator`` can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.testing.instrument import StripeEmulator
    from emulator.testing.webhooks import ExpectationError
    from emulator.testing.wire import RefusedError

__all__ = ["ExpectationError", "RefusedError", "StripeEmulator"]


def __getattr__(name: str) -> Any:
    """Load what is asked for: pytest imports this package in every run, also in those that do not use it."""
    import importlib

    places = {"ExpectationError": "webhooks", "RefusedError": "wire", "StripeEmulator": "instrument"}
    if name not in places:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"emulator.testing.{places[name]}"), name)
