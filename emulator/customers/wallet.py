"""Decides what the customers need of the payments above them: told to them by whoever composes the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from emulator.kernel.errors import not_emulated

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


class Wallet(Protocol):
    """How payment methods and sources get into a customer's hands. At a create the customer is not stored yet."""

    async def attach(self, ctx: Context, payment_method: str, customer: str, param: str, /) -> Doc:
        """Attach a payment method (or a test card's name) and return it; raises declines and unknown ids."""
        ...

    async def add_source(self, ctx: Context, source: Any, customer: str, param: str, /) -> str:
        """Make a card or other source of a token or a hash; returns its id."""
        ...

    async def remove_source(self, ctx: Context, source: str, customer: str, /) -> None:
        """Remove a source that a new default one replaces."""
        ...


class _NoWallet:
    """Says honestly that nobody told the customers about payments."""

    async def attach(self, _ctx: Context, _payment_method: str, _customer: str, param: str) -> Doc:
        raise not_emulated(f"the parameter {param} of customers")

    async def add_source(self, _ctx: Context, _source: Any, _customer: str, param: str) -> str:
        raise not_emulated(f"the parameter {param} of customers")

    async def remove_source(self, _ctx: Context, _source: str, _customer: str) -> None:
        raise not_emulated("replacing a source of a customer")


NO_WALLET: Final[Wallet] = _NoWallet()
