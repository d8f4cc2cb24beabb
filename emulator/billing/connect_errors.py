"""Decides the words in which accounts, fees and shares of payments are refused: one constructor per answer."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, invalid_request, resource_missing


def no_destination(account: str, param: str = "transfer_data[destination]") -> StripeError:
    """Build the refusal of an account that is not connected (facts billing 12, recorded)."""
    return resource_missing("destination", account, param=param)


def out_of_range(value: float, param: str, *, least: int, most: int) -> StripeError:
    """Build the refusal of a percentage (the wording of all ranges, facts billing 1.5; its upper half is a choice)."""
    word, bound = ("greater", least) if value < least else ("less", most)
    shown = f"{value:g}"
    return invalid_request(
        f"This value must be {word} than or equal to {bound} (it currently is '{shown}').", param=param
    )


def too_exact(value: float, param: str) -> StripeError:
    """Build the refusal of a percentage with three decimal places (wording: choice)."""
    return invalid_request(f"Invalid decimal: {value:g}; must contain at maximum two decimal places.", param=param)
