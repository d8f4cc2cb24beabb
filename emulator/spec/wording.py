"""Decides the words of every refusal of a parameter, in one place (facts billing 1.3 and 1.5).

Wordings marked as choices have no recording behind them.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.kernel.errors import StripeError, bad_param

SHOWN = 500  # how much of a value that is too long is repeated (choice)


def _shown(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, list):
        raw = {str(position): value for position, value in enumerate(raw)}
    if raw is None or isinstance(raw, bool):
        return {True: "true", False: "false", None: "null"}[raw]
    if isinstance(raw, float):
        return str(raw)
    try:
        return orjson.dumps(raw).decode()[:SHOWN]
    except TypeError:  # deeper than can be printed
        return "{...}"


def invalid_integer(raw: Any, param: str) -> StripeError:
    """Recorded 2026-08: ``Invalid integer: abc``."""
    return bad_param(f"Invalid integer: {_shown(raw)}", param=param, code="parameter_invalid_integer")


def invalid_decimal(raw: Any, param: str) -> StripeError:
    """Choice: the words of the integer's refusal."""
    return bad_param(f"Invalid decimal: {_shown(raw)}", param=param)


def invalid_boolean(raw: Any, param: str) -> StripeError:
    """Seen in public sources, without a code."""
    return bad_param(f"Invalid boolean: {_shown(raw)}", param=param)


def invalid_string(raw: Any, param: str) -> StripeError:
    """Probed 2026-09: a hash or list where text belongs."""
    return bad_param(f"Invalid string: {_shown(raw)}", param=param, code="parameter_invalid_string")


def invalid_array(param: str) -> StripeError:
    """Seen in public sources, without a code."""
    return bad_param("Invalid array", param=param)


def invalid_object(raw: Any, param: str) -> StripeError:
    """Probed: ``Invalid object``."""
    del raw
    return bad_param("Invalid object", param=param or None)


def invalid_hash(param: str) -> StripeError:
    """Choice: metadata that is no hash."""
    return bad_param("Invalid hash", param=param)


def too_long(raw: str, param: str, limit: int) -> StripeError:
    """Seen with a headline of a portal configuration: the value is repeated, there is no code."""
    text = raw if len(raw) <= SHOWN else raw[:SHOWN] + "..."
    return bad_param(f"Invalid string: {text}; must be at most {limit} characters", param=param)


def listed(values: list[str]) -> str:
    """Join values the way Stripe does: ``a or b``, ``a, b, or c``."""
    if len(values) < 3:
        return " or ".join(values)
    return ", ".join(values[:-1]) + f", or {values[-1]}"


def not_in_enum(param: str, values: list[str]) -> StripeError:
    """Probed: ``Invalid tax_exempt: must be one of none, reverse, or exempt``, without a code."""
    return bad_param(f"Invalid {param}: must be one of {listed(values)}", param=param)


def empty(param: str) -> StripeError:
    """Recorded: an empty string for something that cannot be unset."""
    return bad_param(
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value.",
        param=param,
        code="parameter_invalid_empty",
    )


def bad_array_keys(keys: list[str], expected: str, param: str) -> StripeError:
    """Recorded: explicit keys of an array that are not 0, 1, 2 ..."""
    given = ", ".join(f"`{key}`" for key in keys)
    return bad_param(
        "If passing an array with explicit keys (e.g. foo[0]=a&foo[1]=b) instead of as an array (e.g. foo[]=a&foo[]=b), the "
        f"keys must be numeric and sequential starting from 0. You passed the keys {given}, we expected to have a key with "
        f"the value `{expected}`.",
        param=param,
    )


def metadata_value(value: str, param: str) -> StripeError:
    """Recorded."""
    return bad_param(
        f"Metadata values can have up to 500 characters, but you passed in a value that is {len(value)} characters. "
        f"Invalid value: {value}",
        param=param,
    )


def metadata_key(key: str, param: str) -> StripeError:
    """Choice: by analogy with the values' words."""
    return bad_param(
        f"Metadata keys can have up to 40 characters, but you passed in a key that is {len(key)} characters. "
        f"Invalid key: {key}",
        param=param,
    )


def metadata_count(count: int, param: str) -> StripeError:
    """Choice: by analogy with the values' words."""
    return bad_param(f"You can have up to 50 metadata keys, but you passed in {count}.", param=param)


def too_deep() -> StripeError:
    """Choice: parameters nested deeper than any call has them."""
    return bad_param("Invalid request: the parameters are nested too deeply.")


def not_utf8() -> StripeError:
    """Choice: text that is not UTF-8."""
    return bad_param("Invalid request: the parameters are not valid UTF-8.")


def unreadable() -> StripeError:
    """Choice: a body that is not packed or parted as its head says."""
    return bad_param("Invalid request: the body cannot be read.")


def nul_byte(param: str) -> StripeError:
    """Choice: text with a NUL character."""
    return bad_param("Invalid string: must not contain null bytes", param=param)


def not_json() -> StripeError:
    """Choice: a v2 body that is not JSON."""
    return bad_param("Invalid request: the body is not valid JSON.")
