"""Decides which function of this package answers which operation of the API description."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from emulator.payments import (
    bank_sources,
    bank_transfers,
    charges,
    confirmation_tokens,
    debit_errors,
    debits,
    disputes,
    microdeposits,
    payment_intents,
    payment_method_configurations,
    payment_methods,
    refunds,
    setup_intents,
    sources,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context, Page

    Act = Callable[[Context, Doc], Awaitable[object]]
    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]

__all__ = ["OPERATIONS", "REFUSED_PARAMETERS", "WAKEUPS"]

OPERATIONS: dict[str, Behaviour] = {
    "PostPaymentMethods": payment_methods.create,
    "GetPaymentMethods": payment_methods.index,
    "GetPaymentMethodsPaymentMethod": payment_methods.retrieve,
    "PostPaymentMethodsPaymentMethod": payment_methods.update,
    "PostPaymentMethodsPaymentMethodAttach": payment_methods.attach,
    "PostPaymentMethodsPaymentMethodDetach": payment_methods.detach,
    "GetCustomersCustomerPaymentMethods": payment_methods.index_of_customer,
    "GetCustomersCustomerPaymentMethodsPaymentMethod": payment_methods.retrieve_of_customer,
    "PostPaymentIntents": payment_intents.create,
    "PostPaymentIntentsIntent": payment_intents.update,
    "PostPaymentIntentsIntentConfirm": partial(payment_intents.confirm, by_call=True),
    "PostPaymentIntentsIntentCapture": payment_intents.capture,
    "PostPaymentIntentsIntentCancel": payment_intents.cancel,
    "PostSetupIntents": setup_intents.create,
    "PostSetupIntentsIntent": setup_intents.update,
    "PostSetupIntentsIntentConfirm": partial(setup_intents.confirm, by_call=True),
    "PostSetupIntentsIntentCancel": setup_intents.cancel,
    "PostSetupIntentsIntentVerifyMicrodeposits": setup_intents.verify_microdeposits,
    "PostPaymentIntentsIntentVerifyMicrodeposits": payment_intents.verify_microdeposits,
    "PostPaymentIntentsIntentApplyCustomerBalance": bank_transfers.apply,
    "PostPaymentIntentsIntentIncrementAuthorization": payment_intents.increment_authorization,
    "PostDisputesDispute": disputes.update,
    "PostDisputesDisputeClose": disputes.close,
    "GetChargesChargeDispute": disputes.of_charge,
    "PostChargesChargeDispute": disputes.update_of_charge,
    "PostChargesChargeDisputeClose": disputes.close_of_charge,
    "PostPaymentMethodConfigurations": payment_method_configurations.create,
    "GetPaymentMethodConfigurations": payment_method_configurations.index,
    "GetPaymentMethodConfigurationsConfiguration": payment_method_configurations.retrieve,
    "PostPaymentMethodConfigurationsConfiguration": payment_method_configurations.update,
    "PostTestHelpersConfirmationTokens": confirmation_tokens.create,
    "PostTokens": tokens.create,
    "PostCustomersCustomerSources": sources.create,
    "GetCustomersCustomerSources": sources.index,
    "GetCustomersCustomerSourcesId": sources.retrieve,
    "PostCustomersCustomerSourcesId": sources.update,
    "DeleteCustomersCustomerSourcesId": sources.delete,
    "PostCustomersCustomerSourcesIdVerify": bank_sources.verify,
    "PostCustomersCustomerBankAccounts": sources.create,
    "GetCustomersCustomerBankAccounts": bank_sources.index,
    "GetCustomersCustomerBankAccountsId": sources.retrieve,
    "PostCustomersCustomerBankAccountsId": sources.update,
    "DeleteCustomersCustomerBankAccountsId": sources.delete,
    "PostCustomersCustomerBankAccountsIdVerify": bank_sources.verify,
    "PostCustomersCustomerCards": sources.create,
    "GetCustomersCustomerCards": sources.index_cards,
    "GetCustomersCustomerCardsId": sources.retrieve,
    "PostCustomersCustomerCardsId": sources.update,
    "DeleteCustomersCustomerCardsId": sources.delete,
    "PostCharges": charges.create,
    "GetChargesCharge": charges.retrieve,
    "PostChargesCharge": charges.update,
    "PostChargesChargeCapture": charges.capture,
    "PostRefunds": refunds.create,
    "PostRefundsRefund": refunds.update,
    "PostRefundsRefundCancel": refunds.cancel,
    "PostChargesChargeRefund": refunds.create_on_charge,
    "PostChargesChargeRefunds": refunds.create,
    "GetChargesChargeRefunds": refunds.index_of_charge,
    # What no call of Stripe does: the customer's answer to 3D Secure, from a hosted page or from a test.
    "payments:authenticate_payment": payment_intents.authenticate,
    "payments:authenticate_setup": setup_intents.authenticate,
}

# What happens by itself: kind -> (when it next does, what is done then).
# What a bank still answers (debits.PENDING) wakes in operations/compose.py, where rooms above hear of it.
WAKEUPS: dict[str, tuple[Callable[[Doc], int | None], Act]] = {
    microdeposits.FAILING: (debits.due, microdeposits.fail),
    refunds.PENDING: (debits.due, refunds.answer),
}

# Parameters that callers of the newest version are refused with words of their own: operation -> name -> refusal.
REFUSED_PARAMETERS: dict[str, dict[str, Callable[[], StripeError]]] = {
    operation: {"payment_method_types": debit_errors.method_types_retired}
    for operation in (
        "PostPaymentIntents",
        "PostPaymentIntentsIntent",
        "PostPaymentIntentsIntentConfirm",
        "PostSetupIntents",
        "PostSetupIntentsIntent",
    )
}
