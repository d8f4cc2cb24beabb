"""Decides which ids in parameters must name something that is there, where the behaviours only keep what they were given.

A behaviour that looks its references up is not listed. Refused in the words of every unknown id (facts billing 1.5, 1.6); an account
may be the caller's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emulator.kernel.errors import resource_missing
from emulator.resources.nouns import noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

TEMPLATE: Final = "invoice_rendering_template"
_LIABLE: Final = (("automatic_tax.liability.account", "account"),)
_ISSUED: Final = (("invoice_settings.issuer.account", "account"),)
_SHARED: Final = (("on_behalf_of", "account"), ("transfer_data.destination", "account"))
_INVOICE: Final = (
    *_LIABLE, ("issuer.account", "account"), ("account_tax_ids[]", "tax_id"), ("rendering.template", TEMPLATE),
)  # fmt: skip
_SUBSCRIPTION: Final = (*_LIABLE, *_ISSUED, ("invoice_settings.account_tax_ids[]", "tax_id"))
_SCHEDULE: Final = tuple(
    (f"{place}.{path}", kind)
    for place in ("default_settings", "phases[]")
    for path, kind in (*_LIABLE, *_ISSUED, ("invoice_settings.account_tax_ids[]", "tax_id"))
)
_CUSTOMER: Final = (("invoice_settings.rendering_options.template", TEMPLATE),)
# operation -> (where, kind); "[]" stands for every element of a list.
NAMED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "PostCharges": _SHARED,
    "PostChargesCharge": (("customer", "customer"),),
    "PostChargesChargeRefund": (("payment_intent", "payment_intent"),),
    "PostChargesChargeRefunds": (("payment_intent", "payment_intent"), ("customer", "customer")),
    "PostCustomers": _CUSTOMER,
    "PostCustomersCustomer": _CUSTOMER,
    "PostCustomersCustomerSubscriptions": _SUBSCRIPTION,
    "PostCustomersCustomerSubscriptionsSubscriptionExposedId": _SUBSCRIPTION,
    "PostIdentityVerificationSessions": (("related_person.account", "account"),),
    "PostInvoices": _INVOICE,
    "PostInvoicesInvoice": _INVOICE,
    "PostInvoicesCreatePreview": (
        *_LIABLE, ("issuer.account", "account"), ("on_behalf_of", "account"),
        ("subscription_details.default_tax_rates[]", "tax_rate"),
    ),
    "PostPaymentIntents": (*_SHARED, ("mandate", "mandate")),
    "PostPaymentIntentsIntent": (("payment_method_configuration", "payment_method_configuration"),),
    "PostQuotes": (*_LIABLE, *_ISSUED, *_SHARED),
    "PostQuotesQuote": (*_LIABLE, *_ISSUED, *_SHARED),
    "PostSetupIntents": _SHARED[:1],
    "PostSubscriptionSchedules": _SCHEDULE,
    "PostSubscriptionSchedulesSchedule": _SCHEDULE,
    "PostSubscriptions": _SUBSCRIPTION,
    "PostSubscriptionsSubscriptionExposedId": _SUBSCRIPTION,
    "PostTaxIds": (("owner.account", "account"),),
    "PostTestHelpersTestClocks": (("customer", "customer"),),
    "PostTokens": (("bank_account.payment_method", "payment_method"),),
    "PostTopups": (("payment_method", "payment_method"),),
}  # fmt: skip
# operation -> the parameters that hold such ids: most calls have none of them, and are not looked at closer.
HOLDERS: Final = {
    id: frozenset(where.partition(".")[0].removesuffix("[]") for where, _ in named) for id, named in NAMED.items()
}
SPELLED: Final = {"transfer_data.destination": "destination"}  # recorded (facts billing 12)
MAGIC: Final = "pm_card_"  # the names of test payment methods need no object


async def check(ctx: Context, operation: str, params: Doc) -> None:
    """Raise the refusal of the first id that names nothing."""
    for path, kind in NAMED.get(operation, ()):
        for param, id in named(params, path):
            if not await _known(ctx, kind, id):
                raise resource_missing(SPELLED.get(path) or noun(kind), id, param=param)


def named(params: Doc, path: str) -> Iterator[tuple[str, str]]:
    """Yield the full names and values of the ids at a path of ``NAMED``."""
    at: list[tuple[str, Any]] = [("", params)]
    for step in path.split("."):
        key = step.removesuffix("[]")
        inner = [
            (f"{name}[{key}]" if name else key, holder[key])
            for name, holder in at
            if isinstance(holder, dict) and holder.get(key) is not None
        ]
        if step.endswith("[]"):
            inner = [
                (f"{name}[{place}]", one)
                for name, several in inner
                if isinstance(several, list)
                for place, one in enumerate(several)
            ]
        at = inner
    yield from ((name, value) for name, value in at if isinstance(value, str))


async def _known(ctx: Context, kind: str, id: str) -> bool:
    if kind == "account" and id == ctx.account:
        return True
    if kind == "payment_method" and id.startswith(MAGIC):
        return True
    return await ctx.find(kind, id) is not None
