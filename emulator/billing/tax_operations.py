"""Decides which operations of Stripe Tax are answered here; registrations, codes and locations are generic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emulator.billing import tax_calculations, tax_settings, tax_transactions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

OPERATIONS: Final[Mapping[str, Callable[..., Awaitable[Any]]]] = {
    "GetTaxSettings": tax_settings.retrieve,
    "PostTaxSettings": tax_settings.update,
    "PostTaxCalculations": tax_calculations.create,
    "GetTaxCalculationsCalculationLineItems": tax_calculations.list_lines,
    "PostTaxTransactionsCreateFromCalculation": tax_transactions.create,
    "PostTaxTransactionsCreateReversal": tax_transactions.reverse,
    "GetTaxTransactionsTransactionLineItems": tax_transactions.list_lines,
}
