"""Settings of an account: each that the program reads can be set, and what is none is refused and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from emulator.control.settings import SETTINGS
from emulator.operations.space import default_settings

Api = Any
ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'(?:ctx|space)\.settings(?:\.get\(|\[)"(\w+)"')


def test_every_setting_that_is_read_can_be_set() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "emulator").rglob("*.py")]
    read = {name for source in sources for name in READ.findall(source)}
    assert {"dunning", "upcoming_invoice_days", "email_receipts", "tax_behavior"} <= read
    assert sorted(read - set(SETTINGS)) == []
    assert sorted(set(default_settings()) - set(SETTINGS)) == []


async def test_the_defaults_are_values_that_may_be_set(api: Api) -> None:
    told = await api.ok("GET", "/_emulator/settings")
    assert await api.ok("POST", "/_emulator/settings", told) == told


@pytest.mark.parametrize(
    "body,message",
    [
        ({"dunning": {"then": "give up"}}, "dunning.then must be cancel, unpaid, past_due or pause"),
        ({"dunning": {"resume": True}}, "dunning.resume must be unchanged, now or null"),
        ({"dunning": {"retry_days": [3, -1]}}, "dunning.retry_days must be a list of days"),
        (
            {"dunning": {"retries": 3}},
            "dunning must be an object of retry_days, then, pause_after_first, resume, without retries",
        ),
        ({"overdue_then": {"days": 5}}, "overdue_then.act is missing"),
        ({"overdue_then": {"days": 5, "act": "pause"}}, "overdue_then.act must be cancel, unpaid or past_due"),
        ({"upcoming_invoice_days": "7"}, "upcoming_invoice_days must be a number of days or null"),
        ({"overdue_days": True}, "overdue_days must be a number of days or null"),
        ({"tax_behavior": "included"}, "tax_behavior must be exclusive, inclusive or null"),
        ({"portal_skin": "a"}, "portal_skin must be b, b-survey, c or null"),
        ({"email_receipts": 1}, "email_receipts must be true or false"),
    ],
)
async def test_what_is_none_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    before = await api.ok("GET", "/_emulator/settings")
    answer = await api.call("POST", "/_emulator/settings", {"country": "DE", **body})
    assert (answer.status, answer.error["message"]) == (400, message)
    assert await api.ok("GET", "/_emulator/settings") == before


async def test_members_are_merged_and_null_takes_away(api: Api) -> None:
    await api.ok(
        "POST", "/_emulator/settings", {"dunning": {"retry_days": [1]}, "overdue_then": {"days": 5, "act": "cancel"}}
    )
    after = await api.ok("POST", "/_emulator/settings", {"dunning": {"resume": "now"}, "overdue_then": None})
    assert (after["dunning"], after["overdue_then"]) == ({"retry_days": [1], "resume": "now"}, None)


async def test_country_and_currency_that_are_set_are_those_of_the_account(api: Api) -> None:
    before = await api.ok("GET", "/v1/account")
    await api.ok("POST", "/_emulator/settings", {"country": "DE", "default_currency": "eur"})
    assert await api.ok("GET", "/v1/account") == {**before, "country": "DE", "default_currency": "eur"}
    await api.ok("POST", "/_emulator/settings", {"country": "FR", "business_name": "Chat"})
    after = await api.ok("GET", "/v1/account")
    assert (after["country"], after["default_currency"]) == ("FR", "eur")
    assert after["business_profile"]["name"] == "Chat"
    refused = await api.call("POST", "/_emulator/settings", {"country": "IT", "default_currency": "lira"})
    assert refused.status == 400
    assert await api.ok("GET", "/v1/account") == after
