"""Decides who calls: which world a key opens and what kind of key it is, in Stripe's words when it is none (facts billing 1.1)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.errors import StripeError
from emulator.operations.engine import KEY

if TYPE_CHECKING:
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.spec.catalogue import Operation

SHOWN_PREFIX, SHOWN_END = 8, 4  # what of a key is repeated in an error: sk_test_ and the last four
# What a publishable key may call: making what carries card data, and looking at or confirming what it has the secret of.
PUBLISHABLE = frozenset(
    {"PostTokens", "PostPaymentMethods", "PostSources", "GetTokensToken", "PostTestHelpersConfirmationTokens"}
)
WITH_SECRET = frozenset(
    {
        "GetPaymentIntentsIntent",
        "PostPaymentIntentsIntentConfirm",
        "GetSetupIntentsIntent",
        "PostSetupIntentsIntentConfirm",
        "GetSourcesSource",
    }
)


class Caller(NamedTuple):
    """A recognised key."""

    space: Space
    kind: str  # sk, rk or pk
    key: str


def masked(key: str) -> str:
    """Return a key as errors show it: its prefix, a star for each hidden character, the last four."""
    if len(key) <= SHOWN_PREFIX + SHOWN_END:
        return "*" * max(0, len(key) - SHOWN_END) + key[-SHOWN_END:]
    return key[:SHOWN_PREFIX] + "*" * (len(key) - SHOWN_PREFIX - SHOWN_END) + key[-SHOWN_END:]


def no_key() -> StripeError:
    """Build the 401 of a call without a key."""
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. "
        "'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at "
        "https://support.stripe.com/.",
        status=401,
        headers={"WWW-Authenticate": 'Basic realm="Stripe"'},
    )


def invalid_key(key: str) -> StripeError:
    """Build the 401 of a key that is none."""
    return StripeError(
        f"Invalid API Key provided: {masked(key)}", status=401, headers={"WWW-Authenticate": 'Basic realm="Stripe"'}
    )


def publishable() -> StripeError:
    """Build the 403 of a publishable key where a secret one is needed."""
    return StripeError(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API "
        "keys at https://dashboard.stripe.com/account/apikeys.",
        status=403,
        code="secret_key_required",
    )


def restricted(key: str, account: str, permission: str) -> StripeError:
    """Build the 403 of a restricted key without a permission (wording seen, code by choice)."""
    return StripeError(
        f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account '{account}'. "
        f"Having the '{permission}' permission would allow this request to continue.",
        status=403,
        code="more_permissions_required",
    )


def no_access(key: str, account: str) -> StripeError:
    """Build the 403 of a Stripe-Account that the key cannot act on (recorded)."""
    return StripeError(
        f"The provided key '{masked(key)}' does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        status=403,
        code="account_invalid",
    )


def key_of(header: str) -> str:
    """Return the key of an Authorization header: Bearer, or Basic with the key as user name; empty when there is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


class Keys:
    """Recognises keys; a known header is looked up once."""

    def __init__(self, engine: Engine, allowed: frozenset[str] | None = None) -> None:
        self.engine = engine
        self.allowed = allowed

    async def caller(self, header: str | None) -> Caller:
        """Return who an Authorization header names.

        Raises the 401 of a missing or unknown key. Keys ``sk_test_ANYTHING`` open a world of their own on first use,
        unless the server was started with a list of keys.
        """
        key = key_of(header) if header else ""
        if not key:
            raise no_key()
        if self.allowed is not None and key not in self.allowed:
            raise invalid_key(key)
        try:
            space = await self.engine.space(key)
        except ValueError as error:
            raise invalid_key(key) from error
        return Caller(space, key[:2], key)


def permission_of(operation: Operation) -> str:
    """Return the name of the permission an operation needs."""
    resource = operation.segments[1]
    singular = resource.removesuffix("s")
    return f"rak_{singular}_{'read' if operation.method == 'GET' else 'write'}"


def permit(caller: Caller, operation: Operation, raw: dict[str, object]) -> None:
    """Refuse what a publishable or restricted key may not do.

    A restricted key may do everything unless the setting ``restricted_keys`` lists its permissions (choice).
    """
    if caller.kind == "pk":
        secret = operation.id in WITH_SECRET and isinstance(raw.get("client_secret"), str)
        if operation.id not in PUBLISHABLE and not secret:
            raise publishable()
    elif caller.kind == "rk":
        granted = caller.space.settings.get("restricted_keys", {}).get(caller.key)
        needed = permission_of(operation)
        if (
            granted is not None
            and needed not in granted
            and not needed.endswith("_read") | (needed.replace("_read", "_write") in granted)
        ):
            raise restricted(caller.key, caller.space.account, needed)


__all__ = ["KEY", "Caller", "Keys", "invalid_key", "key_of", "masked", "no_access", "no_key", "permit"]
