"""What counts as expected, and how the difference is told."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.control.expectations import Came, Expectation, diff

A, B, C = "customer.created", "invoice.paid", "invoice.created"


def came(*types: str) -> list[Came]:
    return [Came(type) for type in types]


@pytest.mark.parametrize(
    "expected,types,met,hopeless",
    [
        ({"exactly": (A, B)}, (A, B), True, False),
        ({"exactly": (A, B)}, (B, A), False, True),
        ({"exactly": (A, B)}, (A,), False, False),
        ({"exactly": (A, B)}, (A, B, C), False, True),
        ({"exactly": (A, "invoice.*")}, (A, C), True, False),
        ({"exactly": ("invoice.*", B)}, (C, B), True, False),
        ({"exactly": ()}, (), True, False),
        ({"exactly": ()}, (A,), False, True),
        ({"contains": (A, B)}, (C, A, C, B), True, False),
        ({"contains": (A, B)}, (B, A), False, False),
        ({"contains": (A, A)}, (A,), False, False),
        ({"any_order": (A, B)}, (B, C, A), True, False),
        ({"any_order": (A, A)}, (A, B), False, False),
        ({"none_of": ("invoice.*",)}, (A,), True, False),
        ({"none_of": ("invoice.*",)}, (A, B), False, True),
        ({"contains": (A,), "none_of": (B,)}, (A, B), False, True),
        ({"contains": (A,), "none_of": (B,)}, (A,), True, False),
    ],
)
def test_met_and_hopeless(expected: Any, types: tuple[str, ...], met: bool, hopeless: bool) -> None:
    expectation = Expectation(**expected)
    assert expectation.met(came(*types)) is met
    assert expectation.hopeless(came(*types)) is hopeless


def test_the_difference_of_an_exact_sequence() -> None:
    got = [Came(A, "cus_1"), Came(C, "in_1", "attempt 2"), Came("payout.paid", "po_1")]
    assert diff(Expectation(exactly=(A, B, "payout.paid")), got, "deliveries") == (
        "deliveries: expected exactly these, came 3\n"
        "  = customer.created  cus_1\n"
        "  - invoice.paid  <- did not come\n"
        "  + invoice.created   in_1  <- was not expected; attempt 2\n"
        "  = payout.paid       po_1"
    )


def test_the_difference_of_an_order() -> None:
    assert diff(Expectation(contains=(A, B), none_of=("invoice.created",)), came(B, A, C)) == (
        "events: expected these in order and none of invoice.created, came 3\n"
        "    invoice.paid\n"
        "  = customer.created\n"
        "  ! invoice.created  <- was not to come\n"
        "  - invoice.paid  <- did not come"
    )
