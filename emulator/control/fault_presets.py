"""Decides the faults that have names: what most tests want to see, without writing a rule."""

from __future__ import annotations

from typing import Final

from emulator.kernel.documents import Doc

PRESETS: Final[dict[str, Doc]] = {
    "rate_limited": {"action": {"error": "rate_limit"}},
    "lock_timeout": {"match": {"method": "POST"}, "action": {"error": "lock_timeout"}},
    "outage": {"action": {"error": "api_error"}},
    "slow": {"action": {"latency": 2}},
    "connection_reset": {"action": {"connection": "reset_before"}},
    "lost_answer": {"match": {"method": "POST"}, "action": {"connection": "reset_after"}},
    "truncated_answer": {"action": {"connection": "truncate"}},
    "key_in_flight": {"match": {"method": "POST"}, "action": {"error": "idempotency_key_in_use"}},
    "search_lag": {"action": {"search_lag": "1m"}},
    "card_declined": {"action": {"error": "card_declined:generic_decline"}},
    "insufficient_funds": {"action": {"error": "card_declined:insufficient_funds"}},
    "expired_card": {"action": {"error": "card_declined:expired_card"}},
    "webhook_lost": {"action": {"webhook": "drop"}},
    "webhook_late": {"action": {"webhook": "delay", "latency": "1m"}},
    "webhook_twice": {"action": {"webhook": "duplicate"}},
    "webhook_out_of_order": {"action": {"webhook": "reorder"}},
    "webhook_forged": {"action": {"webhook": "bad_signature"}},
    "webhook_stale": {"action": {"webhook": "stale"}},
}
