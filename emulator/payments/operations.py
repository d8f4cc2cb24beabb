"""Decides which function of this package answers which operation of the API description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import debit_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.errors import StripeError

__all__ = ["OPERATIONS", "REFUSED_PARAMETERS", "WAKEUPS"]

# Functions are named, not imported: a module is loaded when something of it is called for the first time.
OPERATIONS = {
    "PostApplicationFeesIdRefunds": "application_fees.create_refund",
    "PostApplicationFeesIdRefund": "application_fees.refund",
    "GetApplicationFeesIdRefunds": "application_fees.refunds",
    "PostApplicationFeesFeeRefundsId": "application_fees.update_refund",
    "PostIssuingCards": "issuing.create_card",
    "PostTestHelpersIssuingTransactionsCreateForceCapture": "issuing.force_capture",
    "PostTestHelpersIssuingAuthorizations": "issuing.authorize",
    "issuing:authorize_on_card": "issuing.authorize_on_card",
    "PostPayouts": "payouts.create",
    "PostPayoutsPayoutCancel": "payouts.cancel",
    "PostTopups": "payouts.top_up",
    "PostTopupsTopupCancel": "payouts.cancel_top_up",
    "PostTransfers": "transfers.create",
    "PostTransfersIdReversals": "transfers.reverse",
    "GetTransfersIdReversals": "transfers.reversals",
    "PostTransfersTransferReversalsId": "transfers.update_reversal",
    "PostPaymentMethods": "payment_methods.create",
    "GetPaymentMethods": "payment_methods.index",
    "GetPaymentMethodsPaymentMethod": "payment_methods.retrieve",
    "PostPaymentMethodsPaymentMethod": "payment_methods.update",
    "PostPaymentMethodsPaymentMethodAttach": "payment_methods.attach",
    "PostPaymentMethodsPaymentMethodDetach": "payment_methods.detach",
    "GetCustomersCustomerPaymentMethods": "payment_methods.index_of_customer",
    "GetCustomersCustomerPaymentMethodsPaymentMethod": "payment_methods.retrieve_of_customer",
    "PostPaymentIntents": "payment_intents.create",
    "PostPaymentIntentsIntent": "payment_intents.update",
    "PostPaymentIntentsIntentConfirm": "payment_intents.confirm_by_call",
    "PostPaymentIntentsIntentCapture": "payment_intents.capture",
    "PostPaymentIntentsIntentCancel": "payment_intents.cancel",
    "PostSetupIntents": "setup_intents.create",
    "PostSetupIntentsIntent": "setup_intents.update",
    "PostSetupIntentsIntentConfirm": "setup_intents.confirm_by_call",
    "PostSetupIntentsIntentCancel": "setup_intents.cancel",
    "PostSetupIntentsIntentVerifyMicrodeposits": "setup_intents.verify_microdeposits",
    "PostPaymentIntentsIntentVerifyMicrodeposits": "payment_intents.verify_microdeposits",
    "PostPaymentIntentsIntentApplyCustomerBalance": "bank_transfers.apply",
    "PostPaymentIntentsIntentIncrementAuthorization": "payment_intents.increment_authorization",
    "PostDisputesDispute": "disputes.update",
    "PostDisputesDisputeClose": "disputes.close",
    "GetChargesChargeDispute": "disputes.of_charge",
    "PostChargesChargeDispute": "disputes.update_of_charge",
    "PostChargesChargeDisputeClose": "disputes.close_of_charge",
    "PostPaymentMethodConfigurations": "payment_method_configurations.create",
    "GetPaymentMethodConfigurations": "payment_method_configurations.index",
    "GetPaymentMethodConfigurationsConfiguration": "payment_method_configurations.retrieve",
    "PostPaymentMethodConfigurationsConfiguration": "payment_method_configurations.update",
    "PostTestHelpersConfirmationTokens": "confirmation_tokens.create",
    "PostTokens": "tokens.create",
    "PostCustomersCustomerSources": "sources.create",
    "GetCustomersCustomerSources": "sources.index",
    "GetCustomersCustomerSourcesId": "sources.retrieve",
    "PostCustomersCustomerSourcesId": "sources.update",
    "DeleteCustomersCustomerSourcesId": "sources.delete",
    "PostCustomersCustomerSourcesIdVerify": "bank_sources.verify",
    "PostCustomersCustomerBankAccounts": "sources.create",
    "GetCustomersCustomerBankAccounts": "bank_sources.index",
    "GetCustomersCustomerBankAccountsId": "sources.retrieve",
    "PostCustomersCustomerBankAccountsId": "sources.update",
    "DeleteCustomersCustomerBankAccountsId": "sources.delete",
    "PostCustomersCustomerBankAccountsIdVerify": "bank_sources.verify",
    "PostCustomersCustomerCards": "sources.create",
    "GetCustomersCustomerCards": "sources.index_cards",
    "GetCustomersCustomerCardsId": "sources.retrieve",
    "PostCustomersCustomerCardsId": "sources.update",
    "DeleteCustomersCustomerCardsId": "sources.delete",
    "PostCharges": "charges.create",
    "GetChargesCharge": "charges.retrieve",
    "PostChargesCharge": "charges.update",
    "PostChargesChargeCapture": "charges.capture",
    "PostRefunds": "refunds.create",
    "PostRefundsRefund": "refunds.update",
    "PostRefundsRefundCancel": "refunds.cancel",
    "PostChargesChargeRefund": "refunds.create_on_charge",
    "PostChargesChargeRefunds": "refunds.create",
    "GetChargesChargeRefunds": "refunds.index_of_charge",
    "payments:authenticate_payment": "payment_intents.authenticate",
    "payments:authenticate_setup": "setup_intents.authenticate",
}

# What happens by itself: kind -> (its next instant, what is done then).
# What a bank still answers (debits.PENDING) wakes in operations/compose.py, where rooms above hear of it.
WAKEUPS = {
    "_failing_microdeposit": ("debits.due", "microdeposits.fail"),
    "_pending_refund": ("debits.due", "refunds.answer"),
    "payout": ("payouts.arrival", "payouts.arrive"),
    "topup": ("payouts.availability", "payouts.come"),
    "_available": ("funds.due", "funds.announce"),
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
