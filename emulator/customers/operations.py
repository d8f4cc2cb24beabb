"""Decides which operations of the API description the customers answer; what is not here is generic or above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emulator.customers import balance, cash_balance, customers, discount, tax_ids

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

# Whoever composes these gives `create` and `update` a wallet and `delete` what happens to subscriptions and methods.
OPERATIONS: Final[Mapping[str, Callable[..., Awaitable[Any]]]] = {
    "PostCustomers": customers.create,
    "PostCustomersCustomer": customers.update,
    "DeleteCustomersCustomer": customers.delete,
    "GetCustomersCustomerBalanceTransactions": balance.list_all,
    "PostCustomersCustomerBalanceTransactions": balance.create,
    "GetCustomersCustomerBalanceTransactionsTransaction": balance.retrieve,
    "PostCustomersCustomerBalanceTransactionsTransaction": balance.update,
    "GetCustomersCustomerCashBalance": cash_balance.retrieve,
    "PostCustomersCustomerCashBalance": cash_balance.update,
    "GetCustomersCustomerDiscount": discount.retrieve,
    "DeleteCustomersCustomerDiscount": discount.delete,
    "GetCustomersCustomerTaxIds": tax_ids.list_of_customer,
    "PostCustomersCustomerTaxIds": tax_ids.create_for_customer,
    "GetCustomersCustomerTaxIdsId": tax_ids.retrieve,
    "DeleteCustomersCustomerTaxIdsId": tax_ids.delete,
    "GetTaxIds": tax_ids.list_all,
    "PostTaxIds": tax_ids.create,
    "GetTaxIdsId": tax_ids.retrieve,
    "DeleteTaxIdsId": tax_ids.delete,
}

# What of the customers happens by itself: kind -> (next instant of an object, what happens then).
WAKEUPS: Final[Mapping[str, tuple[Callable[..., int | None], Callable[..., Awaitable[None]]]]] = {
    tax_ids.CHECK: (tax_ids.next_instant, tax_ids.verify),
}
