"""A business that calls the API over HTTP, for tests whose customers use a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
import requests

TIMEOUT = 20
Kind = TypeVar("Kind", bound="Merchant")


class Merchant:
    """A business that calls the API with a key of its own."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {key}"

    def post(self, path: str, **fields: Any) -> Any:
        """Call the API; fields are form-encoded by the names the API has."""
        answer = self.http.post(self.url + path, data=fields, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Read from the API or the control API."""
        answer = self.http.get(self.url + path, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def at(self, url: str) -> str:
        """Return an address that the API gave, on this server."""
        return self.url + re.sub(r"^https?://[^/]+", "", url)

    def advance(self, duration: str) -> None:
        """Move the clock of this key's world."""
        for step in ({"freeze": True}, {"advance": duration}):
            answer = self.http.post(f"{self.url}/_emulator/clock", json=step, timeout=TIMEOUT)
            assert answer.status_code == 200, answer.text

    def subscriber(self) -> tuple[str, str]:
        """Make a customer who pays for a plan; returns the ids of customer and subscription."""
        customer = self.post("/v1/customers", name="Ada Rivera", email="ada@example.com", payment_method="pm_card_visa",
                             **{"invoice_settings[default_payment_method]": "pm_card_visa"})  # fmt: skip
        price = self.post("/v1/prices", currency="usd", unit_amount=2000,
                          **{"recurring[interval]": "month", "product_data[name]": "Team"})  # fmt: skip
        made = self.post("/v1/subscriptions", customer=customer["id"],
                         **{"items[0][price]": price["id"], "items[0][quantity]": 5})  # fmt: skip
        return customer["id"], made["id"]

    def portal(self, customer: str, **more: Any) -> str:
        """Return the address of a new portal session."""
        session = self.post("/v1/billing_portal/sessions", customer=customer, return_url="https://app.example/", **more)
        return self.at(session["url"])


@contextmanager
def opened(kind: type[Kind], url: str, request: pytest.FixtureRequest) -> Iterator[Kind]:
    """Give a merchant whose world belongs to the test that asks."""
    made = kind(url, f"sk_test_{request.node.name.partition('[')[0]}")
    yield made
    made.http.close()
