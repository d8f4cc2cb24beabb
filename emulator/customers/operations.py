"""Decides which operations of the API description the customers answer; what is not here is generic or above."""

from __future__ import annotations

# Functions are named, not imported: a module is loaded when something of it is called for the first time.
# The composition (operations/compose.py) gives `create` and `update` a wallet and `delete` what happens to subscriptions and methods.
OPERATIONS = {
    "PostIdentityVerificationSessions": "identity.create",
    "PostIdentityVerificationSessionsSessionCancel": "identity.cancel",
    "PostIdentityVerificationSessionsSessionRedact": "identity.redact",
    "PostCustomers": "customers.create",
    "PostCustomersCustomer": "customers.update",
    "DeleteCustomersCustomer": "customers.delete",
    "GetCustomersCustomerBalanceTransactions": "balance.list_all",
    "PostCustomersCustomerBalanceTransactions": "balance.create",
    "GetCustomersCustomerBalanceTransactionsTransaction": "balance.retrieve",
    "PostCustomersCustomerBalanceTransactionsTransaction": "balance.update",
    "GetCustomersCustomerCashBalance": "cash_balance.retrieve",
    "PostCustomersCustomerCashBalance": "cash_balance.update",
    "GetCustomersCustomerDiscount": "discount.retrieve",
    "DeleteCustomersCustomerDiscount": "discount.delete",
    "PostEphemeralKeys": "client_keys.create_key",
    "DeleteEphemeralKeysKey": "client_keys.delete_key",
    "PostCustomerSessions": "client_keys.create_session",
    "GetCustomersCustomerTaxIds": "tax_ids.list_of_customer",
    "PostCustomersCustomerTaxIds": "tax_ids.create_for_customer",
    "GetCustomersCustomerTaxIdsId": "tax_ids.retrieve",
    "DeleteCustomersCustomerTaxIdsId": "tax_ids.delete",
    "GetTaxIds": "tax_ids.list_all",
    "PostTaxIds": "tax_ids.create",
    "GetTaxIdsId": "tax_ids.retrieve",
    "DeleteTaxIdsId": "tax_ids.delete",
}

# What happens by itself: kind -> (its next instant, what is done then).
WAKEUPS = {
    "_tax_id_check": ("tax_ids.next_instant", "tax_ids.verify"),
}
