"""Decides what a refusal looks like: one exception type, built by one named constructor per known answer."""

from __future__ import annotations

from typing import Any

DOC_URL = "https://stripe.com/docs/error-codes/"
NOT_EMULATED = "not_emulated"


class StripeError(Exception):
    """An answer of Stripe that is not a success.

    ``keep`` says that what the call did so far is committed although it is refused, as a declined
    confirmation leaves its charge behind. ``extra`` holds further members of the ``error`` object.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.keep = keep
        self.headers = headers or {}
        self.extra = extra
        self.missing: str | None = None  # the id that is not there
        self.logged = True  # whether the body links to the request's log
        self.retryable = False  # a parameter refusal is not kept under an idempotency key

    def members(self) -> dict[str, Any]:
        """Return the members of ``error`` in the order Stripe prints them (alphabetical), nulls left out."""
        members: dict[str, Any] = {"message": self.message, "type": self.type, **self.extra}
        if self.code is not None:
            members["code"] = self.code
            members.setdefault("doc_url", DOC_URL + self.code.replace("_", "-"))
        if self.param is not None:
            members["param"] = self.param
        return {key: members[key] for key in sorted(members) if members[key] is not None}


def invalid_request(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400, **extra: Any
) -> StripeError:
    """Build an ``invalid_request_error``."""
    return StripeError(message, status=status, code=code, param=param, **extra)


def bad_param(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """Build a refusal of parameters: not remembered under an idempotency key (docs.stripe.com/api/idempotent_requests)."""
    error = StripeError(message, code=code, param=param)
    error.retryable = True
    return error


def resource_missing(noun: str, id: str, *, param: str | None, status: int = 400) -> StripeError:
    """Build ``No such ...``: 400 for an id in a parameter, 404 for one in the path (facts billing 1.5)."""
    error = StripeError(f"No such {noun}: '{id}'", status=status, code="resource_missing", param=param)
    error.missing = id
    return error


def missing_param(param: str) -> StripeError:
    """Build the refusal of a call without a required parameter (facts billing 1.5)."""
    return bad_param(f"Missing required param: {param}.", param=param, code="parameter_missing")


def unknown_params(names: list[str]) -> StripeError:
    """Build the refusal of parameters that the call does not have (facts billing 1.5)."""
    if len(names) == 1:
        return bad_param(f"Received unknown parameter: {names[0]}", param=names[0], code="parameter_unknown")
    return bad_param(f"Received unknown parameters: {', '.join(names)}", param=names[0], code="parameter_unknown")


def unknown_param(name: str) -> StripeError:
    """Build the refusal of one parameter that the call does not have."""
    return unknown_params([name])


def exclusive(first: str, second: str) -> StripeError:
    """Build the refusal of two parameters that exclude each other (recorded)."""
    return bad_param(f"Received both {first} and {second} parameters. Please pass in only one.")


def one_of(*names: str, param: str | None = None) -> StripeError:
    """Build the other wording for parameters that exclude each other (recorded)."""
    return bad_param(f"You may only specify one of these parameters: {', '.join(names)}.", param=param)


def card_error(
    message: str,
    *,
    code: str,
    decline_code: str | None = None,
    param: str | None = None,
    keep: bool = False,
    **extra: Any,
) -> StripeError:
    """Build a 402 ``card_error``."""
    return StripeError(
        message, status=402, type="card_error", code=code, param=param, keep=keep, decline_code=decline_code, **extra
    )


def not_emulated(what: str) -> StripeError:
    """Build the honest answer of a call whose behaviour is not there (a choice of this emulator, DESIGN R11)."""
    return StripeError(
        f"{what} is not emulated by stripe-emulator. GET /_emulator/coverage lists what is.",
        status=501,
        code=NOT_EMULATED,
        headers={"Stripe-Emulator-Not-Emulated": what, "Stripe-Should-Retry": "false"},
        doc_url="/_emulator/coverage",
    )


def internal() -> StripeError:
    """Build Stripe's generic 500."""
    return StripeError("An unknown error occurred", status=500, type="api_error")
