"""Decides which function of this package answers which operation of the API description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import charges, payment_intents, payment_methods, refunds, setup_intents, sources, tokens

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page]]

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
    "PostPaymentIntentsIntentConfirm": payment_intents.confirm,
    "PostPaymentIntentsIntentCapture": payment_intents.capture,
    "PostPaymentIntentsIntentCancel": payment_intents.cancel,
    "PostSetupIntents": setup_intents.create,
    "PostSetupIntentsIntent": setup_intents.update,
    "PostSetupIntentsIntentConfirm": setup_intents.confirm,
    "PostSetupIntentsIntentCancel": setup_intents.cancel,
    "PostSetupIntentsIntentVerifyMicrodeposits": setup_intents.verify_microdeposits,
    "PostTokens": tokens.create,
    "PostCustomersCustomerSources": sources.create,
    "GetCustomersCustomerSources": sources.index,
    "GetCustomersCustomerSourcesId": sources.retrieve,
    "PostCustomersCustomerSourcesId": sources.update,
    "DeleteCustomersCustomerSourcesId": sources.delete,
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
