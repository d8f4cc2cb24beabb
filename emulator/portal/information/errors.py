"""Decides the words of refusals about billing information in the portal; all of them are choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import invalid_request, resource_missing

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError

NOT_PERMITTED = "portal_not_permitted"


def not_allowed(what: str | None = None) -> StripeError:
    """A field that the configuration does not let customers change; None for all of them."""
    if what is None:
        return invalid_request(
            "Billing information cannot be changed in this customer portal.",
            status=403,
            code=NOT_PERMITTED,
            reason="feature_disabled",
        )
    return invalid_request(
        f"The portal configuration does not allow customers to update `{what}`.",
        status=403,
        code=NOT_PERMITTED,
        param=what,
        reason="field_not_allowed",
    )


def not_right(problems: dict[str, str]) -> StripeError:
    """Fields that cannot stay as they were given: parameter -> ``missing`` or ``unknown``."""
    return invalid_request(
        "Some of the billing information is missing or invalid.",
        code="portal_information_invalid",
        param=next(iter(problems)),
        problems=problems,
    )


def no_tax_id(id: str) -> StripeError:
    """A tax id that is not there, or another customer's: the answer does not tell which."""
    return resource_missing("tax_id", id, param="tax_id", status=404)
